// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the FP32 peak loop computes, so that the host can follow a thread of it bit for bit. C++17.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/inputs.h"

namespace roofproof::cuda {

// Each thread runs `chains` independent recurrences x <- b x + c, `steps` times, and writes the sum
// of the final x, added in order. b = 1 - (256 to 511) 2^-24: over the steps x moves by e^-0.5 to
// e^-1, so that a wrong count shows, and neither overflows nor settles, so that the multiplier
// works on random bits all along.
namespace peak_fp32 {
inline constexpr int chains = 16;
inline constexpr int unrolled_steps = 32;
inline constexpr int iterations = 1024;
inline constexpr int steps = unrolled_steps * iterations;

inline constexpr int threads = 256;      // of a block
inline constexpr int blocks_per_sm = 4;  // 8 warps for each of the SM's 4 schedulers

ROOFPROOF_HOST_DEVICE constexpr float b(InputStream input, std::uint64_t thread) {
  return 1.0f - static_cast<float>(256 + (input.bits(thread * (chains + 2)) & 255)) * 0x1p-24f;
}
ROOFPROOF_HOST_DEVICE constexpr float c(InputStream input, std::uint64_t thread) {
  return input.uniform(thread * (chains + 2) + 1) * 0x1p-17f;
}
ROOFPROOF_HOST_DEVICE constexpr float start(InputStream input, std::uint64_t thread, int chain) {
  return input.uniform(thread * (chains + 2) + 2 + static_cast<std::uint64_t>(chain));
}

// out[thread], for blocks x threads of them.
void launch(InputStream input, float* out, int blocks, cudaStream_t stream);
}  // namespace peak_fp32

}  // namespace roofproof::cuda
