// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Inputs as a pure function of (seed, tensor, index): a device fills its buffers with it, and the
// host recomputes any single element without copying anything back.
#pragma once

#include <cstdint>

#include "kernels/host_device.h"

namespace roofproof {

// One finaliser of MurmurHash3 (Appleby, public domain) over a 64-bit counter: every output bit
// depends on every input bit, which is all that test data need.
ROOFPROOF_HOST_DEVICE constexpr std::uint64_t mix_bits(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  x ^= x >> 33;
  return x;
}

// A stream of random numbers: one per tensor and copy.
struct InputStream {
  std::uint64_t key;

  ROOFPROOF_HOST_DEVICE constexpr std::uint32_t bits(std::uint64_t index) const {
    return static_cast<std::uint32_t>(mix_bits(key + index) >> 32);
  }
  // Uniform over the 2^24 multiples of 2^-23 in [-1, 1): exact in FP32, rounded once to FP16.
  ROOFPROOF_HOST_DEVICE constexpr float uniform(std::uint64_t index) const {
    return static_cast<float>(static_cast<std::int32_t>(bits(index) >> 8) - (1 << 23)) *
           (1.0f / static_cast<float>(1 << 23));
  }
  // Uniform over all of [-128, 127].
  ROOFPROOF_HOST_DEVICE constexpr std::int8_t int8(std::uint64_t index) const {
    return static_cast<std::int8_t>(bits(index) >> 24);
  }
};

// `tensor`: a small number that is the operand's own within its workload ('a', 'b', 'w', ...).
ROOFPROOF_HOST_DEVICE constexpr InputStream input_stream(std::uint64_t seed, std::uint64_t tensor,
                                                         std::uint64_t copy) {
  return {mix_bits(mix_bits(mix_bits(seed) + tensor) + copy)};
}

}  // namespace roofproof
