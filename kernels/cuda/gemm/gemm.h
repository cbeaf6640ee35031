// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What all GEMM kernels of the CUDA backend have in common: C[M,N] = alpha A[M,K] B[N,K]^T + beta
// C, row-major and without padding between rows.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>
#include <string>

namespace roofproof::cuda {

// Device pointers, 256-byte aligned. Element types follow the precision: fp32: float; fp16: __half;
// int8: int8_t operands, int32_t C; w8a16 and w4a16: __half A and C, packed B with b_scales.
struct GemmOperands {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  const void* a = nullptr;
  const void* b = nullptr;
  const void* b_scales = nullptr;
  void* c = nullptr;
  float alpha = 1;
  float beta = 0;
};

// A kernel made ready for fixed operands: tile configuration, tensor maps and workspace are chosen
// and owned here, so that launch() only enqueues.
class GemmLaunch {
 public:
  virtual ~GemmLaunch() = default;
  virtual void launch(cudaStream_t stream) = 0;
  // "wgmma_sm90 128x256x64 cluster 2": what the result's label says.
  virtual std::string label() const = 0;
};

}  // namespace roofproof::cuda
