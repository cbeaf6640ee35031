// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Which lane of a warp holds what: addresses of fragment loads, positions of accumulators.
//
// Tensor kernels work in steps of 32 bytes of K: 16 FP16 or 32 INT8 values. One ldmatrix.x4 then
// loads 16 rows of A as the four A registers of m16n8k16 (m16n8k32), or 16 rows of B as the two B
// registers of two neighbouring 8-column tiles (PTX ISA, "Matrix fragments for mma.m16n8k16 with
// floating point type", "... for mma.m16n8k32", "ldmatrix"). In bytes the two types agree.
#pragma once

#include <cstdint>

#include "kernels/cuda/gemm/swizzle.h"
#include "kernels/host_device.h"

namespace roofproof::cuda {

struct FragmentPosition {
  int row;
  int column;
};

namespace tensor_layout {

inline constexpr int step_bytes = 32;

// The row and the 16-byte chunk whose address a lane gives to ldmatrix.x4. A: lanes 0-7 rows 0-7,
// 8-15 rows 8-15, and 16-31 the same of the second chunk. B: lanes 8-15 take the second chunk of
// rows 0-7, 16-31 both chunks of rows 8-15.
ROOFPROOF_HOST_DEVICE constexpr int a_row(int lane) { return lane % 16; }
ROOFPROOF_HOST_DEVICE constexpr int a_chunk(int lane) { return lane / 16; }
ROOFPROOF_HOST_DEVICE constexpr int b_row(int lane) { return lane % 8 + lane / 16 * 8; }
ROOFPROOF_HOST_DEVICE constexpr int b_chunk(int lane) { return lane / 8 % 2; }

// What to XOR an offset of step 0 with. Steps begin at even chunks, so the lane's own chunk (0 or
// 1), the step and the swizzle are independent bits. 16 rows further on it is 16 * RowBytes more.
ROOFPROOF_HOST_DEVICE constexpr std::uint32_t step_bits(int step) { return step * step_bytes; }

// Where accumulator register r (0..3) of a 16x8 tile lies in it.
ROOFPROOF_HOST_DEVICE constexpr FragmentPosition accumulator(int lane, int r) {
  return {lane / 4 + r / 2 * 8, lane % 4 * 2 + r % 2};
}

// Turning four registers of a quad's lanes, v[tile] = columns 2 * lane and 2 * lane + 1 of tile
// `tile`, into v[pair] = columns 2 * pair and 2 * pair + 1 of tile `lane`: one lane then holds 8
// consecutive columns. Two rounds, mask 1 and 2, of exchanging with lane ^ mask; in each, of the
// registers i and i | mask (i & mask == 0) a lane swaps this one:
ROOFPROOF_HOST_DEVICE constexpr int exchanged_register(int lane, int mask, int i) {
  return (lane & mask) != 0 ? i : i | mask;
}

}  // namespace tensor_layout

namespace simt_layout {

// 32 lanes as 4 (along M) x 8 (along N). Of a tile, a thread owns rows r + 4 W i, with r = 4 w +
// lane_row for the w-th of W warps along M, and of its warp's columns lane_column + 8 j. So 8 lanes
// read 8 consecutive rows of B without conflict and write 8 consecutive columns of C, a whole
// sector; and where 4 W is a multiple of 8, all of a thread's rows have the same swizzle.
//
// Neighbours (lane ^ 1) share A's row and lane ^ 2 shares B's: of 128-bit loads the hardware serves
// half a warp at once in these two cases.
inline constexpr int lane_rows = 4;
inline constexpr int lane_columns = 8;

ROOFPROOF_HOST_DEVICE constexpr int lane_row(int lane) { return (lane >> 1 & 1) | (lane >> 3 & 2); }
ROOFPROOF_HOST_DEVICE constexpr int lane_column(int lane) { return (lane & 1) | (lane >> 1 & 6); }

// The rows of a BlockTile that a thread owns are first_row() and every row_stride-th from it, the
// columns first_column() and every lane_columns-th.
template <class Tile>
inline constexpr int row_stride = lane_rows* Tile::warps_m;
template <class Tile>
ROOFPROOF_HOST_DEVICE constexpr int first_row(int thread) {
  return thread / 32 / Tile::warps_n * lane_rows + lane_row(thread % 32);
}
template <class Tile>
ROOFPROOF_HOST_DEVICE constexpr int first_column(int thread) {
  return Tile::warp_column(thread / 32) + lane_column(thread % 32);
}

// A step is one chunk, 4 values of K. What to XOR the offset of chunk 0 of a thread's first row of
// A with to get that of chunk `step`, `rows` rows further on, apart from the rows * RowBytes to
// add.
template <int RowBytes>
ROOFPROOF_HOST_DEVICE constexpr std::uint32_t a_bits(int rows, int step) {
  return (step ^ swizzle_mask<RowBytes>(rows)) * chunk_bytes;
}
// The same for B; 8 rows further on have the same swizzle.
ROOFPROOF_HOST_DEVICE constexpr std::uint32_t b_bits(int step) { return step * chunk_bytes; }

}  // namespace simt_layout

}  // namespace roofproof::cuda
