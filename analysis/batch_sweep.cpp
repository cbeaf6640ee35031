// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/batch_sweep.h"

#include <algorithm>

#include "analysis/decode_steps.h"
#include "analysis/roofline.h"
#include "kernels/problem/step.h"

namespace roofproof::analysis {
namespace {

bool is_host(const ResultsView& view) { return view.record().device.backend == Backend::host; }

// The same step at every batch that was measured, ascending.
std::vector<const Series*> every_batch(const ResultsView& view, const Series& step) {
  std::vector<const Series*> result;
  for (Problem problem : view.problems(step.problem.op, step.problem.precision)) {
    const Series* series = find_step(view, problem);
    problem.shape.batch = step.problem.shape.batch;
    if (series && problem == step.problem) result.push_back(series);
  }
  std::sort(result.begin(), result.end(), [](const Series* a, const Series* b) {
    return a->problem.shape.batch < b->problem.shape.batch;
  });
  return result;
}

std::optional<std::int64_t> find_departure(const ResultsView& view,
                                           const std::vector<const Series*>& steps) {
  const std::optional<Estimate> share = share_of_read(view, *steps.front());
  if (is_host(view) && share && roof_position(*share) == RoofPosition::off) return 1;
  for (const Series* step : steps) {
    const std::optional<Estimate> ratio = excess_time(*steps.front(), *step);
    if (ratio && ratio->value > roof_departure) return step->problem.shape.batch;
  }
  return std::nullopt;
}

std::optional<double> find_crossing(const ResultsView& view, const Series& one) {
  const Series* gemm = view.gemm_roof(step_gemm(view, one.problem.precision));
  const Series* read = view.read_roof();
  if (!gemm || !read) return std::nullopt;
  return crossover_batch({estimate(gemm->flop_per_s()).value, estimate(read->bytes_per_s()).value},
                         step_work(one.problem));
}

}  // namespace

std::optional<BatchSweep> batch_sweep(const ResultsView& view, Precision weights) {
  const Series* one = first_step(view, weights, 1);
  if (!one) return std::nullopt;
  BatchSweep sweep;
  sweep.steps = every_batch(view, *one);
  if (sweep.steps.size() < 2) return std::nullopt;
  sweep.departure = find_departure(view, sweep.steps);
  sweep.crossing = find_crossing(view, *one);
  return sweep;
}

std::optional<Estimate> excess_time(const Series& a, const Series& b) {
  return paired_ratio(a.bytes_per_s(), b.bytes_per_s());
}

}  // namespace roofproof::analysis
