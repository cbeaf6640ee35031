// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The compiled tile configurations of each kernel, in the order of tiles.h.
#pragma once

#include "kernels/cuda/gemm/tiled/arguments.h"
#include "kernels/cuda/gemm/tiled/mma_types.h"

namespace roofproof::cuda {

TiledKernels simt_fp32_kernels();
TiledKernels simt_sm75_fp32_kernels();
template <Generation G, class Type>
TiledKernels mma_kernels();

}  // namespace roofproof::cuda
