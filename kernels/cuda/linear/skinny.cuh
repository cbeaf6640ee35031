// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Y[batch, N] = X[batch, K] W[N, K]^T for few sequences (up to 16): every weight is used as often
// as there are sequences and never again, so the kernel is a stream of weights with as many bytes
// under way as the memory needs, and activations that wait in shared memory.
//
// One block of 16 warps per SM. It holds the activations of its slice of K and goes through its
// share of the tiles (16 rows each); the units of a tile (2 KiB) are dealt to the warps in turn, so
// that all warps together read one contiguous stream. Every phase of two tiles (of one, where that
// makes room) ends with a sum over the warps, in fixed order, and the epilogue. While that goes on,
// weights keep arriving:
//
//   registers   each warp has two units under way in registers (128-bit loads): up to 64 KiB per SM
//   bulk ring   (sm_90) each warp has a ring in shared memory that the copy engine fills, one
//               instruction per unit: up to about 90 KiB per SM, issued before the kernel waits for
//               its predecessor. Up to 8 sequences registers are kept to half an SM, and shared
//               memory where the plan says so, so that the successor's block already fills its own
//               ring meanwhile.
//
// FLOP 2 batch N K; compulsory bytes: the weights with their scales. Loads, MMAs and the order of
// all additions depend on shape and device alone: results are bitwise repeatable.
#pragma once

#include "kernels/cuda/linear/accumulate.cuh"
#include "kernels/cuda/linear/activations.cuh"
#include "kernels/cuda/linear/finish.cuh"
#include "kernels/cuda/linear/job.h"
#include "kernels/cuda/linear/stream.cuh"
#include "kernels/cuda/linear/variant.h"
#include "kernels/cuda/ptx/ptx.cuh"

namespace roofproof::cuda::linear {

// The sum over the warps of the tiles [first, first + count) of the block's share, and what becomes
// of it. Four lanes share a pair of rows, each adds every fourth warp.
template <WeightFormat Format>
__device__ __forceinline__ void sum_warps(const LinearJob& job, const float* partial, int slice,
                                          int first, int count) {
  const int part = threadIdx.x % 4;
  const int g = threadIdx.x / 4 % 8;
  const int outputs = count * job.batch * warp_lanes;
  for (int i = threadIdx.x; i < outputs; i += blockDim.x) {
    const int sequence = i / warp_lanes % job.batch;
    const int tile = i / warp_lanes / job.batch;
    float v0 = 0;
    float v1 = 0;
#pragma unroll
    for (int warp = part; warp < skinny_warps; warp += 4) {
      const float* const sums = partial + (tile * skinny_warps + warp) * partial_floats(job.batch) +
                                sequence * partial_stride + g;
      v0 += sums[0];
      v1 += sums[8];
    }
#pragma unroll
    for (int lanes = 1; lanes < 4; lanes *= 2) {
      v0 += __shfl_xor_sync(0xffffffffu, v0, lanes);
      v1 += __shfl_xor_sync(0xffffffffu, v1, lanes);
    }
    if (part != 0) continue;
    if (job.slices == 1) {
      finish_pair<Format>(job, first + tile, g, sequence, v0, v1);
    } else {
      float* const sums =
          job.partial +
          ((static_cast<std::int64_t>(slice) * job.tiles + first + tile) * job.batch + sequence) *
              tile_rows;
      sums[g] = v0;
      sums[g + 8] = v1;
    }
  }
}

// After all phases, where K was cut: the block that is the last to have finished a tile adds the
// slices, in order. `last`: one flag per tile of the share.
template <WeightFormat Format>
__device__ __forceinline__ void sum_slices(const LinearJob& job, int first, int count, int* last) {
  __threadfence();
  __syncthreads();
  for (int tile = threadIdx.x; tile < count; tile += blockDim.x) {
    unsigned* const arrivals = job.arrivals + first + tile;
    last[tile] = atomicAdd(arrivals, 1u) == static_cast<unsigned>(job.slices - 1);
    if (last[tile]) *arrivals = 0;
  }
  __threadfence();
  __syncthreads();
  const int g = threadIdx.x % 8;
  for (int i = threadIdx.x / 8; i < count * job.batch; i += blockDim.x / 8) {
    const int sequence = i % job.batch;
    const int tile = i / job.batch;
    if (!last[tile]) continue;
    float v0 = 0;
    float v1 = 0;
    for (int slice = 0; slice < job.slices; ++slice) {
      const float* const sums =
          job.partial +
          ((static_cast<std::int64_t>(slice) * job.tiles + first + tile) * job.batch + sequence) *
              tile_rows;
      v0 += __ldcg(sums + g);
      v1 += __ldcg(sums + g + 8);
    }
    finish_pair<Format>(job, first + tile, g, sequence, v0, v1);
  }
}

template <Variant V, WeightFormat Format, int Columns>
__global__ void __launch_bounds__(skinny_threads, skinny_blocks_per_sm(V, Format, Columns))
    skinny_kernel(const __grid_constant__ LinearJob job) {
  constexpr bool tensor = uses_tensor_cores(V, Format);
  using T = Activation<Format>;
  using Sums =
      std::conditional_t<tensor, TensorCoreSums<Format, Columns>, CudaCoreSums<Format, Columns>>;
  using Stream = WeightStream<V, Format, UnitWalk<Format>>;
  // The same for all lanes, and said so, for the sake of uniform registers.
  const int warp = __shfl_sync(0xffffffffu, threadIdx.x / warp_lanes, 0);

  const int slice = blockIdx.x % job.slices;
  const int block = blockIdx.x / job.slices;
  const Share my_units = share(job.units, job.slices, slice);
  const Share my_tiles = share(job.tiles, job.blocks, block);
  const int first_column = my_units.first * unit_columns(Format);
  const int columns = my_units.count * unit_columns(Format);
  unsigned char* const memory = ptx::shared_memory();

  const std::int64_t first_unit =
      static_cast<std::int64_t>(my_tiles.first) * job.units + my_units.first;
  Stream stream(UnitWalk<Format>(job, job.weights + first_unit * unit_bytes(Format), my_tiles.count,
                                 my_units.count, warp),
                {job.ring_units, job.shared_barriers}, warp);
  const StagedX<Sums::staged_sequences> staged{memory + job.shared_x, columns};
  // The instances for more sequences never see a norm.
  if (Columns <= (tensor ? 8 : fused_norm_batch) && job.norm != nullptr) {
    const NormPieces<T> norm(job, first_column, columns);
    ptx::griddepcontrol_launch_dependents();
    ptx::griddepcontrol_wait();
    stage_normalised<V, T>(job, staged, first_column, norm,
                           reinterpret_cast<float*>(memory + job.shared_scratch));
  } else {
    ptx::griddepcontrol_launch_dependents();
    ptx::griddepcontrol_wait();
    send_for_activations<V, T>(job, staged, first_column);
    await_activations();
  }

  Sums sums(job.shared_x, columns, job.batch);
  float* const partial = reinterpret_cast<float*>(memory + job.shared_partial);
  int unit = warp;
  for (int first = 0; first < my_tiles.count; first += job.phase_tiles) {
    const int count = min(job.phase_tiles, my_tiles.count - first);
    for (int tile = 0; tile < count; ++tile) {
      sums.clear();
      for (; unit < my_units.count; unit += skinny_warps) {
        stream.take([&](const auto& weights) { sums.add(weights, unit * unit_columns(Format)); });
      }
      unit -= my_units.count;
      sums.store(partial + (tile * skinny_warps + warp) * partial_floats(job.batch), job.batch);
    }
    __syncthreads();
    sum_warps<Format>(job, partial, slice, my_tiles.first + first, count);
    __syncthreads();
  }
  if (job.slices > 1) {
    sum_slices<Format>(job, my_tiles.first, my_tiles.count,
                       reinterpret_cast<int*>(memory + job.shared_partial));
  }
}

}  // namespace roofproof::cuda::linear
