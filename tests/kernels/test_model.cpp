// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/problem/model.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "kernels/problem/step.h"

namespace roofproof {
namespace {

// The counts that the models' own checkpoints hold (sum of all tensors).
TEST(Model, ParametersAreThoseOfTheCheckpoints) {
  EXPECT_EQ(parameters(find_model("mistral-7b")), 7241732096);
  EXPECT_EQ(parameters(find_model("llama-3-8b")), 8030261248);
  EXPECT_EQ(parameters(find_model("llama-2-7b")), 6738415616);
  EXPECT_EQ(parameters(find_model("llama-2-13b")), 13015864320);
  EXPECT_EQ(parameters(find_model("llama-2-70b")), 68976648192);
}

// Mistral-7B, worked by hand: a layer has 4096 x (4096 + 1024 + 1024 + 4096) + 3 x 4096 x 14336 =
// 218103808 weights in 4096 + 1024 + 1024 + 4096 + 14336 + 14336 + 4096 = 43008 rows; the LM head
// 131072000 in 32000 rows; the norms 65 x 4096 = 266240.
TEST(Model, MistralBytesByHand) {
  const Model& model = find_model("mistral-7b");
  constexpr double weights = 32 * 218103808.0 + 131072000.0;
  constexpr double rows = 32 * 43008.0 + 32000.0;
  constexpr double norms = 266240.0;
  EXPECT_DOUBLE_EQ(step_weight_bytes(model, Precision::fp32), 4 * (weights + norms));
  EXPECT_DOUBLE_EQ(step_weight_bytes(model, Precision::fp16), 2 * (weights + norms));
  EXPECT_DOUBLE_EQ(step_weight_bytes(model, Precision::int8), weights + 4 * rows + 2 * norms);
  EXPECT_DOUBLE_EQ(step_weight_bytes(model, Precision::int4),
                   weights / 2 + 2 * weights / 128 + 2 * norms);
  EXPECT_DOUBLE_EQ(layer_weight_bytes(model, Precision::int4),
                   218103808.0 / 2 + 218103808.0 / 64 + 2 * 2 * 4096.0);
}

TEST(Model, CacheBytesFollowTheKeyAndValueHeads) {
  // 2 tensors x heads x 128 x 2 bytes x layers
  EXPECT_DOUBLE_EQ(kv_bytes_per_token(find_model("mistral-7b")), 2.0 * 8 * 128 * 2 * 32);
  EXPECT_DOUBLE_EQ(kv_bytes_per_token(find_model("llama-2-7b")), 2.0 * 32 * 128 * 2 * 32);
  EXPECT_DOUBLE_EQ(kv_bytes_per_token(find_model("llama-2-70b")), 2.0 * 8 * 128 * 2 * 80);
}

TEST(Model, StepCountsWeightsOnceAndTheRestPerSequence) {
  const Model& model = find_model("mistral-7b");
  constexpr double weights = 32 * 218103808.0 + 131072000.0;
  EXPECT_DOUBLE_EQ(step_work(model, Precision::fp16, 0).bytes(1),
                   2 * (weights + 266240) + 2 * 4096 + 131072);
  EXPECT_DOUBLE_EQ(step_work(model, Precision::fp16, 1023).bytes(3),
                   2 * (weights + 266240) + 3 * (2 * 4096 + 131072 * 1024.0));
  // Attention: scores and weighted sum, 4096 multiply-adds each per token and layer.
  EXPECT_DOUBLE_EQ(step_work(model, Precision::fp16, 0).flop(1), 2 * weights + 4.0 * 4096 * 32);
  EXPECT_DOUBLE_EQ(step_work(model, Precision::fp16, 1023).flop(3),
                   3 * (2 * weights + 4.0 * 4096 * 32 * 1024));
}

TEST(Model, RungsCountWhatTheyReadOfMistral) {
  constexpr double weights = 32 * 218103808.0 + 131072000.0;
  constexpr double rows = 32 * 43008.0 + 32000.0;
  const struct {
    Precision precision;
    double streamed;    // without norms, and of INT8 without its row scales
    double multiplied;  // with them
  } cases[] = {{Precision::fp32, 4 * weights, 4 * weights},
               {Precision::fp16, 2 * weights, 2 * weights},
               {Precision::int8, weights, weights + 4 * rows},
               {Precision::int4, weights / 2 + weights / 64, weights / 2 + weights / 64}};
  for (const auto& [precision, streamed, multiplied] : cases) {
    const Problem step = {Op::decode, precision, {.batch = 1, .model = "mistral-7b"}};
    EXPECT_DOUBLE_EQ(rung_bytes(Rung::stream_only, step), streamed);
    EXPECT_DOUBLE_EQ(rung_flop(Rung::stream_only, step), 0);
    EXPECT_DOUBLE_EQ(rung_bytes(Rung::gemv_only, step), multiplied);
    EXPECT_DOUBLE_EQ(rung_flop(Rung::gemv_only, step), 2 * weights);
    EXPECT_DOUBLE_EQ(rung_bytes(Rung::unordered, step), compulsory_bytes(step));
    EXPECT_DOUBLE_EQ(rung_flop(Rung::unordered, step), flop(step));
    EXPECT_DOUBLE_EQ(rung_bytes(Rung::launches_only, step), 0);
    EXPECT_DOUBLE_EQ(rung_flop(Rung::launches_only, step), 0);
  }
}

TEST(Model, ALayerAndAStepAgree) {
  for (const Model& model : models()) {
    for (const Precision weights :
         {Precision::fp32, Precision::fp16, Precision::int8, Precision::int4}) {
      const Linear head = lm_head(model);
      const double element_bytes = weights == Precision::fp32 ? 4 : 2;
      const double rest =
          weight_bytes(weights, static_cast<double>(head.n), static_cast<double>(head.k)) +
          static_cast<double>(model.hidden) * element_bytes * (1 + 5);  // final norm, 5 rows
      const double layers = static_cast<double>(model.layers);
      EXPECT_DOUBLE_EQ(step_work(model, weights, 77).bytes(5),
                       layers * layer_work(model, weights, 77).bytes(5) + rest)
          << model.name;
    }
  }
}

// Mistral-7B's layer, as above; 4096 multiply-adds for scores and as many for the weighted sum per
// pair of tokens. Three tokens see 1 + 2 + 3.
TEST(Model, PrefillCountsTheTrianglesOfCausalAttention) {
  const Model& model = find_model("mistral-7b");
  EXPECT_DOUBLE_EQ(prefill_flop(model, 3), 2 * (3 * 218103808.0 + 6 * 2 * 4096.0));
  EXPECT_DOUBLE_EQ(prefill_flop(model, 4096),
                   2 * (4096 * 218103808.0 + 4096 * 4097 / 2 * 2 * 4096.0));
  EXPECT_DOUBLE_EQ(prefill_flop(model, 1), layer_work(model, Precision::fp16, 0).flop(1));
}

// A row in, a row out, a key and a value.
TEST(Model, PrefillBytesAreWeightsRowsAndTheCache) {
  const Model& model = find_model("mistral-7b");
  EXPECT_DOUBLE_EQ(prefill_bytes(model, Precision::fp16, 128),
                   2 * 218103808.0 + 2 * 2 * 4096 + 128 * (2 * 4096 * 2 + 2 * 1024 * 2));
  EXPECT_DOUBLE_EQ(prefill_bytes(model, Precision::fp32, 1),
                   4 * 218103808.0 + 2 * 4 * 4096 + 2 * 4096 * 4 + 2 * 1024 * 2);
  EXPECT_DOUBLE_EQ(prefill_bytes(model, Precision::int8, 5),
                   218103808.0 + 4 * 43008 + 2 * 2 * 4096 + 5 * (2 * 4096 * 2 + 2 * 1024 * 2));
}

TEST(Model, ProblemsOfLayerPrefillAndDecodeUseIt) {
  const Shape shape{.m = 3, .batch = 2, .context = 100, .model = "tiny"};
  const Model& tiny = find_model("tiny");
  EXPECT_DOUBLE_EQ(flop({Op::layer, Precision::int4, shape}),
                   layer_work(tiny, Precision::fp16, 100).flop(2));
  EXPECT_DOUBLE_EQ(flop({Op::decode, Precision::int4, shape}),
                   step_work(tiny, Precision::fp16, 100).flop(2));
  EXPECT_DOUBLE_EQ(flop({Op::prefill, Precision::int4, shape}), prefill_flop(tiny, 3));
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::prefill, Precision::int4, shape}),
                   prefill_bytes(tiny, Precision::int4, 3));
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::layer, Precision::int4, shape}),
                   layer_work(tiny, Precision::int4, 100).bytes(2));
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::decode, Precision::int8, shape}),
                   step_work(tiny, Precision::int8, 100).bytes(2));
}

// The INT4 kernels take whole groups of 128 along k.
TEST(Model, EveryInnerDimensionIsAMultipleOfTheInt4Group) {
  for (const Model& model : models()) {
    for (const Linear& linear : layer_linears(model)) {
      EXPECT_EQ(linear.k % int4_group_size, 0) << model.name << " " << linear.name;
    }
  }
}

TEST(Model, AnUnknownNameListsTheKnownOnes) {
  try {
    find_model("gpt-5");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("mistral-7b, llama-3-8b"), std::string::npos);
  }
}

TEST(Model, IsAlsoNamedByItsDimensions) {
  const Model named = find_model("2x24x40x4x2x8x30");
  EXPECT_EQ(named.name, "2x24x40x4x2x8x30");
  EXPECT_EQ(named.layers, 2);
  EXPECT_EQ(named.hidden, 24);
  EXPECT_EQ(named.ffn, 40);
  EXPECT_EQ(named.heads, 4);
  EXPECT_EQ(named.kv_heads, 2);
  EXPECT_EQ(named.head_dim, 8);
  EXPECT_EQ(named.vocab, 30);
  // The name stands in a benchmark's, so that a result file says what was measured.
  const Problem problem = {
      Op::decode, Precision::int8, {.batch = 2, .context = 1, .model = named.name}};
  EXPECT_EQ(benchmark_name(problem, Implementation::hand),
            "decode/int8/hand/model:2x24x40x4x2x8x30/batch:2/context:1");
  EXPECT_DOUBLE_EQ(flop(problem), step_work(named, Precision::fp16, 1).flop(2));
}

TEST(Model, DimensionsOfAKnownModelCountTheSame) {
  const Model& known = find_model("mistral-7b");
  const Model& spelled = find_model("32x4096x14336x32x8x128x32000");
  EXPECT_EQ(parameters(spelled), parameters(known));
  EXPECT_DOUBLE_EQ(step_work(spelled, Precision::int4, 77).bytes(3),
                   step_work(known, Precision::int4, 77).bytes(3));
}

TEST(Model, DimensionsThatMakeNoModelAreRefused) {
  constexpr std::pair<const char*, const char*> cases[] = {
      {"2x24x40x4x2x8", "seven dimensions"},
      {"2x24x40x4x2x8x30x", "seven dimensions"},
      {"2x24x40x4x2x8x30x1", "seven dimensions"},
      {"2x24x40x4x2x8x", "'' is not a dimension"},
      {"2xx40x4x2x8x30", "'' is not a dimension"},
      {"2x024x40x4x2x8x30", "'024' is not a dimension"},
      {"2x-24x40x4x2x8x30", "'-24' is not a dimension"},
      {"2x24x40x4x2x8x30b", "'30b' is not a dimension"},
      {"0x24x40x4x2x8x30", "'0' is not a dimension"},
      {"2x2000000x40x4x2x8x30", "'2000000' is not a dimension"},
      {"2x24x40x99999999999999999999x2x8x30", "'99999999999999999999' is not"},
      {"2x24x40x4x3x8x30", "must be a multiple"},
      {"2x24x40x4x2x9x30", "must be even"},
      {"1048576x1048576x1048576x1048576x1048576x1048576x1048576", "too large"},
  };
  for (const auto& [name, reason] : cases) {
    try {
      find_model(name);
      ADD_FAILURE() << name;
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace roofproof
