// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// One decoder layer on the host: its tensors, and the operations that take the new tokens of each
// sequence through it. Shared by layer, prefill and decode. What it computes is defined in
// kernels/layer_reference.h.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "kernels/host/gemv_kernel.h"
#include "kernels/host/layer_kernel.h"
#include "kernels/host/operations.h"
#include "kernels/host/tensors.h"
#include "kernels/layer_reference.h"
#include "kernels/problem/model.h"
#include "kernels/problem/problem.h"

namespace roofproof::host {

// What is taken through a model's layers: rows of activations are new tokens, sequence by sequence.
struct LayerShape {
  Model model = {};
  Precision weights = Precision::fp16;
  std::int64_t batch = 0;
  std::int64_t context = 0;     // tokens of each sequence that are cached before
  std::int64_t new_tokens = 1;  // of each: 1 in a step, all in prefill

  std::int64_t rows() const { return batch * new_tokens; }
  std::int64_t cached() const { return context + new_tokens; }  // tokens, afterwards
  bool fp32() const { return weights == Precision::fp32; }
  std::int64_t element() const { return fp32() ? 4 : 2; }  // bytes of an activation
  std::int64_t query_width() const { return model.heads * model.head_dim; }
};
LayerShape layer_shape(const Problem& problem);

// Why a layer of this shape cannot be run; empty where it can.
std::string layer_shape_unsupported(const LayerShape& shape);

// The matrices of a layer; those that share an input are stacked.
enum Matrix { qkv, o, gate_up, down };
inline constexpr std::size_t matrix_count = 4;
std::array<Linear, matrix_count> layer_matrices(const Model& model);

// Of a layer: <prefix>qkv, o, gate_up, down in the canonical formats, with their <matrix>_scales;
// attention_norm, ffn_norm; keys and values [batch, kv_heads, cached, head_dim] FP16.
std::vector<TensorSpec> layer_tensors(const LayerShape& shape, const std::string& prefix);

// How a layer is divided among the threads, and what does the work.
struct LayerPlan {
  LayerPlan(const LayerShape& shape, int threads);

  LayerShape shape;
  GemvKernel gemv;
  LayerKernel kernel;
  std::vector<float> rotation;  // of the new tokens: [new_tokens][head_dim / 2][cosine, sine]
  std::int64_t splits;          // parts of the tokens of one key and value head

  std::int64_t part_size() const;  // floats of attention of one key head and part
};

// What the operations of a step hand to one another: <prefix>query, attention, middle, gated as
// kernels/layer_reference.h names them, and what is in FP32 between the steps of an operation.
std::vector<TensorSpec> step_tensors(const LayerPlan& plan, const std::string& prefix);

// The tensors that a step writes: those that start poisoned, and the caches.
std::vector<std::string> written_tensors(const std::vector<TensorSpec>& specs);

// Workload::counters() of layer, prefill and decode: "kernel_launches", the parallel regions of a
// step, and "weight_snr_db" where the format loses anything.
std::map<std::string, double> step_counters(Precision weights, int regions);

struct StepBuffers {
  StepBuffers(const Tensors& tensors, const std::string& prefix);

  std::byte* normalised;
  std::byte* query;
  std::byte* attention;
  std::byte* middle;
  std::byte* gated;
  float* partial;                             // attention before its parts are put together
  std::array<float*, matrix_count> prepared;  // inputs of the products
  std::array<float*, matrix_count> products;  // their results before they are rounded
};

// Where the new tokens' keys and values go: into the cache, or where nobody reads them.
struct CacheSink {
  std::uint16_t* keys = nullptr;
  std::uint16_t* values = nullptr;
  std::int64_t stride = 0;  // between heads; tokens lie side by side
};

struct LayerData {
  LayerData(const Tensors& tensors, const std::string& prefix, int copy, const LayerShape& shape);

  std::array<GemvOperands, matrix_count> matrices;
  const std::byte* attention_norm;
  const std::byte* ffn_norm;
  std::uint16_t* keys;
  std::uint16_t* values;

  CacheSink newest(const LayerShape& shape) const;
};

// Rows of activations as an operation sees them: input in the format of activations.
using Rows = const std::byte*;

// Adds the operations of one layer. They read what others have produced from `in` and write to
// `out`, the same where they run in order. `plan` has to outlive them.
void add_layer(Operations& operations, const LayerPlan& plan, const LayerData& data,
               const StepBuffers& in, const StepBuffers& out, const CacheSink& cache, Rows input,
               std::byte* output);

// A product of `prepared` rows with rows of a matrix, in FP32. Part of the above, for the LM head.
void multiply_rows(const LayerPlan& plan, const GemvOperands& matrix, const float* prepared,
                   float* products, Share rows);

// Normalises rows [rows, hidden] and prepares them for a product.
Operation normalise_rows(const LayerPlan& plan, Rows input, const std::byte* norm,
                         std::byte* normalised, float* prepared);

// Holds what a layer left behind against the reference. `input` and `output` are names of tensors.
Check check_layer_tensors(const LayerShape& shape, const Tensors& tensors,
                          const std::string& prefix, int copy, const std::string& input,
                          const std::string& output, const Preparation& preparation);

LayerCase layer_case(const LayerShape& shape, std::uint64_t seed);

// Row-major values of a tensor with so many columns, of FP16 or FP32.
Element stored_values(const Tensors& tensors, const std::string& name, std::int64_t columns,
                      bool fp32);
std::function<double(std::int64_t)> norm_values(const Tensors& tensors, const std::string& name,
                                                int copy, bool fp32);

}  // namespace roofproof::host
