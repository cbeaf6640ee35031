// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/quantity.h"

#include <gtest/gtest.h>

#include <limits>

namespace roofproof::analysis {
namespace {

TEST(Quantity, SignificantDigitsWithoutExponent) {
  EXPECT_EQ(significant(0), "0");
  EXPECT_EQ(significant(21.43), "21.4");
  EXPECT_EQ(significant(0.0012345), "0.00123");
  EXPECT_EQ(significant(1247.3), "1250");
  EXPECT_EQ(significant(99.96), "100");
  EXPECT_EQ(significant(9.996), "10.0");
  EXPECT_EQ(significant(-8.024), "-8.02");
  EXPECT_EQ(significant(0.125, 2), "0.13");
}

TEST(Quantity, UnitsTakeTheirScale) {
  EXPECT_EQ(quantity_text(39.5e12, "FLOP/s"), "39.5 TFLOP/s");
  EXPECT_EQ(quantity_text(320.06e9, "B/s"), "320 GB/s");
  EXPECT_EQ(quantity_text(999.7e9, "B/s"), "1.00 TB/s");
  EXPECT_EQ(quantity_text(46.67e-3, "s"), "46.7 ms");
  EXPECT_EQ(quantity_text(3.36e23, "FLOP"), "336 ZFLOP");
  EXPECT_EQ(quantity_text(0, "s"), "0 s");
  EXPECT_EQ(quantity_text(8.024, "ratio"), "8.02x");
  EXPECT_EQ(quantity_text(0.875, "share"), "87.5 %");
  EXPECT_EQ(quantity_text(21.43, "tokens/s"), "21.4 tokens/s");
  EXPECT_EQ(quantity_text(21.43, ""), "21.4");
}

TEST(Quantity, IntervalSharesTheScaleOfItsValue) {
  EXPECT_EQ(estimate_text({1.001e9, Interval{0.999e9, 1.003e9}, 5}, "B/s"),
            "1.00 [0.999, 1.00] GB/s");
  EXPECT_EQ(estimate_text({9, Interval{8.9, 9.1}, 5}, "ratio"), "9.00 [8.90, 9.10]x");
  EXPECT_EQ(estimate_text({9, std::nullopt, 2}, "ratio"), "9.00x");
}

TEST(Quantity, RangesInWords) {
  const double unlimited = std::numeric_limits<double>::infinity();
  EXPECT_EQ(range_text({2, 2}, "ratio"), "2.00x");
  EXPECT_EQ(range_text({0.8, 0.9}, "share"), "80.0 % to 90.0 %");
  EXPECT_EQ(range_text({100, unlimited}, "FLOP/byte"), "at least 100 FLOP/byte");
  EXPECT_EQ(range_text({0, 65e12}, "FLOP/s"), "at most 65.0 TFLOP/s");
}

}  // namespace
}  // namespace roofproof::analysis
