// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/layer_reference.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace roofproof {
namespace {

constexpr double fp16_roundoff = 0x1p-11;
constexpr double fp32_roundoff = 0x1p-24;
// Exponentials, reciprocals and roots of the devices are good to a few units in FP32's last place.
constexpr double function_roundoff = 8 * fp32_roundoff;

// Random places beside the corners and edges: fewer than for a single product, since there are six
// tensors and every place costs a row of weights.
constexpr int random_samples = 48;

// A stored result: what rounding it to the activations' format adds.
Expected stored(Expected expected, bool fp32) {
  expected.tolerance += fp32 ? fp32_roundoff * (std::abs(expected.value) + expected.tolerance)
                             : fp16_tolerance(expected.value, expected.tolerance);
  return expected;
}

// One weight row times one activation row, both in double; the activations carry a relative error
// of `rounding` each (0: they are exact).
Expected dot(const std::vector<double>& x, const Element& weights, std::int64_t row,
             double rounding) {
  MatrixProduct product;
  product.m = 1;
  product.n = row + 1;
  product.k = static_cast<std::int64_t>(x.size());
  product.a = [&](std::int64_t, std::int64_t k) { return x[static_cast<std::size_t>(k)]; };
  product.b = weights;
  product.operand_rounding = rounding;
  return expected_product(product, 0, row);
}

std::vector<double> row_of(const Element& matrix, std::int64_t row, std::int64_t columns) {
  std::vector<double> values(static_cast<std::size_t>(columns));
  for (std::int64_t i = 0; i < columns; ++i) values[static_cast<std::size_t>(i)] = matrix(row, i);
  return values;
}

// Rows of a tensor, normalised, each computed once.
class NormalisedRows {
 public:
  NormalisedRows(const Element& x, const std::function<double(std::int64_t)>& norm,
                 std::int64_t columns)
      : x_(x), norm_(norm), columns_(columns) {}

  const std::vector<double>& row(std::int64_t index) {
    const auto [at, fresh] = rows_.try_emplace(index);
    if (fresh) {
      std::vector<double> values = row_of(x_, index, columns_);
      double squares = 0;
      for (const double value : values) squares += value * value;
      const double factor = 1 / std::sqrt(squares / static_cast<double>(columns_) + norm_epsilon);
      for (std::int64_t i = 0; i < columns_; ++i) {
        values[static_cast<std::size_t>(i)] *= factor * norm_(i);
      }
      at->second = std::move(values);
    }
    return at->second;
  }

 private:
  const Element& x_;
  const std::function<double(std::int64_t)>& norm_;
  std::int64_t columns_;
  std::map<std::int64_t, std::vector<double>> rows_;
};

class LayerCheck {
 public:
  LayerCheck(const LayerCase& layer, const LayerWeights& weights,
             const LayerActivations& activations)
      : layer_(layer), model_(layer.model), weights_(weights), activations_(activations) {}

  Check run() {
    check_projections();
    check_attention();
    check_residual("middle", activations_.middle, activations_.input, activations_.attention,
                   weights_.o, model_.heads * model_.head_dim);
    check_gated();
    check_residual("output", activations_.output, activations_.middle, activations_.gated,
                   weights_.down, model_.ffn);
    return comparison_.result();
  }

 private:
  // The relative error of normalised activations: rounded to the format in which they are
  // multiplied.
  double normalised_rounding() const { return layer_.fp32 ? function_roundoff : fp16_roundoff; }

  template <class Expect>
  void compare(const std::string& tensor, const Element& got, std::int64_t columns,
               const Expect& expect) {
    for (const auto& [row, column] :
         sample_positions(layer_.rows(), columns, layer_.seed, random_samples)) {
      const auto what = [&, r = row, c = column] {
        return tensor + "[" + std::to_string(r) + ", " + std::to_string(c) + "]";
      };
      comparison_.add(what, got(row, column), expect(row, column));
    }
  }

  // The rows of the stacked query, key and value matrix.
  void check_projections() {
    NormalisedRows inputs(activations_.input, weights_.attention_norm, model_.hidden);
    const std::int64_t dim = model_.head_dim;
    const auto project = [&](std::int64_t row, std::int64_t column, bool rotated, bool fp32) {
      const std::vector<double>& x = inputs.row(row);
      const double rounding = normalised_rounding();
      if (!rotated) return stored(dot(x, weights_.qkv, column, rounding), fp32);
      const std::vector<float> rotation = rotation_table(dim, layer_.position(row));
      const std::int64_t i = column % dim % (dim / 2);
      const std::int64_t first = column - column % dim + i;
      const Expected a = dot(x, weights_.qkv, first, rounding);
      const Expected b = dot(x, weights_.qkv, first + dim / 2, rounding);
      const double cosine = rotation[static_cast<std::size_t>(2 * i)];
      const double sine = rotation[static_cast<std::size_t>(2 * i + 1)];
      const bool second = column % dim >= dim / 2;
      Expected result;
      result.value = second ? b.value * cosine + a.value * sine : a.value * cosine - b.value * sine;
      result.tolerance = (second ? b : a).tolerance * std::abs(cosine) +
                         (second ? a : b).tolerance * std::abs(sine) +
                         2 * fp32_roundoff * (std::abs(a.value) + std::abs(b.value));
      return stored(result, fp32);
    };
    const std::int64_t queries = model_.heads * dim;
    const std::int64_t keys = model_.kv_heads * dim;
    compare("query", activations_.query, queries, [&](std::int64_t row, std::int64_t column) {
      return project(row, column, true, layer_.fp32);
    });
    const auto newest = [&](const LayerActivations::Cache& cache) -> Element {
      return [&](std::int64_t row, std::int64_t column) {
        return cache(layer_.sequence(row), column / dim, layer_.position(row), column % dim);
      };
    };
    compare("keys", newest(activations_.keys), keys, [&](std::int64_t row, std::int64_t column) {
      return project(row, queries + column, true, false);
    });
    compare("values", newest(activations_.values), keys,
            [&](std::int64_t row, std::int64_t column) {
              return project(row, queries + keys + column, false, false);
            });
  }

  struct Probabilities {
    std::vector<double> values;  // not yet divided by their sum
    double sum = 0;
    double tolerance = 0;  // relative, of each
  };

  Probabilities probabilities(std::int64_t row, std::int64_t head) const {
    const std::int64_t dim = model_.head_dim;
    const std::int64_t kv_head = head / (model_.heads / model_.kv_heads);
    const std::vector<double> query = [&] {
      std::vector<double> values(static_cast<std::size_t>(dim));
      for (std::int64_t i = 0; i < dim; ++i) {
        values[static_cast<std::size_t>(i)] = activations_.query(row, head * dim + i);
      }
      return values;
    }();
    Probabilities result;
    double largest = -HUGE_VAL;
    double magnitude = 0;
    for (std::int64_t token = 0; token < layer_.tokens(row); ++token) {
      double score = 0;
      double terms = 0;
      for (std::int64_t i = 0; i < dim; ++i) {
        const double term = query[static_cast<std::size_t>(i)] *
                            activations_.keys(layer_.sequence(row), kv_head, token, i);
        score += term;
        terms += std::abs(term);
      }
      score /= std::sqrt(static_cast<double>(dim));
      magnitude = std::max(magnitude, terms / std::sqrt(static_cast<double>(dim)));
      largest = std::max(largest, score);
      result.values.push_back(score);
    }
    for (double& value : result.values) {
      value = std::exp(value - largest);
      result.sum += value;
    }
    // An error in a score is a relative error in its probability.
    const double query_rounding = layer_.fp32 && layer_.fp16_attention ? fp16_roundoff : 0;
    result.tolerance = magnitude * (sum_tolerance(dim) + query_rounding + function_roundoff) +
                       2 * function_roundoff + (layer_.fp16_attention ? fp16_roundoff : 0);
    return result;
  }

  void check_attention() {
    const std::int64_t dim = model_.head_dim;
    std::map<std::pair<std::int64_t, std::int64_t>, Probabilities> known;
    compare("attention", activations_.attention, model_.heads * dim,
            [&](std::int64_t row, std::int64_t column) {
              const std::int64_t head = column / dim;
              const auto [at, fresh] = known.try_emplace({row, head});
              if (fresh) at->second = probabilities(row, head);
              const Probabilities& p = at->second;
              const std::int64_t kv_head = head / (model_.heads / model_.kv_heads);
              double sum = 0;
              double magnitude = 0;
              for (std::int64_t token = 0; token < layer_.tokens(row); ++token) {
                const double term =
                    p.values[static_cast<std::size_t>(token)] *
                    activations_.values(layer_.sequence(row), kv_head, token, column % dim);
                sum += term;
                magnitude += std::abs(term);
              }
              Expected expected;
              expected.value = sum / p.sum;
              // The errors of numerator and denominator, and of both sums.
              expected.tolerance =
                  magnitude / p.sum *
                  (2 * p.tolerance + 2 * sum_tolerance(layer_.tokens(row)) + 2 * function_roundoff);
              return stored(expected, layer_.fp32);
            });
  }

  void check_residual(const std::string& tensor, const Element& got, const Element& residual,
                      const Element& x, const Element& weights, std::int64_t columns) {
    std::map<std::int64_t, std::vector<double>> rows;
    compare(tensor, got, model_.hidden, [&](std::int64_t row, std::int64_t column) {
      const auto [at, fresh] = rows.try_emplace(row);
      if (fresh) at->second = row_of(x, row, columns);
      Expected expected = dot(at->second, weights, column, 0);
      const double old = residual(row, column);
      expected.value += old;
      expected.tolerance += fp32_roundoff * (std::abs(expected.value) + std::abs(old));
      return stored(expected, layer_.fp32);
    });
  }

  void check_gated() {
    NormalisedRows inputs(activations_.middle, weights_.ffn_norm, model_.hidden);
    compare("gated", activations_.gated, model_.ffn, [&](std::int64_t row, std::int64_t j) {
      const std::vector<double>& x = inputs.row(row);
      const Expected gate = dot(x, weights_.gate_up, j, normalised_rounding());
      const Expected up = dot(x, weights_.gate_up, model_.ffn + j, normalised_rounding());
      const double silu = gate.value / (1 + std::exp(-gate.value));
      // The derivative of silu lies between -0.1 and 1.1.
      const double silu_tolerance = 1.1 * gate.tolerance + function_roundoff * std::abs(silu);
      Expected expected;
      expected.value = silu * up.value;
      expected.tolerance = silu_tolerance * (std::abs(up.value) + up.tolerance) +
                           std::abs(silu) * up.tolerance +
                           function_roundoff * std::abs(expected.value);
      return stored(expected, layer_.fp32);
    });
  }

  const LayerCase& layer_;
  const Model& model_;
  const LayerWeights& weights_;
  const LayerActivations& activations_;
  Comparison comparison_;
};

}  // namespace

std::vector<float> rotation_table(std::int64_t head_dim, std::int64_t position) {
  std::vector<float> table;
  for (std::int64_t i = 0; i < head_dim / 2; ++i) {
    const double frequency =
        std::pow(rotary_base, -2 * static_cast<double>(i) / static_cast<double>(head_dim));
    const double angle = static_cast<double>(position) * frequency;
    table.push_back(static_cast<float>(std::cos(angle)));
    table.push_back(static_cast<float>(std::sin(angle)));
  }
  return table;
}

Check check_layer(const LayerCase& layer, const LayerWeights& weights,
                  const LayerActivations& activations) {
  return LayerCheck(layer, weights, activations).run();
}

Check check_head(const LayerCase& layer, const Element& lm_head,
                 const std::function<double(std::int64_t)>& norm,
                 const HeadActivations& activations) {
  const Model& model = layer.model;
  Comparison comparison;
  NormalisedRows inputs(activations.hidden, norm, model.hidden);
  for (const auto& [row, column] :
       sample_positions(layer.batch, model.vocab, layer.seed, random_samples)) {
    const auto what = [&, r = row, c = column] {
      return "logits[" + std::to_string(r) + ", " + std::to_string(c) + "]";
    };
    comparison.add(what, activations.logits(row, column),
                   stored(dot(inputs.row(row), lm_head, column,
                              layer.fp32 ? function_roundoff : fp16_roundoff),
                          true));
  }
  for (std::int64_t sequence = 0; sequence < layer.batch; ++sequence) {
    std::int64_t best = 0;
    double largest = activations.logits(sequence, 0);
    for (std::int64_t token = 1; token < model.vocab; ++token) {
      const double logit = activations.logits(sequence, token);
      if (logit > largest) {
        largest = logit;
        best = token;
      }
    }
    const std::int64_t token = activations.token(sequence);
    if (token != best) {
      comparison.fail("the token of sequence " + std::to_string(sequence) + " is " +
                      std::to_string(token) + ", expected " + std::to_string(best));
    }
  }
  return comparison.result();
}

Check worse(Check a, Check b) {
  if (a.ok != b.ok) return a.ok ? b : a;
  return a.worst >= b.worst ? a : b;
}

}  // namespace roofproof
