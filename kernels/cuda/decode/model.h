// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A model in the memory of a GPU, and the launches of one decode step of it.
#pragma once

#include <cuda_runtime_api.h>

#include <string>
#include <vector>

#include "kernels/cuda/decode/memory_plan.h"
#include "kernels/cuda/layer/layer.h"
#include "kernels/cuda/tensors.h"
#include "kernels/device.h"
#include "kernels/workload.h"

namespace roofproof::cuda::decode {

using layer::LayerShape;

LayerShape shape_of(const Problem& problem);

// Of the final matrix.
layer::PackedShape lm_head_shape(const LayerShape& shape);

MemoryNeed memory_need(const LayerShape& shape, int copies);

// "layer3."
std::string layer_prefix(std::int64_t resident);

// All tensors of a model of which `distinct` layers are resident.
std::vector<TensorSpec> model_tensors(const LayerShape& shape, std::int64_t distinct);

// Packs all weights, fills norms, draws the input tokens. Waits for the stream.
void fill_model(Tensors& tensors, const LayerShape& shape, std::int64_t distinct,
                const Preparation& preparation);

// The launches of a step.
class StepPlan {
 public:
  StepPlan(const LayerShape& shape, std::int64_t distinct, linear::Variant variant,
           const Device& device);

  // Workspace and constants; once, before the first launch.
  void allocate(cudaStream_t stream);

  // The operations of a step, each one or more launches. `layer` counts the model's layers.
  void embed(const Tensors& tensors, bool dependent, cudaStream_t stream) const;
  void layer(const Tensors& tensors, int copy, std::int64_t layer, bool dependent,
             cudaStream_t stream) const;
  void head(const Tensors& tensors, int copy, bool dependent, cudaStream_t stream) const;
  void choose(const Tensors& tensors, bool dependent, cudaStream_t stream) const;

  // All of them, in order.
  void launch(const Tensors& tensors, int copy, cudaStream_t stream) const;
  int launches() const;

  const layer::LayerPlan& layer_plan() const { return layer_; }
  std::string label() const;

  // Which of the two hidden states a layer reads; it writes the other. The last one written is
  // input_of(layers).
  static const char* input_of(std::int64_t layer) {
    return layer % 2 == 0 ? "hidden_a" : "hidden_b";
  }
  std::int64_t resident(std::int64_t layer) const { return layer % distinct_; }

 private:
  LayerShape shape_;
  std::int64_t distinct_;
  bool dependent_;
  layer::LayerPlan layer_;
  linear::LinearPlan head_;
};

// Holds the logits and tokens that a step of copy 0 left behind against the reference.
Check check_end(const LayerShape& shape, const Tensors& tensors, std::uint64_t seed);

}  // namespace roofproof::cuda::decode
