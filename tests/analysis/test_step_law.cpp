// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/engines/step_law.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace roofproof::analysis {
namespace {

// 0.8 of the roofline and 0.1 ms per layer.
TimedStep by_law(const std::string& board, double roof_s, double layers) {
  return {board, roof_s, layers, roof_s / 0.8 + 1e-4 * layers};
}

TEST(StepLaw, FindsTheLawThatMadeTheSteps) {
  const std::vector<TimedStep> steps = {by_law("a", 3e-3, 32), by_law("b", 50e-3, 32),
                                        by_law("c", 0.3e-3, 24)};
  const StepLaw law = fit_step_law(steps);
  EXPECT_NEAR(law.share, 0.8, 1e-12);
  EXPECT_NEAR(law.overhead_per_layer_s, 1e-4, 1e-15);
  EXPECT_NEAR(law.time_s(10e-3, 80), 12.5e-3 + 8e-3, 1e-12);
}

// One in five is three times as slow: the law of the others stands.
TEST(StepLaw, OneSlowStepDoesNotMoveIt) {
  std::vector<TimedStep> steps = {by_law("a", 3e-3, 32), by_law("b", 50e-3, 32),
                                  by_law("c", 0.3e-3, 24), by_law("d", 8e-3, 80),
                                  by_law("e", 12e-3, 48)};
  steps[1].time_s *= 3;
  const StepLaw law = fit_step_law(steps);
  EXPECT_NEAR(law.share, 0.8, 1e-12);
  EXPECT_NEAR(law.overhead_per_layer_s, 1e-4, 1e-15);
}

// Faster than the roofline, and slower the faster the memory is: no law, and none is made up.
TEST(StepLaw, StaysWithinItsLimits) {
  const std::vector<TimedStep> steps = {
      {"a", 10e-3, 32, 5e-3}, {"b", 20e-3, 32, 9e-3}, {"c", 40e-3, 32, 70e-3}};
  const StepLaw law = fit_step_law(steps);
  EXPECT_LE(law.share, 1);
  EXPECT_GT(law.share, 0);
  EXPECT_GE(law.overhead_per_layer_s, 0);
  EXPECT_LE(fit_share(steps).share, 1);
  EXPECT_THROW(fit_step_law({}), std::invalid_argument);
}

double error_of(const std::vector<TimedStep>& steps, double share, double overhead_s) {
  double sum = 0;
  for (const TimedStep& step : steps) {
    sum += std::abs((step.roof_s / share + step.layers * overhead_s) / step.time_s - 1);
  }
  return sum / static_cast<double>(steps.size());
}

// Against every law of a fine grid.
TEST(StepLaw, NoAllowedLawIsBetter) {
  std::mt19937 random(18);
  std::uniform_real_distribution<double> factor(0.5, 2);
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<TimedStep> steps;
    for (int i = 0; i < 8; ++i) {
      TimedStep step = by_law(std::to_string(i), 4e-3 * factor(random), i % 2 ? 32 : 60);
      step.time_s *= factor(random);
      steps.push_back(step);
    }
    const StepLaw law = fit_step_law(steps);
    const double least = error_of(steps, law.share, law.overhead_per_layer_s);
    for (double share = 0.02; share <= 1; share += 0.02) {
      for (double overhead_s = 0; overhead_s < 4e-4; overhead_s += 4e-6) {
        ASSERT_LE(least, error_of(steps, share, overhead_s) + 1e-12);
      }
    }
  }
}

// Steps at half, 0.8 and 0.8 of the roofline. Without a's the best share is 0.8: a's step takes
// 1.6 times as long as predicted. Without b's 0.8 and 0.5 are left: 1 / 0.5 / 1.25 of the mean
// error each way is 0.375 with 0.5 and 0.6 with 0.8 too long, so the law is 0.8 (error 0.1875).
TEST(StepLaw, ABoardIsPredictedFromTheOthers) {
  const std::vector<TimedStep> steps = {
      {"a", 1e-3, 1, 2e-3}, {"b", 1e-3, 1, 1.25e-3}, {"c", 1e-3, 1, 1.25e-3}};
  const std::vector<double> ratios = held_out_ratios(steps, fit_share);
  ASSERT_EQ(ratios.size(), 3u);
  EXPECT_NEAR(ratios[0], 1.6, 1e-12);
  EXPECT_NEAR(ratios[1], 1.0, 1e-12);
  EXPECT_THROW(held_out_ratios(std::vector<TimedStep>{steps[0]}, fit_share), std::invalid_argument);
  // Every row of a board goes with it.
  const std::vector<TimedStep> twice = {steps[0], steps[0], steps[1]};
  EXPECT_NEAR(held_out_ratios(twice, fit_share)[1], 1.6, 1e-12);
}

// Of 1 to 39 the second and the 38th leave one in twenty outside at either end; of 1 to 9 there is
// nothing farther out than the ends.
TEST(StepLaw, RangesGoByRank) {
  std::vector<double> ratios;
  for (int i = 39; i >= 1; --i) ratios.push_back(i);
  EXPECT_EQ(ratio_range(ratios, 0.9), (Interval{2, 38}));
  ratios.resize(9);
  EXPECT_EQ(ratio_range(ratios, 0.9), (Interval{31, 39}));
  EXPECT_THROW(ratio_range({}, 0.9), std::invalid_argument);
}

}  // namespace
}  // namespace roofproof::analysis
