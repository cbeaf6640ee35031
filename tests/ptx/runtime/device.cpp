// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The one device there is.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "kernels/played.h"
#include "tests/ptx/runtime/runtime.h"
#include "tests/ptx/runtime/settings.h"

namespace {

using roofproof::ptx::runtime::PlayedDevice;

struct Attribute {
  cudaDeviceAttr id;
  int (*value)(const PlayedDevice& device);
};

constexpr Attribute attributes[] = {
    {cudaDevAttrComputeCapabilityMajor, [](auto& d) { return d.compute_capability / 10; }},
    {cudaDevAttrComputeCapabilityMinor, [](auto& d) { return d.compute_capability % 10; }},
    {cudaDevAttrMultiProcessorCount, [](auto& d) { return d.multiprocessors; }},
    {cudaDevAttrMaxThreadsPerMultiProcessor, [](auto& d) { return d.threads_per_multiprocessor; }},
    {cudaDevAttrMaxRegistersPerMultiprocessor,
     [](auto&) { return roofproof::ptx::runtime::registers_per_multiprocessor; }},
    {cudaDevAttrMaxSharedMemoryPerMultiprocessor,
     [](auto& d) { return static_cast<int>(d.shared_per_multiprocessor); }},
    {cudaDevAttrMaxSharedMemoryPerBlockOptin,
     [](auto& d) { return static_cast<int>(d.shared_per_block_optin); }},
    {cudaDevAttrL2CacheSize, [](auto&) { return roofproof::ptx::runtime::l2_bytes; }},
    {cudaDevAttrClockRate, [](auto& d) { return d.clock_khz; }},
    {cudaDevAttrMemoryClockRate, [](auto& d) { return d.memory_clock_khz; }},
    {cudaDevAttrGlobalMemoryBusWidth, [](auto& d) { return d.bus_bits(); }},
    {cudaDevAttrEccEnabled, [](auto& d) { return d.ecc ? 1 : 0; }},
    {cudaDevAttrIntegrated, [](auto&) { return 0; }},
    {cudaDevAttrPciDomainId, [](auto&) { return 0; }},
    {cudaDevAttrPciBusId, [](auto&) { return 0x1e; }},
    {cudaDevAttrPciDeviceId, [](auto&) { return 0; }},
};

}  // namespace

using namespace roofproof::ptx::runtime;

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int ordinal) {
  return entry(__func__, [&] { return ordinal == 0 ? cudaSuccess : cudaErrorInvalidDevice; });
}

cudaError_t cudaGetDevice(int* ordinal) {
  return entry(__func__, [&] {
    *ordinal = 0;
    return cudaSuccess;
  });
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr id, int ordinal) {
  return entry(__func__, [&] {
    if (ordinal != 0) return cudaErrorInvalidDevice;
    const auto* const attribute = std::find_if(std::begin(attributes), std::end(attributes),
                                               [&](const Attribute& a) { return a.id == id; });
    if (attribute == std::end(attributes)) not_implemented("another attribute of the device");
    *value = attribute->value(settings().device);
    return cudaSuccess;
  });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int ordinal) {
  return entry(__func__, [&] {
    if (ordinal != 0) return cudaErrorInvalidDevice;
    const PlayedDevice& device = settings().device;
    std::memset(properties, 0xff, sizeof *properties);  // what is not given here shows
    std::snprintf(properties->name, sizeof properties->name, "%s%.*s", device.name,
                  static_cast<int>(roofproof::played_suffix.size()),
                  roofproof::played_suffix.data());
    for (std::size_t i = 0; i < sizeof properties->uuid.bytes; ++i) {
      properties->uuid.bytes[i] =
          static_cast<char>(static_cast<int>(i) + device.compute_capability);
    }
    properties->totalGlobalMem = memory_bytes;
    return cudaSuccess;
  });
}

}  // extern "C"
