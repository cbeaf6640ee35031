// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Decode steps among the rows of a run: the whole model where it was measured, else one projection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/results_view.h"

namespace roofproof::analysis {

// The step by hand; null where there is none. Of libraries there is one projection in FP16 at most:
// with it two formats, batches or GPUs would be two makers as well, and a projection would not
// stand for the decode, which is by hand.
const Series* find_step(const ResultsView& view, const Problem& problem);

// All steps with these weights and this batch, the most telling first: mistral-7b, then other
// models, without context before with, then GEMV by size.
std::vector<const Series*> steps(const ResultsView& view, Precision weights, std::int64_t batch);

// The first of them; null where there is none.
const Series* first_step(const ResultsView& view, Precision weights, std::int64_t batch);

// The same step in two weight formats, or with two batches.
struct StepPair {
  const Series* a;
  const Series* b;
};
std::optional<StepPair> same_step(const ResultsView& view, Precision a, Precision b,
                                  std::int64_t batch);
std::optional<StepPair> two_batches(const ResultsView& view, Precision weights, std::int64_t a,
                                    std::int64_t b);

bool is_whole_model(const Series& step);

// "decode of mistral-7b" or "one projection, 14336 x 4096"
std::string step_words(const Series& step);

}  // namespace roofproof::analysis
