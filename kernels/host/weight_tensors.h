// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A matrix of weights [n, k] among the tensors of a workload, in the canonical format of its
// precision (kernels/quantize.h): "<name>", and "<name>_scales" of INT8 and INT4.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/host/gemv_kernel.h"
#include "kernels/host/tensors.h"
#include "kernels/problem/precision.h"
#include "kernels/reference.h"

namespace roofproof::host {

// FP16, FP32 beside fp32 weights.
ElementType activation_type(Precision weights);

struct MatrixName {
  std::string values;
  std::string scales;
};
MatrixName matrix_name(const std::string& name);

void add_weights(std::vector<TensorSpec>& specs, const MatrixName& name, std::int64_t n,
                 std::int64_t k, Precision precision);

// For the kernel; x, y and batch are left to the caller.
GemvOperands weight_operands(const Tensors& tensors, const MatrixName& name, int copy,
                             std::int64_t n, std::int64_t k, Precision precision);

// The exact values, for a reference.
Element weight_values(const Tensors& tensors, const MatrixName& name, int copy, std::int64_t k,
                      Precision precision);

}  // namespace roofproof::host
