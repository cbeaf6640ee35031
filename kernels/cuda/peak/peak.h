// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The arithmetic ceiling: loops that touch no memory.
#pragma once

#include <memory>
#include <string>

#include "kernels/device.h"
#include "kernels/problem/problem.h"
#include "kernels/workload.h"

namespace roofproof::cuda {

// FP32 fused multiply-add on the CUDA cores.
std::string peak_fp32_unsupported(const Problem& problem, const Device& device);
std::unique_ptr<Workload> prepare_peak_fp32(const Problem& problem, const Device& device,
                                            const Preparation& preparation);

// FP16 (FP32 accumulation) or INT8, by the problem's precision, on Hopper's tensor cores by wgmma.
std::string peak_wgmma_sm90_unsupported(const Problem& problem, const Device& device);
std::unique_ptr<Workload> prepare_peak_wgmma_sm90(const Problem& problem, const Device& device,
                                                  const Preparation& preparation);

// The same on other tensor cores by mma.sync; compute capability 7.5, 8.0 and newer, but for 10.x
// and 11.x, whose peak it is not.
std::string peak_mma_sm75_unsupported(const Problem& problem, const Device& device);
std::string peak_mma_sm80_unsupported(const Problem& problem, const Device& device);
std::unique_ptr<Workload> prepare_peak_mma_sm75(const Problem& problem, const Device& device,
                                                const Preparation& preparation);
std::unique_ptr<Workload> prepare_peak_mma_sm80(const Problem& problem, const Device& device,
                                                const Preparation& preparation);

}  // namespace roofproof::cuda
