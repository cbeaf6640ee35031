// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A run against floors: what others have measured on the same GPU, with a tenth's allowance.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/check/judgement.h"
#include "analysis/disturbance.h"
#include "analysis/results_view.h"
#include "analysis/spec.h"

namespace roofproof::analysis {

// Boards of one kind differ, and so do the programs that measured them.
inline constexpr double floor_of_achieved = 0.9;

// The best of one operation and precision: published figures are the best of several sizes too.
struct FloorRow {
  Kind kind;
  std::string name;                // of the benchmark; empty where none was measured
  std::optional<Estimate> rate;    // bytes/s or operations/s
  std::optional<Estimate> share;   // of the datasheet's peak or bandwidth
  std::optional<double> floor;     // the same; nothing where nobody's figure is known
  std::optional<Figure> achieved;  // what the floor is nine tenths of
  std::vector<std::string> citations;
  Judgement judgement = Judgement::none;
  std::string why;
};

struct FloorCheck {
  std::string why_none;  // why nothing can be judged; empty where something can
  std::string board;     // in the spec table; empty where it is none of it as a whole
  // What was measured, in the order of the file, then the other floors of the board.
  std::vector<FloorRow> rows;
};

FloorCheck hold_to_floors(const ResultsView& view, const Disturbance& disturbance,
                          const SpecTable& specs);

}  // namespace roofproof::analysis
