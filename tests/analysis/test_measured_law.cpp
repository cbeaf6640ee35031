// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/measured_law.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using ::testing::HasSubstr;

const Problem fp16_step = decode(Precision::fp16, 1, "mistral-7b");

// Products of 55.5 ms on average in steps of 60, 61 and 62 ms.
Record measured_ladder() {
  Record record = empty_record(t4_device());
  add_rows(record, fp16_step, Implementation::hand, {60e-3, 61e-3, 62e-3});
  add_rung(record, fp16_step, "stream_only", {54e-3, 54e-3, 54e-3});
  add_rung(record, fp16_step, "gemv_only", {55e-3, 55.5e-3, 56e-3});
  add_rung(record, fp16_step, "unordered", {57e-3, 57e-3, 57e-3});
  add_rung(record, fp16_step, "launches_only", {2e-3, 2e-3, 2e-3});
  return record;
}

Ceilings ceilings_of(double bytes_per_s) {
  Ceilings ceilings;
  ceilings.roofs = {1e15, bytes_per_s};
  return ceilings;
}

std::optional<MeasuredLaw> law_of(const Record& record, double bytes_per_s,
                                  const ModelWorkload& workload) {
  const ResultsView view(record);
  return measured_law(view, ceilings_of(bytes_per_s), workload);
}

ModelWorkload workload(const char* model, Precision weights) {
  return count_model(find_model(model), weights, 1, 0);
}

// By hand: 2 x 7110660096 bytes of weights at 300 GB/s are 47.404 ms, 0.85413 of 55.5 ms; with
// 139264 bytes more of row and cache 55.5005 ms. What is left of 61 ms are 5.4995 ms for 32 layers.
TEST(MeasuredLaw, IsThatOfTheLadder) {
  const Record record = measured_ladder();
  const std::optional<MeasuredLaw> found =
      law_of(record, 300e9, workload("mistral-7b", Precision::fp16));
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(found->share, 47.404400 / 55.5, 1e-6);
  EXPECT_NEAR(found->overhead_per_layer_s, 5.4994565e-3 / 32, 1e-9);
  // The step that was measured comes out as it was.
  EXPECT_NEAR(found->time_s({.memory_s = (2 * 7110660096.0 + 139264) / 300e9}, 32), 61e-3, 1e-9);
  EXPECT_THAT(found->source, HasSubstr("from the step of mistral-7b at batch 1"));
}

// The share is one of the bandwidth: what computing takes is not divided by it.
TEST(MeasuredLaw, ComputesAtTheMeasuredRate) {
  const MeasuredLaw law = {.share = 0.5, .overhead_per_layer_s = 1e-6};
  EXPECT_DOUBLE_EQ(law.time_s({.compute_s = 30e-6, .memory_s = 10e-6}, 4), 34e-6);
  EXPECT_DOUBLE_EQ(law.time_s({.compute_s = 30e-6, .memory_s = 20e-6}, 4), 44e-6);
}

TEST(MeasuredLaw, IsNeverFasterThanTheRoofline) {
  const MeasuredLaw law = {.share = 1, .overhead_per_layer_s = 1e-6};
  const RoofTime roof = {.compute_s = 0, .memory_s = 10e-6, .launch_s = 8e-6};
  EXPECT_DOUBLE_EQ(law.time_s(roof, 4), 18e-6);
}

TEST(MeasuredLaw, HoldsForOtherModelsWithTheseWeightsAlone) {
  const Record record = measured_ladder();
  EXPECT_TRUE(law_of(record, 300e9, workload("llama-2-13b", Precision::fp16)).has_value());
  EXPECT_FALSE(law_of(record, 300e9, workload("mistral-7b", Precision::int4)).has_value());
}

// Products that read faster than the read benchmark did are at all of it; what is left is overhead.
TEST(MeasuredLaw, SharesEndAtOne) {
  const Record record = measured_ladder();
  const std::optional<MeasuredLaw> found =
      law_of(record, 200e9, workload("mistral-7b", Precision::fp16));
  EXPECT_EQ(found->share, 1);
  EXPECT_EQ(found->overhead_per_layer_s, 0);  // 71 ms of bytes are more than the step
}

TEST(MeasuredLaw, ADisturbedLadderSaysNothing) {
  Record record = measured_ladder();
  disturb(record.rows[0], 0.5);
  EXPECT_FALSE(law_of(record, 300e9, workload("mistral-7b", Precision::fp16)).has_value());
}

std::optional<MeasuredExpected> expect_of(const Record& record, const ModelWorkload& workload,
                                          double bytes_per_s = 300e9) {
  const ResultsView view(record);
  const Ceilings ceilings = ceilings_of(bytes_per_s);
  return expect_measured(view, ceilings, workload, predict(ceilings, workload));
}

// Steps of 60, 61 and 62 ms: 1 over their geometric mean, whatever the ladder would say.
TEST(ExpectMeasured, AStepThatWasMeasuredIsShownAsMeasured) {
  const auto found = expect_of(measured_ladder(), workload("mistral-7b", Precision::fp16));
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(*found->tokens.tokens_per_s, 1 / std::cbrt(60e-3 * 61e-3 * 62e-3), 1e-9);
  EXPECT_LT(found->tokens.range->low, *found->tokens.tokens_per_s);
  EXPECT_GT(found->tokens.range->high, *found->tokens.tokens_per_s);
  EXPECT_THAT(found->source, HasSubstr("context:0, 3 sessions"));
}

// At batch 8 the step takes half as long again as the law says.
TEST(ExpectMeasured, AMeasuredBatchRefutesTheLaw) {
  Record record = measured_ladder();
  add_rows(record, decode(Precision::fp16, 8, "mistral-7b"), Implementation::hand,
           {90e-3, 90e-3, 90e-3});
  const ModelWorkload eight = count_model(find_model("mistral-7b"), Precision::fp16, 8, 0);
  EXPECT_NEAR(*expect_of(record, eight)->tokens.tokens_per_s, 8 / 90e-3, 1e-9);
  disturb(record.rows.back(), 0.5);
  EXPECT_FALSE(expect_of(record, eight).has_value());
}

TEST(ExpectMeasured, OfAStepThatWasNotMeasuredNoIntervalIsKnown) {
  for (const auto& [model, batch, context] :
       {std::tuple("llama-2-13b", 1, 0), {"mistral-7b", 4, 0}, {"mistral-7b", 1, 512}}) {
    const auto found = expect_of(measured_ladder(),
                                 count_model(find_model(model), Precision::fp16, batch, context));
    ASSERT_TRUE(found.has_value()) << model;
    EXPECT_FALSE(found->tokens.range.has_value()) << model;
    EXPECT_THAT(found->source, HasSubstr("from the step of mistral-7b at batch 1"));
  }
}

// 16.5 tokens/s are the roofline at 235 GB/s; the interval of 16.4 would end at 17.1.
TEST(ExpectMeasured, TheIntervalEndsAtTheRoofline) {
  const ModelWorkload step = workload("mistral-7b", Precision::fp16);
  const auto found = expect_of(measured_ladder(), step, 235e9);
  EXPECT_NEAR(found->tokens.range->high, 235e9 / (2 * 7110660096.0 + 139264), 1e-6);
}

}  // namespace
}  // namespace roofproof::analysis
