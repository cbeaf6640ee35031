// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/cgroup.h"

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/host/text_file.h"

namespace roofproof::host {
namespace {

namespace fs = std::filesystem;

// The folder of a group and of each one above it, as far as the root of its hierarchy: what a
// container sees as its own.
void add_with_ancestors(const fs::path& hierarchy, fs::path group, std::vector<fs::path>& folders) {
  for (group = group.relative_path(); !group.empty(); group = group.parent_path()) {
    folders.push_back(hierarchy / group);
  }
  folders.push_back(hierarchy);
}

// Lines of /proc/self/cgroup are "4:cpu,cpuacct:/group" in version 1 and "0::/group" in version 2,
// which is mounted below the others where both are in use.
std::vector<fs::path> group_folders(const fs::path& root, const std::string& controller) {
  const fs::path mounted = root / "sys/fs/cgroup";
  std::vector<fs::path> folders;
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const fs::path group = line.substr(second + 1);
    if (controllers == ",,") {
      add_with_ancestors(mounted, group, folders);
      add_with_ancestors(mounted / "unified", group, folders);
    } else if (controllers.find("," + controller + ",") != std::string::npos) {
      add_with_ancestors(mounted / controller, group, folders);
    }
  }
  return folders;
}

template <class Value>
void keep_least(std::optional<Value>& least, Value value) {
  least = std::min(value, least.value_or(value));
}

// The names that one version has for the same thing.
struct MemoryFiles {
  const char* limit;
  const char* usage;
  const char* inactive_file_key;  // in memory.stat, groups below included
};
constexpr MemoryFiles memory_files[] = {
    {"memory.max", "memory.current", "inactive_file"},
    {"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}};

std::optional<std::int64_t> least_memory_bytes(const fs::path& root, bool left) {
  std::optional<std::int64_t> least;
  for (const fs::path& folder : group_folders(root, "memory")) {
    for (const MemoryFiles& files : memory_files) {
      const auto limit = integer_file(folder / files.limit);
      if (!limit) continue;
      std::int64_t bytes = *limit;
      if (left) {
        const std::int64_t cache =
            keyed_integer(folder / "memory.stat", files.inactive_file_key).value_or(0);
        const std::int64_t used = integer_file(folder / files.usage).value_or(0);
        bytes -= std::max<std::int64_t>(used - cache, 0);
      }
      keep_least(least, std::max<std::int64_t>(bytes, 0));
    }
  }
  return least;
}

}  // namespace

std::optional<double> cgroup_cores(const fs::path& root) {
  std::optional<double> least;
  const auto take = [&](std::optional<std::int64_t> quota, std::optional<std::int64_t> period) {
    if (!quota || !period || *quota <= 0 || *period <= 0) return;
    keep_least(least, static_cast<double>(*quota) / static_cast<double>(*period));
  };
  for (const fs::path& folder : group_folders(root, "cpu")) {
    if (const auto line = first_line(folder / "cpu.max")) {
      const auto space = line->find(' ');
      if (space != std::string::npos) {
        take(leading_integer(*line), leading_integer(line->substr(space + 1)));
      }
    }
    take(integer_file(folder / "cpu.cfs_quota_us"), integer_file(folder / "cpu.cfs_period_us"));
  }
  return least;
}

std::optional<std::int64_t> cgroup_memory_limit_bytes(const fs::path& root) {
  return least_memory_bytes(root, false);
}

std::optional<std::int64_t> cgroup_memory_left_bytes(const fs::path& root) {
  return least_memory_bytes(root, true);
}

}  // namespace roofproof::host
