// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Why a figure is far below its roof, or above it: those of the known reasons that fit, the
// likeliest first.
#pragma once

#include <string>
#include <vector>

#include "analysis/audit/reported.h"
#include "analysis/spec.h"

namespace roofproof::analysis {

// What the reasons look at.
struct Situation {
  const ReportedFigure* figure;
  double share = 0;                          // of the roof
  double roof_step_s = 0;                    // of a decode step; 0: not one
  double cache_share = 0;                    // of the step's bytes
  double memory_share = 1;                   // of the GPUs' that weights and cache take
  double bits = 16;                          // per weight
  Arithmetic arithmetic = Arithmetic::fp16;  // that the roof is of
  bool has_sparsity = true;                  // 2:4, of the GPU
  double batch = 1;
  int gpus = 1;
};

// At most three.
std::vector<std::string> reasons_for_low(const Situation& situation);
std::vector<std::string> reasons_for_impossible(const Situation& situation);

}  // namespace roofproof::analysis
