// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/float16.h"
#include "kernels/host/layer.h"
#include "kernels/host/weight_tensors.h"

namespace roofproof::host {

LayerCase layer_case(const LayerShape& shape, std::uint64_t seed) {
  return {.model = shape.model,
          .batch = shape.batch,
          .context = shape.context,
          .new_tokens = shape.new_tokens,
          .fp32 = shape.fp32(),
          .seed = seed,
          .fp16_attention = false};
}

Element stored_values(const Tensors& tensors, const std::string& name, std::int64_t columns,
                      bool fp32) {
  const std::byte* const data = tensors.data(name, 0);
  return [=](std::int64_t row, std::int64_t column) {
    const std::int64_t at = row * columns + column;
    return static_cast<double>(fp32 ? reinterpret_cast<const float*>(data)[at]
                                    : to_float(reinterpret_cast<const std::uint16_t*>(data)[at]));
  };
}

std::function<double(std::int64_t)> norm_values(const Tensors& tensors, const std::string& name,
                                                int copy, bool fp32) {
  const std::byte* const data = tensors.data(name, copy);
  return [=](std::int64_t i) {
    return static_cast<double>(fp32 ? reinterpret_cast<const float*>(data)[i]
                                    : to_float(reinterpret_cast<const std::uint16_t*>(data)[i]));
  };
}

Check check_layer_tensors(const LayerShape& shape, const Tensors& tensors,
                          const std::string& prefix, int copy, const std::string& input,
                          const std::string& output, const Preparation& preparation) {
  const Model& model = shape.model;
  const auto linears = layer_matrices(model);
  const auto weights = [&](Matrix matrix) {
    return weight_values(tensors, matrix_name(prefix + std::string(linears[matrix].name)), copy,
                         linears[matrix].k, shape.weights);
  };
  const auto rows = [&](const std::string& name, std::int64_t columns) {
    return stored_values(tensors, name, columns, shape.fp32());
  };
  const auto cache = [&](const std::string& name) -> LayerActivations::Cache {
    const auto* const data = tensors.as<std::uint16_t>(prefix + name, copy);
    return [=, kv_heads = model.kv_heads, dim = model.head_dim, count = shape.cached()](
               std::int64_t sequence, std::int64_t head, std::int64_t token, std::int64_t i) {
      return static_cast<double>(
          to_float(data[((sequence * kv_heads + head) * count + token) * dim + i]));
    };
  };
  return check_layer(
      layer_case(shape, preparation.seed),
      {.qkv = weights(qkv),
       .o = weights(o),
       .gate_up = weights(gate_up),
       .down = weights(down),
       .attention_norm = norm_values(tensors, prefix + "attention_norm", copy, shape.fp32()),
       .ffn_norm = norm_values(tensors, prefix + "ffn_norm", copy, shape.fp32())},
      {.input = rows(input, model.hidden),
       .query = rows("query", shape.query_width()),
       .keys = cache("keys"),
       .values = cache("values"),
       .attention = rows("attention", shape.query_width()),
       .middle = rows("middle", model.hidden),
       .gated = rows("gated", model.ffn),
       .output = rows(output, model.hidden)});
}

}  // namespace roofproof::host
