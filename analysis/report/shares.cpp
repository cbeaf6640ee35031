// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "analysis/quantity.h"
#include "analysis/report/figures.h"
#include "analysis/report/parts.h"

namespace roofproof::analysis {
namespace {

// One problem by both makers, as indices of the run's series.
struct Makers {
  std::optional<std::size_t> hand;
  std::optional<std::size_t> library;
  double rate = 0;

  // Problems that both have come first, then the fastest.
  bool operator<(const Makers& other) const {
    return std::pair(hand && library, rate) < std::pair(other.hand && other.library, other.rate);
  }
};

bool is_shown(const Problem& problem) {
  const bool step = problem.op == Op::gemv || problem.op == Op::layer || problem.op == Op::decode;
  return !step || problem.shape.batch == 1;
}

// The share of each roof, by the roof's kind.
Json maker_json(const ReportRun& run, std::size_t index) {
  const Series& series = run.view.series()[index];
  const ComparedSeries& compared = run.compared.series[index];
  const bool arithmetic = is_arithmetic(series.problem.op);
  Json json = figure(estimate(rate(series)), arithmetic ? "FLOP/s" : "B/s",
                     run.disturbance.mark({&series}));
  json["name"] = series.name;
  json["kernel"] = series.label();
  json["datasheet"] = drawn(compared.peak.datasheet);
  json["device"] = drawn(compared.peak.derived);
  json["clock"] = drawn(compared.peak.at_clock);
  json["measured"] =
      compared.of_measured ? Json(drawn(compared.of_measured->value)) : Json(nullptr);
  return json;
}

Json entry_json(const ReportRun& run, const std::string& label, const Makers& makers) {
  Json json;
  json["label"] = label;
  json["ratio"] = "";
  if (makers.hand) json["hand"] = maker_json(run, *makers.hand);
  if (makers.library) json["library"] = maker_json(run, *makers.library);
  if (makers.hand && makers.library) {
    const auto ratio = paired_ratio(rate(run.view.series()[*makers.hand]),
                                    rate(run.view.series()[*makers.library]));
    if (ratio) json["ratio"] = estimate_text(*ratio, "ratio");
  }
  return json;
}

}  // namespace

Json shares_part(const ReportRun& run) {
  // Problem, by its name without the maker -> who measured it.
  std::map<std::string, Makers> problems;
  std::vector<std::pair<std::string, std::string>> order;  // group, problem
  const std::vector<Series>& all = run.view.series();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!is_shown(all[i].problem)) continue;
    const std::string problem = benchmark_name(all[i].problem, Implementation::hand);
    const auto [entry, is_new] = problems.try_emplace(problem);
    if (is_new) {
      order.emplace_back(
          fmt::format("{} {}", name(all[i].problem.op), name(all[i].problem.precision)), problem);
    }
    const double reached = estimate(rate(all[i])).value;
    std::optional<std::size_t>& maker =
        is_library(all[i].implementation) ? entry->second.library : entry->second.hand;
    if (!maker || reached > estimate(rate(all[*maker])).value) maker = i;
    entry->second.rate = std::max(entry->second.rate, reached);
  }
  std::vector<std::pair<std::string, const Makers*>> best;  // one per group
  for (const auto& [group, problem] : order) {
    const Makers& makers = problems.at(problem);
    const auto found = std::find_if(best.begin(), best.end(),
                                    [&](const auto& entry) { return entry.first == group; });
    if (found == best.end()) {
      best.emplace_back(group, &makers);
    } else if (*found->second < makers) {
      found->second = &makers;
    }
  }
  Json part = Json::array();
  for (const auto& [group, makers] : best) part.push_back(entry_json(run, group, *makers));
  return part;
}

}  // namespace roofproof::analysis
