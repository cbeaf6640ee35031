// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The layer workload on a GPU, prefill being a layer of its own shape: catalogue functions for each
// kernel variant.
#pragma once

#include <memory>
#include <string>

#include "kernels/cuda/gemv/variant.h"
#include "kernels/device.h"
#include "kernels/workload.h"

namespace roofproof::cuda::layer {

template <gemv::Variant V>
std::string layer_unsupported(const Problem& problem, const Device& device);

// Tensors as layer.h says, weights and caches rotated; "input", "output" and the activations
// between them stay hot.
template <gemv::Variant V>
std::unique_ptr<Workload> prepare_layer(const Problem& problem, const Device& device,
                                        const Preparation& preparation);

}  // namespace roofproof::cuda::layer
