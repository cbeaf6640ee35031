// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/commands/read_results.h"

#include <fmt/format.h>

namespace roofproof::analysis {

std::deque<ReadResult> read_results(const std::vector<std::string>& files, Program& program) {
  std::deque<ReadResult> results;
  std::size_t unread = files.size();
  for (const std::string& file : files) {
    --unread;
    try {
      results.push_back({file, read_record(file)});
    } catch (const RecordError& error) {
      if (results.empty() && unread == 0) throw;
      fmt::print(stderr, "roofproof: passed over: {}\n", error.what());
      program.exit_code = exit_bad_input;
    }
  }
  return results;
}

}  // namespace roofproof::analysis
