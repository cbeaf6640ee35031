// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Whether a measurement may be believed: pure rules over what was observed while it was made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/device/nvml.h"
#include "kernels/device.h"
#include "kernels/problem/problem.h"

namespace roofproof::bench {

// What was observed around the samples of one case.
struct Conditions {
  Backend backend = Backend::host;
  std::vector<double> samples_s = {};
  std::optional<double> cpu_share =
      {};                              // of the wall time, that the threads of a CPU's kernels had
  std::vector<double> clocks_hz = {};  // of the SMs, one per sample, where they can be known
  std::optional<double> sm_clock_max_hz = {};
  std::optional<TelemetryRecord> idle = {};  // before this session had anything on the device
  bool shared_by_design = false;             // MPS or MIG: processes beside ours are no news
  TelemetryRecord before = {};
  TelemetryRecord after = {};
  bool clocks_settled = true;                 // after the warm-up
  bool host_was_ahead = true;                 // of the device, in every sample
  std::optional<double> empty_launch_s = {};  // of a launch that is short, beside it
  bool caches_kept = false;                   // of a cold launch: their size is not known
  double bytes_per_s = 0;
  std::optional<double> bus_bytes_per_s = {};  // what the memory bus can carry at all
  double flop_per_s = 0;
  std::optional<double> most_flop_per_s = {};  // what the SMs can start at their maximum clock
};

struct Assessment {
  Validity validity = Validity::ok;
  bool invalid = false;                   // no figure can stand beside it: no row
  std::vector<std::string> reasons = {};  // behind a colon what is the case's own
  bool may_pass = false;                  // for a cause that a second try may not meet
  bool device_broken = false;             // nothing that follows on it would be worth more
};

// Why a GPU that looked like this before we had anything on it is somebody else's at the moment:
// another process computes on it, or it is in use for a tenth of the time. Empty where it is not: a
// display, the desktop of Windows behind WSL2 or a scrubbing memory take a few percent.
std::string in_use_by_others(const TelemetryRecord& idle, bool shared_by_design);

Assessment assess(const Conditions& conditions);

// What no arithmetic on a GPU can exceed: FLOP/s (or integer operations/s) of what arithmetic
// bounds (is_arithmetic()) at the maximum clock; nothing for other operations, for CPUs and where
// the compute capability is newer than the table.
std::optional<double> most_flop_per_s(const Problem& problem, const Device& device,
                                      std::optional<double> sm_clock_max_hz);

}  // namespace roofproof::bench
