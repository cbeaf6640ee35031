// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// C[M,N] = alpha A[M,K] B[N,K]^T + beta C on the tensor cores of Hopper, for matrices with enough
// tiles to fill the GPU. Row-major, FP16 or INT8 -> INT32; 2 M N K operations, compulsory bytes
// those of A, B and C once.
//
// One block per SM stays for the whole product and walks through tiles of C in an order that keeps
// the operands of a wave in L2. Its producer thread keeps a ring of stages full by TMA, with
// multicast to the two blocks of a cluster; two warpgroups multiply straight from shared memory and
// keep 64 x 256 or 128 x 128 sums each in registers. C goes to shared memory by stmatrix and from
// there by TMA, while the next tile is already being loaded and, in part, multiplied.
//
// The cost of one 128-byte piece of K of a 128 x 256 tile, per SM, in clocks: tensor cores 1024
// (8 wgmma of 64 x 256, each 128); shared memory 1024 if the copies in (384 rows) and the operand
// reads out (2 x (64 + 256) rows) share its 128 bytes per clock; from L2 48 bytes per clock, 32
// with multicast. So there is no smaller tile that reaches the tensor cores' rate.
//
// The design is that of CUTLASS's warp-specialised kernels (github.com/NVIDIA/cutlass) and of
// github.com/pranjalssh/fast.cu; the code is this project's.
//
// Needs rows of A and B that are multiples of 16 bytes.

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <cstdint>
#include <utility>

#include "kernels/cuda/gemm/wgmma_sm90_element.cuh"
#include "kernels/cuda/gemm/wgmma_sm90_kernels.h"
#include "kernels/cuda/gemm/wgmma_sm90_tile_roles.h"
#include "kernels/cuda/ptx/cluster.cuh"
#include "kernels/cuda/ptx/ptx.cuh"
#include "kernels/cuda/ptx/tensor_copy.cuh"
#include "kernels/cuda/ptx/wgmma.cuh"

namespace roofproof::cuda::wgmma_sm90 {
namespace {

// 3 warpgroups share 64 K registers, 168 per thread at launch. The sums alone are 128 of a
// consumer's, so the producer gives up most of its own: 128 x (40 + 2 x 232) = 64512.
constexpr int producer_registers = 40;
constexpr int consumer_registers = 232;

template <class Element, int index>
struct ProducerHardware {
  const CUtensorMap& a;
  const CUtensorMap& b;
  std::uint32_t base;

  static constexpr bool multicast_a = tile_configs[index].cluster_n > 1;
  static constexpr bool multicast_b = tile_configs[index].cluster_m > 1;

  __device__ __forceinline__ void wait_empty(int barrier, std::uint32_t parity) {
    ptx::mbarrier_wait_parity(base + barrier, parity);
  }
  __device__ __forceinline__ void expect(int barrier, int bytes) {
    ptx::mbarrier_arrive_expect_tx(base + barrier, bytes);
  }
  __device__ __forceinline__ void load_a(int offset, int barrier, int k_row, int row,
                                         std::uint16_t blocks) {
    load<multicast_a>(a, offset, barrier, k_row, row, blocks);
  }
  __device__ __forceinline__ void load_b(int offset, int barrier, int k_row, int row,
                                         std::uint16_t blocks) {
    load<multicast_b>(b, offset, barrier, k_row, row, blocks);
  }

 private:
  template <bool multicast>
  __device__ __forceinline__ void load(const CUtensorMap& map, int offset, int barrier, int k_row,
                                       int row, std::uint16_t blocks) {
    const int column = k_row * (k_row_bytes / Element::input_bytes);
    if constexpr (multicast) {
      ptx::cp_async_bulk_tensor_load_multicast(base + offset, map, base + barrier, column, row,
                                               blocks);
    } else {
      ptx::cp_async_bulk_tensor_load(base + offset, map, base + barrier, column, row);
    }
  }
};

// One thread of a consumer warpgroup. Where a barrier is concerned it speaks for its warp.
template <class Element, int index>
struct ConsumerHardware {
  using Accumulator = typename Element::Accumulator;
  using Output = typename Element::Output;
  static constexpr int blocks = consumer_rows(tile_configs[index]) / wgmma_rows;
  static constexpr int tile_n = tile_configs[index].tile_n;
  static constexpr int registers = tile_n / 2;
  static constexpr int cluster = cluster_blocks(tile_configs[index]);

  const CUtensorMap& c;
  const TileArguments& arguments;
  std::uint32_t base;
  std::uint64_t descriptors;
  int consumer;
  int thread;                  // of the warpgroup
  std::uint32_t cluster_base;  // `base` in block `thread % 32` of the cluster
  int round;                   // of slices, counted over all tiles
  Accumulator sum[blocks][registers];

  __device__ __forceinline__ void wait(int barrier, std::uint32_t parity) {
    ptx::mbarrier_wait_parity(base + barrier, parity);
  }
  __device__ __forceinline__ void arrive(int barrier) {
    if (thread % 32 == 0) ptx::mbarrier_arrive(base + barrier);
  }
  __device__ __forceinline__ void arrive_everywhere(int barrier) {
    if constexpr (cluster > 1) {
      if (thread % 32 < cluster) ptx::mbarrier_arrive_cluster(cluster_base + barrier);
    } else {
      arrive(barrier);
    }
  }

  __device__ __forceinline__ void begin_batch() { ptx::wgmma_fence(); }
  __device__ __forceinline__ void end_batch() { ptx::wgmma_commit_group(); }
  __device__ __forceinline__ void wgmma(int block, std::uint64_t a_rows, std::uint64_t b_rows,
                                        bool accumulate) {
    Element::template wgmma<tile_n>(sum[block], a_rows, b_rows, accumulate);
  }
  __device__ __forceinline__ void wait_all_but_newest() { ptx::wgmma_wait_group<1>(); }
  __device__ __forceinline__ void wait_all() {
    ptx::wgmma_wait_group<0>();
#pragma unroll
    for (int block = 0; block < blocks; ++block) {
#pragma unroll
      for (int i = 0; i < registers; ++i) ptx::pin(sum[block][i]);
    }
  }

  __device__ __forceinline__ void store(int row, int column) {
    if (arguments.staged) {
      store_staged(row, column);
    } else {
      store_direct(row, column);
    }
  }

 private:
  // Rounds of slices through shared memory. Before a round writes, the one before last, which used
  // the same room, must have been read.
  __device__ __forceinline__ void store_staged(int row, int column) {
    constexpr TileConfig config = tile_configs[index];
    constexpr int slices = consumer_slices(config, Element::output_bytes);
    constexpr int columns = slice_columns(Element::output_bytes);
    constexpr int across = tile_n / columns;
    static_assert(slices % config.round_slices == 0, "rounds of slices must be whole");
    const bool leader = thread == 0;
#pragma unroll
    for (int first = 0; first < slices; first += config.round_slices) {
      if (leader) ptx::cp_async_bulk_wait_group_read<1>();
      ptx::barrier_sync(1 + consumer, warpgroup_threads);
#pragma unroll
      for (int i = 0; i < config.round_slices; ++i) {
        const int slice = first + i;
        write_slice(base + slice_offset(config, consumer, round, i), sum[slice / across],
                    slice % across);
      }
      ptx::fence_proxy_async();
      ptx::barrier_sync(1 + consumer, warpgroup_threads);
      if (leader) {
#pragma unroll
        for (int i = 0; i < config.round_slices; ++i) {
          const int slice = first + i;
          ptx::cp_async_bulk_tensor_store(c, base + slice_offset(config, consumer, round, i),
                                          column + slice % across * columns,
                                          row + slice / across * wgmma_rows);
        }
        ptx::cp_async_bulk_commit_group();
      }
      ++round;
    }
  }

  __device__ __forceinline__ void write_slice(std::uint32_t slice, const float (&d)[registers],
                                              int across) {
    const float alpha = arguments.alpha;
#pragma unroll
    for (int quad = 0; quad < 4; ++quad) {
      std::uint32_t pairs[4];
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int first = across * 32 + quad * 8 + i * 2;
        pairs[i] = ptx::cvt_rn_f16x2_f32(alpha * d[first], alpha * d[first + 1]);
      }
      ptx::stmatrix_x4(slice + fp16_slice_offset(thread, quad), pairs);
    }
  }
  __device__ __forceinline__ void write_slice(std::uint32_t slice, const int (&d)[registers],
                                              int across) {
    const bool swapped = int32_slice_block(thread, 0) != 0;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
#pragma unroll
      for (int turn = 0; turn < 4; ++turn) {
        // Registers cannot be indexed at run time: both candidates, then a choice.
        const int first = across * 16 + turn * 4 + half * 2;
        const int other = across * 16 + (turn ^ 2) * 4 + half * 2;
        const int left = swapped ? d[other] : d[first];
        const int right = swapped ? d[other + 1] : d[first + 1];
        ptx::st_shared(slice + int32_slice_offset(thread, half, int32_slice_block(thread, turn)),
                       make_int2(left, right));
      }
    }
  }

  __device__ __forceinline__ void store_direct(int row, int column) {
    auto* const out = static_cast<Output*>(arguments.c);
#pragma unroll
    for (int block = 0; block < blocks; ++block) {
#pragma unroll
      for (int i = 0; i < registers; ++i) {
        const int r = row + block * wgmma_rows + accumulator_row(thread, i);
        const int s = column + accumulator_column(thread, i);
        if (r < arguments.m && s < arguments.n) {
          Output* const place = out + static_cast<std::int64_t>(r) * arguments.n + s;
          *place = Element::combine(sum[block][i], arguments.alpha, arguments.beta, place);
        }
      }
    }
  }
};

template <class Element, int index>
__global__ void __launch_bounds__(tile_threads,
                                  1) __cluster_dims__(cluster_blocks(tile_configs[index]), 1, 1)
    wgmma_sm90_tile(const __grid_constant__ CUtensorMap a, const __grid_constant__ CUtensorMap b,
                    const __grid_constant__ CUtensorMap c,
                    const __grid_constant__ TileArguments arguments) {
  constexpr TileConfig config = tile_configs[index];
  constexpr int cluster = cluster_blocks(config);
  extern __shared__ __align__(swizzle_alignment) unsigned char shared[];
  const auto base = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));

  if (threadIdx.x == 0) {
    for (int stage = 0; stage < config.stages; ++stage) {
      ptx::mbarrier_init(base + full_barrier(config, stage), full_barrier_arrivals);
      ptx::mbarrier_init(base + empty_barrier(config, stage), empty_barrier_arrivals(config));
    }
    for (int consumer = 0; consumer < tile_consumers; ++consumer) {
      ptx::mbarrier_init(base + turn_barrier(config, consumer), turn_barrier_arrivals);
    }
    ptx::fence_mbarrier_init();
    ptx::prefetch_tensormap(a);
    ptx::prefetch_tensormap(b);
    if (arguments.staged) ptx::prefetch_tensormap(c);
  }
  if constexpr (cluster > 1) {
    ptx::barrier_cluster_sync_relaxed();
  } else {
    __syncthreads();
  }
  ptx::griddepcontrol_wait();
  ptx::griddepcontrol_launch_dependents();

  const int rank = cluster > 1 ? ptx::cluster_ctarank() : 0;
  const TileWalk walk = {arguments.grid, arguments.group, static_cast<int>(blockIdx.x) / cluster,
                         static_cast<int>(gridDim.x) / cluster, rank};
  // The same in all threads of a warp; the shuffle lets the compiler know.
  const int warp = __shfl_sync(0xffffffff, static_cast<int>(threadIdx.x) / 32, 0);
  if (warp < warpgroup_threads / 32) {
    ptx::setmaxnreg_dec<producer_registers>();
    if (warp == 0 && ptx::elect_sync()) {
      ProducerHardware<Element, index> hardware = {a, b, base};
      TileProducer<index, ProducerHardware<Element, index>> producer = {hardware, walk, {}};
      const PipelinePlace end = produce(producer, config.stages, walk.tiles(), arguments.k_rows);
      if constexpr (cluster > 1) drain(producer, config.stages, end);
    }
  } else {
    ptx::setmaxnreg_inc<consumer_registers>();
    const int consumer = warp / (warpgroup_threads / 32) - 1;
    const int thread = static_cast<int>(threadIdx.x) % warpgroup_threads;
    const std::uint64_t descriptors = matrix_descriptor(base);
    ConsumerHardware<Element, index> hardware = {c, arguments, base, descriptors, consumer, thread};
    if constexpr (cluster > 1) hardware.cluster_base = ptx::mapa(base, thread % cluster);
    TileConsumer<index, ConsumerHardware<Element, index>> machine = {hardware, walk, consumer, {}};
    consume(machine, config.stages, walk.tiles(), arguments.k_rows, tile_share(config, consumer));
    // Shared memory must outlive the stores that read it.
    if (thread == 0) ptx::cp_async_bulk_wait_group_read<0>();
  }
}

template <class Element, int... index>
const void* kernel_of(int config, std::integer_sequence<int, index...>) {
  const void* const kernels[] = {
      reinterpret_cast<const void*>(&wgmma_sm90_tile<Element, index>)...};
  return kernels[config];
}

}  // namespace

const void* tile_kernel(ElementKind type, int config) {
  constexpr auto all = std::make_integer_sequence<int, tile_config_count>();
  return type == ElementKind::fp16 ? kernel_of<Fp16Element>(config, all)
                                   : kernel_of<Int8Element>(config, all);
}

}  // namespace roofproof::cuda::wgmma_sm90
