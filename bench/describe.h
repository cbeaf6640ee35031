// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// This machine in words: what a result needs to be traceable.
#pragma once

#include <string>
#include <vector>

#include "kernels/device.h"
#include "results/record.h"

namespace roofproof::bench {

DeviceRecord describe_host();

// All visible GPUs; with none, why.
std::vector<DeviceRecord> describe_gpus(std::string& none_because);

SoftwareRecord describe_software();

// What kernels need to know of "host" or "cuda:N".
Device find_device(const std::string& name);

// Sixteen hexadecimal digits that tell two machines or boards apart without naming them.
std::string short_hash(const std::string& text);

}  // namespace roofproof::bench
