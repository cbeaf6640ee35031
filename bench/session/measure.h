// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// One case, from its problem to its figure: choose a kernel, check it, time it.
#pragma once

#include <functional>
#include <span>
#include <variant>

#include "bench/device/describe.h"
#include "bench/plan.h"
#include "bench/protocol.h"
#include "bench/session/schedule.h"
#include "bench/session/timer.h"
#include "kernels/catalogue.h"
#include "results/record/record.h"

namespace roofproof::bench {

struct MeasureContext {
  std::span<const CatalogueEntry> catalogue;
  Device device;
  Protocol protocol;
  int session = 0;
  Timer& timer;
  Nvml* nvml = nullptr;  // null where the driver tells nothing
  DeviceLimits limits = {};
  std::optional<TelemetryRecord> idle = {};  // before this process had anything on the device
  bool shared_by_design = false;             // by MPS or MIG
  bool clocks_settled = true;                // after the warm-up
  // As the case before did in its last attempt: another one would not find less beside it.
  bool stays_disturbed = false;
  std::function<void(double sample_s)> on_sample;  // each sample as soon as it is measured
  // A newer kernel that was passed over: "wrong result of mma_sm80: ...", "failure of ...".
  std::function<void(const std::string&)> on_rejected;
  Clock now_s = steady_clock_s;
  Clock cpu_time_s = process_cpu_time_s;
};

// A case has no figure from a kernel that computes something else: on_rejected is told, the next
// older kernel is tried, and with none left the result is NotMeasured. The same for a kernel that
// cannot be prepared for reasons of its own; with none left its exception is thrown, as is at once
// whatever else the backend throws, and DeviceBroken.
std::variant<Row, NotMeasured> measure(const Case& planned, const MeasureContext& context);

// Launches the case without measuring it, at least that long, until the clocks have settled; false
// where they did not.
bool warm_up(const Case& planned, const MeasureContext& context, double least_s);

}  // namespace roofproof::bench
