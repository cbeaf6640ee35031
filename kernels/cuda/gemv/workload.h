// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The workloads with packed weights, gemv and gemm (w8a16, w4a16): catalogue functions, for each
// kernel variant.
#pragma once

#include <memory>
#include <string>

#include "kernels/cuda/gemv/variant.h"
#include "kernels/device.h"
#include "kernels/workload.h"

namespace roofproof::cuda::gemv {

// The weight format of a problem of gemv, layer, decode, or gemm with w8a16 or w4a16.
WeightFormat weight_format(Precision precision);

template <Variant V>
std::string gemv_unsupported(const Problem& problem, const Device& device);

// gemv: tensors "w" (packed, rotated), "row_scales" (int8), "x" and "y", which stay hot. Consecutive
// launches may overlap where the kernels wait for one another themselves (sm_90), as the layers of
// a model do.
// gemm: tensors "a", "b" (packed), "row_scales" and "c", all rotated.
template <Variant V>
std::unique_ptr<Workload> prepare_gemv(const Problem& problem, const Device& device,
                                       const Preparation& preparation);

}  // namespace roofproof::cuda::gemv
