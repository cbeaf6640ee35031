// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The leading process: finds the devices and has each measured, by child processes. It never
// touches a device itself: what hangs or crashes a driver costs a child.
#pragma once

#include <span>

#include "bench/lead/device_run.h"
#include "bench/options.h"
#include "bench/suite.h"

namespace roofproof::bench {

// Returns the exit code. Throws EnvironmentUnfit where there is nothing to measure on.
int lead(const Options& options, std::span<const SuiteRow> suite, const Reports& reports);

}  // namespace roofproof::bench
