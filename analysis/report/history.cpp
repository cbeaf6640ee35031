// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/report/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analysis/disturbance.h"
#include "analysis/peak_shares.h"
#include "analysis/report/figures.h"
#include "analysis/report/parts.h"

namespace roofproof::analysis {
namespace {

// A chart with more runs than this is a band.
constexpr std::size_t most_runs = 400;

// Ceilings by whoever reaches them, and steps for one user by hand.
bool is_followed(const Series& series) {
  switch (series.problem.op) {
    case Op::read:
    case Op::gemm:
      return true;
    case Op::gemv:
    case Op::decode:
      return series.problem.shape.batch == 1 && !is_library(series.implementation);
    default:
      return false;
  }
}

// Of the roof where every run has one, else of the first run: a CPU has no datasheet.
Json line_of(const std::string& label, const std::vector<FollowedRun>& past) {
  const bool of_roof = std::all_of(past.begin(), past.end(), [&](const FollowedRun& run) {
    return !run.best.contains(label) || run.share.contains(label);
  });
  std::optional<double> first;
  Json values = Json::array();
  for (const FollowedRun& run : past) {
    const auto found = run.best.find(label);
    if (found == run.best.end()) {
      values.push_back(nullptr);
      continue;
    }
    if (!first) first = found->second;
    values.push_back(drawn(of_roof ? run.share.at(label) : found->second / *first));
  }
  return {{"label", label}, {"of", of_roof ? "roof" : "first run"}, {"values", std::move(values)}};
}

Json device_history(const std::string& device, std::vector<FollowedRun> past) {
  std::stable_sort(past.begin(), past.end(),
                   [](const FollowedRun& a, const FollowedRun& b) { return a.date < b.date; });
  if (past.size() > most_runs) past.erase(past.begin(), past.end() - most_runs);
  Json json;
  json["device"] = device;
  json["dates"] = Json::array();
  json["files"] = Json::array();
  json["lines"] = Json::array();
  std::set<std::string> labels;
  for (const FollowedRun& run : past) {
    json["dates"].push_back(run.date);
    json["files"].push_back(run.file);
    for (const auto& [label, rate] : run.best) labels.insert(label);
  }
  for (const std::string& label : labels) json["lines"].push_back(line_of(label, past));
  return json;
}

}  // namespace

FollowedRun follow(const std::string& file, const Record& record, const SpecTable& specs) {
  FollowedRun past{.file = file, .date = record.date, .synthetic = record.synthetic};
  const ResultsView view(record);
  const Disturbance disturbance(view);
  const DevicePeaks peaks = device_peaks(record.device, specs);
  for (const Series& series : view.series()) {
    if (!is_followed(series) || !disturbance.may_decide(series)) continue;
    const std::string label =
        fmt::format("{} {}", name(series.problem.op), name(series.problem.precision));
    const double reached = estimate(rate(series)).value;
    double& best = past.best[label];
    if (!(reached > best)) continue;
    best = reached;
    const PeakShares shares = peak_shares(series, record.device, peaks);
    const std::optional<double> share = shares.datasheet ? shares.datasheet : shares.derived;
    if (share) past.share[label] = *share;
  }
  return past;
}

Json history_part(const std::vector<std::vector<FollowedRun>>& history,
                  const std::vector<ReportRun>& runs) {
  Json part = Json::array();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (history[i].size() > 1) {
      part.push_back(device_history(runs[i].record().device.name, history[i]));
    }
  }
  return part;
}

}  // namespace roofproof::analysis
