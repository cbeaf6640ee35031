// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/compare/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "analysis/claims/table.h"
#include "analysis/csv.h"
#include "analysis/input_error.h"
#include "results/record/json_text.h"
#include "tests/analysis/device_fixture.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

DeviceRecord l4_device() {
  DeviceRecord device = t4_device();
  device.name = "NVIDIA L4";
  device.pci_device_id = "27B8";
  device.compute_capability = "8.9";
  device.processors = 58;
  device.sm_clock_max_hz = 2.04e9;
  device.memory_clock_max_hz = 6.251e9;
  device.memory_bus_bits = 192;
  device.memory_bytes = std::int64_t{22478} << 20;
  return device;
}

// Reads at 256 GB/s (80 % of 320), multiplies at half of its register-only loop.
Record t4_run() {
  Record record = empty_record(t4_device());
  add_rates(record, {Op::peak, Precision::fp16, {}}, Implementation::hand, {50e12, 50e12, 50e12});
  add_rates(record, read_problem(), Implementation::hand, {256e9, 256e9, 256e9});
  add_rates(record, square_gemm(Precision::fp16, 4096), Implementation::hand,
            {25e12, 25e12, 25e12});
  add_rows(record, decode(Precision::fp16, 4, "mistral-7b"), Implementation::hand,
           {0.08, 0.08, 0.08});
  return record;
}

Record l4_run() {
  Record record = empty_record(l4_device());
  record.software.driver = "550.54";
  add_rates(record, read_problem(), Implementation::hand, {240e9, 240e9, 240e9});
  add_rates(record, square_gemm(Precision::fp16, 4096), Implementation::hand,
            {49e12, 50e12, 51e12});
  return record;
}

CompareResult compared() {
  return compare_runs(
      {extract_run("t4.json", t4_run(), specs()), extract_run("l4.json", l4_run(), specs())});
}

const ComparedTable& table(const CompareResult& result, Op op) {
  for (const ComparedTable& candidate : result.tables) {
    if (candidate.op == op) return candidate;
  }
  throw std::out_of_range("no such table");
}

TEST(Compare, OneTablePerOperationAndOneColumnPerRun) {
  const CompareResult result = compared();
  std::vector<Op> ops;
  for (const ComparedTable& candidate : result.tables) ops.push_back(candidate.op);
  EXPECT_THAT(ops, ElementsAre(Op::peak, Op::read, Op::gemm, Op::decode));
  ASSERT_EQ(result.columns.size(), 2u);
  EXPECT_EQ(result.columns[1].heading, "NVIDIA L4");
  EXPECT_FALSE(table(result, Op::decode).rows[0].cells[1].has_value());
}

TEST(Compare, SharesOfEveryRoof) {
  const CompareResult result = compared();
  const ComparedCell& read = *table(result, Op::read).rows[0].cells[0];
  EXPECT_NEAR(*read.peak.datasheet, 0.8, 1e-9);
  EXPECT_NEAR(*read.peak.derived, 256 / 320.064, 1e-9);
  EXPECT_NEAR(read.of_measured->value, 1, 1e-9);
  const ComparedCell& gemm = *table(result, Op::gemm).rows[0].cells[0];
  EXPECT_NEAR(*gemm.peak.datasheet, 25.0 / 65, 1e-9);
  EXPECT_NEAR(gemm.of_measured->value, 0.5, 1e-9);
  EXPECT_FALSE(table(result, Op::gemm).rows[0].cells[1]->of_measured.has_value());
}

// A loop that a GEMM outruns is no roof.
TEST(Compare, NoShareOfAMeasuredRoofIsAboveIt) {
  Record record = t4_run();
  add_rates(record, square_gemm(Precision::fp16, 8192), Implementation::cublas,
            {100e12, 100e12, 100e12});
  const CompareResult result = compare_runs({extract_run("t4.json", record, specs())});
  const ComparedTable& gemms = table(result, Op::gemm);
  EXPECT_NEAR(gemms.rows[0].cells[0]->of_measured->value, 0.25, 1e-9);
  EXPECT_FALSE(gemms.rows[1].cells[0]->of_measured.has_value());
}

// 25 of 65.1 TFLOP/s at 1.59 GHz; at the 795 MHz that it had, of 32.6.
TEST(Compare, ShareAtTheClockOfTheRun) {
  Record record = t4_run();
  for (Row& row : record.rows) row.sm_clock_hz = 0.795e9;
  const CompareResult result = compare_runs({extract_run("t4.json", record, specs())});
  const ComparedCell& gemm = *table(result, Op::gemm).rows[0].cells[0];
  EXPECT_NEAR(*gemm.peak.at_clock, 2 * 25 / 65.1264, 1e-6);
  EXPECT_THAT(compare_text(result), HasSubstr("38.5 % / 38.4 % / 76.8 % / 50.0 %"));
  EXPECT_THAT(compare_csv(result), HasSubstr("of_device_at_clock"));
}

// The geometric mean of 49, 50, 51 is 49.99333. Their logarithms have a sample deviation of
// 0.0200053; the other run has none, so that Welch leaves 2 degrees of freedom and t = 4.30265:
// 0.0200053 / sqrt(3) x 4.30265 = 0.049696.
TEST(Compare, RatioToTheFirstHasAnInterval) {
  const CompareResult result = compared();
  const ComparedRow& row = table(result, Op::gemm).rows[0];
  EXPECT_FALSE(row.cells[0]->ratio.has_value());
  const Estimate& ratio = *row.cells[1]->ratio;
  EXPECT_NEAR(ratio.value, 1.999733, 1e-6);
  ASSERT_TRUE(ratio.interval.has_value());
  EXPECT_NEAR(ratio.interval->high / ratio.value, std::exp(0.049696), 2e-5);
  EXPECT_NEAR(ratio.interval->low / ratio.value, std::exp(-0.049696), 2e-5);
}

TEST(Compare, ARowThatTheFirstLacksIsComparedToTheFirstThatHasIt) {
  const CompareResult result = compare_runs({extract_run("l4.json", l4_run(), specs()),
                                             extract_run("t4.json", t4_run(), specs()),
                                             extract_run("again.json", t4_run(), specs())});
  const ComparedRow& row = table(result, Op::decode).rows[0];
  EXPECT_FALSE(row.cells[0].has_value());
  EXPECT_FALSE(row.cells[1]->ratio.has_value());
  EXPECT_NEAR(row.cells[2]->ratio->value, 1, 1e-12);
  EXPECT_EQ(result.columns[2].heading, "Tesla T4 (2)");
  // Not to the one before it: 256 over 240 GB/s.
  EXPECT_NEAR(table(result, Op::read).rows[0].cells[2]->ratio->value, 256.0 / 240, 1e-9);
}

TEST(Compare, DecodeIsInTokensOfTheWholeBatch) {
  const CompareResult result = compared();
  EXPECT_NEAR(table(result, Op::decode).rows[0].cells[0]->rate.value, 4 / 0.08, 1e-9);
  EXPECT_EQ(compared_unit(Op::decode), "tokens/s");
  EXPECT_EQ(compared_unit(Op::prefill), "FLOP/s");
}

TEST(Compare, DifferencesAreSaidAboveTheTables) {
  const CompareResult result = compared();
  EXPECT_THAT(result.differences, ElementsAre("driver: unknown (Tesla T4); 550.54 (NVIDIA L4)"));
  const std::string text = compare_text(result);
  EXPECT_LT(text.find("differs: driver"), text.find("gemm/fp16"));
  Record shorter = t4_run();
  shorter.protocol.profile = "quick";
  shorter.protocol.sessions = 2;
  const CompareResult protocols = compare_runs(
      {extract_run("a.json", t4_run(), specs()), extract_run("b.json", shorter, specs())});
  EXPECT_THAT(protocols.differences,
              ElementsAre("profile: standard (Tesla T4); quick (Tesla T4 (2))",
                          "sessions: 3 (Tesla T4); 2 (Tesla T4 (2))"));
}

TEST(Compare, SyntheticIsSaidInEveryForm) {
  Record made_up = t4_run();
  made_up.synthetic = true;
  const CompareResult result = compare_runs(
      {extract_run("made_up.json", made_up, specs()), extract_run("l4.json", l4_run(), specs())});
  EXPECT_THAT(compare_text(result), StartsWith("SYNTHETIC: the figures of made_up.json"));
  EXPECT_THAT(compare_markdown(result), StartsWith("> **SYNTHETIC"));
  EXPECT_THAT(compare_csv(result), HasSubstr("made_up.json,true,"));
  EXPECT_EQ(parse_json(compare_json(result), "compare")["columns"][0]["synthetic"], true);
}

TEST(Compare, WhatWasDisturbedIsMarked) {
  Record record = t4_run();
  for (int i = 1; i < 12; ++i) record.rows.push_back(record.rows.front());
  for (std::size_t i = 12; i < record.rows.size(); ++i)
    record.rows[i].session = static_cast<int>(i);
  disturb(record.rows[3], 0.5);
  const CompareResult result = compare_runs({extract_run("t4.json", record, specs())});
  EXPECT_TRUE(table(result, Op::read).rows[0].cells[0]->disturbed);
  EXPECT_FALSE(table(result, Op::gemm).rows[0].cells[0]->disturbed);
  EXPECT_THAT(result.notices, ElementsAre(StartsWith("DISTURBED: t4.json: 1 of 23 rows")));
  EXPECT_THAT(compare_text(result), HasSubstr("256 [256, 256] GB/s, disturbed"));
  EXPECT_THAT(compare_json(result), HasSubstr("\"disturbed\":true"));
}

TEST(Compare, TextShowsFigureSharesAndRatio) {
  const std::string text = compare_text(compared());
  EXPECT_THAT(text, HasSubstr("25.0 [25.0, 25.0] TFLOP/s"));
  EXPECT_THAT(text, HasSubstr("38.5 % / 38.4 % / - / 50.0 %"));
  EXPECT_THAT(text, HasSubstr("2.00 [1.90, 2.10]x"));
}

TEST(Compare, MarkdownCannotBeBrokenByAName) {
  Record hostile = t4_run();
  hostile.device.name = "T4 | <script>";
  const std::string text =
      compare_markdown(compare_runs({extract_run("t4.json", hostile, specs())}));
  EXPECT_THAT(text, HasSubstr("T4 \\| \\<script>"));
  EXPECT_THAT(text, Not(HasSubstr("T4 | <script>")));
}

TEST(Compare, JsonHasEveryFigure) {
  const Json json = parse_json(compare_json(compared()), "compare");
  EXPECT_EQ(json["columns"].size(), 2u);
  const Json& gemm = json["tables"][2]["rows"][0];
  EXPECT_EQ(gemm["name"], "gemm/fp16/hand/m:4096/n:4096/k:4096");
  EXPECT_NEAR(gemm["columns"][1]["ratio_to_first"]["value"].get<double>(), 1.999733, 1e-6);
  EXPECT_TRUE(json["tables"][3]["rows"][0]["columns"][1].is_null());
}

class CompareFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("roofproof-compare-" + std::to_string(getpid()) + '-' +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const Record& record, const std::string& name) {
    write_record(record, folder_ / name);
    return (folder_ / name).string();
  }

  std::filesystem::path folder_;
};

TEST_F(CompareFiles, AFolderGivesTheLatestRunOfEachDevice) {
  Record newer = t4_run();
  newer.date = "2026-11-23T00:00:00Z";
  write(newer, "a.json");
  write(t4_run(), "b.json");
  write(l4_run(), "c.json");
  std::ofstream(folder_ / "other.json") << "{}";
  const CompareResult result = compare_files({folder_.string()}, specs());
  ASSERT_EQ(result.columns.size(), 2u);
  EXPECT_EQ(result.columns[1].date, "2026-11-23T00:00:00Z");
  EXPECT_THAT(compare_text(result), HasSubstr("1 older skipped"));
  EXPECT_THAT(compare_text(result), HasSubstr("skipped: "));
}

TEST_F(CompareFiles, NamedFilesAreColumnsAndMustBeResults) {
  const std::string file = write(t4_run(), "a.json");
  EXPECT_EQ(compare_files({file, file}, specs()).columns.size(), 2u);
  std::ofstream(folder_ / "other.json") << "{}";
  EXPECT_THROW(compare_files({(folder_ / "other.json").string()}, specs()), RecordError);
  std::filesystem::create_directory(folder_ / "empty");
  EXPECT_THROW(compare_files({(folder_ / "empty").string()}, specs()), InputError);
}

// A T4 decodes at 40 ms, an A100 (40 GB) at 10 ms: 4 times the tokens/s, less than 5.
TEST_F(CompareFiles, DecidesClaimsAboutTwoGpus) {
  Record t4 = empty_record(t4_device());
  add_rows(t4, decode(Precision::fp16, 1, "mistral-7b"), Implementation::hand, {0.04, 0.04, 0.04});
  Record a100 = empty_record(whole_device(*specs().choose("A100 40GB SXM4").gpu));
  add_rows(a100, decode(Precision::fp16, 1, "mistral-7b"), Implementation::hand,
           {0.01, 0.01, 0.01});
  const CompareResult result =
      compare_files({write(t4, "t4.json"), write(a100, "a100.json")}, specs());
  ASSERT_FALSE(result.claims.empty());
  EXPECT_EQ(result.claims.front().claim->id, "a100-not-5x");
  EXPECT_EQ(result.claims.front().verdict, Verdict::confirmed);
  EXPECT_THAT(compare_text(result), HasSubstr("a100-not-5x: confirmed"));
}

// Every GPU decodes at 80 % of its datasheet's bandwidth, whatever its arithmetic: an L4 gives one
// user less than a T4, an H200 more than an H100 of the same peak.
TEST_F(CompareFiles, SixGpusBesideTheirDatasheets) {
  struct Expected {
    const char* device;
    double bandwidth_bytes_per_s;
    double ratio_to_t4;
  };
  constexpr Expected expected[] = {{"Tesla T4", 320e9, 1},
                                   {"NVIDIA A10G", 600e9, 1.875},
                                   {"NVIDIA L4", 300e9, 0.9375},
                                   {"NVIDIA A100-SXM4-80GB", 2039e9, 6.371875},
                                   {"NVIDIA H100 80GB HBM3", 3350e9, 10.46875},
                                   {"NVIDIA H200", 4800e9, 15}};
  const Problem step = decode(Precision::fp16, 1, "mistral-7b");
  std::vector<std::string> files;
  for (const Expected& gpu : expected) {
    DeviceRecord device = {.backend = Backend::cuda, .name = gpu.device};
    Record record = empty_record(device);
    const double time_s = compulsory_bytes(step) / (0.8 * gpu.bandwidth_bytes_per_s);
    add_rows(record, step, Implementation::hand, {time_s, time_s, time_s});
    files.push_back(write(record, std::to_string(files.size()) + ".json"));
  }
  const CompareResult result = compare_files(files, specs());
  const ComparedRow& row = table(result, Op::decode).rows[0];
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    SCOPED_TRACE(expected[i].device);
    EXPECT_NEAR(*row.cells[i]->peak.datasheet, 0.8, 1e-9);
    // 14,221,459,456 bytes for a token: see the test of the model.
    EXPECT_NEAR(row.cells[i]->rate.value, 0.8 * expected[i].bandwidth_bytes_per_s / 14221459456.0,
                1e-6);
    if (i > 0) {
      EXPECT_NEAR(row.cells[i]->ratio->value, expected[i].ratio_to_t4, 1e-6);
    }
  }
  std::map<std::string_view, Verdict> verdicts;
  for (const ClaimResult& claim : result.claims) verdicts[claim.claim->id] = claim.verdict;
  EXPECT_EQ(verdicts,
            (std::map<std::string_view, Verdict>{{"a100-not-5x", Verdict::refuted},
                                                 {"bandwidth-beats-flops", Verdict::confirmed},
                                                 {"gpu-choice", Verdict::refuted}}));
}

// The later run of a T4 is 4 times slower than the A100, the earlier one was 6 times.
TEST_F(CompareFiles, TheLatestRunOfAGpuDecides) {
  Record earlier = empty_record(t4_device());
  add_rows(earlier, decode(Precision::fp16, 1, "mistral-7b"), Implementation::hand,
           {0.06, 0.06, 0.06});
  Record later = empty_record(t4_device());
  later.date = "2026-11-23T00:00:00Z";
  add_rows(later, decode(Precision::fp16, 1, "mistral-7b"), Implementation::hand,
           {0.04, 0.04, 0.04});
  Record a100 = empty_record(whole_device(*specs().choose("A100 40GB SXM4").gpu));
  add_rows(a100, decode(Precision::fp16, 1, "mistral-7b"), Implementation::hand,
           {0.01, 0.01, 0.01});
  const std::string files[] = {write(earlier, "1.json"), write(later, "2.json"),
                               write(a100, "3.json")};
  const auto verdict = [&](std::vector<std::string> order) {
    return compare_files(order, specs()).claims.at(0).verdict;
  };
  EXPECT_EQ(verdict({files[0], files[1], files[2]}), Verdict::confirmed);
  EXPECT_EQ(verdict({files[1], files[0], files[2]}), Verdict::confirmed);
  EXPECT_EQ(verdict({files[0], files[2]}), Verdict::refuted);
}

TEST(Csv, QuotesAndDefusesFormulas) {
  EXPECT_EQ(csv_line({"a", "b,c", "d\"e", "=1+A1", "-2.5"}), "a,\"b,c\",\"d\"\"e\",'=1+A1,-2.5\n");
  EXPECT_EQ(csv_number(0.1), "0.1");
  EXPECT_EQ(csv_number(std::nullopt), "");
}

}  // namespace
}  // namespace roofproof::analysis
