// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// One step over its batches: from which on computing, not reading, sets its time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/results_view.h"

namespace roofproof::analysis {

// A step has left the memory roof once it takes this much longer than its bytes explain. Less than
// the gain of one more doubling of the batch, more than the noise of a step.
inline constexpr double roof_departure = 1.2;

struct BatchSweep {
  std::vector<const Series*> steps;  // from batch 1 on, ascending; at least two
  // The first measured batch off the memory roof: batch 1 of a CPU that computes more slowly than
  // it reads; else the first that takes so much longer than batch 1 and the bytes added to it
  // explain. Nothing where every batch is on the roof.
  std::optional<std::int64_t> departure;
  std::optional<double> crossing;  // the batch at which the two measured roofs cross
};

// Of the most telling step with these weights (decode_steps.h); nothing where it has no second
// batch.
std::optional<BatchSweep> batch_sweep(const ResultsView& view, Precision weights);

// Time of step b over that of step a, beyond what the bytes of b explain.
std::optional<Estimate> excess_time(const Series& a, const Series& b);

}  // namespace roofproof::analysis
