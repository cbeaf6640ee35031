// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the producer and the consumers of the tile kernel do at each turn of the pipeline's loops
// (wgmma_sm90_pipeline.h), in terms of a Hardware that can copy, multiply and count: the GPU's in
// wgmma_sm90_tile.cu, a model of it in the test. Offsets are relative to the shared-memory base,
// `descriptors` is the matrix descriptor of that base.
#pragma once

#include <cstdint>

#include "kernels/cuda/gemm/wgmma_sm90_pipeline.h"
#include "kernels/cuda/gemm/wgmma_sm90_tile_config.h"

namespace roofproof::cuda::wgmma_sm90 {

template <int index, class Hardware>
struct TileProducer {
  Hardware& hardware;
  TileWalk walk;
  TileOrigin origin;

  ROOFPROOF_PIPELINE void begin_tile(int tile) {
    constexpr TileConfig config = tile_configs[index];
    origin = walk.origin(config, tile);
  }
  ROOFPROOF_PIPELINE void wait_empty(int stage, std::uint32_t parity) {
    constexpr TileConfig config = tile_configs[index];
    hardware.wait_empty(empty_barrier(config, stage), parity);
  }
  ROOFPROOF_PIPELINE void load(int stage, int use) {
    constexpr TileConfig config = tile_configs[index];
    const LoadPart a = a_part(config, walk.rank);
    const LoadPart b = b_part(config, walk.rank);
    const int barrier = full_barrier(config, stage);
    hardware.expect(barrier, stage_bytes(config));
    hardware.load_a(a_offset(config, stage) + a.first_row * k_row_bytes, barrier, use,
                    origin.row + a.first_row, a.blocks);
    hardware.load_b(b_offset(config, stage) + b.first_row * k_row_bytes, barrier, use,
                    origin.column + b.first_row, b.blocks);
  }
};

template <int index, class Hardware>
struct TileConsumer {
  Hardware& hardware;
  TileWalk walk;
  int consumer;
  TileOrigin origin;

  ROOFPROOF_PIPELINE void begin_tile(int tile) {
    constexpr TileConfig config = tile_configs[index];
    origin = walk.origin(config, tile);
  }
  ROOFPROOF_PIPELINE void wait_turn(std::uint32_t turn) {
    constexpr TileConfig config = tile_configs[index];
    // Consumer 0 begins; it waits for the end of the other's turn before, which is one fewer.
    if (config.pingpong) {
      hardware.wait(turn_barrier(config, consumer), (turn + (consumer == 0 ? 1u : 0u)) % 2);
    }
  }
  ROOFPROOF_PIPELINE void end_turn() {
    constexpr TileConfig config = tile_configs[index];
    if (config.pingpong) hardware.arrive(turn_barrier(config, 1 - consumer));
  }
  ROOFPROOF_PIPELINE void wait_full(int stage, std::uint32_t parity) {
    constexpr TileConfig config = tile_configs[index];
    hardware.wait(full_barrier(config, stage), parity);
  }
  ROOFPROOF_PIPELINE void release(int stage) {
    constexpr TileConfig config = tile_configs[index];
    hardware.arrive_everywhere(empty_barrier(config, stage));
  }

  ROOFPROOF_PIPELINE void multiply_first(int stage) { multiply<true>(stage); }
  ROOFPROOF_PIPELINE void multiply(int stage) { multiply<false>(stage); }
  template <bool first>
  ROOFPROOF_PIPELINE void multiply(int stage) {
    constexpr TileConfig config = tile_configs[index];
    hardware.begin_batch();
    ROOFPROOF_UNROLL
    for (int step = 0; step < k_steps; ++step) {
      ROOFPROOF_UNROLL
      for (int block = 0; block < consumer_rows(config) / wgmma_rows; ++block) {
        // The first product overwrites the accumulator, so that nothing needs to be zeroed.
        hardware.wgmma(block,
                       a_descriptor(config, hardware.descriptors, stage, consumer, block, step),
                       b_descriptor(config, hardware.descriptors, stage, step), !first || step > 0);
      }
    }
    hardware.end_batch();
  }
  ROOFPROOF_PIPELINE void wait_all_but_newest() { hardware.wait_all_but_newest(); }
  ROOFPROOF_PIPELINE void wait_all() { hardware.wait_all(); }

  ROOFPROOF_PIPELINE void store() {
    constexpr TileConfig config = tile_configs[index];
    hardware.store(consumer_row(config, origin, consumer), origin.column);
  }
};

}  // namespace roofproof::cuda::wgmma_sm90
