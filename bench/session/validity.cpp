// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/session/validity.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "results/record/median.h"
#include "results/record/row_reasons.h"

namespace roofproof::bench {
namespace {

constexpr double settled_drift = 0.02;   // of the clock, first against last third of the samples
constexpr double most_drift = 0.25;      // above it the figure has no one clock
constexpr double usual_clock = 0.95;     // of the maximum; at or below it something holds the clock
constexpr double waking_clock = 0.75;    // of the maximum; below it the GPU may still be waking up
constexpr double largest_outlier = 1.5;  // slowest sample over the median one
constexpr double least_cpu_share = 0.9;  // of the wall time: below it others had the CPUs
constexpr double widest_interval = 2;    // of the samples, highest over lowest end
constexpr double least_busy = 0.10;      // of the time: from here on somebody computes
constexpr std::int64_t most_idle_memory_bytes = std::int64_t{256} << 20;
constexpr double least_empty_launches = 3;  // below it a kernel's time is mostly its launch
constexpr double most_of_limit = 1.02;      // above it the work was not all done, or not all timed

double mean(std::vector<double>::const_iterator first, std::vector<double>::const_iterator last) {
  return std::accumulate(first, last, 0.0) / static_cast<double>(last - first);
}

template <class T>
bool grew(const std::optional<T>& before, const std::optional<T>& after) {
  return before && after && *after > *before;
}

// Collects findings; the gravest decides. A second try is worth it where some cause may pass and no
// cause that makes it invalid stays.
class Findings {
 public:
  void add(Validity validity, std::string reason, bool may_pass = false) {
    assessment_.validity = std::max(assessment_.validity, validity);
    assessment_.reasons.push_back(std::move(reason));
    some_cause_may_pass_ = some_cause_may_pass_ || may_pass;
  }
  void reject(std::string reason, bool may_pass = false) {
    assessment_.invalid = true;
    stays_invalid_ = stays_invalid_ || !may_pass;
    add(Validity::suspect, std::move(reason), may_pass);
  }
  Assessment result() && {
    assessment_.may_pass = some_cause_may_pass_ && !stays_invalid_;
    return std::move(assessment_);
  }

 private:
  Assessment assessment_;
  bool some_cause_may_pass_ = false;
  bool stays_invalid_ = false;
};

// Relative change of the clock from the first third of the samples to the last.
double clock_drift(const std::vector<double>& clocks_hz) {
  const auto third = static_cast<std::ptrdiff_t>(clocks_hz.size() / 3);
  if (third == 0) return 0;
  return mean(clocks_hz.end() - third, clocks_hz.end()) /
             mean(clocks_hz.begin(), clocks_hz.begin() + third) -
         1;
}

// What can hold the clock, as the driver tells it: by a bit, in any sample, or by a time that grew.
struct Hold {
  std::string_view words;
  std::uint64_t bits;
  std::optional<double> TelemetryRecord::*held_s = nullptr;
  bool only_if_low = false;
};
constexpr Hold holds[] = {
    {ClockReason::power_cap, ThrottleReason::power_cap, &TelemetryRecord::power_violation_s},
    {ClockReason::temperature, ThrottleReason::software_thermal | ThrottleReason::hardware_thermal,
     &TelemetryRecord::thermal_violation_s},
    {ClockReason::power_brake, ThrottleReason::power_brake},
    // A change of performance state sets this bit for a moment without slowing anything down.
    {ClockReason::hardware, ThrottleReason::hardware_slowdown, nullptr, true},
    {ClockReason::setting, ThrottleReason::clock_setting, nullptr, true},
};

bool is_told(const Hold& hold, const Conditions& conditions) {
  return (conditions.after.throttle_reasons.value_or(0) & hold.bits) != 0 ||
         (hold.held_s && grew(conditions.before.*hold.held_s, conditions.after.*hold.held_s));
}

// ": 0.51 of 1.98 GHz", as far as it is known.
std::string clock_text(const std::vector<double>& clocks_hz, std::optional<double> max_hz) {
  if (clocks_hz.empty()) return "";
  const std::string most = max_hz ? fmt::format(" of {:.2f}", *max_hz / 1e9) : "";
  return fmt::format(": {:.2f}{} GHz", median(clocks_hz) / 1e9, most);
}

// A GPU that is held back is what its user has: the figure stays, and the clock stands beside it.
void find_holds(const Conditions& conditions, Findings& findings) {
  const std::vector<double>& clocks_hz = conditions.clocks_hz;
  const std::string clock = clock_text(clocks_hz, conditions.sm_clock_max_hz);
  const double share = clocks_hz.empty() || !conditions.sm_clock_max_hz
                           ? 1
                           : median(clocks_hz) / *conditions.sm_clock_max_hz;
  const bool low = share < usual_clock;
  bool explained = false;
  for (const Hold& hold : holds) {
    if ((hold.only_if_low && !low) || !is_told(hold, conditions)) continue;
    findings.add(Validity::annotated, std::string(hold.words) + clock);
    explained = true;
  }
  const bool waking = share < waking_clock;
  // A clock that still rises is low for that reason.
  if (!low || explained || (!conditions.clocks_settled && !waking)) return;
  // The driver has no call that tells of locked clocks: this is how they look.
  const char* why =
      conditions.after.throttle_reasons
          ? "without a reason from the driver, possibly a clock lock (nvidia-smi -lgc)"
          : "for a reason that the driver does not report";
  findings.add(Validity::annotated, fmt::format("{} {}{}", ClockReason::unknown, why, clock),
               waking);
}

void find_clock_faults(const Conditions& conditions, Findings& findings) {
  if (!conditions.clocks_settled) {
    findings.add(Validity::annotated, fmt::format("{} after the warm-up", ClockReason::unsettled));
  }
  const std::vector<double>& clocks_hz = conditions.clocks_hz;
  if (!std::all_of(clocks_hz.begin(), clocks_hz.end(), [](double hz) { return hz > 0; })) {
    findings.reject("the clock is not known in every batch", true);
    return;
  }
  find_holds(conditions, findings);
  // Power and heat move the clock over seconds, longer than a short case lasts: a second try is
  // steadier.
  const double drift = clock_drift(clocks_hz);
  if (std::abs(drift) <= settled_drift) return;
  const std::string reason = fmt::format("{}: by {:+.1f} %", ClockReason::drift, drift * 100);
  if (std::abs(drift) <= most_drift) {
    findings.add(Validity::annotated, reason, true);
  } else {
    findings.reject(reason, true);
  }
}

// Processes are counted, not named: in a container the management library knows them by numbers
// that mean nothing there. The server of MPS is one of them, and for MIG's whole GPU those of all
// its instances are.
int count_others(const TelemetryRecord& idle, bool shared_by_design) {
  return shared_by_design ? 0 : idle.compute_processes.value_or(0);
}

// Only with --ignore-busy: else a run on a GPU that is in use has ended before this.
void find_others(const Conditions& conditions, Findings& findings) {
  const TelemetryRecord idle = conditions.idle.value_or(TelemetryRecord{});
  const int others = count_others(idle, conditions.shared_by_design);
  if (others > 0) {
    findings.add(Validity::annotated,
                 fmt::format("{} other process(es) compute on this GPU", others));
  }
  if (idle.gpu_utilisation.value_or(0) > 0) {
    findings.add(Validity::annotated,
                 fmt::format("other work used this GPU before the run: {:.0f} %",
                             *idle.gpu_utilisation * 100));
  }
  if (count_others(conditions.after, conditions.shared_by_design) > others + 1) {
    findings.reject("another process began to compute on this GPU", true);
  }
  // Memory in use costs no time by itself, and a desktop uses some.
  if (others == 0 && idle.memory_used_bytes.value_or(0) > most_idle_memory_bytes) {
    findings.add(Validity::annotated,
                 fmt::format("some of the GPU's memory was in use before: {:.0f} MB",
                             static_cast<double>(*idle.memory_used_bytes) / 1e6));
  }
}

void find_contention(const Conditions& conditions, Findings& findings) {
  find_others(conditions, findings);
  if (conditions.samples_s.empty()) return;
  const double slowest =
      *std::max_element(conditions.samples_s.begin(), conditions.samples_s.end());
  const double ratio = slowest / median(conditions.samples_s);
  if (ratio <= largest_outlier) return;
  const std::string reason =
      fmt::format("uneven batches: the slowest took {:.1f} times the median", ratio);
  // A CPU is always shared: the median over samples and sessions copes, and the row says so.
  if (conditions.backend == Backend::host) {
    findings.add(Validity::annotated, reason);
  } else {
    findings.reject(reason + "; is something else using the GPU?", true);
  }
}

// Most samples were held up: then the median does not help.
void find_disturbance(const Conditions& conditions, Findings& findings) {
  if (conditions.cpu_share && !(*conditions.cpu_share >= least_cpu_share)) {
    findings.add(Validity::disturbed,
                 fmt::format("{}: the threads had {:.0f} % of the wall time", other_processes,
                             100 * *conditions.cpu_share),
                 true);
  }
  if (conditions.samples_s.empty()) return;
  const auto [low_s, high_s] = median_interval(conditions.samples_s);
  if (!(high_s <= widest_interval * low_s)) {
    findings.add(Validity::disturbed,
                 fmt::format("the batches disagree: the interval of their median spans {:.1f}x",
                             high_s / low_s),
                 true);
  }
}

// Operations that an SM starts per clock, for the fastest product of each compute capability: this
// is a limit. A test holds the table against analysis/specs, where every rate has its source.
struct Rates {
  int compute_capability;
  double fp32;
  double fp16;  // tensor cores, FP32 accumulation
  double int8;  // tensor cores; 0: not known
};
constexpr Rates rates_per_clock[] = {
    {75, 128, 1024, 2048}, {80, 128, 2048, 4096},  {86, 256, 1024, 2048},
    {89, 256, 1024, 2048}, {90, 256, 4096, 8192},  {100, 256, 8192, 16384},
    {103, 256, 8192, 0},   {120, 256, 1024, 2048}, {121, 256, 1024, 0},
};

// Weights in INT8 are expanded, except those of a GEMM or a peak loop of integers.
double rate(const Rates& rates, const Problem& problem) {
  if (problem.precision == Precision::fp32) return rates.fp32;
  const bool integers = problem.precision == Precision::int8 && problem.op != Op::prefill;
  return integers ? rates.int8 : rates.fp16;
}

}  // namespace

std::string in_use_by_others(const TelemetryRecord& idle, bool shared_by_design) {
  if (const int others = count_others(idle, shared_by_design); others > 0) {
    return fmt::format("{} other process(es) compute on it", others);
  }
  const double busy = idle.gpu_utilisation.value_or(0);
  return busy < least_busy ? "" : fmt::format("it is in use for {:.0f} % of the time", busy * 100);
}

Assessment assess(const Conditions& conditions) {
  Findings findings;
  find_clock_faults(conditions, findings);
  find_contention(conditions, findings);
  find_disturbance(conditions, findings);
  if (!conditions.host_was_ahead) {
    findings.add(Validity::annotated, "the host did not launch ahead of the GPU", true);
  }
  if (conditions.empty_launch_s) {
    const double launch_s = median(conditions.samples_s);
    if (!(launch_s >= least_empty_launches * *conditions.empty_launch_s)) {
      findings.add(
          Validity::annotated,
          fmt::format("mostly launch time, not bandwidth: {:.2f} us, an empty launch takes "
                      "{:.2f} us",
                      1e6 * launch_s, 1e6 * *conditions.empty_launch_s));
    }
  }
  if (conditions.caches_kept) {
    findings.add(Validity::annotated,
                 "the device does not report its cache size: the cache was not flushed, so these "
                 "launches may not be cold");
  }
  const bool memory_errors =
      grew(conditions.before.uncorrected_ecc_errors, conditions.after.uncorrected_ecc_errors);
  if (memory_errors) findings.reject("uncorrected memory errors");
  if (conditions.bus_bytes_per_s &&
      conditions.bytes_per_s > most_of_limit * *conditions.bus_bytes_per_s) {
    findings.add(Validity::suspect,
                 fmt::format("more than the bus can carry: {:.0f} of {:.0f} GB/s",
                             conditions.bytes_per_s * 1e-9, *conditions.bus_bytes_per_s * 1e-9));
  }
  if (conditions.most_flop_per_s &&
      conditions.flop_per_s > most_of_limit * *conditions.most_flop_per_s) {
    findings.add(Validity::suspect,
                 fmt::format("more than the SMs can start: {:.1f} of {:.1f} TFLOP/s",
                             conditions.flop_per_s * 1e-12, *conditions.most_flop_per_s * 1e-12));
  }
  Assessment assessment = std::move(findings).result();
  assessment.device_broken = memory_errors;
  return assessment;
}

std::optional<double> most_flop_per_s(const Problem& problem, const Device& device,
                                      std::optional<double> sm_clock_max_hz) {
  if (!is_arithmetic(problem.op)) return std::nullopt;
  if (device.backend != Backend::cuda || !sm_clock_max_hz) return std::nullopt;
  for (const Rates& rates : rates_per_clock) {
    if (rates.compute_capability != device.compute_capability) continue;
    const double per_clock = rate(rates, problem);
    if (per_clock == 0) return std::nullopt;
    return device.processors * *sm_clock_max_hz * per_clock;
  }
  return std::nullopt;
}

}  // namespace roofproof::bench
