// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

namespace roofproof {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(ExpectedProduct, IsAlphaABTransposedPlusBetaC) {
  const std::vector<std::vector<double>> a = {{1, 2, 3}, {4, 5, 6}};
  const std::vector<std::vector<double>> b = {{1, 0, -1}, {2, 2, 2}};
  const auto at = [](const auto& matrix) {
    return [&matrix](std::int64_t row, std::int64_t column) {
      return matrix[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
    };
  };
  MatrixProduct product{.m = 2, .n = 2, .k = 3, .a = at(a), .b = at(b), .c = at(b)};
  EXPECT_EQ(expected_product(product, 0, 0).value, -2);
  EXPECT_EQ(expected_product(product, 1, 0).value, -2);
  EXPECT_EQ(expected_product(product, 1, 1).value, 30);
  product.alpha = 0.5;
  product.beta = -3;
  EXPECT_EQ(expected_product(product, 1, 1).value, 9);
  product.output = ElementType::int32;
  EXPECT_EQ(expected_product(product, 1, 1).tolerance, 0);
}

TEST(ExpectedProduct, Int32WrapsAround) {
  const Element two = [](std::int64_t, std::int64_t) { return 2.0; };
  const Element least = [](std::int64_t, std::int64_t) { return -2147483648.0; };
  MatrixProduct product{.m = 1, .n = 1, .k = 3, .a = two, .b = two, .c = least};
  product.output = ElementType::int32;
  product.alpha = 2;
  product.beta = -3;  // 24 + 3 x 2^31 is 24 - 2^31, modulo 2^32
  EXPECT_EQ(expected_product(product, 0, 0).value, -2147483624);
  product.alpha = 536870912;  // 12 x 2^29 = 2^32 + 2^31
  product.beta = 0;
  EXPECT_EQ(expected_product(product, 0, 0).value, -2147483648);
  product.alpha = -1;
  EXPECT_EQ(expected_product(product, 0, 0).value, -12);
  product.output = ElementType::fp32;
  product.beta = -3;
  EXPECT_EQ(expected_product(product, 0, 0).value, -12 + 6442450944.0);
}

TEST(ExpectedProduct, NeverReadsCWhereBetaIsZero) {
  const Element one = [](std::int64_t, std::int64_t) { return 1.0; };
  const Element fatal = [](std::int64_t, std::int64_t) -> double {
    throw std::logic_error("read");
  };
  EXPECT_EQ(expected_product({.m = 1, .n = 1, .k = 5, .a = one, .b = one, .c = fatal}, 0, 0).value,
            5);
}

float fp32_dot(const std::vector<float>& a, const std::vector<float>& b, std::size_t stride) {
  // `stride` interleaved sums, added at the end: one order out of many.
  std::vector<float> sums(stride, 0.0f);
  for (std::size_t i = 0; i < a.size(); ++i) sums[i % stride] += a[i] * b[i];
  float total = 0;
  for (const float sum : sums) total += sum;
  return total;
}

float tf32(float value) {  // 10 fraction bits
  return std::ldexp(std::nearbyint(std::ldexp(value, 10 - std::ilogb(value))),
                    std::ilogb(value) - 10);
}

// What the tolerance has to tell apart, over the sizes of the suite.
TEST(Tolerance, AcceptsEveryOrderOfSummationAndRefusesTf32) {
  std::mt19937 generator(11);
  std::uniform_real_distribution<float> uniform(-1, 1);
  for (const std::int64_t k : {64, 512, 1024, 4096, 8192, 14336}) {
    double worst_fp32 = 0;
    double worst_tf32 = 0;
    for (int repetition = 0; repetition < 100; ++repetition) {
      std::vector<float> a(static_cast<std::size_t>(k));
      std::vector<float> b(a.size());
      std::vector<float> a_tf32;
      std::vector<float> b_tf32;
      for (std::size_t i = 0; i < a.size(); ++i) {
        a[i] = uniform(generator);
        b[i] = uniform(generator);
        a_tf32.push_back(tf32(a[i]));
        b_tf32.push_back(tf32(b[i]));
      }
      const auto of = [](const std::vector<float>& values) {
        return [&values](std::int64_t, std::int64_t i) {
          return static_cast<double>(values[static_cast<std::size_t>(i)]);
        };
      };
      const Expected expected =
          expected_product({.m = 1, .n = 1, .k = k, .a = of(a), .b = of(b)}, 0, 0);
      for (const std::size_t stride : {1, 4, 16, 64}) {
        worst_fp32 = std::max(
            worst_fp32, std::abs(fp32_dot(a, b, stride) - expected.value) / expected.tolerance);
      }
      worst_tf32 = std::max(
          worst_tf32, std::abs(fp32_dot(a_tf32, b_tf32, 1) - expected.value) / expected.tolerance);
    }
    EXPECT_LT(worst_fp32, 0.25) << k;
    EXPECT_GT(worst_tf32, 1.5) << k;
  }
}

TEST(Tolerance, ShortSumsHaveTheCertainBound) {
  for (const std::int64_t k : {1, 2, 3, 5, 8}) {
    EXPECT_DOUBLE_EQ(sum_tolerance(k), static_cast<double>(k) * 0x1p-24);
  }
  EXPECT_DOUBLE_EQ(sum_tolerance(4096), 40 * 0x1p-24);
}

TEST(Tolerance, Fp16OutputHasHalfAUnitMore) {
  const Element one = [](std::int64_t, std::int64_t) { return 1.0; };
  const MatrixProduct product{
      .m = 1, .n = 1, .k = 1, .a = one, .b = one, .output = ElementType::fp16};
  const Expected expected = expected_product(product, 0, 0);
  EXPECT_GE(expected.tolerance, 0x1p-11);  // half of 2^-10, the step above 1
  EXPECT_LT(expected.tolerance, 1.01 * 0x1p-11);
}

TEST(Tolerance, RoundedOperandsAddARandomWalk) {
  const Element one = [](std::int64_t, std::int64_t) { return 1.0; };
  MatrixProduct product{.m = 1, .n = 1, .k = 10000, .a = one, .b = one};
  const double plain = expected_product(product, 0, 0).tolerance;
  product.operand_rounding = 0x1p-11;
  EXPECT_NEAR(expected_product(product, 0, 0).tolerance - plain, 0x1p-11 * 5 * 100, 1e-9);
  product.k = 4;
  EXPECT_NEAR(expected_product(product, 0, 0).tolerance, 0x1p-11 * 4, 1e-5);
}

TEST(SamplePositions, AreEverythingWhereThatIsLittle) {
  const auto positions = sample_positions(3, 5, 1);
  ASSERT_EQ(positions.size(), 15u);
  EXPECT_EQ(positions.front(), (Position{0, 0}));
  EXPECT_EQ(positions.back(), (Position{2, 4}));
}

TEST(SamplePositions, HoldCornersEdgesAndTileBoundaries) {
  for (const auto& [rows, columns] : {std::pair<std::int64_t, std::int64_t>{1, 14336},
                                      {14336, 1},
                                      {2048, 2048},
                                      {32, 4096},
                                      {257, 511}}) {
    const auto positions = sample_positions(rows, columns, 1);
    EXPECT_TRUE(std::is_sorted(positions.begin(), positions.end()));
    EXPECT_EQ(std::adjacent_find(positions.begin(), positions.end()), positions.end());
    std::set<std::int64_t> seen_rows;
    std::set<std::int64_t> seen_columns;
    for (const auto& [row, column] : positions) {
      ASSERT_TRUE(row >= 0 && row < rows && column >= 0 && column < columns);
      seen_rows.insert(row);
      seen_columns.insert(column);
    }
    for (const auto& [row, column] : {Position{0, 0}, Position{0, columns - 1},
                                      Position{rows - 1, 0}, Position{rows - 1, columns - 1}}) {
      EXPECT_TRUE(std::binary_search(positions.begin(), positions.end(), Position{row, column}));
    }
    for (const std::int64_t landmark : {15, 16, 63, 64, 127, 128, 255, 256}) {
      EXPECT_EQ(seen_rows.contains(landmark), landmark < rows) << landmark;
      EXPECT_EQ(seen_columns.contains(landmark), landmark < columns) << landmark;
    }
    EXPECT_GT(positions.size(), 128u);
    EXPECT_LT(positions.size(), 256u);
  }
}

TEST(SamplePositions, FollowTheSeed) {
  EXPECT_EQ(sample_positions(999, 999, 4), sample_positions(999, 999, 4));
  EXPECT_NE(sample_positions(999, 999, 4), sample_positions(999, 999, 5));
  EXPECT_TRUE(sample_positions(0, 5, 1).empty());
}

Check compare(double got, const Expected& expected) {
  Comparison comparison;
  comparison.add([] { return std::string("c[0, 0]"); }, got, expected);
  return comparison.result();
}

TEST(Comparison, AcceptsWhatIsWithinTheTolerance) {
  EXPECT_TRUE(compare(1.5, {1, 0.5}).ok);
  EXPECT_DOUBLE_EQ(compare(1.25, {1, 0.5}).worst, 0.5);
  EXPECT_TRUE(compare(7, {7, 0}).ok);
  EXPECT_EQ(compare(7, {7, 0}).worst, 0);
}

TEST(Comparison, RefusesWhatIsNotAndSaysWhich) {
  const Check check = compare(2, {1, 0.5});
  EXPECT_FALSE(check.ok);
  EXPECT_DOUBLE_EQ(check.worst, 2);
  EXPECT_EQ(check.message, "c[0, 0] is 2, expected 1 +- 0.5");
  EXPECT_FALSE(compare(8, {7, 0}).ok);
}

TEST(Comparison, NanAndInfinityFail) {
  for (const double got : {nan, infinity, -infinity}) {
    EXPECT_FALSE(compare(got, {1, 0.5}).ok);
    EXPECT_FALSE(compare(got, {1, 0}).ok);
    EXPECT_EQ(compare(got, {1, 0.5}).worst, infinity);
  }
  EXPECT_FALSE(compare(1, {nan, 0.5}).ok);
  EXPECT_FALSE(compare(1, {2, nan}).ok);
}

TEST(Comparison, KeepsTheWorst) {
  Comparison comparison;
  int named = 0;
  const auto add = [&](double got, std::string what) {
    comparison.add([&named, what] { return ++named, what; }, got, {0, 1});
  };
  add(0.5, "fine");
  add(3, "worst");
  add(2, "bad");
  EXPECT_EQ(comparison.result().worst, 3);
  EXPECT_EQ(comparison.result().message, "worst is 3, expected 0 +- 1");
  EXPECT_EQ(named, 1);
  comparison.fail("guard bands of c overwritten");
  EXPECT_FALSE(comparison.result().ok);
}

TEST(CheckProduct, FindsOneWrongColumn) {
  const MatrixProduct product{.m = 500,
                              .n = 300,
                              .k = 10,
                              .a = [](std::int64_t i, std::int64_t k) { return double(i + k); },
                              .b = [](std::int64_t j, std::int64_t k) { return double(j - k); }};
  const auto right = [&](std::int64_t i, std::int64_t j) {
    return expected_product(product, i, j).value;
  };
  EXPECT_TRUE(check_product(product, "c", 1, right).ok);
  const Check check = check_product(
      product, "c", 1, [&](std::int64_t i, std::int64_t j) { return right(i, j) + (j == 299); });
  EXPECT_FALSE(check.ok);
  EXPECT_NE(check.message.find(", 299] is"), std::string::npos) << check.message;
}

}  // namespace
}  // namespace roofproof
