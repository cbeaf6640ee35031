// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Random weights [N, K] in the canonical formats of kernels/quantize.h, as pure functions of the
// index: what a device fills its buffers with, and what a reference recomputes. C++17, so that .cu
// files may include it.
#pragma once

#include <cstdint>

#include "kernels/float16.h"
#include "kernels/inputs.h"

namespace roofproof {

// Scales are positive and within a factor of 2, so that a missing or swapped one changes a result
// by far more than rounding; weights stay below 1 in magnitude, so that no FP16 output overflows.

// INT8: the FP32 scale of one row. The values are values.int8(row * K + k).
ROOFPROOF_HOST_DEVICE constexpr float random_int8_scale(InputStream scales, std::uint64_t row) {
  return (3 + scales.uniform(row)) * (1.0f / 512);
}

// INT4: the byte that holds k = 2 j and 2 j + 1 of a row, index row * ceil(K / 2) + j. Where K is
// odd, the last high nibble of a row is as random as the others: nobody may use it. Of 18 equally
// likely draws 16 are the nibbles 0 to 15, one more is 15 and one 9: all of the range, with a mean
// of zero. Uniform nibbles have one of -1/2 steps, by which each layer of a model adds to what all
// activations have in common, until FP16 overflows (mistral-7b: in layer 21).
ROOFPROOF_HOST_DEVICE constexpr std::uint8_t random_int4_nibble(std::uint32_t sixteen_bits) {
  const std::uint32_t draw = sixteen_bits * 18 >> 16;
  return static_cast<std::uint8_t>(draw < 16 ? draw : draw == 16 ? 15 : 9);
}
ROOFPROOF_HOST_DEVICE constexpr std::uint8_t random_int4_pair(InputStream values,
                                                              std::uint64_t index) {
  const std::uint32_t bits = values.bits(index);
  return static_cast<std::uint8_t>(random_int4_nibble(bits & 0xffffu) |
                                   random_int4_nibble(bits >> 16) << 4);
}

// INT4: the scale of one group, index row * ceil(K / 128) + group; to be rounded to FP16.
ROOFPROOF_HOST_DEVICE constexpr float random_int4_scale(InputStream scales, std::uint64_t index) {
  return (3 + scales.uniform(index)) * (1.0f / 64);
}

// A norm of a decoder layer, index `i` of `width` values, inverse_root = 1 / sqrt(width): such that
// the linear layers behind it, whose weights are of magnitude 1, give values of about 1. To be
// rounded to FP16 beside other weights than fp32.
ROOFPROOF_HOST_DEVICE constexpr float random_norm_weight(InputStream values, std::uint64_t i,
                                                         float inverse_root) {
  return (3 + values.uniform(i)) * (2.0f / 3) * inverse_root;
}

// One random tensor of weights: which streams, which format.
struct RandomWeights {
  int bits = 32;  // 32: FP32, 16: FP16, 8: INT8, 4: INT4
  std::uint64_t k = 0;
  InputStream values = {};
  InputStream scales = {};

  // The exact value of weight (row, column).
  constexpr double at(std::uint64_t row, std::uint64_t column) const {
    switch (bits) {
      case 32:
        return values.uniform(row * k + column);
      case 16:
        return to_float(to_float16(values.uniform(row * k + column)));
      case 8:
        return static_cast<double>(values.int8(row * k + column)) *
               static_cast<double>(random_int8_scale(scales, row));
      default: {
        const std::uint8_t pair = random_int4_pair(values, row * ((k + 1) / 2) + column / 2);
        const int nibble = column % 2 == 0 ? pair & 15 : pair >> 4;
        const std::uint64_t group = row * ((k + 127) / 128) + column / 128;
        return (nibble - 8) *
               static_cast<double>(to_float(to_float16(random_int4_scale(scales, group))));
      }
    }
  }
};

}  // namespace roofproof
