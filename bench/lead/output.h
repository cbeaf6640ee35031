// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a run has before its first measurement: what its result says of it, and the files that it
// writes.
#pragma once

#include <filesystem>
#include <string>

#include "bench/lead/probe.h"
#include "bench/options.h"
#include "results/record/record.h"

namespace roofproof::bench {

// Of `device`, "host" or "cuda:N", as the report describes it.
Record make_header(const Options& options, const std::string& device, const ProbeReport& report);

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
