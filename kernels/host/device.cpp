// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/device.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "kernels/host/processor_name.h"

namespace roofproof::host {
namespace {

std::optional<std::string> first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return line;
}

// The integer that `text` begins with: "max" and "" are none.
std::optional<std::int64_t> leading_integer(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> integer_file(const std::string& path) {
  const auto line = first_line(path);
  return line ? leading_integer(*line) : std::nullopt;
}

// "32768K" as sysfs writes cache sizes.
std::int64_t cache_size_bytes(const std::string& text) {
  const std::int64_t value = leading_integer(text).value_or(0);
  if (text.find('K') != std::string::npos) return value << 10;
  if (text.find('M') != std::string::npos) return value << 20;
  return value;
}

// Ids of the processors in the affinity mask; empty where the mask is not to be had.
std::vector<int> allowed_processors() {
  // Machines with more processors than cpu_set_t has bits need a larger mask.
  for (int capacity = CPU_SETSIZE; capacity <= (1 << 20); capacity *= 2) {
    const auto free_set = [](cpu_set_t* set) { CPU_FREE(set); };
    const std::unique_ptr<cpu_set_t, decltype(free_set)> set(CPU_ALLOC(capacity), free_set);
    const std::size_t size = CPU_ALLOC_SIZE(capacity);
    if (set == nullptr || sched_getaffinity(0, size, set.get()) != 0) continue;
    std::vector<int> processors;
    for (int processor = 0; processor < capacity; ++processor) {
      if (CPU_ISSET_S(processor, size, set.get())) processors.push_back(processor);
    }
    return processors;
  }
  return {};
}

// The process's own cgroup directories: those of version 2 and of the version 1 controller, and the
// root of each, which is what a container sees as its own.
std::vector<std::string> cgroup_directories(const std::string& controller) {
  const std::string root = "/sys/fs/cgroup";
  std::vector<std::string> directories = {root, root + "/" + controller};
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first, second - first) + ",";
    const std::string path = line.substr(second + 1);
    if (controllers == ":,") directories.push_back(root + path);
    if (controllers.find(controller + ",") != std::string::npos) {
      directories.push_back(root + "/" + controller + path);
    }
  }
  return directories;
}

// Cores' worth of CPU time that the cgroup grants; none where there is no limit.
std::optional<double> cgroup_cores() {
  std::optional<double> cores;
  const auto take = [&](std::optional<std::int64_t> quota, std::optional<std::int64_t> period) {
    if (!quota || !period || *quota <= 0 || *period <= 0) return;
    const double granted = static_cast<double>(*quota) / static_cast<double>(*period);
    cores = std::min(granted, cores.value_or(granted));
  };
  for (const std::string& directory : cgroup_directories("cpu")) {
    if (const auto line = first_line(directory + "/cpu.max")) {
      const auto space = line->find(' ');
      if (space != std::string::npos) {
        take(leading_integer(*line), leading_integer(line->substr(space + 1)));
      }
    }
    take(integer_file(directory + "/cpu.cfs_quota_us"),
         integer_file(directory + "/cpu.cfs_period_us"));
  }
  return cores;
}

// Bytes left below the memory limit of the cgroup, or all of that limit.
std::int64_t cgroup_memory_bytes(bool left) {
  std::int64_t bytes = std::numeric_limits<std::int64_t>::max();
  const auto take = [&](const std::string& limit_file, const std::string& usage_file) {
    const auto limit = integer_file(limit_file);
    if (!limit) return;
    const std::int64_t used = left ? integer_file(usage_file).value_or(0) : 0;
    bytes = std::min(bytes, std::max<std::int64_t>(*limit - used, 0));
  };
  for (const std::string& directory : cgroup_directories("memory")) {
    take(directory + "/memory.max", directory + "/memory.current");
    take(directory + "/memory.limit_in_bytes", directory + "/memory.usage_in_bytes");
  }
  return bytes;
}

// A line "MemAvailable:   24109520 kB" of /proc/meminfo, in bytes.
std::optional<std::int64_t> meminfo_bytes(const std::string& key) {
  std::ifstream file("/proc/meminfo");
  std::string name;
  std::int64_t kib = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    if (fields >> name >> kib && name == key + ":") return kib << 10;
  }
  return std::nullopt;
}

}  // namespace

Caches caches() {
  Caches result;
  int last_level = 0;
  std::set<std::string> last_level_seen;  // the processors that share one
  std::vector<int> processors = allowed_processors();
  if (processors.empty()) processors.push_back(0);
  for (const int processor : processors) {
    const std::string base =
        "/sys/devices/system/cpu/cpu" + std::to_string(processor) + "/cache/index";
    for (int index = 0;; ++index) {
      const std::string directory = base + std::to_string(index);
      const auto level = integer_file(directory + "/level");
      if (!level) break;
      if (first_line(directory + "/type") == "Instruction") continue;
      const std::int64_t size = cache_size_bytes(first_line(directory + "/size").value_or(""));
      if (*level == 1) result.l1_data_bytes = size;
      if (*level == 2) result.l2_bytes = size;
      if (*level > last_level) {
        last_level = static_cast<int>(*level);
        last_level_seen.clear();
        result.last_level_bytes = 0;
      }
      const std::string shared = first_line(directory + "/shared_cpu_list").value_or("");
      if (*level == last_level && last_level_seen.insert(shared).second) {
        result.last_level_bytes += size;
      }
    }
  }
  // Inside some virtual machines and containers sysfs has no caches.
  const auto complete = [](std::int64_t& size, int name, std::int64_t fallback) {
    if (size <= 0) size = sysconf(name);
    if (size <= 0) size = fallback;
  };
  complete(result.l1_data_bytes, _SC_LEVEL1_DCACHE_SIZE, 32 << 10);
  complete(result.l2_bytes, _SC_LEVEL2_CACHE_SIZE, 512 << 10);
  complete(result.last_level_bytes, _SC_LEVEL3_CACHE_SIZE, 8 << 20);
  return result;
}

int usable_cores() {
  auto cores = static_cast<int>(allowed_processors().size());
  if (cores == 0) cores = static_cast<int>(std::thread::hardware_concurrency());
  // A quota of 1.5 cores would stop two threads part of the time, both at once or not.
  if (const auto granted = cgroup_cores()) cores = std::min(cores, static_cast<int>(*granted));
  return std::max(cores, 1);
}

std::int64_t available_memory_bytes() {
  const std::int64_t available =
      meminfo_bytes("MemAvailable").value_or(std::numeric_limits<std::int64_t>::max());
  return std::min(available, cgroup_memory_bytes(true));
}

Device describe_device() {
  Device device;
  device.backend = Backend::host;
  device.name = processor_name();
  device.processors = usable_cores();
  device.last_level_cache_bytes = caches().last_level_bytes;
  const std::int64_t physical = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  device.memory_bytes = std::min(physical, cgroup_memory_bytes(false));
  return device;
}

}  // namespace roofproof::host
