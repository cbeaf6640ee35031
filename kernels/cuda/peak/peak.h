// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The arithmetic ceiling: loops that touch no memory.
#pragma once

#include "kernels/workload.h"

namespace roofproof::cuda {

// FP32 fused multiply-add on the CUDA cores.
Unsupported peak_fp32_unsupported;
Prepare prepare_peak_fp32;

// FP16 (FP32 accumulation) or INT8, by the problem's precision, on Hopper's tensor cores by wgmma.
Unsupported peak_wgmma_unsupported;
Prepare prepare_peak_wgmma;

// The same on other tensor cores by mma.sync; not on compute capability 10.x and 11.x, whose peak
// it is not.
Unsupported peak_mma_unsupported;
Prepare prepare_peak_mma;

}  // namespace roofproof::cuda
