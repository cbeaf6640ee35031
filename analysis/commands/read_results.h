// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Result files named on the command line.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "analysis/commands/command.h"
#include "results/record.h"

namespace roofproof::analysis {

struct ReadResult {
  std::string file;
  Record record;
};

// Those that can be read, of folders all files in them. Each other is named on standard error with
// what is wrong with it, and the program will end with exit code 2. Throws RecordError where none
// is left.
std::deque<ReadResult> read_results(const std::vector<std::string>& paths, Program& program);

}  // namespace roofproof::analysis
