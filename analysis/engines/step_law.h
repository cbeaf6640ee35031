// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The time of one decode step in two terms: what the roofline says, of which an engine reaches a
// share, and what the engine does besides for every layer, however fast the memory is.
//
//   time = roofline time / share + layers x overhead per layer
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/statistics.h"

namespace roofproof::analysis {

struct StepLaw {
  double share = 1;                 // of the roofline, at most 1
  double overhead_per_layer_s = 0;  // at least 0

  double time_s(double roof_s, double layers) const {
    return roof_s / share + layers * overhead_per_layer_s;
  }
};

// A step that somebody timed.
struct TimedStep {
  std::string board;
  double roof_s = 0;  // by the datasheet's roofline
  double layers = 0;
  double time_s = 0;
};

// The law with the least mean error |predicted / timed - 1|. A mean of squares would follow the one
// step in ten that is twice as slow as all others. Throws std::invalid_argument without steps.
//
// The overhead goes by layers: over 23 rates of one user with vLLM on 14 boards, each board
// predicted from the others, the mean error is 13 % per layer, 15 % with one constant, 21 % with a
// share alone and 18 % with a constant alone. One constant per engine fails on small models:
// Qwen2.5-0.5B takes 2.2 ms a step on an H100, less than the constant that Llama-3-8B asks for.
// Per kernel launched is not told apart from per layer by these models, all of one kind of layer.
StepLaw fit_step_law(std::span<const TimedStep> steps);

// The same without overhead: one efficiency for all boards.
StepLaw fit_share(std::span<const TimedStep> steps);

using FitLaw = StepLaw (*)(std::span<const TimedStep>);

// Those of other boards.
std::vector<TimedStep> without(std::span<const TimedStep> steps, const std::string& board);

// Timed over predicted, for each step by the law of the other boards. Throws std::invalid_argument
// where there is one board only.
std::vector<double> held_out_ratios(std::span<const TimedStep> steps, FitLaw fit);

// A range that one more ratio falls into with this probability if it is drawn as these were: from
// the k-th smallest to the k-th largest of n, the greatest k at which that holds, at least the
// smallest and the largest, which hold (n - 1) / (n + 1).
Interval ratio_range(std::vector<double> ratios, double probability);

}  // namespace roofproof::analysis
