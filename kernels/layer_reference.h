// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a decoder layer computes for the new tokens of each sequence, in double precision: the check
// that layer, prefill and decode of every backend go through. Each operation is held against its
// own stored inputs, so that the rounding of one does not blur the next.
//
//   query, key, value = W_qkv rms_norm(input, attention_norm), query and key rotated
//   attention = softmax(query keys^T / sqrt(head_dim)) values, over the cache, the sequence's
//               earlier new tokens and the token itself
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

// What a layer left behind, as stored; rows are new tokens, sequence by sequence. Their keys and
// values are the last of the context + new_tokens tokens of the caches.
struct LayerActivations {
  using Cache = std::function<double(std::int64_t sequence, std::int64_t head, std::int64_t token,
                                     std::int64_t i)>;
  Element input = {};  // [rows, hidden]
  Element query = {};  // [rows, heads head_dim], rotated
  Cache keys = {};     // rotated
  Cache values = {};
  Element attention = {};  // [rows, heads head_dim]
  Element middle = {};     // [rows, hidden]
  Element gated = {};      // [rows, ffn]
  Element output = {};     // [rows, hidden]
};

struct LayerCase {
  Model model = {};
  std::int64_t batch = 0;       // sequences
  std::int64_t context = 0;     // tokens of each that were in its cache before
  std::int64_t new_tokens = 1;  // of each: 1 in a step; all m in prefill, batch 1, context 0
  bool fp32 = false;            // activations are FP32, else FP16; the caches are FP16 in any case
  std::uint64_t seed = 0;
  // Attention multiplies FP16 operands: queries and probabilities are rounded once more.
  bool fp16_attention = true;

  std::int64_t rows() const { return batch * new_tokens; }
  std::int64_t sequence(std::int64_t row) const { return row / new_tokens; }
  std::int64_t position(std::int64_t row) const { return context + row % new_tokens; }
  // That a row attends to: causal, so those up to itself.
  std::int64_t tokens(std::int64_t row) const { return position(row) + 1; }
};

// Sampled outputs of every operation, the first and last rows and those at the borders of tiles
// among them. The message names the tensor and the place.
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
