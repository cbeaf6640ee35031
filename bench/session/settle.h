// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The end of a warm-up: when the device's clocks have settled.
#pragma once

#include <functional>

#include "bench/session/timer.h"

namespace roofproof::bench {

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

}  // namespace roofproof::bench
