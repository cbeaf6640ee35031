// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// How the tiled kernel is divided over a GPU. Pure arithmetic.
#pragma once

#include <cstdint>

#include "kernels/cuda/linear/job.h"
#include "kernels/cuda/linear/variant.h"
#include "kernels/device.h"

namespace roofproof::cuda::linear {

struct TiledPlan {
  TiledConfig config = TiledConfig::rows128_tokens32;
  int slices = 1;
  int blocks = 1;  // of the result
  int shared_bytes = 0;

  int grid() const { return slices * blocks; }
  // Floats of LinearJob::partial and counters of LinearJob::arrivals; 0 without slices.
  std::int64_t partial_floats() const;
  std::int64_t arrivals() const { return slices == 1 ? 0 : blocks; }

  // Sets what the plan decides and what follows from the shape.
  void apply(LinearJob& job, const PackedShape& shape) const;
};

// The fastest division by a model of the kernel (see tiled_plan.cpp). FP16, INT8 or INT4 on tensor
// cores; any batch.
TiledPlan plan_tiled(const PackedShape& shape, int batch, Variant variant, const Device& device);

}  // namespace roofproof::cuda::linear
