// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The kernels of mma_sm75 for FP16.
#include "kernels/cuda/gemm/tiled/kernel.cuh"
#include "kernels/cuda/gemm/tiled/kernel_tables.h"
#include "kernels/cuda/gemm/tiled/tensor_math.cuh"

namespace roofproof::cuda {
namespace {

template <class Tile>
using Math = TensorMath<Generation::sm75, Fp16, Tile>;

}  // namespace

TiledKernels mma_sm75_fp16_kernels() {
  return tiled_kernels<Math, Copying::staged>(Sm75Tiles(), Sm75UnalignedTiles());
}

}  // namespace roofproof::cuda
