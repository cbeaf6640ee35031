// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The canonical weight formats: what every packed layout starts from and every reference reads.
// C++17, so that .cu files may include it.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/problem/precision.h"

namespace roofproof {

// INT8: weight (row, column) = values[row * k + column] * scales[row].
struct Int8Weights {
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::vector<std::int8_t> values;  // [n, k]
  std::vector<float> scales;        // [n]

  // Exact: an 8-bit times a 24-bit number.
  double at(std::int64_t row, std::int64_t column) const;
};

// INT4: a byte holds two neighbours of a row, the even one in its low nibble; a nibble q stands for
// q - 8, times the FP16 scale of its row and group of 128 columns. Rows start at a byte.
struct Int4Weights {
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::vector<std::uint8_t> values;   // [n, ceil(k / 2)]
  std::vector<std::uint16_t> scales;  // [n, ceil(k / 128)], bits of FP16

  std::int64_t row_bytes() const { return (k + 1) / 2; }
  std::int64_t row_groups() const { return (k + 127) / 128; }
  // Exact: a 4-bit times an 11-bit number.
  double at(std::int64_t row, std::int64_t column) const;
};

// Symmetric, to the nearest: scale = largest magnitude of the row / 127. `weights` is [n, k].
// Throws std::invalid_argument where a weight is not finite.
Int8Weights quantize_int8(const float* weights, std::int64_t n, std::int64_t k);

// Symmetric, to the nearest: scale = largest magnitude of the group / 7, rounded to FP16, and the
// rounded scale is what the values are divided by. The nibble that an odd k leaves over is 8
// (zero). Throws std::invalid_argument where a weight is not finite or a scale is beyond FP16.
Int4Weights quantize_int4(const float* weights, std::int64_t n, std::int64_t k);

// Power of the weights over power of the error that the format makes, in decibel; `bits` is 32, 16,
// 8 or 4 as weight_bits() says. Infinity where nothing is lost.
double signal_to_noise_db(int bits, const float* weights, std::int64_t n, std::int64_t k);

// The same for the format in which `precision` stores weights, of FP32 weights [64, 4096] that are
// uniform in [-1, 1) from a fixed seed: a property of the format alone, the same on every device.
// Real weights have fewer large values, and less of them is left to a scale.
double quantization_snr_db(Precision precision);

}  // namespace roofproof
