// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/cuda/isolation.h"

#include <cstdint>

#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda {
namespace {

constexpr int threads = 256;

// The memory is all zeros, so nothing is ever written; the compiler does not know.
__global__ void read_all(const uint4* data, std::int64_t count, unsigned* sink) {
  unsigned found = 0;
  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count;
       i += stride) {
    const uint4 value = data[i];
    found |= value.x | value.y | value.z | value.w;
  }
  if (found != 0) *sink = found;
}

__global__ void nothing() {}

}  // namespace

Isolation::Isolation(const Device& device)
    : clean_(static_cast<std::size_t>(2 * device.last_level_cache_bytes)), sink_(sizeof(unsigned)) {
  ROOFPROOF_CUDA_CHECK(cudaMemset(clean_.data(), 0, clean_.size()));
  ROOFPROOF_CUDA_CHECK(cudaDeviceSynchronize());
}

void Isolation::displace_caches(cudaStream_t stream) {
  constexpr int blocks = 1024;
  const auto count = static_cast<std::int64_t>(clean_.size() / sizeof(uint4));
  read_all<<<blocks, threads, 0, stream>>>(clean_.as<uint4>(), count, sink_.as<unsigned>());
  ROOFPROOF_CUDA_CHECK_LAUNCH(read_all);
}

void Isolation::launch_nothing(cudaStream_t stream) {
  nothing<<<1, 1, 0, stream>>>();
  ROOFPROOF_CUDA_CHECK_LAUNCH(nothing);
}

}  // namespace roofproof::cuda
