// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The number formats of the operands.
#pragma once

#include "kernels/problem/name_table.h"

namespace roofproof {

// For gemm: the operands. For gemv, layer and decode: the weights (activations are FP16, FP32
// beside fp32 weights).
enum class Precision {
  fp32,   // FP32 throughout; never TF32
  fp16,   // FP16 operands and result, FP32 accumulation
  int8,   // gemm: INT8 x INT8 -> INT32; weights: INT8 with one FP32 scale per row
  int4,   // weights only: INT4 with one FP16 scale per row and group of 128
  w8a16,  // gemm with INT8 weights and FP16 activations
  w4a16,  // gemm with INT4 weights and FP16 activations
};

std::string_view name(Precision precision);
template <>
std::optional<Precision> parse_name(std::string_view text);

// Bits of one stored weight, scales not counted.
int weight_bits(Precision precision);

// k values that share one scale in the INT4 formats.
inline constexpr int int4_group_size = 128;

}  // namespace roofproof
