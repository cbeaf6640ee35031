// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/roofline.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

namespace roofproof::analysis {
namespace {

constexpr Roofs t4 = {65e12, 320e9};

TEST(Roofline, RidgeIsPeakOverBandwidth) {
  EXPECT_DOUBLE_EQ(ridge_flop_per_byte(t4), 203.125);
  EXPECT_DOUBLE_EQ(ridge_flop_per_byte({312e12, 2039e9}), 312000.0 / 2039.0);
}

TEST(Roofline, TheLowerRoofBinds) {
  const RoofTime memory = roof_time({14e9, 14e9, 0}, {65e12, 300e9});
  EXPECT_EQ(memory.bound, Bound::memory);
  EXPECT_NEAR(memory.memory_s, 46.6667e-3, 1e-7);
  EXPECT_NEAR(memory.compute_s, 0.215385e-3, 1e-9);
  EXPECT_DOUBLE_EQ(memory.total_s(), memory.memory_s);

  const RoofTime compute = roof_time({650e12, 320e9, 0}, t4);
  EXPECT_EQ(compute.bound, Bound::compute);
  EXPECT_DOUBLE_EQ(compute.total_s(), 10);

  // On the ridge both take as long.
  const RoofTime ridge = roof_time({203.125, 1, 0}, t4);
  EXPECT_DOUBLE_EQ(ridge.compute_s, ridge.memory_s);
}

TEST(Roofline, LaunchesComeOnTop) {
  const RoofTime time = roof_time({0, 320e9, 200}, t4, 2e-6);
  EXPECT_DOUBLE_EQ(time.launch_s, 400e-6);
  EXPECT_DOUBLE_EQ(time.total_s(), 1 + 400e-6);
}

TEST(Roofline, NothingIsAboveEitherRoof) {
  EXPECT_DOUBLE_EQ(roof_flop_per_s(t4, 1), 320e9);
  EXPECT_DOUBLE_EQ(roof_flop_per_s(t4, 203.125), 65e12);
  EXPECT_DOUBLE_EQ(roof_flop_per_s(t4, 1000), 65e12);
}

TEST(Roofline, CrossoverWithoutSequenceBytesIsTheRidgeInSequences) {
  // FP16 weights: 2 FLOP per 2 bytes and sequence, so the ridge itself.
  EXPECT_DOUBLE_EQ(*crossover_batch(t4, {14e9, 0, 14e9}), 203.125);
  // INT4: a quarter of the bytes.
  EXPECT_DOUBLE_EQ(*crossover_batch(t4, {3.5e9, 0, 14e9}), 203.125 / 4);
}

TEST(Roofline, AtTheCrossoverBothRoofsAreMet) {
  const double fixed = 14e9;
  const double bytes = 30e6;
  const double flop = 15e9;
  const double batch = *crossover_batch(t4, {fixed, bytes, flop});
  const RoofTime time = roof_time({batch * flop, fixed + batch * bytes, 0}, t4);
  EXPECT_NEAR(time.compute_s / time.memory_s, 1, 1e-12);
  EXPECT_GT(batch, 203.125 * 14 / 15);  // the cache postpones it
}

TEST(Roofline, SequencesBelowTheRidgeNeverCross) {
  EXPECT_EQ(crossover_batch(t4, {14e9, 1e9, 14e9}), std::nullopt);
  EXPECT_EQ(crossover_batch(t4, {14e9, 14e9 / 203.125, 14e9}), std::nullopt);
  EXPECT_EQ(crossover_batch(t4, {14e9, 1, 0}), std::nullopt);
}

TEST(Roofline, RefusesRoofsThatAreNone) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(roof_time({1, 1, 0}, {0, 1}), std::invalid_argument);
  EXPECT_THROW(roof_time({1, 1, 0}, {1, -1}), std::invalid_argument);
  EXPECT_THROW(ridge_flop_per_byte({1, nan}), std::invalid_argument);
  EXPECT_THROW(roof_flop_per_s({1, 0}, 1), std::invalid_argument);
  EXPECT_THROW(crossover_batch({nan, 1}, {1, 0, 1}), std::invalid_argument);
}

TEST(Roofline, PeaksOfADevice) {
  EXPECT_DOUBLE_EQ(peak_per_s(40, 1590e6, 1024), 65.1264e12);
  EXPECT_DOUBLE_EQ(bus_bytes_per_s(5001e6, 256), 320.064e9);
  EXPECT_DOUBLE_EQ(bus_bytes_per_s(2619e6, 5120), 3352.32e9);
}

}  // namespace
}  // namespace roofproof::analysis
