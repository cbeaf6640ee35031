// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// GEMM by the kernels that share tiled/kernel.cuh, for any m, n and k:
//   simt       fp32
//   simt_sm75  fp32, for Turing
//   mma_sm80   fp16 (FP32 accumulation), int8 -> INT32, on tensor cores by mma.sync
//   mma_sm75   the same with Turing's instructions
// On a GPU newer than its own generation each runs as a check of that generation's code.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "kernels/cuda/gemm/gemm.h"
#include "kernels/cuda/gemm/tiled/arguments.h"
#include "kernels/cuda/gemm/tiled/select.h"
#include "kernels/workload.h"

namespace roofproof::cuda {

// Precisions as the kernel has them.
Unsupported tiled_gemm_unsupported;
Prepare prepare_tiled_gemm;

namespace tiled_gemm {

// The compiled configurations for a precision, and of each how many blocks fit on an SM of the
// current device (0: none, for want of shared memory).
struct Tiles {
  TiledKernels kernels;
  std::vector<int> resident;
};
Tiles tiles(std::string_view kernel, Precision precision);

// The plan that choose_tile() picks; throws std::runtime_error when no configuration can run.
TileChoice choose(std::string_view kernel, Precision precision, const Tiles& tiles, std::int64_t m,
                  std::int64_t n, std::int64_t k, const Device& device);

// Where blocks exchange partial sums. Shared by launches that never run at the same time.
class Workspace;
std::shared_ptr<Workspace> make_workspace(cudaStream_t stream);

// A launch with this choice rather than with choose()'s. For int8 alpha and beta must be whole
// numbers; throws std::invalid_argument where they are not.
std::unique_ptr<GemmLaunch> make_launch(std::string_view kernel, Precision precision,
                                        const GemmOperands& operands, const Tiles& tiles,
                                        const TileChoice& choice,
                                        const std::shared_ptr<Workspace>& workspace);

}  // namespace tiled_gemm
}  // namespace roofproof::cuda
