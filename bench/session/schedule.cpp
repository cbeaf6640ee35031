// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/session/schedule.h"

#include <algorithm>
#include <cmath>

namespace roofproof::bench {
namespace {

// What is short is timed as what is bound by memory, whatever it computes.
const Timing& timing_of(const Case& planned, const Protocol& protocol) {
  return planned.caches == Caches::rotated ? protocol.timing(planned.problem.op)
                                           : protocol.memory_bound;
}

std::int64_t launches_of_a_sample(Workload& workload, Timer& timer, const Timing& timing) {
  const std::int64_t launches = calibrate(workload, timer, timing.sample_time_s);
  if (launches >= timing.least_launches) return launches;
  const double launch_s = timer.launches_s() / static_cast<double>(launches);
  const auto affordable = static_cast<std::int64_t>(longest_sample_s / std::max(launch_s, 1e-9));
  const std::int64_t more = std::max(launches, std::min(timing.least_launches, affordable));
  timer.prepare(workload, more);
  return more;
}

// Runs the samples that are prepared for that long.
void lead_in(const MeasureContext& context, double time_s) {
  const double end_s = context.now_s() + time_s;
  while (context.now_s() < end_s) context.timer.launches_s();
}

}  // namespace

Schedule schedule(const Case& planned, const MeasureContext& context, Workload& workload) {
  const Timing& timing = timing_of(planned, context.protocol);
  const bool settles = timing.warmup_s >= settle_window_s;
  Schedule result;
  result.clocks_settled =
      settles ? settle(workload, context, timing.warmup_s) : context.clocks_settled;
  if (planned.caches == Caches::cold) {
    result.launches = lone_launches;
    context.timer.prepare_alone(workload, result.launches);
  } else {
    result.launches = launches_of_a_sample(workload, context.timer, timing);
  }
  const double total_s = context.timer.launches_s();
  result.samples = std::clamp(static_cast<int>(timing.case_time_s / total_s), timing.least_samples,
                              timing.samples);
  if (!settles) lead_in(context, timing.warmup_s);
  return result;
}

std::int64_t calibrate(Workload& workload, Timer& timer, double time_s) {
  constexpr std::int64_t most = 1 << 20;
  std::int64_t launches = 1;
  while (true) {
    timer.prepare(workload, launches);
    const double total_s = timer.launches_s();
    if (total_s >= time_s || launches >= most) return launches;
    const double wanted = static_cast<double>(launches) * time_s / std::max(total_s, 1e-9);
    // Never more than tenfold at once: a first sample may be slow for reasons of its own.
    launches = std::clamp(static_cast<std::int64_t>(std::ceil(wanted * 1.05)), launches + 1,
                          std::min(most, launches * 10));
  }
}

bool settle(Workload& workload, const MeasureContext& context, double least_s) {
  // Two samples in a window, however long those of the case are.
  calibrate(workload, context.timer, settle_window_s / 2);
  return settle_clocks(context.timer, least_s, context.now_s);
}

}  // namespace roofproof::bench
