// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/linear/tiled_plan.h"

#include <algorithm>
#include <stdexcept>

#include "kernels/cuda/runtime/budget.h"
#include "kernels/cuda/runtime/rates.h"

namespace roofproof::cuda::linear {
namespace {

// Of an SM, per clock; they weigh options against one another, nothing is predicted from them.
constexpr double tensor_efficiency = 0.6;
constexpr double clock_hz = 1.6e9;      // about what T4 to H200 run at, for bytes of DRAM per clock
constexpr double l2_bytes = 32;         // of X and of weights that other blocks have read too
constexpr double block_clocks = 2500;   // first bytes and epilogue
constexpr double slices_clocks = 2500;  // fence, atomic, other blocks' sums
constexpr int most_slices = 16;

constexpr int epilogue_staging_bytes(TiledSize size) {
  const int tokens = std::min(8 * size.token_tiles, 64);
  return tiled_warps * tile_rows * (tokens + 8) * 4;
}

int quotient_up(std::int64_t value, std::int64_t divisor) {
  return static_cast<int>((value + divisor - 1) / divisor);
}

double estimated_clocks(const PackedShape& shape, int batch, const TiledPlan& plan,
                        const Device& device) {
  const TiledSize size = tiled_size(plan.config);
  const int rows = tiled_warps * size.row_tiles * tile_rows;
  const int tokens = 8 * size.token_tiles;
  const double multiply_clocks = static_cast<double>(rows) * tokens * stage_columns /
                                 (rates_of(device).tensor_fp16 * tensor_efficiency);
  const double dram_bytes = sm_bandwidth_bytes_per_s(device) / clock_hz;
  const int weight_bytes = stage_weight_bytes(shape.format, size);
  const int token_blocks = quotient_up(batch, tokens);
  const double load_clocks =
      weight_bytes / dram_bytes / token_blocks +
      (weight_bytes * (1 - 1.0 / token_blocks) + stage_x_bytes(size)) / l2_bytes;
  const int stages =
      quotient_up(shape.units(), plan.slices) * (unit_columns(shape.format) / stage_columns);
  double clocks = block_clocks + stages * std::max(multiply_clocks, load_clocks);
  if (plan.slices > 1) {
    clocks += slices_clocks + (plan.slices + 1) * rows * tokens * 4 / l2_bytes;
  }
  return quotient_up(plan.grid(), std::max(device.processors, 1)) * clocks;
}

}  // namespace

std::int64_t TiledPlan::partial_floats() const {
  const TiledSize size = tiled_size(config);
  const int block = tiled_threads * size.row_tiles * size.token_tiles * 4;
  return slices == 1 ? 0 : static_cast<std::int64_t>(slices) * blocks * block;
}

void TiledPlan::apply(LinearJob& job, const PackedShape& shape) const {
  job.n = static_cast<int>(shape.n);
  job.k = static_cast<int>(shape.k);
  job.inverse_k = 1.0f / static_cast<float>(shape.k);
  job.tiles = static_cast<int>(shape.tiles());
  job.units = static_cast<int>(shape.units());
  job.slices = slices;
  job.blocks = blocks;
}

TiledPlan plan_tiled(const PackedShape& shape, int batch, Variant variant, const Device& device) {
  if (batch < 1 || !uses_tensor_cores(variant, shape.format)) {
    throw std::invalid_argument("plan_tiled: no such kernel");
  }
  TiledPlan best;
  double best_clocks = 0;
  const auto last_slices = static_cast<int>(std::min<std::int64_t>(shape.units(), most_slices));
  for (const TiledConfig config : {TiledConfig::rows128_tokens32, TiledConfig::rows128_tokens64,
                                   largest_config(variant, shape.format)}) {
    const TiledSize size = tiled_size(config);
    TiledPlan plan;
    plan.config = config;
    plan.blocks = quotient_up(shape.tiles(), tiled_warps * size.row_tiles) *
                  quotient_up(batch, 8 * size.token_tiles);
    plan.shared_bytes =
        std::max(stage_slots(variant, shape.format, size) * slot_bytes(variant, shape.format, size),
                 epilogue_staging_bytes(size));
    if (plan.shared_bytes > device.shared_memory_per_block) continue;
    for (plan.slices = 1; plan.slices <= last_slices; ++plan.slices) {
      const double clocks = estimated_clocks(shape, batch, plan, device);
      if (best_clocks == 0 || clocks < best_clocks) {
        best_clocks = clocks;
        best = plan;
      }
    }
  }
  if (best_clocks == 0) throw std::logic_error("plan_tiled: no config fits in shared memory");
  return best;
}

}  // namespace roofproof::cuda::linear
