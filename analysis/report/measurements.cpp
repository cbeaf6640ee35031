// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include "analysis/quantity.h"
#include "analysis/report/figures.h"
#include "analysis/report/parts.h"

namespace roofproof::analysis {
namespace {

// A table that a browser still builds at once; the file has the rest.
constexpr std::size_t most_rows = 1000;

}  // namespace

Json measurements_part(const ReportRun& run) {
  Json rows = Json::array();
  const std::vector<Series>& all = run.view.series();
  for (std::size_t i = 0; i < all.size() && i < most_rows; ++i) {
    const ComparedSeries& compared = run.compared.series[i];
    const std::optional<double> of_measured =
        compared.of_measured ? std::optional(compared.of_measured->value) : std::nullopt;
    rows.push_back({all[i].name, all[i].label(), estimate_text(estimate(all[i].time_s()), "s"),
                    estimate_text(estimate(compared.rates), compared_unit(all[i].problem.op)) +
                        run.disturbance.mark({&all[i]}),
                    share_text(compared.peak.datasheet), share_text(compared.peak.derived),
                    share_text(compared.peak.at_clock), share_text(of_measured)});
  }
  return {{"rows", std::move(rows)}, {"of", all.size()}};
}

}  // namespace roofproof::analysis
