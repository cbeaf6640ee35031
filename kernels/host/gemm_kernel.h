// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The parts of an FP32 GEMM that depend on the instruction set: packing, and the micro-kernel that
// keeps one tile of C in registers.
#pragma once

#include <cstdint>

namespace roofproof::host {

struct GemmKernel {
  const char* simd;      // Highway's name of the instruction set
  std::int64_t rows;     // of C that one call of `multiply` computes: width of a panel of A
  std::int64_t columns;  // the same for B

  // panel[k * width + i] = rows[i * stride + k] for i < count, 0 for count <= i < width.
  void (*pack)(float* panel, std::int64_t width, const float* rows, std::int64_t stride,
               std::int64_t count, std::int64_t depth);

  // c[i * stride + j] = alpha sum_k a[k * rows + i] b[k * columns + j] + beta c[i * stride + j] for
  // i < m, j < n. c is not read where beta is 0. b is 64-byte aligned.
  void (*multiply)(float* c, std::int64_t stride, std::int64_t m, std::int64_t n, const float* a,
                   const float* b, std::int64_t depth, float alpha, float beta);
};

// For the best instruction set of this CPU.
GemmKernel gemm_kernel();

}  // namespace roofproof::host
