// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The decoder-only transformers that layer, prefill and decode measure: their dimensions, and what
// a decode step or a layer's prefill of them reads and computes. Any other model is counted by
// kernels/models/layout.h.
//
// How a step is counted. All linear layers and the LM head are stored in the weight format, scales
// included (weight_bytes in problem.h). Norm vectors and the embedding table are never quantised:
// FP16, or FP32 beside fp32 weights. The KV cache is FP16. A step at batch B reads every linear
// layer, norm and the LM head once, B rows of the embedding table, B x context cached tokens, and
// writes B new ones. Activations stay in cache and count no bytes. FLOP are the multiply-adds of
// the linear layers, the LM head and the attention (scores and weighted sum over context + 1
// tokens), 2 each; norms, softmax, rotary embedding and activation functions are not counted.
//
// How prefill is counted: one layer over the m tokens of one sequence, of which nothing is cached.
// It reads the layer's weights once and the input rows, and writes the output rows and the keys and
// values of all tokens; rows [m, hidden] are FP16, FP32 beside fp32 weights. FLOP are counted as
// above, but attention is causal: token t, from 0, sees t + 1 tokens, m (m + 1) / 2 in all.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "kernels/problem/precision.h"

namespace roofproof {

struct Model {
  std::string name;
  std::int64_t layers;
  std::int64_t hidden;
  std::int64_t ffn;  // inner width of the gated feed-forward block
  std::int64_t heads;
  std::int64_t kv_heads;  // < heads: grouped-query attention
  std::int64_t head_dim;
  std::int64_t vocab;
  std::string source;  // where the dimensions were published
};

// Those that have a name.
std::span<const Model> models();

// Any model is also named by its dimensions: layers x hidden x ffn x heads x kv heads x head
// dimension x vocabulary, "32x4096x14336x32x8x128x32000". Throws std::invalid_argument that lists
// the known names, or says what is wrong with the dimensions.
Model find_model(std::string_view name);

// A linear layer Y = X W^T with W [n, k].
struct Linear {
  std::string_view name;
  std::int64_t n;
  std::int64_t k;
};

// q, k, v, o, gate, up, down: the linear layers of one decoder layer, in order of use.
std::array<Linear, 7> layer_linears(const Model& model);
Linear lm_head(const Model& model);

// Every parameter once: embedding table, layers, norms, LM head (none of these models ties the two
// vocabulary matrices).
std::int64_t parameters(const Model& model);

// Weights of one layer, or of all that a step reads whatever its batch (layers, norms, LM head).
double layer_weight_bytes(const Model& model, Precision weights);
double step_weight_bytes(const Model& model, Precision weights);

double embedding_row_bytes(const Model& model, Precision weights);

// Keys and values of one token, in one layer or in all.
double layer_kv_bytes_per_token(const Model& model);
double kv_bytes_per_token(const Model& model);

// What a step moves and computes: straight lines over its batch.
struct StepWork {
  double fixed_bytes = 0;     // the weights, whatever the batch
  double sequence_bytes = 0;  // what each sequence adds
  double sequence_flop = 0;

  double bytes(double batch) const { return fixed_bytes + batch * sequence_bytes; }
  double flop(double batch) const { return batch * sequence_flop; }
};

// One decode step, of a layer or of the whole model: `batch` sequences, each with `context` tokens
// in its cache.
StepWork layer_work(const Model& model, Precision weights, std::int64_t context);
StepWork step_work(const Model& model, Precision weights, std::int64_t context);

// One layer's prefill of m tokens.
double prefill_flop(const Model& model, std::int64_t m);
double prefill_bytes(const Model& model, Precision weights, std::int64_t m);

}  // namespace roofproof
