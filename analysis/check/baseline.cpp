// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/check/baseline.h"

#include <algorithm>
#include <sstream>

#include "analysis/check/run_history.h"
#include "analysis/input_error.h"
#include "analysis/statistics.h"
#include "results/record/atomic_file.h"

namespace roofproof::analysis {
namespace {

constexpr const char* list_name = "baseline";
constexpr const char* list_head = "# Written by `roofproof baseline accept`.\n";

std::vector<std::string> read_names(const std::filesystem::path& list) {
  std::vector<std::string> names;
  if (!std::filesystem::exists(list)) return names;
  std::istringstream lines(read_text_file(list));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.front() != '#') names.push_back(line);
  }
  return names;
}

void refuse_unfit(const PastRun& run) {
  if (!run.unfit.empty()) {
    throw InputError(run.file + ": " + run.unfit + ": it cannot be a baseline");
  }
  const bool enough = std::any_of(run.figures.begin(), run.figures.end(), [](const auto& entry) {
    return entry.second.sessions >= least_sessions_for_interval && entry.second.disturbance.empty();
  });
  if (!enough) throw InputError(run.file + " has no undisturbed benchmark of at least 3 sessions");
}

}  // namespace

std::vector<std::filesystem::path> accepted_runs_below(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> lists = {folder / list_name};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_directory()) lists.push_back(entry.path() / list_name);
  }
  std::sort(lists.begin(), lists.end());
  std::vector<std::filesystem::path> runs;
  for (const std::filesystem::path& list : lists) {
    for (const std::string& name : read_names(list)) runs.push_back(list.parent_path() / name);
  }
  return runs;
}

Accepted accept_baseline(const std::filesystem::path& result, const SpecTable& specs) {
  const PastRun run = reduce_run(result.string(), read_record(result), specs);
  refuse_unfit(run);
  const std::filesystem::path folder = result.has_parent_path() ? result.parent_path() : ".";
  Accepted accepted{folder / list_name, ""};
  std::string text = list_head;
  for (const std::string& name : read_names(accepted.list)) {
    const std::filesystem::path file = folder / name;
    // What is no longer there can be held to nothing.
    if (!std::filesystem::exists(file)) continue;
    if (are_comparable(reduce_run(file.string(), read_record(file), specs), run)) {
      accepted.before = name;
    } else {
      text += name + '\n';
    }
  }
  write_file_atomically(accepted.list, text + result.filename().string() + '\n');
  return accepted;
}

}  // namespace roofproof::analysis
