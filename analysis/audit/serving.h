// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A run of a serving benchmark: the words that vLLM's and SGLang's share. Their output rate is over
// the whole run; only the time per output token can be held against a step.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/audit/fields.h"
#include "analysis/audit/reported.h"

namespace roofproof::analysis {

struct ServingRun {
  std::string engine;
  std::string model;
  std::string gpu;
  std::string weights;
  std::optional<int> gpus;  // of a replica
  int replicas = 1;
  bool speculative = false;
  std::optional<double> cache_bits;  // of a key or value
  std::optional<double> in_flight;   // requests, the mean over the run, as the tool has it
};

// Checks the record against itself and makes its figures: a time per output token and the output
// rate, those that are there.
std::vector<ReportedFigure> serving_figures(const Fields& fields, const ServingRun& run);

}  // namespace roofproof::analysis
