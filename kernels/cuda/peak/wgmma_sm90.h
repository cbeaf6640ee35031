// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the wgmma peak loops compute, so that the host can follow them. C++17.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace roofproof::cuda::peak_wgmma_sm90 {

// Each warpgroup of a block multiplies 64 rows of A by 256 rows of B, `row_bytes` of K long, and
// adds the product up `iterations` times; all blocks do the same. A and B are random and lie in
// shared memory as a GEMM has them there, so that the tensor cores are fed, and switch, as they do
// in one.
inline constexpr int warpgroups = 2;
inline constexpr int threads = warpgroups * 128;  // of a block; one block per SM
inline constexpr int rows_per_warpgroup = 64;
inline constexpr int columns = 256;
inline constexpr int operand_rows = warpgroups * rows_per_warpgroup + columns;
inline constexpr int row_bytes = 128;
inline constexpr int iterations = 1024;

// Multiply-adds of one block.
template <class Input>
constexpr double block_multiply_adds() {
  return double{iterations} * warpgroups * rows_per_warpgroup * columns *
         (row_bytes / static_cast<int>(sizeof(Input)));
}

// Where sum i (0 to 127) of a thread lies: row of A, row of B less 128.
struct Position {
  int row;
  int column;
};
Position sum_position(int thread, int i);

// operands[operand_rows][row_bytes]: the rows of A, 0 to 127, then those of B, in device memory.
// out[block][thread]: the magnitudes of the thread's 128 sums, added in order (FP16), or the sums
// themselves modulo 2^32 (INT8).
void launch_fp16(const void* operands, float* out, int blocks, cudaStream_t stream);
void launch_int8(const void* operands, std::int32_t* out, int blocks, cudaStream_t stream);

}  // namespace roofproof::cuda::peak_wgmma_sm90
