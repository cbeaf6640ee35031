// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Kernels with the faults that test_compiler_log.cpp looks for, compiled as all others are: so that
// the test knows what a compiler says of them, and that what it says is kept. Never run.

#include <cstdint>

#include "kernels/cuda/ptx/wgmma.cuh"

namespace roofproof::cuda::flawed_on_purpose {

// An array that is indexed at run time cannot stay in registers.
__global__ void array_in_local_memory(int* out, const int* places) {
  int values[16] = {};
  for (int i = 0; i < 64; ++i) values[places[i] % 16] += i;
  for (int i = 0; i < 16; ++i) out[i] = values[i];
}

// 64 values alive in 16 registers and fewer.
__global__ void __launch_bounds__(1024, 2) more_values_than_registers(float* out) {
  float values[64];
#pragma unroll
  for (int i = 0; i < 64; ++i) values[i] = out[i * 1024 + threadIdx.x];
  __syncthreads();
#pragma unroll
  for (int i = 0; i < 64; ++i) out[i * 1024 + 1023 - threadIdx.x] = values[i] * values[63 - i];
}

// The accumulators are touched while the product may still be writing them.
__global__ void __launch_bounds__(128)
    sums_touched_too_early(std::uint64_t a, std::uint64_t b, float* out) {
  float d[4] = {};
  ptx::wgmma_fence();
  ptx::wgmma_fp16<8>(d, a, b, true);
  d[0] += 1;
  ptx::wgmma_fp16<8>(d, a, b, true);
  ptx::wgmma_commit_group();
  ptx::wgmma_wait_group<0>();
  for (int i = 0; i < 4; ++i) out[i] = d[i];
}

}  // namespace roofproof::cuda::flawed_on_purpose
