// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The rungs of the ladder that go through all matrices of a step in one launch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "kernels/device.h"
#include "kernels/workload.h"

namespace roofproof::cuda::decode {

// Why the widest activations do not fit beside the rest; empty where they do.
std::string sweep_unsupported(const Problem& problem, const Device& device);

std::unique_ptr<Workload> prepare_stream_only(const Problem& problem, const Device& device,
                                              const Preparation& preparation);
std::unique_ptr<Workload> prepare_gemv_only(const Problem& problem, const Device& device,
                                            const Preparation& preparation);

}  // namespace roofproof::cuda::decode
