// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Where a folder of results has its files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace roofproof::analysis {

// Every result file below the folder, by path. What lies beside the runs in this project's own
// results/ (the schema, what others published) is no result. Throws InputError where there is no
// such folder.
std::vector<std::string> result_files_below(const std::filesystem::path& folder);

}  // namespace roofproof::analysis
