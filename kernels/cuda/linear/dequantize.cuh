// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// From words of the packed layout to A fragments of FP16 pairs, exactly: the values (not the
// scales) of all formats are FP16 numbers. The bits of an FP16 number 1024 + u, 0 <= u < 1024, are
// 0x6400 + u: putting a small unsigned number under 0x64 converts it (J. Kim et al., "Who says
// elephants can't run", arXiv:2211.10017, section 3.3). Issue slots of a 16-byte load: FP16 0,
// INT8 16 (8 permutes, 8 subtractions), INT4 36 (4 shifts, 16 LOP3, 16 half2 operations).
#pragma once

#include "kernels/cuda/linear/layout.h"
#include "kernels/cuda/ptx/ptx.cuh"

namespace roofproof::cuda::linear {

// The A fragment of k16 step `step` of the 16 bytes `w` of a lane.
template <WeightFormat Format>
__device__ __forceinline__ void fragment(std::uint32_t (&a)[4], const uint4& w, int step) {
  static_assert(Format != WeightFormat::fp32, "tensor cores have no FP32 operands");
  if constexpr (Format == WeightFormat::fp16) {
    a[0] = w.x, a[1] = w.y, a[2] = w.z, a[3] = w.w;
  } else if constexpr (Format == WeightFormat::int8) {
    constexpr std::uint32_t bytes_64 = 0x64646464u;
    constexpr std::uint32_t bias = 0x64806480u;  // 1024 + 128
    const std::uint32_t low = step == 0 ? w.x : w.z;
    const std::uint32_t high = step == 0 ? w.y : w.w;
    a[0] = ptx::sub_f16x2(ptx::prmt(low, bytes_64, 0x4140), bias);
    a[1] = ptx::sub_f16x2(ptx::prmt(low, bytes_64, 0x4342), bias);
    a[2] = ptx::sub_f16x2(ptx::prmt(high, bytes_64, 0x4140), bias);
    a[3] = ptx::sub_f16x2(ptx::prmt(high, bytes_64, 0x4342), bias);
  } else {
    constexpr std::uint32_t exponent = 0x64006400u;
    const std::uint32_t word = step == 0 ? w.x : step == 1 ? w.y : step == 2 ? w.z : w.w;
    const std::uint32_t upper = word >> 8;
    // Low nibble: 1024 + u, minus 1032. High nibble: 1024 + 16 u, times 1/16, minus 72.
    constexpr std::uint32_t bias = 0x64086408u;
    constexpr std::uint32_t sixteenth = 0x2c002c00u;
    constexpr std::uint32_t minus_72 = 0xd480d480u;
    a[0] = ptx::sub_f16x2(ptx::lop3_and_or(word, 0x000f000fu, exponent), bias);
    a[1] = ptx::fma_rn_f16x2(ptx::lop3_and_or(word, 0x00f000f0u, exponent), sixteenth, minus_72);
    a[2] = ptx::sub_f16x2(ptx::lop3_and_or(upper, 0x000f000fu, exponent), bias);
    a[3] = ptx::fma_rn_f16x2(ptx::lop3_and_or(upper, 0x00f000f0u, exponent), sixteenth, minus_72);
  }
}

// k16 steps of one chunk.
template <WeightFormat Format>
inline constexpr int chunk_steps = chunk_columns(Format) / 16;

}  // namespace roofproof::cuda::linear
