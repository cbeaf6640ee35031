// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The layer workload on a GPU, prefill being a layer of its own shape.
#pragma once

#include "kernels/workload.h"

namespace roofproof::cuda::layer {

// Tensors as layer.h says, weights and caches rotated; "input", "output" and the activations
// between them stay hot.
Unsupported layer_unsupported;
Prepare prepare_layer;

// Why there is no prefill in FP32.
Unsupported no_fp32_prefill;

}  // namespace roofproof::cuda::layer
