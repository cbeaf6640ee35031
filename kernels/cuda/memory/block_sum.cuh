// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The end of a read kernel: one sum per block.
#pragma once

#include <cstdint>

namespace roofproof::cuda {

// Static shared memory of write_block_sum().
inline constexpr int block_sum_shared_bytes = 128;

// All threads of the block (a multiple of 32) call it; thread 0 writes the sum modulo 2^32.
__device__ inline void write_block_sum(std::uint32_t sum, std::uint32_t* out) {
  __shared__ std::uint32_t warp_sums[block_sum_shared_bytes / 4];
  for (int offset = 16; offset > 0; offset /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, offset);
  if (threadIdx.x % 32 == 0) warp_sums[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (unsigned warp = 1; warp < blockDim.x / 32; ++warp) sum += warp_sums[warp];
    *out = sum;
  }
}

}  // namespace roofproof::cuda
