// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Shared memory and registers only. Two warpgroups keep one batch of four m64n256 products each in
// flight while they issue the next; a product takes 128 clocks of all four tensor cores and reads
// 10 KB of shared memory, 80 of the 128 bytes that it gives per clock.

#include "kernels/cuda/gemm/wgmma_sm90_element.cuh"
#include "kernels/cuda/gemm/wgmma_sm90_layout.h"
#include "kernels/cuda/peak/wgmma_sm90.h"
#include "kernels/cuda/ptx/ptx.cuh"
#include "kernels/cuda/ptx/wgmma.cuh"
#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda::peak_wgmma_sm90 {
namespace {

using wgmma_sm90::advance_descriptor;
using wgmma_sm90::Fp16Element;
using wgmma_sm90::Int8Element;
using wgmma_sm90::k_row_bytes;
using wgmma_sm90::k_step_bytes;
using wgmma_sm90::k_steps;
using wgmma_sm90::matrix_descriptor;
using wgmma_sm90::swizzle_alignment;

static_assert(row_bytes == k_row_bytes);
constexpr int row_pieces = row_bytes / static_cast<int>(sizeof(uint4));
constexpr int thread_pieces = operand_rows * row_pieces / threads;
constexpr int shared_bytes = operand_rows * row_bytes;
constexpr int sums = columns / 2;  // per thread

// Of magnitudes a missing iteration shows, whereas sums of random sign nearly cancel.
__device__ __forceinline__ float fold(float folded, float sum) { return folded + fabsf(sum); }
__device__ __forceinline__ int fold(int folded, int sum) {
  return static_cast<int>(static_cast<unsigned>(folded) + static_cast<unsigned>(sum));
}

template <class Element>
__global__ void __launch_bounds__(threads, 1)
    peak_wgmma(const uint4* __restrict__ operands, typename Element::Accumulator* out) {
  extern __shared__ __align__(swizzle_alignment) unsigned char shared[];
  const auto base = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
  const int thread = static_cast<int>(threadIdx.x);

  // What is timed beside the products: one round trip to the L2 cache.
  uint4 pieces[thread_pieces];
#pragma unroll
  for (int i = 0; i < thread_pieces; ++i) pieces[i] = operands[i * threads + thread];
#pragma unroll
  for (int i = 0; i < thread_pieces; ++i) {
    const auto piece = static_cast<std::uint32_t>(i * threads + thread);
    *reinterpret_cast<uint4*>(
        shared + swizzled_offset<row_bytes>(piece / row_pieces, piece % row_pieces)) = pieces[i];
  }
  // The tensor cores read through the asynchronous proxy what ordinary stores wrote.
  ptx::fence_proxy_async();
  __syncthreads();

  // The same in all threads of a warp; the shuffle lets the compiler know.
  const int warpgroup = __shfl_sync(0xffffffff, thread / 128, 0);
  const std::uint64_t a = matrix_descriptor(base + warpgroup * rows_per_warpgroup * row_bytes);
  const std::uint64_t b = matrix_descriptor(base + warpgroups * rows_per_warpgroup * row_bytes);
  typename Element::Accumulator d[sums];
#pragma unroll
  for (int i = 0; i < sums; ++i) ptx::pin(d[i] = 0);
#pragma unroll 4
  for (int iteration = 0; iteration < iterations; ++iteration) {
    ptx::wgmma_fence();
#pragma unroll
    for (int step = 0; step < k_steps; ++step) {
      Element::template wgmma<columns>(d, advance_descriptor(a, step * k_step_bytes),
                                       advance_descriptor(b, step * k_step_bytes), true);
    }
    ptx::wgmma_commit_group();
    ptx::wgmma_wait_group<1>();
  }
  ptx::wgmma_wait_group<0>();
#pragma unroll
  for (int i = 0; i < sums; ++i) ptx::pin(d[i]);

  typename Element::Accumulator folded = 0;
#pragma unroll
  for (int i = 0; i < sums; ++i) folded = fold(folded, d[i]);
  out[static_cast<std::size_t>(blockIdx.x) * threads + threadIdx.x] = folded;
}

template <class Element>
void launch(const void* operands, typename Element::Accumulator* out, int blocks,
            cudaStream_t stream) {
  peak_wgmma<Element><<<static_cast<unsigned>(blocks), threads, shared_bytes, stream>>>(
      static_cast<const uint4*>(operands), out);
  ROOFPROOF_CUDA_CHECK_LAUNCH(peak_wgmma);
}

}  // namespace

Position sum_position(int thread, int i) {
  return {thread / 128 * rows_per_warpgroup + wgmma_sm90::accumulator_row(thread % 128, i),
          wgmma_sm90::accumulator_column(thread % 128, i)};
}

void launch_fp16(const void* operands, float* out, int blocks, cudaStream_t stream) {
  launch<Fp16Element>(operands, out, blocks, stream);
}
void launch_int8(const void* operands, std::int32_t* out, int blocks, cudaStream_t stream) {
  launch<Int8Element>(operands, out, blocks, stream);
}

}  // namespace roofproof::cuda::peak_wgmma_sm90
