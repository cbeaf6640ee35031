// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The workload that hand-written GEMM kernels and libraries share: operands, check and label are
// the same for all, only who launches differs. A gemv is the GEMM of as many rows as it has
// sequences, for libraries: the hand-written ones have packed weights (linear/workload.h).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "kernels/cuda/gemm/gemm.h"
#include "kernels/device.h"
#include "kernels/workload.h"

namespace roofproof::cuda {

// Makes a kernel ready for the operands of one copy. Called once per copy, copy 0 first; what it
// runs on the device uses `stream`. Throws when it cannot.
using GemmFactory =
    std::function<std::unique_ptr<GemmLaunch>(const GemmOperands& operands, cudaStream_t stream)>;

// The same for all copies at once, for those who time alternatives over them: as later, no operand
// that rotates is served from the cache then. C may be overwritten, it is filled again afterwards.
using GemmSetFactory = std::function<std::vector<std::unique_ptr<GemmLaunch>>(
    const std::vector<GemmOperands>& copies, cudaStream_t stream)>;

// gemm: precisions fp32, fp16 and int8; tensors "a" [M,K], "b" [N,K] and "c" [M,N], all rotated.
// gemv: fp32 and fp16; tensors "x" [batch,K] and "y" [batch,N], which stay hot, and "w" [N,K],
// rotated: beside the hand-written kernels on equal terms. With beta 0 the output starts poisoned,
// else random. alpha and beta are rounded to FP32.
std::unique_ptr<Workload> make_gemm_workload(const Problem& problem, const Device& device,
                                             const Preparation& preparation,
                                             const GemmFactory& factory);
std::unique_ptr<Workload> make_gemm_workload(const Problem& problem, const Device& device,
                                             const Preparation& preparation,
                                             const GemmSetFactory& factory);

}  // namespace roofproof::cuda
