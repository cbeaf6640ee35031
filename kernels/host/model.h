// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A model in memory and the operations of one decode step of it. Shared by decode and its rungs.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/device.h"
#include "kernels/host/layer.h"

namespace roofproof::host {

// Layers of the model that are there once per copy: a step executes all of the model's layers,
// these in turn. All of them where they fit into `available` bytes less 256 MiB, 0 where not even
// one does.
std::int64_t distinct_layers(const LayerShape& shape, int threads, int copies,
                             std::int64_t available);

// "layer3."
std::string layer_prefix(std::int64_t resident);

// Of the model: per resident layer its prefix and kernels/host/layer.h's; "final_norm", "lm_head";
// "embedding" [vocab, hidden] and "tokens", which copies share.
std::vector<TensorSpec> model_tensors(const LayerShape& shape, std::int64_t distinct);

// Of the step: "hidden_a" and "hidden_b", which layers read and write in turn,
// kernels/host/layer.h's activations, "prepared_lm_head", "logits" FP32, "next_tokens".
// <prefix>newest_keys and newest_values are for steps whose new token is not to get into the cache.
std::vector<TensorSpec> state_tensors(const LayerPlan& plan, const std::string& prefix);

struct StepState {
  StepState(const Tensors& tensors, const std::string& prefix, const LayerShape& shape);

  StepBuffers layer;
  std::array<std::byte*, 2> hidden;
  float* prepared_lm_head;
  float* logits;
  std::int32_t* next_tokens;
  CacheSink newest;
};

// Which of the two hidden states layer i reads; it writes that of layer i + 1.
const char* hidden_of(std::int64_t layer);

// The parts of a step. Each reads what others have produced from `in` and writes to `out`, whose
// `newest` takes the new token where the two differ.
class Step {
 public:
  Step(const LayerPlan& plan, const Tensors& tensors, int copy, std::int64_t distinct,
       const StepState& in, const StepState& out)
      : plan_(plan), tensors_(tensors), copy_(copy), distinct_(distinct), in_(in), out_(out) {}

  void add_embedding(Operations& operations) const;
  void add_layer(Operations& operations, std::int64_t layer) const;
  void add_head(Operations& operations) const;
  Operations all() const;

  std::string prefix(std::int64_t layer) const { return layer_prefix(layer % distinct_); }

 private:
  bool in_order() const { return &in_ == &out_; }

  const LayerPlan& plan_;
  const Tensors& tensors_;
  int copy_;
  std::int64_t distinct_;
  const StepState& in_;
  const StepState& out_;
};

}  // namespace roofproof::host
