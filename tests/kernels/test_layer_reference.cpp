// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The reference of layer, prefill and decode: against a layer computed straight from the formulas,
// and with every tensor made wrong in turn.
#include "kernels/layer_reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "kernels/float16.h"
#include "kernels/inputs.h"

namespace roofproof {
namespace {

double half(double value) { return to_float(to_float16(static_cast<float>(value))); }

const Model small = {"small", 1, 24, 40, 4, 2, 8, 30, "made up"};

// What a plain layer gets wrong on purpose.
struct Mistakes {
  std::int64_t seen_ahead = 0;     // tokens that attention sees beyond the row's own
  std::int64_t wrong_from = 0;     // first row that does
  std::int64_t turned_beside = 0;  // positions that the rotation is off by
};

// A layer with FP16 activations, written down plainly: `fresh` new tokens of each of `batch`
// sequences after `context` ones.
struct PlainLayer {
  std::int64_t batch;
  std::int64_t context;
  std::int64_t fresh;
  std::map<std::string, std::vector<double>> tensors = {};

  static double random(char tensor, std::int64_t i) {
    return input_stream(2, static_cast<std::uint64_t>(tensor), 0)
        .uniform(static_cast<std::uint64_t>(i));
  }
  static double weight(char matrix, std::int64_t row, std::int64_t column) {
    return half(random(matrix, row * 1000 + column) / 3);
  }

  std::vector<double> normalised(const std::vector<double>& x, std::int64_t b, char norm) const {
    std::vector<double> y;
    double squares = 0;
    for (std::int64_t i = 0; i < small.hidden; ++i) {
      y.push_back(x[static_cast<std::size_t>(b * small.hidden + i)]);
      squares += y.back() * y.back();
    }
    for (std::int64_t i = 0; i < small.hidden; ++i) {
      y[static_cast<std::size_t>(i)] *=
          norm_weight(norm, i) /
          std::sqrt(squares / static_cast<double>(small.hidden) + norm_epsilon);
    }
    return y;
  }
  static double norm_weight(char norm, std::int64_t i) { return half(1 + random(norm, i) / 2); }

  static double product(char matrix, std::int64_t row, const double* x, std::int64_t k) {
    double sum = 0;
    for (std::int64_t i = 0; i < k; ++i) sum += weight(matrix, row, i) * x[i];
    return sum;
  }

  std::size_t cache(std::int64_t b, std::int64_t head, std::int64_t token, std::int64_t i) const {
    return static_cast<std::size_t>(
        ((b * small.kv_heads + head) * (context + fresh) + token) * small.head_dim + i);
  }

  explicit PlainLayer(std::int64_t sequences = 3, std::int64_t cached = 5, std::int64_t count = 1,
                      const Mistakes& mistakes = {})
      : batch(sequences), context(cached), fresh(count) {
    const std::int64_t dim = small.head_dim;
    const std::int64_t width = small.heads * dim;
    auto& input = tensors["input"];
    for (std::int64_t i = 0; i < batch * fresh * small.hidden; ++i) {
      input.push_back(half(random('x', i)));
    }
    auto& keys = tensors["keys"];
    auto& values = tensors["values"];
    for (std::int64_t i = 0; i < batch * small.kv_heads * (context + fresh) * dim; ++i) {
      keys.push_back(half(random('K', i)));
      values.push_back(half(random('V', i)));
    }
    auto& query = tensors["query"];
    auto& attention = tensors["attention"];
    auto& middle = tensors["middle"];
    auto& gated = tensors["gated"];
    auto& output = tensors["output"];
    // Keys and values first: a token attends to those before it.
    for (std::int64_t row = 0; row < batch * fresh; ++row) {
      const std::int64_t position = context + row % fresh;
      const auto n = normalised(input, row, 'n');
      std::vector<double> rows;
      for (std::int64_t j = 0; j < (small.heads + 2 * small.kv_heads) * dim; ++j) {
        rows.push_back(product('q', j, n.data(), small.hidden));
      }
      for (std::int64_t head = 0; head < small.heads + small.kv_heads; ++head) {
        for (std::int64_t i = 0; i < dim / 2; ++i) {
          double& a = rows[static_cast<std::size_t>(head * dim + i)];
          double& c = rows[static_cast<std::size_t>(head * dim + i + dim / 2)];
          const double angle = static_cast<double>(position + mistakes.turned_beside) *
                               std::pow(10000.0, -2.0 * static_cast<double>(i) / 8);
          const double rotated = a * std::cos(angle) - c * std::sin(angle);
          c = c * std::cos(angle) + a * std::sin(angle);
          a = rotated;
        }
      }
      for (std::int64_t i = 0; i < width; ++i) {
        query.push_back(half(rows[static_cast<std::size_t>(i)]));
      }
      for (std::int64_t head = 0; head < small.kv_heads; ++head) {
        for (std::int64_t i = 0; i < dim; ++i) {
          keys[cache(row / fresh, head, position, i)] =
              half(rows[static_cast<std::size_t>(width + head * dim + i)]);
          values[cache(row / fresh, head, position, i)] =
              half(rows[static_cast<std::size_t>(width + (small.kv_heads + head) * dim + i)]);
        }
      }
    }
    for (std::int64_t row = 0; row < batch * fresh; ++row) {
      const std::int64_t ahead = row >= mistakes.wrong_from ? mistakes.seen_ahead : 0;
      const std::int64_t seen =
          std::clamp<std::int64_t>(context + row % fresh + 1 + ahead, 1, context + fresh);
      for (std::int64_t head = 0; head < small.heads; ++head) {
        std::vector<double> p;
        double total = 0;
        for (std::int64_t token = 0; token < seen; ++token) {
          double score = 0;
          for (std::int64_t i = 0; i < dim; ++i) {
            score += query[static_cast<std::size_t>(row * width + head * dim + i)] *
                     keys[cache(row / fresh, head / 2, token, i)];
          }
          p.push_back(std::exp(score / std::sqrt(8.0)));
          total += p.back();
          p.back() = half(p.back());  // as tensor cores take it
        }
        for (std::int64_t i = 0; i < dim; ++i) {
          double sum = 0;
          for (std::int64_t token = 0; token < seen; ++token) {
            sum += p[static_cast<std::size_t>(token)] / total *
                   values[cache(row / fresh, head / 2, token, i)];
          }
          attention.push_back(half(sum));
        }
      }
      for (std::int64_t i = 0; i < small.hidden; ++i) {
        middle.push_back(
            half(input[static_cast<std::size_t>(row * small.hidden + i)] +
                 product('o', i, &attention[static_cast<std::size_t>(row * width)], width)));
      }
      const auto m = normalised(middle, row, 'm');
      for (std::int64_t j = 0; j < small.ffn; ++j) {
        const double gate = product('g', j, m.data(), small.hidden);
        const double up = product('g', small.ffn + j, m.data(), small.hidden);
        gated.push_back(half(gate / (1 + std::exp(-gate)) * up));
      }
      for (std::int64_t i = 0; i < small.hidden; ++i) {
        output.push_back(
            half(middle[static_cast<std::size_t>(row * small.hidden + i)] +
                 product('d', i, &gated[static_cast<std::size_t>(row * small.ffn)], small.ffn)));
      }
    }
  }

  Check check() const {
    const auto matrix = [](char name) -> Element {
      return [name](std::int64_t row, std::int64_t column) { return weight(name, row, column); };
    };
    const auto rows = [&](const char* name, std::int64_t columns) -> Element {
      return [&tensor = tensors.at(name), columns](std::int64_t row, std::int64_t column) {
        return tensor.at(static_cast<std::size_t>(row * columns + column));
      };
    };
    const auto cached = [&](const char* name) -> LayerActivations::Cache {
      return [this, &tensor = tensors.at(name)](std::int64_t b, std::int64_t head,
                                                std::int64_t token, std::int64_t i) {
        return tensor.at(cache(b, head, token, i));
      };
    };
    LayerWeights weights{matrix('q'),
                         matrix('o'),
                         matrix('g'),
                         matrix('d'),
                         [](std::int64_t i) { return norm_weight('n', i); },
                         [](std::int64_t i) { return norm_weight('m', i); }};
    const std::int64_t width = small.heads * small.head_dim;
    LayerActivations activations{rows("input", small.hidden),
                                 rows("query", width),
                                 cached("keys"),
                                 cached("values"),
                                 rows("attention", width),
                                 rows("middle", small.hidden),
                                 rows("gated", small.ffn),
                                 rows("output", small.hidden)};
    LayerCase layer;
    layer.model = small;
    layer.batch = batch;
    layer.context = context;
    layer.new_tokens = fresh;
    return check_layer(layer, weights, activations);
  }
};

TEST(LayerReference, AcceptsAPlainLayer) {
  const Check check = PlainLayer().check();
  EXPECT_TRUE(check.ok) << check.message;
  EXPECT_GT(check.worst, 0.1);  // the tolerance is not much wider than the rounding
}

TEST(LayerReference, EveryTensorIsLookedAt) {
  for (const PlainLayer& right : {PlainLayer(), PlainLayer(1, 0, 40)}) {
    for (const char* name : {"query", "attention", "middle", "gated", "output"}) {
      PlainLayer layer = right;
      for (double& value : layer.tensors[name]) value += value < 0 ? -0.05 : 0.05;
      const Check check = layer.check();
      EXPECT_FALSE(check.ok) << name;
    }
    for (const char* name : {"keys", "values"}) {
      PlainLayer layer = right;
      for (double& value : layer.tensors[name]) value = -value;
      EXPECT_FALSE(layer.check().ok) << name;
    }
  }
}

// One sequence from its first token on; and the tokens of several after what they had.
TEST(LayerReference, AcceptsPlainPrefill) {
  for (const auto& [batch, context, fresh] :
       {std::array{1, 0, 1}, std::array{1, 0, 2}, std::array{1, 0, 70}, std::array{1, 9, 20},
        std::array{3, 4, 5}}) {
    const Check check = PlainLayer(batch, context, fresh).check();
    EXPECT_TRUE(check.ok) << check.message;
    EXPECT_GT(check.worst, 0.1);
  }
}

TEST(LayerReference, ATokenSeesThoseBeforeItAndItself) {
  for (const std::int64_t fresh : {2, 17, 70}) {
    for (const std::int64_t ahead : {-1, 1, 100}) {
      EXPECT_FALSE(PlainLayer(1, 0, fresh, {.seen_ahead = ahead}).check().ok)
          << fresh << " tokens, " << ahead << " ahead";
    }
  }
}

// One of so many hardly weighs, but more than the rounding of all.
TEST(LayerReference, NotEvenTheLastOfAThousandTokensMayLeaveOneOut) {
  constexpr std::int64_t fresh = 1000;
  EXPECT_TRUE(PlainLayer(1, 0, fresh).check().ok);
  EXPECT_FALSE(PlainLayer(1, 0, fresh, {.seen_ahead = -1, .wrong_from = fresh - 1}).check().ok);
}

TEST(LayerReference, EachTokenIsTurnedByItsOwnPosition) {
  EXPECT_FALSE(PlainLayer(1, 0, 17, {.turned_beside = 1}).check().ok);
  EXPECT_FALSE(PlainLayer(3, 5, 1, {.turned_beside = -1}).check().ok);
}

TEST(LayerReference, NotANumberIsWrong) {
  PlainLayer layer;
  for (double& value : layer.tensors["gated"]) value = std::nan("");
  EXPECT_FALSE(layer.check().ok);
}

TEST(LayerReference, RotationTurnsByPositionTimesFrequency) {
  const std::vector<float> table = rotation_table(4, 3);
  ASSERT_EQ(table.size(), 4u);
  EXPECT_FLOAT_EQ(table[0], std::cos(3.0f));
  EXPECT_FLOAT_EQ(table[1], std::sin(3.0f));
  EXPECT_FLOAT_EQ(table[2], std::cos(0.03f));
  EXPECT_FLOAT_EQ(table[3], std::sin(0.03f));
}

TEST(HeadReference, TheTokenIsTheFirstOfTheLargest) {
  LayerCase layer;
  layer.model = small;
  layer.batch = 1;
  layer.fp32 = true;
  std::vector<double> logits(30, 0);
  for (std::size_t i = 0; i < 30; ++i) {
    for (std::int64_t k = 0; k < small.hidden; ++k) {
      logits[i] += PlainLayer::weight('h', static_cast<std::int64_t>(i), k) / std::sqrt(1 + 1e-5);
    }
  }
  logits[7] = logits[11] = 9;  // as rows 7 and 11 of the matrix below say
  const Element matrix = [](std::int64_t row, std::int64_t column) {
    if (row == 7 || row == 11) return column == 0 ? 9 * std::sqrt(1 + 1e-5) : 0.0;
    return PlainLayer::weight('h', row, column);
  };
  std::int64_t token = 7;
  const HeadActivations activations{
      [](std::int64_t, std::int64_t) { return 1.0; },
      [&](std::int64_t, std::int64_t column) { return logits[static_cast<std::size_t>(column)]; },
      [&](std::int64_t) { return token; }};
  const auto one = [](std::int64_t) { return 1.0; };
  EXPECT_TRUE(check_head(layer, matrix, one, activations).ok)
      << check_head(layer, matrix, one, activations).message;
  token = 11;
  EXPECT_FALSE(check_head(layer, matrix, one, activations).ok);
  token = 7;
  logits[3] += 0.01;
  EXPECT_FALSE(check_head(layer, matrix, one, activations).ok);
}

TEST(LayerReference, AFailureIsWorseThanASuccess) {
  Check good{true, 0.9, ""};
  Check bad{false, 2, "bad"};
  EXPECT_FALSE(worse(good, bad).ok);
  EXPECT_FALSE(worse(bad, good).ok);
  EXPECT_EQ(worse(good, {true, 0.1, ""}).worst, 0.9);
}

}  // namespace
}  // namespace roofproof
