// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Which configuration of wgmma_sm90 a shape gets: the one that this model of the kernels says is
// fastest. NOT YET MEASURED: the model is arithmetic on published rates; once each configuration
// has been timed on a Hopper GPU, correct its constants (or the rows) by what was seen.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/cuda/gemm/wgmma_sm90_skinny_config.h"
#include "kernels/cuda/gemm/wgmma_sm90_tile_config.h"

namespace roofproof::cuda::wgmma_sm90 {

struct GemmShape {
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
  int input_bytes;
  int output_bytes;
};

// How many clusters of each kind the GPU runs at a time.
struct Capacity {
  int processors;
  int tile[tile_config_count];
  int skinny[skinny_config_count][max_split_shift + 1];
};

// What it is if clusters left no SM unused. (They do: a cluster stays within one GPC, whose SMs
// need not be a multiple of it. The launcher asks the driver.)
constexpr Capacity ideal_capacity(int processors) {
  Capacity capacity = {processors, {}, {}};
  for (int i = 0; i < tile_config_count; ++i) {
    capacity.tile[i] = processors / cluster_blocks(tile_configs[i]);
  }
  for (int i = 0; i < skinny_config_count; ++i) {
    for (int shift = 0; shift <= max_split_shift; ++shift) {
      capacity.skinny[i][shift] = processors * skinny_configs[i].blocks_per_sm >> shift;
    }
  }
  return capacity;
}

struct Choice {
  bool skinny;
  int config;       // row of skinny_configs or tile_configs
  int split_shift;  // skinny: clusters of 2^split_shift blocks
  double clocks;    // what the model expects
};

// Rates of one SM, per clock.
struct Rates {
  // m64n256 of 32 bytes of K takes 128 clocks: 4096 dense FP16 FLOP per clock (H100 datasheet: 989
  // TFLOPS from 132 SMs at 1.83 GHz).
  static constexpr double tile_elements_per_k_row = 32;  // of tile_m x tile_n, per clock
  static constexpr double shared_bytes = 128;  // copies in and operands out together: an assumption
  static constexpr double l2_bytes = 46;       // deepseek-ai/DeepGEMM, sm90.hpp: 8 TB/s at 1.3 GHz
  static constexpr double dram_bytes = 16;     // H100 SXM 14.5 (3.35 TB/s), H200 18.4 (4.8 TB/s)
  static constexpr double dram_share = 1.5;    // of that, what an SM can draw while others idle
  static constexpr double store_bytes = 64;    // of C, from shared memory: an assumption
  // Clocks.
  static constexpr double dram_latency = 1200;  // loaded; 660 idle (RRZE-HPC/gpu-benches)
  static constexpr double start = 1500;         // until the first product, after the launch itself
  static constexpr double epilogue = 600;       // of a tile, besides its stores
  static constexpr double cluster_sum = 500;    // st.async, hand-off and the sum: an assumption
  // From the release of a slot to the issue of its next load: an arrival from the other block (SM
  // to SM 180, arXiv:2402.13499), then the producer's wait and TMA, an assumption.
  static constexpr double hand_off = 300;
  static constexpr double unhidden = 0.1;  // of work that runs beside longer work
};

namespace detail {

constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// All of A, B and C once, by `blocks` blocks that each fetch an equal share, `resident` at a time.
constexpr double dram_clocks(const GemmShape& shape, int processors, std::int64_t blocks,
                             std::int64_t resident) {
  const double bytes =
      (static_cast<double>(shape.m) + static_cast<double>(shape.n)) * static_cast<double>(shape.k) *
          shape.input_bytes +
      static_cast<double>(shape.m) * static_cast<double>(shape.n) * shape.output_bytes;
  // The clocks of a wave, as a multiple of what one block's share takes at the full rate of an SM.
  const auto wave = [processors](std::int64_t active) {
    return static_cast<double>(active) / std::min(static_cast<double>(processors),
                                                  Rates::dram_share * static_cast<double>(active));
  };
  const std::int64_t last = blocks % resident;
  const double waves =
      static_cast<double>(blocks / resident) * wave(resident) + (last > 0 ? wave(last) : 0);
  return bytes / static_cast<double>(blocks) / Rates::dram_bytes * waves;
}

constexpr double side_by_side(double a, double b) {
  return std::max(a, b) + Rates::unhidden * std::min(a, b);
}

}  // namespace detail

constexpr double tile_clocks(int index, const GemmShape& shape, const Capacity& capacity) {
  const TileConfig& config = tile_configs[index];
  const TileGrid grid = cluster_grid(config, static_cast<int>(shape.m), static_cast<int>(shape.n));
  const int clusters = std::min(grid.count(), capacity.tile[index]);
  const auto tiles = static_cast<double>(detail::divide_up(grid.count(), clusters));
  const auto k_rows =
      static_cast<double>(detail::divide_up(shape.k * shape.input_bytes, k_row_bytes));

  // One piece of K.
  const double tensor = config.tile_m * config.tile_n / Rates::tile_elements_per_k_row;
  const double operand_rows = config.tile_m / wgmma_rows * (wgmma_rows + config.tile_n);
  const double shared =
      (operand_rows + config.tile_m + config.tile_n) * k_row_bytes / Rates::shared_bytes;
  const double l2 = (config.tile_m / config.cluster_n + config.tile_n / config.cluster_m) *
                    k_row_bytes / Rates::l2_bytes;
  // A slot is free for stages - 1 products before its next one. Blocks of a wave walk along K
  // together, so that all of them wait for what the first fetches from DRAM.
  const double load = Rates::hand_off + Rates::dram_latency + l2;
  const double products = k_rows * std::max({tensor, shared, l2, load / (config.stages - 1)});

  // C has to get into shared memory; what finds no room there waits for the rest to leave.
  const double c_bytes = config.tile_m * config.tile_n * shape.output_bytes;
  const double room = tile_consumers * 2 * round_bytes(config);
  const double store = Rates::epilogue + c_bytes / Rates::shared_bytes +
                       std::max(c_bytes - room, 0.0) / Rates::store_bytes;
  // With pingpong one consumer stores while the other multiplies; only the last store shows.
  const double tile =
      config.pingpong ? std::max(products, (products + store) / tile_consumers) : products + store;
  const double total = tiles * tile + (config.pingpong ? store : 0);
  return Rates::start +
         detail::side_by_side(
             total, detail::dram_clocks(shape, capacity.processors,
                                        std::int64_t{grid.count()} * cluster_blocks(config),
                                        std::int64_t{clusters} * cluster_blocks(config)));
}

constexpr double skinny_clocks(int index, int split_shift, const GemmShape& shape,
                               const Capacity& capacity) {
  const SkinnyConfig& config = skinny_configs[index];
  const std::int64_t clusters =
      detail::divide_up(shape.m, config.tokens) * detail::divide_up(shape.n, config.rows);
  const std::int64_t resident =
      std::min<std::int64_t>(clusters, capacity.skinny[index][split_shift]);
  const auto waves = static_cast<double>(detail::divide_up(clusters, resident));
  const auto uses = static_cast<double>(
      detail::divide_up(k_stages(config, shape.k * shape.input_bytes), 1 << split_shift));
  const auto sharers = static_cast<double>(
      detail::divide_up(resident << split_shift, capacity.processors));  // blocks on one SM

  // One stage of one block.
  const double tensor =
      config.stage_pieces * config.rows * config.tokens / Rates::tile_elements_per_k_row;
  const double operand_rows = config.rows / wgmma_rows * (wgmma_rows + config.tokens);
  const double shared = config.stage_pieces * (operand_rows + config.rows + config.tokens) *
                        k_row_bytes / Rates::shared_bytes;
  const double l2 = stage_bytes(config) / Rates::l2_bytes;
  const double busy = uses * sharers * std::max({tensor, shared, l2});
  // A block has `stages` stages on their way at a time.
  const double waiting = uses * Rates::dram_latency / config.stages;

  // The token tiles of the same weights fetch them once, together.
  const std::int64_t token_tiles = detail::divide_up(shape.m, config.tokens);
  const double dram =
      detail::dram_clocks(shape, capacity.processors, clusters / token_tiles << split_shift,
                          std::max<std::int64_t>(resident / token_tiles, 1) << split_shift);
  const double sums =
      sums_bytes(config) / Rates::store_bytes + (split_shift > 0 ? Rates::cluster_sum : 0);
  // The beginning and the end of a block hide behind the others on its SM, if there are any.
  const double between = (Rates::start + sums) / config.blocks_per_sm;
  const double work = waves * std::max(busy, waiting) + (waves - 1) * between;
  return Rates::start + detail::side_by_side(work, dram) + sums;
}

constexpr Choice select(const GemmShape& shape, const Capacity& capacity) {
  Choice best = {false, -1, 0, 0};
  const auto consider = [&best](Choice choice) {
    if (best.config < 0 || choice.clocks < best.clocks) best = choice;
  };
  for (int i = 0; i < tile_config_count; ++i) {
    // Up to 64 rows of A the tile kernels would pad what the skinny ones split.
    if (shape.m <= wgmma_rows || capacity.tile[i] == 0) continue;
    consider({false, i, 0, tile_clocks(i, shape, capacity)});
  }
  for (int i = 0; i < skinny_config_count; ++i) {
    for (int shift = 0; shift <= max_split_shift; ++shift) {
      if (!can_split(skinny_configs[i], shape.k * shape.input_bytes, shift)) continue;
      if (capacity.skinny[i][shift] == 0) continue;
      consider({true, i, shift, skinny_clocks(i, shift, shape, capacity)});
    }
  }
  return best;
}

}  // namespace roofproof::cuda::wgmma_sm90
