// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The mma.sync peak loops as the host launches them. C++17.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/gemm/tiled/mma_types.h"
#include "kernels/inputs.h"

namespace roofproof::cuda::peak_mma {

// out[block][thread]: the thread's 64 sums folded, those of FP16 in units of a_unit b_unit.
using Launch = void (*)(InputStream input, std::int32_t* out, int blocks, cudaStream_t stream);
template <Generation G, class Type>
void launch(InputStream input, std::int32_t* out, int blocks, cudaStream_t stream);

}  // namespace roofproof::cuda::peak_mma
