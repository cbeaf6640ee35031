// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/measured_law.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/disturbance.h"
#include "analysis/ladder.h"
#include "kernels/problem/model.h"

namespace roofproof::analysis {
namespace {

double part_s(const Ladder& ladder, std::string_view name) {
  const auto found = std::find_if(ladder.parts.begin(), ladder.parts.end(),
                                  [&](const LadderPart& part) { return part.name == name; });
  return found->time_s.value;
}

MeasuredLaw law_of(const Ladder& ladder, const Ceilings& ceilings) {
  const Series& step = *ladder.from.front();
  const Shape& shape = step.problem.shape;
  const ModelWorkload measured =
      count_model(find_model(shape.model), step.problem.precision, shape.batch, shape.context);
  const double weights_s = part_s(ladder, "weights") + part_s(ladder, "arithmetic");
  const double bytes_per_s = ceilings.roofs.bytes_per_s;
  MeasuredLaw law;
  law.share = std::min(1.0, measured.weight_bytes / bytes_per_s / weights_s);
  const double bytes = measured.weight_bytes + measured.embedding_bytes + measured.kv_bytes;
  const double rest_s = ladder.step_s.value - bytes / bytes_per_s / law.share;
  law.overhead_per_layer_s = std::max(0.0, rest_s) / measured.layers;
  law.source = fmt::format(
      "from the step of {} at batch 1: {:.0f} % of the read bandwidth and {:.3g} µs per layer",
      shape.model, 100 * law.share, 1e6 * law.overhead_per_layer_s);
  return law;
}

// This very step; null where it was not measured, or while something else ran.
const Series* same_step(const ResultsView& view, const ModelWorkload& workload) {
  if (!workload.weights.measured_as || workload.cache.name != CacheFormat().name) return nullptr;
  for (const Problem& problem : view.problems(Op::decode, *workload.weights.measured_as)) {
    const Shape& shape = problem.shape;
    if (shape.model != workload.measured_as || shape.batch != workload.batch ||
        shape.context != workload.context) {
      continue;
    }
    const Series* series = view.find(problem, Implementation::hand);
    if (series && Disturbance(view).may_decide(*series)) return series;
  }
  return nullptr;
}

MeasuredExpected as_measured(const Series& step, double at_most) {
  const auto batch = static_cast<double>(step.problem.shape.batch);
  const Estimate tokens_per_s = estimate(divided(batch, step.time_s()));
  MeasuredExpected result = {
      .tokens = {tokens_per_s.value, tokens_per_s.interval},
      .source = fmt::format("measured: {}, {} sessions", step.name, tokens_per_s.sessions)};
  if (std::optional<Interval>& range = result.tokens.range) {
    range->high = std::min(range->high, std::max(tokens_per_s.value, at_most));
  }
  return result;
}

}  // namespace

double MeasuredLaw::time_s(const RoofTime& roof, double layers) const {
  return std::max(roof.total_s(),
                  std::max(roof.memory_s / share, roof.compute_s) + layers * overhead_per_layer_s);
}

std::optional<MeasuredLaw> measured_law(const ResultsView& view, const Ceilings& ceilings,
                                        const ModelWorkload& workload) {
  if (!workload.weights.measured_as) return std::nullopt;
  std::optional<MeasuredLaw> found;
  for (const Problem& problem : view.problems(Op::decode, *workload.weights.measured_as)) {
    const bool same_model = problem.shape.model == workload.measured_as;
    if (problem.shape.batch != 1 || (found && !same_model)) continue;
    const std::optional<Ladder> steps = ladder(view, problem);
    if (!steps || !steps->is_resolved()) continue;
    found = law_of(*steps, ceilings);
    if (same_model) break;
  }
  return found;
}

std::optional<MeasuredExpected> expect_measured(const ResultsView& view, const Ceilings& ceilings,
                                                const ModelWorkload& workload,
                                                const Prediction& prediction) {
  if (const Series* step = same_step(view, workload)) {
    return as_measured(*step, prediction.tokens_per_s);
  }
  const std::optional<MeasuredLaw> law = measured_law(view, ceilings, workload);
  if (!law) return std::nullopt;
  const auto batch = static_cast<double>(workload.batch);
  return MeasuredExpected{{batch / law->time_s(prediction.step, workload.layers), std::nullopt},
                          law->source};
}

}  // namespace roofproof::analysis
