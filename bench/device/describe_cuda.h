// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The CUDA half of describe.h.
#pragma once

#include <string>
#include <vector>

#include "bench/device/describe.h"
#include "results/record/record.h"

namespace roofproof::bench {

std::vector<DeviceRecord> describe_cuda_gpus(std::string& none_because);
DeviceLimits cuda_device_limits(int ordinal);
std::unique_ptr<Nvml> open_cuda_nvml(int ordinal);
void describe_cuda_software(SoftwareRecord& software);

}  // namespace roofproof::bench
