// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The gemv workload on a GPU: catalogue functions, one pair for each kernel variant.
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

// Tensors "w" (packed, rotated), "row_scales" (int8), "x" and "y", which stay hot. Consecutive
// launches may overlap where the kernels wait for one another themselves (sm_90), as the layers of
// a model do.
template <Variant V>
std::unique_ptr<Workload> prepare_gemv(const Problem& problem, const Device& device,
                                       const Preparation& preparation);

}  // namespace roofproof::cuda::gemv
