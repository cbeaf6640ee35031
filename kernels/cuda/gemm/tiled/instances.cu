// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The tensor-core kernels of one generation, which CMake names and compiles for its machines.
#include "kernels/cuda/gemm/tiled/kernel.cuh"
#include "kernels/cuda/gemm/tiled/kernel_tables.h"
#include "kernels/cuda/gemm/tiled/tensor_math.cuh"

namespace roofproof::cuda {
namespace {

template <Generation G, class Type>
struct With {
  template <class Tile>
  using Math = TensorMath<G, Type, Tile>;
};

}  // namespace

template <Generation G, class Type>
TiledKernels mma_kernels() {
  using Of = With<G, Type>;
  if constexpr (G == Generation::sm80) {
    return tiled_kernels<Of::template Math, Copying::async>(Sm80Tiles(), Sm80UnalignedTiles());
  } else {
    return tiled_kernels<Of::template Math, Copying::staged>(Sm75Tiles(), Sm75UnalignedTiles());
  }
}

template TiledKernels mma_kernels<Generation::ROOFPROOF_GENERATION, Fp16>();
template TiledKernels mma_kernels<Generation::ROOFPROOF_GENERATION, Int8>();

}  // namespace roofproof::cuda
