// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// How the skinny GEMV is divided over a GPU: slices of K, blocks, shared memory. Pure arithmetic.
#pragma once

#include <cstdint>
#include <optional>

#include "kernels/cuda/linear/job.h"
#include "kernels/cuda/linear/variant.h"
#include "kernels/device.h"

namespace roofproof::cuda::linear {

// Sequences that one launch of a variant serves.
int most_sequences(Variant variant, WeightFormat format);

struct SkinnyPlan {
  int columns = 0;  // template parameter: the batch, rounded up to what is instantiated
  int slices = 1;
  int blocks = 1;  // per slice
  int phase_tiles = 1;
  int ring_units = 0;
  int shared_barriers = 0;
  int shared_x = 0;
  int shared_partial = 0;
  int shared_scratch = 0;
  int shared_bytes = 0;

  int grid() const { return slices * blocks; }
  // Floats of LinearJob::partial and counters of LinearJob::arrivals; 0 without slices.
  std::int64_t partial_floats(const PackedShape& shape, int batch) const;
  std::int64_t arrivals(const PackedShape& shape) const;
  // What the sums over slices move: every partial sum is written once and read once.
  std::int64_t slice_sum_bytes(const PackedShape& shape, int batch) const;

  // Sets what the plan decides and what follows from the shape.
  void apply(LinearJob& job, const PackedShape& shape) const;
};

// `batch` at most most_sequences(). Nothing where the activations do not fit in shared memory
// however K is cut.
std::optional<SkinnyPlan> plan_skinny(const PackedShape& shape, int batch, bool norm,
                                      Variant variant, const Device& device);

}  // namespace roofproof::cuda::linear
