// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// An SM's share of the memory's bandwidth, and how much must be under way to keep it busy.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/device.h"

namespace roofproof::cuda {

// Little's law: bytes under way = bandwidth x latency. An idle memory answers after 250 to 410 ns
// (RRZE-HPC/gpu-benches, gpu-latency: L40 254, H100 PCIe 375, A100 405), one near saturation after
// two to three times that. 1.2 us gives 9.6 KB per SM on a T4, 17 on an A100-40, 30 on an H100 SXM
// and 44 on an H200: what NVIDIA's CCCL settled on by measurement (tuning_transform.cuh: 12, 16, 32
// and 48 KiB).
inline constexpr double loaded_latency_s = 1.2e-6;

// Where the driver does not tell the bandwidth: CCCL's figure for the fastest memory it knows.
inline constexpr std::int64_t largest_budget_bytes = 64 * 1024;

// `bandwidth_bytes_per_s`: the pins' peak; 0 where it is not known.
constexpr std::int64_t bytes_in_flight_per_sm(double bandwidth_bytes_per_s, int sms) {
  if (!(bandwidth_bytes_per_s > 0) || sms <= 0) return largest_budget_bytes;
  return static_cast<std::int64_t>(bandwidth_bytes_per_s * loaded_latency_s / sms);
}

// Where the driver does not tell it: about an A100's.
inline constexpr double usual_sm_bandwidth_bytes_per_s = 15e9;

inline double sm_bandwidth_bytes_per_s(const Device& device) {
  return device.bandwidth_bytes_per_s > 0
             ? device.bandwidth_bytes_per_s / std::max(device.processors, 1)
             : usual_sm_bandwidth_bytes_per_s;
}

}  // namespace roofproof::cuda
