// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Rows of activations made ready for kernels that cannot do it on the way: copied to rows of a
// multiple of 8 values with zeros behind, and normalised (RMSNorm) where `norm` is given. Plain
// data, C++17.
#pragma once

namespace roofproof::cuda::linear {

inline constexpr int row_threads = 512;

// FP16, or FP32 beside fp32 weights.
struct RowsJob {
  const void* x = nullptr;     // [rows][k]
  const void* norm = nullptr;  // [k]; y = x / sqrt(mean(x^2) + epsilon) * norm
  void* y = nullptr;           // [rows][stride]
  int k = 0;
  int stride = 0;  // k, or more: a multiple of 8
  float epsilon = 0;
};

}  // namespace roofproof::cuda::linear
