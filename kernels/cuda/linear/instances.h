// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The compiled kernels of each variant, in a library of its own, for its own machines. C++17, so
// that .cu files may include it.
#pragma once

#include "kernels/cuda/linear/job.h"
#include "kernels/cuda/linear/variant.h"

namespace roofproof::cuda::linear {

using LinearKernel = void (*)(LinearJob);

// The instantiation, or null where there is none. `columns` and `config` as the plans say.
template <Variant V>
LinearKernel skinny_instance(WeightFormat format, int columns);
template <Variant V>
LinearKernel tiled_instance(WeightFormat format, TiledConfig config);

}  // namespace roofproof::cuda::linear
