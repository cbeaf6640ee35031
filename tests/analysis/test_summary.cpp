// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/summary/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>

#include "analysis/article_law.h"
#include "analysis/summary/tables.h"
#include "tests/analysis/device_fixture.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using enum Implementation;

std::string golden(const std::string& file) {
  std::ifstream stream(std::string(GOLDEN_FOLDER) + "/" + file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Of a summary, with # for how many claims there are: it is no matter of its text.
std::string without_claim_counts(const std::string& text) {
  std::istringstream lines(text);
  std::string line, all;
  while (std::getline(lines, line)) {
    const bool counts = line.starts_with("CLAIMS ") || line.starts_with("        by measurement:");
    all += (counts ? std::regex_replace(line, std::regex("[0-9]+"), "#") : line) + "\n";
  }
  return all;
}

void expect_golden(const std::string& text, const std::string& file) {
  EXPECT_EQ(without_claim_counts(text), without_claim_counts(golden(file)));
}

// Invented figures of a T4 that runs into its power limit.
Record t4_record() {
  Record record = empty_record(t4_device());
  record.protocol.sessions = 5;
  add_rates(record, read_problem(), hand, five(262e9));
  add_rates(record, {Op::copy, Precision::fp32, {.bytes = 1 << 30}}, hand, five(250e9));
  add_rates(record, {Op::peak, Precision::fp32, {}}, hand, five(7.9e12));
  add_rates(record, square_gemm(Precision::fp32, 4096), cublas, five(4.4e12));
  // Faster, but of one maker alone: no row to compare the makers by.
  add_rates(record, square_gemm(Precision::fp16, 2048), hand, five(39.9e12));
  const std::size_t capped = record.rows.size();
  add_rates(record, square_gemm(Precision::fp16, 4096), hand, five(39.5e12));
  add_rates(record, square_gemm(Precision::fp16, 4096), cublas, five(38.9e12));
  for (std::size_t i = capped; i < record.rows.size(); ++i) {
    record.rows[i].sm_clock_hz = 1.02e9;
    record.rows[i].validity = Validity::annotated;
    record.rows[i].reasons = {"power cap: 1.02 of 1.59 GHz"};
  }
  const Problem fp16_step = decode(Precision::fp16, 1, "mistral-7b");
  const std::size_t counted = record.rows.size();
  add_rows(record, fp16_step, hand, five(60.2e-3));
  for (std::size_t i = counted; i < record.rows.size(); ++i) {
    record.rows[i].energy_j = 4.1;
    record.rows[i].extra = {{"weight_snr_db", 71.3}};
  }
  add_rung(record, fp16_step, "stream_only", five(54.3e-3));
  add_rung(record, fp16_step, "gemv_only", five(55.4e-3));
  add_rung(record, fp16_step, "unordered", five(56.9e-3));
  add_rung(record, fp16_step, "launches_only", five(1.9e-3)).extra = {{"kernel_launches", 290}};
  add_rows(record, decode(Precision::int8, 1, "mistral-7b"), hand, five(30.7e-3));
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b", 1024), hand, five(61.5e-3));
  add_rows(record, decode(Precision::fp16, 32, "mistral-7b"), hand, five(66e-3));
  add_rows(record, decode(Precision::fp16, 256, "mistral-7b"), hand, five(256e-3));
  record.not_measured = {
      {"gemm/int8/hand/m:1/n:1/k:1", 0, NotMeasured::Status::unsupported, "no such kernel", {}},
      {"gemm/int8/hand/m:1/n:1/k:1", 1, NotMeasured::Status::unsupported, "no such kernel", {}},
      {"gemm/int8/hand/m:2/n:2/k:2", 0, NotMeasured::Status::unsupported, "no such kernel", {}},
      {"gemm/fp16/hand/m:3/n:3/k:3",
       0,
       NotMeasured::Status::wrong_result,
       "c[1,2]: got 3, wanted 4",
       {}}};
  return record;
}

// Worked by hand: 262 of 320 GB/s is 82 %; 39.5 of 65 TFLOPS 61 %, at 1.02 of 1.59 GHz 95 %; 39.5
// / 38.9 is 1.02; 4.4 of 8.1 is 54 %, and of the loop's 7.9 it is 56 %. Decode: 300e9 / 14e9 is
// 21.4; 14.22e9 bytes at 262 GB/s and 1.9 ms of launches are 56.2 ms, so 17.8; 1 / 60.2 ms is 16.6,
// which is 90 % of read. Ladder: 55.4 - 54.3 = 1.1, 56.9 - 55.4 = 1.5, 60.2 - 56.9 - 1.9 = 1.4.
// Batch 256 is 1000 tokens/s; 39.9e12 / 262e9 = 152 FLOP/byte, and the roofs cross where 14.22e9
// bytes are outweighed: at 153.
TEST(Summary, OfAGpu) {
  expect_golden(summary_text(t4_record(), "r.json", specs()), "summary_gpu.txt");
}

Record cpu_record() {
  Record record = empty_record(host_device());
  record.protocol = {.profile = "quick", .sessions = 3};
  record.duration_s = 58.6;
  add_rates(record, read_problem(std::int64_t{1} << 29), hand, five(20e9));
  add_rates(record, square_gemm(Precision::fp32, 2048), hand, five(90e9));
  add_rates(record, square_gemm(Precision::fp32, 2048), openblas, five(100e9));
  add_rows(record, {Op::gemv, Precision::fp16, {.n = 512, .k = 512, .batch = 1}}, hand, five(1e-3));
  add_rows(record, projection(Precision::fp16, 1), hand, five(6.1e-3));
  add_rows(record, projection(Precision::int4, 1), hand, five(2.9e-3));
  add_rows(record, projection(Precision::fp16, 32), hand, five(48e-3));
  add_rows(record, decode(Precision::int8, 1, "tiny"), hand, five(0.4e-3));
  add_rows(record, decode(Precision::int8, 8, "tiny"), hand, five(1.6e-3));
  return record;
}

// 117.5e6 bytes in 6.1 ms are 19.3 GB/s, 96 % of 20; 30.3e6 in 2.9 ms are 10.5, 52 %. T4: 320e9 /
// 14.22e9 bytes is 22.5.
TEST(Summary, OfAHost) {
  expect_golden(summary_text(cpu_record(), "r.json", specs()), "summary_host.txt");
}

std::string whole(const std::string& file) {
  std::ifstream stream(std::string(SOURCE_FOLDER) + "/" + file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// What a reader sees first is what the recorded run prints today.
TEST(Summary, TheDocumentedRunIsTheRecordedOne) {
  const std::string file = "results/amd-epyc/20261125T203404Z-a4872b2a.json";
  const std::string text = without_claim_counts(
      summary_text(read_record(std::string(SOURCE_FOLDER) + "/" + file), file, specs()));
  EXPECT_THAT(without_claim_counts(whole("docs/run.md")), HasSubstr("\n" + text + "```\n"));
  const std::string readme = without_claim_counts(whole("README.md"));
  const std::string command = "$ ./bench_all --device host\n";
  const std::size_t begin = readme.find(command) + command.size();
  std::istringstream excerpt(readme.substr(begin, readme.find("```", begin) - begin));
  std::string line;
  int lines = 0;
  while (std::getline(excerpt, line)) {
    EXPECT_THAT(text, HasSubstr(line + "\n"));
    ++lines;
  }
  EXPECT_EQ(lines, 12);
}

// As it stands it is copied into a shell.
TEST(Summary, TheNextStepsTakeAnyPath) {
  EXPECT_THAT(summary_text(cpu_record(), "my runs/it's.json", specs()),
              HasSubstr("next: roofproof claims 'my runs/it'\\''s.json' | predict --from 'my "
                        "runs/it'\\''s.json' | recommend\n"));
}

TEST(Summary, ABusyMachineIsSaidFirstWithWhatToDo) {
  Record record = cpu_record();
  disturb(record.rows[0], 0.31);
  disturb(record.rows[7], 0.6);
  EXPECT_THAT(summary_text(record, "r.json", specs()),
              StartsWith("DISTURBED: r.json: 2 of 45 rows were disturbed; other processes used "
                         "the CPUs: the benchmark got 31 to 60 % of the time; no verdict uses "
                         "these rows: stop other programs and run again\n"));
  for (Row& row : record.rows) disturb(row, 0.4);
  const std::string text = summary_text(record, "r.json", specs());
  EXPECT_THAT(text, HasSubstr("45 of 45 rows of this run were disturbed; other processes used "
                              "the CPUs: the benchmark got 40 % of the time; no verdict uses this "
                              "run: stop other programs and run again\n"));
  // Arithmetic needs no measurement.
  EXPECT_THAT(text,
              HasSubstr("by measurement: 0 decided on a GPU; same law on this CPU: 5 unclear\n"));
}

// Figures are shown, and nothing is concluded from them: neither of the disturbed ones nor of those
// that are held against them.
TEST(Summary, WhatWasDisturbedIsMarkedInEachTable) {
  Record record = t4_record();
  add_rows(record, {Op::prefill, Precision::fp16, {.m = 128, .model = "tiny"}}, hand, five(1e-3));
  for (Row& row : record.rows) {
    if (row.session == 0 && row.problem.op == Op::prefill) disturb(row, 0.5);
    if (row.session == 0 && row.problem == decode(Precision::fp16, 256, "mistral-7b")) {
      disturb(row, 0.5);
    }
  }
  const std::string steps = summary_text(record, "r.json", specs());
  EXPECT_THAT(steps, testing::ContainsRegex("\nmistral-7b fp16  .* disturbed\n"));
  EXPECT_THAT(steps, HasSubstr("on average: disturbed, not broken down\n"));
  EXPECT_THAT(steps, HasSubstr("\nfp16, disturbed  "));
  EXPECT_THAT(steps, HasSubstr("\ntiny fp16, 128 tokens, disturbed  "));
  EXPECT_THAT(steps, Not(HasSubstr("GiB, disturbed")));
  EXPECT_THAT(steps, Not(testing::ContainsRegex("int8 [^\n]* disturbed\n")));

  record = t4_record();
  disturb(record.rows[0], 0.5);
  disturb(record.rows[10], 0.5);
  const std::string reads = summary_text(record, "r.json", specs());
  EXPECT_THAT(reads, testing::ContainsRegex("\npeak fp32 [^\n,]* %  +disturbed\n"));
  EXPECT_THAT(reads, testing::ContainsRegex("\nread fp32 [^\n]* 1 GiB, disturbed\n"));
  EXPECT_THAT(reads, testing::ContainsRegex("\nmistral-7b int8 [^\n]* disturbed\n"));
}

TEST(Summary, BannersComeFirst) {
  Record record = t4_record();
  record.synthetic = true;
  record.complete = false;
  const std::string text = summary_text(record, "r.json", specs());
  EXPECT_THAT(
      text, StartsWith("SYNTHETIC: the figures of r.json were not measured; no verdict uses them\n"
                       "INCOMPLETE: the run in r.json did not finish"));
  EXPECT_THAT(text, HasSubstr("by measurement: 0 decided on a GPU\n"));
}

TEST(Summary, WarnsOfWhatWasObserved) {
  Record record = cpu_record();
  record.protocol.sessions = 1;
  record.rows[0].reasons = {"uneven batches: the slowest took 1.7 times the median"};
  record.rows[1].reasons = {"uneven batches: the slowest took 1.9 times the median"};
  record.rows[2].validity = Validity::suspect;
  record.rows[2].reasons = {"more than the bus can carry"};
  record.device.row_remap_pending = true;
  const std::string text = summary_text(record, "r.json", specs());
  EXPECT_THAT(text, HasSubstr("· quick, 1 session, 59s\n"
                              "! skipped as suspect: more than the bus can carry (1 of 45 rows)\n"
                              "! uneven batches (2 of 45 rows)\n"
                              "! fewer than 3 sessions: no interval, no verdict\n"
                              "! damaged memory rows will be replaced at the next GPU reset\n"));
}

TEST(Summary, CountsWhatIsInvalidForOneCause) {
  Record record = cpu_record();
  record.not_measured = {{"a", 0, NotMeasured::Status::invalid, "the clock drifted: by +2.1 %", {}},
                         {"a", 1, NotMeasured::Status::invalid, "the clock drifted: by +2.2 %", {}},
                         {"b", 0, NotMeasured::Status::invalid, "the clock drifted: by -3.0 %", {}},
                         {"c", 0, NotMeasured::Status::failed, "x.cu: line 3", {}}};
  EXPECT_THAT(summary_text(record, "r.json", specs()),
              HasSubstr("NOT MEASURED\n"
                        "  1 failed: x.cu: line 3 (c)\n"
                        "  2 invalid: the clock drifted (a and 1 more)\n"));
}

TEST(Summary, OfAGpuThatIsNotInTheTable) {
  Record record = empty_record({.backend = Backend::cuda,
                                .name = "NVIDIA Unheard-of",
                                .compute_capability = "7.5",
                                .processors = 40,
                                .sm_clock_max_hz = 1.59e9,
                                .ecc = false,
                                .mig = "1g.5gb"});
  add_rates(record, square_gemm(Precision::fp16, 4096), hand, five(39.5e12));
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b"), hand, five(60.2e-3));
  const std::string text = summary_text(record, "r.json", specs());
  EXPECT_THAT(text, HasSubstr("ECC off · MIG 1g.5gb"));
  EXPECT_THAT(text, HasSubstr("! NVIDIA Unheard-of is not in the spec table"));
  EXPECT_THAT(text, HasSubstr("device  size"));
  EXPECT_THAT(text, Not(HasSubstr("datasheet  device")));
  // Neither a datasheet nor a measured read: the decode stands alone.
  EXPECT_THAT(text, HasSubstr("decode, batch 1  measured tokens/s [95 %]  per token\n"));
}

TEST(Summary, AGpuBelowTheRoofIsNotCalledComputeBound) {
  Record record = empty_record(t4_device());
  add_rates(record, read_problem(), hand, five(262e9));
  add_rows(record, projection(Precision::int4, 1), hand, five(0.3e-3));
  EXPECT_THAT(projection_table(ResultsView(record)), HasSubstr("39 %  below the memory roof"));
}

TEST(Summary, ProjectionsAreThoseOfBatchOne) {
  Record record = empty_record(host_device());
  add_rows(record, {Op::gemv, Precision::fp16, {.n = 28672, .k = 4096, .batch = 32}}, hand, {1e-3});
  add_rows(record, projection(Precision::fp16, 1), hand, {1e-3});
  EXPECT_THAT(projection_table(ResultsView(record)), StartsWith("gemv 14336 x 4096, batch 1"));
}

// 117.5e6 bytes: 240 GB/s by hand, 250 by the library, of 262 measured and 320 printed.
TEST(Summary, AGemvStandsBesideTheLibrary) {
  Record record = empty_record(t4_device());
  add_rates(record, read_problem(), hand, five(262e9));
  add_rates(record, projection(Precision::fp16, 1), hand, five(240e9));
  add_rates(record, projection(Precision::int8, 1), hand, five(230e9));
  EXPECT_THAT(ceilings_table(ResultsView(record), specs()), Not(HasSubstr("gemv")));
  add_rates(record, projection(Precision::fp16, 1), cublas, five(230e9));
  add_rates(record, projection(Precision::fp16, 1), cublaslt, five(250e9));
  // At another batch, where both are faster.
  add_rates(record, projection(Precision::fp16, 16), hand, five(260e9));
  add_rates(record, projection(Precision::fp16, 16), cublas, five(260e9));
  const ResultsView view(record);
  EXPECT_THAT(ceilings_table(view, specs()),
              HasSubstr("gemv fp16  240 GB/s  250 GB/s   0.96       75 %    75 %      92 %  "
                        "14336 x 4096, batch 1\n"));
  // Formats are held against one another by hand.
  EXPECT_THAT(projection_table(view), HasSubstr("240 GB/s     92 %"));
  EXPECT_THAT(projection_table(view), Not(HasSubstr("250 GB/s")));
}

TEST(Summary, NoiseIsNotCalledComputeBound) {
  Record record = empty_record(host_device());
  add_rates(record, read_problem(), hand, five(20e9));
  add_rates(record, projection(Precision::fp16, 1), hand, {10e9, 14e9, 19e9, 20e9, 10e9});
  EXPECT_THAT(projection_table(ResultsView(record)),
              HasSubstr("70 %  unclear whether compute-bound on this CPU"));
  // Nor is a figure without an interval, however low.
  record.rows.clear();
  add_rates(record, read_problem(), hand, {20e9, 20e9});
  add_rates(record, projection(Precision::fp16, 1), hand, {10e9, 10e9});
  EXPECT_THAT(projection_table(ResultsView(record)),
              HasSubstr("50 %  unclear whether compute-bound on this CPU"));
}

// Half of nothing is no ladder.
TEST(Summary, ALadderWithoutARungIsLeftOut) {
  Record record = t4_record();
  EXPECT_THAT(ladder_lines(ResultsView(record)), StartsWith("mistral-7b fp16 60.2 ms = weights"));
  std::erase_if(record.rows, [](const Row& row) { return row.condition == "kernel:gemv_only"; });
  EXPECT_EQ(ladder_lines(ResultsView(record)), "");
}

// 2 x (2048 x 218103808 + 2048 x 2049 / 2 x 2 x 4096) = 927.7e9 FLOP at 39e12 FLOP/s are 23.79 ms,
// 86100 tokens/s; 60 % of the datasheet's 65e12, 65 % of the loop's 60e12. INT4: 218103808 x (1/2 +
// 1/64) + 4 x 4096 + 2048 x (4 x 4096 + 4 x 1024) = 154.4e6 bytes, 6008 FLOP/byte.
TEST(Summary, PrefillByPrompt) {
  Record record = empty_record(t4_device());
  add_rates(record, {Op::peak, Precision::fp16, {}}, hand, five(60e12));
  add_rates(record, {Op::prefill, Precision::int4, {.m = 2048, .model = "mistral-7b"}}, hand,
            five(39e12));
  EXPECT_EQ(prefill_table(ResultsView(record), specs()),
            "prefill, one layer                 tokens/s [95 %]                datasheet  device  "
            "measured  FLOP/byte\n"
            "mistral-7b int4, 2048 tokens  86100 [85900, 86300]  39.0 TFLOP/s       60 %    60 %  "
            "    65 %       6010\n");
  EXPECT_THAT(summary_text(record, "r.json", specs()), HasSubstr("\nprefill, one layer"));
}

// A CPU multiplies in FP32, whatever the weights are stored in.
TEST(Summary, PrefillOnACpuIsHeldAgainstItsFp32Loop) {
  Record record = empty_record(host_device());
  add_rates(record, {Op::peak, Precision::fp32, {}}, hand, five(100e9));
  add_rates(record, {Op::prefill, Precision::int8, {.m = 128, .model = "tiny"}}, hand, five(40e9));
  EXPECT_THAT(prefill_table(ResultsView(record), specs()), HasSubstr("40.0 GFLOP/s      40 %"));
}

TEST(Summary, EmptyTablesAreLeftOut) {
  const Record record = empty_record(t4_device());
  const ResultsView view(record);
  EXPECT_EQ(ceilings_table(view, specs()), "");
  EXPECT_EQ(projection_table(view), "");
  EXPECT_EQ(decode_table(view, specs(), "r.json"), "");
  EXPECT_EQ(prefill_table(view, specs()), "");
  EXPECT_THAT(summary_text(record, "r.json", specs()), Not(HasSubstr("NOT MEASURED")));
}

TEST(ArticleLaw, PrintedForItsOwnExampleAppliedElsewhere) {
  const GpuSpec& t4 = *specs().choose("T4").gpu;
  const ArticleRate own = article_rate(t4, decode(Precision::int4, 1, "mistral-7b"));
  EXPECT_TRUE(own.as_printed);
  EXPECT_NEAR(own.tokens_per_s, 85.71, 0.01);  // 300e9 / 3.5e9
  const ArticleRate other = article_rate(t4, decode(Precision::fp16, 1, "llama-3-8b"));
  EXPECT_FALSE(other.as_printed);
  EXPECT_NEAR(other.tokens_per_s, 320e9 / 15.01e9, 0.02);
  const GpuSpec& a10g = *specs().choose("A10G").gpu;
  EXPECT_NEAR(article_rate(a10g, decode(Precision::fp16, 1, "mistral-7b")).tokens_per_s, 42.2, 0.1);
}

}  // namespace
}  // namespace roofproof::analysis
