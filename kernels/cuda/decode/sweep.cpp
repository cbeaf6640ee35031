// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/decode/sweep.h"

#include <algorithm>
#include <stdexcept>

#include "kernels/cuda/linear/skinny_plan.h"
#include "kernels/cuda/runtime/launch.h"

namespace roofproof::cuda::decode {
namespace {

using linear::Variant;
using linear::WeightFormat;

SweepKernel kernel(WeightFormat format, Variant variant, bool multiply) {
  switch (variant) {
#define ROOFPROOF_CASE(name) \
  case Variant::name:        \
    return sweep_instance<Variant::name>(format, multiply);
    ROOFPROOF_VARIANTS(ROOFPROOF_CASE)
#undef ROOFPROOF_CASE
  }
  return nullptr;
}

}  // namespace

Variant sweep_variant(WeightFormat format, const Device& device) {
  const int capability = device.compute_capability;
  if (capability >= 90 && capability <= linear::newest_of_rings) return Variant::bulk_sm90;
  if (format == WeightFormat::fp32) return Variant::simt;
  return capability >= 80 ? Variant::mma_sm80 : Variant::mma_sm75;
}

SweepPlan plan_sweep(WeightFormat format, std::int64_t k, Variant variant, const Device& device) {
  const linear::PackedShape shape{format, std::int64_t{device.processors} * linear::tile_rows, k};
  SweepPlan plan;
  plan.blocks = device.processors;
  plan.job.k = static_cast<int>(k);
  plan.job.columns = static_cast<int>(shape.units()) * linear::unit_columns(format);
  // As much of a ring as there is room for: no successor waits beside this kernel.
  const bool tensor = linear::uses_tensor_cores(variant, format);
  const int x_bytes =
      tensor ? (plan.job.columns + linear::tensor_core_x_padding) * 2 : plan.job.columns * 4;
  const int partial_bytes =
      linear::most_phase_tiles * linear::skinny_warps * linear::partial_floats(1) * 4;
  const auto budget = static_cast<int>(device.shared_memory_per_block);
  int ring_bytes = 0;
  if (variant == Variant::bulk_sm90) {
    const int slot_bytes = linear::skinny_warps * (linear::unit_bytes(format) + 8);
    constexpr int most_units = 6;  // 200 KiB are more than any memory needs under way
    plan.job.ring_units = std::min((budget - x_bytes - partial_bytes) / slot_bytes, most_units);
    if (plan.job.ring_units < 1) throw std::invalid_argument("no room for a ring");
    ring_bytes = plan.job.ring_units * slot_bytes;
  }
  plan.job.shared_barriers =
      plan.job.ring_units * linear::skinny_warps * linear::unit_bytes(format);
  plan.job.shared_x = ring_bytes;
  plan.job.shared_partial = ring_bytes + x_bytes;
  plan.shared_bytes = plan.job.shared_partial + partial_bytes;
  if (plan.shared_bytes > budget) {
    throw std::invalid_argument("the activations do not fit in shared memory");
  }
  return plan;
}

void prepare_sweep(const SweepPlan& plan, WeightFormat format, Variant variant, bool multiply) {
  allow_shared_memory(kernel(format, variant, multiply), plan.shared_bytes);
}

void launch_sweep(const SweepPlan& plan, const SweepJob& job, WeightFormat format, Variant variant,
                  bool multiply, cudaStream_t stream) {
  launch_kernel(kernel(format, variant, multiply),
                {plan.blocks, linear::skinny_threads, plan.shared_bytes, false}, stream, job);
}

}  // namespace roofproof::cuda::decode
