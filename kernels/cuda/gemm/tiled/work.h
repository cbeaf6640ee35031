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

// The plan that takes the fewest steps when `slots` blocks run at a time and the exchange of one
// partial sum costs as much as `exchange_steps` steps.
constexpr WorkPlan plan_work(int tiles, int k_blocks, int slots, int exchange_steps) {
  const std::int64_t all_steps = static_cast<std::int64_t>(tiles) * k_blocks;
  const int waves = (tiles + slots - 1) / slots;
  WorkPlan best{tiles < slots ? tiles : slots, tiles, k_blocks, 0};
  std::int64_t best_steps = static_cast<std::int64_t>(waves) * k_blocks;
  if (tiles >= slots) {
    // Stream the last wave together with the one before, so that no share is a sliver.
    const std::int64_t steps = (all_steps + slots - 1) / slots + exchange_steps;
    if (steps < best_steps) best.streamed_tiles = slots + tiles % slots;
    return best;
  }
  // Fewer tiles than slots: `shares` blocks per tile; more of them shorten the sums and lengthen
  // the reduction, which one block does for the whole tile.
  for (int shares = 2; shares <= k_blocks; ++shares) {
    const int blocks = tiles * shares < slots ? tiles * shares : slots;
    const int contributors = (blocks + tiles - 1) / tiles;
    const std::int64_t steps = (all_steps + blocks - 1) / blocks +
                               static_cast<std::int64_t>(contributors) * exchange_steps;
    if (steps < best_steps) {
      best_steps = steps;
      best.blocks = blocks;
      best.streamed_tiles = tiles;
    }
    if (blocks == slots) break;
  }
  return best;
}

}  // namespace roofproof::cuda
