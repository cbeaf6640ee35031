// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The launch of sweep_job.h.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/decode/sweep_job.h"
#include "kernels/cuda/linear/variant.h"
#include "kernels/device.h"

namespace roofproof::cuda::decode {

// The variant that sweeps on this device: the newest that it runs.
linear::Variant sweep_variant(linear::WeightFormat format, const Device& device);

struct SweepPlan {
  int blocks = 0;
  int shared_bytes = 0;
  SweepJob job = {};  // k, columns and shared memory
};
// Throws std::invalid_argument where k activations do not fit in shared memory beside the rest.
SweepPlan plan_sweep(linear::WeightFormat format, std::int64_t k, linear::Variant variant,
                     const Device& device);

// Lets the kernel have the shared memory of the plan; once, before the first launch.
void prepare_sweep(const SweepPlan& plan, linear::WeightFormat format, linear::Variant variant,
                   bool multiply);
void launch_sweep(const SweepPlan& plan, const SweepJob& job, linear::WeightFormat format,
                  linear::Variant variant, bool multiply, cudaStream_t stream);

// The instantiation; null where there is none.
using SweepKernel = void (*)(SweepJob);
template <linear::Variant V>
SweepKernel sweep_instance(linear::WeightFormat format, bool multiply);

// *result += all 32-bit words of `data`, read plainly: what a sweep's sums have to add up to.
void fold_words(const void* data, std::int64_t words, std::uint32_t* result, cudaStream_t stream);

}  // namespace roofproof::cuda::decode
