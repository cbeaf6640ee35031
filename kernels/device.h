// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a kernel may know of the machine it runs on.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/problem/backend.h"

namespace roofproof {

struct Device {
  Backend backend = Backend::host;
  int ordinal = 0;             // cuda: the index among the visible GPUs
  std::string name = {};       // as the driver or /proc/cpuinfo says
  int compute_capability = 0;  // cuda: 90 for 9.0
  int processors = 0;          // SMs, or cores the process may run on
  std::int64_t last_level_cache_bytes = 0;
  std::int64_t memory_bytes = 0;             // all of it
  std::int64_t shared_memory_per_block = 0;  // cuda: the opt-in maximum
  double bandwidth_bytes_per_s = 0;  // cuda: of the memory's pins; 0 where the driver hides it
};

}  // namespace roofproof
