// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof check: is this board what its kind can do (floors), and is it what it was (history)?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/check/floors.h"
#include "analysis/check/history.h"

namespace roofproof::analysis {

struct CheckRequest {
  std::vector<std::string> files;      // the run, and where there is one, a second that confirms it
  std::optional<std::string> history;  // folder
  bool strict = false;                 // what is inconclusive or missing fails
};

struct CheckReport {
  std::vector<std::string> files;    // by date
  std::string subject;               // "Tesla T4 · standard, 5 sessions"
  std::vector<std::string> notices;  // what makes a file unfit
  bool may_pass = true;              // complete, not made up, not disturbed
  bool strict = false;
  FloorCheck floors;
  std::optional<HistoryCheck> history;

  int count(Judgement judgement) const;
  int exit_code() const;
  // "regression: 2 below their floor or slower", without an end of line.
  std::string verdict() const;
};

// Throws RecordError on a file that cannot be read, InputError on files that do not go together.
CheckReport check_files(const CheckRequest& request, const SpecTable& specs);

std::string check_text(const CheckReport& report);
std::string check_markdown(const CheckReport& report);
std::string check_json(const CheckReport& report);

}  // namespace roofproof::analysis
