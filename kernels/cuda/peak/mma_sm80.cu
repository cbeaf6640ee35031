// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The peak loops of mma_sm80.
#include "kernels/cuda/peak/mma.cuh"
#include "kernels/cuda/peak/mma_launch.h"
#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda::peak_mma {
namespace {

template <class Type>
void launch(InputStream input, bool zeros, std::int32_t* out, int blocks, cudaStream_t stream) {
  peak_mma_kernel<Generation::sm80, Type>
      <<<static_cast<unsigned>(blocks), threads, 0, stream>>>(input, zeros, iterations, out);
  ROOFPROOF_CUDA_CHECK_LAUNCH(peak_mma_kernel);
}

}  // namespace

void launch_sm80_fp16(InputStream input, bool zeros, std::int32_t* out, int blocks,
                      cudaStream_t stream) {
  launch<Fp16>(input, zeros, out, blocks, stream);
}
void launch_sm80_int8(InputStream input, bool zeros, std::int32_t* out, int blocks,
                      cudaStream_t stream) {
  launch<Int8>(input, zeros, out, blocks, stream);
}

}  // namespace roofproof::cuda::peak_mma
