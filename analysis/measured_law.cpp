// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/measured_law.h"

#include <fmt/format.h>

#include <algorithm>

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
  MeasuredLaw result;
  result.law.share = std::min(1.0, measured.weight_bytes / bytes_per_s / weights_s);
  const double bytes = measured.weight_bytes + measured.embedding_bytes + measured.kv_bytes;
  const double rest_s = ladder.step_s.value - bytes / bytes_per_s / result.law.share;
  result.law.overhead_per_layer_s = std::max(0.0, rest_s) / measured.layers;
  result.ratio = {1, 1};
  if (const std::optional<Interval>& interval = ladder.step_s.interval) {
    result.ratio = {interval->low / ladder.step_s.value, interval->high / ladder.step_s.value};
  }
  result.source =
      fmt::format("measured: {}: {:.0f} % of the read bandwidth and {:.3g} µs per layer", step.name,
                  100 * result.law.share, 1e6 * result.law.overhead_per_layer_s);
  return result;
}

}  // namespace

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

}  // namespace roofproof::analysis
