// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The law of step_law.h for the kernels of this project on one device: both of its terms as the
// ladder of a decode step measured them there.
#pragma once

#include <optional>
#include <string>

#include "analysis/engines/step_law.h"
#include "analysis/predict.h"
#include "analysis/results_view.h"

namespace roofproof::analysis {

struct MeasuredLaw {
  StepLaw law;     // the share is that of the bandwidth of `ceilings`
  Interval ratio;  // 95 % of the measured step's time over its mean; 1 to 1 without an interval
  std::string source;
};

// From the ladder of this model at batch 1, else of another with the same weights: the share is how
// fast its products read the weights, the overhead what else the step takes beyond its bytes. The
// assumptions: both hold for other models, batches and contexts, and the overhead goes by layers.
// Nothing where no ladder was measured undisturbed and resolved.
std::optional<MeasuredLaw> measured_law(const ResultsView& view, const Ceilings& ceilings,
                                        const ModelWorkload& workload);

}  // namespace roofproof::analysis
