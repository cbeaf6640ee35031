// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Where the 16-byte chunks of a tile's rows lie in shared memory.
//
// Shared memory has 32 banks of 4 bytes: 128 bytes per cycle, and a 16-byte access is served 8
// lanes at a time. A matrix fragment takes the same chunk of 8 consecutive rows; stored plainly,
// rows of 32, 64 or 128 bytes put these 8 chunks 2, 4 or 8 to a bank. So the chunk's column is
// XORed with bits of its row, and any 8 consecutive rows (from a multiple of 8 on) spread one
// column over all banks, while a row remains one contiguous, permuted piece.
//
// For rows of 32, 64 and 128 bytes in a buffer aligned to 8 rows this is the layout that TMA and
// wgmma call 32-, 64- and 128-byte swizzle (PTX ISA, "Swizzling modes").
#pragma once

#include <cstdint>

#include "kernels/host_device.h"

namespace roofproof::cuda {

inline constexpr int chunk_bytes = 16;

// What the chunk columns of `row` are XORed with.
template <int RowBytes>
ROOFPROOF_HOST_DEVICE constexpr std::uint32_t swizzle_mask(std::uint32_t row) {
  static_assert(RowBytes == 32 || RowBytes == 64 || RowBytes == 128,
                "a row is 2, 4 or 8 chunks: one swizzle span");
  constexpr std::uint32_t rows_per_128_bytes = 128 / RowBytes;
  return row / rows_per_128_bytes % (RowBytes / chunk_bytes);
}

// Byte offset of chunk `chunk` of row `row`.
template <int RowBytes>
ROOFPROOF_HOST_DEVICE constexpr std::uint32_t swizzled_offset(std::uint32_t row,
                                                              std::uint32_t chunk) {
  return row * RowBytes + (chunk ^ swizzle_mask<RowBytes>(row)) * chunk_bytes;
}

}  // namespace roofproof::cuda
