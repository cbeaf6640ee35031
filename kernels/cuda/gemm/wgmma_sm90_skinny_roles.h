// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the producer and the consumers of the skinny kernel do at each turn of the pipeline's loops
// (wgmma_sm90_pipeline.h), in terms of a Hardware: see wgmma_sm90_tile_roles.h. A block has one
// tile.
#pragma once

#include <cstdint>

#include "kernels/cuda/gemm/wgmma_sm90_pipeline.h"
#include "kernels/cuda/gemm/wgmma_sm90_skinny_config.h"

namespace roofproof::cuda::wgmma_sm90 {

template <int index, class Hardware>
struct SkinnyProducer {
  Hardware& hardware;
  SkinnyOrigin origin;
  int first_stage;  // of K

  ROOFPROOF_PIPELINE void begin_tile(int) {}
  ROOFPROOF_PIPELINE void wait_empty(int stage, std::uint32_t parity) {
    constexpr SkinnyConfig config = skinny_configs[index];
    hardware.wait_empty(empty_barrier(config, stage), parity);
  }
  ROOFPROOF_PIPELINE void load(int stage, int use) {
    constexpr SkinnyConfig config = skinny_configs[index];
    const int barrier = full_barrier(config, stage);
    hardware.expect(barrier, stage_bytes(config));
    ROOFPROOF_UNROLL
    for (int piece = 0; piece < config.stage_pieces; ++piece) {
      const int k_row = (first_stage + use) * config.stage_pieces + piece;
      hardware.load_weights(weights_offset(config, stage, piece), barrier, k_row,
                            origin.weight_row);
      hardware.load_tokens(tokens_offset(config, stage, piece), barrier, k_row, origin.token);
    }
  }
};

template <int index, class Hardware>
struct SkinnyConsumer {
  Hardware& hardware;
  int consumer;

  ROOFPROOF_PIPELINE void begin_tile(int) {}
  ROOFPROOF_PIPELINE void wait_turn(std::uint32_t) {}
  ROOFPROOF_PIPELINE void end_turn() {}
  ROOFPROOF_PIPELINE void wait_full(int stage, std::uint32_t parity) {
    constexpr SkinnyConfig config = skinny_configs[index];
    hardware.wait(full_barrier(config, stage), parity);
  }
  ROOFPROOF_PIPELINE void release(int stage) {
    constexpr SkinnyConfig config = skinny_configs[index];
    hardware.arrive(empty_barrier(config, stage));
  }

  ROOFPROOF_PIPELINE void multiply_first(int stage) { multiply<true>(stage); }
  ROOFPROOF_PIPELINE void multiply(int stage) { multiply<false>(stage); }
  template <bool first>
  ROOFPROOF_PIPELINE void multiply(int stage) {
    constexpr SkinnyConfig config = skinny_configs[index];
    hardware.begin_batch();
    ROOFPROOF_UNROLL
    for (int piece = 0; piece < config.stage_pieces; ++piece) {
      ROOFPROOF_UNROLL
      for (int step = 0; step < k_steps; ++step) {
        ROOFPROOF_UNROLL
        for (int block = 0; block < consumer_rows(config) / wgmma_rows; ++block) {
          hardware.wgmma(
              block,
              weights_descriptor(config, hardware.descriptors, stage, piece, consumer, block, step),
              tokens_descriptor(config, hardware.descriptors, stage, piece, step),
              !first || piece > 0 || step > 0);
        }
      }
    }
    hardware.end_batch();
  }
  ROOFPROOF_PIPELINE void wait_all_but_newest() { hardware.wait_all_but_newest(); }
  ROOFPROOF_PIPELINE void wait_all() { hardware.wait_all(); }
  ROOFPROOF_PIPELINE void store() { hardware.store(); }
};

}  // namespace roofproof::cuda::wgmma_sm90
