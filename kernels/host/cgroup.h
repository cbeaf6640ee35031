// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the control groups of this process grant it, versions 1 and 2: the least of its own group
// and of all groups above it, as the kernel enforces it. `root` is another folder in tests alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace roofproof::host {

// Cores' worth of CPU time; none where there is no quota.
std::optional<double> cgroup_cores(const std::filesystem::path& root = "/");

// Bytes; none where there is no limit.
std::optional<std::int64_t> cgroup_memory_limit_bytes(const std::filesystem::path& root = "/");

// Bytes below the limit that can still be had. The file cache that the kernel takes back first
// (inactive_file) counts as free, as for MemAvailable of a whole machine; none without a limit.
std::optional<std::int64_t> cgroup_memory_left_bytes(const std::filesystem::path& root = "/");

}  // namespace roofproof::host
