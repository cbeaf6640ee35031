// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Shared memory and registers only. Two warpgroups keep one batch of four m64n256 products each in
// flight while they issue the next; a product takes 128 clocks of all four tensor cores and reads
// 10 KB of shared memory, 80 of the 128 bytes that it gives per clock.

#include <cuda_fp16.h>

#include "kernels/cuda/error.h"
#include "kernels/cuda/gemm/wgmma.h"
#include "kernels/cuda/gemm/wgmma_sm90_element.h"
#include "kernels/cuda/gemm/wgmma_sm90_layout.h"
#include "kernels/cuda/peak/wgmma_sm90.h"

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

constexpr int operand_rows = warpgroups * rows_per_warpgroup + columns;
constexpr int stage_bytes = operand_rows * k_row_bytes;
constexpr int shared_bytes = stages * stage_bytes;
constexpr int sums = columns / 2;  // per thread

__device__ __forceinline__ __half random_value(InputStream input, std::uint64_t index, __half) {
  return __float2half_rn(input.uniform(index));
}
__device__ __forceinline__ std::int8_t random_value(InputStream input, std::uint64_t index,
                                                    std::int8_t) {
  return input.int8(index);
}

// Of magnitudes a missing iteration shows, whereas sums of random sign nearly cancel.
__device__ __forceinline__ float fold(float folded, float sum) { return folded + fabsf(sum); }
__device__ __forceinline__ int fold(int folded, int sum) {
  return static_cast<int>(static_cast<unsigned>(folded) + static_cast<unsigned>(sum));
}

template <class Element, class Input>
__global__ void __launch_bounds__(threads, 1)
    peak_wgmma(InputStream input, bool zeros, typename Element::Accumulator* out) {
  extern __shared__ __align__(swizzle_alignment) unsigned char shared[];
  const auto base = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
  const int thread = static_cast<int>(threadIdx.x);

  constexpr int row_elements = row_bytes / static_cast<int>(sizeof(Input));
  for (int i = thread; i < operand_rows * row_elements; i += threads) {
    const int row = i / row_elements;
    const int k = i % row_elements;
    const int byte = k * static_cast<int>(sizeof(Input));
    const std::uint32_t offset =
        byte / k_row_bytes * stage_bytes +
        swizzled_offset<k_row_bytes>(static_cast<std::uint32_t>(row),
                                     static_cast<std::uint32_t>(byte % k_row_bytes / chunk_bytes)) +
        byte % chunk_bytes;
    *reinterpret_cast<Input*>(shared + offset) =
        zeros ? Input(0) : random_value(input, input_index<Input>(row, k), Input());
  }
  // The tensor cores read through the asynchronous proxy what ordinary stores wrote.
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();

  // The same in all threads of a warp; the shuffle lets the compiler know.
  const int warpgroup = __shfl_sync(0xffffffff, thread / 128, 0);
  const std::uint64_t a = matrix_descriptor(base + warpgroup * rows_per_warpgroup * k_row_bytes);
  const std::uint64_t b = matrix_descriptor(base + warpgroups * rows_per_warpgroup * k_row_bytes);
  typename Element::Accumulator d[sums] = {};
#pragma unroll
  for (int i = 0; i < sums; ++i) pin(d[i]);
#pragma unroll 1
  for (int iteration = 0; iteration < iterations; ++iteration) {
#pragma unroll
    for (int stage = 0; stage < stages; ++stage) {
      wgmma_fence();
#pragma unroll
      for (int step = 0; step < k_steps; ++step) {
        const std::uint32_t bytes = stage * stage_bytes + step * k_step_bytes;
        Element::template wgmma<columns>(d, advance_descriptor(a, bytes),
                                         advance_descriptor(b, bytes), true);
      }
      wgmma_commit();
      wgmma_wait<1>();
    }
  }
  wgmma_wait<0>();
#pragma unroll
  for (int i = 0; i < sums; ++i) pin(d[i]);

  typename Element::Accumulator folded = 0;
#pragma unroll
  for (int i = 0; i < sums; ++i) folded = fold(folded, d[i]);
  out[static_cast<std::size_t>(blockIdx.x) * threads + threadIdx.x] = folded;
}

template <class Element, class Input>
void launch(InputStream input, bool zeros, typename Element::Accumulator* out, int blocks,
            cudaStream_t stream) {
  const auto kernel = peak_wgmma<Element, Input>;
  ROOFPROOF_CUDA_CHECK(
      cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, shared_bytes));
  kernel<<<static_cast<unsigned>(blocks), threads, shared_bytes, stream>>>(input, zeros, out);
  ROOFPROOF_CUDA_CHECK_LAUNCH(peak_wgmma);
}

}  // namespace

Position sum_position(int thread, int i) {
  return {thread / 128 * rows_per_warpgroup + wgmma_sm90::accumulator_row(thread % 128, i),
          wgmma_sm90::accumulator_column(thread % 128, i)};
}

void launch_fp16(InputStream input, bool zeros, float* out, int blocks, cudaStream_t stream) {
  launch<Fp16Element, __half>(input, zeros, out, blocks, stream);
}
void launch_int8(InputStream input, bool zeros, std::int32_t* out, int blocks,
                 cudaStream_t stream) {
  launch<Int8Element, std::int8_t>(input, zeros, out, blocks, stream);
}

}  // namespace roofproof::cuda::peak_wgmma_sm90
