// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// C[M,N] = alpha A[M,K] B[N,K]^T + beta C on the tensor cores of Hopper, for few rows of A (1 to a
// few hundred). Row-major, FP16 or INT8 -> INT32; the time is that of reading the N K weights of B
// once, if enough of them are on their way at any time: 2 blocks of 3 stages of 32 KiB per SM are
// 192 KiB, where a loaded Hopper needs about 32 to 48 KiB (NVIDIA/cccl, tuning_transform.cuh).
//
// One tile per block, weights as wgmma's rows and tokens as its columns, K split over the blocks of
// a cluster: see wgmma_sm90_skinny_config.h. Weights that are read once are marked to leave L2
// first, the tokens, which every block reads, to stay.
//
// Needs rows of A and B that are multiples of 16 bytes.

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <cstdint>
#include <utility>

#include "kernels/cuda/gemm/wgmma_sm90_element.cuh"
#include "kernels/cuda/gemm/wgmma_sm90_kernels.h"
#include "kernels/cuda/gemm/wgmma_sm90_skinny_roles.h"
#include "kernels/cuda/ptx/cluster.cuh"
#include "kernels/cuda/ptx/ptx.cuh"
#include "kernels/cuda/ptx/tensor_copy.cuh"
#include "kernels/cuda/ptx/wgmma.cuh"

namespace roofproof::cuda::wgmma_sm90 {
namespace {

template <class Element>
struct ProducerHardware {
  const CUtensorMap& weights;
  const CUtensorMap& tokens;
  std::uint32_t base;
  std::uint64_t weights_policy;
  std::uint64_t tokens_policy;

  __device__ __forceinline__ void wait_empty(int barrier, std::uint32_t parity) {
    ptx::mbarrier_wait_parity(base + barrier, parity);
  }
  __device__ __forceinline__ void expect(int barrier, int bytes) {
    ptx::mbarrier_arrive_expect_tx(base + barrier, bytes);
  }
  __device__ __forceinline__ void load_weights(int offset, int barrier, int k_row, int row) {
    ptx::cp_async_bulk_tensor_load(base + offset, weights, base + barrier,
                                   k_row * (k_row_bytes / Element::input_bytes), row,
                                   weights_policy);
  }
  __device__ __forceinline__ void load_tokens(int offset, int barrier, int k_row, int row) {
    ptx::cp_async_bulk_tensor_load(base + offset, tokens, base + barrier,
                                   k_row * (k_row_bytes / Element::input_bytes), row,
                                   tokens_policy);
  }
};

// One thread of a consumer warpgroup.
template <class Element, int index>
struct ConsumerHardware {
  using Accumulator = typename Element::Accumulator;
  static constexpr int blocks = consumer_rows(skinny_configs[index]) / wgmma_rows;
  static constexpr int tokens = skinny_configs[index].tokens;

  std::uint32_t base;
  std::uint64_t descriptors;
  SkinnySplit split;
  int consumer;
  int thread;  // of the warpgroup
  Accumulator sum[blocks][tokens / 2];

  __device__ __forceinline__ void wait(int barrier, std::uint32_t parity) {
    ptx::mbarrier_wait_parity(base + barrier, parity);
  }
  __device__ __forceinline__ void arrive(int barrier) {
    if (thread % 32 == 0) ptx::mbarrier_arrive(base + barrier);
  }
  __device__ __forceinline__ void begin_batch() { ptx::wgmma_fence(); }
  __device__ __forceinline__ void end_batch() { ptx::wgmma_commit_group(); }
  __device__ __forceinline__ void wgmma(int block, std::uint64_t weight_rows,
                                        std::uint64_t token_rows, bool accumulate) {
    Element::template wgmma<tokens>(sum[block], weight_rows, token_rows, accumulate);
  }
  __device__ __forceinline__ void wait_all_but_newest() { ptx::wgmma_wait_group<1>(); }
  __device__ __forceinline__ void wait_all() {
    ptx::wgmma_wait_group<0>();
    pin_sums();
  }
  __device__ __forceinline__ void pin_sums() {
#pragma unroll
    for (int block = 0; block < blocks; ++block) {
#pragma unroll
      for (int i = 0; i < tokens / 2; ++i) ptx::pin(sum[block][i]);
    }
  }
  // To whom adds them up, once all have room.
  __device__ __forceinline__ void store() {
    constexpr SkinnyConfig config = skinny_configs[index];
    const int block_thread = consumer * 128 + thread;
    const int owner = owner_rank(split.shift, block_thread);
    const std::uint32_t there = ptx::mapa(base, owner);
    const int stage = sums_stage(config, stage_uses(split, owner));
    const int first = stage * stage_bytes(config);
    transpose();
    ptx::mbarrier_wait_parity_cluster(base + room_barrier(config), 0);
#pragma unroll
    for (int quad = 0; quad < thread_quads(config); ++quad) {
      const Accumulator* const four = &sum[quad / block_quads][quad % block_quads * 4];
      const int offset = first + sum_offset(config, split.shift, split.rank, quad, block_thread);
      if (owner == split.rank) {
        ptx::st_shared(base + offset, four);
      } else {
        ptx::st_async(there + offset, four, there + landed_barrier(config));
      }
    }
    ptx::barrier_sync(1, skinny_consumer_threads);
    if (split.shift > 0) ptx::mbarrier_wait_parity_cluster(base + landed_barrier(config), 0);
  }

 private:
  static constexpr int block_quads = tokens / 8;

  // To quads, see wgmma_sm90_skinny_config.h.
  __device__ __forceinline__ void transpose() {
#pragma unroll
    for (int block = 0; block < blocks; ++block) {
#pragma unroll
      for (int i = 0; i < tokens / 2; i += 4) {
        Accumulator* const four = &sum[block][i];
        exchange(four[0], four[1], 4);
        exchange(four[2], four[3], 4);
        exchange(four[0], four[2], 8);
        exchange(four[1], four[3], 8);
      }
    }
  }
  // The second of the lane without the bit for the first of the lane with it.
  __device__ __forceinline__ void exchange(Accumulator& first, Accumulator& second, int bit) {
    const bool upper = (thread & bit) != 0;
    const Accumulator theirs = __shfl_xor_sync(0xffffffff, upper ? first : second, bit);
    (upper ? first : second) = theirs;
  }
};

// 4 neighbours of a row of C.
template <class Element>
__device__ __forceinline__ void store_outputs(const typename Element::Accumulator (&sum)[4],
                                              const SkinnyArguments& arguments, int row,
                                              int column) {
  using Output = typename Element::Output;
  Output* const place =
      static_cast<Output*>(arguments.c) + static_cast<std::int64_t>(row) * arguments.n + column;
  if (arguments.beta == 0 && arguments.n % 4 == 0) {
    struct alignas(4 * sizeof(Output)) Four {
      Output value[4];
    } four;
    for (int i = 0; i < 4; ++i) {
      four.value[i] = Element::combine(sum[i], arguments.alpha, 0.0f, nullptr);
    }
    *reinterpret_cast<Four*>(place) = four;
    return;
  }
  for (int i = 0; i < 4; ++i) {
    if (column + i < arguments.n) {
      place[i] = Element::combine(sum[i], arguments.alpha, arguments.beta, place + i);
    }
  }
}

// Adds up what this block has to, in the order of the ranks, by all its consumers.
template <class Element, int index>
__device__ __forceinline__ void add_up(std::uint32_t base, const SkinnySplit& split,
                                       const SkinnyArguments& arguments, SkinnyOrigin origin,
                                       int thread) {
  constexpr SkinnyConfig config = skinny_configs[index];
  const int threads = owner_threads(split.shift);
  const std::uint32_t sums =
      base + sums_stage(config, stage_uses(split, split.rank)) * stage_bytes(config);
  for (int i = thread; i < threads * thread_quads(config); i += skinny_consumer_threads) {
    const int quad = i >> (skinny_thread_shift - split.shift);
    const int owner = split.rank * threads + (i & (threads - 1));
    const int token = origin.token + quad_token(config, owner, quad);
    const int row = origin.weight_row + quad_row(config, owner, quad);
    if (token >= arguments.m || row >= arguments.n) continue;
    // All loads before the first sum.
    typename Element::Accumulator from[1 << max_split_shift][4];
#pragma unroll
    for (int sender = 0; sender < 1 << max_split_shift; ++sender) {
      if (sender < 1 << split.shift) {
        ptx::ld_shared(sums + sender * sender_bytes(config, split.shift) + i * quad_bytes,
                       from[sender]);
      }
    }
#pragma unroll
    for (int sender = 1; sender < 1 << max_split_shift; ++sender) {
      if (sender < 1 << split.shift) {
        for (int j = 0; j < 4; ++j) from[0][j] = Element::add(from[0][j], from[sender][j]);
      }
    }
    store_outputs<Element>(from[0], arguments, token, row);
  }
}

// By the producer's warp: tells all blocks of the cluster when they may store into stages here. Its
// lanes speak for all that read those stages and publish it with a fence, which is over before the
// last product is.
template <int index>
__device__ __forceinline__ void offer_room(std::uint32_t base, const SkinnySplit& split, int lane) {
  constexpr SkinnyConfig config = skinny_configs[index];
  if (split.shift > 0) ptx::barrier_cluster_wait();  // the others have their barriers
  const int uses = stage_uses(split, split.rank);
  const int first = sums_stage(config, uses);
  for (int stage = first; stage < first + sums_stages(config); ++stage) {
    ptx::mbarrier_wait_parity(base + empty_barrier(config, stage),
                              last_use_parity(config, uses, stage));
  }
  if (lane == split.rank) {
    ptx::mbarrier_arrive(base + room_barrier(config));
  } else if (lane < 1 << split.shift) {
    ptx::mbarrier_arrive_release_cluster(ptx::mapa(base, lane) + room_barrier(config));
  }
}

template <class Element, int index>
__global__ void __launch_bounds__(skinny_threads, skinny_configs[index].blocks_per_sm)
    wgmma_sm90_skinny(const __grid_constant__ CUtensorMap a, const __grid_constant__ CUtensorMap b,
                      const __grid_constant__ SkinnyArguments arguments) {
  constexpr SkinnyConfig config = skinny_configs[index];
  static_assert(sums_stages(config) <= config.stages, "the sums must fit where the stages were");
  extern __shared__ __align__(swizzle_alignment) unsigned char shared[];
  const auto base = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));

  const int split_blocks = 1 << arguments.split_shift;
  if (threadIdx.x == 0) {
    for (int stage = 0; stage < config.stages; ++stage) {
      ptx::mbarrier_init(base + full_barrier(config, stage), 1);
      ptx::mbarrier_init(base + empty_barrier(config, stage), skinny_empty_barrier_arrivals);
    }
    ptx::mbarrier_init(base + room_barrier(config), split_blocks);
    ptx::mbarrier_init(base + landed_barrier(config), 1);
    ptx::mbarrier_arrive_expect_tx(
        base + landed_barrier(config),
        (split_blocks - 1) * sender_bytes(config, arguments.split_shift));
    ptx::fence_mbarrier_init();
    ptx::prefetch_tensormap(a);
    ptx::prefetch_tensormap(b);
  }
  __syncthreads();
  if (split_blocks > 1) ptx::barrier_cluster_arrive_relaxed();
  ptx::griddepcontrol_wait();
  ptx::griddepcontrol_launch_dependents();

  const SkinnySplit split = {arguments.k_stages, arguments.split_shift, ptx::cluster_ctarank()};
  const SkinnyOrigin origin = skinny_origin(config, arguments.token_tiles,
                                            static_cast<int>(blockIdx.x >> arguments.split_shift));
  const int uses = stage_uses(split, split.rank);

  const int thread = static_cast<int>(threadIdx.x);
  // The same in all threads of a warp; the shuffle lets the compiler know.
  const int warp = __shfl_sync(0xffffffff, thread / 32, 0);
  if (warp == skinny_consumer_threads / 32) {
    if (ptx::elect_sync()) {
      ProducerHardware<Element> hardware = {b, a, base,
                                            arguments.weights_once
                                                ? ptx::createpolicy_evict_first()
                                                : ptx::createpolicy_evict_normal(),
                                            ptx::createpolicy_evict_last()};
      SkinnyProducer<index, ProducerHardware<Element>> producer = {
          hardware, origin, split_range(split.stages, split.shift, split.rank).begin};
      produce(producer, config.stages, 1, uses);
    }
    __syncwarp();
    offer_room<index>(base, split, thread % 32);
  } else {
    // Who arrives has to wait; the first stage is on its way meanwhile.
    if (split_blocks > 1) ptx::barrier_cluster_wait();
    const int consumer = warp / 4;
    ConsumerHardware<Element, index> hardware = {
        base, matrix_descriptor(base), split, consumer, thread % 128, {}};
    // Given a value here, although the first product overwrites it: else the compiler (13.0, INT8)
    // picks one itself, between wgmma.fence and wgmma, and ptxas has to fence again (C7519).
    hardware.pin_sums();
    SkinnyConsumer<index, ConsumerHardware<Element, index>> machine = {hardware, consumer};
    consume(machine, config.stages, 1, uses, TileShare{0, 1});
    add_up<Element, index>(base, split, arguments, origin, thread);
  }
}

template <class Element, int... index>
const void* kernel_of(int config, std::integer_sequence<int, index...>) {
  const void* const kernels[] = {
      reinterpret_cast<const void*>(&wgmma_sm90_skinny<Element, index>)...};
  return kernels[config];
}

}  // namespace

const void* skinny_kernel(ElementKind type, int config) {
  constexpr auto all = std::make_integer_sequence<int, skinny_config_count>();
  return type == ElementKind::fp16 ? kernel_of<Fp16Element>(config, all)
                                   : kernel_of<Int8Element>(config, all);
}

}  // namespace roofproof::cuda::wgmma_sm90
