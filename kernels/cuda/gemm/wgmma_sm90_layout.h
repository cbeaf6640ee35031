// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Where wgmma finds its operands and leaves its result, and where the epilogue puts that in shared
// memory. All of it is arithmetic on indices, the same on both sides, and tested on the host.
//
// FP16 and INT8 share it because it is about bytes: one stage of the pipeline holds 128 bytes of K
// of each row, 64 FP16 or 128 INT8 values, one wgmma multiplies 32 of them, and 128 bytes are the
// swizzle span of TMA and wgmma.
#pragma once

#include <cstdint>

#include "kernels/cuda/gemm/swizzle.h"
#include "kernels/host_device.h"

namespace roofproof::cuda::wgmma_sm90 {

inline constexpr int k_row_bytes = 128;  // of K in one stage
inline constexpr int k_step_bytes = 32;  // of K in one wgmma
inline constexpr int k_steps = k_row_bytes / k_step_bytes;
inline constexpr int wgmma_rows = 64;           // its M
inline constexpr int swizzle_alignment = 1024;  // 8 rows of 128 bytes: the swizzle's period

// The matrix descriptor (PTX ISA, "Matrix descriptor format") of rows of 128 swizzled bytes from
// shared-memory address `address` on: bits 0-13 the address, 32-45 the distance from 8 rows to the
// next 8, both in units of 16 bytes; 62-63 the swizzle, 1 for 128 bytes; 16-29 is unused in this
// layout, by custom 1.
ROOFPROOF_HOST_DEVICE constexpr std::uint64_t matrix_descriptor(std::uint32_t address) {
  constexpr std::uint64_t eight_rows = 8 * k_row_bytes / 16;
  return static_cast<std::uint64_t>((address & 0x3ffff) >> 4) | 1ULL << 16 | eight_rows << 32 |
         1ULL << 62;
}

// The descriptor of what lies `bytes` further on. The hardware swizzles the address it computes, so
// within the 128 bytes this selects columns: 32 s for step s. The upper half stays a constant.
ROOFPROOF_HOST_DEVICE constexpr std::uint64_t advance_descriptor(std::uint64_t descriptor,
                                                                 std::uint32_t bytes) {
  constexpr std::uint64_t upper = 0xffffffffULL << 32;
  return (descriptor & upper) | (static_cast<std::uint32_t>(descriptor) + (bytes >> 4));
}

// Where register i of thread t (0 to 127) of the warpgroup lies in the 64 x n result (PTX ISA,
// "WGMMA .m64nNk16 register fragment layout for accumulator matrix D").
ROOFPROOF_HOST_DEVICE constexpr int accumulator_row(int thread, int i) {
  return thread / 32 * 16 + thread % 32 / 4 + i / 2 % 2 * 8;
}
ROOFPROOF_HOST_DEVICE constexpr int accumulator_column(int thread, int i) {
  return i / 4 * 8 + thread % 4 * 2 + i % 2;
}

// The epilogue hands C to TMA in slices: 64 rows of 128 bytes, swizzled.
inline constexpr int slice_bytes = wgmma_rows * 128;

// FP16: 64 columns in a slice. stmatrix.x4 `quad` (0 to 3) of a warp stores 16 rows of 16 columns,
// from registers 8 quad .. 8 quad + 7; this is the row address that `thread` supplies. Its four
// matrices are rows 0-7 and 8-15 of the first 8 columns, then of the second.
ROOFPROOF_HOST_DEVICE constexpr std::uint32_t fp16_slice_offset(int thread, int quad) {
  const int lane = thread % 32;
  return swizzled_offset<128>(static_cast<std::uint32_t>(thread / 32 * 16 + lane % 16),
                              static_cast<std::uint32_t>(quad * 2 + lane / 16));
}

// INT32: 32 columns in a slice, 4 blocks of 8; a thread stores the two neighbours that it has of a
// block and row as 8 bytes. `half` says which of its two rows.
ROOFPROOF_HOST_DEVICE constexpr std::uint32_t int32_slice_offset(int thread, int half, int block) {
  const int lane = thread % 32;
  return swizzled_offset<128>(static_cast<std::uint32_t>(thread / 32 * 16 + half * 8 + lane / 4),
                              static_cast<std::uint32_t>(block * 2 + lane % 4 / 2)) +
         static_cast<std::uint32_t>(lane % 2 * 8);
}
// The block that a thread stores at turn 0 to 3. In plain order the two rows 2 r and 2 r + 1 of a
// half-warp would meet in the same banks: the swizzle swaps their 16-byte chunks, not their
// 32-byte blocks. So odd rows start two blocks on.
ROOFPROOF_HOST_DEVICE constexpr int int32_slice_block(int thread, int turn) {
  return turn ^ (thread / 4 % 2 * 2);
}

}  // namespace roofproof::cuda::wgmma_sm90
