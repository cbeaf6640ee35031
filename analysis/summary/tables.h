// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The tables of the summary. Each is "" where the run has nothing for it.
#pragma once

#include <string>

#include "analysis/results_view.h"
#include "analysis/spec.h"

namespace roofproof::analysis {

// The best of each operation and precision: by hand, by a library, their ratio, and its shares of
// the datasheet's, the device's own, the clock-adjusted and the measured ceiling.
std::string ceilings_table(const ResultsView& view, const SpecTable& specs);

// One projection at batch 1 in every weight format, against measured read bandwidth: the law of a
// decode, kernel by kernel. Of a format that does not keep up with memory it is said what
// binds it, or that this is unclear.
std::string projection_table(const ResultsView& view);

// Whole models at batch 1: the article's tokens/s, those of the measured ceilings, the measured,
// and what a token costs.
std::string decode_table(const ResultsView& view, const SpecTable& specs, const std::string& file);

// Where the time of each of them goes, one line each: the rungs that were measured (ladder.h).
std::string ladder_lines(const ResultsView& view);

// From which batch on a step computes rather than reads, in every weight format, and what its
// largest batch brings.
std::string batch_table(const ResultsView& view);

// A layer's prefill, by prompt: tokens/s, FLOP/s, and its shares of the ceilings as above.
std::string prefill_table(const ResultsView& view, const SpecTable& specs);

// What the article's GPUs would do, by datasheet: for whoever has none of them.
std::string predictions_table(const SpecTable& specs);

}  // namespace roofproof::analysis
