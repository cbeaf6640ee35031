// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the kernels of this project take for a decode step on one device: the step itself where it
// was measured there, else a law with the two terms of step_law.h, as the ladder of another step
// measured them.
#pragma once

#include <optional>
#include <string>

#include "analysis/engines/law.h"
#include "analysis/predict.h"
#include "analysis/results_view.h"

namespace roofproof::analysis {

struct MeasuredLaw {
  double share =
      1;  // of the read bandwidth of `ceilings`, at most 1; arithmetic has no share of it
  double overhead_per_layer_s = 0;
  std::string source;

  // Never less than the roofline.
  double time_s(const RoofTime& roof, double layers) const;
};

// From the ladder of this model at batch 1, else of another with the same weights: the share is how
// fast its products read the weights, the overhead what else the step takes beyond its bytes. The
// assumptions: both hold for other models, batches and contexts, and the overhead goes by layers.
// Nothing where no ladder was measured undisturbed and resolved.
std::optional<MeasuredLaw> measured_law(const ResultsView& view, const Ceilings& ceilings,
                                        const ModelWorkload& workload);

struct MeasuredExpected {
  Expected tokens;
  std::string source;
};

// `prediction` is of `workload` under `ceilings`. This very step where it was measured undisturbed,
// with its 95 % interval, of which nothing lies above the roofline unless the step itself does;
// else what the law says, of which no interval is known.
std::optional<MeasuredExpected> expect_measured(const ResultsView& view, const Ceilings& ceilings,
                                                const ModelWorkload& workload,
                                                const Prediction& prediction);

}  // namespace roofproof::analysis
