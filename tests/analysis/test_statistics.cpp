// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>
#include <vector>

namespace roofproof::analysis {
namespace {

TEST(Median, IsTheMiddleOrTheMeanOfTheTwoInTheMiddle) {
  EXPECT_EQ(median(std::vector{3.0}), 3);
  EXPECT_EQ(median(std::vector{9.0, 1.0, 2.0}), 2);
  EXPECT_EQ(median(std::vector{9.0, 1.0, 2.0, 4.0}), 3);
  EXPECT_THROW(median({}), std::invalid_argument);
}

TEST(StudentT, MatchesPublishedTables) {
  const struct {
    double probability;
    int degrees_of_freedom;
    double value;
  } table[] = {
      {0.95, 1, 6.314},  {0.95, 4, 2.132},   {0.95, 10, 1.812},   {0.975, 1, 12.706},
      {0.975, 2, 4.303}, {0.975, 3, 3.182},  {0.975, 4, 2.776},   {0.975, 5, 2.571},
      {0.975, 9, 2.262}, {0.975, 19, 2.093}, {0.975, 30, 2.042},  {0.975, 120, 1.980},
      {0.99, 1, 31.821}, {0.99, 2, 6.965},   {0.99, 3, 4.541},    {0.99, 4, 3.747},
      {0.99, 7, 2.998},  {0.99, 9, 2.821},   {0.99, 19, 2.539},   {0.99, 30, 2.457},
      {0.995, 6, 3.707}, {0.999, 8, 4.501},  {0.9995, 2, 31.599},
  };
  for (const auto& row : table) {
    EXPECT_NEAR(student_t_quantile(row.probability, row.degrees_of_freedom), row.value, 6e-4)
        << row.probability << " " << row.degrees_of_freedom;
  }
}

// The density integrated numerically up to the quantile must give the probability back.
double integrated_density(double t, int n) {
  const double scale =
      std::exp(std::lgamma((n + 1) / 2.0) - std::lgamma(n / 2.0)) / std::sqrt(n * std::numbers::pi);
  const auto density = [&](double x) { return scale * std::pow(1 + x * x / n, -(n + 1) / 2.0); };
  const int steps = 20000;
  const double width = t / steps;
  double sum = density(0) + density(t);
  for (int i = 1; i < steps; ++i) sum += density(i * width) * (i % 2 != 0 ? 4 : 2);
  return 0.5 + sum * width / 3;
}

TEST(StudentT, InvertsTheIntegralOfTheDensity) {
  for (int n = 1; n <= 60; ++n) {
    for (const double probability : {0.6, 0.9, 0.975, 0.99}) {
      EXPECT_NEAR(integrated_density(student_t_quantile(probability, n), n), probability, 1e-9)
          << n << " " << probability;
    }
  }
}

TEST(StudentT, IsOddAndRefusesNonsense) {
  EXPECT_DOUBLE_EQ(student_t_quantile(0.01, 4), -student_t_quantile(0.99, 4));
  EXPECT_NEAR(student_t_quantile(0.5, 4), 0, 1e-12);
  for (const double probability : {0.0, 1.0, -1.0, std::nan("")}) {
    EXPECT_THROW(student_t_quantile(probability, 4), std::invalid_argument);
  }
  EXPECT_THROW(student_t_quantile(0.9, 0), std::invalid_argument);
}

TEST(Estimate, IsGeometricWithAnIntervalOnLogarithms) {
  // Logarithms 0, 1, 2: mean 1, standard deviation 1, t(2) = 4.30265.
  const double e = std::numbers::e;
  const Estimate result = estimate({{0, 1}, {1, e}, {4, e * e}});
  EXPECT_NEAR(result.value, e, 1e-12);
  EXPECT_EQ(result.sessions, 3);
  ASSERT_TRUE(result.interval.has_value());
  EXPECT_NEAR(std::log(result.interval->low), 1 - 4.30265 / std::sqrt(3), 1e-5);
  EXPECT_NEAR(std::log(result.interval->high), 1 + 4.30265 / std::sqrt(3), 1e-5);
}

TEST(Estimate, BelowThreeSessionsHasNoInterval) {
  EXPECT_NEAR(estimate({{0, 2}, {1, 8}}).value, 4, 1e-12);
  EXPECT_FALSE(estimate({{0, 2}, {1, 8}}).interval.has_value());
  EXPECT_FALSE(estimate({{0, 2}}).interval.has_value());
}

TEST(Estimate, RefusesWhatHasNoLogarithm) {
  EXPECT_THROW(estimate({}), std::invalid_argument);
  for (const double value : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    EXPECT_THROW(estimate({{0, 1}, {1, value}}), std::invalid_argument) << value;
  }
}

TEST(PairedRatio, CancelsWhatSlowsAWholeSession) {
  const SessionValues fast = {{0, 1.0}, {1, 1.5}, {2, 9.0}};
  const SessionValues slow = {{0, 2.0}, {1, 3.0}, {2, 18.0}};
  const Estimate ratio = paired_ratio(slow, fast).value();
  EXPECT_NEAR(ratio.value, 2, 1e-12);
  EXPECT_NEAR(ratio.interval->low, 2, 1e-12);
  EXPECT_NEAR(ratio.interval->high, 2, 1e-12);
}

TEST(PairedRatio, UsesOnlyCommonSessions) {
  const Estimate ratio = paired_ratio({{0, 4.0}, {1, 100.0}}, {{0, 2.0}, {2, 1.0}}).value();
  EXPECT_NEAR(ratio.value, 2, 1e-12);
  EXPECT_EQ(ratio.sessions, 1);
  EXPECT_FALSE(paired_ratio({{0, 4.0}}, {{1, 2.0}}).has_value());
}

TEST(UnpairedRatio, IsWelchsOnLogarithms) {
  // Logarithms 0, 1, 2 against 0, 0, 0: standard error sqrt(1/3), 2 degrees of freedom.
  const double e = std::numbers::e;
  const Estimate ratio = unpaired_ratio({{0, 1}, {1, e}, {2, e * e}}, {{0, 1}, {1, 1}, {2, 1}});
  EXPECT_NEAR(ratio.value, e, 1e-12);
  EXPECT_NEAR(std::log(ratio.interval->high), 1 + 4.30265 / std::sqrt(3), 1e-5);
  const Estimate inverse = unpaired_ratio({{0, 1}, {1, 1}, {2, 1}}, {{0, 1}, {1, e}, {2, e * e}});
  EXPECT_NEAR(std::log(inverse.interval->low), -1 - 4.30265 / std::sqrt(3), 1e-5);
  EXPECT_FALSE(unpaired_ratio({{0, 1}, {1, e}, {2, e * e}}, {{0, 1}}).interval.has_value());
}

TEST(SessionValues, ScaleSessionBySession) {
  EXPECT_EQ(divided(6, {{0, 2}, {3, 3}}), (SessionValues{{0, 3}, {3, 2}}));
  EXPECT_EQ(multiplied(6, {{0, 2}, {3, 3}}), (SessionValues{{0, 12}, {3, 18}}));
  EXPECT_EQ(sum({{0, 2}, {3, 3}}, {{3, 4}, {5, 1}}), (SessionValues{{3, 7}}));
}

TEST(PredictionLimit, IsOneSidedForOneMoreValue) {
  // Logarithms 0, 1, 2: 1 + t99(2) x 1 x sqrt(4/3), t99(2) = 6.96456.
  const double e = std::numbers::e;
  const PredictionLimit limit = prediction_limit(std::vector{1.0, e, e * e}, 0);
  EXPECT_NEAR(limit.centre, e, 1e-12);
  EXPECT_NEAR(std::log(limit.limit), 1 + 6.96456 * std::sqrt(4.0 / 3), 1e-4);
}

TEST(PredictionLimit, NeverFallsBelowItsFloors) {
  const std::vector<double> still_s(8, 10e-6);
  EXPECT_NEAR(prediction_limit(still_s, 0).limit, 10.2e-6, 1e-12);
  EXPECT_NEAR(prediction_limit(still_s, least_change_s).limit, 10.5e-6, 1e-12);
  EXPECT_THROW(prediction_limit(std::vector{1.0}, 0), std::invalid_argument);
}

TEST(PredictionLimit, IsUndercutAsSeldomAsExceeded) {
  EXPECT_NEAR((PredictionLimit{2, 3}.lower()), 4.0 / 3, 1e-12);
}

TEST(PinnedLimit, ScattersAsTwoValuesDo) {
  // t99(2) x 1 x sqrt(2) around the pinned value.
  const double e = std::numbers::e;
  const PredictionLimit limit = pinned_limit(5, std::vector{1.0, e, e * e}, 0);
  EXPECT_EQ(limit.centre, 5);
  EXPECT_NEAR(std::log(limit.limit / 5), 6.96456 * std::sqrt(2.0), 1e-4);
  EXPECT_NEAR(pinned_limit(10e-6, std::vector<double>(8, 1e-6), least_change_s).limit, 10.5e-6,
              1e-12);
}

TEST(TwoModes, AreTwoGroupsFarApart) {
  EXPECT_TRUE(has_two_modes(std::vector{1.0, 1.01, 0.99, 1.0, 1.12, 1.13, 1.0, 1.12}));
  EXPECT_FALSE(has_two_modes(std::vector{1.0, 1.01, 0.99, 1.0, 1.01, 1.0, 1.0, 0.99}));
  // One straggler is no mode; a distance below what counts as a change is none.
  EXPECT_FALSE(has_two_modes(std::vector{1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.5}));
  EXPECT_FALSE(has_two_modes(std::vector{1.0, 1.0, 1.0, 1.0, 1.03, 1.03, 1.03, 1.03}));
  EXPECT_FALSE(has_two_modes(std::vector{1.0, 1.5}));
}

TEST(Complement, TurnsTheIntervalRound) {
  const Estimate rest = complement({0.25, Interval{0.125, 0.5}, 4});
  EXPECT_EQ(rest.value, 0.75);
  EXPECT_EQ(*rest.interval, (Interval{0.5, 0.875}));
  EXPECT_EQ(rest.sessions, 4);
  EXPECT_FALSE(complement({0.25, std::nullopt, 2}).interval.has_value());
}

SessionValues sessions(std::initializer_list<double> values) {
  SessionValues result;
  for (const double value : values) result[static_cast<int>(result.size())] = value;
  return result;
}

TEST(StudentTTail, InvertsTheQuantile) {
  for (const int n : {1, 2, 4, 9}) {
    for (const double probability : {0.1, 0.5, 0.9, 0.99, 0.9999}) {
      EXPECT_NEAR(student_t_tail(student_t_quantile(probability, n), n), 1 - probability, 1e-12);
    }
  }
  EXPECT_EQ(student_t_tail(HUGE_VAL, 4), 0);
  EXPECT_EQ(student_t_tail(-HUGE_VAL, 4), 1);
  EXPECT_THROW(student_t_tail(1, 0), std::invalid_argument);
}

const SessionValues uneven = sessions({1.00, 1.10, 0.90, 1.05, 0.95});

PairedTimes times_factors(std::initializer_list<double> factors) {
  PairedTimes pair{uneven, {}};
  int session = 0;
  for (const double factor : factors) {
    pair.after_s[session] = uneven.at(session) * factor;
    ++session;
  }
  return pair;
}

Change change_of(const PairedTimes& pair) { return paired_changes({&pair, 1}).front().change; }

TEST(PairedChanges, TellSlowerFasterNoneAndUnclear) {
  EXPECT_EQ(change_of(times_factors({1.05, 1.052, 1.049, 1.051, 1.05})), Change::slower);
  EXPECT_EQ(change_of(times_factors({0.95, 0.952, 0.949, 0.951, 0.95})), Change::faster);
  EXPECT_EQ(change_of(times_factors({1, 1.001, 0.999, 1, 1.002})), Change::none);
  // Certain, but below 2 %.
  EXPECT_EQ(change_of(times_factors({1.018, 1.018, 1.018, 1.018, 1.018})), Change::none);
  // A loss of 5 % is not excluded.
  EXPECT_EQ(change_of(times_factors({1.3, 0.8, 1.1, 0.9, 1.0})), Change::unclear);
  // Slower on average, but it may be chance.
  EXPECT_EQ(change_of(times_factors({1.3, 1.0, 1.1, 0.95, 1.1})), Change::unclear);
  EXPECT_EQ(change_of({sessions({1, 1}), sessions({2, 2})}), Change::unclear);
  EXPECT_EQ(change_of({}), Change::unclear);
}

TEST(PairedChanges, HalfAMicrosecondIsNoChange) {
  const SessionValues before_s = sessions({2e-6, 2e-6, 2e-6});
  EXPECT_EQ(change_of({before_s, sessions({2.4e-6, 2.4e-6, 2.4e-6})}), Change::none);
  EXPECT_EQ(change_of({before_s, sessions({2.6e-6, 2.6e-6, 2.6e-6})}), Change::slower);
}

// A session in which something else ran.
TEST(PairedChanges, OfTenSessionsBearADisturbedOne) {
  const auto with_straggler = [](int count, double factor) {
    PairedTimes pair;
    for (int session = 0; session < count; ++session) {
      pair.before_s[session] = 1;
      pair.after_s[session] = factor * (1 + 0.001 * (session % 3 - 1));
    }
    pair.after_s[1] = 3;
    return pair;
  };
  EXPECT_EQ(change_of(with_straggler(9, 1)), Change::unclear);
  EXPECT_EQ(change_of(with_straggler(10, 1)), Change::none);
  EXPECT_EQ(change_of(with_straggler(10, 1.1)), Change::slower);
  EXPECT_EQ(change_of(with_straggler(10, 0.9)), Change::faster);
  EXPECT_NEAR(paired_changes(std::vector{with_straggler(10, 1.1)}).front().ratio, 1.1, 1e-3);
}

// Logarithms around 0.05 with a standard error of 0.05 / t.
PairedTimes with_t(double t) {
  const double step = 0.05 * std::sqrt(5.0) / t / std::sqrt(2.5);
  PairedTimes pair;
  for (int session = 0; session < 5; ++session) {
    pair.before_s[session] = 1;
    pair.after_s[session] = std::exp(0.05 + (session - 2) * step);
  }
  return pair;
}

// Of four degrees of freedom: t(0.995) = 4.604, t(1 - 0.02 / 40) = 8.610, t(1 - 0.02 / 39) = 8.553.
TEST(PairedChanges, AskForMoreWhereManyAreCompared) {
  EXPECT_EQ(change_of(with_t(4.59)), Change::unclear);
  EXPECT_EQ(change_of(with_t(4.62)), Change::slower);
  std::vector<PairedTimes> family(40, times_factors({1, 1.001, 0.999, 1, 1.002}));
  family[7] = with_t(8.60);
  EXPECT_EQ(paired_changes(family)[7].change, Change::unclear);
  family[7] = with_t(8.62);
  EXPECT_EQ(paired_changes(family)[7].change, Change::slower);
  // One that is certain leaves less to allow for.
  family[3] = with_t(100);
  family[7] = with_t(8.57);
  EXPECT_EQ(paired_changes(family)[7].change, Change::slower);
  family[7] = with_t(8.54);
  EXPECT_EQ(paired_changes(family)[7].change, Change::unclear);
  // Benchmarks without sessions in common take no part.
  family.assign(40, PairedTimes{});
  family[7] = with_t(4.62);
  EXPECT_EQ(paired_changes(family)[7].change, Change::slower);
}

// The noise of real machines: batches of one process differ little, processes differ more.
struct Noise {
  double within;
  double between;
};
constexpr Noise quiet = {0.003, 0.005};
constexpr Noise cloud = {0.003, 0.02};

class Simulation : public testing::Test {
 protected:
  double normal() { return normal_(random_); }
  double uniform() { return uniform_(random_); }
  double session_median(double truth, double state, double within) {
    std::vector<double> batches(15);
    for (double& batch : batches) batch = truth * std::exp(state + within * normal());
    return median(batches);
  }
  PairedTimes pair(double loss, const Noise& noise, double own = 0.005, int sessions = 5) {
    PairedTimes times;
    for (int session = 0; session < sessions; ++session) {
      const double state = noise.between * normal();
      times.before_s[session] = session_median(1e-3, state + own * normal(), noise.within);
      times.after_s[session] =
          session_median(1e-3 * (1 + loss), state + own * normal(), noise.within);
    }
    return times;
  }
  double run(double truth, const Noise& noise) {
    return session_median(truth, noise.between * normal(), noise.within);
  }
  static constexpr int trials = 20000;

 private:
  std::mt19937_64 random_{20261122};
  std::normal_distribution<double> normal_;
  std::uniform_real_distribution<double> uniform_;
};

TEST_F(Simulation, NinetyFivePercentIntervalCoversTheTruth) {
  for (const Noise& noise : {quiet, cloud}) {
    int covered = 0;
    for (int trial = 0; trial < trials; ++trial) {
      SessionValues values;
      for (int session = 0; session < 5; ++session) values[session] = run(1, noise);
      const Interval interval = estimate(values).interval.value();
      covered += interval.low <= 1 && 1 <= interval.high ? 1 : 0;
    }
    EXPECT_GE(covered, 0.93 * trials) << noise.between;
    EXPECT_LE(covered, 0.97 * trials) << noise.between;
  }
}

// A suspicion of history counts once a new run repeats it.
TEST_F(Simulation, ConfirmedHistoryHardlyEverAlarmsFalsely) {
  for (const Noise& noise : {quiet, cloud}) {
    int alarms = 0;
    int alarms_of_baseline = 0;
    for (int trial = 0; trial < trials; ++trial) {
      std::vector<double> history(10);
      for (double& value : history) value = run(1e-3, noise);
      const double baseline = run(1e-3, noise);
      const double fastest = std::min(run(1e-3, noise), run(1e-3, noise));  // of the two runs
      alarms += fastest > prediction_limit(history, least_change_s).limit ? 1 : 0;
      alarms_of_baseline += fastest > pinned_limit(baseline, history, least_change_s).limit ? 1 : 0;
    }
    EXPECT_LE(alarms, 0.005 * trials) << noise.between;
    EXPECT_LE(alarms_of_baseline, 0.005 * trials) << noise.between;
  }
}

// With one limit for each of forty benchmarks, and not a rule for all of them together.
TEST_F(Simulation, ConfirmedHistoryOfFortyIsSeldomFalseAndFindsTenPercent) {
  constexpr int families = trials / 20;
  const auto confirmed = [&](double loss) {
    std::vector<double> history(10);
    for (double& value : history) value = run(1e-3, cloud);
    const double fastest = std::min(run(1e-3 * (1 + loss), cloud), run(1e-3 * (1 + loss), cloud));
    return fastest > prediction_limit(history, least_change_s).limit;
  };
  int alarms = 0;
  int found = 0;
  for (int trial = 0; trial < families; ++trial) {
    bool any = false;
    for (int i = 0; i < 40; ++i) any = confirmed(0) || any;
    alarms += any ? 1 : 0;
    found += confirmed(0.1) ? 1 : 0;
  }
  EXPECT_LE(alarms, 0.04 * families);
  EXPECT_GE(found, 0.8 * families);
}

TEST_F(Simulation, TwoModesAreSeenAndNotImagined) {
  const auto warned = [&](double other_mode, std::size_t runs) {
    int count = 0;
    for (int trial = 0; trial < trials / 10; ++trial) {
      std::vector<double> history(runs);
      for (std::size_t i = 0; i < runs; ++i) {
        history[i] = run(i % 3 == 0 ? 1 + other_mode : 1, cloud);
      }
      count += has_two_modes(history) ? 1 : 0;
    }
    return count / (trials / 10.0);
  };
  for (const std::size_t runs : {8, 20}) {
    EXPECT_LE(warned(0, runs), 0.01) << runs;
    EXPECT_GE(warned(0.25, runs), 0.9) << runs;
  }
}

// Both builds meet the same machine state, plus something of their own: half a per cent.
TEST_F(Simulation, PairsHardlyEverAlarmFalselyAndFindFivePercent) {
  for (const Noise& noise : {quiet, cloud}) {
    int false_alarms = 0;
    int found = 0;
    for (int trial = 0; trial < trials; ++trial) {
      false_alarms += change_of(pair(0, noise)) == Change::slower ? 1 : 0;
      found += change_of(pair(0.05, noise)) == Change::slower ? 1 : 0;
    }
    EXPECT_LE(false_alarms, 0.005 * trials) << noise.between;
    EXPECT_GE(found, 0.95 * trials) << noise.between;
  }
}

// What is shared by both cancels; here each build also meets noise of its own that the least change
// does not cover, and only the rule for the family keeps it from being called slower.
TEST_F(Simulation, FamilyOfFortyIsHardlyEverCalledSlower) {
  constexpr int families = trials / 20;
  for (const double own : {0.005, 0.03, 0.15}) {
    int alarms = 0;
    for (int trial = 0; trial < families; ++trial) {
      std::vector<PairedTimes> family;
      for (int i = 0; i < 40; ++i) family.push_back(pair(0, cloud, own));
      const std::vector<PairedChange> changes = paired_changes(family);
      alarms += std::any_of(changes.begin(), changes.end(),
                            [](const auto& c) { return c.change == Change::slower; })
                    ? 1
                    : 0;
    }
    // 3 standard errors of a share of 2 % in 1000.
    EXPECT_LE(alarms, (0.02 + 0.0133) * families) << own;
  }
}

TEST_F(Simulation, FiveSessionsFindFivePercentAmongForty) {
  constexpr int families = trials / 20;
  for (const Noise& noise : {quiet, cloud}) {
    int found = 0;
    for (int trial = 0; trial < families; ++trial) {
      std::vector<PairedTimes> family = {pair(0.05, noise)};
      for (int i = 1; i < 40; ++i) family.push_back(pair(0, noise));
      found += paired_changes(family).front().change == Change::slower ? 1 : 0;
    }
    EXPECT_GE(found, 0.95 * families) << noise.between;
  }
}

// A build against itself ends with "no change" everywhere, not with a shrug.
TEST_F(Simulation, FiveSessionsClearABuildAgainstItself) {
  constexpr int families = trials / 20;
  for (const Noise& noise : {quiet, cloud}) {
    int cleared = 0;
    for (int trial = 0; trial < families; ++trial) {
      std::vector<PairedTimes> family;
      for (int i = 0; i < 40; ++i) family.push_back(pair(0, noise));
      const std::vector<PairedChange> changes = paired_changes(family);
      cleared += std::all_of(changes.begin(), changes.end(),
                             [](const auto& c) { return c.change == Change::none; })
                     ? 1
                     : 0;
    }
    EXPECT_GE(cleared, 0.9 * families) << noise.between;
  }
}

// Where one measurement in fifty is disturbed, by half on average, fifteen sessions still clear a
// build against itself and find a loss of a tenth; untrimmed they clear it in 1 of 20 comparisons.
TEST_F(Simulation, StragglersNeitherHideALossNorMakeOne) {
  constexpr int families = trials / 20;
  const auto disturb = [&](SessionValues& times_s) {
    for (auto& [session, time_s] : times_s) {
      if (uniform() < 0.02) time_s *= std::exp(std::abs(0.5 * normal()));
    }
  };
  const auto changes_of = [&](double loss) {
    std::vector<PairedTimes> family;
    for (int i = 0; i < 12; ++i) {
      family.push_back(pair(loss, cloud, 0.01, 15));
      disturb(family.back().before_s);
      disturb(family.back().after_s);
    }
    return paired_changes(family);
  };
  int cleared = 0;
  int false_alarms = 0;
  int found = 0;
  for (int trial = 0; trial < families; ++trial) {
    const auto count = [](const std::vector<PairedChange>& changes, Change change) {
      return std::count_if(changes.begin(), changes.end(),
                           [&](const auto& c) { return c.change == change; });
    };
    const std::vector<PairedChange> same = changes_of(0);
    cleared += count(same, Change::none) == 12 ? 1 : 0;
    false_alarms += count(same, Change::slower) > 0 ? 1 : 0;
    found += count(changes_of(0.1), Change::slower) > 0 ? 1 : 0;
  }
  EXPECT_GE(cleared, 0.9 * families);
  EXPECT_LE(false_alarms, (0.02 + 0.0133) * families);
  EXPECT_GE(found, 0.99 * families);
}

// Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
TEST(Statistics, BinomialIntervals) {
  struct {
    int hits, trials;
    double low, high;
  } const rows[] = {{81, 263, 0.2553, 0.3662},
                    {15, 148, 0.0624, 0.1605},
                    {0, 20, 0, 0.1611},
                    {1, 29, 0.0061, 0.1718}};
  for (const auto& row : rows) {
    const Interval interval = binomial_interval(row.hits, row.trials);
    EXPECT_NEAR(interval.low, row.low, 5e-5);
    EXPECT_NEAR(interval.high, row.high, 5e-5);
    const Interval mirrored = binomial_interval(row.trials - row.hits, row.trials);
    EXPECT_NEAR(mirrored.low, 1 - row.high, 5e-5);
  }
  EXPECT_THROW(binomial_interval(0, 0), std::invalid_argument);
}

// Sums of squared differences of ranks by hand: 10 pairs, 194 (6 x 194 / 990 = 1.1758); with ties
// 1 2.5 2.5 4 against 1 2 3 4: 4.5 / sqrt(4.5 x 5).
TEST(Statistics, RankCorrelation) {
  const std::vector<double> a = {106, 100, 86, 101, 99, 103, 97, 113, 112, 110};
  const std::vector<double> b = {7, 27, 2, 50, 28, 29, 20, 12, 6, 17};
  EXPECT_NEAR(*rank_correlation(a, b), 1 - 6.0 * 194 / 990, 1e-12);
  const std::vector<double> tied = {1, 7, 7, 9};
  const std::vector<double> straight = {1, 2, 3, 4};
  const std::vector<double> back = {4, 3, 2, 1};
  EXPECT_NEAR(*rank_correlation(tied, straight), 4.5 / std::sqrt(4.5 * 5), 1e-12);
  EXPECT_NEAR(*rank_correlation(straight, back), -1, 1e-12);
  EXPECT_EQ(rank_correlation(straight, std::vector<double>(4, 1.0)), std::nullopt);
  EXPECT_THROW(rank_correlation(a, tied), std::invalid_argument);
}

}  // namespace
}  // namespace roofproof::analysis
