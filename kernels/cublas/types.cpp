// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cublas/types.h"

#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>

#include "kernels/cublas/gemm.h"
#include "kernels/cublas/version.h"

namespace roofproof::cublas {

GemmTypes gemm_types(Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return {CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F, CUDA_R_32F};
    case Precision::fp16:
      return {CUDA_R_16F, CUDA_R_16F, CUBLAS_COMPUTE_32F, CUDA_R_32F};
    case Precision::int8:
      return {CUDA_R_8I, CUDA_R_32I, CUBLAS_COMPUTE_32I, CUDA_R_32I};
    default:
      throw std::invalid_argument("kernels/cublas/types.cpp: cuBLAS has no GEMM for " +
                                  std::string(name(precision)));
  }
}

Scalars::Scalars(const GemmTypes& types, const cuda::GemmOperands& operands)
    : integer_(types.scale == CUDA_R_32I),
      alpha_{operands.alpha, static_cast<int>(operands.alpha)},
      beta_{operands.beta, static_cast<int>(operands.beta)} {}

void require_scalars(const Problem& problem, const Preparation& preparation) {
  if (problem.precision == Precision::int8 && (preparation.alpha != 1 || preparation.beta != 0)) {
    throw std::invalid_argument("cuBLAS: INT8 needs alpha 1 and beta 0");
  }
}

void exclude_fp32_substitutes() {
  setenv("NVIDIA_TF32_OVERRIDE", "0", 1);
  setenv("CUBLAS_EMULATE_SINGLE_PRECISION", "0", 1);
}

std::string gemm_unsupported(std::string_view, const Problem& problem, const Device&) {
  if (version().empty()) {
    return "cuBLAS not found: install " + library_file() + " or name its folder in LD_LIBRARY_PATH";
  }
  const Shape& shape = problem.shape;
  for (const std::int64_t size : {shape.m, shape.n, shape.k, shape.batch}) {
    if (size > std::numeric_limits<int>::max()) return "dimensions beyond 2^31";
  }
  if (problem.precision == Precision::int8 && (shape.n % 4 != 0 || shape.k % 4 != 0)) {
    return "INT8 in cuBLAS needs n and k to be multiples of 4";
  }
  return {};
}

}  // namespace roofproof::cublas
