// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/measured_law.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  EXPECT_NEAR(found->law.share, 47.404400 / 55.5, 1e-6);
  EXPECT_NEAR(found->law.overhead_per_layer_s, 5.4994565e-3 / 32, 1e-9);
  // The step that was measured comes out as it was.
  EXPECT_NEAR(found->law.time_s((2 * 7110660096.0 + 139264) / 300e9, 32), 61e-3, 1e-9);
  // 61 +- 4.3027 x 1 / sqrt(3)
  EXPECT_NEAR(found->ratio.high, 1 + 2.4842 / 61, 1e-5);
  EXPECT_NEAR(found->ratio.low, 1 - 2.4842 / 61, 1e-5);
  EXPECT_THAT(found->source, HasSubstr("model:mistral-7b"));
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
  EXPECT_EQ(found->law.share, 1);
  EXPECT_EQ(found->law.overhead_per_layer_s, 0);  // 71 ms of bytes are more than the step
}

TEST(MeasuredLaw, ADisturbedLadderSaysNothing) {
  Record record = measured_ladder();
  disturb(record.rows[0], 0.5);
  EXPECT_FALSE(law_of(record, 300e9, workload("mistral-7b", Precision::fp16)).has_value());
}

}  // namespace
}  // namespace roofproof::analysis
