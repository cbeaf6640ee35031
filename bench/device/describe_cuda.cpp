// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/device/describe.h"

#include <fmt/core.h>

#include <fstream>
#include <optional>

#include "kernels/cublas/version.h"
#include "kernels/cuda/runtime/device.h"

namespace roofproof::bench {
namespace {

std::string pci_address(const cuda::DeviceProperties& properties) {
  return fmt::format("{:04x}:{:02x}:{:02x}.0", properties.pci_domain, properties.pci_bus,
                     properties.pci_device);
}

// "0x1eb8" of the kernel's list of PCI devices, as "1EB8"; the CUDA runtime does not tell it.
std::optional<std::string> pci_device_id(const cuda::DeviceProperties& properties) {
  std::ifstream file("/sys/bus/pci/devices/" + pci_address(properties) + "/device");
  unsigned id = 0;
  if (!(file >> std::hex >> id)) return std::nullopt;
  return fmt::format("{:04X}", id);
}

// What a virtual GPU hides is 0.
template <class Value>
std::optional<Value> known(Value value) {
  return value > 0 ? std::optional(value) : std::nullopt;
}

// What only the driver's management library knows.
void add_nvml_facts(const cuda::DeviceProperties& properties, DeviceRecord& record) {
  std::string why;
  const std::unique_ptr<Nvml> nvml = Nvml::open(pci_address(properties), why);
  if (nvml == nullptr) {
    record.unavailable["libnvidia-ml.so.1"] = why;
    return;
  }
  nvml->describe(record);
}

// An integrated GPU shares the system's memory, whose clock CUDA does not know: on Orin it is the
// GPU's own, 83 of the bus's 205 GB/s.
DeviceRecord describe_gpu(int ordinal) {
  const cuda::DeviceProperties properties = cuda::device_properties(ordinal);
  const Device& device = properties.device;
  DeviceRecord record;
  record.backend = Backend::cuda;
  record.name = device.name;
  record.ordinal = ordinal;
  record.uuid_hash = short_hash({properties.uuid.begin(), properties.uuid.end()});
  record.pci_device_id = pci_device_id(properties);
  record.compute_capability =
      fmt::format("{}.{}", device.compute_capability / 10, device.compute_capability % 10);
  record.processors = device.processors;
  record.sm_clock_max_hz = known(properties.sm_clock_hz);
  record.memory_clock_max_hz = known(properties.memory_clock_hz);
  record.memory_bus_bits = known(properties.memory_bus_bits);
  record.memory_bytes = device.memory_bytes;
  record.last_level_cache_bytes = known(device.last_level_cache_bytes);
  record.ecc = properties.ecc;
  add_nvml_facts(properties, record);
  if (properties.integrated) record.memory_clock_max_hz.reset();
  if (mps_is_running()) record.mps = true;
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

DeviceLimits cuda_device_limits(int ordinal) {
  const cuda::DeviceProperties properties = cuda::device_properties(ordinal);
  const double bus_bytes_per_s =
      properties.integrated ? 0 : properties.device.bandwidth_bytes_per_s;
  return {known(properties.sm_clock_hz), known(bus_bytes_per_s)};
}

std::unique_ptr<Nvml> open_cuda_nvml(int ordinal) {
  std::string why;
  return Nvml::open(pci_address(cuda::device_properties(ordinal)), why);
}

void describe_cuda_software(SoftwareRecord& software) {
  const cuda::Versions versions = cuda::versions();
  software.cuda_runtime = cuda::version_text(versions.runtime);
  if (versions.driver > 0) software.driver = "CUDA " + cuda::version_text(versions.driver);
  if (std::string version = cublas::version(); !version.empty()) software.cublas = version;
}

}  // namespace roofproof::bench
