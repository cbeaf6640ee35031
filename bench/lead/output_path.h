// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Where a run's files go.
#pragma once

#include <filesystem>

#include "results/record/record.h"

namespace roofproof::bench {

struct OutputPaths {
  std::filesystem::path result;
  std::filesystem::path journal;
};

// Makes the folder and proves, before anything is measured, that a file can be written there and
// that there is room. `out` empty: <results>/<device>/<utc>-<id>.json, where <results> is
// $ROOFPROOF_RESULTS or "results" in the current folder. Throws std::system_error naming the path.
OutputPaths prepare_output(const std::filesystem::path& out, const Record& header);

// "Tesla T4" -> "tesla-t4".
std::string slug(const std::string& device_name);

}  // namespace roofproof::bench
