// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A run against the earlier ones of the same GPU class and protocol.
//
// A figure that exceeds the 99 % prediction limit of its past is a suspicion; one that does so in
// two runs is a regression. One run of 40 benchmarks exceeds some limit by chance in one of three
// cases, two runs exceed the same one in 2 of 100. A rule for the whole family, as that of
// paired_changes(), would suspect less and see little: of a loss of 10 % where runs differ by 2 %,
// 49 of 100 in place of 94 (simulated).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/check/judgement.h"
#include "analysis/check/run_history.h"
#include "analysis/results_view.h"
#include "analysis/statistics.h"

namespace roofproof::analysis {

// What a benchmark is held to, each where more is worse.
enum class Yardstick {
  time,      // against its past
  theory,    // measured time over theoretical time, against its past: leaves the clock out
  baseline,  // time, against the accepted run: many small losses add up there
};
std::string_view name(Yardstick yardstick);

struct HistoryTest {
  Yardstick yardstick = Yardstick::time;
  std::vector<double> values;  // of the run, and of the one that confirms it
  PredictionLimit limit;
  Judgement judgement = Judgement::none;
};

struct HistoryRow {
  std::string name;
  std::vector<double> times_s;  // of the run, and of the one that confirms it
  std::size_t past_runs = 0;    // that have it
  std::vector<HistoryTest> tests;
  Judgement judgement = Judgement::inconclusive;  // the worst of the tests
  std::string why;         // empty, too, where HistoryCheck::shortage() says it of all
  bool two_modes = false;  // its past falls into two groups
};

struct MissingRow {
  std::string name;
  std::string why;
};

struct HistoryCheck {
  std::size_t past_runs = 0;
  std::string since;     // date of the oldest
  std::string baseline;  // file; empty where none was accepted
  std::vector<std::string> factors;
  std::vector<std::string> notices;
  std::vector<HistoryRow> rows;
  std::vector<MissingRow> missing;  // the last run or the baseline has them

  // Why no benchmark at all could be judged; "" where any could.
  std::string shortage() const;

  // So many suspicions one run raises by chance, at most; nothing where a second one confirms.
  std::optional<double> suspicions_by_chance() const;
};

// `fresh`: the run, of which `view` is, and where there is one, a second that confirms it. Throws
// InputError where they are not comparable or are one run twice.
HistoryCheck hold_to_history(const std::vector<PastRun>& fresh, const ResultsView& view,
                             const RunHistory& history);

}  // namespace roofproof::analysis
