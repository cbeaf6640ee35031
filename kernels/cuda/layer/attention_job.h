// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Attention of one new token of each sequence over its cache, or of all tokens of one sequence over
// each other, and how it is divided over a GPU. Plain data and arithmetic, C++17.
#pragma once

#include <cstdint>

#include "kernels/cuda/linear/job.h"
#include "kernels/host_device.h"

namespace roofproof::cuda::layer {

using linear::Half;

inline constexpr int attention_warps = 4;
inline constexpr int attention_threads = attention_warps * 32;
inline constexpr int attention_heads = 8;    // query heads of a block, the columns of an MMA
inline constexpr int attention_tokens = 16;  // of a step of a warp, the rows of an MMA
inline constexpr int attention_slots = 3;    // steps of values in shared memory, per warp

struct AttentionJob {
  // [batch, heads, head_dim], FP16, or FP32 beside fp32 weights. The causal kernel's batch is 1 and
  // its query [tokens, heads, head_dim], FP16.
  const void* query = nullptr;
  // Caches [batch, kv_heads, cache_tokens, head_dim], of which `tokens` count; the last of them was
  // written by the kernel before this one.
  const Half* keys = nullptr;
  const Half* values = nullptr;
  void* y = nullptr;  // as query
  int batch = 0;
  int heads = 0;
  int kv_heads = 0;
  int tokens = 0;
  int cache_tokens = 0;
  float scale = 0;  // log2(e) / sqrt(head_dim)

  // The tokens of a sequence are cut in `splits` parts of `split_tokens` (a multiple of 16), one
  // block each. With more than one their results meet in `partial` [units][splits][8][head_dim + 2]
  // and the block that arrives last puts them together, in order. A unit is a sequence, key/value
  // head and group of up to 8 query heads.
  int splits = 1;
  int split_tokens = 0;
  float* partial = nullptr;
  unsigned* arrivals = nullptr;  // one per unit, 0 before and after a launch

  ROOFPROOF_HOST_DEVICE int head_groups() const {
    return (heads / kv_heads + attention_heads - 1) / attention_heads;
  }
  ROOFPROOF_HOST_DEVICE int units() const { return batch * kv_heads * head_groups(); }
};

// Shared memory of a block: a ring of values for each warp, and later all warps' results.
ROOFPROOF_HOST_DEVICE constexpr int attention_ring_bytes(int head_dim) {
  return attention_warps * attention_slots * attention_tokens * head_dim * 2;
}
ROOFPROOF_HOST_DEVICE constexpr int attention_result_bytes(int head_dim) {
  return attention_warps * attention_heads * (head_dim + 2) * 4;
}
ROOFPROOF_HOST_DEVICE constexpr int attention_shared_bytes(int head_dim) {
  return attention_ring_bytes(head_dim) > attention_result_bytes(head_dim)
             ? attention_ring_bytes(head_dim)
             : attention_result_bytes(head_dim);
}

// The causal kernel: a block has the queries of so many tokens of one head, which its warps share,
// and goes through keys and values by tiles.
inline constexpr int causal_queries = 128;
inline constexpr int causal_tile = 32;

// Those with the most tokens to attend to come first, so that none of them is left over at the end;
// heads that share keys are neighbours.
struct CausalBlock {
  int head;
  int first;  // token
};
ROOFPROOF_HOST_DEVICE inline int causal_blocks(const AttentionJob& job) {
  return (job.tokens + causal_queries - 1) / causal_queries * job.heads;
}
ROOFPROOF_HOST_DEVICE inline CausalBlock causal_block(const AttentionJob& job, int number) {
  return {number % job.heads,
          (causal_blocks(job) / job.heads - 1 - number / job.heads) * causal_queries};
}
// Shared memory: the queries and a tile of keys and of values.
ROOFPROOF_HOST_DEVICE constexpr int causal_shared_bytes(int head_dim) {
  return (causal_queries + 2 * causal_tile) * head_dim * 2;
}
static_assert(causal_shared_bytes(128) <= 48 * 1024, "a kernel has so much without asking");

// Floats of AttentionJob::partial.
inline std::int64_t attention_partial_floats(const AttentionJob& job, int head_dim) {
  return job.splits == 1
             ? 0
             : std::int64_t{job.units()} * job.splits * attention_heads * (head_dim + 2);
}

// Chooses the splits: about two blocks for each of the processors, of 64 tokens (a step of each
// warp) at least.
void divide_attention(AttentionJob& job, int processors);

}  // namespace roofproof::cuda::layer
