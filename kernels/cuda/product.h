// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What gemm and gemv call the same things: Y[batch, N] = X[batch, K] W[N, K]^T is a GEMM whose rows
// are the sequences. For workloads that serve both.
#pragma once

#include <cstdint>

#include "kernels/problem/problem.h"

namespace roofproof::cuda {

struct ProductNames {
  const char* x;
  const char* w;
  const char* y;
  std::int64_t batch;
  // Activations rotate like weights. Not those of a gemv: in a decode step the kernel before has
  // just written them. Every kernel of a problem, the library's too, is measured alike.
  bool rotated;
};

inline ProductNames product_names(const Problem& problem) {
  return problem.op == Op::gemm ? ProductNames{"a", "b", "c", problem.shape.m, true}
                                : ProductNames{"x", "w", "y", problem.shape.batch, false};
}

}  // namespace roofproof::cuda
