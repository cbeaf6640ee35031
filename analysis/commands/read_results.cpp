// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/commands/read_results.h"

#include <fmt/format.h>

#include "analysis/result_files.h"

namespace roofproof::analysis {
namespace {

// Folders as the files in them.
std::vector<std::string> files_of(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (std::filesystem::is_directory(path)) {
      const std::vector<std::string> below = result_files_below(path);
      files.insert(files.end(), below.begin(), below.end());
    } else {
      files.push_back(path);
    }
  }
  return files;
}

}  // namespace

std::deque<ReadResult> read_results(const std::vector<std::string>& paths, Program& program) {
  std::deque<ReadResult> results;
  const std::vector<std::string> files = files_of(paths);
  std::size_t unread = files.size();
  for (const std::string& file : files) {
    --unread;
    try {
      results.push_back({file, read_record(file)});
    } catch (const RecordError& error) {
      if (results.empty() && unread == 0) throw;
      fmt::print(stderr, "roofproof: passed over: {}\n", error.what());
      program.exit_code = ExitCode::bad_input;
    }
  }
  return results;
}

}  // namespace roofproof::analysis
