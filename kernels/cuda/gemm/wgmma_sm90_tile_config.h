// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The tile configurations of wgmma_sm90 and all that follows from one by arithmetic: the layout of
// shared memory, which block of a cluster loads what for whom, which tiles a block computes.
#pragma once

#include <cstdint>

#include "kernels/cuda/gemm/tile_order.h"
#include "kernels/cuda/gemm/wgmma_sm90_layout.h"
#include "kernels/cuda/gemm/wgmma_sm90_pipeline.h"
#include "kernels/host_device.h"

namespace roofproof::cuda::wgmma_sm90 {

// A block is one producer and two consumer warpgroups. The consumers share a tile, each its upper
// or lower half of rows, or with `pingpong` each has tiles of its own, so that one stores C while
// the other multiplies.
//
// Clusters have one or two blocks, one above or beside the other: each loads its half of the
// operand rows that both need and the copy engine delivers them to both.
struct TileConfig {
  int tile_m;
  int tile_n;
  int cluster_m;
  int cluster_n;
  bool pingpong;
  int stages;
  int round_slices;  // slices of C that leave together; two rounds are in shared memory at a time
};

// Every row is compiled for both types; which one a shape gets is decided in wgmma_sm90_select.h.
// 64 x 256 or 128 x 128 per consumer is what 128 accumulator registers per thread hold.
inline constexpr TileConfig tile_configs[] = {
    {128, 256, 2, 1, false, 4, 1},  //
    {128, 256, 2, 1, false, 3, 2},  // a stage less, twice the room for C
    {256, 128, 1, 2, false, 4, 1},  //
    {128, 192, 2, 1, false, 4, 1},  // where 256 columns leave the last wave empty
    {128, 128, 2, 1, false, 6, 1},  //
    {64, 256, 2, 1, true, 4, 2},    // small K: the stores of C need hiding
    {128, 128, 2, 1, true, 5, 2},   //
    {64, 128, 1, 1, true, 8, 1},    // few tiles
};
inline constexpr int tile_config_count = sizeof tile_configs / sizeof tile_configs[0];

inline constexpr int tile_consumers = 2;
inline constexpr int warpgroup_threads = 128;
inline constexpr int tile_threads = (1 + tile_consumers) * warpgroup_threads;

ROOFPROOF_HOST_DEVICE constexpr int cluster_blocks(const TileConfig& config) {
  return config.cluster_m * config.cluster_n;
}
// Rows of C per consumer: one wgmma or two.
ROOFPROOF_HOST_DEVICE constexpr int consumer_rows(const TileConfig& config) {
  return config.pingpong ? config.tile_m : config.tile_m / tile_consumers;
}
ROOFPROOF_HOST_DEVICE constexpr TileShare tile_share(const TileConfig& config, int consumer) {
  return config.pingpong ? TileShare{consumer, tile_consumers} : TileShare{0, 1};
}

// Shared memory: the stages, each A then B; per consumer two rounds of slices of C; the barriers.
// Offsets in bytes from a base that is a multiple of swizzle_alignment.
ROOFPROOF_HOST_DEVICE constexpr int stage_bytes(const TileConfig& config) {
  return (config.tile_m + config.tile_n) * k_row_bytes;
}
ROOFPROOF_HOST_DEVICE constexpr int a_offset(const TileConfig& config, int stage) {
  return stage * stage_bytes(config);
}
ROOFPROOF_HOST_DEVICE constexpr int b_offset(const TileConfig& config, int stage) {
  return a_offset(config, stage) + config.tile_m * k_row_bytes;
}
ROOFPROOF_HOST_DEVICE constexpr int round_bytes(const TileConfig& config) {
  return config.round_slices * slice_bytes;
}
ROOFPROOF_HOST_DEVICE constexpr int slice_offset(const TileConfig& config, int consumer, int round,
                                                 int slice_in_round) {
  return config.stages * stage_bytes(config) + (consumer * 2 + round % 2) * round_bytes(config) +
         slice_in_round * slice_bytes;
}
ROOFPROOF_HOST_DEVICE constexpr int full_barrier(const TileConfig& config, int stage) {
  return config.stages * stage_bytes(config) + tile_consumers * 2 * round_bytes(config) + stage * 8;
}
ROOFPROOF_HOST_DEVICE constexpr int empty_barrier(const TileConfig& config, int stage) {
  return full_barrier(config, config.stages + stage);
}
ROOFPROOF_HOST_DEVICE constexpr int turn_barrier(const TileConfig& config, int consumer) {
  return full_barrier(config, 2 * config.stages + consumer);
}
ROOFPROOF_HOST_DEVICE constexpr int shared_bytes(const TileConfig& config) {
  return turn_barrier(config, tile_consumers);
}

// Arrivals that complete a phase. Empty: every warp of every consumer that reads the stage, in
// every block of the cluster, because a block's copies overwrite the stage in the others too.
inline constexpr int full_barrier_arrivals = 1;
ROOFPROOF_HOST_DEVICE constexpr int empty_barrier_arrivals(const TileConfig& config) {
  return (config.pingpong ? 1 : tile_consumers) * (warpgroup_threads / 32) * cluster_blocks(config);
}
inline constexpr int turn_barrier_arrivals = warpgroup_threads / 32;

// The part of an operand's tile that one block loads, and the blocks that get it, as bits.
struct LoadPart {
  int first_row;
  int rows;
  std::uint16_t blocks;
};
ROOFPROOF_HOST_DEVICE constexpr LoadPart a_part(const TileConfig& config, int rank) {
  const int rows = config.tile_m / config.cluster_n;
  const int row = rank % config.cluster_m;
  unsigned blocks = 0;
  for (int column = 0; column < config.cluster_n; ++column) {
    blocks |= 1u << (row + column * config.cluster_m);
  }
  return {rank / config.cluster_m * rows, rows, static_cast<std::uint16_t>(blocks)};
}
ROOFPROOF_HOST_DEVICE constexpr LoadPart b_part(const TileConfig& config, int rank) {
  const int rows = config.tile_n / config.cluster_m;
  const int column = rank / config.cluster_m;
  unsigned blocks = 0;
  for (int row = 0; row < config.cluster_m; ++row) {
    blocks |= 1u << (row + column * config.cluster_m);
  }
  return {rank % config.cluster_m * rows, rows, static_cast<std::uint16_t>(blocks)};
}

// Where wgmma `step` of a stage begins, from the descriptor of the shared-memory base on: rows 64 *
// `block` of a consumer's part of A, all rows of B.
ROOFPROOF_HOST_DEVICE constexpr std::uint64_t a_descriptor(const TileConfig& config,
                                                           std::uint64_t base, int stage,
                                                           int consumer, int block, int step) {
  const int row = (config.pingpong ? 0 : consumer * consumer_rows(config)) + block * wgmma_rows;
  return advance_descriptor(base,
                            static_cast<std::uint32_t>(a_offset(config, stage) + row * k_row_bytes +
                                                       step * k_step_bytes));
}
ROOFPROOF_HOST_DEVICE constexpr std::uint64_t b_descriptor(const TileConfig& config,
                                                           std::uint64_t base, int stage,
                                                           int step) {
  return advance_descriptor(
      base, static_cast<std::uint32_t>(b_offset(config, stage) + step * k_step_bytes));
}

// The grid that clusters walk through.
ROOFPROOF_HOST_DEVICE constexpr TileGrid cluster_grid(const TileConfig& config, int m, int n) {
  const int rows = config.tile_m * config.cluster_m;
  const int columns = config.tile_n * config.cluster_n;
  return {(m + rows - 1) / rows, (n + columns - 1) / columns};
}
// How many of `count` cluster tiles are those of `cluster` of `clusters`: cluster, cluster +
// clusters, ...
ROOFPROOF_HOST_DEVICE constexpr int tiles_of_cluster(int count, int clusters, int cluster) {
  return cluster < count ? (count - cluster - 1) / clusters + 1 : 0;
}

// The first row and column of C of a block's tile.
struct TileOrigin {
  int row;
  int column;
};
ROOFPROOF_HOST_DEVICE constexpr TileOrigin tile_origin(const TileConfig& config, TileGrid grid,
                                                       int group, int index, int rank) {
  const TileIndex tile = tile_at(index, grid, group);
  return {(tile.row * config.cluster_m + rank % config.cluster_m) * config.tile_m,
          (tile.column * config.cluster_n + rank / config.cluster_m) * config.tile_n};
}
// Which tiles a block computes: its cluster's, one after the other.
struct TileWalk {
  TileGrid grid;  // of cluster tiles
  int group;      // of tile_at()
  int cluster;
  int clusters;
  int rank;  // of the block in its cluster

  ROOFPROOF_HOST_DEVICE constexpr int tiles() const {
    return tiles_of_cluster(grid.count(), clusters, cluster);
  }
  ROOFPROOF_HOST_DEVICE constexpr TileOrigin origin(const TileConfig& config, int tile) const {
    return tile_origin(config, grid, group, cluster + tile * clusters, rank);
  }
};

// The first row of C of a consumer's part of it.
ROOFPROOF_HOST_DEVICE constexpr int consumer_row(const TileConfig& config, TileOrigin origin,
                                                 int consumer) {
  return origin.row + (config.pingpong ? 0 : consumer * consumer_rows(config));
}

// C of a consumer in slices of 64 rows of 128 bytes: all columns of the first 64 rows, then of the
// next.
ROOFPROOF_HOST_DEVICE constexpr int slice_columns(int output_bytes) { return 128 / output_bytes; }
ROOFPROOF_HOST_DEVICE constexpr int consumer_slices(const TileConfig& config, int output_bytes) {
  return consumer_rows(config) / wgmma_rows * (config.tile_n / slice_columns(output_bytes));
}

}  // namespace roofproof::cuda::wgmma_sm90
