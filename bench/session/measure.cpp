// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/session/measure.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <new>
#include <stdexcept>

#include "bench/device/device_fault.h"
#include "bench/session/validity.h"
#include "results/record/median.h"

namespace roofproof::bench {
namespace {

using Status = NotMeasured::Status;

// A100 and H100 sample their power in 25 of each 100 ms (arXiv:2312.02741), and the energy counter
// follows: what lasts less than several such periods has no energy of its own.
constexpr double least_energy_window_s = 0.7;

// Sets of buffers in rotation, so that none is served from cache: together four times the
// last-level cache, at least two sets, at most half of the memory. A whole model needs one set: it
// is larger than the cache, and a step reads each weight once.
int rotated_copies(const Problem& problem, const Device& device) {
  constexpr double cache_multiple = 4;
  constexpr double most = 64;
  const double bytes = compulsory_bytes(problem);
  if (!(bytes > 0)) return 1;
  const double least = problem.op == Op::decode ? 1 : 2;
  const double wanted =
      std::ceil(cache_multiple * static_cast<double>(device.last_level_cache_bytes) / bytes);
  const double fitting = std::floor(static_cast<double>(device.memory_bytes) / 2 / bytes);
  return static_cast<int>(std::max(1.0, std::min({std::max(least, wanted), fitting, most})));
}

struct Prepared {
  const CatalogueEntry* entry = nullptr;
  std::unique_ptr<Workload> workload = {};
  int copies = 1;
};

Prepared prepare(const CatalogueEntry& entry, const Case& planned, const MeasureContext& context) {
  Preparation preparation;
  preparation.seed = static_cast<std::uint64_t>(context.session) + 1;
  preparation.copies =
      planned.caches == Caches::hot ? 1 : rotated_copies(planned.problem, context.device);
  preparation.stream = context.timer.stream();
  return {&entry, entry.prepare(planned.problem, context.device, preparation), preparation.copies};
}

std::string wrong_result(const Prepared& prepared, const Check& check) {
  return prepared.workload->label() + ": " + check.message;
}

double quick_time_s(Workload& workload, const MeasureContext& context) {
  const std::int64_t launches =
      calibrate(workload, context.timer, context.protocol.memory_bound.sample_time_s);
  double fastest_s = context.timer.launches_s();
  for (int i = 0; i < 2; ++i) fastest_s = std::min(fastest_s, context.timer.launches_s());
  return fastest_s / static_cast<double>(launches);
}

// The chosen kernel, and why others were passed over.
struct Chosen {
  Prepared prepared = {};
  std::vector<std::string> unsupported = {};
  std::vector<std::string> wrong = {};
  std::vector<std::string> failed = {};  // could not be prepared
};

// Whether the failure is this kernel's: where memory or the device is at fault, the next one fails
// too.
bool is_the_kernels_own(const std::exception& error) {
  return dynamic_cast<const std::bad_alloc*>(&error) == nullptr &&
         classify_fault(error).kind == DeviceFault::of_the_case;
}

Chosen choose(const Case& planned, const MeasureContext& context) {
  Chosen chosen;
  std::exception_ptr first_failure;
  double fastest_s = 0;
  bool winner_dropped = false;
  for (const CatalogueEntry* entry : candidates(context.catalogue, planned.problem,
                                                planned.implementation, context.device.backend)) {
    const std::string kernel(entry->kernel.name);
    if (planned.kernel.empty() ? entry->rung : kernel != planned.kernel) continue;
    const std::string reason = entry->unsupported(planned.problem, context.device);
    if (!reason.empty()) {
      chosen.unsupported.push_back(kernel.empty() ? reason : kernel + ": " + reason);
      continue;
    }
    // The device may not have room for a second set of DRAM-sized buffers beside this one.
    if (chosen.prepared.workload) {
      chosen.prepared.workload.reset();
      winner_dropped = true;
    }
    Prepared prepared;
    try {
      prepared = prepare(*entry, planned, context);
    } catch (const std::exception& error) {
      if (!is_the_kernels_own(error)) throw;
      if (!first_failure) first_failure = std::current_exception();
      chosen.failed.push_back("failure of " + kernel + ": " + error.what());
      context.on_rejected(chosen.failed.back());
      continue;
    }
    const Check check = prepared.workload->check(context.timer.stream());
    if (!check.ok) {
      chosen.wrong.push_back(wrong_result(prepared, check));
      context.on_rejected("wrong result of " + chosen.wrong.back());
      continue;
    }
    if (planned.choice == Choice::newest) {
      chosen.prepared = std::move(prepared);
      return chosen;
    }
    const double time_s = quick_time_s(*prepared.workload, context);
    if (!chosen.prepared.entry || time_s < fastest_s) {
      fastest_s = time_s;
      chosen.prepared = std::move(prepared);
      winner_dropped = false;
    }
  }
  if (chosen.prepared.entry && winner_dropped) {
    const CatalogueEntry& winner = *chosen.prepared.entry;
    chosen.prepared = prepare(winner, planned, context);
    // Its buffers are new, and not yet checked.
    const Check check = chosen.prepared.workload->check(context.timer.stream());
    if (!check.ok) throw std::runtime_error(wrong_result(chosen.prepared, check));
  }
  if (!chosen.prepared.entry && chosen.wrong.empty() && first_failure) {
    std::rethrow_exception(first_failure);
  }
  return chosen;
}

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

// Google Benchmark reports to the console by default; the figures go to the journal instead.
class SilentReporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

struct Samples {
  std::vector<double> times_s;         // per launch
  std::vector<double> clocks_hz;       // of the SMs, where they can be known
  std::uint64_t throttle_reasons = 0;  // of any sample
  bool host_was_ahead = true;          // in every sample
  double wall_s = 0;                   // of all samples
  double cpu_time_s = 0;               // of all threads in them; NaN where it is not known
};

// Runs the samples under Google Benchmark, one iteration each, timed by our clock.
Samples take_samples(const Case& planned, const MeasureContext& context, const Schedule& schedule) {
  Samples samples;
  std::exception_ptr failure;
  const auto run_samples = [&](benchmark::State& state) {
    try {
      for ([[maybe_unused]] auto sample : state) {
        const double cpu_start_s = context.cpu_time_s();
        const double total_s = context.timer.launches_s();
        samples.cpu_time_s += context.cpu_time_s() - cpu_start_s;
        samples.wall_s += total_s;
        state.SetIterationTime(total_s);
        samples.times_s.push_back(total_s / static_cast<double>(schedule.launches));
        samples.host_was_ahead = samples.host_was_ahead && context.timer.host_was_ahead();
        if (const auto clock_hz = context.timer.sm_clock_hz())
          samples.clocks_hz.push_back(*clock_hz);
        // Read at once: when the device idles, the reasons are cleared.
        if (context.nvml != nullptr) {
          samples.throttle_reasons |= context.nvml->throttle_reasons().value_or(0);
        }
        context.on_sample(samples.times_s.back());
      }
    } catch (const std::exception& error) {
      failure = std::current_exception();
      state.SkipWithError(error.what());
    }
  };
  benchmark::RegisterBenchmark(planned.name.c_str(), run_samples)
      ->UseManualTime()
      ->Iterations(schedule.samples);
  SilentReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter, ".");
  benchmark::ClearRegisteredBenchmarks();
  if (failure) std::rethrow_exception(failure);
  return samples;
}

// Threads that compute on the CPU; of a GPU the one that launches.
int cpu_threads(const Device& device) {
  return device.backend == Backend::host ? device.processors : 1;
}

// The share of the wall time that the threads had a CPU. Kernels on a GPU need none.
std::optional<double> cpu_share(const Device& device, const Samples& samples) {
  if (device.backend != Backend::host || !(samples.cpu_time_s > 0)) return std::nullopt;
  return samples.cpu_time_s / cpu_threads(device) / samples.wall_s;
}

// The highest clock that the device reports as its maximum or ran at: graphics cards run above what
// they report.
std::optional<double> highest_clock_hz(const MeasureContext& context, const Samples& samples) {
  std::optional<double> highest_hz = context.limits.sm_clock_hz;
  for (const double clock_hz : samples.clocks_hz) {
    if (highest_hz && clock_hz > *highest_hz) highest_hz = clock_hz;
  }
  return highest_hz;
}

// One attempt: the samples and what was observed around them.
struct Attempt {
  Samples samples;
  Conditions conditions;
  double window_s = 0;  // between the two readings of energy, pauses between samples included
};

Attempt attempt(const Case& planned, const MeasureContext& context, const Workload& workload,
                const Schedule& schedule) {
  Attempt made;
  made.conditions.backend = context.device.backend;
  made.conditions.sm_clock_max_hz = context.limits.sm_clock_hz;
  made.conditions.bus_bytes_per_s = context.limits.bus_bytes_per_s;
  made.conditions.idle = context.idle;
  made.conditions.shared_by_design = context.shared_by_design;
  made.conditions.clocks_settled = schedule.clocks_settled;
  const double start_s = context.now_s();
  if (context.nvml != nullptr) made.conditions.before = context.nvml->read();
  made.samples = take_samples(planned, context, schedule);
  made.conditions.host_was_ahead = made.samples.host_was_ahead;
  made.conditions.cpu_share = cpu_share(context.device, made.samples);
  made.window_s = context.now_s() - start_s;
  if (context.nvml != nullptr) made.conditions.after = context.nvml->read();
  if (auto& reasons = made.conditions.after.throttle_reasons) {
    *reasons |= made.samples.throttle_reasons;
  }
  made.conditions.most_flop_per_s =
      most_flop_per_s(planned.problem, context.device, highest_clock_hz(context, made.samples));
  made.conditions.caches_kept =
      planned.caches == Caches::cold && context.device.last_level_cache_bytes == 0;
  const double launch_s = median(made.samples.times_s);
  if (launch_s < short_launch_s || planned.caches == Caches::cold) {
    made.conditions.empty_launch_s = context.timer.empty_launch_s();
  }
  made.conditions.samples_s = made.samples.times_s;
  made.conditions.clocks_hz = made.samples.clocks_hz;
  made.conditions.bytes_per_s = workload.bytes() / launch_s;
  made.conditions.flop_per_s = workload.flop() / launch_s;
  return made;
}

// What the driver told, as the row has it.
void add_telemetry(const Attempt& made, const MeasureContext& context, const Case& planned,
                   Row& row) {
  const TelemetryRecord& before = made.conditions.before;
  const TelemetryRecord& after = made.conditions.after;
  if (context.nvml != nullptr) {
    row.telemetry_before = before;
    row.telemetry_after = after;
  }
  row.memory_clock_hz = after.memory_clock_hz;
  row.temperature_c = after.temperature_c;
  row.throttle_reasons = after.throttle_reasons;
  // Between launches with cold caches the device displaces them: that energy is not the kernel's.
  if (planned.caches != Caches::cold && made.window_s >= least_energy_window_s && before.energy_j &&
      after.energy_j && *after.energy_j > *before.energy_j) {
    const double energy_j = *after.energy_j - *before.energy_j;
    const auto all_launches =
        static_cast<double>(row.launches_per_sample) * static_cast<double>(row.samples_s.size());
    row.energy_j = energy_j / all_launches;
    row.power_w = energy_j / made.window_s;
  }
  if (!made.samples.clocks_hz.empty()) row.sm_clock_hz = median(made.samples.clocks_hz);
  if (made.conditions.empty_launch_s) row.extra["empty_launch_s"] = *made.conditions.empty_launch_s;
}

Row describe_row(const Case& planned, const MeasureContext& context, const Chosen& chosen) {
  const Workload& workload = *chosen.prepared.workload;
  Row row;
  row.name = planned.name;
  row.problem = planned.problem;
  row.implementation = planned.implementation;
  if (!planned.condition().empty()) row.condition = planned.condition();
  row.session = context.session;
  row.sessions = context.protocol.sessions;
  row.kernel = chosen.prepared.entry->kernel.name;
  row.label = workload.label();
  row.flop = workload.flop();
  row.bytes = workload.bytes();
  row.copies = chosen.prepared.copies;
  row.extra = workload.counters();
  return row;
}

NotMeasured nothing_to_measure(const Case& planned, const MeasureContext& context,
                               const Chosen& chosen) {
  if (!chosen.wrong.empty()) {
    return {planned.name, context.session, Status::wrong_result, join(chosen.wrong), {}};
  }
  const std::string reason =
      chosen.unsupported.empty() ? "no kernel in this build supports it" : join(chosen.unsupported);
  return {planned.name, std::nullopt, Status::unsupported, reason, {}};
}

}  // namespace

std::variant<Row, NotMeasured> measure(const Case& planned, const MeasureContext& context) {
  constexpr int most_attempts = 3;
  constexpr int most_attempts_where_valid = 2;
  const Chosen chosen = choose(planned, context);
  if (!chosen.prepared.entry) return nothing_to_measure(planned, context, chosen);

  Workload& workload = *chosen.prepared.workload;
  const Schedule timed = schedule(planned, context, workload);
  Attempt made = attempt(planned, context, workload, timed);
  Assessment assessment = assess(made.conditions);
  const auto try_again = [&](int made_so_far) {
    if (assessment.validity == Validity::disturbed && context.stays_disturbed) return false;
    return assessment.may_pass &&
           made_so_far < (assessment.invalid ? most_attempts : most_attempts_where_valid);
  };
  for (int attempts = 1; try_again(attempts); ++attempts) {
    made = attempt(planned, context, workload, timed);
    assessment = assess(made.conditions);
  }
  if (assessment.device_broken) throw DeviceBroken(join(assessment.reasons));
  if (assessment.invalid) {
    return NotMeasured{planned.name, context.session, Status::invalid, join(assessment.reasons),
                       made.samples.times_s};
  }

  Row row = describe_row(planned, context, chosen);
  row.launches_per_sample = timed.launches;
  row.samples_s = made.samples.times_s;
  row.time_s = median(row.samples_s);
  if (made.samples.cpu_time_s > 0) {
    row.cpu_time_s = made.samples.cpu_time_s / cpu_threads(context.device) /
                     static_cast<double>(timed.launches) /
                     static_cast<double>(row.samples_s.size());
  }
  add_telemetry(made, context, planned, row);
  row.reasons = assessment.reasons;
  for (const std::string& wrong : chosen.wrong) row.reasons.push_back("wrong result of " + wrong);
  row.reasons.insert(row.reasons.end(), chosen.failed.begin(), chosen.failed.end());
  if (!chosen.wrong.empty() || !chosen.failed.empty()) {
    assessment.validity = std::max(assessment.validity, Validity::annotated);
  }
  row.validity = assessment.validity;
  return row;
}

bool warm_up(const Case& planned, const MeasureContext& context, double least_s) {
  const Chosen chosen = choose(planned, context);
  if (!chosen.prepared.workload) return true;
  return settle(*chosen.prepared.workload, context, least_s);
}

}  // namespace roofproof::bench
