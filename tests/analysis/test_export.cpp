// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "results/record/json_text.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Three sessions of each; a suspect row and one of a special condition.
Record run() {
  Record record = empty_record(t4_device());
  add_rates(record, read_problem(), Implementation::hand, {250e9, 250e9, 250e9});
  add_rates(record, square_gemm(Precision::fp16, 4096), Implementation::cublas,
            {40e12, 40e12, 40e12});
  add_rows(record, decode(Precision::int8, 8, "mistral-7b"), Implementation::hand,
           {0.02, 0.04, 0.08});
  add_rows(record, projection(Precision::fp16, 1), Implementation::hand, {1e-3}).validity =
      Validity::suspect;
  Row& hot = add_rows(record, projection(Precision::int8, 1), Implementation::hand, {1e-3});
  hot.condition = "cache:hot";
  hot.name += "/cache:hot";
  return record;
}

TEST(Export, OneValidRowPerName) {
  const Record record = run();
  const ResultsView view(record);
  const Json gbench = parse_json(export_gbench(view), "gbench");
  const Json bigger = parse_json(export_bigger_is_better(view), "bigger");
  ASSERT_EQ(gbench["benchmarks"].size(), 3u);
  ASSERT_EQ(bigger.size(), 3u);
  std::set<std::string> names;
  for (const Json& row : gbench["benchmarks"]) names.insert(row["name"].get<std::string>());
  EXPECT_EQ(names.size(), 3u);
}

// What google.rs of Bencher and extract.ts of github-action-benchmark take from a file.
TEST(Export, GbenchHasWhatItsReadersTake) {
  const Record record = run();
  const Json json = parse_json(export_gbench(ResultsView(record)), "gbench");
  EXPECT_TRUE(json["context"]["caches"].is_array());
  for (const Json& row : json["benchmarks"]) {
    EXPECT_EQ(row["run_type"], "iteration");
    EXPECT_EQ(row["time_unit"], "ns");
    EXPECT_EQ(row["threads"], 1);
    EXPECT_GT(row["iterations"].get<int>(), 0);
    EXPECT_FALSE(row.contains("aggregate_name"));
    EXPECT_FALSE(row.contains("cpu_time"));
  }
  // The geometric mean of 20, 40 and 80 ms.
  EXPECT_NEAR(json["benchmarks"][2]["real_time"].get<double>(), 40e6, 1e-3);
}

TEST(Export, GbenchHasTheCpuTimeThatWasMeasured) {
  Record record = run();
  for (Row& row : record.rows) row.cpu_time_s = row.time_s / 2;
  const Json json = parse_json(export_gbench(ResultsView(record)), "gbench");
  // The mean of 10, 20 and 40 ms.
  EXPECT_NEAR(json["benchmarks"][2]["cpu_time"].get<double>(), 70e6 / 3, 1e-3);
}

TEST(Export, ThroughputIsBiggerIsBetter) {
  const Record record = run();
  const Json json = parse_json(export_bigger_is_better(ResultsView(record)), "bigger");
  EXPECT_EQ(json[0]["unit"], "GB/s");
  EXPECT_NEAR(json[0]["value"].get<double>(), 250, 1e-6);
  EXPECT_EQ(json[1]["unit"], "GFLOP/s");
  EXPECT_NEAR(json[1]["value"].get<double>(), 40e3, 1e-6);
  EXPECT_EQ(json[2]["unit"], "tokens/s");
  EXPECT_NEAR(json[2]["value"].get<double>(), 8 / 0.04, 1e-6);
  EXPECT_THAT(json[2]["range"].get<std::string>(), StartsWith("± "));
  EXPECT_THAT(json[2]["extra"].get<std::string>(), HasSubstr("Tesla T4"));
}

// github-action-benchmark's customBiggerIsBetter, as its README has it: an array of objects of
// name, unit and value, and of range and extra where wanted; range and extra are texts.
TEST(Export, BiggerIsBetterIsWhatItsReaderDocuments) {
  const Record record = run();
  const Json json = parse_json(export_bigger_is_better(ResultsView(record)), "bigger");
  ASSERT_TRUE(json.is_array());
  std::set<std::string> names;
  for (const Json& row : json) {
    ASSERT_TRUE(row.is_object());
    for (const auto& [key, value] : row.items()) {
      SCOPED_TRACE(key);
      EXPECT_TRUE(key == "value" ? value.is_number() : value.is_string());
      EXPECT_TRUE((std::set<std::string>{"name", "unit", "value", "range", "extra"}.contains(key)));
    }
    EXPECT_TRUE(row.contains("name") && row.contains("unit") && row.contains("value"));
    EXPECT_TRUE(names.insert(row["name"].get<std::string>()).second);
    EXPECT_GT(row["value"].get<double>(), 0);
  }
  EXPECT_EQ(json.size(), 3u);
}

TEST(Export, MadeUpFiguresSaySo) {
  Record record = run();
  record.synthetic = true;
  const ResultsView view(record);
  EXPECT_THAT(export_bigger_is_better(view), HasSubstr("SYNTHETIC"));
  EXPECT_EQ(parse_json(export_gbench(view), "gbench")["context"]["synthetic"], "true");
  EXPECT_THAT(export_csv(view), HasSubstr(",true,"));
}

TEST(Export, CsvIsInSiUnits) {
  const Record record = run();
  const std::string text = export_csv(ResultsView(record));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  const std::string decode_line =
      "decode/int8/hand/model:mistral-7b/batch:8/context:0,decode,int8,hand,"
      "Tesla T4,2026-11-22T19:04:00Z,false,tokens/s,";
  ASSERT_THAT(text, HasSubstr(decode_line));
  EXPECT_NEAR(std::stod(text.substr(text.find(decode_line) + decode_line.size())), 200, 1e-9);
}

// Of one batch in each of three sessions, and of 20 in one.
TEST(Export, CsvHasTheFastestBatchAndThe95thPercentile) {
  Record record = run();
  EXPECT_THAT(export_csv(ResultsView(record)), HasSubstr(",0.02,0.08,"));
  Row& row = record.rows.front();
  row.samples_s.clear();
  for (int i = 20; i > 0; --i) row.samples_s.push_back(i);
  std::erase_if(record.rows, [](const Row& other) { return other.session > 0; });
  EXPECT_THAT(export_csv(ResultsView(record)), HasSubstr(",1,19,"));
}

TEST(Export, WhatWasDisturbedIsNotFollowed) {
  Record record = run();
  for (int i = 0; i < 20; ++i) {
    add_rates(record, square_gemm(Precision::fp32, 256 + i), Implementation::hand, {1e12});
  }
  disturb(record.rows[1], 0.5);
  const ResultsView view(record);
  EXPECT_EQ(parse_json(export_gbench(view), "gbench")["benchmarks"].size(), 22u);
  EXPECT_EQ(parse_json(export_bigger_is_better(view), "bigger").size(), 22u);
  EXPECT_THAT(export_csv(view), testing::Not(HasSubstr("read/fp32")));
  for (Row& row : record.rows) disturb(row, 0.5);
  EXPECT_TRUE(exported_series(ResultsView(record)).empty());
}

}  // namespace
}  // namespace roofproof::analysis
