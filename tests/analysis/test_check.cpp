// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/check/check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "analysis/check/baseline.h"
#include "analysis/input_error.h"
#include "results/record/exit_code.h"
#include "tests/analysis/device_fixture.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using enum Implementation;

// --- history: a folder of runs

class Check : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) / (std::string("check ") + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // A run of day n that copies in this time; a GEMM without a floor of the T4 stands beside it.
  Record run(int day, double time_s, DeviceRecord device = host_device()) const {
    Record record = empty_record(device);
    record.run_id = fmt::format("run{}", day);
    record.date = fmt::format("2026-11-{:02}T00:00:00Z", day);
    add_rows(record, copy_problem(), hand, five(time_s));
    add_rows(record, square_gemm(Precision::int8, 4096), hand, five(2e-3));
    return record;
  }
  std::string write(const Record& record, const std::string& name = "") const {
    const std::filesystem::path path = folder_ / (name.empty() ? record.run_id + ".json" : name);
    write_record(record, path);
    return path.string();
  }
  // Days 1 to `days`, around 1 ms with a spread of half a per cent.
  void write_past(int days, const DeviceRecord& device = host_device(),
                  double time_s = 1e-3) const {
    for (int day = 1; day <= days; ++day) {
      write(run(day, time_s * (1 + 0.005 * (day % 3 - 1)), device));
    }
  }
  CheckReport check(const std::vector<std::string>& files, bool strict = false) const {
    return check_files({files, folder_.string(), strict}, specs());
  }
  static const HistoryRow& row(const CheckReport& report, const Problem& problem = copy_problem()) {
    for (const HistoryRow& row : report.history->rows) {
      if (row.name == benchmark_name(problem, hand)) return row;
    }
    throw std::runtime_error("no such row");
  }

  std::filesystem::path folder_;
};

TEST_F(Check, NothingChangedIsFine) {
  write_past(10);
  const CheckReport report = check({write(run(20, 1.005e-3))});
  EXPECT_EQ(report.exit_code(), ExitCode::fine) << check_text(report);
  EXPECT_EQ(report.history->past_runs, 10u);
  EXPECT_EQ(row(report).judgement, Judgement::fine);
  EXPECT_EQ(report.history->since, "2026-11-01T00:00:00Z");
}

TEST_F(Check, ASlowdownIsASuspicionUntilASecondRunRepeatsIt) {
  write_past(10);
  const std::string slow = write(run(20, 1.05e-3));
  const CheckReport once = check({slow});
  EXPECT_EQ(once.exit_code(), ExitCode::inconclusive);
  EXPECT_THAT(row(once).why, HasSubstr("confirm with a second run"));

  const CheckReport twice = check({slow, write(run(21, 1.05e-3))});
  EXPECT_EQ(twice.exit_code(), ExitCode::regression);
  EXPECT_THAT(row(twice).why, HasSubstr("slower in both runs"));
  EXPECT_EQ(row(twice).past_runs, 10u);

  const CheckReport refuted = check({slow, write(run(22, 1e-3))});
  EXPECT_EQ(refuted.exit_code(), ExitCode::fine);
  EXPECT_THAT(row(refuted).why, HasSubstr("not confirmed"));
}

// Two benchmarks under one yardstick each; with a baseline under two.
TEST_F(Check, SaysHowManySuspicionsAreChance) {
  write_past(10);
  const std::string fresh = write(run(20, 1e-3));
  const CheckReport once = check({fresh});
  EXPECT_NEAR(*once.history->suspicions_by_chance(), 0.02, 1e-12);
  EXPECT_THAT(check_text(once),
              HasSubstr("! with 2 comparisons expect up to 0.02 false alarms; a second run "
                        "confirms a real one"));
  EXPECT_NEAR(nlohmann::json::parse(check_json(once))["history"]["suspicions_by_chance"], 0.02,
              1e-12);
  accept_baseline(folder_ / "run10.json", specs());
  EXPECT_NEAR(*check({fresh}).history->suspicions_by_chance(), 0.04, 1e-12);
  // What two runs say alike is none.
  const CheckReport twice = check({fresh, write(run(21, 1e-3))});
  EXPECT_EQ(twice.history->suspicions_by_chance(), std::nullopt);
  EXPECT_THAT(check_text(twice), Not(HasSubstr("by chance")));
}

// The limit, computed here: eight logarithms, t(0.99, 7) = 2.998.
TEST_F(Check, TheLimitIsThePredictionLimitOfThePast) {
  const double logs[] = {-0.03, 0.03, -0.03, 0.03, -0.03, 0.03, -0.03, 0.03};
  for (int day = 1; day <= 8; ++day) write(run(day, 1e-3 * std::exp(logs[day - 1])));
  const HistoryTest test = row(check({write(run(20, 1e-3))})).tests.front();
  const double deviation = 0.03 * std::sqrt(8.0 / 7) * std::sqrt(1 + 1.0 / 8);
  EXPECT_NEAR(std::log(test.limit.limit / test.limit.centre), 2.998 * deviation, 1e-4);
}

TEST_F(Check, LessThanTwoPercentOrHalfAMicrosecondIsNothing) {
  write_past(10);
  EXPECT_EQ(check({write(run(20, 1.018e-3))}).exit_code(), ExitCode::fine);
  for (int day = 1; day <= 10; ++day) write(run(day, 4e-6));
  EXPECT_EQ(check({write(run(20, 4.4e-6))}).exit_code(), ExitCode::fine);
  EXPECT_EQ(check({write(run(20, 4.6e-6))}).exit_code(), ExitCode::inconclusive);
}

TEST_F(Check, SevenRunsAreTooFewAndNeverAPass) {
  write_past(7);
  const CheckReport report = check({write(run(20, 1e-3))});
  EXPECT_EQ(report.exit_code(), ExitCode::inconclusive);
  // Said once, of all benchmarks.
  EXPECT_EQ(row(report).why, "");
  EXPECT_EQ(report.history->shortage(),
            "insufficient history: 7 comparable runs, at least 8 are needed");
  const std::string text = check_text(report);
  EXPECT_EQ(text.find("insufficient history"), text.rfind("insufficient history")) << text;
  EXPECT_THAT(text, HasSubstr("! insufficient history: 7 comparable runs"));
}

TEST_F(Check, LooksBackOnTwentyRuns) {
  for (int day = 1; day <= 5; ++day) write(run(day, 3e-3));
  for (int day = 6; day <= 25; ++day) write(run(day, 1e-3));
  const CheckReport report = check({write(run(28, 1e-3))});
  EXPECT_EQ(report.history->past_runs, 20u);
  EXPECT_NEAR(row(report).tests.front().limit.centre, 1e-3, 1e-6);
}

TEST_F(Check, OnlyEarlierWholeAndRealRunsAreHistory) {
  write_past(10);
  write(run(25, 5e-3));
  Record other = run(11, 5e-3);
  other.complete = false;
  write(other);
  other = run(12, 5e-3);
  other.synthetic = true;
  write(other);
  other = run(13, 5e-3);
  for (Row& row : other.rows) disturb(row, 0.31);
  write(other);
  std::ofstream(folder_ / "broken.json") << "{";
  std::ofstream(folder_ / "gbench.json") << R"({"context": {}, "benchmarks": []})";
  const CheckReport report = check({write(run(20, 1e-3))});
  EXPECT_EQ(report.history->past_runs, 10u);
  EXPECT_THAT(report.history->notices,
              ElementsAre(HasSubstr("skipped: " + (folder_ / "broken.json").string() + ": byte 2"),
                          HasSubstr("gbench.json: looks like a result of Google Benchmark"),
                          "skipped 1 run: did not end", "skipped 1 run: disturbed",
                          "skipped 1 run: made up", HasSubstr("skipped 1 run: dated later")));
}

// A clock that was wrong, of one side or the other: nothing is dropped in silence.
TEST_F(Check, RunsDatedLaterAreNamedWithTheirDates) {
  for (int day = 1; day <= 9; ++day) {
    Record record = run(day, 1e-3);
    record.date = fmt::format("2099-01-{:02}T10:00:00Z", day);
    write(record);
  }
  const std::string fresh = write(run(20, 1e-3));
  const CheckReport report = check({fresh});
  EXPECT_EQ(report.history->past_runs, 0u);
  EXPECT_EQ(report.exit_code(), ExitCode::inconclusive);
  EXPECT_THAT(report.history->notices,
              ElementsAre("skipped 9 runs: dated later than " + fresh +
                          " (2026-11-20T00:00:00Z), 2099-01-01T10:00:00Z to 2099-01-09T10:00:00Z; "
                          "if a clock was wrong, correct context.date in the files dated by "
                          "it"));
  for (int day = 1; day <= 9; ++day) {
    std::filesystem::remove(folder_ / fmt::format("run{}.json", day));
  }
  write_past(10);
  Record of_1970 = run(21, 1e-3);
  of_1970.date = "1970-01-01T00:00:12Z";
  EXPECT_THAT(check({write(of_1970)}).history->notices,
              ElementsAre(AllOf(HasSubstr("skipped 11 runs: dated later than "),
                                HasSubstr("(1970-01-01T00:00:12Z), 2026-11-01T00:00:00Z to "))));
}

// Two boards of one kind, measured side by side.
TEST_F(Check, ARunOfTheSameSecondIsHistory) {
  write_past(10);
  Record twin = run(20, 1e-3);
  twin.run_id = "twin";
  write(twin);
  EXPECT_EQ(check({write(run(20, 1e-3))}).history->past_runs, 11u);
}

// Each reason once, however many runs and benchmarks it is the reason for.
TEST_F(Check, AnotherProtocolOrBoardIsNotComparable) {
  write_past(4);
  for (int day = 5; day <= 10; ++day) {
    Record other = run(day, 1e-3);
    if (day == 5) other.protocol.profile = "quick";
    if (day == 6) other.protocol.sessions = 7;
    if (day == 7) other.device.name = "Another CPU";
    if (day == 8) other.device.processors = 8;
    if (day >= 9) other.protocol.filter = "^copy";
    write(other);
  }
  const CheckReport report = check({write(run(20, 1e-3))});
  EXPECT_EQ(report.history->past_runs, 4u);
  EXPECT_THAT(report.history->notices,
              ElementsAre("skipped 2 runs: another device",
                          "skipped 1 run: another profile: standard, before quick",
                          "skipped 2 runs: another protocol: filter: none, before ^copy",
                          "skipped 1 run: another protocol: sessions: 3, before 7"));
}

// Every field of a protocol makes another one, and is named; a profile stands for all the others.
TEST_F(Check, EveryFieldOfAProtocolIsNamed) {
  const Record now = run(20, 1e-3);
  const std::pair<const char*, nlohmann::json> changes[] = {{"sessions", 9},
                                                            {"batches", 9},
                                                            {"batch_time_s", 9},
                                                            {"warmup_s", 9},
                                                            {"fill", "zeros"},
                                                            {"filter", "x"},
                                                            {"gemm_batches", 9},
                                                            {"gemm_batch_time_s", 9},
                                                            {"gemm_least_launches", 9},
                                                            {"case_warmup_s", 9},
                                                            {"gemm_case_warmup_s", 9},
                                                            {"idle_s", 9},
                                                            {"cool_down_s", 9}};
  for (const auto& [key, value] : changes) {
    nlohmann::json other = nlohmann::json::parse(to_json_text(run(5, 1e-3)));
    other["context"]["roofproof"]["protocol"][key] = value;
    std::ofstream(folder_ / "other.json") << other;
    EXPECT_THAT(check({write(now)}).history->notices,
                ElementsAre(HasSubstr(std::string("skipped 1 run: another protocol: ") + key)));
  }
}

TEST_F(Check, AChangedPowerLimitOrEccIsNamed) {
  write_past(10, t4_device());
  DeviceRecord device = t4_device();
  device.power_limit_w = 60;
  device.ecc = false;
  const CheckReport report = check({write(run(20, 2e-3, device))});
  EXPECT_EQ(report.history->past_runs, 0u);
  EXPECT_THAT(report.history->notices,
              ElementsAre("skipped 10 runs: device settings differ: power limit: 60 W, "
                          "before 70 W; ECC: off, before on"));
  // A driver that keeps some MB more is no other board.
  device = t4_device();
  *device.memory_bytes -= 20 << 20;
  EXPECT_EQ(check({write(run(21, 1e-3, device))}).history->past_runs, 10u);
}

TEST_F(Check, ABaselineOfAnotherProtocolIsNamed) {
  write_past(10);
  Record quick = run(11, 1e-3);
  quick.protocol.profile = "quick";
  const std::string accepted = write(quick);
  accept_baseline(accepted, specs());
  const CheckReport report = check({write(run(20, 1e-3))});
  EXPECT_EQ(report.history->baseline, "");
  EXPECT_THAT(report.history->notices,
              testing::Contains("skipped baseline " + accepted +
                                ": another profile: standard, before quick"));
}

TEST_F(Check, AChangedDriverIsNamed) {
  for (int day = 1; day <= 10; ++day) {
    Record record = run(day, 1e-3);
    record.device.driver_version = "535.1";
    write(record);
  }
  Record record = run(20, 1.1e-3);
  record.device.driver_version = "550.2";
  record.software.cublas = "12.4";
  const CheckReport report = check({write(record)});
  EXPECT_THAT(report.history->factors,
              ElementsAre("driver: 550.2, before 535.1", "cuBLAS: 12.4, before unknown"));
  EXPECT_THAT(check_text(report),
              HasSubstr("environment changed since the last run: driver: 550.2, before 535.1"));
}

// Slower by the watch only, because the clock is lower: time alarms, theory does not.
TEST_F(Check, ALowerClockIsToldFromASlowerKernel) {
  const auto at_clock = [&](int day, double time_s, double clock_hz) {
    Record record = empty_record(t4_device());
    record.run_id = fmt::format("run{}", day);
    record.date = fmt::format("2026-11-{:02}T00:00:00Z", day);
    add_rows(record, square_gemm(Precision::fp16, 4096), hand, five(time_s));
    for (Row& row : record.rows) row.sm_clock_hz = clock_hz;
    return record;
  };
  const auto judgements = [&](const Record& record) {
    std::vector<Judgement> found;
    const CheckReport report = check({write(record)});
    for (const HistoryTest& test : row(report, square_gemm(Precision::fp16, 4096)).tests) {
      found.push_back(test.judgement);
    }
    return found;
  };
  for (int day = 1; day <= 10; ++day) write(at_clock(day, 3.5e-3, 1.2e9));
  EXPECT_THAT(judgements(at_clock(20, 4.2e-3, 1.0e9)),
              ElementsAre(Judgement::inconclusive, Judgement::fine));
  EXPECT_THAT(judgements(at_clock(20, 4.2e-3, 1.2e9)),
              ElementsAre(Judgement::inconclusive, Judgement::inconclusive));
  // A slower kernel that a faster clock hides from the watch.
  EXPECT_THAT(judgements(at_clock(20, 3.5e-3, 1.4e9)),
              ElementsAre(Judgement::fine, Judgement::inconclusive));
}

TEST_F(Check, AGainIsReportedAndAcceptedByNobody) {
  write_past(10);
  const std::string fast = write(run(20, 0.9e-3));
  const CheckReport report = check({fast});
  EXPECT_EQ(report.exit_code(), ExitCode::fine);
  EXPECT_EQ(row(report).judgement, Judgement::better);
  EXPECT_THAT(report.verdict(), HasSubstr("roofproof baseline accept '" + fast + "')"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "baseline"));
}

TEST_F(Check, WhatIsMissingOrNewIsListed) {
  write_past(10);
  Record record = run(20, 1e-3);
  std::erase_if(record.rows, [](const Row& row) { return row.problem.op == Op::gemm; });
  record.not_measured.push_back({benchmark_name(square_gemm(Precision::int8, 4096), hand),
                                 0,
                                 NotMeasured::Status::crashed,
                                 "signal 11",
                                 {}});
  const std::string file = write(record);
  const CheckReport report = check({file});
  ASSERT_EQ(report.history->missing.size(), 1u);
  EXPECT_THAT(report.history->missing[0].why, HasSubstr("m:4096/n:4096/k:4096: signal 11"));
  EXPECT_THAT(report.notices, ElementsAre(HasSubstr("1 crashed: signal 11")));
  EXPECT_EQ(report.exit_code(), ExitCode::inconclusive);
  EXPECT_THAT(report.verdict(), HasSubstr("no check of arithmetic passed"));
  EXPECT_EQ(check({file}, true).exit_code(), ExitCode::regression);

  record = run(21, 1e-3);
  add_rows(record, read_problem(), hand, five(1e-3));
  const CheckReport with_new = check({write(record)});
  EXPECT_THAT(row(with_new, read_problem()).why, HasSubstr("new: no history"));
  EXPECT_EQ(with_new.exit_code(), ExitCode::inconclusive);
}

TEST_F(Check, StrictFailsWhatIsInconclusive) {
  write_past(10);
  const std::string slow = write(run(20, 1.05e-3));
  EXPECT_EQ(check({slow}, true).exit_code(), ExitCode::regression);
  EXPECT_THAT(check({slow}, true).verdict(), HasSubstr("--strict"));
  EXPECT_EQ(check({write(run(21, 1e-3))}, true).exit_code(), ExitCode::fine);
}

TEST_F(Check, TwoSessionsDecideNothing) {
  write_past(10);
  Record record = run(20, 1.2e-3);
  std::erase_if(record.rows, [](const Row& row) { return row.session > 1; });
  const CheckReport report = check({write(record)});
  EXPECT_EQ(row(report).judgement, Judgement::inconclusive);
  EXPECT_THAT(row(report).why, HasSubstr("fewer than 3 sessions"));
}

TEST_F(Check, AnIncompleteOrMadeUpRunNeverPasses) {
  write_past(10);
  Record record = run(20, 1e-3);
  record.complete = false;
  CheckReport report = check({write(record)});
  EXPECT_EQ(report.exit_code(), ExitCode::inconclusive);
  EXPECT_THAT(report.notices, ElementsAre(HasSubstr("INCOMPLETE")));
  record = run(21, 5e-3);
  record.synthetic = true;
  report = check({write(record)});
  EXPECT_EQ(report.exit_code(), ExitCode::inconclusive);
  EXPECT_FALSE(report.history.has_value());
  EXPECT_THAT(report.notices, ElementsAre(HasSubstr("SYNTHETIC")));
}

TEST_F(Check, RowsThatDoNotCountAreSaid) {
  write_past(10);
  Record record = run(20, 1e-3);
  add_rows(record, read_problem(), hand, {1e-3}).validity = Validity::suspect;
  record.rows.back().reasons = {"more than the bus can carry: 3868 of 1008 GB/s"};
  add_rows(record, read_problem(2 << 20), hand, {1e-3}).condition = "cache:hot";
  record.rows.back().name += "/cache:hot";
  const CheckReport report = check({write(record)});
  EXPECT_THAT(
      report.notices,
      ElementsAre("skipped as suspect: more than the bus can carry (1 of 12 rows)",
                  HasSubstr("skipped 1 non-headline row (cold or hot cache, forced kernel)")));
  EXPECT_EQ(report.history->rows.size(), 2u);
  EXPECT_EQ(report.exit_code(), ExitCode::inconclusive);
}

TEST_F(Check, WhatWasDisturbedIsNeitherFineNorSlower) {
  write_past(10);
  for (const double time_s : {1e-3, 3e-3}) {
    Record fresh = run(20, time_s);
    disturb(fresh.rows[0], 0.31);
    const CheckReport report = check({write(fresh)});
    EXPECT_EQ(row(report).judgement, Judgement::inconclusive);
    EXPECT_THAT(row(report).why, HasSubstr("copy/fp32/hand"));
    EXPECT_THAT(row(report).why, HasSubstr("was disturbed: other processes ran"));
    EXPECT_EQ(row(report, square_gemm(Precision::int8, 4096)).judgement, Judgement::fine);
    EXPECT_EQ(report.exit_code(), ExitCode::inconclusive);
    EXPECT_THAT(report.notices, ElementsAre(HasSubstr("1 of 10 rows were disturbed"),
                                            "other processes ran (1 of 10 rows)"));
  }
}

TEST_F(Check, DisturbedRunsAreNoHistoryAndNoBaseline) {
  write_past(10);
  Record slow = run(11, 3e-3);
  disturb(slow.rows[0], 0.31);
  const std::string file = write(slow);
  const CheckReport report = check({write(run(20, 1.05e-3))});
  EXPECT_EQ(row(report).past_runs, 10u);
  EXPECT_THAT(row(report).why, HasSubstr("slower in one run"));
  for (Row& row : slow.rows) disturb(row, 0.31);
  EXPECT_THROW(accept_baseline(write(slow), specs()), InputError);
}

TEST_F(Check, TwoModesAreWarnedOf) {
  for (int day = 1; day <= 10; ++day) {
    write(run(day, (day % 3 == 0 ? 1.12e-3 : 1e-3) * (1 + 0.002 * (day % 2))));
  }
  const CheckReport report = check({write(run(20, 1e-3))});
  EXPECT_TRUE(row(report).two_modes);
  EXPECT_FALSE(row(report, square_gemm(Precision::int8, 4096)).two_modes);
  EXPECT_THAT(check_text(report), HasSubstr("bimodal history"));
}

TEST_F(Check, FilesThatDoNotGoTogetherAreRefused) {
  write_past(10);
  const std::string file = write(run(20, 1e-3));
  EXPECT_THROW(check({file, file}), InputError);
  Record other = run(21, 1e-3);
  other.protocol.profile = "quick";
  EXPECT_THROW(check({file, write(other)}), InputError);
  EXPECT_THROW(check_files({{file, write(run(22, 1e-3))}, std::nullopt, false}, specs()),
               InputError);
  EXPECT_THROW(check_files({{file}, (folder_ / "gone").string(), false}, specs()), InputError);
}

// --- the baseline
// ---------------------------------------------------------------------------------

// 1 % slower every third run: the limit of the past moves along, that of the baseline stays.
TEST_F(Check, ManySmallLossesAddUpAgainstTheBaseline) {
  for (int day = 1; day <= 20; ++day) write(run(day, 1e-3 * std::pow(1.01, day / 3)));
  accept_baseline(folder_ / "run1.json", specs());
  const auto judgements = [&](double time_s) {
    const CheckReport report = check({write(run(21, time_s)), write(run(22, time_s))});
    EXPECT_THAT(report.history->baseline, HasSubstr("run1.json"));
    EXPECT_EQ(row(report).tests.back().yardstick, Yardstick::baseline);
    std::vector<Judgement> found = {row(report).judgement};
    for (const HistoryTest& test : row(report).tests) found.push_back(test.judgement);
    return found;
  };
  EXPECT_THAT(judgements(1.065e-3), ElementsAre(Judgement::fine, Judgement::fine, Judgement::fine));
  EXPECT_THAT(judgements(1.085e-3),
              ElementsAre(Judgement::worse, Judgement::fine, Judgement::worse));
}

TEST_F(Check, ABaselineIsOnePerGpuClassAndProtocol) {
  const std::string first = write(run(1, 1e-3));
  const std::string second = write(run(2, 1e-3));
  Record quick = run(3, 1e-3);
  quick.protocol.profile = "quick";
  const std::string third = write(quick);
  EXPECT_EQ(accept_baseline(first, specs()).before, "");
  EXPECT_EQ(accept_baseline(third, specs()).before, "");
  EXPECT_EQ(accept_baseline(second, specs()).before, "run1.json");
  EXPECT_THAT(accepted_runs_below(folder_),
              ElementsAre(folder_ / "run3.json", folder_ / "run2.json"));
  // Found from above, too.
  EXPECT_EQ(accepted_runs_below(folder_.parent_path() / folder_.filename() / "."),
            (std::vector{folder_ / "." / "run3.json", folder_ / "." / "run2.json"}));
  std::filesystem::remove(third);
  accept_baseline(first, specs());
  EXPECT_THAT(accepted_runs_below(folder_), ElementsAre(folder_ / "run1.json"));
}

TEST_F(Check, WhatIsUnfitBecomesNoBaseline) {
  Record record = run(1, 1e-3);
  record.synthetic = true;
  EXPECT_THROW(accept_baseline(write(record), specs()), InputError);
  record = run(1, 1e-3);
  record.complete = false;
  EXPECT_THROW(accept_baseline(write(record), specs()), InputError);
  record = run(1, 1e-3);
  std::erase_if(record.rows, [](const Row& row) { return row.session > 1; });
  EXPECT_THROW(accept_baseline(write(record), specs()), InputError);
  EXPECT_THROW(accept_baseline(folder_ / "gone.json", specs()), RecordError);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "baseline"));
}

TEST_F(Check, ABaselineThatCannotBeReadIsAnError) {
  write_past(10);
  accept_baseline(folder_ / "run1.json", specs());
  std::filesystem::remove(folder_ / "run1.json");
  EXPECT_THROW(check({write(run(20, 1e-3))}), RecordError);
}

// --- both together, and what is printed
// -----------------------------------------------------------

TEST_F(Check, FloorsAndHistoryDecideTogether) {
  // 2 GiB are moved in a copy of 1 GiB: 9 ms are 239 GB/s, 11 ms are 195 GB/s.
  write_past(10, t4_device(), 9e-3);
  EXPECT_EQ(check({write(run(20, 9e-3, t4_device()))}).exit_code(), ExitCode::fine);
  write_past(10, t4_device(), 11e-3);
  const CheckReport report = check({write(run(20, 11e-3, t4_device()))});
  EXPECT_EQ(row(report).judgement, Judgement::fine);
  EXPECT_EQ(report.exit_code(), ExitCode::regression);
}

TEST_F(Check, WithoutHistoryTheFloorsAlone) {
  const auto check = [&](double copy_s, double gemm_s, const DeviceRecord& device = t4_device()) {
    Record record = run(20, copy_s, device);
    add_rows(record, square_gemm(Precision::fp16, 4096), hand, five(gemm_s));
    return check_files({{write(record)}, std::nullopt, false}, specs()).exit_code();
  };
  // 137 GFLOP in 3.5 ms are 39 TFLOP/s, in 4 ms 34.
  EXPECT_EQ(check(9e-3, 3.5e-3), ExitCode::fine);
  EXPECT_EQ(check(11e-3, 3.5e-3), ExitCode::regression);
  EXPECT_EQ(check(9e-3, 4e-3), ExitCode::regression);
  EXPECT_EQ(check(9e-3, 3.5e-3, host_device()), ExitCode::inconclusive);
}

// A copy that holds says nothing of the arithmetic: this run's GEMM has no floor.
TEST_F(Check, MemoryAloneIsNoPass) {
  const CheckReport report =
      check_files({{write(run(20, 9e-3, t4_device()))}, std::nullopt, false}, specs());
  EXPECT_EQ(report.exit_code(), ExitCode::inconclusive);
  EXPECT_THAT(report.verdict(), HasSubstr("inconclusive: no check of arithmetic passed"));
  EXPECT_THAT(check_text(report), HasSubstr("missing: no gemm/fp16/... in this run"));
  // Its past does.
  write_past(10, t4_device(), 9e-3);
  EXPECT_EQ(check({write(run(20, 9e-3, t4_device()))}).exit_code(), ExitCode::fine);
  // Not every floor of the board.
  EXPECT_EQ(check({write(run(20, 9e-3, t4_device()))}, true).exit_code(), ExitCode::regression);
}

// Floors that hold say nothing of what has none.
TEST_F(Check, ARunInWhichAnythingWasDisturbedOrFailedNeverPasses) {
  Record fresh = run(20, 9e-3, t4_device());
  add_rows(fresh, square_gemm(Precision::fp16, 4096), hand, five(3.5e-3));
  for (int batch = 1; batch <= 10; ++batch) {
    add_rows(fresh, decode(Precision::int4, batch, "tiny"), hand, {1e-3});
  }
  const auto check = [&](const Record& record) {
    return check_files({{write(record)}, std::nullopt, false}, specs());
  };
  ASSERT_EQ(check(fresh).exit_code(), ExitCode::fine);
  Record failed = fresh;
  failed.not_measured.push_back(
      {"decode/fp16/hand/model:tiny", 0, NotMeasured::Status::wrong_result, "NaN", {}});
  EXPECT_EQ(check(failed).exit_code(), ExitCode::inconclusive);
  EXPECT_THAT(check(failed).verdict(), HasSubstr("inconclusive: a case failed; 2 fine"));
  failed.not_measured.front().status = NotMeasured::Status::unsupported;
  EXPECT_EQ(check(failed).exit_code(), ExitCode::fine);
  Record suspect = fresh;
  suspect.rows.back().validity = Validity::suspect;
  EXPECT_EQ(check(suspect).exit_code(), ExitCode::inconclusive);
  disturb(fresh.rows.back(), 0.31);
  EXPECT_EQ(check(fresh).exit_code(), ExitCode::inconclusive);
  EXPECT_THAT(check(fresh).verdict(), HasSubstr("the run was disturbed"));
  for (Row& row : fresh.rows) disturb(row, 0.31);
  EXPECT_EQ(check(fresh).exit_code(), ExitCode::inconclusive);
}

TEST_F(Check, TextSaysWhatIsHeldAgainstWhat) {
  write_past(10, t4_device(), 9e-3);
  const std::string text = check_text(check({write(run(20, 9.9e-3, t4_device()))}));
  EXPECT_THAT(
      text, AllOf(HasSubstr("Tesla T4 · standard, 3 sessions"), HasSubstr("67.5 %"),
                  HasSubstr("240 GB/s, verified (1)"), HasSubstr("\n1. chsasank/device-benchmarks"),
                  HasSubstr("no floor\n"), HasSubstr("10 comparable runs since 2026-11-01"),
                  HasSubstr("+10.0 % (up to +2.0 %)"),
                  HasSubstr("inconclusive: slower in one run: confirm with a second run"),
                  HasSubstr("no baseline; to set one: roofproof baseline accept")));
}

TEST_F(Check, MarkdownAndJsonSayTheSame) {
  write_past(10, t4_device(), 9e-3);
  const CheckReport report = check({write(run(20, 9.9e-3, t4_device()))});
  const std::string markdown = check_markdown(report);
  EXPECT_THAT(markdown, AllOf(HasSubstr("| floor | measured |"), HasSubstr("|---|---:|"),
                              HasSubstr("copy/fp32/hand/bytes:1073741824 |")));
  const nlohmann::json json = nlohmann::json::parse(check_json(report));
  EXPECT_EQ(json["verdict"], "inconclusive");
  EXPECT_EQ(json["exit_code"], 3);
  const nlohmann::json& floor = json["floors"]["rows"][0];
  EXPECT_EQ(floor["kind"], "copy/fp32");
  EXPECT_NEAR(floor["floor"].get<double>(), 0.675, 1e-12);
  EXPECT_DOUBLE_EQ(floor["achieved"]["value"].get<double>(), 240e9);
  EXPECT_EQ(floor["achieved"]["status"], "read");
  EXPECT_TRUE(json["floors"]["rows"][1]["floor"].is_null());
  const nlohmann::json& row = json["history"]["rows"][0];
  EXPECT_EQ(row["name"], "copy/fp32/hand/bytes:1073741824");
  EXPECT_NEAR(row["tests"][0]["values"][0].get<double>(), 9.9e-3, 1e-5);
  EXPECT_EQ(row["judgement"], "inconclusive");
  EXPECT_TRUE(json["history"]["baseline"].is_null());
}

}  // namespace
}  // namespace roofproof::analysis
