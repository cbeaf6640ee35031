// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/cuda/linear/device_pack.h"
#include "kernels/cuda/linear/pack.h"
#include "kernels/cuda/runtime/launch.h"

namespace roofproof::cuda::linear {
namespace {

constexpr int threads = 256;

struct PackJob {
  PackedShape shape;
  RandomCanonical source;
  std::uint32_t* packed;
  float* row_scales;
};

__global__ void pack_kernel(const __grid_constant__ PackJob job) {
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * threads + threadIdx.x;
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * threads;
  const std::int64_t words = job.shape.bytes() / 4;
  for (std::int64_t i = first; i < words; i += step) {
    job.packed[i] = packed_word(job.shape, job.source, i);
  }
  for (std::int64_t i = first; i < job.shape.row_scales(); i += step) {
    job.row_scales[i] = packed_row_scale(job.shape, job.source, i);
  }
}

}  // namespace

void pack_random_weights(const PackedShape& shape, const RandomWeights& random, void* packed,
                         float* row_scales, cudaStream_t stream) {
  const std::int64_t blocks = (shape.bytes() / 4 + threads - 1) / threads;
  const auto grid = static_cast<int>(std::clamp<std::int64_t>(blocks, 1, 1 << 14));
  launch_kernel(pack_kernel, {grid, threads, 0, false}, stream,
                PackJob{shape, {random}, static_cast<std::uint32_t*>(packed), row_scales});
}

}  // namespace roofproof::cuda::linear
