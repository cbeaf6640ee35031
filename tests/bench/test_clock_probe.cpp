// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What two readings of the SMs' counters say of the clock.
#include "bench/cuda/clock_probe.h"

#include <gtest/gtest.h>

namespace roofproof::cuda {
namespace {

using Readings = std::vector<ClockReading>;

TEST(MeanClock, IsTheMedianOfTheSmsWithBothReadings) {
  const Readings before = {{100, 1000}, {0, 1000}, {0, 1000}, {0, 0}, {7, 1000}};
  const Readings after = {{3'000'100, 2'001'000},
                          {2'000'000, 2'001'000},
                          {4'000'000, 2'001'000},
                          {9'000'000, 2'001'000},
                          {7, 1500}};
  EXPECT_EQ(mean_clock_hz(before, after), 1.5e9);
}

TEST(MeanClock, IsUnknownOfAShortStretch) {
  EXPECT_EQ(mean_clock_hz({{0, 1000}}, {{1'000'000, 1'000'999}}), std::nullopt);
}

// Not 0 Hz, which drifts by 0 / 0.
TEST(MeanClock, IsUnknownWhereTheCyclesStandStill) {
  EXPECT_EQ(mean_clock_hz({{5, 1000}, {5, 1000}}, {{5, 5'001'000}, {4, 5'001'000}}), std::nullopt);
}

}  // namespace
}  // namespace roofproof::cuda
