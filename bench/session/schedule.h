// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// How a case is timed, found by trying: the launches of a sample, and how many samples.
#pragma once

#include <cstdint>

#include "bench/session/measure.h"

namespace roofproof::bench {

struct Schedule {
  std::int64_t launches = 1;  // in a sample
  int samples = 1;
  bool clocks_settled = true;  // after the warm-up of the case, or of the session where it has none
};

// Warms up where the protocol asks for it, and leaves the timer prepared.
Schedule schedule(const Case& planned, const MeasureContext& context, Workload& workload);

// The launches that make one sample last `time_s`, for which the timer is then prepared.
std::int64_t calibrate(Workload& workload, Timer& timer, double time_s);

// Launches it at least that long, and on until the clocks have settled; false where they did not.
bool settle(Workload& workload, const MeasureContext& context, double least_s);

}  // namespace roofproof::bench
