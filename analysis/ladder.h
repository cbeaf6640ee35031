// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Where the time of a decode step goes. Its rungs are measured variants of the step, each doing
// more of its work than the one before; a part is what a rung adds, and what the rungs do not
// explain is a part of its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/results_view.h"

namespace roofproof::analysis {

struct LadderPart {
  std::string_view name;
  Estimate time_s;  // arithmetic mean; a difference of two rungs may be negative
};

struct Ladder {
  Estimate step_s;                  // over the sessions that measured every rung
  std::vector<LadderPart> parts;    // weights, arithmetic, attention, launches, unexplained
  std::vector<const Series*> from;  // the step, then its rungs
  bool disturbed = false;           // the step or a rung

  // False where sessions differ by more than the step takes: its parts then are their noise.
  bool is_resolved() const {
    return !disturbed && (!step_s.interval || step_s.interval->high <= 2 * step_s.value);
  }
  double share(const LadderPart& part) const { return part.time_s.value / step_s.value; }
};

// Nothing where the step or one of its rungs was not measured. The parts add up to the step,
// session by session. The view must outlive it.
std::optional<Ladder> ladder(const ResultsView& view, const Problem& decode);

// "60.2 ms = weights 54.3 + arithmetic 1.1 + attention 1.5 + launches 1.9 + unexplained 1.4 (2 %)";
// without parts where it is not resolved.
std::string ladder_text(const Ladder& ladder);

}  // namespace roofproof::analysis
