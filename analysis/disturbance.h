// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Figures that were measured while something else ran. They are shown and decide nothing.
#pragma once

#include <initializer_list>
#include <map>
#include <string>

#include "analysis/results_view.h"
#include "analysis/spec.h"

namespace roofproof::analysis {

// So many of the headline rows may be disturbed before the whole run is: the others had less of the
// memory and the caches, which no row can tell.
inline constexpr double most_disturbed_share = 0.1;

// A GEMM of a CPU this far above its own peak loop, intervals included: the loop was disturbed,
// whatever its rows say.
inline constexpr double most_of_own_roof = 1.1;

// Rungs of a ladder and other rows with a condition too.
bool is_disturbed(const Row& row);
bool is_disturbed(const Series& series);  // in any session

class Disturbance {
 public:
  explicit Disturbance(const ResultsView& view);

  bool any() const { return !of_run_.empty() || !of_kind_.empty(); }

  // Why nothing may be decided from the whole run; "" where its rows have to tell.
  const std::string& of_run() const { return of_run_; }

  // Why nothing may be decided from a figure; "" where it may. One disturbed row is enough for all
  // of its operation and precision: the best of them is looked for, and it may be the one.
  std::string of(const Kind& kind) const;
  std::string of(const Problem& problem) const { return of(Kind(problem.op, problem.precision)); }

  // Rows with a condition, of which their kind does not tell, too.
  bool may_decide(const Series& series) const {
    return of(series.problem).empty() && !is_disturbed(series);
  }

  // ", disturbed", to stand behind a figure that one has a part in that may not decide; else "".
  // Null has no part.
  std::string mark(std::initializer_list<const Series*> from) const;

 private:
  std::string of_run_;
  std::map<Kind, std::string> of_kind_;
};

// What is to be said first of such a run, and what to do; "" where nothing was disturbed.
std::string disturbance_banner(const Record& record, const std::string& file);

}  // namespace roofproof::analysis
