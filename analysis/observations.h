// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a run has to say of its own rows, each cause once.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "results/record/record.h"

namespace roofproof::analysis {

// A reason of rows: "power cap", "uneven batches". What stands behind a colon is the row's own and
// left out.
struct Observation {
  std::string cause;
  int rows = 0;

  // "power cap (3 of 45 rows)"
  std::string words(const Record& record, const std::string& remark = "") const;
};
std::vector<Observation> observations(const Record& record);

// Cases without a figure for the same reason.
struct Absence {
  NotMeasured::Status status;
  std::string reason;
  std::set<std::string> names;
};
std::vector<Absence> absences(const Record& record);

}  // namespace roofproof::analysis
