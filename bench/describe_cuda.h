// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The CUDA half of describe.h.
#pragma once

#include <string>
#include <vector>

#include "kernels/cuda/device.h"
#include "results/record.h"

namespace roofproof::bench {

std::vector<DeviceRecord> describe_cuda_gpus(std::string& none_because);
void describe_cuda_software(SoftwareRecord& software);

}  // namespace roofproof::bench
