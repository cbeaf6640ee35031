// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// In which order the tiles of C are computed.
//
// Blocks that run at the same time share operands through L2, so their tiles should form a patch of
// C that needs few rows of A and few of B. The order therefore goes through C in bands of `group`
// tile rows, and within a band down the rows first, then on to the next column.
#pragma once

#include <cstdint>

#include "kernels/host_device.h"

namespace roofproof::cuda {

struct TileGrid {
  int rows;     // tiles along M
  int columns;  // tiles along N

  ROOFPROOF_HOST_DEVICE constexpr int count() const { return rows * columns; }
};

struct TileIndex {
  int row;
  int column;
};

// The tile at place `index` of [0, grid.count()): each tile exactly once. A cluster of blocks takes
// the grid of its cluster tiles.
ROOFPROOF_HOST_DEVICE constexpr TileIndex tile_at(int index, TileGrid grid, int group) {
  const int band = index / (group * grid.columns);
  const int within = index - band * group * grid.columns;
  const int first_row = band * group;
  const int rows = grid.rows - first_row < group ? grid.rows - first_row : group;
  return {first_row + within % rows, within / rows};
}

// The band height that lets `concurrent` tiles of tile_m x tile_n, the first ones, touch the fewest
// operand rows. They fill bands of the width of the grid, and the last one in part.
constexpr int raster_group(TileGrid grid, int tile_m, int tile_n, int concurrent) {
  int best = 1;
  std::int64_t best_rows = INT64_MAX;
  for (int group = 1; group <= 16; group *= 2) {
    if (group > 1 && group / 2 >= grid.rows) break;
    const int wanted = (concurrent + group - 1) / group;
    const int across = wanted < grid.columns ? wanted : grid.columns;
    const int bands = (concurrent + group * across - 1) / (group * across);
    const int down = bands * group < grid.rows ? bands * group : grid.rows;
    const std::int64_t rows =
        static_cast<std::int64_t>(down) * tile_m + static_cast<std::int64_t>(across) * tile_n;
    if (rows < best_rows) {
      best = group;
      best_rows = rows;
    }
  }
  return best;
}

}  // namespace roofproof::cuda
