// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/describe_cuda.h"

#include <fmt/core.h>

#include <fstream>

#include "bench/describe.h"
#include "kernels/cublas/version.h"

namespace roofproof::bench {
namespace {

std::string version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

// "0x1eb8" of the kernel's list of PCI devices, as "1EB8"; the CUDA runtime does not tell it.
std::optional<std::string> pci_device_id(const cuda::DeviceProperties& properties) {
  std::ifstream file(fmt::format("/sys/bus/pci/devices/{:04x}:{:02x}:{:02x}.0/device",
                                 properties.pci_domain, properties.pci_bus, properties.pci_device));
  unsigned id = 0;
  if (!(file >> std::hex >> id)) return std::nullopt;
  return fmt::format("{:04X}", id);
}

DeviceRecord describe_gpu(int ordinal) {
  const cuda::DeviceProperties properties = cuda::device_properties(ordinal);
  const Device& device = properties.device;
  DeviceRecord record;
  record.backend = "cuda";
  record.name = device.name;
  record.ordinal = ordinal;
  record.uuid_hash = short_hash({properties.uuid.begin(), properties.uuid.end()});
  record.pci_device_id = pci_device_id(properties);
  record.compute_capability =
      fmt::format("{}.{}", device.compute_capability / 10, device.compute_capability % 10);
  record.processors = device.processors;
  record.sm_clock_max_hz = properties.sm_clock_hz;
  record.memory_clock_max_hz = properties.memory_clock_hz;
  record.memory_bus_bits = properties.memory_bus_bits;
  record.memory_bytes = device.memory_bytes;
  record.last_level_cache_bytes = device.last_level_cache_bytes;
  record.ecc = properties.ecc;
  return record;
}

}  // namespace

std::vector<DeviceRecord> describe_cuda_gpus(std::string& none_because) {
  const cuda::DeviceCount found = cuda::count_devices();
  none_because = found.why_none;
  std::vector<DeviceRecord> gpus;
  for (int ordinal = 0; ordinal < found.count; ++ordinal) gpus.push_back(describe_gpu(ordinal));
  return gpus;
}

void describe_cuda_software(SoftwareRecord& software) {
  const cuda::Versions versions = cuda::versions();
  software.cuda_runtime = version_text(versions.runtime);
  if (versions.driver > 0) software.driver = "CUDA " + version_text(versions.driver);
  software.cublas = cublas::version();
}

}  // namespace roofproof::bench
