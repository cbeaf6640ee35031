// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/linear/skinny_plan.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "kernels/cuda/runtime/budget.h"

namespace roofproof::cuda::linear {
namespace {

constexpr int kib = 1024;

// What a launch costs beside the bytes that the busiest block reads, by counting; to be measured.
// They weigh plans against one another; nothing is predicted from them.
constexpr double slices_s = 1.2e-6;    // of a sum over slices: a fence, an atomic, two trips to L2
constexpr double phase_s = 0.1e-6;     // two barriers, and the sums over the warps between them
constexpr double boundary_s = 1.0e-6;  // what a successor beside this kernel would have hidden

constexpr int most_slices = 64;
constexpr int most_ring_units = 8;
constexpr int least_ring_units = 2;  // one on its way while the other is used

int rounded_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }
int quotient_up(int value, int divisor) { return (value + divisor - 1) / divisor; }

int columns_for(Variant variant, WeightFormat format, int batch) {
  if (uses_tensor_cores(variant, format)) return rounded_up(batch, 8);
  return batch == 1 ? 1 : batch <= 4 ? 4 : 8;
}

// How K is cut, how often warps meet, and what a block may have of shared memory.
struct Division {
  int slices;
  int phase_tiles;
  int budget_bytes;
  int least_ring;
};

// Nothing where it does not fit.
std::optional<SkinnyPlan> plan_with(const PackedShape& shape, int batch, bool norm, Variant variant,
                                    int processors, const Division& division) {
  const auto tiles = static_cast<int>(shape.tiles());
  const auto units = static_cast<int>(shape.units());
  const bool tensor = uses_tensor_cores(variant, shape.format);
  SkinnyPlan plan;
  plan.columns = columns_for(variant, shape.format, batch);
  plan.slices = division.slices;
  plan.blocks = std::clamp(processors / plan.slices, 1, tiles);
  plan.phase_tiles = division.phase_tiles;

  const int columns = quotient_up(units, plan.slices) * unit_columns(shape.format);
  const int x_bytes =
      tensor ? batch * (columns + tensor_core_x_padding) * 2 : plan.columns * columns * 4;
  const int partial_bytes = plan.phase_tiles * skinny_warps * linear::partial_floats(batch) * 4;
  const int scratch_bytes = norm ? fused_norm_batch * skinny_warps * 4 : 0;
  const int fixed_bytes = x_bytes + partial_bytes + scratch_bytes;
  int ring_bytes = 0;
  if (variant == Variant::bulk_sm90) {
    const int slot_bytes = skinny_warps * (unit_bytes(shape.format) + 8);
    const int units_per_warp = quotient_up(
        quotient_up(tiles, plan.blocks) * quotient_up(units, plan.slices), skinny_warps);
    plan.ring_units = std::min((division.budget_bytes - fixed_bytes) / slot_bytes, most_ring_units);
    if (plan.ring_units < division.least_ring) return std::nullopt;
    plan.ring_units = std::min(plan.ring_units, units_per_warp);
    ring_bytes = plan.ring_units * slot_bytes;
  }
  plan.shared_barriers = plan.ring_units * skinny_warps * unit_bytes(shape.format);
  plan.shared_x = ring_bytes;
  plan.shared_partial = plan.shared_x + x_bytes;
  plan.shared_scratch = plan.shared_partial + partial_bytes;
  plan.shared_bytes = plan.shared_scratch + scratch_bytes;
  if (plan.shared_bytes > division.budget_bytes) return std::nullopt;
  // sum_slices() keeps a flag for each tile of a block where the sums over warps were.
  if (plan.slices > 1 && quotient_up(tiles, plan.blocks) * 4 > partial_bytes) return std::nullopt;
  return plan;
}

// By the bytes of the busiest block, at its share of the bandwidth, and by what they wait for.
double estimated_s(const PackedShape& shape, int batch, const SkinnyPlan& plan, bool alone,
                   const Device& device) {
  const auto tiles = static_cast<int>(shape.tiles());
  const auto units = static_cast<int>(shape.units());
  const int block_tiles = quotient_up(tiles, plan.blocks);
  const std::int64_t bytes =
      std::int64_t{block_tiles} * quotient_up(units, plan.slices) * unit_bytes(shape.format) +
      plan.slice_sum_bytes(shape, batch) / plan.grid();
  return static_cast<double>(bytes) / sm_bandwidth_bytes_per_s(device) +
         quotient_up(block_tiles, plan.phase_tiles) * phase_s + (plan.slices > 1 ? slices_s : 0) +
         (alone ? boundary_s : 0);
}

}  // namespace

int most_sequences(Variant variant, WeightFormat format) {
  return uses_tensor_cores(variant, format) ? 16 : 8;
}

std::int64_t SkinnyPlan::partial_floats(const PackedShape& shape, int batch) const {
  return slices == 1 ? 0 : slices * shape.tiles() * batch * tile_rows;
}
std::int64_t SkinnyPlan::slice_sum_bytes(const PackedShape& shape, int batch) const {
  return 2 * 4 * partial_floats(shape, batch);
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
  job.phase_tiles = phase_tiles;
  job.ring_units = ring_units;
  job.shared_barriers = shared_barriers;
  job.shared_x = shared_x;
  job.shared_partial = shared_partial;
  job.shared_scratch = shared_scratch;
}

std::optional<SkinnyPlan> plan_skinny(const PackedShape& shape, int batch, bool norm,
                                      Variant variant, const Device& device) {
  if (batch < 1 || batch > most_sequences(variant, shape.format)) {
    throw std::invalid_argument("plan_skinny: batch " + std::to_string(batch));
  }
  // Where two blocks share an SM, half of its shared memory, so that the next kernel's block finds
  // room while this one's is still there (1 KiB of each block is the system's); or all of it.
  const auto most = static_cast<int>(device.shared_memory_per_block);
  const int half = (most + kib) / 2 - kib;
  const int columns = columns_for(variant, shape.format, batch);
  const bool shares = skinny_blocks_per_sm(variant, shape.format, columns) > 1;
  const std::int64_t in_flight =
      bytes_in_flight_per_sm(device.bandwidth_bytes_per_s, device.processors);
  const int wanted_ring =
      std::max(quotient_up(static_cast<int>(in_flight), skinny_warps * unit_bytes(shape.format)),
               least_ring_units);
  const int processors = std::max(device.processors, 1);
  const int last = static_cast<int>(
      std::min<std::int64_t>({shape.units(), most_slices, std::int64_t{processors}}));
  for (const int least_ring : {wanted_ring, 1}) {
    std::optional<SkinnyPlan> best;
    double best_s = 0;
    for (const int budget : {half, most}) {
      if (budget == half && !shares) continue;
      for (int phase_tiles = most_phase_tiles; phase_tiles >= 1; --phase_tiles) {
        for (int slices = 1; slices <= last; ++slices) {
          const auto plan = plan_with(shape, batch, norm, variant, processors,
                                      {slices, phase_tiles, budget, least_ring});
          if (!plan) continue;
          const double time_s = estimated_s(shape, batch, *plan, shares && budget == most, device);
          if (!best || time_s < best_s) {
            best = plan;
            best_s = time_s;
          }
        }
      }
    }
    if (best) return best;
  }
  return std::nullopt;
}

}  // namespace roofproof::cuda::linear
