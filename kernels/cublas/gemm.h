// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// GEMM by NVIDIA's libraries: fp32 (TF32 excluded), fp16 with FP32 accumulation, int8 -> INT32; and
// gemv in fp16, the GEMM whose M is the batch, with weights as they are.
//
// The libraries think in columns. A row-major [M,K] without padding is, read by columns, [K,M] with
// leading dimension K; so what is wanted, C = alpha A B^T + beta C by rows, is by columns
//   C' [N,M] = alpha op(B') A' + beta C',  B' [K,N] transposed, A' [K,M] as it is:
// first operand B, second A, "TN", with the library's m = N, n = M, leading dimensions K, K, N.
//
// A gemv has the conditions of the hand-written ones: weights rotate, in as many copies,
// activations stay hot, and the timer is the same. What those may do beyond, on sm_90, is to start
// while their predecessor ends. A decode step made of the library's calls would wait as they do, so
// that is part of what is compared.
#pragma once

#include "kernels/workload.h"

namespace roofproof::cublas {

// For both. INT8 wants n and k to be multiples of 4 (cuBLAS documentation, cublasGemmEx and
// cublasLtMatmul with CUBLAS_COMPUTE_32I), alpha 1 and beta 0: preparing others throws.
Unsupported gemm_unsupported;

// cuBLAS with its own choice of algorithm (CUBLAS_GEMM_DEFAULT).
Prepare prepare_cublas_gemm;

// cuBLASLt: its suggestions, at least 8 where it has so many, are timed over the rotated operands,
// the fastest is kept. The label names it.
Prepare prepare_cublaslt_gemm;

}  // namespace roofproof::cublas
