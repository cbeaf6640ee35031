// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a result says of the machine that was measured.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/device/nvml.h"
#include "kernels/device.h"
#include "results/record/record.h"

namespace roofproof::bench {

DeviceRecord describe_host();

// The state of this machine's CPU at the moment, as Google Benchmark names it: clock, frequency
// scaling, load. What the system does not tell stays absent.
void describe_host_state(Record& record);

// All visible GPUs; with none, why.
std::vector<DeviceRecord> describe_gpus(std::string& none_because);

SoftwareRecord describe_software();

// What kernels need to know of "host" or "cuda:N".
Device find_device(const std::string& name);

// Limits that no measurement can exceed, as the device reports them; empty where it does not.
struct DeviceLimits {
  std::optional<double> sm_clock_hz = {};
  std::optional<double> bus_bytes_per_s = {};
};
DeviceLimits device_limits(const Device& device);

// The driver's management library for this device; null where there is none.
std::unique_ptr<Nvml> open_nvml(const Device& device);

// Whether CUDA programs started here share a GPU through NVIDIA's Multi-Process Service: they do so
// where its control pipe is.
bool mps_is_running();

// Sixteen hexadecimal digits that tell two machines or boards apart without naming them.
std::string short_hash(const std::string& text);

// Of GPUs, where the build has CUDA (describe_cuda.cpp).
std::vector<DeviceRecord> describe_cuda_gpus(std::string& none_because);
DeviceLimits cuda_device_limits(int ordinal);
std::unique_ptr<Nvml> open_cuda_nvml(int ordinal);
void describe_cuda_software(SoftwareRecord& software);

}  // namespace roofproof::bench
