// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Y[batch,N] = X[batch,K] W[N,K]^T for one thread's rows of W. Weights are read in the canonical
// formats of kernels/quantize.h as they are; what order an instruction set unpacks them in, the
// activations are put into beforehand.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/host/parallel.h"
#include "kernels/problem/precision.h"

namespace roofproof::host {

struct GemvOperands {
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::int64_t batch = 0;
  const std::byte* weights = nullptr;
  const std::byte* scales = nullptr;  // INT8: FP32 [n]; INT4: FP16 [n, ceil(k / 128)]
  const float* x = nullptr;           // [batch, prepared_size(k)], by prepare_x
  std::byte* y = nullptr;             // [batch, n] FP16; FP32 beside fp32 weights
};

struct GemvKernel {
  const char* simd;  // Highway's name of the instruction set

  // Floats that one row of K activations takes once prepared.
  std::int64_t (*prepared_size)(std::int64_t k);

  // Prepares one row of K activations (FP16; FP32 beside fp32 weights). `prepared` is 64-byte
  // aligned.
  void (*prepare_x)(float* prepared, const std::byte* x, std::int64_t k);

  // Y for the rows of W in `rows`.
  void (*multiply)(const GemvOperands& operands, Share rows);

  // The same in FP32, before it is rounded.
  void (*multiply_fp32)(const GemvOperands& operands, Share rows);
};

// For weights in fp32, fp16, int8 or int4 and the best instruction set of this CPU.
GemvKernel gemv_kernel(Precision weights);

// Sequences that a case may have: what the project measures, no limit of the kernel.
inline constexpr std::int64_t gemv_most_batch = 256;

}  // namespace roofproof::host
