// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/session/worker.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <new>
#include <system_error>
#include <thread>

#include "bench/device/describe.h"
#include "bench/device/device_fault.h"
#include "bench/session/measure.h"
#include "bench/session/validity.h"
#include "bench/worker_event.h"
#include "results/record/journal.h"

namespace roofproof::bench {
namespace {

using Kind = WorkerEvent::Kind;
using Status = NotMeasured::Status;

void tell_parent(Kind kind, const std::string& text = {}) {
  std::cout << print({kind, text}) << std::endl;
}

void pause(double time_s) { std::this_thread::sleep_for(std::chrono::duration<double>(time_s)); }

// What the device does before this process uses it. Its utilisation is of the last second: wait
// until the session before is out of that window, and read twice more while somebody else's work
// may end.
std::optional<TelemetryRecord> observe_idle(Nvml* nvml, bool shared_by_design) {
  constexpr double window_s = 1;
  if (nvml == nullptr) return std::nullopt;
  TelemetryRecord idle;
  for (int i = 0; i < 3; ++i) {
    pause(window_s);
    idle = nvml->read();
    if (in_use_by_others(idle, shared_by_design).empty()) break;
  }
  return idle;
}

bool ends_process(DeviceFault fault) {
  return fault == DeviceFault::sticky || fault == DeviceFault::device_gone;
}

// How a case that threw is reported.
struct Failure {
  Status status = Status::failed;
  std::string reason = {};
  DeviceFault kind = DeviceFault::of_the_case;
};

Failure describe_failure(const std::exception& error, const Nvml* nvml, KernelLog& kernel_log) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return {Status::out_of_memory, "the host's memory does not hold the buffers"};
  }
  const Fault fault = classify_fault(error);
  Failure failure{Status::failed, error.what(), fault.kind};
  if (!fault.hint.empty()) failure.reason += "; " + fault.hint;
  if (nvml != nullptr && nvml->lost()) {
    failure.kind = DeviceFault::device_gone;
    failure.reason += "; the driver says that the GPU is lost or must be reset";
  }
  if (ends_process(failure.kind)) failure.reason += kernel_log.xid();
  if (failure.kind == DeviceFault::out_of_memory) failure.status = Status::out_of_memory;
  if (failure.kind == DeviceFault::no_code) failure.status = Status::unsupported;
  return failure;
}

}  // namespace

bool run_session(std::span<const CatalogueEntry> catalogue, const std::vector<Case>& cases,
                 const WorkerOptions& options) {
  // Before the first call of CUDA, which reads it: launches that block never run ahead of the
  // device.
  ::unsetenv("CUDA_LAUNCH_BLOCKING");
  KernelLog kernel_log(options.kernel_log);
  // Before anything of ours is on the device.
  const bool shared_by_design =
      options.nvml != nullptr && (options.nvml->shared_by_design() || mps_is_running());
  const std::optional<TelemetryRecord> idle = observe_idle(options.nvml, shared_by_design);
  if (idle && !options.ignore_busy) {
    const std::string use = in_use_by_others(*idle, shared_by_design);
    if (!use.empty()) {
      tell_parent(Kind::busy, use);
      return false;
    }
  }
  std::unique_ptr<Timer> timer;
  try {
    timer = make_timer(options.device);
  } catch (const std::exception& error) {
    const Failure failure = describe_failure(error, options.nvml, kernel_log);
    // Without code for the timer's own kernels nothing can be timed, in any session.
    if (failure.kind == DeviceFault::no_code) {
      tell_parent(Kind::unfit, failure.reason);
    } else if (failure.kind == DeviceFault::device_gone) {
      tell_parent(Kind::gone, failure.reason);
    } else {
      throw;
    }
    return false;
  }
  Journal journal(options.journal);
  std::vector<double> samples_s;
  MeasureContext context{catalogue, options.device, options.protocol, options.session, *timer};
  context.nvml = options.nvml;
  context.limits = device_limits(options.device);
  context.idle = idle;
  context.shared_by_design = shared_by_design;

  bool warm = false;
  for (const Case& planned : cases) {
    tell_parent(Kind::start, planned.name);
    journal.case_started(planned.name, options.session);
    samples_s.clear();
    context.on_sample = [&](double sample_s) {
      samples_s.push_back(sample_s);
      journal.sample(planned.name, options.session, sample_s);
      tell_parent(Kind::sample);
    };
    context.on_rejected = [&](const std::string& what) { tell_parent(Kind::rejected, what); };

    std::variant<Row, NotMeasured> outcome;
    DeviceFault fault = DeviceFault::of_the_case;
    try {
      if (!warm) context.clocks_settled = warm_up(planned, context, options.protocol.warmup_s);
      warm = true;
      if (multiplies(planned.problem.op)) pause(options.protocol.cool_down_s);
      outcome = measure(planned, context);
    } catch (const std::system_error&) {
      throw;  // of the journal: without it nothing would be kept
    } catch (const std::exception& error) {
      const Failure failure = describe_failure(error, options.nvml, kernel_log);
      fault = failure.kind;
      outcome = NotMeasured{planned.name, options.session, failure.status, failure.reason, {}};
    }
    if (const Row* row = std::get_if<Row>(&outcome)) {
      journal.row(*row);
      context.stays_disturbed = row->validity == Validity::disturbed;
      tell_parent(Kind::done, "ok");
      continue;
    }
    NotMeasured missing = std::get<NotMeasured>(outcome);
    missing.samples_s = samples_s;
    // It holds for every session: the parent does not ask again.
    if (missing.status == Status::unsupported) missing.session.reset();
    journal.not_measured(missing);
    tell_parent(Kind::done, std::string(name(missing.status)) + ": " + missing.reason);
    if (fault == DeviceFault::device_gone) tell_parent(Kind::gone, missing.reason);
    if (ends_process(fault)) return false;
  }
  return true;
}

}  // namespace roofproof::bench
