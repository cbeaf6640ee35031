// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/runtime/device.h"

#include <cuda_runtime_api.h>

#include <cstring>

#include "kernels/cuda/runtime/error.h"
#include "kernels/kernel_module.h"

namespace roofproof::cuda {
namespace {

int attribute(cudaDeviceAttr which, int ordinal) {
  int value = 0;
  ROOFPROOF_CUDA_CHECK(cudaDeviceGetAttribute(&value, which, ordinal));
  return value;
}

// Why the runtime refuses, in words that say what to do.
std::string why_refused(cudaError_t code, const Versions& found) {
  const std::string cuda_of_driver = "CUDA " + version_text(found.driver);
  const std::string cuda_of_build = "CUDA " + version_text(found.runtime);
  const std::string module = kernel_module_version().value_or("of unknown version");
  const std::string message = std::string(cudaGetErrorName(code)) + " (" +
                              std::to_string(static_cast<int>(code)) +
                              "): " + cudaGetErrorString(code) + ": ";
  switch (code) {
    case cudaErrorInsufficientDriver:
      return "the NVIDIA driver supports " + cuda_of_driver + ", this build needs " + cuda_of_build;
    case cudaErrorStubLibrary:
      return message +
             "the libcuda.so.1 that was found is the toolkit's, for linking alone; take "
             "its folder 'stubs' out of LD_LIBRARY_PATH";
    case cudaErrorSystemDriverMismatch:
      return message + "the driver's library is for " + cuda_of_driver +
             ", the kernel module that runs is " + module + "; reboot, or reload the kernel module";
    case cudaErrorCompatNotSupportedOnDevice:
      return message + "a cuda-compat library for " + cuda_of_driver +
             " was found, which this GPU or its kernel module, " + module +
             ", does not allow; take it out of LD_LIBRARY_PATH";
    case cudaErrorSystemNotReady:
      return message + "is nvidia-fabricmanager running?";
    case cudaErrorDevicesUnavailable:
      return message +
             "another process holds the GPU, or its compute mode does not allow this run; see "
             "nvidia-smi";
    case cudaSuccess:
    case cudaErrorNoDevice:
      return "no GPU is visible to CUDA";
    default:
      return message + "see nvidia-smi, and the kernel's log for 'Xid'";
  }
}

}  // namespace

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

DeviceCount count_devices() noexcept {
  DeviceCount result;
  const cudaError_t code = cudaGetDeviceCount(&result.count);
  if (code == cudaSuccess && result.count > 0) return result;
  cudaGetLastError();
  result.count = 0;
  // Without a driver cudaGetDeviceCount may answer "insufficient driver" (seen with runtime 13.0)
  // as well as "no device"; a driver version of 0 tells "none" from "too old".
  Versions found;
  cudaDriverGetVersion(&found.driver);
  cudaRuntimeGetVersion(&found.runtime);
  const bool no_driver = found.driver == 0 && code != cudaErrorStubLibrary;
  result.why_none = no_driver ? "no NVIDIA driver" : why_refused(code, found);
  return result;
}

DeviceProperties device_properties(int ordinal) {
  // For the strings and sizes that no attribute gives; CUDA 13 took the clocks out of it.
  cudaDeviceProp properties = {};
  ROOFPROOF_CUDA_CHECK(cudaGetDeviceProperties(&properties, ordinal));
  const auto get = [&](cudaDeviceAttr which) { return attribute(which, ordinal); };

  DeviceProperties result;
  Device& device = result.device;
  device.backend = Backend::cuda;
  device.ordinal = ordinal;
  device.name = properties.name;
  device.compute_capability =
      10 * get(cudaDevAttrComputeCapabilityMajor) + get(cudaDevAttrComputeCapabilityMinor);
  device.processors = get(cudaDevAttrMultiProcessorCount);
  device.last_level_cache_bytes = get(cudaDevAttrL2CacheSize);
  device.memory_bytes = static_cast<std::int64_t>(properties.totalGlobalMem);
  device.shared_memory_per_block = get(cudaDevAttrMaxSharedMemoryPerBlockOptin);

  result.sm_clock_hz = 1e3 * get(cudaDevAttrClockRate);
  result.memory_clock_hz = 1e3 * get(cudaDevAttrMemoryClockRate);
  result.memory_bus_bits = get(cudaDevAttrGlobalMemoryBusWidth);
  // Two transfers per period of the bus clock.
  device.bandwidth_bytes_per_s = 2 * result.memory_clock_hz * result.memory_bus_bits / 8;
  result.ecc = get(cudaDevAttrEccEnabled) != 0;
  result.integrated = get(cudaDevAttrIntegrated) != 0;
  result.shared_memory_per_sm = get(cudaDevAttrMaxSharedMemoryPerMultiprocessor);
  result.registers_per_sm = get(cudaDevAttrMaxRegistersPerMultiprocessor);
  result.threads_per_sm = get(cudaDevAttrMaxThreadsPerMultiProcessor);
  result.pci_domain = get(cudaDevAttrPciDomainId);
  result.pci_bus = get(cudaDevAttrPciBusId);
  result.pci_device = get(cudaDevAttrPciDeviceId);
  static_assert(sizeof(properties.uuid.bytes) == 16, "a UUID has 128 bits");
  std::memcpy(result.uuid.data(), properties.uuid.bytes, result.uuid.size());
  return result;
}

Device describe(int ordinal) { return device_properties(ordinal).device; }

Versions versions() {
  Versions result;
  ROOFPROOF_CUDA_CHECK(cudaDriverGetVersion(&result.driver));
  ROOFPROOF_CUDA_CHECK(cudaRuntimeGetVersion(&result.runtime));
  return result;
}

}  // namespace roofproof::cuda
