// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the mma.sync peak loops compute, so that the host can follow them exactly. C++17.
#pragma once

#include <cstdint>

#include "kernels/host_device.h"
#include "kernels/inputs.h"

namespace roofproof::cuda::peak_mma {

// Each warp of a block multiplies its own 64 rows of A by the same 32 columns of B, 32 bytes of K
// long, and adds the products up: `iterations` times with two B in turn. All blocks do the same.
inline constexpr int m_tiles = 4;  // of 16 rows
inline constexpr int n_tiles = 4;  // of 8 columns
inline constexpr int steps = 2;    // the two B
inline constexpr int depth_bytes = 32;
inline constexpr int warps = 8;
inline constexpr int threads = 32 * warps;
inline constexpr int rows = 16 * m_tiles * warps;
inline constexpr int columns = 8 * n_tiles;
inline constexpr int blocks_per_sm = 2;
inline constexpr int iterations = 2048;

// An instruction's sum may be the operand of another after up to 33 clocks, and one may start every
// 4 (Turing's m8n8k16) to 16 (m16n8k16 on 8.6) of them: 9 independent sums per scheduler would do.
// A warp has 16, and a scheduler 4 warps, which also fill in for each other at the end of the loop.
static_assert(m_tiles * n_tiles * warps * blocks_per_sm / 4 >= 9, "enough to hide the latency");

// Operands are random and nowhere zero, since zeros draw less power, and yet sums are exact. INT8:
// odd numbers, and sums modulo 2^32. FP16: A is an odd multiple of 2^-11 below 1, all 11 bits of it
// in use. B is a multiple of 2^-5, and the second B the negative of the first but for one k of each
// column, where it is 2^-5 more: every iteration leaves 2^-5 of one element of A, up or down, and
// sums are whole multiples of 2^-16 that stay below 2^24 of them.
inline constexpr float a_unit = 0x1p-11f;
inline constexpr float b_unit = 0x1p-5f;
static_assert(iterations * 2047 + 16 * 2047 * 32 < 1 << 24, "FP32 holds all FP16 sums exactly");

template <int ElementBytes>
inline constexpr int depth = depth_bytes / ElementBytes;

// Element k of a row of A (0 to rows - 1), in units of a_unit for FP16.
template <int ElementBytes>
ROOFPROOF_HOST_DEVICE constexpr int a_element(InputStream input, int row, int k) {
  const std::uint32_t bits = input.bits(static_cast<std::uint64_t>(row * depth<ElementBytes> + k));
  const int odd = static_cast<int>(bits % (ElementBytes == 2 ? 2048 : 128)) | 1;
  return bits >> 31 != 0 ? -odd : odd;
}
// Of a column of the B of this step, in units of b_unit for FP16.
template <int ElementBytes>
ROOFPROOF_HOST_DEVICE constexpr int b_element(InputStream input, int step, int column, int k) {
  if (ElementBytes == 1) {
    return a_element<ElementBytes>(input, rows + step * columns + column, k);
  }
  const std::uint32_t bits =
      input.bits(static_cast<std::uint64_t>((rows + column) * depth<ElementBytes> + k));
  const int magnitude =
      1 + static_cast<int>(bits % 31) + (step == 1 && k == column % depth<ElementBytes> ? 1 : 0);
  return bits >> 31 != static_cast<std::uint32_t>(step) ? -magnitude : magnitude;
}

// Where sum i (0 to 63) of a thread lies: row of A, column of B.
inline constexpr int sums = m_tiles * n_tiles * 4;
struct Position {
  int row;
  int column;
};
ROOFPROOF_HOST_DEVICE constexpr Position sum_position(int thread, int i) {
  const int lane = thread % 32;
  return {(thread / 32 * m_tiles + i / 4 / n_tiles) * 16 + lane / 4 + i % 4 / 2 * 8,
          i / 4 % n_tiles * 8 + lane % 4 * 2 + i % 2};
}
// A thread's output takes its sums in one after the other, modulo 2^32: a swap shows, too.
ROOFPROOF_HOST_DEVICE constexpr std::uint32_t fold(std::uint32_t folded, std::uint32_t sum) {
  return folded * 31 + sum;
}

}  // namespace roofproof::cuda::peak_mma
