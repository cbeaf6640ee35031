// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// GEMM by the kernels that share tiled/kernel.cuh, for any m, n and k:
//   simt       fp32; compute capability 8.0 and newer
//   simt_sm75  fp32; 7.5 and newer
//   mma_sm80   fp16 (FP32 accumulation), int8 -> INT32, on tensor cores by mma.sync; 8.0 and newer
//   mma_sm75   the same with Turing's instructions; 7.5 and newer
// On a GPU newer than its own generation each runs as a check of that generation's code.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/cuda/gemm/gemm.h"
#include "kernels/cuda/gemm/tiled/arguments.h"
#include "kernels/cuda/gemm/tiled/select.h"
#include "kernels/device.h"
#include "kernels/problem/problem.h"
#include "kernels/workload.h"

namespace roofproof::cuda {

std::string simt_unsupported(const Problem& problem, const Device& device);
std::string simt_sm75_unsupported(const Problem& problem, const Device& device);
std::string mma_sm80_unsupported(const Problem& problem, const Device& device);
std::string mma_sm75_unsupported(const Problem& problem, const Device& device);

std::unique_ptr<Workload> prepare_simt(const Problem& problem, const Device& device,
                                       const Preparation& preparation);
std::unique_ptr<Workload> prepare_simt_sm75(const Problem& problem, const Device& device,
                                            const Preparation& preparation);
std::unique_ptr<Workload> prepare_mma_sm80(const Problem& problem, const Device& device,
                                           const Preparation& preparation);
std::unique_ptr<Workload> prepare_mma_sm75(const Problem& problem, const Device& device,
                                           const Preparation& preparation);

namespace tiled_gemm {

enum class Kernel { simt, simt_sm75, mma_sm80, mma_sm75 };
std::string_view name(Kernel kernel);

// The compiled configurations for a precision, and of each how many blocks fit on an SM of the
// current device (0: none, for want of shared memory).
struct Tiles {
  TiledKernels kernels;
  std::vector<int> resident;
};
Tiles tiles(Kernel kernel, Precision precision);

// The plan that choose_tile() picks; throws std::runtime_error when no configuration can run.
TileChoice choose(Kernel kernel, Precision precision, const Tiles& tiles, std::int64_t m,
                  std::int64_t n, std::int64_t k, const Device& device);

// Where blocks exchange partial sums. Shared by launches that never run at the same time.
class Workspace;
std::shared_ptr<Workspace> make_workspace(cudaStream_t stream);

// A launch with this choice rather than with choose()'s. For int8 alpha and beta must be whole
// numbers; throws std::invalid_argument where they are not.
std::unique_ptr<GemmLaunch> make_launch(Kernel kernel, Precision precision,
                                        const GemmOperands& operands, const Tiles& tiles,
                                        const TileChoice& choice,
                                        const std::shared_ptr<Workspace>& workspace);

}  // namespace tiled_gemm
}  // namespace roofproof::cuda
