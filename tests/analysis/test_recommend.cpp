// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/recommend/recommend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "analysis/input_error.h"
#include "kernels/models/find.h"
#include "results/record/json_text.h"
#include "tests/analysis/device_fixture.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

RecommendRequest asked(const std::string& model = "mistral-7b", Precision weights = Precision::fp16,
                       std::int64_t context = 0) {
  return {.model = find_layout(model),
          .step = {.weights = WeightFormat::of(weights), .context = context}};
}

std::vector<Recommendation> recommended(const RecommendRequest& request,
                                        const std::vector<RunFile>& runs = {}) {
  return recommend(request, specs(), runs, published_decodes());
}

const Recommendation& of(const std::vector<Recommendation>& all, const std::string& gpu) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Recommendation& one) { return one.gpu->name == gpu; });
  if (found == all.end()) throw std::out_of_range(gpu);
  return *found;
}

// What fits where, at a context of 4096 and one user. Bytes needed, counted by hand from the
// dimensions: linear layers and LM head in the format (INT8 with 4 bytes per row, INT4 with 2 per
// 128 weights), embedding and norms in FP16, 4097 tokens of FP16 keys and values, one sequence's
// activations. Memory: 15110, 22587, 22478 MiB, 80 GiB, 81081, 143156 MiB.
struct FitRow {
  const char* model;
  Precision weights;
  double needed_bytes;
  int gpus[6];  // T4, A10G, L4, A100, H100, H200
};
constexpr const char* fit_gpus[] = {"T4", "A10G", "L4", "A100 80GB SXM4", "H100 SXM5", "H200 SXM"};
constexpr FitRow fit_table[] = {
    {"llama-2-7b", Precision::fp16, 15624996352, {1, 1, 1, 1, 1, 1}},
    {"llama-2-7b", Precision::int8, 9023486464, {1, 1, 1, 1, 1, 1}},
    {"llama-2-7b", Precision::int4, 5817615872, {1, 1, 1, 1, 1, 1}},
    {"llama-2-13b", Precision::fp16, 29388171776, {2, 2, 2, 1, 1, 1}},
    {"llama-2-13b", Precision::int8, 16545209856, {2, 1, 1, 1, 1, 1}},
    {"llama-2-13b", Precision::int4, 10311563776, {1, 1, 1, 1, 1, 1}},
    {"llama-2-70b", Precision::fp16, 139296049664, {9, 6, 6, 2, 2, 1}},
    {"llama-2-70b", Precision::int8, 70609862144, {5, 3, 3, 1, 1, 1}},
    {"llama-2-70b", Precision::int4, 37299915264, {3, 2, 2, 1, 1, 1}},
};

TEST(Recommend, WhatFitsWhere) {
  for (const FitRow& row : fit_table) {
    const std::vector<Recommendation> all = recommended(asked(row.model, row.weights, 4096));
    for (std::size_t i = 0; i < std::size(fit_gpus); ++i) {
      SCOPED_TRACE(std::string(row.model) + " " + std::string(name(row.weights)) + " " +
                   fit_gpus[i]);
      const Recommendation& one = of(all, fit_gpus[i]);
      EXPECT_EQ(one.gpus, row.gpus[i]);
      EXPECT_EQ(one.fits, row.gpus[i] == 1);
      EXPECT_DOUBLE_EQ(one.prediction.memory_needed_bytes, row.needed_bytes);
    }
  }
}

// What one user gets at most where it fits on one, and n times that on n: bandwidth over the bytes
// of a step. These are the bytes above without the activations, with one row of the embedding table
// in place of all; 320, 600, 300, 2039, 3350 and 4800 GB/s.
struct RateRow {
  const char* model;
  Precision weights;
  double step_bytes;
  double tokens_per_s[6];  // of one, by its bandwidth alone
};
constexpr RateRow rate_table[] = {
    {"llama-2-7b", Precision::fp16, 15362703360, {20.83, 39.06, 19.53, 132.72, 218.06, 312.45}},
    {"llama-2-7b", Precision::int8, 8761193472, {36.52, 68.48, 34.24, 232.73, 382.37, 547.87}},
    {"llama-2-7b", Precision::int4, 5555322880, {57.60, 108.00, 54.00, 367.04, 603.03, 864.04}},
    {"llama-2-13b", Precision::fp16, 29060321280, {11.01, 20.65, 10.32, 70.16, 115.28, 165.17}},
    {"llama-2-13b", Precision::int8, 16217359360, {19.73, 37.00, 18.50, 125.73, 206.57, 295.98}},
    {"llama-2-13b", Precision::int4, 9983713280, {32.05, 60.10, 30.05, 204.23, 335.55, 480.78}},
    {"llama-2-70b", Precision::fp16, 138771529728, {2.31, 4.32, 2.16, 14.69, 24.14, 34.59}},
    {"llama-2-70b", Precision::int8, 70085342208, {4.57, 8.56, 4.28, 29.09, 47.80, 68.49}},
    {"llama-2-70b", Precision::int4, 36775395328, {8.70, 16.32, 8.16, 55.44, 91.09, 130.52}},
};

TEST(Recommend, HowFastAtMost) {
  for (const RateRow& row : rate_table) {
    const std::vector<Recommendation> all = recommended(asked(row.model, row.weights, 4096));
    for (std::size_t i = 0; i < std::size(fit_gpus); ++i) {
      SCOPED_TRACE(std::string(row.model) + " " + std::string(name(row.weights)) + " " +
                   fit_gpus[i]);
      const Recommendation& one = of(all, fit_gpus[i]);
      EXPECT_DOUBLE_EQ(one.prediction.bytes, row.step_bytes);
      EXPECT_EQ(one.prediction.step.bound, Bound::memory);
      EXPECT_NEAR(one.prediction.tokens_per_s / one.gpus, row.tokens_per_s[i], 0.00501);
      EXPECT_LE(one.tokens_per_s.high, one.prediction.tokens_per_s);
    }
  }
}

// Llama-2-7B in FP16 at a context of 4096: 2 x 6738415616 bytes of weights, 4097 tokens of 524288
// bytes, 78592 activations of 2.
TEST(Recommend, MemoryIsToldApart) {
  const RecommendRequest request = asked("llama-2-7b", Precision::fp16, 4096);
  const std::vector<Recommendation> all = recommended(request);
  EXPECT_THAT(
      recommend_text(request, all, {}, {}),
      HasSubstr("15.6 GB in memory (13.5 GB weights, 2.15 GB KV cache, 157 kB activations)"));
  const Json memory = parse_json(recommend_json(request, all, {}, {}), "recommend")["memory"];
  EXPECT_EQ(memory["weights_bytes"], 13476831232.0);
  EXPECT_EQ(memory["kv_cache_bytes"], 2148007936.0);
  EXPECT_EQ(memory["activation_bytes"], 157184.0);
  // A T4 has 15110 MiB: 219 MB free.
  EXPECT_THAT(recommend_text(request, all, {}, {}), HasSubstr("219 MB free"));
}

TEST(Recommend, SaysWhatWasCounted) {
  RecommendRequest request = asked("mixtral-8x7b");
  request.step.cache = find_cache_format("fp8");
  EXPECT_THAT(recommend_text(request, recommended(request), {}, {}),
              HasSubstr("mixtral-8x7b, 46.70 billion parameters, 12.88 billion active · fp16 "
                        "weights · fp8 KV cache"));
}

// What result files call by dimensions is the model that is asked for by name.
TEST(Recommend, AModelOfAnotherNameIsTheSame) {
  Record record = empty_record(t4_device());
  const std::string dimensions = "80x8192x28672x64x8x128x128256";  // Llama 3 70B
  add_rows(record, decode(Precision::int4, 1, "mistral-7b"), Implementation::hand, {1, 1, 1});
  add_rows(record, decode(Precision::int4, 1, dimensions), Implementation::hand, {1, 1, 1});
  const RecommendRequest request = asked("llama-3-70b", Precision::int4);
  EXPECT_THAT(of(recommended(request, {{"t4.json", &record}}), "T4").efficiency.source,
              HasSubstr(dimensions));
}

// Mistral-7B in FP16 reads 2 x 7110660096 + 8192 + 131072 bytes for one token. 320 GB/s give the
// T4 22.50 tokens/s, 300 GB/s the L4 21.10, although it has 1.9 times the T4's FP16 peak.
TEST(Recommend, AnL4IsNoFasterThanAT4ForOneUser) {
  const std::vector<Recommendation> all = recommended(asked());
  EXPECT_NEAR(of(all, "T4").prediction.tokens_per_s, 22.50, 0.005);
  EXPECT_NEAR(of(all, "L4").prediction.tokens_per_s, 21.10, 0.01);
  EXPECT_NEAR(of(all, "A10G").prediction.tokens_per_s, 42.19, 0.01);
  const std::vector<ArticleChoice> choices = check_article_choices(asked(), specs(), all);
  EXPECT_THAT(choices[1].found,
              AllOf(HasSubstr("L4 0.938x a T4, no faster"), HasSubstr("A10G 1.88x a T4")));
}

// Equal peaks, 4800 against 3350 GB/s: 1.43 times for one user, and nothing once compute-bound.
TEST(Recommend, H100AgainstH200) {
  const std::vector<Recommendation> one_user = recommended(asked());
  EXPECT_NEAR(of(one_user, "H200 SXM").prediction.tokens_per_s /
                  of(one_user, "H100 SXM5").prediction.tokens_per_s,
              4800.0 / 3350, 1e-9);
  RecommendRequest many = asked();
  many.step.batch = 4096;
  const std::vector<Recommendation> crowd = recommended(many);
  EXPECT_EQ(of(crowd, "H100 SXM5").prediction.step.bound, Bound::compute);
  EXPECT_DOUBLE_EQ(of(crowd, "H200 SXM").prediction.tokens_per_s,
                   of(crowd, "H100 SXM5").prediction.tokens_per_s);
}

// 70B in FP16 on two H100s: twice the bandwidth over the bytes of a step, and no link.
TEST(Recommend, SeveralGpusAreAnUpperBound) {
  const std::vector<Recommendation> all = recommended(asked("llama-2-70b", Precision::fp16, 4096));
  const Recommendation& h100 = of(all, "H100 SXM5");
  EXPECT_NEAR(h100.prediction.tokens_per_s, 2 * 3350e9 / h100.prediction.bytes, 1e-9);
  EXPECT_GT(h100.prediction.bytes, 137e9);
  EXPECT_THAT(recommend_text(asked("llama-2-70b"), all, {}, {}),
              HasSubstr("the\ninterconnect is not modelled"));
}

// Rooflines of Mistral-7B: FP16 22.50 tokens/s on a T4, 42.19 on an A10G, 21.10 on an L4.
TEST(Recommend, PublishedEfficiencyOfTheGpuElseOfTheFormatElseOfAll) {
  std::vector<PublishedDecode> published = {
      {.gpu = "T4", .model = "mistral-7b", .weights = Precision::fp16, .tokens_per_s = 11.25},
      {.gpu = "A10G", .model = "mistral-7b", .weights = Precision::fp16, .tokens_per_s = 33.752},
      {.gpu = "L4", .model = "mistral-7b", .weights = Precision::fp16, .tokens_per_s = 12.66},
      {.gpu = "L4", .model = "mistral-7b", .weights = Precision::int8, .tokens_per_s = 4.2}};
  const auto efficiency = [&](const char* gpu, Precision weights) {
    return published_efficiency(published, *specs().choose(gpu).gpu, WeightFormat::of(weights),
                                specs());
  };
  const Efficiency of_format = efficiency("T4", Precision::fp16);
  EXPECT_EQ(of_format.basis, EfficiencyBasis::published_for_format);
  EXPECT_NEAR(of_format.range.low, 0.5, 1e-3);
  EXPECT_NEAR(of_format.range.high, 0.8, 1e-3);
  // One INT8 figure is no range: all four.
  const Efficiency of_all = efficiency("T4", Precision::int8);
  EXPECT_EQ(of_all.basis, EfficiencyBasis::published);
  EXPECT_NEAR(of_all.range.low, 0.1, 2e-3);
  EXPECT_NEAR(of_all.range.high, 0.8, 1e-3);
  published.push_back(published[0]);
  published.push_back(published[0]);
  published.back().tokens_per_s = 13.5;
  const Efficiency of_gpu = efficiency("T4", Precision::fp16);
  EXPECT_EQ(of_gpu.basis, EfficiencyBasis::published_for_gpu);
  EXPECT_NEAR(of_gpu.range.low, 0.5, 1e-3);
  EXPECT_NEAR(of_gpu.range.high, 0.6, 1e-3);
}

TEST(Recommend, MeasuredEfficiencyComesFirst) {
  Record record = empty_record(t4_device());
  // Half of the roofline's 22.50 tokens/s; the row with another context is farther off.
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b", 4096), Implementation::hand, {1, 1, 1});
  Row& row = add_rows(record, decode(Precision::fp16, 1, "mistral-7b"), Implementation::hand,
                      {0.08889, 0.08889, 0.08889});
  row.energy_j = 5;
  const std::vector<Recommendation> all = recommended(asked(), {{"t4.json", &record}});
  const Recommendation& t4 = of(all, "T4");
  EXPECT_EQ(t4.efficiency.basis, EfficiencyBasis::measured);
  EXPECT_NEAR(t4.tokens_per_s.low, 11.25, 0.01);
  EXPECT_NEAR(t4.tokens_per_s.high, 11.25, 0.01);
  EXPECT_DOUBLE_EQ(*t4.energy_per_token_j, 5);
  EXPECT_THAT(t4.efficiency.source, HasSubstr("context:0 of t4.json"));
  EXPECT_NE(of(all, "L4").efficiency.basis, EfficiencyBasis::measured);
  // INT8 was not measured.
  EXPECT_NE(of(recommended(asked("mistral-7b", Precision::int8), {{"t4.json", &record}}), "T4")
                .efficiency.basis,
            EfficiencyBasis::measured);
}

TEST(Recommend, WhatWasDisturbedIsNoEfficiency) {
  Record record = empty_record(t4_device());
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b"), Implementation::hand,
           {0.08889, 0.08889, 0.08889});
  disturb(record.rows[0], 0.5);
  const std::vector<Recommendation> all = recommended(asked(), {{"t4.json", &record}});
  EXPECT_NE(of(all, "T4").efficiency.basis, EfficiencyBasis::measured);
  EXPECT_TRUE(of(all, "T4").files.empty());
}

// A model is also its dimensions; a name that this version does not know is passed over.
TEST(Recommend, AModelOfDimensionsGivesAnEfficiencyToo) {
  const std::string dimensions = "32x4096x14336x32x8x128x32000";
  Record record = empty_record(t4_device());
  add_rows(record, decode(Precision::fp16, 1, dimensions), Implementation::hand,
           {0.08889, 0.08889, 0.08889});
  EXPECT_NEAR(of(recommended(asked(), {{"t4.json", &record}}), "T4").tokens_per_s.low, 11.25, 0.01);
  for (Row& row : record.rows) row.problem.shape.model = "of-a-later-version";
  EXPECT_NE(of(recommended(asked(), {{"t4.json", &record}}), "T4").efficiency.basis,
            EfficiencyBasis::measured);
}

// 11.25 tokens/s are 40500 an hour: 0.6 USD an hour are 14.81 USD per million.
TEST(Recommend, CostIsOfThePriceGiven) {
  Record record = empty_record(t4_device());
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b"), Implementation::hand,
           {1 / 11.25, 1 / 11.25, 1 / 11.25});
  RecommendRequest request = asked();
  request.usd_per_hour = {{"g4dn.xlarge", 0.6}};
  const std::vector<Recommendation> all = recommended(request, {{"t4.json", &record}});
  const Recommendation& t4 = of(all, "T4");
  ASSERT_TRUE(t4.cost.has_value());
  EXPECT_TRUE(t4.cost->price.given);
  EXPECT_NEAR(t4.cost->usd_per_million_tokens.low, 14.815, 0.001);
  EXPECT_NEAR(t4.cost->usd_per_million_tokens.high, 14.815, 0.001);
  const Recommendation& l4 = of(all, "L4");
  ASSERT_TRUE(l4.cost.has_value());
  EXPECT_FALSE(l4.cost->price.given);
  EXPECT_FALSE(l4.cost->price.as_of.empty());
  EXPECT_THAT(recommend_text(request, all, {}, {}),
              AllOf(HasSubstr("0.6000 USD/h, as given"), HasSubstr("USD/h, of 20")));
}

// 70B in INT4 takes two A10Gs; an instance of four holds two copies and costs the same hour.
TEST(Recommend, CopiesShareAnInstance) {
  RecommendRequest request = asked("llama-2-70b", Precision::int4, 4096);
  request.usd_per_hour = {{"g5.12xlarge", 6}};
  const std::vector<Recommendation> all = recommended(request);
  const Recommendation& a10g = of(all, "A10G");
  EXPECT_EQ(a10g.gpus, 2);
  EXPECT_EQ(a10g.cost->instances, 1);
  EXPECT_NEAR(a10g.cost->usd_per_million_tokens.low, 6 / (2 * a10g.tokens_per_s.high * 3600) * 1e6,
              1e-9);
  request.usd_per_hour = {{"g5.xlarge", 1}};
  const std::vector<Recommendation> singles = recommended(request);
  EXPECT_EQ(of(singles, "A10G").cost->instances, 2);
}

TEST(Recommend, APriceForNothingKnownIsRefused) {
  RecommendRequest request = asked();
  request.usd_per_hour = {{"g99.huge", 1}};
  EXPECT_THROW(recommended(request), InputError);
}

TEST(Recommend, ThoseThatFitComeFirst) {
  const std::vector<Recommendation> all = recommended(asked("llama-2-70b"));
  EXPECT_TRUE(std::is_partitioned(all.begin(), all.end(),
                                  [](const Recommendation& one) { return one.fits; }));
  EXPECT_EQ(all.size(), specs().gpus().size());
}

TEST(Recommend, JsonNamesTheBasisOfEveryFigure) {
  const std::vector<Recommendation> all = recommended(asked());
  const Json json = parse_json(recommend_json(asked(), all, {}, {"SYNTHETIC: x"}), "recommend");
  EXPECT_EQ(json["notices"][0], "SYNTHETIC: x");
  ASSERT_EQ(json["gpus"].size(), all.size());
  for (const Json& gpu : json["gpus"]) {
    EXPECT_THAT(gpu["efficiency_source"].get<std::string>(), HasSubstr("published: "));
    EXPECT_LE(gpu["tokens_per_s"]["high"].get<double>(),
              gpu["upper_bound_tokens_per_s"].get<double>());
  }
}

// Every figure taken over names a source, a GPU and a model that exist, and no more than the roof.
TEST(Published, EveryEntryIsSourcedAndPossible) {
  const std::vector<PublishedDecode> all = published_decodes();
  EXPECT_GE(all.size(), 15u);
  for (const PublishedDecode& decode : all) {
    EXPECT_EQ(specs().choose(decode.gpu).gpu->name, decode.gpu);
    EXPECT_NO_THROW(find_model(decode.model));
    EXPECT_THAT(decode.publication.source, HasSubstr("/"));
    const Efficiency efficiency = published_efficiency({decode}, *specs().choose(decode.gpu).gpu,
                                                       WeightFormat::of(decode.weights), specs());
    EXPECT_GT(efficiency.range.low, 0.1) << decode.publication.software;
    EXPECT_LT(efficiency.range.high, 1) << decode.publication.software;
  }
}

}  // namespace
}  // namespace roofproof::analysis
