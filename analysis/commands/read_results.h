// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Result files named on the command line.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "analysis/commands/command.h"
#include "results/record/record.h"

namespace roofproof::analysis {

// Hands over those that can be read, of folders all files in them. Each other is named on standard
// error with what is wrong with it, and the program will end with exit code 2. Throws RecordError
// where none is left, InputError where there was none.
void for_each_result(const std::vector<std::string>& paths, Program& program,
                     const std::function<void(const std::string& file, Record&& record)>& take);

struct ReadResult {
  std::string file;
  Record record;
};

// The same, all together.
std::deque<ReadResult> read_results(const std::vector<std::string>& paths, Program& program);

}  // namespace roofproof::analysis
