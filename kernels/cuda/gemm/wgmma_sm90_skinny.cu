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
  // To where the stages were, once both consumers have done with them.
  __device__ __forceinline__ void store() {
    constexpr SkinnyConfig config = skinny_configs[index];
    ptx::barrier_sync(1, skinny_consumer_threads);
#pragma unroll
    for (int block = 0; block < blocks; ++block) {
#pragma unroll
      for (int i = 0; i < tokens / 2; ++i) {
        const int row =
            consumer * consumer_rows(config) + block * wgmma_rows + accumulator_row(thread, i);
        ptx::st_shared(base + sum_offset(config, row, accumulator_column(thread, i)),
                       sum[block][i]);
      }
    }
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

template <class Element, int index>
__global__ void __launch_bounds__(skinny_threads, skinny_configs[index].blocks_per_sm)
    wgmma_sm90_skinny(const __grid_constant__ CUtensorMap a, const __grid_constant__ CUtensorMap b,
                      const __grid_constant__ SkinnyArguments arguments) {
  constexpr SkinnyConfig config = skinny_configs[index];
  static_assert(sums_bytes(config) <= config.stages * stage_bytes(config),
                "the sums must fit where the stages were");
  extern __shared__ __align__(swizzle_alignment) unsigned char shared[];
  const auto base = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));

  if (threadIdx.x == 0) {
    for (int stage = 0; stage < config.stages; ++stage) {
      ptx::mbarrier_init(base + full_barrier(config, stage), 1);
      ptx::mbarrier_init(base + empty_barrier(config, stage), skinny_empty_barrier_arrivals);
    }
    ptx::fence_mbarrier_init();
    ptx::prefetch_tensormap(a);
    ptx::prefetch_tensormap(b);
  }
  __syncthreads();
  ptx::griddepcontrol_wait();
  ptx::griddepcontrol_launch_dependents();

  const int split = 1 << arguments.split_shift;
  const int rank = ptx::cluster_ctarank();
  const SkinnyOrigin origin = skinny_origin(config, arguments.token_tiles,
                                            static_cast<int>(blockIdx.x >> arguments.split_shift));
  const StageRange range = split_range(arguments.k_stages, arguments.split_shift, rank);

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
      SkinnyProducer<index, ProducerHardware<Element>> producer = {hardware, origin, range.begin};
      produce(producer, config.stages, 1, range.end - range.begin);
    }
    __syncwarp();
  } else {
    const int consumer = warp / 4;
    ConsumerHardware<Element, index> hardware = {
        base, matrix_descriptor(base), consumer, thread % 128, {}};
    // Given a value here, although the first product overwrites it: else the compiler (13.0, INT8)
    // picks one itself, between wgmma.fence and wgmma, and ptxas has to fence again (C7519).
    hardware.pin_sums();
    SkinnyConsumer<index, ConsumerHardware<Element, index>> machine = {hardware, consumer};
    consume(machine, config.stages, 1, range.end - range.begin, TileShare{0, 1});
  }
  if (split > 1) {
    ptx::barrier_cluster_sync();
  } else {
    __syncthreads();
  }

  // Every block of the cluster adds up its share of the tile, 4 outputs per thread at a time.
  if (warp < skinny_consumer_threads / 32) {
    constexpr int quads = config.rows / 4;
    const int tokens_left = arguments.m - origin.token;
    const int outputs = (tokens_left < config.tokens ? tokens_left : config.tokens) * quads;
    for (int i = rank * skinny_consumer_threads + thread; i < outputs;
         i += split * skinny_consumer_threads) {
      const int token = i / quads;
      const int row = i % quads * 4;
      if (origin.weight_row + row >= arguments.n) continue;
      typename Element::Accumulator sum[4];
      const std::uint32_t address = base + sum_offset(config, row, token);
      ptx::ld_shared_cluster(sum, ptx::mapa(address, 0));
      for (int other = 1; other < split; ++other) {
        typename Element::Accumulator more[4];
        ptx::ld_shared_cluster(more, ptx::mapa(address, other));
        for (int j = 0; j < 4; ++j) sum[j] = Element::add(sum[j], more[j]);
      }
      store_outputs<Element>(sum, arguments, origin.token + token, origin.weight_row + row);
    }
  }
  // Shared memory must outlive the other blocks' reads of it.
  if (split > 1) ptx::barrier_cluster_sync_relaxed();
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
