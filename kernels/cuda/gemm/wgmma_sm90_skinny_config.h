// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The configurations of wgmma_sm90 for few rows of A, and all that follows from one by arithmetic.
//
// Few rows of A (tokens) and many of B (weights): the product is as fast as B streams from memory.
// wgmma has 64 rows at least and 8 columns, so here the weights are its rows and the tokens its
// columns; what it leaves is C transposed. Each block streams `rows` weights over its share of K;
// the blocks of a cluster share one tile of C, split along K. Each adds up what a share of the
// warps has in all of them, in the order of their ranks: the same result every time.
#pragma once

#include <cstdint>

#include "kernels/cuda/gemm/wgmma_sm90_layout.h"
#include "kernels/host_device.h"

namespace roofproof::cuda::wgmma_sm90 {

struct SkinnyConfig {
  int rows;          // of weights: M of the product, 64 or 128 per consumer
  int tokens;        // N of the product
  int stage_pieces;  // of 128 bytes of K in a stage; two keep 256 bytes of each row together
  int stages;
  int blocks_per_sm;  // that fit beside each other
};

// Every row is compiled for both types; which one a shape gets is decided in wgmma_sm90_select.h.
// Stages: as many as there is room for, since what is in flight is what hides the memory's latency.
// More weight rows read the tokens from L2 less often, which matters when there are many tokens.
inline constexpr SkinnyConfig skinny_configs[] = {
    {128, 8, 2, 3, 2},    //
    {128, 16, 2, 3, 2},   //
    {128, 32, 1, 5, 2},   //
    {128, 64, 1, 4, 2},   //
    {256, 64, 1, 5, 1},   //
    {128, 128, 1, 6, 1},  //
    {256, 128, 1, 4, 1},  //
};
inline constexpr int skinny_config_count = sizeof skinny_configs / sizeof skinny_configs[0];

// 2^shift blocks share a tile of C. Clusters of up to 8 blocks run on every Hopper GPU (CUDA C++
// Programming Guide, "Thread Block Clusters").
inline constexpr int max_split_shift = 3;

inline constexpr int skinny_consumers = 2;
inline constexpr int skinny_thread_shift = 8;
inline constexpr int skinny_consumer_threads = 1 << skinny_thread_shift;
static_assert(skinny_consumer_threads == skinny_consumers * 128, "warpgroups");
// A warp of its own loads; it needs few registers, so there is no call for setmaxnreg.
inline constexpr int skinny_threads = skinny_consumer_threads + 32;

ROOFPROOF_HOST_DEVICE constexpr int consumer_rows(const SkinnyConfig& config) {
  return config.rows / skinny_consumers;
}

// Shared memory: the stages, each its pieces of weights, then its pieces of tokens; the barriers.
// The sums take the room of the stages when these are done with.
ROOFPROOF_HOST_DEVICE constexpr int stage_bytes(const SkinnyConfig& config) {
  return config.stage_pieces * (config.rows + config.tokens) * k_row_bytes;
}
ROOFPROOF_HOST_DEVICE constexpr int weights_offset(const SkinnyConfig& config, int stage,
                                                   int piece) {
  return stage * stage_bytes(config) + piece * config.rows * k_row_bytes;
}
ROOFPROOF_HOST_DEVICE constexpr int tokens_offset(const SkinnyConfig& config, int stage,
                                                  int piece) {
  return weights_offset(config, stage, config.stage_pieces) + piece * config.tokens * k_row_bytes;
}
ROOFPROOF_HOST_DEVICE constexpr int full_barrier(const SkinnyConfig& config, int stage) {
  return config.stages * stage_bytes(config) + stage * 8;
}
ROOFPROOF_HOST_DEVICE constexpr int empty_barrier(const SkinnyConfig& config, int stage) {
  return full_barrier(config, config.stages + stage);
}
// Completes when every block of the cluster has room for this one's sums,
ROOFPROOF_HOST_DEVICE constexpr int room_barrier(const SkinnyConfig& config) {
  return full_barrier(config, 2 * config.stages);
}
// and when the other blocks' sums have landed here.
ROOFPROOF_HOST_DEVICE constexpr int landed_barrier(const SkinnyConfig& config) {
  return room_barrier(config) + 8;
}
ROOFPROOF_HOST_DEVICE constexpr int shared_bytes(const SkinnyConfig& config) {
  return landed_barrier(config) + 8;
}
inline constexpr int skinny_empty_barrier_arrivals = skinny_consumers * 128 / 32;

// As in wgmma_sm90_tile_config.h: weights are the operand with 64 rows.
ROOFPROOF_HOST_DEVICE constexpr std::uint64_t weights_descriptor(const SkinnyConfig& config,
                                                                 std::uint64_t base, int stage,
                                                                 int piece, int consumer, int block,
                                                                 int step) {
  const int row = consumer * consumer_rows(config) + block * wgmma_rows;
  return advance_descriptor(
      base, static_cast<std::uint32_t>(weights_offset(config, stage, piece) + row * k_row_bytes +
                                       step * k_step_bytes));
}
ROOFPROOF_HOST_DEVICE constexpr std::uint64_t tokens_descriptor(const SkinnyConfig& config,
                                                                std::uint64_t base, int stage,
                                                                int piece, int step) {
  return advance_descriptor(
      base, static_cast<std::uint32_t>(tokens_offset(config, stage, piece) + step * k_step_bytes));
}

// Stages that rows of so many bytes fill, the last one perhaps in part.
ROOFPROOF_HOST_DEVICE constexpr int k_stages(const SkinnyConfig& config, std::int64_t row_bytes) {
  const int bytes = config.stage_pieces * k_row_bytes;
  return static_cast<int>((row_bytes + bytes - 1) / bytes);
}
// Every block needs a stage at least.
ROOFPROOF_HOST_DEVICE constexpr bool can_split(const SkinnyConfig& config, std::int64_t row_bytes,
                                               int shift) {
  return k_stages(config, row_bytes) >> shift > 0;
}

// The stages of K that block `rank` of 2^shift takes: [begin, end), at least one each if there are
// that many.
struct StageRange {
  int begin;
  int end;
};
ROOFPROOF_HOST_DEVICE constexpr StageRange split_range(int stages, int shift, int rank) {
  return {stages * rank >> shift, stages * (rank + 1) >> shift};
}

// A block of the 2^shift that share all `stages` of K.
struct SkinnySplit {
  int stages;
  int shift;
  int rank;
};
// How many stages `rank` multiplies.
ROOFPROOF_HOST_DEVICE constexpr int stage_uses(const SkinnySplit& split, int rank) {
  const StageRange range = split_range(split.stages, split.shift, rank);
  return range.end - range.begin;
}

// The exchange of sums. A thread of the consumers has them in quads: 4 weight rows of one token
// each, once the 4 lanes that differ in bits 2 and 3 have transposed what wgmma left in 4 registers
// of each (2 rows, 8 apart, of 2 tokens).
ROOFPROOF_HOST_DEVICE constexpr int thread_quads(const SkinnyConfig& config) {
  return consumer_rows(config) / wgmma_rows * config.tokens / 8;
}
ROOFPROOF_HOST_DEVICE constexpr int quad_row(const SkinnyConfig& config, int thread, int quad) {
  return thread / 128 * consumer_rows(config) + quad / (config.tokens / 8) * wgmma_rows +
         thread % 128 / 32 * 16 + thread / 8 % 2 * 8 + thread / 16 % 2 * 4;
}
ROOFPROOF_HOST_DEVICE constexpr int quad_token(const SkinnyConfig& config, int thread, int quad) {
  return quad % (config.tokens / 8) * 8 + thread % 4 * 2 + thread / 4 % 2;
}

// Block r of the cluster adds up the quads of the r-th part of the consumers' threads, a warp at
// least, and every block stores them there: as [sender][quad][thread], 16 bytes each.
ROOFPROOF_HOST_DEVICE constexpr int owner_threads(int shift) {
  return skinny_consumer_threads >> shift;
}
ROOFPROOF_HOST_DEVICE constexpr int owner_rank(int shift, int thread) {
  return thread >> (skinny_thread_shift - shift);
}
inline constexpr int quad_bytes = 16;
ROOFPROOF_HOST_DEVICE constexpr int sums_bytes(const SkinnyConfig& config) {
  return config.rows * config.tokens * 4;
}
ROOFPROOF_HOST_DEVICE constexpr int sender_bytes(const SkinnyConfig& config, int shift) {
  return sums_bytes(config) >> shift;
}
ROOFPROOF_HOST_DEVICE constexpr int sum_offset(const SkinnyConfig& config, int shift, int sender,
                                               int quad, int thread) {
  return sender * sender_bytes(config, shift) +
         (quad * owner_threads(shift) + (thread & (owner_threads(shift) - 1))) * quad_bytes;
}

// They do so while the owner may still be multiplying from the stage that it used last, into its
// stages [sums_stage(), + sums_stages()), which do without that one if there are enough. Any would
// be right once they are free; these are a stage's time before the end.
ROOFPROOF_HOST_DEVICE constexpr int sums_stages(const SkinnyConfig& config) {
  return (sums_bytes(config) + stage_bytes(config) - 1) / stage_bytes(config);
}
ROOFPROOF_HOST_DEVICE constexpr int sums_stage(const SkinnyConfig& config, int uses) {
  const int last = (uses - 1) % config.stages;
  return last >= sums_stages(config) ? 0 : config.stages - sums_stages(config);
}
// The parity of the phase of a stage's "empty" barrier that completes with the last of its uses (as
// long as it has none, that is the phase before the first, which counts as complete).
ROOFPROOF_HOST_DEVICE constexpr std::uint32_t last_use_parity(const SkinnyConfig& config, int uses,
                                                              int stage) {
  const int rounds = uses / config.stages + (stage < uses % config.stages ? 1 : 0);
  return static_cast<std::uint32_t>((rounds + 1) % 2);
}

// What a cluster computes: the token tiles of the same weights follow each other, so that the
// second finds them in L2.
struct SkinnyOrigin {
  int token;       // first row of C
  int weight_row;  // first column of C
};
ROOFPROOF_HOST_DEVICE constexpr SkinnyOrigin skinny_origin(const SkinnyConfig& config,
                                                           int token_tiles, int cluster) {
  return {cluster % token_tiles * config.tokens, cluster / token_tiles * config.rows};
}

}  // namespace roofproof::cuda::wgmma_sm90
