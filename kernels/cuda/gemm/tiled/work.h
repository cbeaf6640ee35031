// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Who computes which part of which tile: one persistent grid, whole tiles where they divide evenly
// among the blocks, shares of tiles where they do not.
//
// A tile costs `k_blocks` steps. Dealt out whole, `tiles` of them leave blocks idle in the last
// wave, or all along when there are fewer tiles than blocks, as with few rows. So the first
// `streamed_tiles` tiles are laid end to end, steps upon steps, and each block takes an equal run
// of that line ("stream-K", Osama et al., arXiv:2301.03598); the other tiles follow whole.
//
// A block that does not reach its tile's last step leaves its sum in its own slot of a workspace;
// the one that does adds what the others left, in the order of the blocks, so that the result
// depends on nothing but the plan. It waits for lower-numbered blocks alone, and every block does
// the share that others wait for first: runs are worked off from their end.
#pragma once

#include <cstdint>

#include "kernels/host_device.h"

namespace roofproof::cuda {

struct WorkPlan {
  int blocks;          // the grid
  int tiles;           // of C
  int k_blocks;        // steps of one tile, at least 1
  int streamed_tiles;  // tiles [0, streamed_tiles) are shared out by steps
};

// Steps [k_begin, k_end) of a tile.
struct WorkItem {
  int tile;
  int k_begin;
  int k_end;
};

// The first of the streamed steps that `block` takes; of plan.blocks: the end of all.
ROOFPROOF_HOST_DEVICE constexpr int streamed_begin(const WorkPlan& plan, int block) {
  const int steps = plan.streamed_tiles * plan.k_blocks;
  const int longer = steps % plan.blocks;  // so many blocks take one step more
  return block * (steps / plan.blocks) + (block < longer ? block : longer);
}

// The block that takes streamed step `step`.
ROOFPROOF_HOST_DEVICE constexpr int streamed_owner(const WorkPlan& plan, int step) {
  const int steps = plan.streamed_tiles * plan.k_blocks;
  const int shorter_run = steps / plan.blocks;
  const int longer = steps % plan.blocks;
  const int in_longer = longer * (shorter_run + 1);
  return step < in_longer ? step / (shorter_run + 1) : longer + (step - in_longer) / shorter_run;
}

// Of the blocks before the one that finishes streamed `tile`, the first that has a share of it.
ROOFPROOF_HOST_DEVICE constexpr int first_contributor(const WorkPlan& plan, int tile) {
  return streamed_owner(plan, tile * plan.k_blocks);
}

// The `ordinal`-th thing that `block` does; false beyond the last. An item that begins at step 0
// and ends at the last is a whole tile; one that does not reach the last leaves a partial sum, and
// is always the block's first.
ROOFPROOF_HOST_DEVICE constexpr bool work_item(const WorkPlan& plan, int block, int ordinal,
                                               WorkItem& item) {
  int whole = ordinal;  // among the block's whole tiles that are not streamed
  if (plan.streamed_tiles > 0) {
    const int begin = streamed_begin(plan, block);
    const int end = streamed_begin(plan, block + 1);
    const int first_tile = begin / plan.k_blocks;
    const int last_tile = (end - 1) / plan.k_blocks;
    const int tile = last_tile - ordinal;
    if (tile >= first_tile) {
      const int tile_begin = tile * plan.k_blocks;
      const int tile_end = tile_begin + plan.k_blocks;
      item = {tile, (begin > tile_begin ? begin : tile_begin) - tile_begin,
              (end < tile_end ? end : tile_end) - tile_begin};
      return true;
    }
    whole -= last_tile - first_tile + 1;
  }
  item = {plan.streamed_tiles + whole * plan.blocks + block, 0, plan.k_blocks};
  return item.tile < plan.tiles;
}

// What it costs to share tiles, in steps: once, for the finisher to see that all is there, and for
// each partial sum on its way out and back in.
struct ExchangeCost {
  double once;
  double each;
};

// How long the busiest block takes, in steps.
constexpr double plan_steps(const WorkPlan& plan, const ExchangeCost& cost) {
  const int whole = (plan.tiles - plan.streamed_tiles + plan.blocks - 1) / plan.blocks;
  double steps = static_cast<double>(whole) * plan.k_blocks;
  if (plan.streamed_tiles > 0) {
    const int contributors = (plan.blocks + plan.streamed_tiles - 1) / plan.streamed_tiles;
    steps += streamed_begin(plan, 1) + cost.once + contributors * cost.each;
  }
  return steps;
}

// The fastest plan when `slots` blocks run at a time.
constexpr WorkPlan plan_work(int tiles, int k_blocks, int slots, const ExchangeCost& cost) {
  WorkPlan best{tiles < slots ? tiles : slots, tiles, k_blocks, 0};
  const auto consider = [&](const WorkPlan& plan) {
    if (plan_steps(plan, cost) < plan_steps(best, cost)) best = plan;
  };
  if (tiles >= slots) {
    // The last wave together with the one before, so that no share is a sliver.
    consider({slots, tiles, k_blocks, slots + tiles % slots});
  } else {
    // More blocks per tile shorten the sums and lengthen the reduction.
    for (int shares = 2; shares <= k_blocks; ++shares) {
      const int blocks = tiles * shares < slots ? tiles * shares : slots;
      consider({blocks, tiles, k_blocks, tiles});
      if (blocks == slots) break;
    }
  }
  return best;
}

}  // namespace roofproof::cuda
