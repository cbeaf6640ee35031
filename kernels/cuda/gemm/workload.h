// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The GEMM workload that hand-written kernels and libraries share: operands, check and label are
// the same for all, only who launches differs.
#pragma once

#include <functional>
#include <memory>

#include "kernels/cuda/gemm/gemm.h"
#include "kernels/device.h"
#include "kernels/workload.h"

namespace roofproof::cuda {

// Makes a kernel ready for the operands of one copy. Called once per copy, copy 0 first; what may
// run on the device during the call (tuning, packing) uses `stream`. Throws when it cannot.
using GemmFactory =
    std::function<std::unique_ptr<GemmLaunch>(const GemmOperands& operands, cudaStream_t stream)>;

// Precisions fp32, fp16 and int8; tensors "a" [M,K], "b" [N,K] and "c" [M,N], all rotated. With
// beta 0 c starts poisoned, else random. alpha and beta are rounded to FP32.
std::unique_ptr<Workload> make_gemm_workload(const Problem& problem, const Device& device,
                                             const Preparation& preparation,
                                             const GemmFactory& factory);

}  // namespace roofproof::cuda
