// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/inputs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "kernels/weights.h"

namespace roofproof {
namespace {

// Worked out in Python from the definition. Recorded figures stay comparable only while these hold.
TEST(Inputs, AreFixedForever) {
  const InputStream stream = input_stream(1, 2, 3);
  EXPECT_EQ(stream.key, 0x359f7e2813e09a99u);
  EXPECT_EQ(stream.bits(0), 0x40fe852eu);
  EXPECT_EQ(stream.bits(1), 0x2bda904au);
  EXPECT_EQ(stream.bits(1000000007), 0x17ecf128u);
  EXPECT_EQ(stream.uniform(0), -0.49223268032073975f);
  EXPECT_EQ(stream.uniform(1000000007), -0.8130816221237183f);
  EXPECT_EQ(stream.int8(0), 64);
  EXPECT_EQ(stream.int8(1000000007), 23);
}

TEST(Inputs, UniformFillsItsRangeEvenly) {
  const InputStream stream = input_stream(5, 'a', 0);
  constexpr int count = 1 << 20;
  double sum = 0;
  double squares = 0;
  double lowest = 1;
  double highest = -1;
  for (int i = 0; i < count; ++i) {
    const double value = stream.uniform(static_cast<std::uint64_t>(i));
    sum += value;
    squares += value * value;
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  EXPECT_GE(lowest, -1);
  EXPECT_LT(highest, 1);
  EXPECT_LT(lowest, -0.9999);
  EXPECT_GT(highest, 0.9999);
  // Five standard deviations of the mean of `count` values.
  EXPECT_NEAR(sum / count, 0, 5 * std::sqrt(1.0 / 3 / count));
  EXPECT_NEAR(squares / count, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / count));
}

TEST(Inputs, Int8CoversItsWholeRange) {
  const InputStream stream = input_stream(5, 'b', 0);
  std::set<int> seen;
  for (std::uint64_t i = 0; i < 10000; ++i) seen.insert(stream.int8(i));
  EXPECT_EQ(seen.size(), 256u);
  EXPECT_EQ(*seen.begin(), -128);
  EXPECT_EQ(*seen.rbegin(), 127);
}

TEST(Inputs, SeedTensorAndCopyMakeStreamsOfTheirOwn) {
  std::set<std::uint64_t> keys;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    for (std::uint64_t tensor = 0; tensor < 8; ++tensor) {
      for (std::uint64_t copy = 0; copy < 8; ++copy) {
        keys.insert(input_stream(seed, tensor, copy).key);
      }
    }
  }
  EXPECT_EQ(keys.size(), 512u);
}

TEST(RandomWeights, ReadTheFormatThatTheyFill) {
  const InputStream values = input_stream(7, 0, 0);
  const InputStream scales = input_stream(7, 1, 0);
  constexpr std::uint64_t k = 261;  // an odd row and three groups, the last of 5
  const auto weights = [&](int bits) {
    return RandomWeights{.bits = bits, .k = k, .values = values, .scales = scales};
  };
  for (std::uint64_t row = 0; row < 3; ++row) {
    for (std::uint64_t column = 0; column < k; ++column) {
      const std::uint64_t index = row * k + column;
      EXPECT_EQ(weights(32).at(row, column), values.uniform(index));
      EXPECT_NEAR(weights(16).at(row, column), values.uniform(index), 0x1p-12);
      EXPECT_DOUBLE_EQ(weights(8).at(row, column),
                       double{random_int8_scale(scales, row)} * values.int8(index));
      const std::uint32_t pair = values.bits(row * 131 + column / 2);
      const std::uint32_t draw = (column % 2 == 0 ? pair % 65536 : pair / 65536) * 18 / 65536;
      const int q = draw == 17 ? 9 : static_cast<int>(std::min(draw, 15u));
      const float scale = random_int4_scale(scales, row * 3 + column / 128);
      EXPECT_NEAR(weights(4).at(row, column), (q - 8) * double{scale}, 8 * 0x1p-11 * scale);
    }
  }
}

// With a mean, each layer of a model adds to what all activations have in common.
TEST(RandomWeights, HaveAllValuesOfTheirFormatAndNoMean) {
  const InputStream values = input_stream(7, 0, 0);
  constexpr std::uint64_t bytes = 1 << 20;
  std::set<int> seen;
  double sum = 0;
  for (std::uint64_t i = 0; i < bytes; ++i) {
    const std::uint8_t pair = random_int4_pair(values, i);
    for (const int nibble : {pair % 16, pair / 16}) {
      seen.insert(nibble);
      sum += nibble - 8;
    }
  }
  EXPECT_EQ(seen.size(), 16u);
  EXPECT_NEAR(sum / (2 * bytes), 0, 0.02);  // five standard errors of 2^21 values
}

TEST(RandomWeights, ScalesStayWithinAFactorOfTwo) {
  const InputStream scales = input_stream(7, 1, 0);
  for (std::uint64_t i = 0; i < 10000; ++i) {
    EXPECT_GE(random_int8_scale(scales, i), 2.0f / 512);
    EXPECT_LE(random_int8_scale(scales, i), 4.0f / 512);
    EXPECT_GE(random_int4_scale(scales, i), 2.0f / 64);
    EXPECT_LE(random_int4_scale(scales, i), 4.0f / 64);
  }
}

}  // namespace
}  // namespace roofproof
