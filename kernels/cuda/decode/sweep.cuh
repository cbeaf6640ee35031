// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The kernel of sweep_job.h: the skinny GEMV's streams and inner loops (kernels/cuda/linear), going
// from matrix to matrix without a stop.
#pragma once

#include "kernels/cuda/decode/sweep_job.h"
#include "kernels/cuda/linear/skinny.cuh"

namespace roofproof::cuda::decode {

using linear::Variant;
using linear::WeightFormat;

// A warp's way through its units of all matrices.
template <WeightFormat Format>
class SweepWalk {
 public:
  __device__ __forceinline__ SweepWalk(const SweepJob& job, int warp)
      : matrices_(job.matrices), count_(job.count), warp_(warp) {
    enter();
  }
  __device__ __forceinline__ bool ended() const { return matrix_ >= count_; }
  __device__ __forceinline__ const unsigned char* unit() const { return next_; }
  __device__ __forceinline__ void advance() {
    next_ += linear::skinny_warps * unit_size;
    if (--left_ > 0) return;
    ++matrix_;
    enter();
  }

 private:
  static constexpr int unit_size = linear::unit_bytes(Format);

  // Finds the first matrix from here on of which this warp has units.
  __device__ __forceinline__ void enter() {
    for (; matrix_ < count_; ++matrix_) {
      const SweepMatrix& matrix = matrices_[matrix_];
      const linear::Share tiles = linear::share(matrix.tiles, gridDim.x, ptx::ctaid_x());
      left_ =
          (tiles.count * matrix.units - warp_ + linear::skinny_warps - 1) / linear::skinny_warps;
      if (left_ <= 0) continue;
      next_ = matrix.weights +
              (static_cast<std::int64_t>(tiles.first) * matrix.units + warp_) * unit_size;
      return;
    }
  }

  const SweepMatrix* matrices_;
  int count_;
  int warp_;
  int matrix_ = 0;
  const unsigned char* next_ = nullptr;
  int left_ = 0;
};

// The sum of the words of a unit, each added by one lane.
template <WeightFormat Format, class Unit>
__device__ __forceinline__ std::uint32_t fold(const Unit& unit) {
  std::uint32_t words = 0;
#pragma unroll
  for (int i = 0; i < linear::unit_chunks; ++i) {
    const uint4 chunk = unit.chunk(i);
    words += chunk.x + chunk.y + chunk.z + chunk.w;
  }
  if constexpr (Format == WeightFormat::int4) {
    const uint2 scales = unit.scales();  // four lanes have the same
    if (threadIdx.x % 4 == 0) words += scales.x + scales.y;
  }
  return words;
}

// The job is no __grid_constant__: nvcc (12.4 to 13.5) would take the walk, whose first members are
// the job's, for a copy of that parameter and read the walk's other members from what follows there
// (NOTES.md).
template <Variant V, WeightFormat Format, bool Multiply>
__global__ void __launch_bounds__(linear::skinny_threads, 1) sweep_kernel(const SweepJob job) {
  using namespace linear;
  using T = Activation<Format>;
  constexpr bool tensor = uses_tensor_cores(V, Format);
  constexpr int columns = tensor ? 8 : 1;
  using Sums =
      std::conditional_t<tensor, TensorCoreSums<Format, columns>, CudaCoreSums<Format, columns>>;
  const int warp = __shfl_sync(0xffffffffu, threadIdx.x / warp_lanes, 0);
  unsigned char* const memory = ptx::shared_memory();
  WeightStream<V, Format, SweepWalk<Format>> stream(SweepWalk<Format>(job, warp),
                                                    {job.ring_units, job.shared_barriers}, warp);
  if constexpr (!Multiply) {
    std::uint32_t words = 0;
    for (int i = 0; i < job.count; ++i) {
      const Share tiles = share(job.matrices[i].tiles, gridDim.x, ptx::ctaid_x());
      const int units = tiles.count * job.matrices[i].units;
      for (int unit = warp; unit < units; unit += skinny_warps) {
        stream.take([&](const auto& weights) { words += fold<Format>(weights); });
      }
    }
    job.folded[ptx::ctaid_x() * skinny_threads + threadIdx.x] = words;
  } else {
    LinearJob product;
    product.batch = 1;
    product.x = job.x;
    product.k = job.k;
    send_for_activations<V, T>(
        product, StagedX<Sums::staged_sequences>{memory + job.shared_x, job.columns}, 0);
    await_activations();
    Sums sums(job.shared_x, job.columns, 1);
    float* const partial = reinterpret_cast<float*>(memory + job.shared_partial);
    for (int i = 0; i < job.count; ++i) {
      const SweepMatrix& matrix = job.matrices[i];
      const Share tiles = share(matrix.tiles, gridDim.x, ptx::ctaid_x());
      product.n = matrix.n;
      product.row_scales = matrix.row_scales;
      product.y = matrix.y;
      int unit = warp;
      for (int first = 0; first < tiles.count; first += most_phase_tiles) {
        const int count = min(most_phase_tiles, tiles.count - first);
        for (int tile = 0; tile < count; ++tile) {
          sums.clear();
          for (; unit < matrix.units; unit += skinny_warps) {
            stream.take(
                [&](const auto& weights) { sums.add(weights, unit * unit_columns(Format)); });
          }
          unit -= matrix.units;
          sums.store(partial + (tile * skinny_warps + warp) * partial_floats(1), 1);
        }
        __syncthreads();
        sum_warps<Format>(product, partial, 0, tiles.first + first, count);
        __syncthreads();
      }
    }
  }
}

}  // namespace roofproof::cuda::decode
