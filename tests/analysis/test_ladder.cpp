// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/ladder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

const Problem fp16_step = decode(Precision::fp16, 1, "mistral-7b");

// Three sessions that differ.
Record measured_ladder() {
  Record record = empty_record(t4_device());
  add_rows(record, fp16_step, Implementation::hand, {60e-3, 61e-3, 62e-3});
  add_rung(record, fp16_step, "stream_only", {54e-3, 54e-3, 54e-3});
  add_rung(record, fp16_step, "gemv_only", {55e-3, 55.5e-3, 56e-3});
  add_rung(record, fp16_step, "unordered", {57e-3, 57e-3, 57e-3});
  add_rung(record, fp16_step, "launches_only", {2e-3, 2e-3, 2e-3});
  return record;
}

const LadderPart& part(const Ladder& ladder, std::string_view name) {
  for (const LadderPart& part : ladder.parts) {
    if (part.name == name) return part;
  }
  throw std::out_of_range("no part " + std::string(name));
}

// By hand. Arithmetic is 1, 1.5 and 2 ms, so 1.5 +- 4.303 x 0.5 / sqrt(3); unexplained is 1, 2 and
// 3 ms, so 2 +- 4.303 x 1 / sqrt(3).
TEST(Ladder, PartsAreDifferencesSessionBySession) {
  const Record record = measured_ladder();
  const ResultsView view(record);
  const std::optional<Ladder> found = ladder(view, fp16_step);
  ASSERT_TRUE(found);
  std::vector<std::string_view> names;
  double sum_s = 0;
  for (const LadderPart& one : found->parts) {
    names.push_back(one.name);
    sum_s += one.time_s.value;
  }
  EXPECT_THAT(
      names, testing::ElementsAre("weights", "arithmetic", "attention", "launches", "unexplained"));
  EXPECT_NEAR(found->step_s.value, 61e-3, 1e-12);
  EXPECT_NEAR(sum_s, 61e-3, 1e-12);
  EXPECT_NEAR(part(*found, "weights").time_s.value, 54e-3, 1e-12);
  EXPECT_NEAR(part(*found, "arithmetic").time_s.value, 1.5e-3, 1e-12);
  EXPECT_NEAR(part(*found, "arithmetic").time_s.interval->low, (1.5 - 1.2421) * 1e-3, 1e-7);
  EXPECT_NEAR(part(*found, "arithmetic").time_s.interval->high, (1.5 + 1.2421) * 1e-3, 1e-7);
  EXPECT_NEAR(part(*found, "attention").time_s.value, 1.5e-3, 1e-12);
  EXPECT_NEAR(part(*found, "launches").time_s.value, 2e-3, 1e-12);
  EXPECT_NEAR(part(*found, "unexplained").time_s.value, 2e-3, 1e-12);
  EXPECT_NEAR(part(*found, "unexplained").time_s.interval->low, (2 - 2.4842) * 1e-3, 1e-7);
  EXPECT_NEAR(found->share(part(*found, "unexplained")), 2.0 / 61, 1e-12);
  EXPECT_EQ(found->from.size(), 5u);
  EXPECT_EQ(found->from[4]->name,
            "decode/fp16/hand/model:mistral-7b/batch:1/context:0/kernel:launches_only");
}

TEST(Ladder, IsWrittenAsASum) {
  const Record record = measured_ladder();
  const ResultsView view(record);
  EXPECT_EQ(ladder_text(*ladder(view, fp16_step)),
            "61.0 ms = weights 54.0 + arithmetic 1.5 + attention 1.5 + launches 2.0 + unexplained "
            "2.0 (3 %)");
}

TEST(Ladder, WithADisturbedRungHasNoPartsToTell) {
  for (const std::size_t first_of_rung : {0, 3, 12}) {
    Record record = measured_ladder();
    disturb(record.rows[first_of_rung], 0.5);
    const ResultsView view(record);
    const std::optional<Ladder> found = ladder(view, fp16_step);
    EXPECT_FALSE(found->is_resolved());
    EXPECT_EQ(ladder_text(*found), "61.0 ms on average: disturbed, not broken down");
  }
}

// A step that overlaps its launches with its work takes less than both together.
TEST(Ladder, APartMayBeNegative) {
  Record record = empty_record(host_device());
  const Problem step = decode(Precision::int4, 1, "tiny");
  add_rows(record, step, Implementation::hand, {100e-6});
  add_rung(record, step, "stream_only", {40e-6});
  add_rung(record, step, "gemv_only", {90e-6});
  add_rung(record, step, "unordered", {88e-6});
  add_rung(record, step, "launches_only", {17e-6});
  const ResultsView view(record);
  const std::optional<Ladder> found = ladder(view, step);
  EXPECT_EQ(ladder_text(*found),
            "100 µs = weights 40 + arithmetic 50 - attention 2 + launches 17 - unexplained 5 (-5 "
            "%)");
  EXPECT_FALSE(found->step_s.interval);
}

// By hand: 100, 120 and 500 us are 240 on average, and 4.303 x 225.4 / sqrt(3) = 560 more or less.
TEST(Ladder, SessionsThatDifferByMoreThanTheStepTellNoParts) {
  Record record = empty_record(host_device());
  const Problem step = decode(Precision::int4, 1, "tiny");
  add_rows(record, step, Implementation::hand, {100e-6, 120e-6, 500e-6});
  for (const char* rung : {"stream_only", "gemv_only", "unordered", "launches_only"}) {
    add_rung(record, step, rung, {40e-6, 40e-6, 40e-6});
  }
  const ResultsView view(record);
  const std::optional<Ladder> found = ladder(view, step);
  EXPECT_NEAR(found->step_s.interval->high, 800e-6, 1e-6);
  EXPECT_FALSE(found->is_resolved());
  EXPECT_EQ(ladder_text(*found), "240 µs on average: too noisy to break down");
}

TEST(Ladder, TakesTheSessionsThatMeasuredEveryRung) {
  Record record = measured_ladder();
  std::erase_if(record.rows, [](const Row& row) {
    return row.condition == "kernel:gemv_only" && row.session == 1;
  });
  const ResultsView view(record);
  const std::optional<Ladder> found = ladder(view, fp16_step);
  EXPECT_EQ(found->step_s.sessions, 2);
  EXPECT_NEAR(part(*found, "unexplained").time_s.value, (1e-3 + 3e-3) / 2, 1e-12);
  EXPECT_FALSE(part(*found, "unexplained").time_s.interval);
}

TEST(Ladder, ThereIsNoneWithoutEveryRung) {
  for (const char* missing :
       {"kernel:stream_only", "kernel:gemv_only", "kernel:unordered", "kernel:launches_only", ""}) {
    Record record = measured_ladder();
    std::erase_if(record.rows,
                  [&](const Row& row) { return row.condition.value_or("") == missing; });
    EXPECT_FALSE(ladder(ResultsView(record), fp16_step)) << missing;
  }
  Record suspect = measured_ladder();
  for (Row& row : suspect.rows) {
    if (row.condition == "kernel:launches_only") row.validity = Validity::suspect;
  }
  EXPECT_FALSE(ladder(ResultsView(suspect), fp16_step));
  const Record record = measured_ladder();
  EXPECT_FALSE(ladder(ResultsView(record), decode(Precision::int8, 1, "mistral-7b")));
}

}  // namespace
}  // namespace roofproof::analysis
