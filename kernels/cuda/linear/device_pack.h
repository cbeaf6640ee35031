// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Packing on the device, once, before anything is timed. C++17, so that .cu files may include it.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/linear/layout.h"
#include "kernels/cuda/linear/pack.h"
#include "kernels/cuda/runtime/error.h"
#include "kernels/weights.h"

namespace roofproof::cuda::linear {

// The random weights of kernels/weights.h. `packed` takes
// shape.bytes() bytes of device memory, 256-byte aligned, `row_scales` shape.row_scales() floats
// (null where there are none). Enqueued on `stream`.
void pack_random_weights(const PackedShape& shape, const RandomWeights& random, void* packed,
                         float* row_scales, cudaStream_t stream);

}  // namespace roofproof::cuda::linear
