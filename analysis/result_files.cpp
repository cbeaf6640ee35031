// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/result_files.h"

#include <algorithm>

#include "analysis/input_error.h"

namespace roofproof::analysis {
namespace {

bool is_result(const std::filesystem::path& file) {
  return file.extension() == ".json" && file.filename() != "schema.json" &&
         file.parent_path().filename() != "published";
}

}  // namespace

std::vector<std::string> result_files_below(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) {
    throw InputError(folder.string() + " is not a folder of results");
  }
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && is_result(entry.path())) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace roofproof::analysis
