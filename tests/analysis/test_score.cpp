// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/engines/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "analysis/input_error.h"
#include "results/record/json_text.h"
#include "tests/analysis/device_fixture.h"

namespace roofproof::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const Score& published_score() {
  static const Score result = score(engine_rates(), specs(), machines());
  return result;
}

const EngineScore& of(const Score& score, const std::string& engine) {
  const auto found = std::find_if(score.engines.begin(), score.engines.end(),
                                  [&](const EngineScore& one) { return one.law.engine == engine; });
  if (found == score.engines.end()) throw std::out_of_range(engine);
  return *found;
}

TEST(Score, NoPublishedRateIsAboveTheBound) {
  EXPECT_GE(published_score().bounded, 111);
  EXPECT_EQ(published_score().above, 0);
  EXPECT_GT(published_score().closest, 0.9);
  EXPECT_LE(published_score().closest, 1);
}

TEST(Score, EveryRateIsHeldOutOrExcludedWithItsReason) {
  const Score& all = published_score();
  std::size_t excluded = 0;
  for (const ScoredRate& scored : all.rates) {
    if (!scored.excluded.empty()) ++excluded;
    EXPECT_EQ(scored.excluded.empty(),
              scored.rate.batch && scored.rate.gpus == 1 && scored.rate.kind == RateKind::decode);
  }
  EXPECT_EQ(all.held_out.size() + excluded, engine_rates().size());
  EXPECT_GE(excluded, 40u);
}

// One user, all vLLM boards, each held out, the H20-3e and 28000 tokens of context among them.
TEST(Score, TwoTermsBeatOneEfficiencyByAThird) {
  const EngineScore& vllm = of(published_score(), "vLLM");
  ASSERT_TRUE(vllm.one_user.has_value());
  EXPECT_EQ(vllm.law.boards, 14);
  EXPECT_EQ(vllm.one_user->rates, 23);
  EXPECT_LE(vllm.one_user->by_law, vllm.one_user->by_one_share * 2 / 3);
  const auto has = [](const auto& holds) {
    const std::vector<HeldOutRate>& all = published_score().held_out;
    return std::any_of(all.begin(), all.end(), [&](const HeldOutRate& held_out) {
      return held_out.rate.engine == "vLLM" && holds(held_out.rate);
    });
  };
  EXPECT_TRUE(has([](const EngineRate& rate) { return rate.gpu == "H20-3e"; }));
  EXPECT_TRUE(has([](const EngineRate& rate) { return rate.context == 28000; }));
}

TEST(Score, RangesCoverAsOftenAsTheySay) {
  const Score& all = published_score();
  const double seen = static_cast<double>(all.covered) / static_cast<double>(all.held_out.size());
  EXPECT_GE(seen, 0.85);
  EXPECT_LE(all.coverage.low, nominal_coverage);
  EXPECT_GE(all.coverage.high, nominal_coverage);
}

// Without the links between them several GPUs are faster than any that were timed.
TEST(Score, TheLawOfSeveralGpusIsAnUpperBound) {
  const EngineLaw law = engine_law(published_score().rates, "vLLM");
  int several = 0;
  for (const ScoredRate& scored : published_score().rates) {
    const EngineRate& rate = scored.rate;
    if (rate.engine != "vLLM" || rate.gpus == 1) continue;
    ++several;
    const auto& [gpu, workload, prediction] = *scored.bound;
    EXPECT_GT(*expect_timed(law, prediction, workload).tokens_per_s, rate.tokens_per_s)
        << rate.gpu << ' ' << rate.model;
    EXPECT_EQ(expect(law, prediction, workload, rate.gpus).range, std::nullopt);
  }
  EXPECT_GE(several, 8);
}

TEST(Score, ChangesWithOnePublishedRow) {
  std::vector<EngineRate> rates = engine_rates();
  const auto l4 = std::find_if(rates.begin(), rates.end(), [](const EngineRate& rate) {
    return rate.engine == "vLLM" && rate.gpu == "L4";
  });
  ASSERT_NE(l4, rates.end());
  l4->tokens_per_s /= 2;
  const Score changed = score(rates, specs(), machines());
  EXPECT_NE(score_text(changed), score_text(published_score()));
  EXPECT_NE(score_json(changed), score_json(published_score()));
  EXPECT_NE(score_line(changed), score_line(published_score()));
  l4->tokens_per_s *= 4;
  EXPECT_THAT(score_line(score(rates, specs(), machines())), HasSubstr("Score: 1 of 111"));
}

// Ten boards at exactly 0.5 of the roofline and 100 us for each of 32 layers, and of an eleventh a
// rate of half as much: its time is twice the predicted one, which every other board meets.
std::vector<EngineRate> made_up_rates() {
  const char* boards[] = {"T4",        "L4",       "A10G", "A10",      "A30",     "A40",
                          "H100 SXM5", "H200 SXM", "L40S", "RTX 3090", "RTX 4090"};
  std::vector<EngineRate> rates;
  for (const char* board : boards) {
    EngineRate rate = {.gpu = board, .model = "tinyllama-1.1b", .weights = "int8"};
    rate.batch = 1;
    rate.engine = "made up";
    rate.tokens_per_s = 1;
    const RateBound bound = bound_of(rate, specs());
    const double time_s = bound.prediction.time_per_token_s / 0.5 + bound.workload.layers * 100e-6;
    rate.tokens_per_s = (rate.gpu == "L4" ? 0.5 : 1) / time_s;
    rates.push_back(rate);
  }
  return rates;
}

TEST(Score, OfRatesThatFollowTheLaw) {
  const Score result = score(made_up_rates(), specs(), machines());
  const EngineScore& engine = of(result, "made up");
  ASSERT_TRUE(engine.law.law.has_value());
  EXPECT_NEAR(engine.law.law->share, 0.5, 1e-9);
  EXPECT_NEAR(engine.law.law->overhead_per_layer_s, 100e-6, 1e-12);
  ASSERT_TRUE(engine.all.has_value());
  EXPECT_NEAR(engine.all->by_law, 0.5 / 11, 1e-9);
  EXPECT_GT(engine.all->by_one_share, engine.all->by_law);
  // Ratios of ten other boards leave nothing outside of the least and the greatest.
  for (const HeldOutRate& held_out : result.held_out) {
    EXPECT_EQ(held_out.is_covered(), held_out.rate.gpu != "L4") << held_out.rate.gpu;
  }
}

TEST(Score, FewBoardsHaveNoLaw) {
  std::vector<EngineRate> rates = made_up_rates();
  rates.pop_back();
  rates.pop_back();  // nine are left
  const EngineLaw law = engine_law(scored_rates(rates, specs()), "made up");
  EXPECT_EQ(law.law, std::nullopt);
  EXPECT_THAT(law_words(law), HasSubstr("no law, rates of 9 of the 10 boards that it takes"));
  const Score& all = published_score();
  EXPECT_EQ(of(all, "llama.cpp").law.law, std::nullopt);
  EXPECT_EQ(of(all, "llama.cpp").all, std::nullopt);
}

ModelWorkload with(ModelWorkload workload, std::int64_t batch, std::int64_t context,
                   double layers) {
  workload.batch = batch;
  workload.context = context;
  workload.layers = layers;
  return workload;
}

// The made-up rates are of batch 1, no context and 22 layers.
TEST(Score, BeyondItsRatesTheLawSaysLess) {
  const std::vector<ScoredRate> rates = scored_rates(made_up_rates(), specs());
  const EngineLaw law = engine_law(rates, "made up");
  const RateBound& step = *rates.front().bound;
  const auto expected = [&](const ModelWorkload& workload, int gpus = 1) {
    return expect(law, step.prediction, workload, gpus);
  };
  const ModelWorkload within = with(step.workload, 1, 0, 22);
  EXPECT_TRUE(expected(within).tokens_per_s.has_value());
  EXPECT_TRUE(expected(within).range.has_value());
  EXPECT_TRUE(beyond_words(law, within).empty());
  EXPECT_TRUE(expected(within, 2).tokens_per_s.has_value());
  EXPECT_FALSE(expected(within, 2).range.has_value());
  // A greater batch: the bound is all that is known.
  const ModelWorkload crowd = with(step.workload, 2, 0, 22);
  EXPECT_FALSE(expected(crowd).tokens_per_s.has_value());
  EXPECT_FALSE(expected(crowd).range.has_value());
  EXPECT_THAT(beyond_words(law, crowd),
              ElementsAre("Rates of made up are of batches up to 1: nothing but the bound is known "
                          "of batch 2."));
  // A longer context, more layers: what the law says, and how far off it may be is not known.
  for (const ModelWorkload& beyond :
       {with(step.workload, 1, 1, 22), with(step.workload, 1, 0, 23)}) {
    EXPECT_TRUE(expected(beyond).tokens_per_s.has_value());
    EXPECT_FALSE(expected(beyond).range.has_value());
    EXPECT_THAT(beyond_words(law, beyond), ElementsAre(HasSubstr("no range is known of")));
  }
  EXPECT_EQ(beyond_words(law, with(step.workload, 1, 1, 23)).size(), 2u);
}

TEST(Score, NothingIsExpectedOfAStepThatDoesNotFit) {
  const std::vector<ScoredRate> rates = scored_rates(made_up_rates(), specs());
  const EngineLaw law = engine_law(rates, "made up");
  const RateBound& step = *rates.front().bound;
  Prediction prediction = step.prediction;
  ASSERT_EQ(prediction.fits, true);
  prediction.fits = std::nullopt;  // the memory is not known
  EXPECT_TRUE(expect(law, prediction, step.workload, 1).tokens_per_s.has_value());
  prediction.fits = false;
  EXPECT_FALSE(expect(law, prediction, step.workload, 1).tokens_per_s.has_value());
  EXPECT_FALSE(expect(law, prediction, step.workload, 1).range.has_value());
}

// An engine of few boards has the range of all engines, and their reach.
TEST(Score, TheReachOfAnEngineWithoutALawIsThatOfAll) {
  std::vector<EngineRate> rates = made_up_rates();
  rates.pop_back();
  rates.pop_back();
  EngineRate other = rates.front();
  other.engine = "another";
  other.batch = 8;
  other.context = 100;
  rates.push_back(other);
  const EngineLaw law = engine_law(scored_rates(rates, specs()), "made up");
  EXPECT_EQ(law.reach.batch, 8);
  EXPECT_EQ(law.reach.context, 100);
  const ModelWorkload& workload = bound_of(rates.front(), specs()).workload;
  EXPECT_TRUE(beyond_words(law, with(workload, 8, 100, 22)).empty());
  EXPECT_THAT(beyond_words(law, with(workload, 9, 100, 22)),
              ElementsAre(HasSubstr("Rates of all engines are of batches up to 8: ")));
}

// Somebody timed it: our count of its memory does not take it out of the score.
TEST(Score, ATimedStepIsScoredWhateverFits) {
  std::vector<EngineRate> rates = made_up_rates();
  EngineRate& large = rates.front();
  ASSERT_EQ(large.gpu, "T4");
  large.model = "llama-2-70b";
  EXPECT_EQ(bound_of(large, specs()).prediction.fits, false);
  const Score result = score(rates, specs(), machines());
  EXPECT_EQ(result.held_out.size(), rates.size());
  for (const HeldOutRate& held_out : result.held_out) EXPECT_TRUE(held_out.expected.range);
}

TEST(Score, EnginesGoByTheirLetters) {
  const std::vector<ScoredRate>& rates = published_score().rates;
  EXPECT_EQ(find_engine(rates, "VLLM"), "vLLM");
  EXPECT_EQ(find_engine(rates, "tensorrt llm"), "TensorRT-LLM");
  EXPECT_EQ(find_engine(rates, "llamacpp"), "llama.cpp");
  EXPECT_THAT([&] { find_engine(rates, "ollama"); },
              ThrowsMessage<InputError>(HasSubstr("there are some of AutoAWQ, ")));
}

TEST(Score, RanksBoardsByCost) {
  ASSERT_EQ(published_score().ranks.size(), 1u);
  const CostRanks& ranks = published_score().ranks.front();
  EXPECT_EQ(ranks.model, "llama-3-8b");
  EXPECT_GE(ranks.boards.size(), 5u);
  EXPECT_GT(*ranks.by_law, *ranks.by_bandwidth_per_price);
  // Prices of one cloud, those that have a date.
  EXPECT_EQ(ranks.provider, "aws");
  for (const BoardCost& board : ranks.boards) {
    const std::vector<Machine> all = machines_of(board.board);
    const auto machine = std::find_if(
        all.begin(), all.end(), [&](const Machine& one) { return one.name == board.machine; });
    ASSERT_NE(machine, all.end()) << board.machine;
    EXPECT_EQ(machine->provider, "aws");
    EXPECT_EQ(machine->as_of, board.as_of);
  }
  // 7.912 USD an hour are 16.75 USD per million at 131.23 tokens/s.
  const auto h200 = std::find_if(ranks.boards.begin(), ranks.boards.end(),
                                 [](const BoardCost& one) { return one.board == "H200 SXM"; });
  ASSERT_NE(h200, ranks.boards.end());
  EXPECT_NEAR(h200->usd_per_gpu_hour, 7.912, 1e-9);
  EXPECT_NEAR(h200->published, 16.748, 0.001);
}

}  // namespace
}  // namespace roofproof::analysis
