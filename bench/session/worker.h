// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A session: the child process that measures. It writes what it finds to the journal, synced, and
// its parent follows by its events.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "bench/device/nvml.h"
#include "bench/plan.h"
#include "bench/protocol.h"
#include "kernels/catalogue.h"

namespace roofproof::bench {

struct WorkerOptions {
  Device device;
  Protocol protocol;
  int session = 0;
  std::filesystem::path journal;
  Nvml* nvml = nullptr;                   // null where the driver tells nothing
  std::filesystem::path kernel_log = {};  // where the driver's faults are; empty: nowhere
  bool ignore_busy = false;               // measure beside others, and say so in every row
};

// Runs the cases in order and tells the parent, see worker_event.h. Returns false when this process
// can measure nothing more (a device error that sticks): the parent starts a fresh one for the
// rest.
bool run_session(std::span<const CatalogueEntry> catalogue, const std::vector<Case>& cases,
                 const WorkerOptions& options);

}  // namespace roofproof::bench
