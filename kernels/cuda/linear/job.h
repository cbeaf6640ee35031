// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a kernel has to know to compute Y[batch, N] = X[batch, K] W[N, K]^T and what is fused with
// it. Plain data, C++17: passed to kernels by value.
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/cuda/linear/layout.h"

namespace roofproof::cuda::linear {

// FP16 numbers are stored as their bits.
using Half = std::uint16_t;

// Activations beside weights of a format.
template <WeightFormat Format>
using Activation = std::conditional_t<Format == WeightFormat::fp32, float, Half>;

// What becomes of the sums v0 and v1 of rows g and g + 8 of a tile, for one sequence.
enum class Finish : int {
  store,       // y[sequence, row] = v
  store_fp32,  // the same, FP32 whatever the activations are
  add,         // y[sequence, row] = residual[sequence, row] + v
  gate,        // y[sequence, pair] = silu(v0) v1; pair distance n / 2
  rotate,      // query, key and value rows of an attention; pair distance head_dim / 2
  scale_add,   // y[sequence, row] = alpha v + beta y[sequence, row]
};

// For Finish::rotate: rows are [heads + 2 kv_heads][head_dim]. Queries and keys are rotated by the
// token's position (RoPE; element i of a head with element i + head_dim / 2) before they are
// stored, queries to y [batch, heads, head_dim], keys and values to caches [kv_heads, cache_tokens,
// head_dim].
struct AttentionRows {
  // Of the batch's first token: [head_dim / 2][2], cosine and sine at its position, and where the
  // first head's key and value go.
  const float* rotation = nullptr;
  Half* keys = nullptr;
  Half* values = nullptr;
  // From a token to the batch's next one: 0 and kv_heads cache_tokens where each is the newest of a
  // sequence of its own, head_dim and 1 where they follow one another in one.
  int rotation_step = 0;  // floats
  int cache_step = 0;     // tokens
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
  int cache_tokens = 0;
};

struct LinearJob {
  // Weights, packed as layout.h says.
  const unsigned char* weights = nullptr;
  const float* row_scales = nullptr;  // int8
  int n = 0;
  int k = 0;
  float inverse_k = 0;
  int tiles = 0;
  int units = 0;  // of a tile

  // Activations [batch, k]. The tiled kernel takes FP16 rows at a distance of `x_stride` values, a
  // multiple of 8, zeros beyond k.
  const void* x = nullptr;
  int x_stride = 0;
  int batch = 0;
  // Where it is not null, x is normalised first: x / sqrt(mean(x^2) + epsilon) * norm[k].
  const void* norm = nullptr;
  float epsilon = 0;

  Finish finish = Finish::store;
  void* y = nullptr;
  const void* residual = nullptr;
  float alpha = 1;
  float beta = 0;
  AttentionRows attention = {};

  // Division of work: K into `slices`, the tiles of each slice among `blocks` thread blocks. With
  // more slices than one their sums meet in `partial` [slices][tiles][batch][16] (tiled
  // kernel: [slices][blocks of the result][accumulators]), and the block that arrives last adds
  // them in order.
  int slices = 1;
  int blocks = 1;
  float* partial = nullptr;
  unsigned* arrivals = nullptr;  // one per tile or block of the result, 0 between launches

  int phase_tiles = 1;  // between two sums over the warps

  // Shared memory: offsets in bytes, and how many units of each warp fit in the ring.
  int ring_units = 0;
  int shared_barriers = 0;
  int shared_x = 0;
  int shared_partial = 0;
  int shared_scratch = 0;
};

}  // namespace roofproof::cuda::linear
