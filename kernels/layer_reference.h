// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a decoder layer computes for one new token of each sequence, in double precision: the check
// that layer and decode of every backend go through. Each operation is held against its own stored
// inputs, so that the rounding of one does not blur the next.
//
//   query, key, value = W_qkv rms_norm(input, attention_norm), query and key rotated
//   attention = softmax(query keys^T / sqrt(head_dim)) values, over the cache and the new token
//   middle = input + W_o attention
//   gated = silu(W_gate n) * (W_up n), n = rms_norm(middle, ffn_norm)
//   output = middle + W_down gated
//
// rms_norm(x, w) = x / sqrt(mean(x^2) + norm_epsilon) * w. Rotation (RoPE, arXiv:2104.09864):
// element i of a head's first half with element i of its second, by position x rotary_base^(-2 i /
// head_dim). Query head h reads key and value head h / (heads / kv_heads).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernels/problem/model.h"
#include "kernels/reference.h"

namespace roofproof {

inline constexpr double norm_epsilon = 1e-5;
inline constexpr double rotary_base = 10000;

// [head_dim / 2][2]: cosine and sine for the token at `position`.
std::vector<float> rotation_table(std::int64_t head_dim, std::int64_t position);

// Exact values of a layer's weights. The rows of matrices that share an input are stacked.
struct LayerWeights {
  Element qkv = {};      // [(heads + 2 kv_heads) head_dim, hidden]: queries, keys, values
  Element o = {};        // [hidden, heads head_dim]
  Element gate_up = {};  // [2 ffn, hidden]: gates, then ups
  Element down = {};     // [hidden, ffn]
  std::function<double(std::int64_t)> attention_norm = {};  // [hidden]
  std::function<double(std::int64_t)> ffn_norm = {};        // [hidden]
};

// What a step left behind, as stored; rows are sequences. The new token's key and value are the
// last of the context + 1 tokens of the caches.
struct LayerActivations {
  using Cache = std::function<double(std::int64_t sequence, std::int64_t head, std::int64_t token,
                                     std::int64_t i)>;
  Element input = {};  // [batch, hidden]
  Element query = {};  // [batch, heads head_dim], rotated
  Cache keys = {};     // rotated
  Cache values = {};
  Element attention = {};  // [batch, heads head_dim]
  Element middle = {};     // [batch, hidden]
  Element gated = {};      // [batch, ffn]
  Element output = {};     // [batch, hidden]
};

struct LayerCase {
  Model model = {};
  std::int64_t batch = 0;
  std::int64_t context = 0;
  bool fp32 = false;  // activations are FP32, else FP16; the caches are FP16 in any case
  std::uint64_t seed = 0;
  // Attention multiplies FP16 operands: queries and probabilities are rounded once more.
  bool fp16_attention = true;
};

// Sampled outputs of every operation. The message names the tensor and the place.
Check check_layer(const LayerCase& layer, const LayerWeights& weights,
                  const LayerActivations& activations);

// logits[batch, vocab] = W_lm_head rms_norm(hidden, norm): sampled; then each sequence's token has
// to be the first of its largest logits.
struct HeadActivations {
  Element hidden = {};  // [batch, hidden]
  Element logits = {};  // [batch, vocab], FP32
  std::function<std::int64_t(std::int64_t)> token = {};
};
Check check_head(const LayerCase& layer, const Element& lm_head,
                 const std::function<double(std::int64_t)>& norm,
                 const HeadActivations& activations);

// The worse of two checks: a failure before a success.
Check worse(Check a, Check b);

}  // namespace roofproof
