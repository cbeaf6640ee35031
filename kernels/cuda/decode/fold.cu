// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/cuda/decode/sweep.h"
#include "kernels/cuda/runtime/launch.h"

namespace roofproof::cuda::decode {
namespace {

constexpr int threads = 256;

struct FoldJob {
  const std::uint32_t* data;
  std::int64_t words;
  std::uint32_t* result;
};

__global__ void fold_kernel(const __grid_constant__ FoldJob job) {
  std::uint32_t sum = 0;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * threads + threadIdx.x;
       i < job.words; i += static_cast<std::int64_t>(gridDim.x) * threads) {
    sum += job.data[i];
  }
  atomicAdd(job.result, sum);
}

}  // namespace

void fold_words(const void* data, std::int64_t words, std::uint32_t* result, cudaStream_t stream) {
  const auto blocks =
      static_cast<int>(std::clamp<std::int64_t>((words + threads - 1) / threads, 1, 1 << 12));
  launch_kernel(fold_kernel, {blocks, threads, 0, false}, stream,
                {static_cast<const std::uint32_t*>(data), words, result});
}

}  // namespace roofproof::cuda::decode
