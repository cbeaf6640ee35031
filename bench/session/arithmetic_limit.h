// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What no arithmetic on a GPU can exceed.
#pragma once

#include <optional>

#include "kernels/device.h"
#include "kernels/problem/problem.h"

namespace roofproof::bench {

// FLOP/s (or integer operations/s) of what arithmetic bounds (is_arithmetic()) at the maximum
// clock; nothing for other operations, for CPUs and where the compute capability is newer than the
// table.
std::optional<double> most_flop_per_s(const Problem& problem, const Device& device,
                                      std::optional<double> sm_clock_max_hz);

}  // namespace roofproof::bench
