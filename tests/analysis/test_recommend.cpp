// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/recommend/recommend.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "analysis/engines/score.h"
#include "analysis/input_error.h"
#include "analysis/quantity.h"
#include "kernels/models/find.h"
#include "results/record/json_text.h"
#include "tests/analysis/device_fixture.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

RecommendRequest asked(const std::string& model = "mistral-7b", Precision weights = Precision::fp16,
                       std::int64_t context = 0) {
  return {.model = find_layout(model),
          .step = {.weights = WeightFormat::of(weights), .context = context}};
}

constexpr std::chrono::sys_days today = std::chrono::sys_days(std::chrono::year_month_day(
    std::chrono::year(2026), std::chrono::month(11), std::chrono::day(30)));

const std::vector<ScoredRate>& published() {
  static const std::vector<ScoredRate> rates = scored_rates(engine_rates(), specs());
  return rates;
}

std::vector<Recommendation> recommended(RecommendRequest request,
                                        const std::vector<RunFile>& runs = {}) {
  request.today = today;
  return recommend(request, specs(), machines(), runs, published());
}

const Machine& machine(const std::string& name) {
  static const std::vector<Machine> all = machines();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Machine& one) { return one.name == name; });
  if (found == all.end()) throw std::out_of_range(name);
  return *found;
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
// activations. Memory: 15110, 22587, 22478 MiB, 80 GiB, 81081, 143156 MiB. Machines have 1, 4 or 8
// of the first three and 1 or 8 of the others; 40 heads divide by 2, 4, 5 and 8, 64 by powers of 2.
// 0: not in one machine.
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
    {"llama-2-70b", Precision::fp16, 139296049664, {0, 8, 8, 2, 2, 1}},
    {"llama-2-70b", Precision::int8, 70609862144, {8, 4, 4, 1, 1, 1}},
    {"llama-2-70b", Precision::int4, 37299915264, {4, 2, 2, 1, 1, 1}},
};

TEST(Recommend, WhatFitsWhere) {
  for (const FitRow& row : fit_table) {
    const std::vector<Recommendation> all = recommended(asked(row.model, row.weights, 4096));
    for (std::size_t i = 0; i < std::size(fit_gpus); ++i) {
      SCOPED_TRACE(std::string(row.model) + " " + std::string(name(row.weights)) + " " +
                   fit_gpus[i]);
      const Recommendation& one = of(all, fit_gpus[i]);
      EXPECT_EQ(one.fits, row.gpus[i] != 0);
      if (one.fits) {
        EXPECT_EQ(one.gpus, row.gpus[i]);
      }
      EXPECT_DOUBLE_EQ(one.needed_bytes, row.needed_bytes);
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
  const std::string dimensions = "40x5120x14336x32x8x128x131072";  // Mistral NeMo
  add_rows(record, decode(Precision::int4, 1, "mistral-7b"), Implementation::hand, {1, 1, 1});
  add_rows(record, decode(Precision::int4, 1, dimensions), Implementation::hand, {1, 1, 1});
  const RecommendRequest request = asked("mistral-nemo-12b", Precision::int4);
  EXPECT_THAT(of(recommended(request, {{"t4.json", &record}}), "T4").measured->source,
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
              AllOf(HasSubstr("2 (upper bound)"), HasSubstr("links are left out")));
}

TEST(Recommend, WhatOurKernelsReachedIsShown) {
  Record record = empty_record(t4_device());
  // Half of the roofline's 22.50 tokens/s; the row with another context is farther off.
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b", 4096), Implementation::hand, {1, 1, 1});
  Row& row = add_rows(record, decode(Precision::fp16, 1, "mistral-7b"), Implementation::hand,
                      {0.08889, 0.08889, 0.08889});
  row.energy_j = 5;
  const std::vector<Recommendation> all = recommended(asked(), {{"t4.json", &record}});
  const Recommendation& t4 = of(all, "T4");
  ASSERT_TRUE(t4.measured.has_value());
  EXPECT_NEAR(t4.measured->tokens_per_s.low, 11.25, 0.01);
  EXPECT_NEAR(t4.measured->tokens_per_s.high, 11.25, 0.01);
  EXPECT_DOUBLE_EQ(*t4.measured->energy_per_token_j, 5);
  EXPECT_THAT(t4.measured->source, HasSubstr("context:0 of t4.json"));
  EXPECT_FALSE(of(all, "L4").measured.has_value());
  EXPECT_THAT(recommend_text(asked(), all, {}, {}), HasSubstr("5.00 J/token"));
  // INT8 was not measured.
  EXPECT_FALSE(of(recommended(asked("mistral-7b", Precision::int8), {{"t4.json", &record}}), "T4")
                   .measured.has_value());
}

TEST(Recommend, WhatWasDisturbedIsNotShown) {
  Record record = empty_record(t4_device());
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b"), Implementation::hand,
           {0.08889, 0.08889, 0.08889});
  disturb(record.rows[0], 0.5);
  EXPECT_FALSE(of(recommended(asked(), {{"t4.json", &record}}), "T4").measured.has_value());
}

// A model is also its dimensions; a name that this version does not know is passed over.
TEST(Recommend, AModelOfDimensionsIsMeasuredToo) {
  const std::string dimensions = "32x4096x14336x32x8x128x32000";
  Record record = empty_record(t4_device());
  add_rows(record, decode(Precision::fp16, 1, dimensions), Implementation::hand,
           {0.08889, 0.08889, 0.08889});
  EXPECT_NEAR(of(recommended(asked(), {{"t4.json", &record}}), "T4").measured->tokens_per_s.low,
              11.25, 0.01);
  for (Row& row : record.rows) row.problem.shape.model = "of-a-later-version";
  EXPECT_FALSE(of(recommended(asked(), {{"t4.json", &record}}), "T4").measured.has_value());
}

// 22.50 tokens/s are 81000 an hour: 0.6 USD an hour are 7.41 USD per million.
TEST(Recommend, CostIsOfThePriceGiven) {
  RecommendRequest request = asked();
  request.prices = {{"g4dn.xlarge", {0.6, ""}}, {"RTX 4090", {0.35, "2026-08-01"}}};
  const std::vector<Recommendation> all = recommended(request);
  const Recommendation& t4 = of(all, "T4");
  ASSERT_TRUE(t4.cost.has_value());
  EXPECT_TRUE(t4.cost->offer.given);
  EXPECT_NEAR(t4.cost->least, 7.407, 0.002);
  EXPECT_FALSE(of(all, "L4").cost->offer.given);
  EXPECT_EQ(of(all, "RTX 4090").cost->offer.age_days, 121);
  EXPECT_TRUE(of(all, "RTX 4090").cost->offer.is_stale());
  EXPECT_FALSE(of(all, "RTX 3090").cost.has_value());
  EXPECT_THAT(
      recommend_text(request, all, {}, {}),
      AllOf(HasSubstr("0.6000 USD/h, as given"), HasSubstr("2026-08-01, 121 days old, stale"),
            HasSubstr("67 days old"), HasSubstr("no price of a machine that holds it")));
}

// Nobody else's price counts where the user states one, even a lower one.
TEST(Recommend, AGivenPriceCountsHoweverDear) {
  RecommendRequest request = asked();
  request.prices = {{"g5.xlarge", {90, ""}}};
  const Recommendation a10g = of(recommended(request), "A10G");
  EXPECT_EQ(a10g.cost->offer.machine, "g5.xlarge");
  EXPECT_EQ(a10g.cost->offer.usd_per_hour, 90);
}

// 70B in INT4 takes two A10Gs; a machine of four holds two copies and costs the same hour.
TEST(Recommend, CopiesShareAMachine) {
  RecommendRequest request = asked("llama-2-70b", Precision::int4, 4096);
  request.prices = {{"g5.12xlarge", {6, ""}}};
  const std::vector<Recommendation> all = recommended(request);
  const Recommendation& a10g = of(all, "A10G");
  EXPECT_EQ(a10g.gpus, 2);
  EXPECT_EQ(a10g.cost->copies, 2);
  EXPECT_NEAR(a10g.cost->least, 6 / (2 * a10g.prediction.tokens_per_s * 3600) * 1e6, 1e-9);
  // One GPU holds nothing of it, whatever it costs: the machines of the list keep their prices.
  request.prices = {{"g5.xlarge", {1, ""}}};
  const std::vector<Recommendation> listed = recommended(request);
  EXPECT_FALSE(of(listed, "A10G").cost->offer.given);
  EXPECT_EQ(of(listed, "A10G").cost->offer.machine, "g5.12xlarge");
}

// 2 USD for each of the two H100s that 70B takes in FP16, although no machine of two is listed.
TEST(Recommend, APriceOfAGpuIsOfEachOfThem) {
  RecommendRequest request = asked("llama-2-70b", Precision::fp16, 4096);
  request.prices = {{"H100 SXM5", {2, "2026-11-01"}}};
  const std::vector<Recommendation> all = recommended(request);
  const Recommendation& h100 = of(all, "H100 SXM5");
  ASSERT_TRUE(h100.cost.has_value());
  EXPECT_EQ(h100.gpus, 2);
  EXPECT_EQ(h100.cost->copies, 1);
  EXPECT_EQ(h100.cost->offer.gpus, 2);
  EXPECT_DOUBLE_EQ(h100.cost->offer.usd_per_hour, 4);
  EXPECT_EQ(h100.cost->offer.age_days, 29);
  // 24.14 tokens/s of one, see HowFastAtMost.
  EXPECT_NEAR(h100.cost->least, 4 / (2 * 24.14 * 3600) * 1e6, 0.01);
  EXPECT_EQ(&all.front(), &h100);
  EXPECT_THAT(recommend_text(request, all, {}, {}),
              HasSubstr("H100 SXM5 (2 GPUs) at 4.000 USD/h, 2026-11-01, 29 days old"));
  // More than any machine has are not offered: eight T4 hold no 70B in FP16.
  request.prices = {{"T4", {0.3, ""}}};
  EXPECT_FALSE(of(recommended(request), "T4").cost.has_value());
}

TEST(Recommend, PricesThatChangeNothingAreNamed) {
  RecommendRequest request = asked("llama-2-70b", Precision::fp16, 4096);
  const auto unused = [&] { return unused_prices(request, specs(), machines()); };
  request.prices = {{"H100 SXM5", {2, ""}}, {"g5.48xlarge", {9, ""}}, {"p5e.48xlarge", {9, ""}}};
  EXPECT_THAT(unused(), IsEmpty());
  request.prices = {{"g5.xlarge", {1, ""}}, {"g6.xlarge", {1, ""}}, {"RTX 4090", {1, ""}}};
  EXPECT_THAT(unused(),
              ElementsAre("! Prices that were not used, not enough GPUs to hold the model: RTX "
                          "4090, g5.xlarge, g6.xlarge"));
  request.prices = {{"a3-highgpu-8g", {8, ""}}, {"p5.48xlarge", {8, ""}}};
  request.cloud = "aws";
  EXPECT_THAT(unused(), ElementsAre("! Prices that were not used, of another cloud: "
                                    "a3-highgpu-8g"));
}

// 52 GB of FP32 weights and 20000 tokens of 819200 bytes are 68.5 GB: five T4s of 15.84 GB hold
// them, of 40 heads eight each. A machine has eight, which are 8/5 of the rate at the same price.
TEST(Recommend, NoGpuOfTheMachineIsLeftIdleWhereThatIsCheaper) {
  const RecommendRequest request = asked("llama-2-13b", Precision::fp32, 20000);
  const Recommendation t4 = of(recommended(request), "T4");
  EXPECT_EQ(t4.gpus, 8);
  EXPECT_EQ(t4.cost->copies, 1);
  EXPECT_EQ(t4.cost->offer.machine, "g4dn.metal");
}

// Against every number of GPUs of every machine, by sums that share nothing with the subject: the
// rate of so many is so many times that of one, and of the law the roofline's time that part.
TEST(Recommend, NoOtherDegreeUndercuts) {
  const EngineLaw law = engine_law(published(), "vLLM");
  for (const char* model : {"llama-2-13b", "llama-2-70b", "qwen2.5-7b", "tinyllama-1.1b"}) {
    for (const Precision weights : {Precision::fp32, Precision::int4}) {
      for (const char* engine : {"", "vLLM"}) {
        RecommendRequest request = asked(model, weights, 20000);
        request.engine = engine;
        const ModelWorkload workload = count_model(request.model, request.step);
        for (const Recommendation& one : recommended(request)) {
          SCOPED_TRACE(std::string(model) + ' ' + engine + " on " + one.gpu->name);
          const double rate_of_one = one.prediction.tokens_per_s / one.gpus;
          double least = INFINITY;
          for (const Machine& rented : machines_of(one.gpu->name)) {
            for (int gpus = 1; gpus <= rented.gpus && rented.usd_per_hour; ++gpus) {
              const std::int64_t kv = request.model.kv_heads;
              if (request.model.heads % gpus != 0 || (kv % gpus != 0 && gpus % kv != 0)) continue;
              const double copies_of_keys = std::max(1.0, gpus / static_cast<double>(kv));
              const MemoryNeed need = memory_need(request);
              if (need.weights_bytes + need.activation_bytes +
                      need.kv_cache_bytes * copies_of_keys >
                  gpus * one.memory_bytes) {
                continue;
              }
              const double roof_s = 1 / (rate_of_one * gpus);
              const double time_s = *engine ? roof_s / law.law->share +
                                                  workload.layers * law.law->overhead_per_layer_s
                                            : roof_s;
              const int copies = rented.gpus / gpus;
              least = std::min(least, *rented.usd_per_hour / 3600 * 1e6 * time_s / copies);
            }
          }
          ASSERT_EQ(one.cost.has_value(), std::isfinite(least));
          if (one.cost) {
            EXPECT_NEAR(*engine ? *one.cost->expected : one.cost->least, least, 1e-6 * least);
          }
        }
      }
    }
  }
}

// Sixteen sequences are the most that vLLM was timed at on one GPU.
TEST(Recommend, BeyondTheRatesTheBoundRanks) {
  RecommendRequest request = asked("llama-3-8b", Precision::fp16, 500);
  request.engine = "vLLM";
  request.step.batch = engine_law(published(), "vLLM").reach.batch;
  const auto ranked_by = [&] {
    const std::vector<Recommendation> all = recommended(request);
    return parse_json(recommend_json(request, all, {}, {}), "recommend")["ranked_by"];
  };
  EXPECT_EQ(ranked_by(), "law");
  ++request.step.batch;
  EXPECT_EQ(ranked_by(), "bound");
  const std::vector<Recommendation> all = recommended(request);
  for (const Recommendation& one : all) {
    EXPECT_FALSE(one.expected->tokens_per_s || one.expected->range);
  }
  EXPECT_THAT(recommend_text(request, all, {}, {}), Not(HasSubstr("expected tokens/s")));
  EXPECT_THAT(recommend_text(request, all, {}, {.law = "a law", .score = "s"}),
              HasSubstr("Ranked by the bound 'at most': a board far from it ranks too high.\na "
                        "law.\n"));
}

TEST(Recommend, NothingIsExpectedWhereTheModelIsNotHeld) {
  RecommendRequest request = asked("llama-2-70b");
  request.engine = "vLLM";
  int without = 0;
  for (const Recommendation& one : recommended(request)) {
    EXPECT_EQ(one.expected->tokens_per_s.has_value(), one.fits) << one.gpu->name;
    if (!one.fits) ++without;
  }
  EXPECT_GT(without, 10);
  // Nor what our kernels would reach on the one GPU that was measured.
  Record record = empty_record(t4_device());
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b"), Implementation::hand, {1, 1, 1});
  EXPECT_FALSE(
      of(recommended(asked("llama-2-13b"), {{"t4.json", &record}}), "T4").measured.has_value());
}

// More layers than any rate is of, on one GPU: a rate, which is neither a range nor a bound.
TEST(Recommend, ARateWithoutARangeIsNoBound) {
  RecommendRequest request = asked("llama-2-70b", Precision::int4);
  request.engine = "vLLM";
  const std::vector<Recommendation> all = recommended(request);
  const Recommendation& h200 = of(all, "H200 SXM");
  ASSERT_EQ(h200.gpus, 1);
  ASSERT_FALSE(h200.expected->range.has_value());
  const std::string text = recommend_text(request, {h200}, {}, {});
  EXPECT_THAT(text, ContainsRegex(fmt::format(" +{} +memory +[0-9]+ +{} +-? *p5en",
                                              significant(*h200.expected->tokens_per_s),
                                              significant(*h200.cost->expected))));
}

TEST(Recommend, APriceForNothingKnownIsRefused) {
  RecommendRequest request = asked();
  request.prices = {{"g99.huge", {1, ""}}};
  EXPECT_THROW(recommended(request), InputError);
}

// The number of days by hand: 2026-08-22 is 100 days before 2026-11-30.
TEST(Recommend, APriceOf100DaysIsStale) {
  RecommendRequest request = asked();
  request.prices = {{"g5.xlarge", {1, "2026-08-22"}}, {"g6.xlarge", {1, "2026-09-02"}}};
  const std::vector<Recommendation> all = recommended(request);
  EXPECT_EQ(of(all, "A10G").cost->offer.age_days, 100);
  EXPECT_TRUE(of(all, "A10G").cost->offer.is_stale());
  EXPECT_EQ(of(all, "L4").cost->offer.age_days, 89);
  EXPECT_FALSE(of(all, "L4").cost->offer.is_stale());
  EXPECT_THAT(recommend_text(request, all, {}, {}), HasSubstr("2026-08-22, 100 days old, stale"));
}

TEST(Recommend, OneCloudAlone) {
  RecommendRequest request = asked();
  request.cloud = "aws";
  for (const Recommendation& one : recommended(request)) {
    if (!one.cost) continue;
    EXPECT_EQ(machine(one.cost->offer.machine).provider, "aws");
  }
  EXPECT_EQ(of(recommended(request), "L4").cost->offer.machine, "g6.xlarge");
  request.cloud = "gcp";
  EXPECT_EQ(of(recommended(request), "L4").cost->offer.machine, "g2-standard-4");
}

// Whatever is asked for: machines of the list, with a date, and heads that divide.
TEST(Recommend, OffersOnlyWhatExists) {
  for (const std::string& model : model_names()) {
    for (const Precision weights : {Precision::fp16, Precision::int4}) {
      const RecommendRequest request = asked(model, weights, 8192);
      for (const Recommendation& one : recommended(request)) {
        SCOPED_TRACE(model + " " + one.gpu->name);
        EXPECT_EQ(request.model.heads % one.gpus, 0);
        const std::int64_t kv = request.model.kv_heads;
        EXPECT_TRUE(kv == 0 || kv % one.gpus == 0 || one.gpus % kv == 0);
        EXPECT_EQ(one.fits, one.needed_bytes <= one.gpus * one.memory_bytes);
        if (!one.cost) continue;
        EXPECT_TRUE(one.fits);
        const Machine& rented = machine(one.cost->offer.machine);
        EXPECT_EQ(rented.gpu, one.gpu->name);
        EXPECT_EQ(rented.gpus, one.cost->offer.gpus);
        EXPECT_EQ(rented.usd_per_hour, one.cost->offer.usd_per_hour);
        EXPECT_EQ(rented.as_of, one.cost->offer.as_of);
        EXPECT_TRUE(one.cost->offer.age_days.has_value());
        EXPECT_LE(one.gpus * one.cost->copies, rented.gpus);
      }
    }
  }
}

// With an engine of a law the order is that of the expected cost, without one that of the bound.
TEST(Recommend, RanksByTheLawWhereThereIsOne) {
  const auto costs = [](const std::vector<Recommendation>& all, bool expected) {
    std::vector<double> found;
    for (const Recommendation& one : all) {
      if (one.cost) found.push_back(expected ? *one.cost->expected : one.cost->least);
    }
    return found;
  };
  RecommendRequest request = asked("llama-3-8b", Precision::fp16, 500);
  const std::vector<Recommendation> bound = recommended(request);
  EXPECT_TRUE(std::ranges::is_sorted(costs(bound, false)));
  EXPECT_EQ(bound.front().gpu->name, "H200 SXM");
  request.engine = "vLLM";
  const std::vector<Recommendation> law = recommended(request);
  EXPECT_TRUE(std::ranges::is_sorted(costs(law, true)));
  EXPECT_EQ(law.front().gpu->name, "A10G");
  for (const Recommendation& one : law) {
    if (!one.fits) continue;
    EXPECT_LE(*one.expected->tokens_per_s, one.prediction.tokens_per_s);
    EXPECT_EQ(one.expected->range.has_value(), one.gpus == 1);
  }
  request.engine = "TGI";
  EXPECT_TRUE(std::ranges::is_sorted(costs(recommended(request), false)));
}

// At batch 32 an hour serves 32 sequences: the price of a token falls by less, the cache is read
// for each of them.
TEST(Recommend, CostIsAtTheBatchAskedFor) {
  RecommendRequest request = asked("llama-3-8b", Precision::fp16, 500);
  const Recommendation one = of(recommended(request), "L4");
  request.step.batch = 32;
  const Recommendation many = of(recommended(request), "L4");
  const double dollars = many.cost->offer.usd_per_hour;
  EXPECT_NEAR(many.cost->least, dollars * 1e6 / (3600 * many.prediction.tokens_per_s), 1e-9);
  EXPECT_LT(many.cost->least, one.cost->least / 20);
  EXPECT_GT(many.cost->least, one.cost->least / 32);
}

// The rates of this very step: of the engine where there are any, else of others.
TEST(Recommend, PublishedRatesStandBeside) {
  RecommendRequest request = asked("llama-3-8b", Precision::fp16, 500);
  request.engine = "vLLM";
  const std::vector<Recommendation> all = recommended(request);
  ASSERT_EQ(of(all, "H200 SXM").published.size(), 1u);
  EXPECT_DOUBLE_EQ(of(all, "H200 SXM").published[0].tokens_per_s, 131.23);
  for (const EngineRate& rate : of(all, "A100 80GB SXM4").published) {
    EXPECT_EQ(rate.engine, "vLLM");
    EXPECT_LT(rate.context, 28000);
  }
  ASSERT_EQ(of(all, "A10G").published.size(), 1u);
  EXPECT_EQ(of(all, "A10G").published[0].engine, "TGI");
  EXPECT_TRUE(of(all, "T4").published.empty());
  // 29 tokens/s at 1.006 USD an hour: 9.636 USD per million.
  EXPECT_THAT(recommend_text(request, all, {}, {}), HasSubstr("29.0 (TGI): 9.64 USD/Mtoken"));
}

TEST(Recommend, ThoseThatFitComeFirst) {
  const std::vector<Recommendation> all = recommended(asked("llama-2-70b"));
  EXPECT_TRUE(std::is_partitioned(all.begin(), all.end(),
                                  [](const Recommendation& one) { return one.fits; }));
  EXPECT_EQ(all.size(), specs().gpus().size());
}

TEST(Recommend, JsonHasWhatTheTextHas) {
  RecommendRequest request = asked("llama-3-8b", Precision::fp16, 500);
  request.engine = "vLLM";
  const std::vector<Recommendation> all = recommended(request);
  const Json json = parse_json(
      recommend_json(request, all, {}, {.notices = {"SYNTHETIC: x"}, .law = "l", .score = "s"}),
      "recommend");
  EXPECT_EQ(json["notices"][0], "SYNTHETIC: x");
  EXPECT_EQ(json["ranked_by"], "law");
  EXPECT_EQ(json["score"], "s");
  ASSERT_EQ(json["gpus"].size(), all.size());
  for (const Json& gpu : json["gpus"]) {
    EXPECT_EQ(gpu["expected_tokens_per_s"].is_null(), !gpu["fits"].get<bool>());
    if (gpu["fits"].get<bool>()) {
      EXPECT_LE(gpu["expected_tokens_per_s"].get<double>(),
                gpu["upper_bound_tokens_per_s"].get<double>());
    }
    if (gpu["cost"].is_null()) continue;
    const Machine& rented = machine(gpu["cost"]["machine"].get<std::string>());
    EXPECT_EQ(gpu["cost"]["price_as_of"], rented.as_of);
    EXPECT_EQ(gpu["cost"]["price_source"], rented.source);
    EXPECT_EQ(gpu["cost"]["provider"], rented.provider);
  }
}

// What the user pays has no source; a machine has its provider, a mere GPU has none.
TEST(Recommend, JsonTellsAGivenPrice) {
  RecommendRequest request = asked();
  request.prices = {{"g5.xlarge", {1, ""}}, {"RTX 4090", {1, ""}}};
  const Json json = parse_json(recommend_json(request, recommended(request), {}, {}), "recommend");
  for (const Json& gpu : json["gpus"]) {
    if (gpu["gpu"] != "A10G" && gpu["gpu"] != "RTX 4090") continue;
    EXPECT_TRUE(gpu["cost"]["price_source"].is_null());
    EXPECT_EQ(gpu["cost"]["provider"], gpu["gpu"] == "A10G" ? Json("aws") : Json(nullptr));
  }
}

}  // namespace
}  // namespace roofproof::analysis
