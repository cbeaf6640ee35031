// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/compare/against.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "results/record/exit_code.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using testing::HasSubstr;

const Problem gemv{Op::gemv, Precision::fp16, {.n = 4096, .k = 4096, .batch = 1}};
const Problem gemm{Op::gemm, Precision::fp32, {.m = 1024, .n = 1024, .k = 1024}};

// Five sessions; the machine is slower in some of them, for both builds alike.
Record run(const Problem& problem, double factor) {
  Record record = empty_record(host_device());
  add_rows(record, problem, Implementation::hand,
           {1.000e-3 * factor, 1.201e-3 * factor, 1.099e-3 * factor, 1.000e-3 * factor,
            1.402e-3 * factor});
  return record;
}

TEST(Against, SameBuildHasNoChange) {
  const AgainstReport report = hold_against(run(gemv, 1.0), run(gemv, 1.0005));
  EXPECT_EQ(report.exit_code, ExitCode::fine) << report.text;
  EXPECT_THAT(report.text, HasSubstr("no change"));
}

TEST(Against, LossOfTenPercentIsARegressionWhateverTheSessionsDo) {
  const AgainstReport report = hold_against(run(gemv, 1.10), run(gemv, 1.0));
  EXPECT_EQ(report.exit_code, ExitCode::regression) << report.text;
  EXPECT_THAT(report.text, HasSubstr("1.100"));
}

TEST(Against, GainIsNoRegression) {
  EXPECT_EQ(hold_against(run(gemv, 0.9), run(gemv, 1.0)).exit_code, ExitCode::fine);
}

TEST(Against, OneSlowerBenchmarkDecidesOverOthersThatAreUnclear) {
  Record mine = run(gemv, 1.10);
  Record other = run(gemv, 1.0);
  add_rows(mine, gemm, Implementation::hand, {1e-3, 3e-3, 1e-3, 2e-3, 1e-3});
  add_rows(other, gemm, Implementation::hand, {3e-3, 1e-3, 2e-3, 1e-3, 1e-3});
  EXPECT_EQ(hold_against(mine, other).exit_code, ExitCode::regression);
}

TEST(Against, NoiseIsUnclearAndNoPass) {
  Record mine = empty_record(host_device());
  Record other = empty_record(host_device());
  add_rows(mine, gemm, Implementation::hand, {1e-3, 3e-3, 1e-3, 2e-3, 1e-3});
  add_rows(other, gemm, Implementation::hand, {3e-3, 1e-3, 2e-3, 1e-3, 1e-3});
  EXPECT_EQ(hold_against(mine, other).exit_code, ExitCode::inconclusive);
}

TEST(Against, SaysHowManySessionsWouldTell) {
  const auto sessions_of = [](const std::vector<double>& factors) {
    Record mine = empty_record(host_device());
    Record other = empty_record(host_device());
    std::vector<double> times_s;
    for (const double factor : factors) times_s.push_back(1e-3 * factor);
    add_rows(mine, gemm, Implementation::hand, times_s);
    add_rows(other, gemm, Implementation::hand, std::vector<double>(factors.size(), 1e-3));
    return hold_against(mine, other).text;
  };
  EXPECT_THAT(sessions_of({0.96, 1, 1.04}), HasSubstr("(--sessions 10)"));
  EXPECT_THAT(sessions_of({1, 1}), HasSubstr("(--sessions 10)"));
  // Of ten logarithms the middle six, -0.05 and 0.05: half width 2.5706 x sqrt(0.025 / 30) =
  // 0.0742, 10 x (0.0742 / 0.025)^2 = 88.1.
  const double low = std::exp(-0.05);
  const double high = std::exp(0.05);
  EXPECT_THAT(sessions_of({0.5, 0.6, low, low, low, high, high, high, 1.6, 2}),
              HasSubstr("(--sessions 89)"));
  EXPECT_THAT(sessions_of({1, 1, 1}), testing::Not(HasSubstr("unclear:")));
  EXPECT_THAT(sessions_of({0.5, 0.5, 0.5, 0.5, 0.5, 2, 2, 2, 2, 2}), HasSubstr("too noisy"));
}

TEST(Against, WhatOnlyOneBuildHasIsNamedAndUnclear) {
  const AgainstReport report = hold_against(run(gemv, 1.0), run(gemm, 1.0));
  EXPECT_EQ(report.exit_code, ExitCode::inconclusive);
  EXPECT_THAT(report.text, testing::AllOf(HasSubstr("new"), HasSubstr("missing")));
}

// Of five sessions none is trimmed: one at nine times the time makes any interval too wide.
TEST(Against, ADisturbedSessionIsLeftOut) {
  Record before = run(gemv, 1);
  Record mine = run(gemv, 1);
  for (Record* record : {&before, &mine}) {
    add_rows(*record, gemm, Implementation::hand, std::vector<double>(5, 1e-3));
  }
  mine.rows[3].time_s = 9e-3;
  ASSERT_EQ(hold_against(mine, before).exit_code, ExitCode::inconclusive);
  disturb(mine.rows[3], 0.1);
  for (const AgainstReport& report : {hold_against(mine, before), hold_against(before, mine)}) {
    EXPECT_EQ(report.exit_code, ExitCode::fine) << report.text;
    EXPECT_THAT(report.text, HasSubstr("no change, disturbed sessions skipped"));
  }
}

TEST(Against, ADisturbedRunDecidesNothing) {
  const Record before = run(gemv, 1);
  for (const double factor : {1.0, 2.0}) {
    Record mine = run(gemv, factor);
    disturb(mine.rows[0], 0.5);
    for (const AgainstReport& report : {hold_against(mine, before), hold_against(before, mine)}) {
      EXPECT_EQ(report.exit_code, ExitCode::inconclusive) << report.text;
      EXPECT_THAT(report.text, HasSubstr("1 of 5 rows of this run were disturbed: no verdict"));
    }
  }
}

}  // namespace
}  // namespace roofproof::analysis
