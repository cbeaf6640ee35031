// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/check/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analysis/input_error.h"
#include "analysis/text_table.h"

namespace roofproof::analysis {
namespace {

// What every run has of a benchmark under a yardstick; nothing where one of them has none.
using Measure = std::optional<double> (*)(const PastFigure& figure);

std::optional<double> time_of(const PastFigure& figure) { return figure.time_s; }
std::optional<double> theory_of(const PastFigure& figure) {
  return figure.of_theory ? std::optional(1 / *figure.of_theory) : std::nullopt;
}

std::vector<double> values_of(const std::vector<PastRun>& runs, const std::string& name,
                              Measure measure) {
  std::vector<double> values;
  for (const PastRun& run : runs) {
    const PastFigure* figure = run.find(name);
    if (!figure || figure->sessions < least_sessions_for_interval) continue;
    if (!figure->disturbance.empty()) continue;
    if (const std::optional<double> value = measure(*figure)) values.push_back(*value);
  }
  return values;
}

Judgement judge(const std::vector<double>& values, const PredictionLimit& limit) {
  const auto slow = std::count_if(values.begin(), values.end(),
                                  [&](double value) { return !(value <= limit.limit); });
  const bool all_fast = std::all_of(values.begin(), values.end(),
                                    [&](double value) { return value < limit.lower(); });
  const auto count = static_cast<std::ptrdiff_t>(values.size());
  if (slow == count) return count == 1 ? Judgement::inconclusive : Judgement::worse;
  return all_fast ? Judgement::better : Judgement::fine;
}

std::string words(const HistoryTest& test) {
  const std::string_view what = test.yardstick == Yardstick::theory     ? "slower at its clock"
                                : test.yardstick == Yardstick::baseline ? "slower than the baseline"
                                                                        : "slower";
  switch (test.judgement) {
    case Judgement::worse:
      return fmt::format("{} in both runs", what);
    case Judgement::inconclusive:
      return fmt::format("{} in one run: confirm with a second run", what);
    case Judgement::better:
      return test.yardstick == Yardstick::time ? "faster" : "";
    case Judgement::fine: {
      const bool once = std::any_of(test.values.begin(), test.values.end(),
                                    [&](double value) { return !(value <= test.limit.limit); });
      return once ? fmt::format("{} in one of two runs: not confirmed", what) : "";
    }
    case Judgement::none:
    case Judgement::missing:
      break;
  }
  return "";
}

// Every test of a benchmark; none of a yardstick that is not there.
std::vector<HistoryTest> run_tests(const std::string& name, const std::vector<PastRun>& fresh,
                                   const RunHistory& history) {
  std::vector<HistoryTest> tests;
  const auto add = [&](Yardstick yardstick, std::vector<double> values, PredictionLimit limit) {
    if (values.size() != fresh.size()) return;
    const Judgement judgement = judge(values, limit);
    tests.push_back({yardstick, std::move(values), limit, judgement});
  };
  const std::vector<double> times_s = values_of(history.runs, name, time_of);
  if (times_s.size() < least_past_runs) return tests;
  const std::vector<double> fresh_s = values_of(fresh, name, time_of);
  add(Yardstick::time, fresh_s, prediction_limit(times_s, least_change_s));
  const std::vector<double> theory = values_of(history.runs, name, theory_of);
  if (theory.size() >= least_past_runs) {
    add(Yardstick::theory, values_of(fresh, name, theory_of), prediction_limit(theory, 0));
  }
  const PastFigure* accepted = history.baseline ? history.baseline->find(name) : nullptr;
  if (accepted && accepted->disturbance.empty()) {
    add(Yardstick::baseline, fresh_s, pinned_limit(accepted->time_s, times_s, least_change_s));
  }
  return tests;
}

// "worse" outweighs "inconclusive", and that every other; the time alone says "better".
Judgement worst_of(const std::vector<HistoryTest>& tests) {
  Judgement worst = Judgement::fine;
  for (const HistoryTest& test : tests) {
    if (test.judgement == Judgement::better && test.yardstick != Yardstick::time) continue;
    worst = std::max(worst, test.judgement);
  }
  return worst;
}

HistoryRow make_row(const std::string& name, const std::vector<PastRun>& fresh,
                    const RunHistory& history) {
  HistoryRow row{.name = name};
  const std::vector<double> past_s = values_of(history.runs, name, time_of);
  row.past_runs = past_s.size();
  for (const PastRun& run : fresh) {
    const PastFigure* figure = run.find(name);
    if (!figure) continue;
    row.times_s.push_back(figure->time_s);
    if (row.why.empty()) row.why = figure->disturbance;
  }
  if (!row.why.empty()) return row;
  if (past_s.size() < least_past_runs) {
    if (history.runs.size() < least_past_runs) return row;
    row.why = past_s.empty() ? "new: no history"
                             : fmt::format("insufficient history: {} runs, at least {} are needed",
                                           past_s.size(), least_past_runs);
    return row;
  }
  if (values_of(fresh, name, time_of).size() != fresh.size()) {
    row.why = row.times_s.size() != fresh.size()
                  ? "only in one of the two runs"
                  : fmt::format("fewer than {} sessions", least_sessions_for_interval);
    return row;
  }
  row.tests = run_tests(name, fresh, history);
  row.judgement = worst_of(row.tests);
  for (const HistoryTest& test : row.tests) {
    const std::string text = words(test);
    if (!text.empty()) row.why += (row.why.empty() ? "" : "; ") + text;
  }
  row.two_modes = has_two_modes(past_s);
  return row;
}

std::vector<MissingRow> find_missing(const ResultsView& view, const PastRun& newest,
                                     const RunHistory& history) {
  std::set<std::string> expected;
  if (!history.runs.empty()) {
    for (const auto& [name, figure] : history.runs.back().figures) expected.insert(name);
  }
  if (history.baseline) {
    for (const auto& [name, figure] : history.baseline->figures) expected.insert(name);
  }
  std::vector<MissingRow> missing;
  for (const std::string& name : expected) {
    if (!newest.find(name)) missing.push_back({name, view.why_absent(name)});
  }
  return missing;
}

void refuse_strangers(const std::vector<PastRun>& fresh) {
  if (fresh.size() < 2) return;
  if (fresh[0].run_id == fresh[1].run_id) {
    throw InputError(fresh[1].file + " is the same run as " + fresh[0].file +
                     ": it cannot confirm it");
  }
  if (!are_comparable(fresh[0], fresh[1])) {
    throw InputError(fresh[1].file + " has another GPU class or protocol than " + fresh[0].file);
  }
}

}  // namespace

std::string_view name(Yardstick yardstick) {
  switch (yardstick) {
    case Yardstick::time:
      return "time";
    case Yardstick::theory:
      return "theory";
    case Yardstick::baseline:
      break;
  }
  return "baseline";
}

std::optional<double> HistoryCheck::suspicions_by_chance() const {
  std::size_t tests = 0;
  for (const HistoryRow& row : rows) {
    if (row.times_s.size() > 1) return std::nullopt;
    tests += row.tests.size();
  }
  return limit_error * static_cast<double>(tests);
}

std::string HistoryCheck::shortage() const {
  if (past_runs >= least_past_runs) return "";
  return fmt::format("insufficient history: {}, at least {} are needed",
                     count_text(past_runs, "comparable run"), least_past_runs);
}

HistoryCheck hold_to_history(const std::vector<PastRun>& fresh, const ResultsView& view,
                             const RunHistory& history) {
  refuse_strangers(fresh);
  HistoryCheck check;
  check.past_runs = history.runs.size();
  check.notices = history.notices;
  if (!history.runs.empty()) {
    check.since = history.runs.front().date;
    check.factors = changed_factors(fresh.front(), history.runs.back());
  }
  if (history.baseline) check.baseline = history.baseline->file;
  for (const auto& [name, figure] : fresh.front().figures) {
    check.rows.push_back(make_row(name, fresh, history));
  }
  check.missing = find_missing(view, fresh.front(), history);
  return check;
}

}  // namespace roofproof::analysis
