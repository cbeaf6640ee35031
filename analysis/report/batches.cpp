// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "analysis/input_error.h"
#include "analysis/measured_ceilings.h"
#include "analysis/quantity.h"
#include "analysis/report/figures.h"
#include "analysis/report/parts.h"
#include "kernels/problem/step.h"

namespace roofproof::analysis {
namespace {

// The same step at every batch: one line of the chart.
struct Sweep {
  Problem at_one;                                // with batch 1, measured or not
  std::map<std::int64_t, const Series*> points;  // by batch
};

std::vector<Sweep> sweeps_of(const ResultsView& view, Op op) {
  std::vector<Sweep> sweeps;
  std::map<std::string, std::size_t> places;  // the step at batch 1, by name -> its sweep
  for (const Series& series : view.series()) {
    // Lines of formats are to be compared, and only FP16 has a library's figures.
    if (series.problem.op != op || is_library(series.implementation)) continue;
    Problem at_one = series.problem;
    at_one.shape.batch = 1;
    const auto [place, is_new] =
        places.try_emplace(benchmark_name(at_one, Implementation::hand), sweeps.size());
    if (is_new) sweeps.push_back({at_one, {}});
    sweeps[place->second].points[series.problem.shape.batch] = &series;
  }
  std::erase_if(sweeps, [](const Sweep& sweep) { return sweep.points.size() < 2; });
  return sweeps;
}

std::string title_of(const Problem& problem) {
  const Shape& shape = problem.shape;
  if (problem.op == Op::gemv) return fmt::format("one projection, {} x {}", shape.n, shape.k);
  return fmt::format("{}{}", shape.model,
                     shape.context > 0 ? fmt::format(", context {}", shape.context) : "");
}

// Sequences per second that the roofs allow at a batch, launches left out.
double allowed(const StepWork& step, const Roofs& roofs, double batch) {
  return batch / roof_time({step.flop(batch), step.bytes(batch)}, roofs).total_s();
}

// Doubling batches, and the bend between them.
void add_law(const ReportRun& run, const Sweep& sweep, Json& line) {
  line["law"] = Json::array();
  line["crossover"] = nullptr;
  line["crossover_text"] = "";
  try {
    const Ceilings ceilings =
        measured_ceilings(run.view, run.file, sweep.at_one.precision, run.peaks.spec);
    const Roofs& roofs = ceilings.roofs;
    const StepWork step = step_work(sweep.at_one);
    const auto first = static_cast<double>(sweep.points.begin()->first);
    const auto last = static_cast<double>(sweep.points.rbegin()->first);
    std::set<double> batches = {last};
    for (double batch = first; batch < last; batch *= 2) batches.insert(batch);
    const std::optional<double> crossover = crossover_batch(roofs, step);
    if (crossover && *crossover > first && *crossover < last) batches.insert(*crossover);
    for (const double batch : batches) {
      line["law"].push_back({drawn(batch), drawn(allowed(step, roofs, batch))});
    }
    line["crossover"] = drawn(crossover);
    line["crossover_text"] = (crossover ? significant(*crossover) : "at no batch") +
                             std::string(ceilings.disturbed ? ", disturbed" : "");
  } catch (const InputError&) {
    // Too few ceilings: the points stand alone.
  }
}

Json line_json(const ReportRun& run, const Sweep& sweep, const char* unit) {
  Json line;
  line["precision"] = name(sweep.at_one.precision);
  line["points"] = Json::array();
  for (const auto& [batch, series] : sweep.points) {
    Json point = figure(estimate(divided(static_cast<double>(batch), series->time_s())), unit,
                        run.disturbance.mark({series}));
    point["batch"] = batch;
    point["name"] = series->name;
    line["points"].push_back(std::move(point));
  }
  add_law(run, sweep, line);
  return line;
}

}  // namespace

Json batches_part(const ReportRun& run) {
  std::vector<Sweep> sweeps = sweeps_of(run.view, Op::decode);
  const bool whole = !sweeps.empty();
  if (!whole) sweeps = sweeps_of(run.view, Op::gemv);
  const char* unit = whole ? "tokens/s" : "sequences/s";
  // One chart per model or projection, one line per format.
  Json charts = Json::array();
  for (const Sweep& sweep : sweeps) {
    const std::string title = title_of(sweep.at_one);
    auto chart = std::find_if(charts.begin(), charts.end(),
                              [&](const Json& other) { return other["title"] == title; });
    if (chart == charts.end()) {
      charts.push_back({{"title", title}, {"unit", unit}, {"lines", Json::array()}});
      chart = charts.end() - 1;
    }
    (*chart)["lines"].push_back(line_json(run, sweep, unit));
  }
  return charts;
}

}  // namespace roofproof::analysis
