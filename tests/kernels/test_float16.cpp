// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/float16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "tests/kernels/naive.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace roofproof {
namespace {

std::uint32_t bits_of(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

float float_of(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

static_assert(to_float16(1.0f) == 0x3c00 && to_float(0xc000) == -2.0f, "usable at compile time");

TEST(Float16, EveryNumberHasItsValue) {
  for (unsigned half = 0; half < 0x10000; ++half) {
    const auto bits = static_cast<std::uint16_t>(half);
    const double expected = naive::half_value(bits);
    const float value = to_float(bits);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(value)) << half;
    } else {
      EXPECT_EQ(value, expected) << half;
    }
    EXPECT_EQ(std::signbit(value), half >= 0x8000) << half;
  }
}

TEST(Float16, EveryNumberSurvivesTheWayThereAndBack) {
  for (unsigned half = 0; half < 0x10000; ++half) {
    const bool quiet_bit_missing = (half & 0x7c00) == 0x7c00 && (half & 0x3ff) != 0;
    const unsigned expected = quiet_bit_missing ? half | 0x200 : half;
    EXPECT_EQ(to_float16(to_float(static_cast<std::uint16_t>(half))), expected);
  }
}

// With monotony this is every float: on either side of, and at, each boundary between neighbours.
TEST(Float16, RoundsToTheNearestAndTiesToEven) {
  for (unsigned half = 0; half < 0x7c00; ++half) {
    const double lower = naive::half_value(static_cast<std::uint16_t>(half));
    const double upper =
        half == 0x7bff ? 65536 : naive::half_value(static_cast<std::uint16_t>(half + 1));
    const auto middle = static_cast<float>((lower + upper) / 2);  // exact: 12 bits
    const unsigned even = half % 2 == 0 ? half : half + 1;
    for (const unsigned sign : {0u, 0x8000u}) {
      const float side = sign == 0 ? 1.0f : -1.0f;
      EXPECT_EQ(to_float16(side * middle), sign | even) << middle;
      EXPECT_EQ(to_float16(side * std::nextafter(middle, 0.0f)), sign | half) << middle;
      EXPECT_EQ(to_float16(side * std::nextafter(middle, 1e9f)), sign | (half + 1)) << middle;
    }
  }
}

TEST(Float16, BeyondTheRangeIsInfinityOrZero) {
  EXPECT_EQ(to_float16(65520.0f), 0x7c00);
  EXPECT_EQ(to_float16(-1e30f), 0xfc00);
  EXPECT_EQ(to_float16(std::numeric_limits<float>::infinity()), 0x7c00);
  EXPECT_EQ(to_float16(0x1p-26f), 0);
  EXPECT_EQ(to_float16(-0x1p-149f), 0x8000);
  EXPECT_EQ(to_float16(-0.0f), 0x8000);
}

#if defined(__x86_64__)
__attribute__((target("f16c"))) unsigned hardware_float16(float value) {
  return static_cast<unsigned>(_mm_extract_epi16(
      _mm_cvtps_ph(_mm_set_ss(value), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC), 0));
}
__attribute__((target("f16c"))) float hardware_float(unsigned half) {
  return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(static_cast<int>(half))));
}

TEST(Float16, AgreesWithTheProcessor) {
  if (!__builtin_cpu_supports("f16c")) GTEST_SKIP() << "this CPU has no F16C";
  for (unsigned half = 0; half < 0x10000; ++half) {
    EXPECT_EQ(bits_of(to_float(static_cast<std::uint16_t>(half))), bits_of(hardware_float(half)));
  }
  constexpr std::uint64_t stride = 1021;  // prime: visits all low bits
  for (std::uint64_t bits = 0; bits <= 0xffffffff; bits += stride) {
    const float value = float_of(static_cast<std::uint32_t>(bits));
    ASSERT_EQ(to_float16(value), hardware_float16(value)) << std::hex << bits;
  }
}
#endif

}  // namespace
}  // namespace roofproof
