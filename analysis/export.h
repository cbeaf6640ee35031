// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A result for the tools that follow figures over time. One row per name (github-action-benchmark
// and Bencher keep the last of several).
#pragma once

#include <string>
#include <vector>

#include "analysis/results_view.h"

namespace roofproof::analysis {

// What may be followed: valid, of the standard conditions, and nothing of its kind was disturbed.
std::vector<const Series*> exported_series(const ResultsView& view);

// Google Benchmark's JSON: the geometric mean over the sessions as real_time in ns, no aggregates
// (they would be read as times), and `context.caches`, which Bencher's adapter requires.
std::string export_gbench(const ResultsView& view);

// github-action-benchmark's customBiggerIsBetter: [{name, unit, value, range, extra}], in GFLOP/s,
// GB/s or tokens/s; the range is the half width of the 95 % interval.
std::string export_bigger_is_better(const ResultsView& view);

// One line per name in SI units.
std::string export_csv(const ResultsView& view);

}  // namespace roofproof::analysis
