// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/device.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "kernels/host/cgroup.h"
#include "kernels/host/parallel.h"
#include "kernels/host/processor_name.h"
#include "kernels/host/text_file.h"

namespace roofproof::host {
namespace {

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
  return granted_threads(std::max(cores, 1));
}

std::int64_t available_memory_bytes() {
  constexpr std::int64_t unknown = std::numeric_limits<std::int64_t>::max();
  const auto available_kib = keyed_integer("/proc/meminfo", "MemAvailable:");
  return std::min(available_kib ? *available_kib << 10 : unknown,
                  cgroup_memory_left_bytes().value_or(unknown));
}

std::optional<bool> frequency_scaling(const std::filesystem::path& root) {
  std::optional<bool> scaling;
  std::error_code error;
  for (const auto& core :
       std::filesystem::directory_iterator(root / "sys/devices/system/cpu", error)) {
    const auto governor = first_line(core.path() / "cpufreq/scaling_governor");
    if (governor) scaling = scaling.value_or(false) || *governor != "performance";
  }
  return scaling;
}

Device describe_device() {
  Device device;
  device.backend = Backend::host;
  device.name = processor_name();
  device.processors = usable_cores();
  device.last_level_cache_bytes = caches().last_level_bytes;
  const std::int64_t physical = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  device.memory_bytes = std::min(physical, cgroup_memory_limit_bytes().value_or(physical));
  return device;
}

}  // namespace roofproof::host
