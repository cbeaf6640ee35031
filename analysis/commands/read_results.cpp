// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/commands/read_results.h"

#include <fmt/format.h>

#include <utility>

#include "analysis/input_error.h"
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

void for_each_result(const std::vector<std::string>& paths, Program& program,
                     const std::function<void(const std::string& file, Record&& record)>& take) {
  const std::vector<std::string> files = files_of(paths);
  if (files.empty() && !paths.empty()) throw InputError("no result file in " + paths.front());
  bool any = false;
  std::size_t unread = files.size();
  for (const std::string& file : files) {
    --unread;
    try {
      take(file, read_record(file));
      any = true;
    } catch (const RecordError& error) {
      if (!any && unread == 0) throw;
      fmt::print(stderr, "roofproof: skipped: {}\n", error.what());
      program.exit_code = ExitCode::bad_input;
    }
  }
}

std::deque<ReadResult> read_results(const std::vector<std::string>& paths, Program& program) {
  std::deque<ReadResult> results;
  for_each_result(paths, program, [&](const std::string& file, Record&& record) {
    results.push_back({file, std::move(record)});
  });
  return results;
}

}  // namespace roofproof::analysis
