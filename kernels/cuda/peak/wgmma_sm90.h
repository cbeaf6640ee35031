// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the wgmma peak loops compute, so that the host can follow them. C++17.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/inputs.h"

namespace roofproof::cuda::peak_wgmma_sm90 {

// Each warpgroup of a block multiplies 64 rows of A by 256 rows of B, `row_bytes` of K long, and
// adds the product up `iterations` times; all blocks do the same. A and B are random and lie in
// shared memory as a GEMM has them there, so that the tensor cores are fed, and switch, as they do
// in one.
inline constexpr int warpgroups = 2;
inline constexpr int threads = warpgroups * 128;  // of a block; one block per SM
inline constexpr int rows_per_warpgroup = 64;
inline constexpr int columns = 256;
inline constexpr int stages = 4;
inline constexpr int row_bytes = stages * 128;
inline constexpr int iterations = 256;

// Multiply-adds of one block.
template <class Input>
constexpr double block_multiply_adds() {
  return double{iterations} * warpgroups * rows_per_warpgroup * columns *
         (row_bytes / static_cast<int>(sizeof(Input)));
}

// Element k of row `row` of A (rows 0 to 127) or B (128 to 383), from the random number at this
// index.
template <class Input>
ROOFPROOF_HOST_DEVICE constexpr std::uint64_t input_index(int row, int k) {
  return static_cast<std::uint64_t>(row) * (row_bytes / sizeof(Input)) +
         static_cast<std::uint64_t>(k);
}

// Where sum i (0 to 127) of a thread lies: row of A, row of B less 128.
struct Position {
  int row;
  int column;
};
Position sum_position(int thread, int i);

// out[block][thread]: the magnitudes of the thread's 128 sums, added in order (FP16), or the sums
// themselves modulo 2^32 (INT8). `zeros`: all inputs are 0.
void launch_fp16(InputStream input, bool zeros, float* out, int blocks, cudaStream_t stream);
void launch_int8(InputStream input, bool zeros, std::int32_t* out, int blocks, cudaStream_t stream);

}  // namespace roofproof::cuda::peak_wgmma_sm90
