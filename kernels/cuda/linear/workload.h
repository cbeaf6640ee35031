// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The workloads with packed weights: gemv, and gemm with w8a16 or w4a16.
#pragma once

#include "kernels/cuda/linear/layout.h"
#include "kernels/workload.h"

namespace roofproof::cuda::linear {

// The weight format of a problem of gemv, layer, decode, or gemm with w8a16 or w4a16.
WeightFormat weight_format(Precision precision);

// gemv: tensors "w" (packed, rotated), "row_scales" (int8), "x" and "y", which stay hot.
// Consecutive launches may overlap where the kernels wait for one another themselves (sm_90), as
// the layers of a model do. gemm: tensors "a", "b" (packed), "row_scales" and "c", all rotated.
Unsupported linear_unsupported;
Prepare prepare_linear;

}  // namespace roofproof::cuda::linear
