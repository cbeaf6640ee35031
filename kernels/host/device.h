// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The CPU that the process runs on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "kernels/device.h"

namespace roofproof::host {

// What sysfs or sysconf says, else what a small core of today has.
struct Caches {
  std::int64_t l1_data_bytes = 0;     // of one core
  std::int64_t l2_bytes = 0;          // of one core
  std::int64_t last_level_bytes = 0;  // of all cores that the process may use, together
};
Caches caches();

// Threads that really compute at once: the affinity mask, cut down to the CPU quota of the cgroups
// and to what OpenMP gives.
int usable_cores();

// Bytes that can still be allocated, as the kernel estimates, within the limits of the cgroups.
std::int64_t available_memory_bytes();

// Whether the system changes the clock by load: the governor of any core is not "performance". None
// where it says nothing, as in virtual machines. `root` is another folder in tests alone.
std::optional<bool> frequency_scaling(const std::filesystem::path& root = "/");

// Name, cores, last-level cache and memory.
Device describe_device();

}  // namespace roofproof::host
