// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What is kept of every run, so that a GPU can be followed over time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "analysis/spec.h"
#include "results/record/json_text.h"
#include "results/record/record.h"

namespace roofproof::analysis {

struct ReportRun;

// Without what was disturbed.
struct FollowedRun {
  std::string file;
  std::string date;
  bool synthetic = false;
  std::map<std::string, double> best;   // "gemm fp16" -> the highest rate, SI
  std::map<std::string, double> share;  // the same of the datasheet's roof, else the device's own
};
FollowedRun follow(const std::string& file, const Record& record, const SpecTable& specs);

// One entry per device with several runs; `runs` names the devices.
Json history_part(const std::vector<std::vector<FollowedRun>>& history,
                  const std::vector<ReportRun>& runs);

}  // namespace roofproof::analysis
