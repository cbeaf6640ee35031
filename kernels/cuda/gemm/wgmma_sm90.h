// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// GEMM on the tensor cores of Hopper by TMA and wgmma: fp16 (FP32 accumulation) and int8 -> INT32.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <vector>

#include "kernels/cuda/gemm/gemm.h"
#include "kernels/cuda/gemm/wgmma_sm90_select.h"
#include "kernels/workload.h"

namespace roofproof::cuda {

// Rows of A and B must be multiples of 16 bytes (k a multiple of 8 for fp16, of 16 for int8), which
// TMA needs.
Unsupported wgmma_gemm_unsupported;
Prepare prepare_wgmma_gemm;

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
