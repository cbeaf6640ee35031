// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/cuda/gemv/device_pack.h"
#include "kernels/cuda/gemv/pack.h"

namespace roofproof::cuda::gemv {
namespace {

constexpr int threads = 256;

template <class Source>
__global__ void pack_kernel(PackedShape shape, Source source, std::uint32_t* packed,
                            float* row_scales) {
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  const std::int64_t words = shape.bytes() / 4;
  for (std::int64_t i = first; i < words; i += step) packed[i] = packed_word(shape, source, i);
  for (std::int64_t i = first; i < shape.row_scales(); i += step) {
    row_scales[i] = packed_row_scale(shape, source, i);
  }
}

template <class Source>
void pack(const PackedShape& shape, const Source& source, void* packed, float* row_scales,
          cudaStream_t stream) {
  const std::int64_t blocks = (shape.bytes() / 4 + threads - 1) / threads;
  const auto grid = static_cast<unsigned>(std::clamp<std::int64_t>(blocks, 1, 1 << 14));
  pack_kernel<<<grid, threads, 0, stream>>>(shape, source, static_cast<std::uint32_t*>(packed),
                                            row_scales);
  ROOFPROOF_CUDA_CHECK_LAUNCH(pack_kernel);
}

}  // namespace

void pack_weights(const PackedShape& shape, const CanonicalWeights& canonical, void* packed,
                  float* row_scales, cudaStream_t stream) {
  pack(shape, canonical, packed, row_scales, stream);
}

void pack_random_weights(const PackedShape& shape, const RandomWeights& random, bool zeros,
                         void* packed, float* row_scales, cudaStream_t stream) {
  pack(shape, RandomCanonical{random, zeros}, packed, row_scales, stream);
}

}  // namespace roofproof::cuda::gemv
