// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/check/floors.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/disturbance.h"
#include "analysis/peak_shares.h"

namespace roofproof::analysis {
namespace {

// The benchmark that a floor of this kind speaks of. A GEMV was published for one sequence.
const Series* best_of(const ResultsView& view, const Kind& kind) {
  if (kind.first == Op::read) return view.read_roof();
  if (kind.first != Op::gemv) return view.best(kind.first, kind.second);
  const Series* best = nullptr;
  for (const Series& series : view.series()) {
    const Problem& problem = series.problem;
    if (Kind(problem.op, problem.precision) != kind || problem.shape.batch != 1) continue;
    if (!best || estimate(rate(series)).value > estimate(rate(*best)).value) best = &series;
  }
  return best;
}

// Those that were measured, in the order of the file, then those that were to be.
std::vector<Kind> kinds_of(const ResultsView& view, const GpuSpec* spec) {
  std::vector<Kind> kinds;
  const auto add = [&](const Kind& kind) {
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
  };
  for (const Series& series : view.series()) add({series.problem.op, series.problem.precision});
  if (!spec) return kinds;
  for (const NotMeasured& entry : view.record().not_measured) {
    if (entry.status == "unsupported") continue;
    for (const auto& [kind, figure] : spec->achieved) {
      if (entry.name.starts_with(kind_name(kind) + '/')) add(kind);
    }
  }
  return kinds;
}

// A board that is held below its usual power cannot compute as it usually does.
std::string power_limit_words(const DeviceRecord& device) {
  if (!device.power_limit_w || !device.power_limit_default_w) return "";
  if (!(*device.power_limit_w < 0.99 * *device.power_limit_default_w)) return "";
  return fmt::format("the power limit is {:.0f} W, of {:.0f} W by default", *device.power_limit_w,
                     *device.power_limit_default_w);
}

void judge(FloorRow& row, const DeviceRecord& device, const Disturbance& disturbance) {
  if (!row.floor) {
    row.why = "no floor";
    return;
  }
  row.judgement = Judgement::inconclusive;
  row.why = disturbance.of(row.kind);
  if (!row.why.empty()) return;
  if (!row.share->interval) {
    row.why =
        fmt::format("{} of at least {} sessions", row.share->sessions, least_sessions_for_interval);
    return;
  }
  if (row.share->interval->low >= *row.floor) {
    row.judgement = Judgement::fine;
  } else if (!(row.share->interval->high < *row.floor)) {
    row.why = "the floor lies within the interval: more sessions would tell";
  } else if (is_arithmetic(row.kind.first) && !power_limit_words(device).empty()) {
    row.why = power_limit_words(device);
  } else if (row.achieved->status == FigureStatus::unconfirmed) {
    row.why = "below a floor that is unconfirmed: " + row.achieved->note;
  } else {
    row.judgement = Judgement::worse;
    row.why = "below its floor";
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

FloorRow make_row(const Kind& kind, const ResultsView& view, const GpuSpec* spec) {
  FloorRow row{.kind = kind};
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
  return row;
}

std::string why_nothing_is_judged(const Record& record, const DeviceMatch& match) {
  const GpuSpec* spec = match.spec;
  const DeviceRecord& device = record.device;
  if (record.synthetic) return "made-up figures decide nothing";
  if (device.backend == "host") {
    return "no floors are known for a CPU: only its own past can tell (--history DIR)";
  }
  if (!match.why_not_whole.empty()) return match.why_not_whole;
  if (!spec) return "no floors: " + device.name + " is not in the spec table (roofproof specs)";
  if (spec->achieved.empty()) {
    return "no floors: no published measurement of the " + spec->name + " is known";
  }
  return "";
}

}  // namespace

FloorCheck hold_to_floors(const Record& record, const SpecTable& specs) {
  const ResultsView view(record);
  const Disturbance disturbance(view);
  const DeviceRecord& device = record.device;
  const DeviceMatch match = specs.match_device(device);
  const GpuSpec* spec = match.whole();
  FloorCheck check{why_nothing_is_judged(record, match), {}};
  for (const Kind& kind : kinds_of(view, spec)) {
    FloorRow row = make_row(kind, view, spec);
    if (!check.why_none.empty()) {
      row.floor.reset();
    } else if (row.name.empty() && row.floor) {
      row.judgement = Judgement::inconclusive;
      row.why = "not measured: " + view.why_absent(kind.first, kind.second);
    } else {
      judge(row, device, disturbance);
    }
    check.rows.push_back(std::move(row));
  }
  const bool any = std::any_of(check.rows.begin(), check.rows.end(),
                               [](const FloorRow& row) { return row.floor.has_value(); });
  if (check.why_none.empty() && !any)
    check.why_none = "no floors: none of what was measured has one";
  return check;
}

}  // namespace roofproof::analysis
