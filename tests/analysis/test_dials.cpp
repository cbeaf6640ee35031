// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/dials/dials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "results/record/json_text.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using ::testing::HasSubstr;

const Dial& of(const std::vector<Dial>& all, std::string_view id) {
  for (const Dial& dial : all) {
    if (dial.id == id) return dial;
  }
  throw std::out_of_range(std::string(id));
}

const DialAnswer& answer(const Dial& dial, const std::string& of) {
  for (const DialAnswer& one : dial.answers) {
    if (one.of == of) return one;
  }
  throw std::out_of_range(of);
}

void add_step(Record& record, Precision weights, int batch, int context, std::vector<double> s) {
  add_rows(record, decode(weights, batch, "mistral-7b", context), Implementation::hand, s);
}

// Times of three sessions, the same in each but for the last rows.
Record measured() {
  Record record = empty_record(t4_device());
  const auto all = [](double s) { return std::vector<double>(3, s); };
  add_step(record, Precision::fp16, 1, 0, all(50e-3));
  add_step(record, Precision::fp16, 2, 0, all(60e-3));
  add_step(record, Precision::fp16, 4, 0, all(75e-3));
  add_step(record, Precision::fp16, 16, 0, all(80e-3));
  add_step(record, Precision::int4, 1, 0, all(20e-3));
  add_step(record, Precision::int4, 2, 0, all(50e-3));
  add_step(record, Precision::int4, 4, 0, all(37.5e-3));
  add_step(record, Precision::int4, 16, 0, all(320e-3));
  add_step(record, Precision::fp16, 1, 1024, all(52e-3));
  return record;
}

std::vector<Dial> answers(const Record& record, double limit_s) {
  const ResultsView view(record);
  return dials(view, limit_s);
}

// One drafted token gives 1 + a tokens in 1.2 of the time: a = 0.2. Three give 1 + a + a^2 + a^3:
// 1.5 at a = 0.3608 (0.3608 + 0.1302 + 0.0470 = 0.538 is too much; 0.3425: 0.3425 + 0.1173 +
// 0.0402 = 0.5000).
TEST(Dials, AcceptanceByHand) {
  EXPECT_NEAR(*least_acceptance(1.2, 1), 0.2, 1e-12);
  EXPECT_NEAR(*least_acceptance(1.5, 3), 0.3425, 2e-4);
  EXPECT_NEAR(*least_acceptance(1.75, 2), 0.5, 1e-12);  // 1 + 1/2 + 1/4
  EXPECT_EQ(least_acceptance(0.99, 4), 0);
  EXPECT_EQ(least_acceptance(2, 1), std::nullopt);
  EXPECT_EQ(least_acceptance(8.1, 7), std::nullopt);
  EXPECT_TRUE(least_acceptance(7.9, 7).has_value());
  const Dial dial = of(answers(measured(), 0.05), "speculation");
  EXPECT_NEAR(*answer(dial, "fp16, 1 drafted").value, 0.2, 1e-9);
  EXPECT_NEAR(*answer(dial, "fp16, 3 drafted").value, 0.3425, 2e-4);
  EXPECT_NEAR(*answer(dial, "int4, 3 drafted").value, *least_acceptance(1.875, 3), 1e-9);
  // Two tokens at most in 2.5 of the time.
  EXPECT_EQ(answer(dial, "int4, 1 drafted").value, std::nullopt);
  EXPECT_THAT(answer(dial, "int4, 1 drafted").words, HasSubstr("never: the step takes 2.50 times"));
}

// INT4 takes 0.5 of the time at batch 4 and 4 times at 16: a power of 1.5 of the batch, which is 1
// at 4 x 2^(1/1.5) = 6.35.
TEST(Dials, NarrowWeightsStopPayingByHand) {
  const Dial dial = of(answers(measured(), 0.05), "narrow-weights");
  EXPECT_NEAR(*answer(dial, "int4").value, 4 * std::pow(2, 1 / 1.5), 1e-9);
  ASSERT_EQ(dial.answers.size(), 1u);
  EXPECT_EQ(first_above({{1, 0.5}, {4, 0.9}}, 1), INFINITY);
  EXPECT_EQ(first_above({{1, 1.5}, {4, 0.9}}, 1), 0);
  EXPECT_DOUBLE_EQ(first_above({{1, 0.25}, {16, 4}}, 1), 4);
}

// FP16 takes 60 ms at batch 2 and 75 at 4: 65 ms are batch 2 x 2^(ln(65/60) / ln(75/60)) = 2.56,
// so 2; 80 ms are reached at 16, the largest.
TEST(Dials, LargestBatchByHand) {
  EXPECT_EQ(of(answers(measured(), 65e-3), "largest-batch").question,
            "largest batch within 65.0 ms per token");
  EXPECT_EQ(answer(of(answers(measured(), 65e-3), "largest-batch"), "fp16").value, 2);
  EXPECT_EQ(answer(of(answers(measured(), 60e-3), "largest-batch"), "fp16").value, 2);
  const DialAnswer all = answer(of(answers(measured(), 81e-3), "largest-batch"), "fp16");
  EXPECT_EQ(all.value, std::nullopt);
  EXPECT_THAT(all.words, HasSubstr("at least 16, the largest measured: 80.0 ms"));
  const DialAnswer none = answer(of(answers(measured(), 49e-3), "largest-batch"), "fp16");
  EXPECT_EQ(none.value, std::nullopt);
  EXPECT_THAT(none.words, HasSubstr("none: batch 1 takes 50.0 ms"));
}

// 1024 tokens add 2 ms to 50: as long as the weights at 1024 x 50 / 2 = 25600. By bytes: Mistral-7B
// in FP16 reads 2 x 7110660096 + 8192 bytes beside 131072 a token: 108500.1 tokens.
TEST(Dials, EvenContextByHand) {
  const Dial dial = of(answers(measured(), 0.05), "context");
  ASSERT_EQ(dial.answers.size(), 1u);
  EXPECT_NEAR(*dial.answers[0].value, 25600, 1e-6);
  EXPECT_THAT(dial.answers[0].words, HasSubstr("by bytes 109000 tokens"));
  Record record = measured();
  for (Row& row : record.rows) {
    if (row.problem.shape.context == 1024) row.time_s = 49e-3;
  }
  EXPECT_THAT(of(answers(record, 0.05), "context").answers[0].words,
              HasSubstr("no time of the cache is seen at 1024 tokens"));
}

// Sessions of 58, 60 and 62 ms over 50 ms: the ratio's logarithms have a spread of s, and 4.3027 s
// / sqrt(3) on either side is the interval.
TEST(Dials, IntervalsAreThoseOfTheTimes) {
  Record record = empty_record(t4_device());
  add_step(record, Precision::fp16, 1, 0, {50e-3, 50e-3, 50e-3});
  add_step(record, Precision::fp16, 2, 0, {58e-3, 60e-3, 62e-3});
  const double logs[] = {std::log(1.16), std::log(1.2), std::log(1.24)};
  const double mean = (logs[0] + logs[1] + logs[2]) / 3;
  double squares = 0;
  for (const double log : logs) squares += (log - mean) * (log - mean);
  const double half = 4.302653 * std::sqrt(squares / 2 / 3);
  const DialAnswer one = answer(of(answers(record, 0.055), "speculation"), "fp16, 1 drafted");
  ASSERT_TRUE(one.interval.has_value());
  EXPECT_NEAR(*one.value, std::exp(mean) - 1, 1e-9);
  EXPECT_NEAR(one.interval->low, std::exp(mean - half) - 1, 1e-6);
  EXPECT_NEAR(one.interval->high, std::exp(mean + half) - 1, 1e-6);
  // The upper edge of batch 2, 65 ms, is above 59 ms, the lower one, 55 ms, is not.
  const DialAnswer users = answer(of(answers(record, 0.059), "largest-batch"), "fp16");
  EXPECT_EQ(users.value, 1);
  ASSERT_TRUE(users.interval.has_value());
  EXPECT_EQ(users.interval->low, 1);
  EXPECT_EQ(users.interval->high, INFINITY);
  // 59.98 ms are within 60, the upper edge is not.
  const DialAnswer most = answer(of(answers(record, 0.06), "largest-batch"), "fp16");
  EXPECT_EQ(most.value, std::nullopt);
  ASSERT_TRUE(most.interval.has_value());
  EXPECT_EQ(most.interval->low, 1);
}

TEST(Dials, WhatWasNotMeasuredIsSaid) {
  const Record record = empty_record(t4_device());
  const std::vector<Dial> all = answers(record, 0.05);
  ASSERT_EQ(all.size(), 4u);
  for (const Dial& dial : all) {
    EXPECT_TRUE(dial.answers.empty());
    EXPECT_FALSE(dial.missing.empty());
    EXPECT_FALSE(dial.assumption.empty());
  }
  const std::string text = dials_text(all, "x");
  EXPECT_THAT(text, HasSubstr("no decode was measured with and without a context"));
}

// A step is hundreds of projections: 1 ms of one is no time per token.
TEST(Dials, OneProjectionIsNoToken) {
  Record record = empty_record(t4_device());
  for (const Precision weights : {Precision::fp16, Precision::int4}) {
    for (const int batch : {1, 2, 8}) {
      add_rows(record, projection(weights, batch), Implementation::hand, {1e-3, 1e-3, 1e-3});
    }
  }
  for (const Dial& dial : answers(record, 0.05)) {
    EXPECT_TRUE(dial.answers.empty()) << dial.id;
    EXPECT_EQ(dial.missing, "only single projections were measured") << dial.id;
  }
}

TEST(Dials, DisturbedRowsAreMarked) {
  Record record = measured();
  disturb(record.rows[0], 0.5);
  EXPECT_THAT(answer(of(answers(record, 0.05), "speculation"), "fp16, 1 drafted").words,
              HasSubstr(", disturbed"));
}

// Which model and context an answer is about differs by the weights that were measured.
TEST(Dials, EachAnswerNamesItsStep) {
  Record record = measured();
  add_rows(record, decode(Precision::int8, 1, "llama-2-7b", 512), Implementation::hand, {1, 1, 1});
  add_rows(record, decode(Precision::int8, 2, "llama-2-7b", 512), Implementation::hand, {1, 1, 1});
  const std::vector<Dial> all = answers(record, 0.05);
  for (const char* dial : {"speculation", "narrow-weights", "largest-batch"}) {
    for (const DialAnswer& one : of(all, dial).answers) {
      EXPECT_EQ(one.step, one.of.starts_with("int8") ? "decode of llama-2-7b, context 512"
                                                     : "decode of mistral-7b, context 0")
          << dial << ": " << one.of;
    }
  }
  EXPECT_EQ(of(all, "context").answers.at(0).step, "decode of mistral-7b, context 0 and 1024");
  EXPECT_EQ(of(all, "speculation").answers.size(), 7u);
  EXPECT_THAT(dials_text(all, "T4"), HasSubstr("  decode of llama-2-7b, context 512"));
  const Json json = parse_json(dials_json(all, "T4"), "dials");
  EXPECT_EQ(json["dials"][3]["answers"][0]["step"], "decode of mistral-7b, context 0 and 1024");
}

TEST(Dials, JsonHasOpenEndsAsNull) {
  const std::vector<Dial> all = answers(measured(), 0.081);
  const Json json = parse_json(dials_json(all, "T4"), "dials");
  EXPECT_EQ(json["of"], "T4");
  ASSERT_EQ(json["dials"].size(), 4u);
  for (const Json& dial : json["dials"]) EXPECT_FALSE(dial["answers"].empty());
}

}  // namespace
}  // namespace roofproof::analysis
