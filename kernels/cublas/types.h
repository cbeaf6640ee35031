// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What cuBLAS and cuBLASLt are told of a precision.
#pragma once

#include <cublas_v2.h>
#include <library_types.h>

#include <cstddef>

#include "kernels/cuda/gemm/gemm.h"
#include "kernels/problem/precision.h"
#include "kernels/workload.h"

namespace roofproof::cublas {

// What PyTorch gives cuBLAS on Hopper (pytorch pull request 120925), and NVIDIA recommends there.
inline constexpr std::size_t workspace_bytes = 32 << 20;

struct GemmTypes {
  cudaDataType_t operand;
  cudaDataType_t result;
  cublasComputeType_t compute;
  cudaDataType_t scale;  // of alpha and beta
};
// Throws std::invalid_argument for precisions that the libraries do not compute.
GemmTypes gemm_types(Precision precision);

// alpha and beta in the type that the libraries want a pointer to.
class Scalars {
 public:
  Scalars(const GemmTypes& types, const cuda::GemmOperands& operands);
  const void* alpha() const { return pointer(alpha_); }
  const void* beta() const { return pointer(beta_); }

 private:
  struct Scalar {
    float real;
    int integer;
  };
  const void* pointer(const Scalar& scalar) const {
    return integer_ ? static_cast<const void*>(&scalar.integer) : &scalar.real;
  }
  bool integer_;
  Scalar alpha_;
  Scalar beta_;
};

// Throws std::invalid_argument where the libraries cannot: INT8 with alpha != 1 or beta != 0.
void require_scalars(const Problem& problem, const Preparation& preparation);

// Before the first handle is made: FP32 means FP32, whatever the environment says. cuBLAS reads
// NVIDIA_TF32_OVERRIDE and CUBLAS_EMULATE_SINGLE_PRECISION, and either could put tensor cores to
// work in its place. The check before timing would notice.
void exclude_fp32_substitutes();

}  // namespace roofproof::cublas
