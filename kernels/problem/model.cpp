// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/problem/model.h"

#include <charconv>
#include <stdexcept>
#include <string>

#include "kernels/problem/problem.h"

namespace roofproof {
namespace {

// Mistral-7B from v0.2 on has no sliding window (v0.1 had one of 4096 tokens); v0.3 widened the
// vocabulary to 32768, so these are v0.2's.
const Model known_models[] = {
    {"mistral-7b", 32, 4096, 14336, 32, 8, 128, 32000,
     "config.json of mistralai/Mistral-7B-Instruct-v0.2 (huggingface.co); arXiv:2310.06825 table "
     "1"},
    {"llama-3-8b", 32, 4096, 14336, 32, 8, 128, 128256,
     "config.json of meta-llama/Meta-Llama-3-8B (huggingface.co); arXiv:2407.21783 table 3"},
    {"llama-2-7b", 32, 4096, 11008, 32, 32, 128, 32000,
     "config.json of meta-llama/Llama-2-7b-hf (huggingface.co); arXiv:2307.09288"},
    {"llama-2-13b", 40, 5120, 13824, 40, 40, 128, 32000,
     "config.json of meta-llama/Llama-2-13b-hf (huggingface.co); arXiv:2307.09288"},
    {"llama-2-70b", 80, 8192, 28672, 64, 8, 128, 32000,
     "config.json of meta-llama/Llama-2-70b-hf (huggingface.co); arXiv:2307.09288"},
    {"tiny", 2, 512, 1408, 4, 2, 128, 1000, "made up, for tests"},
};

constexpr double kv_element_bytes = 2;  // FP16

double plain_element_bytes(Precision weights) { return weights == Precision::fp32 ? 4 : 2; }

double linear_bytes(const Linear& linear, Precision weights) {
  return weight_bytes(weights, static_cast<double>(linear.n), static_cast<double>(linear.k));
}

std::int64_t elements(const Linear& linear) { return linear.n * linear.k; }

std::int64_t layer_linear_elements(const Model& model) {
  std::int64_t sum = 0;
  for (const Linear& linear : layer_linears(model)) sum += elements(linear);
  return sum;
}

constexpr std::int64_t Model::*dimensions_in_order[] = {
    &Model::layers,   &Model::hidden,   &Model::ffn,  &Model::heads,
    &Model::kv_heads, &Model::head_dim, &Model::vocab};
constexpr const char* dimensions_in_words =
    "layers x hidden x ffn x heads x kv heads x head dimension x vocabulary";

[[noreturn]] void refuse(std::string_view name, const std::string& reason) {
  throw std::invalid_argument("model '" + std::string(name) + "': " + reason);
}

// With these two limits no count of a batch of a million overflows.
constexpr std::int64_t largest_dimension = std::int64_t{1} << 20;
constexpr double most_flop_per_token = 2e12;

// Without a leading zero, so that one model has one spelling.
std::int64_t parse_dimension(std::string_view name, std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || text.front() == '0' || value < 1 || value > largest_dimension) {
    refuse(name, "'" + std::string(text) + "' is not a dimension from 1 to " +
                     std::to_string(largest_dimension));
  }
  return value;
}

Model parse_model(std::string_view name) {
  Model model = {.name = std::string(name), .source = "the dimensions in its name"};
  std::string_view rest = name;
  for (const auto dimension : dimensions_in_order) {
    const std::size_t end = rest.find('x');
    const bool is_last = dimension == &Model::vocab;
    if (is_last != (end == std::string_view::npos)) {
      refuse(name, std::string("a model needs seven dimensions: ") + dimensions_in_words);
    }
    model.*dimension = parse_dimension(name, rest.substr(0, end));
    if (!is_last) rest.remove_prefix(end + 1);
  }
  if (model.heads % model.kv_heads != 0) {
    refuse(name, "its heads must be a multiple of its kv heads");
  }
  if (model.head_dim % 2 != 0) {
    refuse(name, "its head dimension must be even, for rotary embedding");
  }
  if (!(step_work(model, Precision::fp16, 0).sequence_flop <= most_flop_per_token)) {
    refuse(name, "it is too large");
  }
  return model;
}

// Tokens of the cache that a step moves for each sequence: those read and the one written.
double cached_tokens(std::int64_t context) { return static_cast<double>(context) + 1; }

// A layer over `rows` tokens that attend to `attended` ones, summed over the rows.
double layer_flop_of(const Model& model, double rows, double attended) {
  const double linears = rows * static_cast<double>(layer_linear_elements(model));
  const double attention = 2 * static_cast<double>(model.heads * model.head_dim) * attended;
  return 2 * (linears + attention);
}

}  // namespace

std::span<const Model> models() { return known_models; }

Model find_model(std::string_view name) {
  if (!name.empty() && name.front() >= '0' && name.front() <= '9') return parse_model(name);
  std::string names;
  for (const Model& model : known_models) {
    if (model.name == name) return model;
    names += names.empty() ? "" : ", ";
    names += model.name;
  }
  throw std::invalid_argument("unknown model '" + std::string(name) + "'; known: " + names +
                              ", or dimensions: " + dimensions_in_words);
}

std::array<Linear, 7> layer_linears(const Model& model) {
  const std::int64_t query = model.heads * model.head_dim;
  const std::int64_t key = model.kv_heads * model.head_dim;
  return {{{"q", query, model.hidden},
           {"k", key, model.hidden},
           {"v", key, model.hidden},
           {"o", model.hidden, query},
           {"gate", model.ffn, model.hidden},
           {"up", model.ffn, model.hidden},
           {"down", model.hidden, model.ffn}}};
}

Linear lm_head(const Model& model) { return {"lm_head", model.vocab, model.hidden}; }

std::int64_t parameters(const Model& model) {
  const std::int64_t layer = layer_linear_elements(model) + 2 * model.hidden;
  return model.vocab * model.hidden + model.layers * layer + model.hidden +
         elements(lm_head(model));
}

double layer_weight_bytes(const Model& model, Precision weights) {
  double sum = 2 * static_cast<double>(model.hidden) * plain_element_bytes(weights);
  for (const Linear& linear : layer_linears(model)) sum += linear_bytes(linear, weights);
  return sum;
}

double step_weight_bytes(const Model& model, Precision weights) {
  return static_cast<double>(model.layers) * layer_weight_bytes(model, weights) +
         static_cast<double>(model.hidden) * plain_element_bytes(weights) +
         linear_bytes(lm_head(model), weights);
}

double embedding_row_bytes(const Model& model, Precision weights) {
  return static_cast<double>(model.hidden) * plain_element_bytes(weights);
}

double layer_kv_bytes_per_token(const Model& model) {
  return 2 * static_cast<double>(model.kv_heads * model.head_dim) * kv_element_bytes;
}

double kv_bytes_per_token(const Model& model) {
  return static_cast<double>(model.layers) * layer_kv_bytes_per_token(model);
}

StepWork layer_work(const Model& model, Precision weights, std::int64_t context) {
  const double tokens = cached_tokens(context);
  return {layer_weight_bytes(model, weights), tokens * layer_kv_bytes_per_token(model),
          layer_flop_of(model, 1, tokens)};
}

StepWork step_work(const Model& model, Precision weights, std::int64_t context) {
  const auto layers = static_cast<double>(model.layers);
  return {step_weight_bytes(model, weights),
          embedding_row_bytes(model, weights) + cached_tokens(context) * kv_bytes_per_token(model),
          layers * layer_work(model, weights, context).sequence_flop +
              2 * static_cast<double>(elements(lm_head(model)))};
}

double prefill_flop(const Model& model, std::int64_t m) {
  const auto tokens = static_cast<double>(m);
  return layer_flop_of(model, tokens, tokens * (tokens + 1) / 2);
}

double prefill_bytes(const Model& model, Precision weights, std::int64_t m) {
  const double rows = 2 * static_cast<double>(model.hidden) * plain_element_bytes(weights);
  return layer_weight_bytes(model, weights) +
         static_cast<double>(m) * (rows + layer_kv_bytes_per_token(model));
}

}  // namespace roofproof
