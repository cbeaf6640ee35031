// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof check: is this board what its kind can do (floors), and is it what it was (history)?
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analysis/check/floors.h"
#include "analysis/check/history.h"

namespace roofproof::analysis {

struct CheckRequest {
  std::vector<std::string> files;      // the run, and where there is one, a second that confirms it
  std::optional<std::string> history;  // folder
  bool strict = false;                 // what is inconclusive or missing fails too
};

struct CheckReport {
  std::vector<std::string> files;  // by date
  std::string subject;             // "Tesla T4 · standard, 5 sessions"
  std::string date;                // of the first, UTC
  std::string host_name;
  std::vector<std::string> notices;  // what makes a file unfit
  std::set<std::string> flaws;       // why it is no pass whatever holds: "a case failed"
  bool strict = false;
  FloorCheck floors;
  std::optional<HistoryCheck> history;

  int count(Judgement judgement) const;
  // Whether any figure of memory, or of arithmetic, held against a floor or the past.
  bool was_held(bool arithmetic) const;
  // Why this is no pass although nothing is worse: "2 without an answer", "memory was held against
  // nothing". Under `strict` also what is missing.
  std::vector<std::string> obstacles() const;
  // 0 without obstacles; 1 where anything is worse, or under `strict` with obstacles; else 3.
  int exit_code() const;
  // "regression: 2 slower or below the floor", without an end of line.
  std::string verdict() const;
};

// Throws RecordError on a file that cannot be read, InputError on files that do not go together.
CheckReport check_files(const CheckRequest& request, const SpecTable& specs);

std::string check_text(const CheckReport& report);
std::string check_markdown(const CheckReport& report);
std::string check_json(const CheckReport& report);
// Each row a test case: worse is a failure, inconclusive an error, without a yardstick skipped; the
// case "verdict" passes where the exit code is 0 and nowhere else.
std::string check_junit(const CheckReport& report);

}  // namespace roofproof::analysis
