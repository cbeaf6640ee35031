// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// GEMM on the tensor cores of Hopper by TMA and wgmma: fp16 (FP32 accumulation) and int8 -> INT32.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/gemm/gemm.h"
#include "kernels/cuda/gemm/wgmma_sm90_select.h"
#include "kernels/device.h"
#include "kernels/problem/problem.h"
#include "kernels/workload.h"

namespace roofproof::cuda {

// Compute capability 9.0; rows of A and B that are multiples of 16 bytes (k a multiple of 8 for
// fp16, of 16 for int8), which TMA needs.
std::string wgmma_sm90_unsupported(const Problem& problem, const Device& device);
std::unique_ptr<Workload> prepare_wgmma_sm90(const Problem& problem, const Device& device,
                                             const Preparation& preparation);

namespace wgmma_sm90 {

// How many clusters of each configuration the current device runs at a time.
Capacity device_capacity(Precision precision, int processors);

// A launch with this configuration rather than with select()'s. For int8 alpha and beta must be
// whole numbers; throws std::invalid_argument where they are not.
std::unique_ptr<GemmLaunch> make_launch(Precision precision, const GemmOperands& operands,
                                        const Choice& choice, const Capacity& capacity);

// Every configuration that can compute a shape with this k on the device, for tests and tuning.
std::vector<Choice> all_choices(std::int64_t k, int input_bytes, const Capacity& capacity);

}  // namespace wgmma_sm90
}  // namespace roofproof::cuda
