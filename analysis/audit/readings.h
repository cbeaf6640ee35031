// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a step of a reported model reads, as it is likely and as it is at the least: both are what
// predict counts (analysis/predict.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/audit/judge.h"
#include "analysis/predict.h"

namespace roofproof::analysis {

struct Readings {
  ModelWorkload likely;
  // Under every reading that what is known leaves open: fewest bits, one sequence, no embedding.
  ModelWorkload least;
  std::string least_is;  // in words: what makes it least; empty: nothing
  std::optional<std::int64_t> layers;
  double prompt_flop = 0;  // per prompt token, without the LM head
  double least_prompt_flop = 0;
  std::vector<std::string> notes;
};

// The model by its name; nothing where there is none of that name here, or where the file says
// another number of parameters.
std::optional<ModelLayout> named_model(const ReportedFigure& figure);

// The name of the format that a model's name says, "" where it says none: "Llama-3.1-405B-FP8".
std::string format_in_name(const std::string& model);

// Names in `missing` what it takes besides, each with its option; then there are no readings.
std::optional<Readings> count_readings(const ReportedFigure& figure, const Stated& stated,
                                       std::vector<std::string>& missing);

}  // namespace roofproof::analysis
