// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The packed weight layout of kernels/cuda/linear/layout.h, read a second time: from its
// description and from the element's side, sharing no code with the packer.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

#include "kernels/cuda/linear/layout.h"
#include "tests/kernels/naive.h"

namespace roofproof::cuda::linear {

// Weights of which, in any format, one in 16 or more is far off: every byte of one word in 16
// changes. The lowest byte of an FP32 number alone would be within the tolerance of its sum.
inline std::vector<std::byte> damaged(std::vector<std::byte> weights) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (i % 64 < 4) weights[i] ^= std::byte{0x44};
  }
  return weights;
}

// Where the description in layout.h puts weight (row of its tile, column) of a tile: written down a
// second time, from the element's side.
struct Field {
  std::int64_t byte;  // from the start of the tile
  int bit;
};
inline Field field_of(WeightFormat format, int row, std::int64_t column) {
  const int bits = static_cast<int>(format);
  const int columns = 4096 / 16 / bits;  // of a chunk
  const std::int64_t chunk = column / columns;
  const int in_chunk = static_cast<int>(column % columns);
  const std::int64_t unit_size = format == WeightFormat::int4 ? 2112 : 2048;
  const std::int64_t chunk_start = chunk / 4 * unit_size + chunk % 4 * 512;
  const int g = row % 8;
  const bool lower = row >= 8;
  if (format == WeightFormat::fp32) {
    const int lane = 4 * g + in_chunk / 2;
    return {chunk_start + 16 * lane + 8 * lower + 4 * (in_chunk % 2), 0};
  }
  const int step = in_chunk / 16;
  const int k = in_chunk % 16;
  const int lane = 4 * g + k % 8 / 2;
  const int fragment = lower + 2 * (k / 8);  // a0 to a3
  const int odd = k % 2;
  switch (format) {
    case WeightFormat::fp16:
      return {chunk_start + 16 * lane + 4 * fragment + 2 * odd, 0};
    case WeightFormat::int8:
      return {chunk_start + 16 * lane + 8 * step + 2 * fragment + odd, 0};
    default:
      return {chunk_start + 16 * lane + 4 * step + (fragment + 4 * odd) / 2,
              4 * ((fragment + 4 * odd) % 2)};
  }
}

// Which tile and row of it hold a row of the matrix: again from the element's side.
inline std::pair<std::int64_t, int> tile_row(std::int64_t row, std::int64_t distance) {
  const std::int64_t block = row / (2 * distance);
  const std::int64_t within = row % (2 * distance);
  const std::int64_t pair = block * distance + within % distance;
  return {pair / 8, static_cast<int>(pair % 8 + 8 * (within / distance))};
}

// The weights [n, k] that packed bytes stand for, scales included.
inline std::vector<double> unpacked(const PackedShape& shape, const std::vector<std::byte>& packed,
                                    const std::vector<float>& row_scales) {
  const std::int64_t unit_size = shape.format == WeightFormat::int4 ? 2112 : 2048;
  const std::int64_t unit_columns = 8192 / 16 / static_cast<int>(shape.format) * 2;
  const std::int64_t units = (shape.k + unit_columns - 1) / unit_columns;
  const auto read = [&](std::int64_t at, int bytes) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, packed.data() + at, static_cast<std::size_t>(bytes));
    return bits;
  };
  std::vector<double> values;
  for (std::int64_t row = 0; row < shape.n; ++row) {
    const auto [tile, r] = tile_row(row, shape.pair_distance);
    const std::int64_t start = tile * units * unit_size;
    for (std::int64_t column = 0; column < shape.k; ++column) {
      const Field field = field_of(shape.format, r, column);
      switch (shape.format) {
        case WeightFormat::fp32: {
          const std::uint32_t bits = read(start + field.byte, 4);
          float value;
          std::memcpy(&value, &bits, 4);
          values.push_back(value);
          break;
        }
        case WeightFormat::fp16:
          values.push_back(
              naive::half_value(static_cast<std::uint16_t>(read(start + field.byte, 2))));
          break;
        case WeightFormat::int8:
          values.push_back(
              (static_cast<int>(read(start + field.byte, 1)) - 128) *
              static_cast<double>(row_scales[static_cast<std::size_t>(tile * 16 + r)]));
          break;
        case WeightFormat::int4: {
          const int nibble = static_cast<int>(read(start + field.byte, 1) >> field.bit & 15);
          const std::int64_t group = column / 128;
          const std::int64_t scale =
              start + group / 2 * unit_size + 2048 + r % 8 * 8 + group % 2 * 4 + r / 8 * 2;
          values.push_back((nibble - 8) *
                           naive::half_value(static_cast<std::uint16_t>(read(scale, 2))));
        }
      }
    }
  }
  return values;
}

}  // namespace roofproof::cuda::linear
