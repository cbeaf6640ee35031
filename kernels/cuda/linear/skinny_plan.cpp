// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/linear/skinny_plan.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace roofproof::cuda::linear {
namespace {

constexpr int kib = 1024;

// What the sum over slices costs, as units of weights that a block could have read instead: a
// fence, an atomic and two trips to L2, about 1.2 us, at 2 KiB per 60 ns (20 bytes per clock).
constexpr int slices_cost_units = 16;
constexpr int most_slices = 64;
constexpr int most_ring_units = 8;

int rounded_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }
int quotient_up(int value, int divisor) { return (value + divisor - 1) / divisor; }

int columns_for(Variant variant, WeightFormat format, int batch) {
  if (uses_tensor_cores(variant, format)) return rounded_up(batch, 8);
  return batch == 1 ? 1 : batch <= 4 ? 4 : 8;
}

// Shared memory per block. On Hopper half of an SM, so that the next kernel's block finds room
// while this one's is still there (1 KiB of each block is the system's).
int preferred_budget(Variant variant, const Device& device) {
  const auto most = static_cast<int>(device.shared_memory_per_block);
  return variant == Variant::bulk_sm90 ? (most + kib) / 2 - kib : most;
}

// The plan with that many slices, if it fits in `budget` bytes with at least `least_ring` units.
std::optional<SkinnyPlan> plan_with(const PackedShape& shape, int batch, bool norm, Variant variant,
                                    int processors, int slices, int budget, int least_ring) {
  const auto tiles = static_cast<int>(shape.tiles());
  const auto units = static_cast<int>(shape.units());
  const bool tensor = uses_tensor_cores(variant, shape.format);
  SkinnyPlan plan;
  plan.columns = columns_for(variant, shape.format, batch);
  plan.slices = slices;
  plan.blocks = std::clamp(processors / slices, 1, tiles);

  const int columns = quotient_up(units, slices) * unit_columns(shape.format);
  const int x_bytes =
      tensor ? batch * (columns + tensor_core_x_padding) * 2 : plan.columns * columns * 4;
  const int norm_bytes = norm ? columns * (shape.format == WeightFormat::fp32 ? 4 : 2) : 0;
  const int partial_bytes = phase_tiles * skinny_warps * partial_floats(plan.columns) * 4;
  const int scratch_bytes = norm ? fused_norm_batch * skinny_warps * 4 : 0;
  const int fixed_bytes = x_bytes + norm_bytes + partial_bytes + scratch_bytes;
  int ring_bytes = 0;
  if (variant == Variant::bulk_sm90) {
    const int slot_bytes = skinny_warps * (unit_bytes(shape.format) + 8);
    const int units_per_warp =
        quotient_up(quotient_up(tiles, plan.blocks) * quotient_up(units, slices), skinny_warps);
    plan.ring_units = std::min((budget - fixed_bytes) / slot_bytes, most_ring_units);
    if (plan.ring_units < least_ring) return std::nullopt;
    plan.ring_units = std::min(plan.ring_units, units_per_warp);
    ring_bytes = plan.ring_units * slot_bytes;
  }
  plan.shared_barriers = plan.ring_units * skinny_warps * unit_bytes(shape.format);
  plan.shared_x = ring_bytes;
  plan.shared_norm = plan.shared_x + x_bytes;
  plan.shared_partial = plan.shared_norm + norm_bytes;
  plan.shared_scratch = plan.shared_partial + partial_bytes;
  plan.shared_bytes = plan.shared_scratch + scratch_bytes;
  if (plan.shared_bytes > budget) return std::nullopt;
  // sum_slices() keeps a flag for each tile of a block where the sums over warps were.
  if (slices > 1 && quotient_up(tiles, plan.blocks) * 4 > partial_bytes) return std::nullopt;
  return plan;
}

// Units of weights that the busiest block reads, and what its slices cost.
std::int64_t cost(const PackedShape& shape, const SkinnyPlan& plan) {
  const auto tiles = static_cast<int>(shape.tiles());
  const auto units = static_cast<int>(shape.units());
  return static_cast<std::int64_t>(quotient_up(tiles, plan.blocks)) *
             quotient_up(units, plan.slices) +
         (plan.slices > 1 ? slices_cost_units : 0);
}

}  // namespace

int bytes_in_flight(int compute_capability) {
  struct Row {
    int from_capability;
    int kibibytes;
  };
  constexpr Row rows[] = {{100, 64}, {90, 48}, {89, 8}, {86, 12}, {80, 16}, {0, 12}};
  for (const Row& row : rows) {
    if (compute_capability >= row.from_capability) return row.kibibytes * kib;
  }
  throw std::logic_error("bytes_in_flight: negative compute capability");
}

int most_sequences(Variant variant, WeightFormat format) {
  return uses_tensor_cores(variant, format) ? 16 : 8;
}

std::int64_t SkinnyPlan::partial_floats(const PackedShape& shape, int batch) const {
  return slices == 1 ? 0 : slices * shape.tiles() * batch * tile_rows;
}
std::int64_t SkinnyPlan::arrivals(const PackedShape& shape) const {
  return slices == 1 ? 0 : shape.tiles();
}

void SkinnyPlan::apply(LinearJob& job, const PackedShape& shape) const {
  job.n = static_cast<int>(shape.n);
  job.k = static_cast<int>(shape.k);
  job.inverse_k = 1.0f / static_cast<float>(shape.k);
  job.tiles = static_cast<int>(shape.tiles());
  job.units = static_cast<int>(shape.units());
  job.slices = slices;
  job.blocks = blocks;
  job.ring_units = ring_units;
  job.shared_barriers = shared_barriers;
  job.shared_x = shared_x;
  job.shared_norm = shared_norm;
  job.shared_partial = shared_partial;
  job.shared_scratch = shared_scratch;
}

std::optional<SkinnyPlan> plan_skinny(const PackedShape& shape, int batch, bool norm,
                                      Variant variant, const Device& device) {
  if (batch < 1 || batch > most_sequences(variant, shape.format)) {
    throw std::invalid_argument("plan_skinny: batch " + std::to_string(batch));
  }
  const int slot_bytes = skinny_warps * unit_bytes(shape.format);
  const int wanted_ring = quotient_up(bytes_in_flight(device.compute_capability), slot_bytes);
  struct Attempt {
    int budget;
    int least_ring;
  };
  const auto most = static_cast<int>(device.shared_memory_per_block);
  const Attempt attempts[] = {
      {preferred_budget(variant, device), wanted_ring}, {most, wanted_ring}, {most, 1}};
  const int processors = std::max(device.processors, 1);
  const int last = static_cast<int>(
      std::min<std::int64_t>({shape.units(), most_slices, std::int64_t{processors}}));
  for (const Attempt& attempt : attempts) {
    std::optional<SkinnyPlan> best;
    for (int slices = 1; slices <= last; ++slices) {
      const auto plan = plan_with(shape, batch, norm, variant, processors, slices, attempt.budget,
                                  attempt.least_ring);
      if (plan && (!best || cost(shape, *plan) < cost(shape, *best))) best = plan;
    }
    if (best) return best;
  }
  return std::nullopt;
}

}  // namespace roofproof::cuda::linear
