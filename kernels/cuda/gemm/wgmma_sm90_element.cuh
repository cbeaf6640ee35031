// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What tells the two operand types of the wgmma kernels apart. Device code.
#pragma once

#include <cuda_fp16.h>

#include <cstdint>

#include "kernels/cuda/ptx/wgmma.cuh"

namespace roofproof::cuda::wgmma_sm90 {

// FP16 operands and result, FP32 accumulation.
struct Fp16Element {
  using Accumulator = float;
  using Output = __half;
  static constexpr int input_bytes = 2;
  static constexpr int output_bytes = 2;

  template <int n>
  static __device__ __forceinline__ void wgmma(float (&d)[n / 2], std::uint64_t a, std::uint64_t b,
                                               bool accumulate) {
    ptx::wgmma_fp16<n>(d, a, b, accumulate);
  }
  static __device__ __forceinline__ float add(float a, float b) { return a + b; }
  // alpha sum + beta c, rounded to the output once; c is read only where beta is not 0.
  static __device__ __forceinline__ __half combine(float sum, float alpha, float beta,
                                                   const __half* c) {
    const float scaled = alpha * sum;
    return __float2half_rn(beta == 0 ? scaled : fmaf(beta, __half2float(*c), scaled));
  }
};

// INT8 operands, INT32 sums and result; alpha and beta are whole numbers. Unsigned, because the sum
// wraps around as the instruction's does.
struct Int8Element {
  using Accumulator = int;
  using Output = int;
  static constexpr int input_bytes = 1;
  static constexpr int output_bytes = 4;

  template <int n>
  static __device__ __forceinline__ void wgmma(int (&d)[n / 2], std::uint64_t a, std::uint64_t b,
                                               bool accumulate) {
    ptx::wgmma_int8<n>(d, a, b, accumulate);
  }
  static __device__ __forceinline__ int add(int a, int b) {
    return static_cast<int>(static_cast<unsigned>(a) + static_cast<unsigned>(b));
  }
  static __device__ __forceinline__ int combine(int sum, float alpha, float beta, const int* c) {
    const unsigned scaled = static_cast<unsigned>(static_cast<int>(alpha)) * sum;
    return static_cast<int>(
        beta == 0 ? scaled : scaled + static_cast<unsigned>(static_cast<int>(beta)) * *c);
  }
};

}  // namespace roofproof::cuda::wgmma_sm90
