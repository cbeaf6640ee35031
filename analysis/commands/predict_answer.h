// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What `roofproof predict` found out, and its two forms.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/engines/law.h"
#include "analysis/predict.h"

namespace roofproof::analysis {

struct Answer {
  std::string asked_for;  // the words of --gpu; "" without
  std::string from;       // the result file; "" without
  int gpus = 1;
  SpecChoice choice = {nullptr, {}};  // the GPU asked for, or the one that the run is of
  std::vector<std::string> banners;
  std::vector<std::string> notes;
  bool synthetic = false;
  Ceilings ceilings;
  ModelWorkload workload;
  Prediction prediction;
  std::optional<Prediction> by_datasheet;  // beside that of a run
  std::optional<Expected> expected;        // of an engine, or of our kernels by a run
  std::string expected_source;
  std::string score;  // one line: how good predictions are
};

std::string predict_text(const Answer& answer);
std::string predict_json(const Answer& answer);

}  // namespace roofproof::analysis
