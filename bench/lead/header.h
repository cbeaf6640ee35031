// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a result says of a run before its first measurement.
#pragma once

#include <string>

#include "bench/lead/probe.h"
#include "bench/options.h"
#include "results/record/record.h"

namespace roofproof::bench {

// Of `device`, "host" or "cuda:N", as the report describes it.
Record make_header(const Options& options, const std::string& device, const ProbeReport& report);

}  // namespace roofproof::bench
