// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The mma.sync peak loops of one generation, as kernels/cuda/gemm/tiled/instances.cu.
#include "kernels/cuda/peak/mma.cuh"
#include "kernels/cuda/peak/mma_launch.h"
#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda::peak_mma {

template <Generation G, class Type>
void launch(InputStream input, std::int32_t* out, int blocks, cudaStream_t stream) {
  peak_mma_kernel<G, Type>
      <<<static_cast<unsigned>(blocks), threads, 0, stream>>>(input, iterations, out);
  ROOFPROOF_CUDA_CHECK_LAUNCH(peak_mma_kernel);
}

template void launch<Generation::ROOFPROOF_GENERATION, Fp16>(InputStream, std::int32_t*, int,
                                                             cudaStream_t);
template void launch<Generation::ROOFPROOF_GENERATION, Int8>(InputStream, std::int32_t*, int,
                                                             cudaStream_t);

}  // namespace roofproof::cuda::peak_mma
