// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the CUDA runtime says of a GPU.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "kernels/device.h"

namespace roofproof::cuda {

// How many GPUs there are, and where there are none, why: no driver, one too old for the runtime,
// or nothing visible. Does not throw.
struct DeviceCount {
  int count = 0;
  std::string why_none = {};
};
DeviceCount count_devices() noexcept;

// Everything that a run records of its GPU. Clocks are the highest that the device is made for.
struct DeviceProperties {
  Device device = {};
  double sm_clock_hz = 0;
  double memory_clock_hz = 0;
  int memory_bus_bits = 0;
  bool ecc = false;
  bool integrated = false;
  std::int64_t shared_memory_per_sm = 0;
  int registers_per_sm = 0;
  int threads_per_sm = 0;
  int pci_domain = 0;
  int pci_bus = 0;
  int pci_device = 0;
  std::array<std::uint8_t, 16> uuid = {};
};

// Both throw CudaError, for an ordinal that is not there among other reasons. Neither changes the
// current device.
DeviceProperties device_properties(int ordinal);
Device describe(int ordinal);

// Versions as CUDA writes them: 13000 for 13.0. driver 0: there is none.
struct Versions {
  int driver = 0;
  int runtime = 0;
};
Versions versions();
// 13000 -> "13.0".
std::string version_text(int version);

}  // namespace roofproof::cuda
