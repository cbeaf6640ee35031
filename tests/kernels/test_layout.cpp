// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What models weigh, against what others counted (model_counts.json), by hand, and against the
// kernels' own counts.

#include "kernels/models/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "kernels/models/config.h"
#include "kernels/models/find.h"
#include "kernels/models/quantization.h"
#include "kernels/models/read_layout.h"
#include "kernels/problem/problem.h"
#include "results/record/record.h"

namespace roofproof {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Object = nlohmann::ordered_json;

const Object& counts() {
  static const Object file = [] {
    std::ifstream stream(MODEL_COUNTS);
    return Object::parse(stream);
  }();
  return file;
}

ModelLayout layout_from(const Object& config) {
  return read_layout(Config(config.dump(), "config.json"));
}

// Llama's smallest form, to which a test adds what it is about.
Object small(const Object& more = Object::object()) {
  Object config = {{"model_type", "llama"},    {"hidden_size", 64},
                   {"num_hidden_layers", 2},   {"num_attention_heads", 4},
                   {"num_key_value_heads", 2}, {"intermediate_size", 96},
                   {"vocab_size", 100},        {"tie_word_embeddings", false}};
  config.update(more);
  return config;
}

std::string refusal(const Object& config) {
  try {
    layout_from(config);
  } catch (const RecordError& error) {
    return error.what();
  }
  return "not refused";
}

std::int64_t read_once(const ModelLayout& layout) {
  std::int64_t sum = active_parameters(layout);
  for (const Weights& weights : layout.weights) {
    if (weights.role == Role::table) sum -= weights.elements();
  }
  return sum;
}

double kv_of_token(const ModelLayout& layout, std::int64_t tokens) {
  return cache_bytes(layout, {}, tokens + 1) - cache_bytes(layout, {}, tokens);
}

TEST(Layout, CountsWhatOthersCounted) {
  ASSERT_GE(counts()["models"].size(), 34u);
  for (const Object& model : counts()["models"]) {
    SCOPED_TRACE(model["name"]);
    const ModelLayout layout = layout_from(model["config"]);
    EXPECT_EQ(parameters(layout), model["parameters"].get<std::int64_t>());
    if (!model.contains("active")) continue;
    EXPECT_EQ(active_parameters(layout), model["active"].get<std::int64_t>());
    EXPECT_EQ(read_once(layout), model["read"].get<std::int64_t>());
    EXPECT_EQ(elements(layout.prediction_layers), model.value("prediction_layers", 0ll));
    EXPECT_EQ(elements(layout.vision), model.value("vision", 0ll));
    EXPECT_DOUBLE_EQ(kv_of_token(layout, 0), model["kv"].get<double>());
    EXPECT_DOUBLE_EQ(kv_of_token(layout, 1'000'000), model["kv_beyond_window"].get<double>());
  }
}

// Layers whose attention and feed-forward block are side by side have one norm, of a weight and a
// bias, less.
TEST(Layout, BlocksSideBySideShareANorm) {
  const Object stablelm = small({{"model_type", "stablelm"}});
  Object side_by_side = stablelm;
  side_by_side["use_parallel_residual"] = true;
  EXPECT_EQ(parameters(layout_from(stablelm)) - parameters(layout_from(side_by_side)), 2 * 2 * 64);
}

TEST(Layout, FilesHaveTheBytesThatOthersSaw) {
  int seen = 0;
  for (const Object& model : counts()["models"]) {
    if (!model.contains("file_bytes")) continue;
    const ModelLayout layout = layout_from(model["config"]);
    const double bytes = file_weight_bytes(layout, layout.stored.value_or(WeightFormat{}));
    const auto wanted = model["file_bytes"].get<double>();
    seen += model["file_bytes_are"] == "seen" ? 1 : 0;
    EXPECT_LE(std::abs(bytes / wanted - 1), 0.01) << model["name"] << ' ' << bytes << ' ' << wanted;
  }
  EXPECT_GE(seen, 5);
}

TEST(Layout, WhatIsNotUnderstoodIsRefusedByName) {
  ASSERT_GE(counts()["refused"].size(), 4u);
  for (const Object& model : counts()["refused"]) {
    const std::string type = model["config"]["model_type"];
    EXPECT_THAT(refusal(model["config"]),
                AllOf(HasSubstr("config.json: model_type: '" + type + "' is not understood"),
                      HasSubstr("--parameters")));
  }
  EXPECT_THAT(refusal({{"hidden_size", 64}}), HasSubstr("model_type: is missing"));
  EXPECT_THAT(refusal({{"architectures", Object::array({"BertModel"})}}), HasSubstr("'BertModel'"));
  // A field that changes the count and that the family is not known to have.
  EXPECT_THAT(refusal(small({{"num_local_experts", 8}})),
              HasSubstr("num_local_experts: is not understood for model_type 'llama'"));
  EXPECT_THAT(refusal(small({{"sliding_window", 512}})), HasSubstr("sliding_window"));
  EXPECT_THAT(refusal(small({{"kv_lora_rank", 512}})), HasSubstr("kv_lora_rank"));
  EXPECT_THAT(refusal(small({{"layer_types", {"full_attention", "linear_attention"}}})),
              HasSubstr("layer_types: 'linear_attention' is not understood"));
  EXPECT_THAT(refusal(small({{"vision_config", {{"hidden_size", 8}}}})),
              HasSubstr("vision_config"));
  // What says that there is no such thing is fine.
  EXPECT_EQ(refusal(small({{"num_local_experts", 0}, {"sliding_window", nullptr}})), "not refused");
}

TEST(Layout, AClassStandsForAMissingModelType) {
  Object config = small();
  config.erase("model_type");
  config["architectures"] = Object::array({"LlamaForCausalLM"});
  EXPECT_EQ(parameters(layout_from(config)), parameters(layout_from(small())));
}

// A class of the same family that has other weights, and parts that no family here has.
TEST(Layout, AClassThatIsNotTheFamilysIsRefused) {
  const auto with = [](const char* type, const char* name) {
    return refusal(small({{"model_type", type}, {"architectures", Object::array({name})}}));
  };
  for (const char* name : {"LlamaForSequenceClassification", "LlamaModel", "JambaForCausalLM"}) {
    EXPECT_THAT(with("llama", name), HasSubstr("architectures: '" + std::string(name) +
                                               "' is not understood for model_type 'llama', only "
                                               "LlamaForCausalLM"));
  }
  EXPECT_THAT(with("mistral", "MistralModel"), HasSubstr("'MistralModel'"));
  EXPECT_EQ(with("llama", "LLaMAForCausalLM"), "not refused");
  EXPECT_EQ(with("baichuan", "BaiChuanForCausalLM"), "not refused");
  EXPECT_EQ(with("chatglm", "ChatGLMModel"), "not refused");
  const Object vision = {{"model_type", "mistral3"},
                         {"text_config", small({{"model_type", "mistral"}})}};
  Object whole = vision;
  whole["architectures"] = Object::array({"MistralForCausalLM"});
  EXPECT_THAT(refusal(whole), HasSubstr("only Mistral3ForConditionalGeneration"));
  whole["architectures"] = Object::array({"Mistral3ForConditionalGeneration"});
  EXPECT_EQ(refusal(whole), "not refused");
  EXPECT_THAT(refusal(small({{"visual", {{"layers", 48}}}})), HasSubstr("visual: is not under"));
  EXPECT_THAT(refusal(small({{"audio", {{"layers", 48}}}})), HasSubstr("audio: is not under"));
  EXPECT_THAT(refusal(small({{"attention_head_type", "multiquery"}})),
              HasSubstr("attention_head_type: is not understood"));
  EXPECT_THAT(refusal(small({{"add_cross_attention", true}})),
              HasSubstr("add_cross_attention: is not understood"));
  EXPECT_EQ(refusal(small({{"add_cross_attention", false}})), "not refused");
}

TEST(Layout, PartsOfOtherFamiliesAreRefused) {
  for (const char* key :
       {"ffn_config", "num_nextn_predict_layers", "num_mtp_layers", "mamba_expand", "ssm_cfg",
        "expert_capacity", "use_moe", "cross_attention_freq"}) {
    const bool is_object = key == std::string("ffn_config");
    const Object value = is_object ? Object({{"ffn_hidden_size", 128}}) : Object(1);
    EXPECT_THAT(refusal(small({{key, value}})),
                HasSubstr(std::string(key) + ": is not understood for model_type 'llama'"));
    EXPECT_EQ(refusal(small({{key, nullptr}})), "not refused");
    EXPECT_EQ(refusal(small({{key, 0}})), "not refused") << key;
  }
}

// ERNIE 4.5 states which layers have experts, and how it was trained.
TEST(Layout, ExpertsEndWithALayer) {
  const auto with = [](const Object& more) {
    Object config = small({{"model_type", "ernie4_5_moe"},
                           {"moe_num_experts", 4},
                           {"moe_k", 2},
                           {"moe_intermediate_size", 32},
                           {"moe_capacity", {64, 64, 64}},
                           {"moe_gate", "top2"}});
    config.update(more);
    return parameters(layout_from(config));
  };
  EXPECT_EQ(with({{"moe_layer_end_index", 1}}), with(Object::object()));
  EXPECT_EQ(with({{"moe_layer_end_index", -1}}), with(Object::object()));
  // Of the second layer a dense block of 96 in place of 4 experts of 32, a router and 4 values.
  EXPECT_EQ(with({{"moe_layer_end_index", 0}}) - with(Object::object()),
            3 * 64 * (96 - 4 * 32) - 4 * 64 - 4);
}

TEST(Layout, ErniesPredictionLayerIsDense) {
  const ModelLayout layout = layout_from(small({{"model_type", "ernie4_5_moe"},
                                                {"moe_num_experts", 4},
                                                {"moe_k", 2},
                                                {"moe_intermediate_size", 32},
                                                {"num_nextn_predict_layers", 1}}));
  // Attention, block, the matrix that joins, four norms; no vocabulary.
  EXPECT_EQ(elements(layout.prediction_layers),
            64 * 64 * 2 + 64 * 32 * 2 + 3 * 64 * 96 + 64 * 128 + 4 * 64);
}

TEST(Layout, QwenSaysThatQueriesAndKeysAreNormed) {
  const auto with = [](const Object& more) {
    Object config = {{"model_type", "qwen3"}, {"head_dim", 16}};
    config.update(more);
    return parameters(layout_from(small(config)));
  };
  EXPECT_EQ(with({{"use_qk_norm", true}}), with(Object::object()));
}

TEST(Layout, MptNamesItsBlocks) {
  const auto with = [](const char* type) {
    return refusal(small({{"model_type", "mpt"}, {"ffn_config", {{"ffn_type", type}}}}));
  };
  EXPECT_EQ(with("mptmlp"), "not refused");
  const auto mpt = [](const Object& attention) {
    return Object({{"model_type", "mpt"}, {"attn_config", attention}});
  };
  EXPECT_EQ(layout_from(small(mpt({{"attn_type", "multiquery_attention"}}))).kv_heads, 1);
  EXPECT_THAT(refusal(small(mpt({{"qk_ln", true}}))), HasSubstr("attn_config.qk_ln"));
  EXPECT_THAT(refusal(small(mpt({{"alibi", false}}))), HasSubstr("attn_config.alibi"));
  EXPECT_THAT(refusal(small({{"model_type", "hunyuan_v1_dense"}, {"use_cla", true}})),
              HasSubstr("use_cla"));
  EXPECT_THAT(refusal(small({{"model_type", "minicpm"}, {"sparse_config", {{"topk", 64}}}})),
              HasSubstr("sparse_config"));
  EXPECT_THAT(with("mptgeglu"), HasSubstr("ffn_config.ffn_type: 'mptgeglu' is not understood"));
}

TEST(Layout, ContradictionsAndHostileSizesAreNamed) {
  EXPECT_THAT(refusal(small({{"n_embd", 65}})), HasSubstr("n_embd: contradicts hidden_size, 64"));
  EXPECT_THAT(refusal(small({{"num_key_value_heads", 3}})), HasSubstr("does not divide the heads"));
  EXPECT_THAT(refusal(small({{"num_attention_heads", 6}, {"num_key_value_heads", 6}})),
              HasSubstr("no multiple of the heads"));
  EXPECT_THAT(refusal(small({{"hidden_size", -1}})), HasSubstr("hidden_size: must be from 1"));
  EXPECT_THAT(refusal(small({{"hidden_size", 64.0}})), HasSubstr("must be an integer"));
  EXPECT_THAT(refusal(small({{"hidden_size", "64"}})), HasSubstr("must be an integer"));
  EXPECT_THAT(refusal(small({{"num_hidden_layers", 18446744073709551615u}})),
              HasSubstr("num_hidden_layers: must be from 1"));
  EXPECT_THAT(
      refusal(small(
          {{"num_hidden_layers", 1024}, {"hidden_size", 1 << 20}, {"intermediate_size", 1 << 24}})),
      HasSubstr("too large"));
  EXPECT_THAT(refusal(small({{"model_type", "mixtral"}, {"num_experts_per_tok", 9}})),
              HasSubstr("num_experts_per_tok: 9 of 8 experts"));
  EXPECT_THAT(refusal(small({{"layer_types", Object::array({"full_attention"})}})),
              HasSubstr("1 entries for 2 layers"));
  EXPECT_THAT(refusal({{"model_type", "llama"}}), HasSubstr("hidden_size: is missing"));
}

TEST(Layout, CountsAreFiniteAndExpertsAreThere) {
  const auto with = [](const std::string& word) {
    std::string text = small({{"num_key_value_heads", "WORD"}}).dump();
    text.replace(text.find("\"WORD\""), 6, word);
    try {
      read_layout(Config(text, "config.json"));
    } catch (const RecordError& error) {
      return std::string(error.what());
    }
    return std::string("not refused");
  };
  for (const char* word : {"NaN", "Infinity", "-Infinity"}) {
    EXPECT_EQ(with(word), "config.json: num_key_value_heads: is not finite");
  }
  EXPECT_THAT(with("0"), HasSubstr("must be from 1"));
  EXPECT_EQ(with("2, \"rope_theta\": Infinity"), "not refused");
  EXPECT_THAT(refusal(small({{"model_type", "mixtral"}, {"num_local_experts", 0}})),
              HasSubstr("num_local_experts: must be from 1"));
}

// 64 x (64 + 32 + 32 + 64) + 3 x 64 x 96 weights and two norms per layer; two tables, a norm.
TEST(Layout, SmallModelByHand) {
  const ModelLayout layout = layout_from(small());
  constexpr std::int64_t linears = 64 * 192 + 3 * 64 * 96;
  EXPECT_EQ(parameters(layout), 2 * (linears + 128) + 2 * 100 * 64 + 64);
  EXPECT_DOUBLE_EQ(step_weight_bytes(layout, {}, 0), 2.0 * (2 * (linears + 128) + 6400 + 64));
  EXPECT_DOUBLE_EQ(row_bytes(layout, {}), 128);
  EXPECT_DOUBLE_EQ(cache_bytes(layout, {}, 10), 2.0 * 2 * 32 * 2 * 10);
  EXPECT_DOUBLE_EQ(cache_bytes(layout, find_cache_format("INT4"), 10), 2.0 * 2 * 32 * 0.5 * 10);
  EXPECT_DOUBLE_EQ(step_flop(layout, 10), 2 * (2.0 * linears + 6400 + 2 * 2 * 64 * 10));
  const ModelLayout tied = layout_from(small({{"tie_word_embeddings", true}}));
  EXPECT_EQ(parameters(layout) - parameters(tied), 6400);
  EXPECT_DOUBLE_EQ(step_weight_bytes(tied, {}, 0), step_weight_bytes(layout, {}, 0));
  EXPECT_DOUBLE_EQ(row_bytes(tied, {}), 0);
}

// Two counts of one thing, which share no code.
TEST(Layout, AgreesWithTheKernelsCount) {
  for (const Model& model : models()) {
    const ModelLayout layout = layout_of(model);
    for (const Precision weights :
         {Precision::fp32, Precision::fp16, Precision::int8, Precision::int4}) {
      const WeightFormat format = WeightFormat::of(weights);
      for (const std::int64_t context : {0, 1023}) {
        const double bytes =
            step_weight_bytes(layout, format, 0) +
            3 * (row_bytes(layout, format) + step_cache_bytes(layout, {}, context + 1));
        EXPECT_DOUBLE_EQ(bytes, step_work(model, weights, context).bytes(3)) << model.name;
        EXPECT_DOUBLE_EQ(3 * step_flop(layout, context + 1),
                         step_work(model, Precision::fp16, context).flop(3));
      }
    }
  }
}

// Mistral-7B's embedding table, 32000 x 4096, is in memory and never quantised.
TEST(Layout, InMemoryIsTheWholeTableToo) {
  const ModelLayout mistral = find_layout("mistral-7b");
  constexpr double all = 7241732096;
  const auto resident = [&](Precision weights) {
    return resident_weight_bytes(mistral, WeightFormat::of(weights));
  };
  EXPECT_DOUBLE_EQ(resident(Precision::fp16), 2 * all);
  EXPECT_DOUBLE_EQ(resident(Precision::fp32), 4 * all);
  EXPECT_DOUBLE_EQ(
      resident(Precision::int4),
      step_weight_bytes(mistral, WeightFormat::of(Precision::int4), 0) + 2 * 131072000.0);
}

// The names of result files are the kernels'; the files in data/ must mean the same by them.
TEST(Layout, ANameMeansOneModel) {
  for (const Model& model : models()) {
    const ModelLayout layout = find_layout(model.name);
    EXPECT_EQ(kernel_model_name(layout), model.name);
    EXPECT_EQ(parameters(layout), parameters(layout_of(model))) << model.name;
    EXPECT_DOUBLE_EQ(cache_bytes(layout, {}, 100), cache_bytes(layout_of(model), {}, 100));
    EXPECT_EQ(layout.kernels_leave_out, "");
  }
  EXPECT_GE(model_names().size(), 20u);
  for (const std::string& name : model_names()) {
    SCOPED_TRACE(name);
    const ModelLayout layout = find_layout(name);
    EXPECT_EQ(layout.name, name);
    EXPECT_THAT(layout.source, HasSubstr("config.json of "));
    EXPECT_GT(parameters(layout), 100'000'000);
  }
}

TEST(Layout, NamesAsPeopleWriteThem) {
  for (const char* words : {"Mistral-7B", "mistralai/Mistral-7B-Instruct-v0.2", "MISTRAL-7b"}) {
    EXPECT_EQ(find_layout(words).name, "mistral-7b");
  }
  EXPECT_EQ(find_layout("meta-llama/Meta-Llama-3-8B").name, "llama-3-8b");
  EXPECT_EQ(find_layout("Qwen/Qwen2.5-Coder-7B-Instruct").name, "qwen2.5-7b");
  EXPECT_THAT([] { find_layout("gpt-5"); },
              ThrowsMessage<std::invalid_argument>(
                  AllOf(HasSubstr("unknown model 'gpt-5'"), HasSubstr("mistral-7b"),
                        HasSubstr("config.json"), HasSubstr("layers x hidden"))));
  EXPECT_THAT(find_layout("2x64x96x4x2x16x100").assumed, HasSubstr("gated"));
  EXPECT_EQ(find_layout("mistralai/Mistral-7B").asked_for, "mistralai/Mistral-7B");
  EXPECT_EQ(find_layout("Mistral-7B").asked_for, "");
}

// 40 of 48 layers of Gemma 3 12B keep 1024 tokens: K and V of 8 heads of 256 values of 2 bytes.
TEST(Layout, WindowsBoundTheCache) {
  const ModelLayout gemma = find_layout("gemma-3-12b");
  EXPECT_DOUBLE_EQ(cache_bytes(gemma, {}, 32769), 8192.0 * (8 * 32769 + 40 * 1024));
  EXPECT_DOUBLE_EQ(step_cache_bytes(gemma, {}, 32769), cache_bytes(gemma, {}, 32769));
  EXPECT_DOUBLE_EQ(cache_bytes(gemma, {}, 500), 8192.0 * 48 * 500);
}

// A chunk begins anew: its first token attends to itself alone, though the last chunk is in memory.
TEST(Layout, ChunksBeginAnew) {
  ModelLayout layout;
  layout.attention = {{.cached_elements = 1, .multiply_adds = 1, .window = 8, .chunked = true}};
  EXPECT_DOUBLE_EQ(step_cache_bytes(layout, {}, 8), 16);
  EXPECT_DOUBLE_EQ(step_cache_bytes(layout, {}, 9), 2);
  EXPECT_DOUBLE_EQ(cache_bytes(layout, {}, 9), 16);
}

// With null a window is off; absent, Mistral's class has one of 4096.
TEST(Layout, ANullWindowIsNoWindow) {
  const auto window = [](const Object& more) {
    return layout_from(small(more)).attention.front().window;
  };
  EXPECT_EQ(window({{"model_type", "mistral"}}), 4096);
  EXPECT_EQ(window({{"model_type", "mistral"}, {"sliding_window", nullptr}}), 0);
  EXPECT_EQ(window({{"model_type", "mistral"}, {"sliding_window", 77}}), 77);
  EXPECT_EQ(window({{"model_type", "qwen2"}, {"sliding_window", 77}, {"max_window_layers", 0}}), 0);
  EXPECT_EQ(window({{"model_type", "qwen2"},
                    {"sliding_window", 77},
                    {"max_window_layers", 0},
                    {"use_sliding_window", true}}),
            77);
}

// 2 of 8 per token: 2, then 8 (1 - (3/4)^2) = 3.5; a crowd reads all.
TEST(Layout, ABatchReadsTheExpertsThatItSelects) {
  const ModelLayout mixtral = find_layout("mixtral-8x7b");
  EXPECT_DOUBLE_EQ(experts_read(mixtral, 1), 2);
  EXPECT_DOUBLE_EQ(experts_read(mixtral, 2), 3.5);
  EXPECT_NEAR(experts_read(mixtral, 1000), 8, 1e-9);
  EXPECT_DOUBLE_EQ(step_weight_bytes(mixtral, {}, 2),
                   2.0 * static_cast<double>(read_once(mixtral)));
  EXPECT_DOUBLE_EQ(step_weight_bytes(mixtral, {}, 8),
                   2.0 * static_cast<double>(parameters(mixtral) - 32000 * 4096));
  EXPECT_EQ(experts_read(find_layout("mistral-7b"), 5), 0);
}

// The small model's 2 x (12288 + 18432) weights in linear layers; the LM head stays in 16 bits.
TEST(Layout, QuantisedCheckpointsByHand) {
  const auto bytes = [](const Object& quantization) {
    const ModelLayout layout = layout_from(small({{"hidden_size", 128},
                                                  {"head_dim", 32},
                                                  {"intermediate_size", 256},
                                                  {"quantization_config", quantization}}));
    return stored_bytes(layout.weights, *layout.stored);
  };
  constexpr double linears = 2 * (128.0 * 128 * 2 + 64 * 128 * 2 + 3 * 128 * 256);
  constexpr double plain = 2.0 * (2 * 100 * 128 + 5 * 128);
  // Rows of 128 inputs, q, k, v, o, gate, up of 128, 64, 64, 128, 256, 256 and down of 128 x 256.
  constexpr double groups = 2 * (128 + 64 + 64 + 128 + 256 + 256 + 2 * 128);
  EXPECT_DOUBLE_EQ(bytes({{"quant_method", "awq"}, {"bits", 4}, {"group_size", 128}}),
                   plain + linears / 2 + groups * 2.5);
  EXPECT_DOUBLE_EQ(bytes({{"quant_method", "gptq"}, {"bits", 8}, {"group_size", -1}}),
                   plain + linears + 2 * (128 + 64 + 64 + 128 + 256 + 256 + 128) * 3.0 +
                       2 * (6 * 128 + 256) * 4.0);
  EXPECT_DOUBLE_EQ(bytes({{"quant_method", "fp8"}, {"weight_block_size", {128, 128}}}),
                   plain + linears + 2 * (1 + 1 + 1 + 1 + 2 + 2 + 2) * 4.0);
  EXPECT_DOUBLE_EQ(
      bytes({{"quant_method", "fp8"}, {"modules_to_not_convert", {"model.layers.1", "lm_head"}}}),
      plain + linears / 2 + linears);
  EXPECT_DOUBLE_EQ(bytes({{"quant_method", "bitsandbytes"}, {"load_in_4bit", true}}),
                   plain + linears / 2 + linears / 64 * 4);
  // NVFP4: 4 bits and a byte per 16 weights, by either tool that writes it; MXFP4: per 32.
  EXPECT_DOUBLE_EQ(bytes({{"quant_method", "modelopt"}, {"quant_algo", "NVFP4"}}),
                   plain + linears / 2 + linears / 16);
  EXPECT_DOUBLE_EQ(bytes({{"quant_method", "modelopt"}, {"quant_algo", "FP8"}}), plain + linears);
  const auto compressed = [&](int group_size, const char* strategy) {
    const Object weights = {
        {"num_bits", 4}, {"type", "float"}, {"strategy", strategy}, {"group_size", group_size}};
    const Object group = {{"targets", Object::array({"Linear"})}, {"weights", weights}};
    return bytes({{"quant_method", "compressed-tensors"}, {"config_groups", {{"group_0", group}}}});
  };
  EXPECT_DOUBLE_EQ(compressed(16, "tensor_group"), plain + linears / 2 + linears / 16);
  EXPECT_DOUBLE_EQ(compressed(32, "group"), plain + linears / 2 + linears / 32);
  const auto integers = [&](const Object& more) {
    Object weights = {{"num_bits", 4}, {"type", "int"}, {"strategy", "group"}, {"group_size", 32}};
    weights.update(more);
    const Object group = {{"targets", Object::array({"Linear"})}, {"weights", weights}};
    return bytes({{"quant_method", "compressed-tensors"}, {"config_groups", {{"group_0", group}}}});
  };
  EXPECT_DOUBLE_EQ(integers({{"symmetric", true}}), plain + linears / 2 + linears / 32 * 2);
  EXPECT_DOUBLE_EQ(integers({{"symmetric", false}}), plain + linears / 2 + linears / 32 * 2.5);
  EXPECT_DOUBLE_EQ(integers({{"num_bits", 8},
                             {"type", "float"},
                             {"strategy", "block"},
                             {"block_structure", {128, 128}}}),
                   plain + linears + 2 * (1 + 1 + 1 + 1 + 2 + 2 + 2) * 2.0);
  const auto why_not = [](const Object& quantization) {
    return layout_from(small({{"quantization_config", quantization}})).why_not_stored;
  };
  EXPECT_THAT(why_not({{"quant_method", "aqlm"}}),
              AllOf(HasSubstr("quantization_config.quant_method: 'aqlm' is not understood"),
                    HasSubstr("--weights")));
  EXPECT_THAT(why_not({{"quant_method", "fp8"}, {"ignored_layers", Object::array({"re:(a|b)"})}}),
              HasSubstr("regular expression"));
  EXPECT_THAT(
      why_not({{"quant_method", "bitsandbytes"}, {"load_in_4bit", true}, {"load_in_8bit", true}}),
      HasSubstr("load_in_4bit: or load_in_8bit must be true, and not both"));
  EXPECT_THAT(why_not({{"quant_method", "modelopt"}, {"quant_algo", "MIXED_PRECISION"}}),
              HasSubstr("quant_algo: 'MIXED_PRECISION' is not understood"));
}

// Tools of before transformers had quantization_config: the config.json says bf16.
TEST(Layout, AFileBesideTheConfigStatesTheFormat) {
  const std::filesystem::path folder = testing::TempDir() + "format beside";
  const auto stored = [&](const char* name, const Object& beside, const Object& more) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    std::ofstream(folder / "config.json") << small(more).dump();
    std::ofstream(folder / name) << beside.dump();
    const ModelLayout of_folder = find_layout(folder.string());
    const ModelLayout of_file = find_layout((folder / "config.json").string());
    EXPECT_EQ(of_folder.why_not_stored, of_file.why_not_stored);
    if (!of_folder.stored || !of_file.stored) return of_folder.why_not_stored;
    EXPECT_EQ(of_folder.stored->name, of_file.stored->name);
    return of_folder.stored->name + "; " +
           std::string(of_folder.cache.value_or(CacheFormat{}).name);
  };
  const Object bf16 = {{"torch_dtype", "bfloat16"}};
  const Object modelopt = {
      {"quantization",
       {{"quant_algo", "FP8"}, {"kv_cache_quant_algo", "FP8"}, {"exclude_modules", {"lm_head"}}}}};
  EXPECT_EQ(stored("hf_quant_config.json", modelopt, bf16), "modelopt, fp8; fp8");
  EXPECT_EQ(stored("quantize_config.json", {{"bits", 4}, {"group_size", 128}}, bf16),
            "gptq, 4 bits, groups of 128; fp16");
  EXPECT_EQ(stored("quant_config.json", {{"w_bit", 4}, {"q_group_size", 64}}, bf16),
            "awq, 4 bits, groups of 64; fp16");
  EXPECT_THAT(
      stored("hf_quant_config.json", {{"quantization", {{"quant_algo", "INT4_AWQ"}}}}, bf16),
      AllOf(HasSubstr("hf_quant_config.json"), HasSubstr("'INT4_AWQ' is not understood")));
  // What the config.json says itself holds.
  EXPECT_EQ(stored("hf_quant_config.json", modelopt,
                   {{"quantization_config", {{"quant_method", "awq"}, {"bits", 4}}}}),
            "awq, 4 bits, groups of 128; fp16");
  EXPECT_THROW(stored("hf_quant_config.json", Object::object(), bf16), RecordError);
}

// Whatever stores some weights otherwise than what is read here, by its name.
TEST(Layout, FormatsThatAreNotUnderstoodAreNamed) {
  const auto why_not = [](const Object& more) { return layout_from(small(more)).why_not_stored; };
  const auto quantised = [&](const char* method, const Object& more) {
    Object quantization = {{"quant_method", method}, {"bits", 4}, {"group_size", 128}};
    quantization.update(more);
    return why_not({{"quantization_config", quantization}});
  };
  const auto names = [](const char* field) {
    return AllOf(HasSubstr(std::string(field) + ": "), HasSubstr("not understood"),
                 HasSubstr("--weights"));
  };
  EXPECT_THAT(quantised("gptq", {{"dynamic", {{"-:layers.1", 1}}}}),
              names("quantization_config.dynamic"));
  EXPECT_THAT(quantised("gptq", {{"lm_head", true}}), names("quantization_config.lm_head"));
  EXPECT_EQ(quantised("gptq", {{"lm_head", false}, {"dynamic", nullptr}}), "");
  const Object weights = {{"num_bits", 8}, {"type", "int"}, {"strategy", "channel"}};
  const Object group = {{"targets", Object::array({"Linear"})}, {"weights", weights}};
  const auto sparse = [&](const Object& how) {
    return quantised("compressed-tensors",
                     {{"config_groups", {{"group_0", group}}}, {"sparsity_config", how}});
  };
  EXPECT_THAT(sparse({{"format", "sparse-24-bitmask"}}),
              names("quantization_config.sparsity_config.format"));
  EXPECT_EQ(sparse({{"format", "dense"}}), "");
  EXPECT_EQ(sparse(Object::object()), "");
  EXPECT_THAT(why_not({{"compression_config", {{"quant_method", "compressed-tensors"}}}}),
              names("compression_config"));
  EXPECT_THAT(why_not({{"quantization", {{"bits", 4}}}}), names("quantization"));
  EXPECT_THAT(why_not({{"torch_dtype", "float8_e4m3fn"}}), names("torch_dtype"));
  EXPECT_THAT(why_not({{"torch_dtype", "float32"}, {"dtype", "bfloat16"}}),
              HasSubstr("dtype: contradicts torch_dtype, 'float32'"));
  EXPECT_EQ(why_not({{"torch_dtype", "float32"}, {"dtype", "float32"}}), "");
}

TEST(Layout, ListsOfModulesThatStayPlain) {
  const auto names = [](const std::string& entry, const char* module) {
    return ModuleList({entry}).names(module);
  };
  EXPECT_TRUE(names("lm_head", "lm_head"));
  EXPECT_TRUE(names("model.layers.3.mlp.gate", "layers.3.mlp.gate"));
  EXPECT_FALSE(names("model.layers.3.mlp.gate", "layers.3.mlp.gate_proj"));
  EXPECT_FALSE(names("model.layers.3", "layers.30.mlp.gate"));
  EXPECT_TRUE(names("self_attn", "layers.30.self_attn.q_proj"));
  EXPECT_TRUE(names("model.layers.*.self_attn", "layers.12.self_attn.q_proj"));
  EXPECT_FALSE(names("model.layers.*.self_attn", "layers.12.mlp.up_proj"));
  EXPECT_TRUE(names("re:.*self_attn.*", "layers.1.self_attn.o_proj"));
  EXPECT_TRUE(names("re:.*\\.o_proj$", "layers.1.self_attn.o_proj"));
  EXPECT_FALSE(names("re:.*\\.o_proj$", "layers.1.self_attn.q_proj"));
  EXPECT_FALSE(names("vision_model.model.layers.1.self_attn", "layers.1.self_attn.q_proj"));
}

// A third of the weights in tables: their rows of 16 bits are not what a step reads.
TEST(Layout, AFileOfSoManyBytes) {
  const ModelLayout layout = layout_from(small());
  const double all = static_cast<double>(parameters(layout));
  const WeightFormat gguf = format_of_file(layout, all / 2, FileKind::gguf);
  EXPECT_DOUBLE_EQ(gguf.bits, 4);
  EXPECT_DOUBLE_EQ(stored_bytes(layout.weights, gguf), all / 2);
  EXPECT_DOUBLE_EQ(step_weight_bytes(layout, gguf, 0), (all - 6400) / 2);
  const WeightFormat safetensors = format_of_file(layout, all, FileKind::safetensors);
  EXPECT_DOUBLE_EQ(stored_bytes(layout.weights, safetensors), all);
  EXPECT_DOUBLE_EQ(step_weight_bytes(layout, safetensors, 0), all - 2 * 6400);
}

// Not the text alone: what it was divided over is what it adds up to again.
TEST(Layout, AFileWithAnEncoderOrPredictionLayers) {
  for (const char* name : {"gemma-3-27b", "deepseek-v3", "mistral-7b"}) {
    const ModelLayout layout = find_layout(name);
    const double at_16_bits = file_weight_bytes(layout, find_weight_format("bf16"));
    for (const double bytes : {at_16_bits, at_16_bits / 2}) {
      for (const FileKind kind : {FileKind::safetensors, FileKind::unknown}) {
        const WeightFormat format = format_of_file(layout, bytes, kind);
        EXPECT_NEAR(file_weight_bytes(layout, format), bytes, 1e-9 * bytes) << name;
      }
    }
    const WeightFormat plain = format_of_file(layout, at_16_bits, FileKind::safetensors);
    EXPECT_NEAR(plain.bits, 16, 1e-9) << name;
  }
}

TEST(Layout, ConfigsInTheWild) {
  // What Python writes, a name that it means inside a string, and a byte order mark.
  const std::string text =
      R"({"a": [0.0, Infinity, -Infinity, NaN], "b": "NaN \" Infinity", "c": 5})";
  const Config config(text, "config.json");
  EXPECT_EQ(config.text("b"), "NaN \" Infinity");
  EXPECT_EQ(config.integer({"c"}, 0, 10), 5);
  for (const char* bad : {"", "[]", "{", "{\"a\": }", "null", "{\"a\": 1, \"a\": 2}"}) {
    EXPECT_THROW(Config(bad, "config.json"), RecordError) << bad;
  }
  std::string many = "{\"a\": [{}";
  for (int i = 0; i < 349'000; ++i) many += ",{}";
  EXPECT_THAT([&] { Config(many + "]}", "config.json"); },
              ThrowsMessage<RecordError>(HasSubstr("more than 10000 arrays and objects")));
  const std::string deep(100'000, '[');
  EXPECT_THROW(Config("{\"a\": " + deep, "config.json"), RecordError);
}

TEST(Layout, KernelsRunWhatTheyCanOfIt) {
  EXPECT_EQ(kernel_model_name(find_layout("qwen2.5-7b")), "28x3584x18944x28x4x128x152064");
  EXPECT_THAT(find_layout("qwen2.5-7b").kernels_leave_out, HasSubstr("biases"));
  EXPECT_THAT(find_layout("llama-3.2-1b").kernels_leave_out, HasSubstr("are one"));
  for (const char* name : {"mixtral-8x7b", "deepseek-v3", "falcon-7b", "gpt2"}) {
    EXPECT_EQ(kernel_model_name(find_layout(name)), std::nullopt);
  }
  // Rotary embedding turns pairs: the kernels have no odd head dimension.
  EXPECT_EQ(kernel_model_name(layout_from(small({{"head_dim", 15}}))), std::nullopt);
}

}  // namespace
}  // namespace roofproof
