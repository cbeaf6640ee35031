// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// One decoder layer on a GPU: its tensors, and the launches that take one new token of each
// sequence through it, or all tokens of one (prefill). Shared by layer, prefill and decode.
//
//   1  norm, query, key and value projections; rotation; filing in the cache
//   2  attention: of a step split over the cache and put together, of a prefill causal
//   3  output projection + residual
//   4  norm, gate and up projections, silu(gate) up
//   5  down projection + residual
//
// Norms are fused up to four sequences and launches of their own above.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "kernels/cuda/layer/attention_job.h"
#include "kernels/cuda/linear/linear.h"
#include "kernels/cuda/tensors.h"
#include "kernels/device.h"
#include "kernels/layer_reference.h"
#include "kernels/problem/model.h"
#include "kernels/weights.h"

namespace roofproof::cuda::layer {

using linear::LinearBuffers;
using linear::LinearJob;
using linear::LinearPlan;
using linear::PackedShape;
using linear::Variant;
using linear::WeightFormat;

// A step of a model's layers.
struct LayerShape {
  Model model = {};
  WeightFormat format = WeightFormat::fp16;
  int batch = 0;       // sequences
  int context = 0;     // tokens of each in the cache; the first new one is at this position
  int new_tokens = 1;  // of each: 1 in a step; all in a prefill, with batch 1 and context 0

  bool fp32() const { return format == WeightFormat::fp32; }
  ElementType activation() const { return fp32() ? ElementType::fp32 : ElementType::fp16; }
  bool prefill() const { return new_tokens > 1; }
  int rows() const { return batch * new_tokens; }  // of activations
  int cache_tokens() const { return context + new_tokens; }
  std::int64_t cache_values() const {  // of keys, or of values
    return std::int64_t{batch} * model.kv_heads * cache_tokens() * model.head_dim;
  }

  PackedShape qkv() const;  // pairs of rows: the halves of a head
  PackedShape o() const;
  PackedShape gate_up() const;  // pairs of rows: gate and up
  PackedShape down() const;
};

// Why the layer cannot be run; empty where it can.
std::string shape_unsupported(const LayerShape& shape);

// The matrices of a layer by the names of their tensors.
struct Matrix {
  const char* name;  // "qkv", "o", "gate_up", "down"
  PackedShape (LayerShape::*shape)() const;
};
const std::vector<Matrix>& matrices();

// Tensors of a layer: <prefix>qkv, o, gate_up, down (packed), <matrix>_scales (INT8),
// attention_norm, ffn_norm, keys, values.
std::vector<TensorSpec> layer_tensors(const LayerShape& shape, const std::string& prefix,
                                      bool rotated);
// Of the step, the same for all layers: query, attention, middle, gated.
std::vector<TensorSpec> activation_tensors(const LayerShape& shape);
// Device memory of one copy.
std::int64_t tensor_bytes(const std::vector<TensorSpec>& specs);

// A packed matrix "<name>" with its scales in "<name>_scales", and norms, which nobody quantises.
void add_matrix(std::vector<TensorSpec>& specs, const std::string& name, const PackedShape& shape,
                bool rotated);
void fill_matrix(Tensors& tensors, const std::string& name, int copy, const PackedShape& shape,
                 cudaStream_t stream);
void fill_norm(Tensors& tensors, const std::string& name, int copy, std::int64_t width, bool fp32);
RandomWeights matrix_weights(const Tensors& tensors, const std::string& name, int copy,
                             const PackedShape& shape);
// The exact values of a norm.
std::function<double(std::int64_t)> norm_weights(const Tensors& tensors, const std::string& name,
                                                 int copy, std::int64_t width, bool fp32);

// Packs the weights and fills the norms of a layer.
void fill_layer(Tensors& tensors, const std::string& prefix, int copy, const LayerShape& shape,
                cudaStream_t stream);

// Where a launch finds a matrix.
struct MatrixPointers {
  const unsigned char* weights = nullptr;
  const float* row_scales = nullptr;
};
MatrixPointers matrix_pointers(const Tensors& tensors, const std::string& name, int copy,
                               const PackedShape& shape);

struct LayerPointers {
  MatrixPointers qkv, o, gate_up, down;
  const void* attention_norm = nullptr;
  const void* ffn_norm = nullptr;
  void* keys = nullptr;
  void* values = nullptr;
};
LayerPointers layer_pointers(const Tensors& tensors, const std::string& prefix, int copy,
                             const LayerShape& shape);

struct ActivationPointers {
  void* query = nullptr;
  void* attention = nullptr;
  void* middle = nullptr;
  void* gated = nullptr;
};
ActivationPointers activation_pointers(const Tensors& tensors);

// How the launches of a layer are divided, and the memory that they share.
class LayerPlan {
 public:
  LayerPlan(const LayerShape& shape, Variant variant, const Device& device);

  // Clears the workspace and uploads the rotation. To be called once, before the first launch;
  // `linear` is what else is to share the workspace.
  void allocate(const linear::LinearWorkspaceSize& linear, cudaStream_t stream);
  linear::LinearWorkspace workspace() const { return linear_buffers_.view(); }

  // The operations, each one or more launches. `dependent`: they may begin before their
  // predecessors have ended, where their kernels wait for them themselves.
  void project(const LayerPointers& layer, const ActivationPointers& activations, const void* input,
               bool dependent, cudaStream_t stream) const;
  void attend(const LayerPointers& layer, const ActivationPointers& activations, bool dependent,
              cudaStream_t stream) const;
  void add_attention(const LayerPointers& layer, const ActivationPointers& activations,
                     const void* input, bool dependent, cudaStream_t stream) const;
  void gate(const LayerPointers& layer, const ActivationPointers& activations, bool dependent,
            cudaStream_t stream) const;
  void add_ffn(const LayerPointers& layer, const ActivationPointers& activations, void* output,
               bool dependent, cudaStream_t stream) const;

  // All of them, in order.
  void launch(const LayerPointers& layer, const ActivationPointers& activations, const void* input,
              void* output, bool dependent, cudaStream_t stream) const;
  int launches() const;

  // "bulk_sm90 x8, attention split 16, 5 launches"
  std::string label() const;

  const LinearPlan& qkv_plan() const { return qkv_; }
  const LinearPlan& o_plan() const { return o_; }
  const LinearPlan& gate_up_plan() const { return gate_up_; }
  const LinearPlan& down_plan() const { return down_; }

 private:
  LayerShape shape_;
  Variant variant_;
  bool dependent_attention_;
  LinearPlan qkv_;
  LinearPlan o_;
  LinearPlan gate_up_;
  LinearPlan down_;
  AttentionJob attention_;
  LinearBuffers linear_buffers_;
  Buffer attention_partial_;
  Buffer attention_arrivals_;
  Buffer rotation_;
};

// Holds what a step left behind against the reference. `input` and `output` are names of tensors.
Check check_layer_tensors(const LayerShape& shape, const Tensors& tensors,
                          const std::string& prefix, int copy, const std::string& input,
                          const std::string& output, std::uint64_t seed);

// {"kernel_launches", n}, and "weight_snr_db" where the format loses anything.
std::map<std::string, double> step_counters(Precision weights, int launches);

// Row-major values of a tensor [rows, columns] of FP16 or FP32, downloaded.
Element downloaded(const Tensors& tensors, const std::string& name, int copy, std::int64_t rows,
                   std::int64_t columns, bool fp32);

}  // namespace roofproof::cuda::layer
