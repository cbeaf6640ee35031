// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/models/layout.h"

#include <algorithm>
#include <cmath>

namespace roofproof {
namespace {

constexpr double bits_per_byte = 8;

double as_double(std::int64_t value) { return static_cast<double>(value); }

bool is_covered(const Weights& weights, const WeightFormat& format) {
  const bool is_linear = weights.role == Role::linear;
  switch (format.covers) {
    case Covers::everything:
      return true;
    case Covers::experts:
      return is_linear && weights.routed;
    case Covers::linears:
      return is_linear && !weights.kept;
    case Covers::linears_and_head:
      return is_linear || weights.role == Role::head;
  }
  return false;
}

// The share of its copies that a step with `experts` selected ones reads.
double share_read(const Weights& weights, double experts) {
  return weights.routed ? experts / as_double(weights.copies) : 1;
}

std::int64_t tokens_held(const Attention& layer, std::int64_t tokens) {
  return layer.window == 0 ? tokens : std::min(tokens, layer.window);
}

std::int64_t tokens_attended(const Attention& layer, std::int64_t tokens) {
  return layer.chunked ? (tokens - 1) % layer.window + 1 : tokens_held(layer, tokens);
}

}  // namespace

std::int64_t elements(const std::vector<Weights>& weights) {
  std::int64_t sum = 0;
  for (const Weights& one : weights) sum += one.elements();
  return sum;
}

std::int64_t parameters(const ModelLayout& layout) {
  return elements(layout.weights) + elements(layout.vision);
}

std::int64_t active_parameters(const ModelLayout& layout) {
  std::int64_t sum = 0;
  for (const Weights& one : layout.weights) {
    sum += one.routed ? one.elements() / one.copies * layout.experts_per_token : one.elements();
  }
  return sum;
}

double experts_read(const ModelLayout& layout, std::int64_t batch) {
  if (layout.experts == 0) return 0;
  const double share = as_double(layout.experts_per_token) / as_double(layout.experts);
  return as_double(layout.experts) * (1 - std::pow(1 - share, as_double(batch)));
}

double stored_bytes(const Weights& weights, const WeightFormat& format) {
  const double count = as_double(weights.elements());
  if (weights.role == Role::table) return count * format.table_bits / bits_per_byte;
  if (!is_covered(weights, format)) return count * format.plain_bits / bits_per_byte;
  const Scale& scale = format.scale;
  const double blocks =
      std::ceil(as_double(weights.outputs) / as_double(scale.outputs)) *
      (scale.inputs == 0 ? 1 : std::ceil(as_double(weights.inputs) / as_double(scale.inputs)));
  const double beside = blocks * scale.bits + as_double(weights.inputs) * format.bits_per_input;
  return (count * format.bits + as_double(weights.copies) * beside) / bits_per_byte;
}

double stored_bytes(const std::vector<Weights>& weights, const WeightFormat& format) {
  double sum = 0;
  for (const Weights& one : weights) sum += stored_bytes(one, format);
  return sum;
}

double step_weight_bytes(const ModelLayout& layout, const WeightFormat& format, double experts) {
  double sum = 0;
  for (const Weights& one : layout.weights) {
    if (one.role != Role::table) sum += share_read(one, experts) * stored_bytes(one, format);
  }
  return sum;
}

double row_bytes(const ModelLayout& layout, const WeightFormat& format) {
  double sum = 0;
  for (const Weights& one : layout.weights) {
    if (one.role == Role::table) sum += stored_bytes(one, format) / as_double(one.outputs);
  }
  return sum;
}

double resident_weight_bytes(const ModelLayout& layout, const WeightFormat& format) {
  // No format reaches the encoder of images.
  return stored_bytes(layout.weights, format) +
         as_double(elements(layout.vision)) * format.plain_bits / bits_per_byte;
}

double file_weight_bytes(const ModelLayout& layout, const WeightFormat& format) {
  return resident_weight_bytes(layout, format) + stored_bytes(layout.prediction_layers, format);
}

double cache_bytes(const ModelLayout& layout, const CacheFormat& format, std::int64_t tokens) {
  double sum = 0;
  for (const Attention& layer : layout.attention) {
    sum += as_double(layer.cached_elements) * as_double(tokens_held(layer, tokens));
  }
  return sum * format.bits / bits_per_byte;
}

double step_cache_bytes(const ModelLayout& layout, const CacheFormat& format, std::int64_t tokens) {
  double sum = 0;
  for (const Attention& layer : layout.attention) {
    sum += as_double(layer.cached_elements) * as_double(tokens_attended(layer, tokens));
  }
  return sum * format.bits / bits_per_byte;
}

double step_flop(const ModelLayout& layout, std::int64_t tokens) {
  double multiply_adds = 0;
  for (const Weights& one : layout.weights) {
    if (one.role == Role::table || one.role == Role::vector) continue;
    multiply_adds +=
        as_double(one.elements()) * share_read(one, as_double(layout.experts_per_token));
  }
  for (const Attention& layer : layout.attention) {
    multiply_adds += as_double(layer.multiply_adds) * as_double(tokens_attended(layer, tokens));
  }
  return 2 * multiply_adds;
}

WeightFormat format_of_file(const ModelLayout& layout, double bytes, FileKind kind) {
  const double bits = bytes * bits_per_byte;
  if (kind == FileKind::gguf) return average_format(bits / as_double(elements(layout.weights)));
  const double encoder = as_double(elements(layout.vision));
  double tables = 0;
  double others = 0;
  for (const std::vector<Weights>* list : {&layout.weights, &layout.prediction_layers}) {
    for (const Weights& one : *list) {
      (one.role == Role::table ? tables : others) += as_double(one.elements());
    }
  }
  const double others_bits = (bits - 16 * (tables + encoder)) / others;
  if (kind == FileKind::safetensors && others_bits > 0 && others_bits < 16) {
    WeightFormat format = average_format(others_bits);
    format.table_bits = 16;
    return format;
  }
  WeightFormat format = average_format(bits / (tables + others + encoder));
  format.plain_bits = format.bits;
  return format;
}

ModelLayout layout_of(const Model& model) {
  ModelLayout layout;
  layout.name = model.name;
  layout.source = model.source;
  layout.hidden = model.hidden;
  layout.heads = model.heads;
  layout.kv_heads = model.kv_heads;
  layout.activation_elements = 2 * model.hidden +
                               (2 * model.heads + 2 * model.kv_heads) * model.head_dim +
                               2 * model.ffn + model.vocab;
  layout.weights.push_back({"embed_tokens", Role::table, model.vocab, model.hidden});
  for (std::int64_t layer = 0; layer < model.layers; ++layer) {
    const std::string prefix = "layers." + std::to_string(layer) + '.';
    for (const Linear& linear : layer_linears(model)) {
      layout.weights.push_back(
          {prefix + std::string(linear.name), Role::linear, linear.n, linear.k});
    }
    layout.weights.push_back({prefix + "norm", Role::vector, 2 * model.hidden});
    layout.attention.push_back({.cached_elements = 2 * model.kv_heads * model.head_dim,
                                .multiply_adds = 2 * model.heads * model.head_dim});
  }
  layout.weights.push_back({"norm", Role::vector, model.hidden});
  const Linear head = lm_head(model);
  layout.weights.push_back({"lm_head", Role::head, head.n, head.k});
  layout.kernel_model = model;
  return layout;
}

}  // namespace roofproof
