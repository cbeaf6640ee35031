// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The runs that were accepted as what a board is to be held to. A folder's file "baseline" names
// them, one per line, at most one for each GPU class and protocol.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "analysis/spec.h"

namespace roofproof::analysis {

// The accepted runs of this folder and of those below it.
std::vector<std::filesystem::path> accepted_runs_below(const std::filesystem::path& folder);

struct Accepted {
  std::filesystem::path list;  // the file that names it
  std::string before;          // what was accepted until now; empty where nothing was
};

// Makes `result` the baseline of its GPU class and protocol in its own folder; the list is replaced
// whole or not at all. Throws RecordError where it cannot be read, InputError where it is not fit
// (made up, incomplete, too few sessions), std::system_error where the list cannot be written.
Accepted accept_baseline(const std::filesystem::path& result, const SpecTable& specs);

}  // namespace roofproof::analysis
