// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/model.h"

#include <algorithm>
#include <cstring>

#include "kernels/host/weight_tensors.h"

namespace roofproof::host {
namespace {

constexpr std::int64_t free_bytes = std::int64_t{256} << 20;
constexpr std::int64_t rows_grain = 16;

std::int64_t tensor_bytes(const std::vector<TensorSpec>& specs, int copies) {
  std::int64_t bytes = 0;
  for (const TensorSpec& spec : specs) {
    bytes += spec.count * element_bytes(spec.type) * (spec.rotated ? copies : 1);
  }
  return bytes;
}

}  // namespace

std::int64_t distinct_layers(const LayerShape& shape, int threads, int copies,
                             std::int64_t available) {
  // Twice the state: the rungs have a second one.
  const std::int64_t fixed = tensor_bytes(model_tensors(shape, 0), copies) +
                             2 * tensor_bytes(state_tensors({shape, threads}, ""), copies);
  const std::int64_t fitting =
      (available - free_bytes - fixed) / tensor_bytes(layer_tensors(shape, ""), copies);
  return std::clamp<std::int64_t>(fitting, 0, shape.model.layers);
}

std::string layer_prefix(std::int64_t resident) { return "layer" + std::to_string(resident) + "."; }

std::vector<TensorSpec> model_tensors(const LayerShape& shape, std::int64_t distinct) {
  const Model& model = shape.model;
  const ElementType activation = activation_type(shape.weights);
  std::vector<TensorSpec> specs;
  for (std::int64_t layer = 0; layer < distinct; ++layer) {
    for (TensorSpec& spec : layer_tensors(shape, layer_prefix(layer))) {
      specs.push_back(std::move(spec));
    }
  }
  specs.push_back({"final_norm", activation, model.hidden, Fill::norm});
  const Linear head = lm_head(model);
  add_weights(specs, matrix_name("lm_head"), head.n, head.k, shape.weights);
  specs.push_back(
      {"embedding", activation, model.vocab * model.hidden, Fill::random, /*rotated=*/false});
  specs.push_back({"tokens", ElementType::int32, shape.batch, Fill::random, /*rotated=*/false});
  return specs;
}

std::vector<TensorSpec> state_tensors(const LayerPlan& plan, const std::string& prefix) {
  const LayerShape& shape = plan.shape;
  const Model& model = shape.model;
  const ElementType activation = activation_type(shape.weights);
  std::vector<TensorSpec> specs = step_tensors(plan, prefix);
  const auto add = [&](const char* name, ElementType type, std::int64_t width) {
    specs.push_back({prefix + name, type, shape.batch * width, Fill::poison, /*rotated=*/false});
  };
  add("hidden_a", activation, model.hidden);
  add("hidden_b", activation, model.hidden);
  add("prepared_lm_head", ElementType::fp32, plan.gemv.prepared_size(model.hidden));
  add("logits", ElementType::fp32, model.vocab);
  add("next_tokens", ElementType::int32, 1);
  add("newest_keys", ElementType::fp16, model.kv_heads * model.head_dim);
  add("newest_values", ElementType::fp16, model.kv_heads * model.head_dim);
  return specs;
}

StepState::StepState(const Tensors& tensors, const std::string& prefix, const LayerShape& shape)
    : layer(tensors, prefix),
      hidden{tensors.data(prefix + "hidden_a", 0), tensors.data(prefix + "hidden_b", 0)},
      prepared_lm_head(tensors.as<float>(prefix + "prepared_lm_head", 0)),
      logits(tensors.as<float>(prefix + "logits", 0)),
      next_tokens(tensors.as<std::int32_t>(prefix + "next_tokens", 0)),
      newest{tensors.as<std::uint16_t>(prefix + "newest_keys", 0),
             tensors.as<std::uint16_t>(prefix + "newest_values", 0), shape.model.head_dim} {}

const char* hidden_of(std::int64_t layer) { return layer % 2 == 0 ? "hidden_a" : "hidden_b"; }

void Step::add_embedding(Operations& operations) const {
  const std::int64_t row_bytes = plan_.shape.model.hidden * plan_.shape.element();
  // Out of order it would race with layers that write the same hidden state.
  operations.push_back(
      {.count = plan_.shape.batch,
       .finish = [=, table = tensors_.data("embedding", 0),
                  tokens = tensors_.as<std::int32_t>("tokens", 0),
                  hidden = in_order() ? out_.hidden[0] : out_.layer.normalised](Share sequences) {
         for (std::int64_t j = sequences.begin; j < sequences.end; ++j) {
           std::memcpy(hidden + j * row_bytes, table + tokens[j] * row_bytes,
                       static_cast<std::size_t>(row_bytes));
         }
       }});
}

void Step::add_layer(Operations& operations, std::int64_t layer) const {
  const LayerData data(tensors_, prefix(layer), copy_, plan_.shape);
  host::add_layer(operations, plan_, data, in_.layer, out_.layer,
                  in_order() ? data.newest(plan_.shape) : out_.newest,
                  in_.hidden[static_cast<std::size_t>(layer % 2)],
                  out_.hidden[static_cast<std::size_t>((layer + 1) % 2)]);
}

void Step::add_head(Operations& operations) const {
  const Linear head = lm_head(plan_.shape.model);
  operations.push_back(normalise_rows(
      plan_, in_.hidden[static_cast<std::size_t>(plan_.shape.model.layers % 2)],
      tensors_.data("final_norm", copy_), out_.layer.normalised, out_.prepared_lm_head));
  operations.push_back(
      {.count = head.n,
       .grain = rows_grain,
       .multiply = [&plan = plan_, prepared = in_.prepared_lm_head, logits = out_.logits,
                    matrix = weight_operands(tensors_, matrix_name("lm_head"), copy_, head.n,
                                             head.k, plan_.shape.weights)](Share rows) {
         multiply_rows(plan, matrix, prepared, logits, rows);
       }});
  operations.push_back({.count = plan_.shape.batch,
                        .finish = [&plan = plan_, logits = in_.logits, next = out_.next_tokens,
                                   vocab = head.n](Share sequences) {
                          for (std::int64_t j = sequences.begin; j < sequences.end; ++j) {
                            next[j] = static_cast<std::int32_t>(
                                plan.kernel.argmax(logits + j * vocab, vocab));
                          }
                        }});
}

Operations Step::all() const {
  Operations operations;
  add_embedding(operations);
  for (std::int64_t layer = 0; layer < plan_.shape.model.layers; ++layer) {
    add_layer(operations, layer);
  }
  add_head(operations);
  return operations;
}

}  // namespace roofproof::host
