// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/quantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "tests/kernels/naive.h"

namespace roofproof {
namespace {

using testing::ElementsAre;

std::vector<float> random_weights(std::size_t count) {
  std::mt19937 generator(3);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> weights(count);
  for (float& weight : weights) weight = uniform(generator);
  return weights;
}

TEST(QuantizeInt8, ScalesEachRowToItsLargest) {
  const std::vector<float> weights = {127, -64, 0.4f, 0.6f, -0.5f, 0.25f, 0, 0.125f};
  const Int8Weights quantized = quantize_int8(weights.data(), 2, 4);
  EXPECT_THAT(quantized.values, ElementsAre(127, -64, 0, 1, -127, 64, 0, 32));
  EXPECT_THAT(quantized.scales, ElementsAre(1, 0.5f / 127));
  EXPECT_DOUBLE_EQ(quantized.at(0, 1), -64);
  EXPECT_DOUBLE_EQ(quantized.at(1, 0), -127 * double{0.5f / 127});
}

TEST(QuantizeInt8, ARowOfZerosStaysZero) {
  const std::vector<float> weights(5, 0.0f);
  const Int8Weights quantized = quantize_int8(weights.data(), 1, 5);
  for (std::int64_t k = 0; k < 5; ++k) EXPECT_EQ(quantized.at(0, k), 0);
}

TEST(QuantizeInt4, EvenColumnsAreLowNibblesAndStandForQMinus8) {
  const std::vector<float> weights = {7, -7, 3, 0, -1};
  const Int4Weights quantized = quantize_int4(weights.data(), 1, 5);
  // 15 | 1 << 4, 11 | 8 << 4, 7 | padding 8 << 4
  EXPECT_THAT(quantized.values, ElementsAre(0x1f, 0x8b, 0x87));
  EXPECT_THAT(quantized.scales, ElementsAre(0x3c00));
  for (std::int64_t k = 0; k < 5; ++k) {
    EXPECT_EQ(quantized.at(0, k), weights[static_cast<std::size_t>(k)]);
  }
}

TEST(QuantizeInt4, EachGroupOf128HasItsScale) {
  std::vector<float> weights(2 * 130, 0.0f);
  weights[127] = 14;         // row 0, group 0: scale 2
  weights[128] = 3.5f;       // row 0, group 1: scale 0.5
  weights[130 + 129] = -28;  // row 1, group 1: scale 4
  const Int4Weights quantized = quantize_int4(weights.data(), 2, 130);
  EXPECT_EQ(quantized.row_bytes(), 65);
  EXPECT_EQ(quantized.values.size(), 130u);
  EXPECT_THAT(quantized.scales, ElementsAre(0x4000, 0x3800, 0, 0x4400));
  EXPECT_EQ(quantized.at(0, 127), 14);
  EXPECT_EQ(quantized.at(0, 128), 3.5);
  EXPECT_EQ(quantized.at(1, 129), -28);
  EXPECT_EQ(quantized.at(1, 0), 0);
}

TEST(QuantizeInt4, ErrorIsAtMostHalfAStepOfTheStoredScale) {
  constexpr std::int64_t n = 7;
  constexpr std::int64_t k = 1000;
  const std::vector<float> weights = random_weights(n * k);
  const Int4Weights quantized = quantize_int4(weights.data(), n, k);
  for (std::int64_t row = 0; row < n; ++row) {
    for (std::int64_t column = 0; column < k; ++column) {
      const double scale =
          naive::half_value(quantized.scales[static_cast<std::size_t>(row * 8 + column / 128)]);
      // The scale may have been rounded down: the largest weight is then cut off at 7 of them.
      const double bound = scale * (0.5 + 7 * 0x1p-11);
      const double error =
          quantized.at(row, column) - weights[static_cast<std::size_t>(row * k + column)];
      ASSERT_LE(std::abs(error), bound) << row << ", " << column;
    }
  }
}

TEST(QuantizeInt8, ErrorIsAtMostHalfAStep) {
  constexpr std::int64_t n = 7;
  constexpr std::int64_t k = 1000;
  const std::vector<float> weights = random_weights(n * k);
  const Int8Weights quantized = quantize_int8(weights.data(), n, k);
  for (std::int64_t row = 0; row < n; ++row) {
    for (std::int64_t column = 0; column < k; ++column) {
      const double error =
          quantized.at(row, column) - weights[static_cast<std::size_t>(row * k + column)];
      ASSERT_LE(std::abs(error), 0.5000001 * quantized.scales[static_cast<std::size_t>(row)]);
    }
  }
}

TEST(Quantize, RefusesWhatCannotBeStored) {
  const std::vector<float> nan = {1, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_THROW(quantize_int8(nan.data(), 1, 2), std::invalid_argument);
  EXPECT_THROW(quantize_int4(nan.data(), 1, 2), std::invalid_argument);
  const std::vector<float> large = {1e6f};
  EXPECT_NO_THROW(quantize_int8(large.data(), 1, 1));
  EXPECT_THROW(quantize_int4(large.data(), 1, 1), std::invalid_argument);
}

// Uniform weights have power 1/3; a format with step s has error power s^2 / 12.
TEST(SignalToNoise, IsWhatTheStepOfEachFormatGives) {
  constexpr std::int64_t n = 64;
  constexpr std::int64_t k = 4096;
  const std::vector<float> weights = random_weights(n * k);
  EXPECT_EQ(signal_to_noise_db(32, weights.data(), n, k), std::numeric_limits<double>::infinity());
  EXPECT_NEAR(signal_to_noise_db(8, weights.data(), n, k), 10 * std::log10(4 * 127.0 * 127), 0.1);
  // The largest of 128 weights is below 1 by 1/129 on average.
  EXPECT_NEAR(signal_to_noise_db(4, weights.data(), n, k), 10 * std::log10(4 * 7.0 * 7), 0.2);
  // FP16's relative step is 2^-11 to 2^-10, so its error power 2^-22 to 2^-20 of each weight's
  // / 12.
  const double fp16 = signal_to_noise_db(16, weights.data(), n, k);
  EXPECT_GT(fp16, 10 * std::log10(12 * 0x1p20));
  EXPECT_LT(fp16, 10 * std::log10(12 * 0x1p22));
}

// INT4 from the mean over groups of the largest of 128 uniform magnitudes, squared: 128 / 130. FP16
// from its steps: half of all weights have 2^-11, a quarter half as much, and so on, so that the
// mean square is 2^-22 x 4 / 7.
TEST(QuantizationSnr, IsThatOfUniformWeights) {
  const auto expected_db = [](double mean_square_step) {
    return 10 * std::log10(1.0 / 3 / (mean_square_step / 12));
  };
  EXPECT_EQ(quantization_snr_db(Precision::fp32), std::numeric_limits<double>::infinity());
  EXPECT_NEAR(quantization_snr_db(Precision::fp16), expected_db(0x1p-22 * 4 / 7), 0.05);
  EXPECT_NEAR(quantization_snr_db(Precision::int8), expected_db(1 / (127.0 * 127)), 0.05);
  EXPECT_NEAR(quantization_snr_db(Precision::int4), expected_db(128.0 / 130 / (7.0 * 7)), 0.05);
  EXPECT_EQ(quantization_snr_db(Precision::w4a16), quantization_snr_db(Precision::int4));
  EXPECT_EQ(quantization_snr_db(Precision::w8a16), quantization_snr_db(Precision::int8));
}

}  // namespace
}  // namespace roofproof
