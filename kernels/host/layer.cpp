// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/layer.h"

#include <algorithm>
#include <cmath>

#include "kernels/host/weight_tensors.h"
#include "kernels/quantize.h"

namespace roofproof::host {
namespace {

// Rows whose results fill a cache line of FP32: shares are counted in these.
constexpr std::int64_t rows_grain = 16;

constexpr const char* matrix_names[matrix_count] = {"qkv", "o", "gate_up", "down"};

// Fewer tokens are not worth being put together.
constexpr std::int64_t least_tokens = 64;

// Of rows of activations of `width` values.
template <class Byte>
Byte* row(const LayerShape& shape, Byte* rows, std::int64_t index, std::int64_t width,
          std::int64_t first = 0) {
  return rows + (index * width + first) * shape.element();
}

// Calls body(head, i, size) for the parts of heads that pairs [begin, end) belong to: a pair is
// element i of a head's first half with element i of its second.
template <class Body>
void for_each_half(std::int64_t half, Share pairs, const Body& body) {
  for (std::int64_t pair = pairs.begin; pair < pairs.end;) {
    const std::int64_t i = pair % half;
    const std::int64_t size = std::min(half - i, pairs.end - pair);
    body(pair / half, i, size);
    pair += size;
  }
}

}  // namespace

LayerShape layer_shape(const Problem& problem) {
  const Shape& shape = problem.shape;
  LayerShape layer = {.model = find_model(shape.model), .weights = problem.precision};
  if (problem.op == Op::prefill) {
    layer.batch = 1;
    layer.new_tokens = shape.m;
  } else {
    layer.batch = shape.batch;
    layer.context = shape.context;
  }
  return layer;
}

std::string layer_shape_unsupported(const LayerShape& shape) {
  if (shape.rows() < 1 || shape.context < 0)
    return "batch and m must be at least 1, context at least 0";
  if (shape.batch > gemv_most_batch) {
    return "the host takes batches up to " + std::to_string(gemv_most_batch);
  }
  if (shape.model.head_dim > most_head_dim) {
    return "the host takes heads of up to " + std::to_string(most_head_dim) + " values";
  }
  return {};
}

std::array<Linear, matrix_count> layer_matrices(const Model& model) {
  const std::int64_t query = model.heads * model.head_dim;
  const std::int64_t key = model.kv_heads * model.head_dim;
  return {{{matrix_names[qkv], query + 2 * key, model.hidden},
           {matrix_names[o], model.hidden, query},
           {matrix_names[gate_up], 2 * model.ffn, model.hidden},
           {matrix_names[down], model.hidden, model.ffn}}};
}

std::vector<TensorSpec> layer_tensors(const LayerShape& shape, const std::string& prefix) {
  const Model& model = shape.model;
  std::vector<TensorSpec> specs;
  for (const Linear& matrix : layer_matrices(model)) {
    add_weights(specs, matrix_name(prefix + std::string(matrix.name)), matrix.n, matrix.k,
                shape.weights);
  }
  for (const char* norm : {"attention_norm", "ffn_norm"}) {
    specs.push_back({prefix + norm, activation_type(shape.weights), model.hidden, Fill::norm});
  }
  const std::int64_t cached = shape.batch * model.kv_heads * shape.cached() * model.head_dim;
  for (const char* cache : {"keys", "values"}) {
    specs.push_back({prefix + cache, ElementType::fp16, cached, Fill::random});
  }
  return specs;
}

LayerPlan::LayerPlan(const LayerShape& the_shape, int threads)
    : shape(the_shape), gemv(gemv_kernel(shape.weights)), kernel(layer_kernel(shape.fp32())) {
  for (std::int64_t position = shape.context; position < shape.cached(); ++position) {
    const std::vector<float> table = rotation_table(shape.model.head_dim, position);
    rotation.insert(rotation.end(), table.begin(), table.end());
  }
  const std::int64_t heads = shape.rows() * shape.model.kv_heads;
  const std::int64_t wanted = (threads + heads - 1) / heads;
  splits = std::clamp<std::int64_t>(wanted, 1, (shape.cached() + least_tokens - 1) / least_tokens);
}

std::int64_t LayerPlan::part_size() const {
  return shape.model.heads / shape.model.kv_heads * attention_part_size(shape.model.head_dim);
}

std::vector<TensorSpec> step_tensors(const LayerPlan& plan, const std::string& prefix) {
  const LayerShape& shape = plan.shape;
  const Model& model = shape.model;
  std::vector<TensorSpec> specs;
  const auto add = [&](const std::string& name, ElementType type, std::int64_t width) {
    specs.push_back({prefix + name, type, shape.rows() * width, Fill::poison, /*rotated=*/false});
  };
  const ElementType activation = activation_type(shape.weights);
  add("normalised", activation, model.hidden);
  add("query", activation, shape.query_width());
  add("attention", activation, shape.query_width());
  add("middle", activation, model.hidden);
  add("gated", activation, model.ffn);
  add("partial", ElementType::fp32, model.kv_heads * plan.splits * plan.part_size());
  for (const Linear& matrix : layer_matrices(model)) {
    add("prepared_" + std::string(matrix.name), ElementType::fp32,
        plan.gemv.prepared_size(matrix.k));
    add("products_" + std::string(matrix.name), ElementType::fp32, matrix.n);
  }
  return specs;
}

std::vector<std::string> written_tensors(const std::vector<TensorSpec>& specs) {
  std::vector<std::string> names;
  for (const TensorSpec& spec : specs) {
    const bool cache = spec.name.ends_with("keys") || spec.name.ends_with("values");
    if (spec.fill == Fill::poison || cache) names.push_back(spec.name);
  }
  return names;
}

std::map<std::string, double> step_counters(Precision weights, int regions) {
  std::map<std::string, double> counters = {{"kernel_launches", regions}};
  const double snr_db = quantization_snr_db(weights);
  if (std::isfinite(snr_db)) counters["weight_snr_db"] = snr_db;
  return counters;
}

StepBuffers::StepBuffers(const Tensors& tensors, const std::string& prefix)
    : normalised(tensors.data(prefix + "normalised", 0)),
      query(tensors.data(prefix + "query", 0)),
      attention(tensors.data(prefix + "attention", 0)),
      middle(tensors.data(prefix + "middle", 0)),
      gated(tensors.data(prefix + "gated", 0)),
      partial(tensors.as<float>(prefix + "partial", 0)) {
  for (std::size_t i = 0; i < matrix_count; ++i) {
    prepared[i] = tensors.as<float>(prefix + "prepared_" + matrix_names[i], 0);
    products[i] = tensors.as<float>(prefix + "products_" + matrix_names[i], 0);
  }
}

LayerData::LayerData(const Tensors& tensors, const std::string& prefix, int copy,
                     const LayerShape& shape)
    : attention_norm(tensors.data(prefix + "attention_norm", copy)),
      ffn_norm(tensors.data(prefix + "ffn_norm", copy)),
      keys(tensors.as<std::uint16_t>(prefix + "keys", copy)),
      values(tensors.as<std::uint16_t>(prefix + "values", copy)) {
  const auto linears = layer_matrices(shape.model);
  for (std::size_t i = 0; i < matrix_count; ++i) {
    matrices[i] = weight_operands(tensors, matrix_name(prefix + matrix_names[i]), copy,
                                  linears[i].n, linears[i].k, shape.weights);
  }
}

CacheSink LayerData::newest(const LayerShape& shape) const {
  const std::int64_t at = shape.context * shape.model.head_dim;
  return {keys + at, values + at, shape.cached() * shape.model.head_dim};
}

void multiply_rows(const LayerPlan& plan, const GemvOperands& matrix, const float* prepared,
                   float* products, Share rows) {
  GemvOperands operands = matrix;
  operands.batch = plan.shape.rows();
  operands.x = prepared;
  operands.y = reinterpret_cast<std::byte*>(products);
  plan.gemv.multiply_fp32(operands, rows);
}

namespace {

// Prepares one of rows [rows, width] for a product.
void prepare_row(const LayerPlan& plan, std::int64_t index, Rows rows, std::int64_t width,
                 float* prepared) {
  plan.gemv.prepare_x(prepared + index * plan.gemv.prepared_size(width),
                      row(plan.shape, rows, index, width), width);
}

// body(row) for all.
template <class Body>
Operation for_each_row(const LayerPlan& plan, const Body& body) {
  return {.count = plan.shape.rows(), .finish = [body](Share rows) {
            for (std::int64_t j = rows.begin; j < rows.end; ++j) body(j);
          }};
}

Operation project(const LayerPlan& plan, const LayerData& data, const StepBuffers& in,
                  const StepBuffers& out, const CacheSink& cache) {
  const Model& model = plan.shape.model;
  const std::int64_t half = model.head_dim / 2;
  Operation operation{.count = (model.heads + 2 * model.kv_heads) * half, .grain = rows_grain};
  operation.multiply = [&plan, data, in, out, half](Share pairs) {
    for_each_half(half, pairs, [&](std::int64_t head, std::int64_t i, std::int64_t size) {
      for (const std::int64_t first : {2 * head * half + i, (2 * head + 1) * half + i}) {
        multiply_rows(plan, data.matrices[qkv], in.prepared[qkv], out.products[qkv],
                      {first, first + size});
      }
    });
  };
  // The halves of a part of a head, turned, to their places.
  operation.finish = [&plan, n = data.matrices[qkv].n, out, cache, half](Share pairs) {
    const LayerShape& shape = plan.shape;
    const std::int64_t heads = shape.model.heads;
    const std::int64_t kv_heads = shape.model.kv_heads;
    for_each_half(half, pairs, [&](std::int64_t head, std::int64_t i, std::int64_t size) {
      for (std::int64_t j = 0; j < shape.rows(); ++j) {
        const std::int64_t sequence = j / shape.new_tokens;
        const std::int64_t token = j % shape.new_tokens;
        const float* const first = out.products[qkv] + j * n + 2 * head * half + i;
        float turned[most_head_dim];
        const float* halves[2] = {first, first + half};
        if (head < heads + kv_heads) {
          plan.kernel.rotate(turned, first, first + half,
                             plan.rotation.data() + 2 * (token * half + i), size);
          halves[0] = turned;
          halves[1] = turned + size;
        }
        for (const std::int64_t part : {0, 1}) {
          const std::int64_t at = i + part * half;
          if (head < heads) {
            std::byte* const to =
                row(shape, out.query, j, shape.query_width(), 2 * head * half + at);
            plan.kernel.store(to, halves[part], size);
          } else {
            const std::int64_t kv_head = (head - heads) % kv_heads;
            std::uint16_t* const to = head < heads + kv_heads ? cache.keys : cache.values;
            plan.kernel.store_fp16(
                to + (sequence * kv_heads + kv_head) * cache.stride + token * 2 * half + at,
                halves[part], size);
          }
        }
      }
    });
  };
  return operation;
}

// The first token of a sequence attends to one, the last to all: one from the front, one from the
// back, so that any share of the rows is an even one of the work.
std::int64_t row_in_turn(const LayerShape& shape, std::int64_t i) {
  const std::int64_t token = i % shape.new_tokens;
  return i - token + (token % 2 == 0 ? token / 2 : shape.new_tokens - 1 - token / 2);
}

Operation attend(const LayerPlan& plan, const LayerData& data, const StepBuffers& in,
                 const StepBuffers& out) {
  const Model& model = plan.shape.model;
  Operation operation{.count = plan.shape.rows() * model.kv_heads * plan.splits};
  operation.finish = [&plan, data, in, out](Share parts) {
    const LayerShape& shape = plan.shape;
    const std::int64_t kv_heads = shape.model.kv_heads;
    const std::int64_t group = shape.model.heads / kv_heads;
    const std::int64_t dim = shape.model.head_dim;
    for (std::int64_t i = parts.begin; i < parts.end; ++i) {
      const std::int64_t head = i / plan.splits;
      const std::int64_t row = row_in_turn(shape, head / kv_heads);
      const std::int64_t row_head = row * kv_heads + head % kv_heads;
      // Causal: those up to the row's own.
      const std::int64_t tokens = shape.context + row % shape.new_tokens + 1;
      const int split = static_cast<int>(i % plan.splits);
      const Share part = share_of(tokens, least_tokens, split, static_cast<int>(plan.splits));
      const std::int64_t cache_head = row / shape.new_tokens * kv_heads + head % kv_heads;
      const std::int64_t first = (cache_head * shape.cached() + part.begin) * dim;
      plan.kernel.attend(
          {.query = in.query + row_head * group * dim * shape.element(),
           .keys = data.keys + first,
           .values = data.values + first,
           .group = group,
           .head_dim = dim,
           .tokens = part.size(),
           .partial = out.partial + (row_head * plan.splits + split) * plan.part_size()});
    }
  };
  return operation;
}

Operation combine(const LayerPlan& plan, const StepBuffers& in, const StepBuffers& out) {
  return for_each_row(plan, [&plan, in, out](std::int64_t j) {
    const LayerShape& shape = plan.shape;
    const Model& model = shape.model;
    const std::int64_t group = model.heads / model.kv_heads;
    for (std::int64_t head = 0; head < model.heads; ++head) {
      const std::int64_t parts = (j * model.kv_heads + head / group) * plan.splits;
      const float* const partial = in.partial + parts * plan.part_size() +
                                   head % group * attention_part_size(model.head_dim);
      plan.kernel.combine(row(shape, out.attention, j, shape.query_width(), head * model.head_dim),
                          partial, plan.splits, plan.part_size(), model.head_dim);
    }
    prepare_row(plan, j, out.attention, shape.query_width(), out.prepared[o]);
  });
}

// output = residual + W x, for o and down.
Operation add_product(const LayerPlan& plan, const LayerData& data, Matrix matrix,
                      const StepBuffers& in, const StepBuffers& out, Rows residual,
                      std::byte* output) {
  const std::int64_t hidden = plan.shape.model.hidden;
  Operation operation{.count = hidden, .grain = rows_grain};
  operation.multiply = [&plan, data, matrix, in, out](Share rows) {
    multiply_rows(plan, data.matrices[matrix], in.prepared[matrix], out.products[matrix], rows);
  };
  operation.finish = [&plan, matrix, out, residual, output, hidden](Share rows) {
    for (std::int64_t j = 0; j < plan.shape.rows(); ++j) {
      plan.kernel.add(row(plan.shape, output, j, hidden, rows.begin),
                      row(plan.shape, residual, j, hidden, rows.begin),
                      out.products[matrix] + j * hidden + rows.begin, rows.size());
    }
  };
  return operation;
}

Operation gate(const LayerPlan& plan, const LayerData& data, const StepBuffers& in,
               const StepBuffers& out) {
  const std::int64_t ffn = plan.shape.model.ffn;
  Operation operation{.count = ffn, .grain = rows_grain};
  operation.multiply = [&plan, data, in, out, ffn](Share rows) {
    for (const std::int64_t first : {rows.begin, ffn + rows.begin}) {
      multiply_rows(plan, data.matrices[gate_up], in.prepared[gate_up], out.products[gate_up],
                    {first, first + rows.size()});
    }
  };
  operation.finish = [&plan, out, ffn](Share rows) {
    for (std::int64_t j = 0; j < plan.shape.rows(); ++j) {
      const float* const gates = out.products[gate_up] + 2 * j * ffn + rows.begin;
      plan.kernel.gate(row(plan.shape, out.gated, j, ffn, rows.begin), gates, gates + ffn,
                       rows.size());
    }
  };
  return operation;
}

}  // namespace

Operation normalise_rows(const LayerPlan& plan, Rows input, const std::byte* norm,
                         std::byte* normalised, float* prepared) {
  return for_each_row(plan, [&plan, input, norm, normalised, prepared](std::int64_t j) {
    const std::int64_t hidden = plan.shape.model.hidden;
    plan.kernel.normalise(row(plan.shape, normalised, j, hidden), row(plan.shape, input, j, hidden),
                          norm, hidden, norm_epsilon);
    prepare_row(plan, j, normalised, hidden, prepared);
  });
}

void add_layer(Operations& operations, const LayerPlan& plan, const LayerData& data,
               const StepBuffers& in, const StepBuffers& out, const CacheSink& cache, Rows input,
               std::byte* output) {
  operations.push_back(
      normalise_rows(plan, input, data.attention_norm, out.normalised, out.prepared[qkv]));
  operations.push_back(project(plan, data, in, out, cache));
  operations.push_back(attend(plan, data, in, out));
  operations.push_back(combine(plan, in, out));
  operations.push_back(add_product(plan, data, o, in, out, input, out.middle));
  operations.push_back(
      normalise_rows(plan, in.middle, data.ffn_norm, out.normalised, out.prepared[gate_up]));
  operations.push_back(gate(plan, data, in, out));
  operations.push_back(for_each_row(plan, [&plan, in, out](std::int64_t j) {
    prepare_row(plan, j, in.gated, plan.shape.model.ffn, out.prepared[down]);
  }));
  operations.push_back(add_product(plan, data, down, in, out, in.middle, output));
}

}  // namespace roofproof::host
