// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What is computed: the operations of the suite.
#pragma once

#include "kernels/problem/name_table.h"

namespace roofproof {

enum class Op {
  peak,     // arithmetic on registers or shared memory only: the compute ceiling
  read,     // sum of one array: the memory ceiling
  copy,     // c = a
  triad,    // c = a + s b
  gemm,     // C[M,N] = alpha A[M,K] B[N,K]^T + beta C
  gemv,     // Y[batch,N] = X[batch,K] W[N,K]^T
  layer,    // one decoder layer with its KV cache
  prefill,  // one decoder layer over the M tokens of one sequence, nothing cached before
  decode,   // one step of a whole model
};

std::string_view name(Op op);
template <>
std::optional<Op> parse_name(std::string_view text);

// peak, gemm and prefill are bounded by the arithmetic, and their rate is FLOP/s; all others are
// bounded by the memory, and theirs is bytes/s.
bool is_arithmetic(Op op);

}  // namespace roofproof
