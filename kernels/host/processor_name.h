// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What /proc/cpuinfo says of the CPU.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace roofproof::host {

// The value of the first line "key : value".
std::optional<std::string> cpuinfo(const std::string& key,
                                   const std::filesystem::path& path = "/proc/cpuinfo");

// "AMD EPYC 7B13", and where the kernel has no name, as on ARM, who made which core: "ARM Neoverse
// N1". Cores of several kinds are all named. Two CPUs that no table knows still differ by their
// numbers: "ARM implementer 0x41 part 0xabc".
std::string processor_name(const std::filesystem::path& path = "/proc/cpuinfo");

}  // namespace roofproof::host
