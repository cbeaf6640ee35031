// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/session/settle.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <vector>

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

}  // namespace roofproof::bench
