// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The kernels of simt_sm75.
#include "kernels/cuda/gemm/tiled/kernel.cuh"
#include "kernels/cuda/gemm/tiled/kernel_tables.h"
#include "kernels/cuda/gemm/tiled/simt_math.cuh"

namespace roofproof::cuda {

TiledKernels simt_sm75_fp32_kernels() {
  return tiled_kernels<SimtMath, Copying::staged>(SimtSm75Tiles(), SimtSm75UnalignedTiles());
}

}  // namespace roofproof::cuda
