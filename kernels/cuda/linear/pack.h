// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// From canonical weights (kernels/quantize.h) to the packed layout of layout.h and back. C++17, so
// that .cu files may include it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/linear/layout.h"
#include "kernels/weights.h"

namespace roofproof::cuda::linear {

// The random weights of kernels/weights.h, without a canonical copy in memory.
struct RandomCanonical {
  RandomWeights random;

  // The stored bits of a weight: of a float, an FP16, a signed byte, a nibble (value + 8).
  ROOFPROOF_HOST_DEVICE std::uint32_t bits(WeightFormat format, std::int64_t row,
                                           std::int64_t column) const {
    const std::uint64_t i =
        static_cast<std::uint64_t>(row) * random.k + static_cast<std::uint64_t>(column);
    switch (format) {
      case WeightFormat::fp32:
        return __builtin_bit_cast(std::uint32_t, random.values.uniform(i));
      case WeightFormat::fp16:
        return to_float16(random.values.uniform(i));
      case WeightFormat::int8:
        return static_cast<std::uint8_t>(random.values.int8(i));
      case WeightFormat::int4:
        break;
    }
    const std::uint64_t pair = static_cast<std::uint64_t>(row) * ((random.k + 1) / 2) +
                               static_cast<std::uint64_t>(column) / 2;
    return random_int4_pair(random.values, pair) >> (column % 2 * 4) & 15u;
  }
  ROOFPROOF_HOST_DEVICE std::uint16_t group_scale(std::int64_t row, std::int64_t group) const {
    const std::uint64_t groups = (random.k + scale_group - 1) / scale_group;
    return to_float16(random_int4_scale(random.scales, static_cast<std::uint64_t>(row) * groups +
                                                           static_cast<std::uint64_t>(group)));
  }
  ROOFPROOF_HOST_DEVICE float row_scale(std::int64_t row) const {
    return random_int8_scale(random.scales, static_cast<std::uint64_t>(row));
  }
};

// 32-bit word `index` of the packed weights. `Source` has the three functions of RandomCanonical.
template <class Source>
ROOFPROOF_HOST_DEVICE std::uint32_t packed_word(const PackedShape& shape, const Source& source,
                                                std::int64_t index) {
  const WeightFormat format = shape.format;
  const int unit_words = unit_bytes(format) / 4;
  const int chunk_words = chunk_bytes / 4;
  const std::int64_t tile = index / unit_words / shape.units();
  const std::int64_t unit = index / unit_words % shape.units();
  const auto in_unit = static_cast<int>(index % unit_words);
  std::uint32_t result = 0;
  if (in_unit >= unit_chunks * chunk_words) {
    for (int half = 0; half < 2; ++half) {
      const auto [row, group] = scale_position(in_unit - unit_chunks * chunk_words, half);
      const std::int64_t matrix_row = shape.matrix_row(tile, row);
      const std::int64_t matrix_group = 2 * unit + group;
      if (matrix_row < shape.n && matrix_group * scale_group < shape.k) {
        const std::uint32_t scale = source.group_scale(matrix_row, matrix_group);
        result |= scale << (16 * half);
      }
    }
    return result;
  }
  const int chunk = in_unit / chunk_words;
  const int lane = in_unit % chunk_words / 4;
  const int word = in_unit % 4;
  const std::int64_t first_column =
      unit * unit_columns(format) + static_cast<std::int64_t>(chunk) * chunk_columns(format);
  for (int i = 0; i < word_weights(format); ++i) {
    const auto [row, column] = weight_position(format, lane, word, i);
    const std::int64_t matrix_row = shape.matrix_row(tile, row);
    const std::int64_t matrix_column = first_column + column;
    const bool inside = matrix_row < shape.n && matrix_column < shape.k;
    std::uint32_t bits = format == WeightFormat::int4 ? 8 : 0;
    if (inside) bits = source.bits(format, matrix_row, matrix_column);
    if (format == WeightFormat::int8) bits = (bits + 128) & 255u;
    result |= bits << (weight_bits(format) * i);
  }
  return result;
}

// Row scale `index` of INT8 weights, in packed order; 0 for padding.
template <class Source>
ROOFPROOF_HOST_DEVICE float packed_row_scale(const PackedShape& shape, const Source& source,
                                             std::int64_t index) {
  const std::int64_t row = shape.matrix_row(index / tile_rows, static_cast<int>(index % tile_rows));
  return row < shape.n ? source.row_scale(row) : 0.0f;
}

}  // namespace roofproof::cuda::linear
