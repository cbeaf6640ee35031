// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/decode_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace roofproof::analysis {
namespace {

auto order(const Problem& problem) {
  return std::tuple(problem.op == Op::decode ? 0 : 1, problem.shape.model == "mistral-7b" ? 0 : 1,
                    problem.shape.context, -compulsory_bytes(problem));
}

}  // namespace

const Series* find_step(const ResultsView& view, const Problem& problem) {
  return view.find(problem, Implementation::hand);
}

std::vector<const Series*> steps(const ResultsView& view, Precision weights, std::int64_t batch) {
  std::vector<Problem> found;
  for (const Op op : {Op::decode, Op::gemv}) {
    for (const Problem& problem : view.problems(op, weights)) {
      if (problem.shape.batch == batch) found.push_back(problem);
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Problem& a, const Problem& b) { return order(a) < order(b); });
  std::vector<const Series*> result;
  for (const Problem& problem : found) {
    if (const Series* step = find_step(view, problem)) result.push_back(step);
  }
  return result;
}

const Series* first_step(const ResultsView& view, Precision weights, std::int64_t batch) {
  const std::vector<const Series*> all = steps(view, weights, batch);
  return all.empty() ? nullptr : all.front();
}

std::optional<StepPair> same_step(const ResultsView& view, Precision a, Precision b,
                                  std::int64_t batch) {
  for (const Series* step : steps(view, a, batch)) {
    Problem problem = step->problem;
    problem.precision = b;
    if (const Series* other = find_step(view, problem)) return StepPair{step, other};
  }
  return std::nullopt;
}

std::optional<StepPair> two_batches(const ResultsView& view, Precision weights, std::int64_t a,
                                    std::int64_t b) {
  for (const Series* step : steps(view, weights, a)) {
    Problem problem = step->problem;
    problem.shape.batch = b;
    if (const Series* other = find_step(view, problem)) return StepPair{step, other};
  }
  return std::nullopt;
}

bool is_whole_model(const Series& step) { return step.problem.op == Op::decode; }

std::string step_words(const Series& step) {
  const Shape& shape = step.problem.shape;
  if (is_whole_model(step)) return "decode of " + shape.model;
  return fmt::format("one projection, {} x {}", shape.n, shape.k);
}

}  // namespace roofproof::analysis
