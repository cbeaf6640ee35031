// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What comes before the samples of a case: the warm-up, until the clocks have settled, and, found
// by trying, the launches of a sample and how many samples there are.
#pragma once

#include <cstdint>
#include <functional>

#include "bench/plan.h"
#include "bench/session/timer.h"

namespace roofproof::bench {

struct MeasureContext;

// Seconds since some moment. Tests have one of their own.
using Clock = std::function<double()>;
double steady_clock_s();
// CPU time of all threads of this process; NaN where the system does not tell.
double process_cpu_time_s();

inline constexpr double settle_window_s = 0.1;

// Runs the samples that `timer` has prepared for at least `least_s`, and on until the SM clock of
// three successive windows of 100 ms agrees within 1 %. After ten times that, 1 to 10 s, it gives
// up: false; at a power limit a clock may swing for ever, and a short run has no time for it. Where
// the timer does not know the clock, `least_s` is all.
bool settle_clocks(Timer& timer, double least_s, const Clock& now_s = steady_clock_s);

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
