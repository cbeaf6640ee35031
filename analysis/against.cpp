// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/against.h"

#include <fmt/format.h>

#include <map>

#include "analysis/results_view.h"
#include "analysis/statistics.h"
#include "analysis/text_table.h"
#include "results/exit_code.h"

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

}  // namespace

AgainstReport hold_against(const Record& mine, const Record& other) {
  const ResultsView view(mine);
  const ResultsView other_view(other);
  std::map<std::string, const Series*> before;
  for (const Series& series : other_view.series()) before[series.name] = &series;

  TextTable table("lrl");
  table.add({"", "time, this over the other", ""});
  std::map<Change, int> counts;
  for (const Series& series : view.series()) {
    PairedChange change;
    const auto found = before.find(series.name);
    const bool both = found != before.end();
    if (both) {
      change = paired_change(found->second->time_s(), series.time_s());
      before.erase(found);
    }
    ++counts[change.change];
    table.add({series.name, both ? ratio_text(change) : "", both ? words(change.change) : "new"});
  }
  for (const auto& [name, series] : before) {
    ++counts[Change::unclear];
    table.add({name, "", "missing"});
  }

  AgainstReport report;
  report.text = fmt::format("{}\n{} slower · {} faster · {} without change · {} unclear\n",
                            table.text(), counts[Change::slower], counts[Change::faster],
                            counts[Change::none], counts[Change::unclear]);
  report.exit_code = counts[Change::slower] > 0    ? ExitCode::regression
                     : counts[Change::unclear] > 0 ? ExitCode::inconclusive
                                                   : ExitCode::fine;
  return report;
}

}  // namespace roofproof::analysis
