// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/quantize.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "kernels/float16.h"
#include "kernels/inputs.h"

namespace roofproof {
namespace {

float largest_magnitude(const float* values, std::int64_t count) {
  float largest = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    if (!std::isfinite(values[i])) {
      throw std::invalid_argument("quantize: weight " + std::to_string(i) + " is not finite");
    }
    largest = std::max(largest, std::abs(values[i]));
  }
  return largest;
}

// round(value / scale) within [lowest, highest]; 0 where the scale is 0 (all weights are 0, or too
// small for the scale's format).
int quantized(float value, float scale, int lowest, int highest) {
  if (scale == 0) return 0;
  const double q = std::nearbyint(static_cast<double>(value) / static_cast<double>(scale));
  return static_cast<int>(std::clamp(q, static_cast<double>(lowest), static_cast<double>(highest)));
}

}  // namespace

double Int8Weights::at(std::int64_t row, std::int64_t column) const {
  return static_cast<double>(values.at(static_cast<std::size_t>(row * k + column))) *
         static_cast<double>(scales.at(static_cast<std::size_t>(row)));
}

double Int4Weights::at(std::int64_t row, std::int64_t column) const {
  const int pair = values.at(static_cast<std::size_t>(row * row_bytes() + column / 2));
  const int nibble = column % 2 == 0 ? pair & 15 : pair >> 4;
  const auto group = static_cast<std::size_t>(row * row_groups() + column / int4_group_size);
  return (nibble - 8) * static_cast<double>(to_float(scales.at(group)));
}

Int8Weights quantize_int8(const float* weights, std::int64_t n, std::int64_t k) {
  Int8Weights result{n, k, {}, {}};
  result.values.reserve(static_cast<std::size_t>(n * k));
  result.scales.reserve(static_cast<std::size_t>(n));
  for (std::int64_t row = 0; row < n; ++row) {
    const float* source = weights + row * k;
    const float scale = largest_magnitude(source, k) / 127;
    result.scales.push_back(scale);
    for (std::int64_t column = 0; column < k; ++column) {
      result.values.push_back(
          static_cast<std::int8_t>(quantized(source[column], scale, -127, 127)));
    }
  }
  return result;
}

Int4Weights quantize_int4(const float* weights, std::int64_t n, std::int64_t k) {
  Int4Weights result{n, k, {}, {}};
  result.values.assign(static_cast<std::size_t>(n * result.row_bytes()), 0x88);
  result.scales.reserve(static_cast<std::size_t>(n * result.row_groups()));
  for (std::int64_t row = 0; row < n; ++row) {
    const float* source = weights + row * k;
    std::uint8_t* bytes = result.values.data() + row * result.row_bytes();
    for (std::int64_t first = 0; first < k; first += int4_group_size) {
      const std::int64_t last = std::min<std::int64_t>(first + int4_group_size, k);
      const std::uint16_t scale_bits =
          to_float16(largest_magnitude(source + first, last - first) / 7);
      const float scale = to_float(scale_bits);
      if (!std::isfinite(scale)) {
        throw std::invalid_argument("quantize_int4: the scale of row " + std::to_string(row) +
                                    " is beyond FP16");
      }
      result.scales.push_back(scale_bits);
      for (std::int64_t column = first; column < last; ++column) {
        const int nibble = quantized(source[column], scale, -8, 7) + 8;
        std::uint8_t& byte = bytes[column / 2];
        byte = static_cast<std::uint8_t>(column % 2 == 0 ? (byte & 0xf0) | nibble
                                                         : (byte & 0x0f) | nibble << 4);
      }
    }
  }
  return result;
}

double signal_to_noise_db(int bits, const float* weights, std::int64_t n, std::int64_t k) {
  Int8Weights int8;
  Int4Weights int4;
  if (bits == 8) int8 = quantize_int8(weights, n, k);
  if (bits == 4) int4 = quantize_int4(weights, n, k);
  double signal = 0;
  double noise = 0;
  for (std::int64_t row = 0; row < n; ++row) {
    for (std::int64_t column = 0; column < k; ++column) {
      const double exact = weights[row * k + column];
      double stored = exact;
      if (bits == 16) stored = to_float(to_float16(weights[row * k + column]));
      if (bits == 8) stored = int8.at(row, column);
      if (bits == 4) stored = int4.at(row, column);
      signal += exact * exact;
      noise += (exact - stored) * (exact - stored);
    }
  }
  return noise == 0 ? std::numeric_limits<double>::infinity() : 10 * std::log10(signal / noise);
}

double quantization_snr_db(Precision precision) {
  constexpr std::int64_t n = 64;
  constexpr std::int64_t k = 4096;
  const InputStream input = input_stream(1, 0, 0);
  std::vector<float> weights;
  for (std::uint64_t i = 0; i < n * k; ++i) weights.push_back(input.uniform(i));
  return signal_to_noise_db(weight_bits(precision), weights.data(), n, k);
}

}  // namespace roofproof
