// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/compare/against.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "analysis/disturbance.h"
#include "analysis/results_view.h"
#include "analysis/statistics.h"
#include "analysis/text_table.h"
#include "results/record/exit_code.h"

namespace roofproof::analysis {
namespace {

const char* words(Change change) {
  switch (change) {
    case Change::none:
      return "no change";
    case Change::slower:
      return "slower";
    case Change::faster:
      return "faster";
    case Change::unclear:
      break;
  }
  return "unclear";
}

std::string ratio_text(const PairedChange& change) {
  if (!change.interval) return fmt::format("{:.3f}", change.ratio);
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", change.ratio, change.interval->low,
                     change.interval->high);
}

// How many would make every interval so narrow that a loss is found or excluded, should the noise
// stay what it was: its width falls with the square root. With fewer than can be trimmed one
// disturbed session sets the width: it foretells nothing. 0 where nothing is unclear for that
// reason.
double sessions_to_decide(const std::vector<PairedChange>& changes) {
  double wanted = 0;
  for (const PairedChange& change : changes) {
    if (change.change != Change::unclear || change.sessions == 0) continue;
    wanted = std::max<double>(wanted, least_sessions_to_trim);
    if (change.sessions < least_sessions_to_trim) continue;
    const double half_width = std::log(change.interval->high / change.interval->low) / 2;
    const double factor = half_width / (loss_to_exclude / 2);
    wanted =
        std::max({wanted, change.sessions + 1.0, std::ceil(change.sessions * factor * factor)});
  }
  return wanted;
}

std::string advice(const std::vector<PairedChange>& changes) {
  constexpr double most_sessions = 100;  // that bench_all takes
  const double sessions = sessions_to_decide(changes);
  if (sessions == 0) return "";
  const std::string unclear = fmt::format(
      "unclear: a slowdown of {:.0f} % is neither shown nor excluded; ", 100 * loss_to_exclude);
  if (sessions > most_sessions) return unclear + "this machine is too noisy now\n";
  return unclear +
         fmt::format("at this noise level about {0:.0f} sessions are needed (--sessions {0:.0f})\n",
                     sessions);
}

// Of the sessions in which nothing disturbed it; of none where the whole run was.
SessionValues undisturbed_time_s(const Series& series, const Disturbance& disturbance) {
  if (!disturbance.of_run().empty()) return {};
  SessionValues times_s;
  for (const Row* row : series.rows) {
    if (!is_disturbed(*row)) times_s[row->session] = row->time_s;
  }
  return times_s;
}

}  // namespace

AgainstReport hold_against(const Record& mine, const Record& other) {
  const ResultsView view(mine);
  const ResultsView other_view(other);
  const Disturbance disturbance(view);
  const Disturbance other_disturbance(other_view);
  std::map<std::string, const Series*> before;
  for (const Series& series : other_view.series()) before[series.name] = &series;

  // A benchmark that only one of them has makes a pair without sessions.
  std::vector<PairedTimes> pairs;
  for (const Series& series : view.series()) {
    const auto found = before.find(series.name);
    pairs.push_back({found == before.end() ? SessionValues{}
                                           : undisturbed_time_s(*found->second, other_disturbance),
                     undisturbed_time_s(series, disturbance)});
  }
  const std::vector<PairedChange> changes = paired_changes(pairs);

  TextTable table("lrl");
  table.add({"", "time, this build / other [95 %]", ""});
  std::map<Change, int> counts;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Series& series = view.series()[i];
    const auto found = before.find(series.name);
    ++counts[changes[i].change];
    if (found == before.end()) {
      table.add({series.name, "", "new"});
      continue;
    }
    const bool left_out = is_disturbed(series) || is_disturbed(*found->second);
    table.add(
        {series.name, changes[i].sessions > 0 ? ratio_text(changes[i]) : "",
         std::string(words(changes[i].change)) + (left_out ? ", disturbed sessions skipped" : "")});
    before.erase(found);
  }
  for (const auto& [name, series] : before) {
    ++counts[Change::unclear];
    table.add({name, "", "missing"});
  }

  AgainstReport report;
  report.text = fmt::format("{}\n{} slower · {} faster · {} without change · {} unclear\n",
                            table.text(), counts[Change::slower], counts[Change::faster],
                            counts[Change::none], counts[Change::unclear]);
  report.text += advice(changes);
  for (const Disturbance* run : {&disturbance, &other_disturbance}) {
    if (!run->of_run().empty()) report.text += run->of_run() + ": no verdict\n";
  }
  report.exit_code = counts[Change::slower] > 0    ? ExitCode::regression
                     : counts[Change::unclear] > 0 ? ExitCode::inconclusive
                                                   : ExitCode::fine;
  return report;
}

}  // namespace roofproof::analysis
