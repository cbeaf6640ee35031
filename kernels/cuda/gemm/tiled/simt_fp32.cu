// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The kernels of simt.
#include "kernels/cuda/gemm/tiled/kernel.cuh"
#include "kernels/cuda/gemm/tiled/kernel_tables.h"
#include "kernels/cuda/gemm/tiled/simt_math.cuh"

namespace roofproof::cuda {

TiledKernels simt_fp32_kernels() {
  return tiled_kernels<SimtMath, Copying::async>(SimtTiles(), SimtUnalignedTiles());
}

}  // namespace roofproof::cuda
