// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// OpenBLAS, the library that the host's GEMM is held against.
#pragma once

#include <cstdint>
#include <string>

namespace roofproof::host {

// C[M,N] = alpha A[M,K] B[N,K]^T + beta C, row-major. Sizes must fit the library's 32-bit integers.
void openblas_gemm(float* c, const float* a, const float* b, std::int64_t m, std::int64_t n,
                   std::int64_t k, float alpha, float beta, int threads);

// "OpenBLAS 0.3.21 SkylakeX": version and the kernels that it chose for this CPU.
std::string openblas_label();

}  // namespace roofproof::host
