// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The packed layout of weights [N, K] on a GPU: one per format, read coalesced by the CUDA-core
// kernels and, without a shuffle, as the A operand of mma.m16n8k16 (and m16n8k8) by the tensor-core
// kernels, whatever the batch. Index arithmetic only; C++17, so that .cu files may include it.
//
// A tile is 16 rows. Along K a tile is cut into chunks of 512 bytes: 32 lanes x 16 bytes, one
// 128-bit load of a warp. Four chunks, 2048 bytes, make a unit, the quantum in which warps share
// work; K is padded with zero weights to whole units, N to whole tiles. Units of a tile follow one
// another, then the next tile's: a tile is one contiguous stream.
//
//   format  columns of a chunk  of a unit
//   fp32             8              32
//   fp16            16              64
//   int8            32             128
//   int4            64             256    + 64 bytes: the FP16 scales of its two groups
//
// Lane 4 g + t holds, of every k16 step of its chunk, columns 2t, 2t+1, 2t+8, 2t+9 of rows g and
// g + 8: the A fragment (PTX ISA, "Matrix fragments for mma.m16n8k16"), a0 = (g, 2t), a1 = (g+8,
// 2t), a2 = (g, 2t+8), a3 = (g+8, 2t+8), two columns each. In its 16 bytes, as 32-bit words:
//
//   fp32  (no such instruction; 8 columns) words (g, 2t) (g, 2t+1) (g+8, 2t) (g+8, 2t+1)
//   fp16  words a0 a1 a2 a3
//   int8  per k16 step two words: bytes a0.lo a0.hi a1.lo a1.hi, then a2 and a3 likewise;
//         a byte is the value + 128
//   int4  per k16 step one word: nibbles a0.lo a1.lo a2.lo a3.lo a0.hi a1.hi a2.hi a3.hi, so that
//         word >> 4 i masked with 0x000f000f is a_i; a nibble is the value + 8
//
// Which rows share a tile is the pair distance's affair: epilogues combine rows g and g + 8 of a
// tile (gate with up, the two halves of a rotated head), which one lane holds in every kernel.
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/inputs.h"

namespace roofproof::cuda::linear {

// The value is the number of bits of a weight.
enum class WeightFormat : int { fp32 = 32, fp16 = 16, int8 = 8, int4 = 4 };

// use(integral_constant of the format): from a format to an instantiation for it.
template <class Use>
auto with_format(WeightFormat format, const Use& use) {
  if (format == WeightFormat::fp32) {
    return use(std::integral_constant<WeightFormat, WeightFormat::fp32>());
  }
  if (format == WeightFormat::fp16) {
    return use(std::integral_constant<WeightFormat, WeightFormat::fp16>());
  }
  if (format == WeightFormat::int8) {
    return use(std::integral_constant<WeightFormat, WeightFormat::int8>());
  }
  return use(std::integral_constant<WeightFormat, WeightFormat::int4>());
}

inline constexpr int tile_rows = 16;
inline constexpr int warp_lanes = 32;
inline constexpr int chunk_bytes = 512;
inline constexpr int unit_chunks = 4;
inline constexpr int scale_group = 128;  // columns that share an INT4 scale

ROOFPROOF_HOST_DEVICE constexpr int weight_bits(WeightFormat format) {
  return static_cast<int>(format);
}
ROOFPROOF_HOST_DEVICE constexpr int chunk_columns(WeightFormat format) {
  return chunk_bytes * 8 / tile_rows / weight_bits(format);
}
ROOFPROOF_HOST_DEVICE constexpr int unit_columns(WeightFormat format) {
  return unit_chunks * chunk_columns(format);
}
// Scales of one unit of INT4: 16 rows x 2 groups, FP16, behind its weights.
ROOFPROOF_HOST_DEVICE constexpr int unit_scale_bytes(WeightFormat format) {
  return format == WeightFormat::int4 ? tile_rows * unit_columns(format) / scale_group * 2 : 0;
}
ROOFPROOF_HOST_DEVICE constexpr int unit_bytes(WeightFormat format) {
  return unit_chunks * chunk_bytes + unit_scale_bytes(format);
}

// Weights [n, k] in this layout.
struct PackedShape {
  WeightFormat format = WeightFormat::fp16;
  std::int64_t n = 0;
  std::int64_t k = 0;
  // Rows g and g + 8 of a tile are this far apart in the matrix. 8: rows in their own order. 64:
  // the halves of a head of 128. n / 2: the two matrices that were stacked, such as gate and up.
  std::int64_t pair_distance = 8;

  ROOFPROOF_HOST_DEVICE constexpr std::int64_t tiles() const {
    return (n + tile_rows - 1) / tile_rows;
  }
  ROOFPROOF_HOST_DEVICE constexpr std::int64_t units() const {  // of one tile
    return (k + unit_columns(format) - 1) / unit_columns(format);
  }
  ROOFPROOF_HOST_DEVICE constexpr std::int64_t bytes() const {
    return tiles() * units() * unit_bytes(format);
  }
  // Row scales of INT8 lie apart, one FP32 for each row of each tile.
  ROOFPROOF_HOST_DEVICE constexpr std::int64_t row_scales() const {
    return format == WeightFormat::int8 ? tiles() * tile_rows : 0;
  }

  // The row of the matrix that is row `row` of tile `tile`; >= n where it is padding.
  ROOFPROOF_HOST_DEVICE constexpr std::int64_t matrix_row(std::int64_t tile, int row) const {
    const std::int64_t pair = tile * 8 + row % 8;
    const std::int64_t block = pair / pair_distance;
    return 2 * pair_distance * block + pair % pair_distance + row / 8 * pair_distance;
  }
};

// The weights in word `word` (of 4) of lane `lane` of a chunk: `count` of them, the i-th of which
// occupies the i-th field of weight_bits() bits, lowest first.
ROOFPROOF_HOST_DEVICE constexpr int word_weights(WeightFormat format) {
  return 32 / weight_bits(format);
}
struct TilePosition {
  int row;     // 0 to 15
  int column;  // within the chunk
};
ROOFPROOF_HOST_DEVICE constexpr TilePosition weight_position(WeightFormat format, int lane,
                                                             int word, int i) {
  const int g = lane / 4;
  const int t = lane % 4;
  switch (format) {
    case WeightFormat::fp32:
      return {g + 8 * (word / 2), 2 * t + word % 2};
    case WeightFormat::fp16:
      return {g + 8 * (word % 2), 8 * (word / 2) + 2 * t + i};
    case WeightFormat::int8:
      return {g + 8 * (i / 2), 8 * word + 2 * t + i % 2};
    case WeightFormat::int4:
      return {g + 8 * (i % 2), 16 * word + 8 * (i % 4 / 2) + 2 * t + i / 4};
  }
  return {0, 0};
}

// The scale in half `half` of word `word` behind the weights of a unit of INT4: of row g, then of
// row g + 8, of the unit's first group, then of its second.
struct ScalePosition {
  int row;    // 0 to 15
  int group;  // 0 or 1
};
ROOFPROOF_HOST_DEVICE constexpr ScalePosition scale_position(int word, int half) {
  return {word / 2 + 8 * half, word % 2};
}
// Where lane 4 g + t finds its four scales, as bytes from the start of the unit.
ROOFPROOF_HOST_DEVICE constexpr int lane_scales_offset(int lane) {
  return unit_chunks * chunk_bytes + lane / 4 * 8;
}

}  // namespace roofproof::cuda::linear
