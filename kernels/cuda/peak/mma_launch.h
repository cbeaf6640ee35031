// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The mma.sync peak loops as the host launches them. C++17.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/inputs.h"

namespace roofproof::cuda::peak_mma {

// out[block][thread]: the thread's 64 sums folded, those of FP16 in units of a_unit b_unit.
// `zeros`: all inputs are 0.
using Launch = void (*)(InputStream input, bool zeros, std::int32_t* out, int blocks,
                        cudaStream_t stream);
void launch_sm75_fp16(InputStream, bool, std::int32_t*, int, cudaStream_t);
void launch_sm75_int8(InputStream, bool, std::int32_t*, int, cudaStream_t);
void launch_sm80_fp16(InputStream, bool, std::int32_t*, int, cudaStream_t);
void launch_sm80_int8(InputStream, bool, std::int32_t*, int, cudaStream_t);

}  // namespace roofproof::cuda::peak_mma
