// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/session/schedule.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "bench/session/measure.h"

namespace roofproof::bench {
namespace {

constexpr std::size_t windows_that_agree = 3;
constexpr double agreement = 0.01;

// The mean SM clock of the samples of one window; empty where the timer does not know it.
std::optional<double> run_window(Timer& timer, const Clock& now_s) {
  double sum_hz = 0;
  int known = 0;
  const double end_s = now_s() + settle_window_s;
  do {
    timer.launches_s();
    if (const auto clock_hz = timer.sm_clock_hz()) {
      sum_hz += *clock_hz;
      ++known;
    }
  } while (now_s() < end_s);
  if (known == 0) return std::nullopt;
  return sum_hz / known;
}

bool agree(const std::vector<double>& windows_hz) {
  if (windows_hz.size() < windows_that_agree) return false;
  const auto [lowest, highest] =
      std::minmax_element(windows_hz.end() - windows_that_agree, windows_hz.end());
  return *highest - *lowest <= agreement * *highest;
}

// Launches with cold or hot caches are short: they get the timing of the memory-bound, whatever
// they compute.
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

double steady_clock_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double process_cpu_time_s() {
  timespec time = {};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

bool settle_clocks(Timer& timer, double least_s, const Clock& now_s) {
  const double most_s = std::clamp(10 * least_s, 1.0, std::max(10.0, least_s));
  const double start_s = now_s();
  std::vector<double> windows_hz;
  bool clock_is_known = true;
  while (true) {
    const double passed_s = now_s() - start_s;
    if (passed_s >= least_s && (!clock_is_known || agree(windows_hz))) return true;
    if (passed_s >= most_s) return false;
    const std::optional<double> clock_hz = run_window(timer, now_s);
    clock_is_known = clock_hz.has_value();
    if (clock_hz) windows_hz.push_back(*clock_hz);
  }
}

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
    // Tenfold at most: the first sample may be slow because the code is loaded.
    launches = std::clamp(static_cast<std::int64_t>(std::ceil(wanted * 1.05)), launches + 1,
                          std::min(most, launches * 10));
  }
}

bool settle(Workload& workload, const MeasureContext& context, double least_s) {
  // Short samples, two to a window: those of the case may be longer than a window.
  calibrate(workload, context.timer, settle_window_s / 2);
  return settle_clocks(context.timer, least_s, context.now_s);
}

}  // namespace roofproof::bench
