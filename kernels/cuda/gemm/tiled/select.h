// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Which tile configuration computes a shape, and how its work is shared out: a model of a block's
// step that counts clocks, over the table of tiles.h.
//
// A step is one stage of one block. It takes as long as the slowest of
//   multiplying   tile_m * tile_n * row_bytes at the SM's rate times the tile's efficiency,
//   being fed     (tile_m + tile_n) * row_bytes from L2,
//   waiting       for a load from memory, with stages - 1 of them under way,
// the first two for each of the blocks that share the SM. A block runs the steps that plan_work()
// gives the busiest one; whole waves, idle blocks in the last wave, padding of M, N and K and the
// exchange of partial sums are all in there. The shortest total wins, the earlier row in a tie.
//
// The rates are estimates from data sheets and published microbenchmarks, good enough to order
// configurations of one kernel; a sweep over shapes on each GPU is to replace them.
#pragma once

#include <cstdint>

#include "kernels/cuda/gemm/swizzle.h"
#include "kernels/cuda/gemm/tile_order.h"
#include "kernels/cuda/gemm/tiled/arguments.h"
#include "kernels/cuda/gemm/tiled/work.h"

namespace roofproof::cuda {

// What of the machine and the kernel the model knows.
struct TileMachine {
  int processors;
  // Multiply-adds per clock and SM (runtime/rates.h), times the bytes of an operand.
  double rate_bytes_per_clock;
};

inline constexpr double feed_bytes_per_clock = 24;  // from L2, of each SM when all ask
inline constexpr double memory_clocks = 900;        // of a load, under load
inline constexpr double exchange_clocks = 2500;     // to write, signal, see and read, beside bytes

// Clocks of one step when `sharing` blocks are on the SM.
constexpr double step_clocks(const TileShape& tile, int sharing, const TileMachine& machine) {
  const double multiply = static_cast<double>(tile.m) * tile.n * tile.row_bytes /
                          (machine.rate_bytes_per_clock * tile.efficiency);
  const double feed = static_cast<double>(tile.m + tile.n) * tile.row_bytes / feed_bytes_per_clock;
  const double throughput = sharing * (multiply > feed ? multiply : feed);
  const double latency = memory_clocks / (tile.stages - 1);
  return throughput > latency ? throughput : latency;
}

struct TileChoice {
  int index;  // in the table; -1: none can
  TileGrid grid;
  int raster_group;
  WorkPlan work;
  double clocks;
};

constexpr int ceil_divide(std::int64_t value, int divisor) {
  return static_cast<int>((value + divisor - 1) / divisor);
}

// The plan for one tile of which `resident` blocks fit on an SM.
constexpr TileChoice plan_tile(const TileShape& tile, int index, int resident, std::int64_t m,
                               std::int64_t n, std::int64_t row_bytes, const TileMachine& machine) {
  TileChoice choice{};
  choice.index = index;
  choice.grid = {ceil_divide(m, tile.m), ceil_divide(n, tile.n)};
  const int tiles = choice.grid.count();
  const int slots = machine.processors * resident;
  const int sharing = ceil_divide(tiles < slots ? tiles : slots, machine.processors);
  const double step = step_clocks(tile, sharing, machine);
  const double partial_bytes = 4.0 * tile.m * tile.n;
  const ExchangeCost cost{exchange_clocks / step,
                          2 * partial_bytes * sharing / feed_bytes_per_clock / step};
  choice.work = plan_work(tiles, ceil_divide(row_bytes, tile.row_bytes), slots, cost);
  choice.raster_group = raster_group(choice.grid, tile.m, tile.n, choice.work.blocks);
  choice.clocks = plan_steps(choice.work, cost) *
                  step_clocks(tile, ceil_divide(choice.work.blocks, machine.processors), machine);
  return choice;
}

// Of `count` tiles, of which resident[i] blocks fit on an SM (0: the device cannot run it), the
// fastest for C[m, n] with rows of A and B of `row_bytes`.
constexpr TileChoice choose_tile(const TileShape* tiles, const int* resident, int count,
                                 std::int64_t m, std::int64_t n, std::int64_t row_bytes,
                                 const TileMachine& machine) {
  TileChoice best{};
  best.index = -1;
  for (int i = 0; i < count; ++i) {
    if (resident[i] == 0 || (tiles[i].aligned && row_bytes % chunk_bytes != 0)) continue;
    const TileChoice choice = plan_tile(tiles[i], i, resident[i], m, n, row_bytes, machine);
    if (best.index < 0 || choice.clocks < best.clocks) best = choice;
  }
  return best;
}

}  // namespace roofproof::cuda
