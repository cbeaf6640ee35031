// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <cstdint>

#include "kernels/cuda/error.h"
#include "kernels/cuda/hold.h"

namespace roofproof::cuda {
namespace {

__device__ std::uint64_t time_ns() {
  std::uint64_t now_ns = 0;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now_ns));
  return now_ns;
}

// Cycles bound it too, at 4 GHz, should the timer stand still.
__global__ void hold_kernel(std::uint64_t wanted_ns) {
  const std::uint64_t start_ns = time_ns();
  const auto start_cycles = static_cast<std::uint64_t>(clock64());
  while (time_ns() - start_ns < wanted_ns &&
         static_cast<std::uint64_t>(clock64()) - start_cycles < 4 * wanted_ns) {
  }
}

}  // namespace

void hold(double time_s, cudaStream_t stream) {
  hold_kernel<<<1, 1, 0, stream>>>(static_cast<std::uint64_t>(time_s * 1e9));
  ROOFPROOF_CUDA_CHECK_LAUNCH(hold_kernel);
}

}  // namespace roofproof::cuda
