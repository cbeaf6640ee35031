// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a decoder-only transformer holds: every matrix and vector of it, and what each layer keeps
// of the context. Parameters, bytes and FLOP are sums over these lists.
//
// How a step at batch B is counted. Weights are read once, except: of an input table B rows; of the
// routed experts of a layer those that any of the B tokens selects, E (1 - (1 - k/E)^B) of E where
// each token selects k, expected if tokens select independently and evenly; of extra prediction
// layers and of an encoder of images nothing. Each sequence reads the keys and values of the tokens
// that each of its layers attends to, and writes those of one new token, which counts as one of
// them. FLOP are the multiply-adds of the matrices (k experts per token) and of the attention, 2
// each; of MLA in its absorbed form, which computes least.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/models/format.h"
#include "kernels/problem/model.h"

namespace roofproof {

enum class Role {
  table,   // input embedding or learned positions: a step reads a row per sequence
  vector,  // norms, biases, sinks
  router,  // a matrix that is never quantised: which experts, how much of the shared one
  linear,
  head,  // the LM head; where the model ties both vocabulary matrices, the one that there is
};

// `copies` matrices W [outputs, inputs] of one layer, or vectors (inputs 1).
struct Weights {
  std::string module;  // "layers.3.self_attn.q_proj"
  Role role = Role::linear;
  std::int64_t outputs = 0;
  std::int64_t inputs = 1;
  std::int64_t copies = 1;
  bool routed = false;  // one copy per expert
  bool kept = false;    // stays plain where the checkpoint quantises what is like it

  std::int64_t elements() const { return outputs * inputs * copies; }
};

// What one layer keeps of each token, and computes with each that it attends to.
struct Attention {
  std::int64_t cached_elements = 0;
  std::int64_t multiply_adds = 0;
  std::int64_t window = 0;  // tokens that it attends to, the new one included; 0: all
  bool chunked = false;     // the window does not slide: it starts anew after so many tokens
};

struct ModelLayout {
  std::string name;
  std::string source;
  std::vector<Weights> weights;            // that a token passes through
  std::vector<Weights> prediction_layers;  // for more than one token (MTP): in the file only
  std::vector<Weights> vision;             // encoder of images and its projector
  std::vector<Attention> attention;        // one per layer
  std::int64_t experts = 0;                // routed, per layer that has any
  std::int64_t experts_per_token = 0;
  std::int64_t hidden = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;  // 0: one latent vector serves all heads (MLA)
  // Vectors that a sequence needs at the same time at most: residual stream and its norm, queries,
  // keys and values, attention output, inner vectors of the feed-forward block, logits.
  std::int64_t activation_elements = 0;
  bool tied = false;
  std::string asked_for;               // empty, or the name whose organisation was passed over
  std::string assumed;                 // in words: what dimensions alone leave open
  std::optional<WeightFormat> stored;  // as the checkpoint has it
  std::string why_not_stored;          // empty, or why its format is not understood
  std::optional<CacheFormat> cache;    // as the checkpoint asks for
  std::optional<Model> kernel_model;   // what kernels can run of it
  std::string kernels_leave_out;       // in words: of kernel_model, what they do not compute
};

// The layout of the models that the kernels run.
ModelLayout layout_of(const Model& model);

std::int64_t elements(const std::vector<Weights>& weights);
// All that a token may pass through and the encoder of images, without prediction layers.
std::int64_t parameters(const ModelLayout& layout);
// Without the experts that a token does not select, and without the encoder of images.
std::int64_t active_parameters(const ModelLayout& layout);

// Of one layer, expected at batch B; 0 without experts.
double experts_read(const ModelLayout& layout, std::int64_t batch);

double stored_bytes(const Weights& weights, const WeightFormat& format);
double stored_bytes(const std::vector<Weights>& weights, const WeightFormat& format);

// What a step reads whatever its sequences bring: the above without tables, and of the experts
// those that are selected.
double step_weight_bytes(const ModelLayout& layout, const WeightFormat& format, double experts);
// Of the tables, for one sequence.
double row_bytes(const ModelLayout& layout, const WeightFormat& format);
// In memory; prediction layers are not loaded.
double resident_weight_bytes(const ModelLayout& layout, const WeightFormat& format);
// In the file.
double file_weight_bytes(const ModelLayout& layout, const WeightFormat& format);

// Keys and values of one sequence after `tokens` tokens: those in memory, and those that its last
// step moved.
double cache_bytes(const ModelLayout& layout, const CacheFormat& format, std::int64_t tokens);
double step_cache_bytes(const ModelLayout& layout, const CacheFormat& format, std::int64_t tokens);

// Of one sequence whose last step makes it `tokens` tokens.
double step_flop(const ModelLayout& layout, std::int64_t tokens);

// What a file of weights holds. GGUF: what a token passes through. safetensors: prediction layers
// and the encoder of images too, of which the encoder and the tables are not quantised: 16 bits. Of
// a file that is not known the same at one average: the text is counted for no more than it weighs.
enum class FileKind { gguf, safetensors, unknown };

WeightFormat format_of_file(const ModelLayout& layout, double bytes, FileKind kind);

}  // namespace roofproof
