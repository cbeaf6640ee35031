// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/device/describe.h"

#include <fmt/core.h>
#include <sys/utsname.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "build_info.h"
#include "kernels/host/device.h"
#include "kernels/host/openblas.h"
#include "kernels/host/processor_name.h"
#include "kernels/host/simd.h"

#if ROOFPROOF_HAS_CUDA
#include "kernels/cuda/runtime/device.h"
#endif

namespace roofproof::bench {
namespace {

std::string operating_system() {
  utsname system{};
  if (::uname(&system) != 0) return "";
  return fmt::format("{} {} {}", system.sysname, system.release, system.machine);
}

}  // namespace

DeviceRecord describe_host() {
  const Device device = host::describe_device();
  DeviceRecord record;
  record.backend = Backend::host;
  record.name = device.name;
  record.processors = device.processors;
  record.memory_bytes = device.memory_bytes;
  record.last_level_cache_bytes = device.last_level_cache_bytes;
  record.simd = host::simd_targets().front();
  return record;
}

void describe_host_state(Record& record) {
  if (const auto mhz = host::cpuinfo("cpu MHz")) {
    record.mhz_per_cpu = std::strtod(mhz->c_str(), nullptr);
  }
  record.cpu_scaling_enabled = host::frequency_scaling();
  double averages[3];
  const int known = ::getloadavg(averages, 3);
  if (known > 0) record.load_avg.assign(averages, averages + known);
}

std::vector<DeviceRecord> describe_gpus(std::string& none_because) {
#if ROOFPROOF_HAS_CUDA
  return describe_cuda_gpus(none_because);
#else
  none_because = "this build has no CUDA backend";
  return {};
#endif
}

SoftwareRecord describe_software() {
  SoftwareRecord software;
  software.roofproof = build_info::version;
  if (*build_info::git_sha != '\0') {
    software.git_sha = build_info::git_sha;
    software.git_dirty = build_info::git_dirty;
  }
  software.compiler = build_info::compiler;
  software.flags = build_info::flags;
  software.openblas = host::openblas_label();
  software.os = operating_system();
#if ROOFPROOF_HAS_CUDA
  software.cuda_compiler = build_info::cuda_compiler;
  describe_cuda_software(software);
#endif
  return software;
}

Device find_device(const std::string& name) {
  if (name == "host") return host::describe_device();
#if ROOFPROOF_HAS_CUDA
  if (name.rfind("cuda:", 0) == 0) return cuda::describe(std::atoi(name.c_str() + 5));
#endif
  throw std::invalid_argument("there is no device '" + name + "' in this build");
}

DeviceLimits device_limits([[maybe_unused]] const Device& device) {
#if ROOFPROOF_HAS_CUDA
  if (device.backend == Backend::cuda) return cuda_device_limits(device.ordinal);
#endif
  return {};
}

std::unique_ptr<Nvml> open_nvml([[maybe_unused]] const Device& device) {
#if ROOFPROOF_HAS_CUDA
  if (device.backend == Backend::cuda) return open_cuda_nvml(device.ordinal);
#endif
  return nullptr;
}

bool mps_is_running() {
  const char* folder = std::getenv("CUDA_MPS_PIPE_DIRECTORY");
  const std::filesystem::path pipes = folder != nullptr ? folder : "/tmp/nvidia-mps";
  std::error_code error;
  return std::filesystem::exists(pipes / "control", error);
}

std::string short_hash(const std::string& text) {
  // FNV-1a (Fowler, Noll, Vo), 64 bits.
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return fmt::format("{:016x}", hash);
}

}  // namespace roofproof::bench
