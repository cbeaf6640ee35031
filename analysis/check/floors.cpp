// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/check/floors.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "analysis/peak_shares.h"
#include "results/record/row_reasons.h"

namespace roofproof::analysis {
namespace {

// The benchmark that a floor of this kind speaks of: of arrays that no cache holds, and a GEMV of
// one sequence.
const Series* best_of(const ResultsView& view, const Kind& kind) {
  const auto& [op, precision] = kind;
  if (op == Op::read || op == Op::copy || op == Op::triad) return view.memory_roof(op);
  if (op != Op::gemv) return view.best(op, precision);
  const Series* best = nullptr;
  for (const Series& series : view.series()) {
    const Problem& problem = series.problem;
    if (Kind(problem.op, problem.precision) != kind || problem.shape.batch != 1) continue;
    if (!best || estimate(rate(series)).value > estimate(rate(*best)).value) best = &series;
  }
  return best;
}

std::vector<Kind> kinds_of(const ResultsView& view, const GpuSpec* spec) {
  std::vector<Kind> kinds;
  const auto add = [&](const Kind& kind) {
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
  };
  for (const Series& series : view.series()) add({series.problem.op, series.problem.precision});
  if (!spec) return kinds;
  for (const auto& [kind, figure] : spec->achieved) add(kind);
  return kinds;
}

// What somebody may have set lower than it is by default.
struct Setting {
  const char* name;
  std::optional<double> DeviceRecord::*set;
  std::optional<double> DeviceRecord::*by_default;
  double scale;
  const char* unit;
  bool of_arithmetic;  // whether it lowers that; else the memory
};
constexpr Setting settings[] = {
    {"power limit", &DeviceRecord::power_limit_w, &DeviceRecord::power_limit_default_w, 1, "W",
     true},
    {"SM clock", &DeviceRecord::sm_clock_set_hz, &DeviceRecord::sm_clock_set_default_hz, 1e-6,
     "MHz", true},
    {"memory clock", &DeviceRecord::memory_clock_set_hz, &DeviceRecord::memory_clock_set_default_hz,
     1e-6, "MHz", false},
};

// What bench said of the sessions, each cause once.
std::vector<std::string> annotations(const Series& series) {
  std::map<std::string, std::string> by_cause;
  for (const Row* row : series.rows) {
    for (const std::string& reason : row->reasons) {
      by_cause.try_emplace(cause_of(reason), reason);
    }
  }
  std::vector<std::string> reasons;
  for (const auto& [cause, reason] : by_cause) reasons.push_back(reason);
  return reasons;
}

// Why a figure below its floor may be no fault of the board; none where it is one. The row tells
// whether its clock was held, whichever clock bounds its operation.
std::vector<std::string> excuses(const FloorRow& row, const Series& series,
                                 const DeviceRecord& device) {
  std::vector<std::string> reasons = annotations(series);
  std::erase_if(reasons, [](const std::string& reason) { return !is_clock_reason(reason); });
  for (const Setting& setting : settings) {
    const std::optional<double>& set = device.*setting.set;
    const std::optional<double>& usual = device.*setting.by_default;
    if (setting.of_arithmetic != is_arithmetic(row.kind.first) || !set || !usual) continue;
    if (!(*set < 0.99 * *usual)) continue;
    reasons.push_back(fmt::format("the {} is {:.0f} {}, of {:.0f} {} by default", setting.name,
                                  *set * setting.scale, setting.unit, *usual * setting.scale,
                                  setting.unit));
  }
  if (row.achieved->status == FigureStatus::unconfirmed) {
    reasons.push_back("the floor is unconfirmed: " + row.achieved->note);
  }
  return reasons;
}

void judge(FloorRow& row, const Series& series, const ResultsView& view,
           const Disturbance& disturbance) {
  row.judgement = Judgement::inconclusive;
  row.why = disturbance.of(row.kind);
  if (!row.why.empty()) return;
  if (!row.share->interval) {
    row.why = fmt::format("{} sessions, at least {} are needed", row.share->sessions,
                          least_sessions_for_interval);
  } else if (row.share->interval->low >= *row.floor) {
    row.judgement = Judgement::fine;
    row.why = fmt::format("{}", fmt::join(annotations(series), "; "));
  } else if (!(row.share->interval->high < *row.floor)) {
    row.why = "the floor lies within the 95 % interval: run more sessions";
  } else {
    const std::vector<std::string> reasons = excuses(row, series, view.record().device);
    if (reasons.empty()) row.judgement = Judgement::worse;
    row.why =
        fmt::format("below its floor{}{}", reasons.empty() ? "" : ": ", fmt::join(reasons, "; "));
  }
}

void take_floor(FloorRow& row, const GpuSpec& spec, double ceiling) {
  const auto found = spec.achieved.find(row.kind);
  if (found == spec.achieved.end()) return;
  row.achieved = found->second;
  row.floor = floor_of_achieved * *found->second.value / ceiling;
  for (const std::string& source : found->second.sources) {
    row.citations.push_back(spec.sources.at(source));
  }
}

FloorRow make_row(const Kind& kind, const ResultsView& view, const Disturbance& disturbance,
                  const GpuSpec* spec) {
  FloorRow row{.kind = kind, .why = "no floor"};
  const Series* series = best_of(view, kind);
  if (series) {
    row.name = series->name;
    row.rate = estimate(rate(*series));
  }
  if (!spec) return row;
  const std::optional<double>& ceiling = datasheet_ceiling(*spec, kind.first, kind.second).value;
  if (!ceiling) return row;
  if (series) row.share = estimate(multiplied(1 / *ceiling, rate(*series)));
  take_floor(row, *spec, *ceiling);
  if (!row.floor) return row;
  if (series) {
    judge(row, *series, view, disturbance);
  } else {
    row.judgement = Judgement::missing;
    row.why = view.best(kind.first, kind.second)
                  ? "only measured at larger batches or from cache in this run"
                  : view.why_absent(kind.first, kind.second);
  }
  return row;
}

std::string why_nothing_is_judged(const Record& record, const DeviceMatch& match) {
  const DeviceRecord& device = record.device;
  if (record.synthetic) return "synthetic figures: no verdict";
  if (device.backend == Backend::host) {
    return "no floors are known for a CPU: compare with its own history (--history DIR)";
  }
  if (!match.why_not_whole.empty()) return match.why_not_whole;
  if (!match.spec)
    return "no floors: " + device.name + " is not in the spec table (roofproof specs)";
  if (match.spec->achieved.empty()) {
    return "no floors: no published measurement of the " + match.spec->name + " is known";
  }
  return "";
}

}  // namespace

FloorCheck hold_to_floors(const ResultsView& view, const Disturbance& disturbance,
                          const SpecTable& specs) {
  const DeviceMatch match = specs.match_device(view.record().device);
  FloorCheck check{.why_none = why_nothing_is_judged(view.record(), match)};
  const GpuSpec* spec = view.record().synthetic ? nullptr : match.whole();
  if (spec) check.board = spec->name;
  for (const Kind& kind : kinds_of(view, spec)) {
    check.rows.push_back(make_row(kind, view, disturbance, spec));
  }
  return check;
}

}  // namespace roofproof::analysis
