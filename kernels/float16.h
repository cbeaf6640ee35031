// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// FP16 (IEEE 754 binary16) in software, for references, packing and tests. C++17, so that .cu files
// may include it. Bit for bit what F16C and __float2half_rn give, NaNs included.
#pragma once

#include <cstdint>

#include "kernels/host_device.h"

namespace roofproof {

// The value of the FP16 number with these bits, exactly. A NaN comes back quiet.
ROOFPROOF_HOST_DEVICE constexpr float to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
  const std::uint32_t magnitude = half & 0x7fff;
  if (magnitude < 0x0400) {  // zero and subnormals: multiples of 2^-24
    const float value = static_cast<float>(magnitude) * 0x1p-24f;
    return sign != 0 ? -value : value;
  }
  std::uint32_t bits = (magnitude << 13) + ((127u - 15u) << 23);
  if (magnitude >= 0x7c00) bits = 0x7f800000u | (magnitude & 0x3ff) << 13;
  if (magnitude > 0x7c00) bits |= 0x00400000u;
  return __builtin_bit_cast(float, sign | bits);
}

// The bits of the FP16 number nearest to `value`, ties to even; beyond 65520 it is infinity.
ROOFPROOF_HOST_DEVICE constexpr std::uint16_t to_float16(float value) {
  const auto bits = __builtin_bit_cast(std::uint32_t, value);
  const std::uint32_t sign = bits >> 16 & 0x8000;
  std::uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) {
    magnitude = 0x7e00 | (magnitude >> 13 & 0x3ff);
  } else if (magnitude >= 0x477ff000) {  // 65520, half-way between the largest and 2^16
    magnitude = 0x7c00;
  } else if (magnitude >= 0x38800000) {  // 2^-14, the smallest normal: drop 13 bits
    magnitude = (magnitude + 0xfff + (magnitude >> 13 & 1) - ((127u - 15u) << 23)) >> 13;
  } else {
    const std::uint32_t exponent = magnitude >> 23;
    if (exponent < 102) {  // below 2^-25, half of the smallest subnormal
      magnitude = 0;
    } else {
      const std::uint32_t mantissa = (magnitude & 0x7fffff) | 0x800000;
      const std::uint32_t shift = 126 - exponent;
      const std::uint32_t half_unit = 1u << (shift - 1);
      const std::uint32_t odd = mantissa >> shift & 1;
      magnitude = (mantissa + half_unit - 1 + odd) >> shift;
    }
  }
  return static_cast<std::uint16_t>(sign | magnitude);
}

}  // namespace roofproof
