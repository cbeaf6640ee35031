// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Registers only. 512 FFMA stand in a row, then the three instructions of the loop: 0.6 % of the
// issue slots, which count where 128 lanes need every slot (compute capability 8.6, 8.9, 9.0). They
// are 8 KB of code and fit the instruction cache nearest to the schedulers.

#include "kernels/cuda/peak/fp32.h"
#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda::peak_fp32 {
namespace {

__global__ void __launch_bounds__(threads) peak_fp32_kernel(InputStream input, float* out) {
  const std::uint64_t thread = std::uint64_t{blockIdx.x} * threads + threadIdx.x;
  const float factor = b(input, thread);
  const float summand = c(input, thread);
  float x[chains];
#pragma unroll
  for (int chain = 0; chain < chains; ++chain) x[chain] = start(input, thread, chain);
#pragma unroll 1
  for (int iteration = 0; iteration < iterations; ++iteration) {
#pragma unroll
    for (int step = 0; step < unrolled_steps; ++step) {
#pragma unroll
      for (int chain = 0; chain < chains; ++chain) x[chain] = fmaf(factor, x[chain], summand);
    }
  }
  float sum = x[0];
#pragma unroll
  for (int chain = 1; chain < chains; ++chain) sum += x[chain];
  out[thread] = sum;
}

}  // namespace

void launch(InputStream input, float* out, int blocks, cudaStream_t stream) {
  peak_fp32_kernel<<<static_cast<unsigned>(blocks), threads, 0, stream>>>(input, out);
  ROOFPROOF_CUDA_CHECK_LAUNCH(peak_fp32_kernel);
}

}  // namespace roofproof::cuda::peak_fp32
