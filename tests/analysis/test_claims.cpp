// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/claims/claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "analysis/claims/output.h"
#include "analysis/claims/table.h"
#include "results/record/json_text.h"
#include "tests/analysis/device_fixture.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {

// For the messages of GoogleTest.
void PrintTo(Verdict verdict, std::ostream* stream) { *stream << name(verdict); }

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using enum Implementation;
using enum Verdict;

// A figure in five sessions that hardly differ.
std::map<std::string, ClaimResult> by_id(const std::vector<RunFile>& runs) {
  std::map<std::string, ClaimResult> results;
  for (ClaimResult& result : decide_claims(runs, specs())) {
    const std::string id(result.claim->id);
    EXPECT_TRUE(results.emplace(id, std::move(result)).second) << id << " twice";
  }
  return results;
}

ClaimResult decide(const std::string& id, const Record& record) {
  return by_id({{"r.json", &record}}).at(id);
}

std::string findings(const ClaimResult& result) {
  std::string text;
  for (const Finding& finding : result.findings) {
    text += std::string(name(finding.kind)) + ": " + finding.text + "\n";
  }
  return text;
}

// The verdict rule on its own: claimed 2.0 with 10 %, so 1.8 to 2.2.
TEST(Judge, ComparesTheIntervalWithTheTolerance) {
  const auto verdict = [](double low, double high) {
    return judge({2, 2}, 0.1, {std::sqrt(low * high), Interval{low, high}, 5});
  };
  EXPECT_EQ(verdict(1.9, 2.1), confirmed);
  EXPECT_EQ(verdict(1.81, 2.19), confirmed);
  EXPECT_EQ(verdict(1.7, 1.79), refuted);
  EXPECT_EQ(verdict(2.21, 2.3), refuted);
  EXPECT_EQ(verdict(1.7, 1.9), inconclusive);
  EXPECT_EQ(verdict(2.1, 2.3), inconclusive);
  EXPECT_EQ(verdict(1.0, 3.0), inconclusive);
}

TEST(Judge, WithoutAnIntervalThereIsNoVerdict) {
  EXPECT_EQ(judge({2, 2}, 0.1, {2.0, std::nullopt, 2}), inconclusive);
}

TEST(Judge, OpenEnds) {
  const double unlimited = std::numeric_limits<double>::infinity();
  EXPECT_EQ(judge({100, unlimited}, 0.05, {150, Interval{149, 1e9}, 5}), confirmed);
  EXPECT_EQ(judge({100, unlimited}, 0.05, {90, Interval{89, 91}, 5}), refuted);
  EXPECT_EQ(judge({0, 5}, 0, {4, Interval{3.9, 4.1}, 5}), confirmed);
  EXPECT_EQ(judge({0, 5}, 0, {5, Interval{4.9, 5.1}, 5}), inconclusive);
}

// What the article says has a claim each; there may be more.
TEST(Claims, EveryIdOnceWithAToleranceAndItsReason) {
  std::set<std::string_view> found;
  for (const Claim& claim : claims_table()) {
    EXPECT_TRUE(found.insert(claim.id).second) << claim.id;
    EXPECT_FALSE(claim.statement.empty()) << claim.id;
    EXPECT_FALSE(claim.tolerance_reason.empty()) << claim.id;
    EXPECT_FALSE(claim.tested_by.empty()) << claim.id;
    EXPECT_GE(claim.tolerance, 0) << claim.id;
  }
  for (const char* id : {"peak-table",       "t4-bandwidth",
                         "fp16-speedup",     "fp16-halves-bytes",
                         "fp32-waste",       "unit-scale",
                         "training-flops",   "weights-per-token",
                         "compute-time",     "waiting",
                         "intensity-batch1", "designed-100plus",
                         "batch32",          "batch-throughput",
                         "prefill-compute",  "int8-doubles",
                         "int4-doubles",     "bytes-not-math",
                         "quality-floor",    "a100-not-5x",
                         "gpu-choice",       "bandwidth-beats-flops"}) {
    EXPECT_TRUE(found.contains(id)) << id;
  }
}

// Without a result file: only arithmetic.
class ClaimsWithoutRuns : public testing::Test {
 protected:
  std::map<std::string, ClaimResult> results = by_id({});
};

TEST_F(ClaimsWithoutRuns, NothingIsMeasured) {
  for (const auto& [id, result] : results) {
    EXPECT_EQ(result.verdict, not_testable_here) << id;
    EXPECT_EQ(result.on_this_cpu, not_testable_here) << id;
    EXPECT_FALSE(result.why.empty()) << id;
  }
}

TEST_F(ClaimsWithoutRuns, VerdictsByArithmetic) {
  const std::map<std::string, Verdict> expected = {
      {"peak-table", contradicts_datasheet},    // the A10G's row is the A10's
      {"t4-bandwidth", contradicts_datasheet},  // 320 GB/s
      {"fp16-speedup", holds},                  // 65 / 8.1 = 8.02
      {"fp16-halves-bytes", holds},             // 4 bytes against 2
      {"fp32-waste", contradicts_itself},
      {"unit-scale", nothing_to_compute},
      {"training-flops", holds},     // 6 x 7e9 x 8e12 = 3.36e23
      {"weights-per-token", holds},  // 300 / 14 = 21.4
      {"compute-time", holds},       // 14e9 / 65e12 = 0.215 ms
      {"waiting", contradicts_itself},
      {"intensity-batch1", holds},
      {"designed-100plus", holds},  // A10G: 70e12 / 600e9 = 117
      {"batch32", nothing_to_compute},
      {"batch-throughput", holds},  // 31.7
      {"prefill-compute", holds},   // H100: 295 / 1247 = 24 %
      {"int8-doubles", holds},      // 300 / 7 = 42.9
      {"int4-doubles", contradicts_itself},
      {"bytes-not-math", nothing_to_compute},
      {"quality-floor", nothing_to_compute},
      {"a100-not-5x", contradicts_itself},
      {"bandwidth-beats-flops", holds},       // H200 over H100: 4.8 / 3.35 = 1.43
      {"gpu-choice", contradicts_datasheet},  // the L4 has less than the T4
  };
  for (const auto& [id, verdict] : expected) {
    const ClaimResult& result = results.at(id);
    EXPECT_EQ(result.by_arithmetic, verdict) << id << ": " << result.arithmetic;
    EXPECT_EQ(result.arithmetic.empty(), result.by_arithmetic == nothing_to_compute) << id;
  }
}

TEST_F(ClaimsWithoutRuns, FiguresByArithmeticWorkedByHand) {
  const std::map<std::string, std::vector<double>> expected = {
      {"fp16-speedup", {65 / 8.1}},
      {"fp16-halves-bytes", {2}},
      {"training-flops", {3.36e23, 3.36e23 / 312e12 / (365.25 * 86400)}},
      {"weights-per-token", {300 / 14., 14 / 300.}},
      {"compute-time", {14e9 / 65e12}},
      // 2 x 14336 x 4096 FLOP; the weights, 14336 and 4096 activations, of 2 bytes.
      {"intensity-batch1", {14336. * 4096 / (14336. * 4096 + 14336 + 4096)}},
      {"designed-100plus", {70e12 / 600e9}},
      {"batch-throughput",
       {32 * (14336. * 4096 + 14336 + 4096) / (14336. * 4096 + 32 * (14336 + 4096))}},
      // 2 x 2048 x 14336 x 4096 FLOP over 2 bytes of each element of the three matrices.
      {"prefill-compute",
       {989.4e12 / 3350e9 * (2048. * 14336 + 2048. * 4096 + 14336. * 4096) /
        (2048. * 14336 * 4096)}},
      {"int8-doubles", {300 / 7.}},
      {"bandwidth-beats-flops", {600 / 300., 2039 / 864., 4800 / 3350.}},
      {"peak-table", {}},
      {"t4-bandwidth", {}},
      {"fp32-waste", {}},
      {"unit-scale", {}},
      {"waiting", {}},
      {"batch32", {}},
      {"int4-doubles", {}},
      {"bytes-not-math", {}},
      {"quality-floor", {}},
      {"a100-not-5x", {}},
      {"gpu-choice", {}},
  };
  for (const auto& [id, figures] : expected) {
    const ClaimResult& result = results.at(id);
    std::vector<double> found;
    for (const Comparison& comparison : result.comparisons) {
      found.push_back(comparison.found->value);
      EXPECT_FALSE(comparison.measured) << id;
    }
    ASSERT_EQ(found.size(), figures.size()) << id;
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found[i] / figures[i], 1, 2e-3) << id << ", figure " << i;
    }
  }
}

// Each figure worked out by hand.
TEST_F(ClaimsWithoutRuns, FindingsHoldTheWorkedFigures) {
  const struct {
    const char* id;
    std::vector<const char*> texts;
  } expected[] = {
      {"peak-table",
       {"datasheet: the A10G row is not the A10G's but the A10's", "31.2 / 125 / 250",
        "35.0 / 70.0 / 140 (unconfirmed: fp32, fp16, int8)"}},
      {"t4-bandwidth", {"datasheet: ", "5001 MHz x 2 x 256 bit / 8 = 320 GB/s", "not 300 GB/s"}},
      {"fp16-speedup", {"note: ", "T4 8.0, A10G 4.0, A100 16.0, H100 14.8", "give 2.0"}},
      {"fp32-waste",
       {"own_arithmetic: ", "3 of 4", "T4 87.5 %, A10G 75.0 %, A100 93.8 %, H100 93.2 %"}},
      {"weights-per-token", {"7.24e9 parameters", "14.5 GB"}},
      {"waiting", {"own_arithmetic: ", "0.215 ms / 46.67 ms = 0.46 %", "99.5 %, not 99.6 %"}},
      {"intensity-batch1", {"FP32 0.50, INT8 2.00", "3.87"}},
      {"designed-100plus",
       {"T4 203 and 25", "A10G 117 and 58", "SXM4 201 and 13", "SXM4 153 and 10"}},
      {"batch32", {"fp16 31.7 (11 to 27 %", "int8 62.7 (21 to 54 %", "int4 119.5 (40 to 102 %"}},
      {"prefill-compute", {"1247 FLOP/byte"}},
      {"int4-doubles",
       {"own_arithmetic: ", "85.7 tokens/s, not 87", "2 x 1000 / 23", "3.61 GB and 83"}},
      {"a100-not-5x",
       {"own_arithmetic: ", "5.18 (A100 40GB SXM4), 6.80 (A100 80GB SXM4)",
        "4.86 (A100 40GB SXM4: holds), 6.37 (A100 80GB SXM4: contradicted)"}},
      {"bandwidth-beats-flops",
       {"H200 SXM against H100 SXM5: 1.00", "1.43 of its bandwidth",
        "note: † published, decides nothing: H200 SXM over H100 SXM5: vLLM 0.7.3 with llama-3-8b "
        "at batch 1: 1.02 times (131 tokens/s in bf16 against 129 in bf16)"}},
      {"gpu-choice",
       {"datasheet: the L4 has 300 GB/s, the T4 320 GB/s", "no faster than a T4",
        "T4 22.5, L4 21.1", "138 GB",
        "note: † published, decides nothing: L4 over T4: vLLM 0.7.3 with qwen2.5-0.5b at batch "
        "1: 1.20 times (166 tokens/s in bf16 against 138 in fp16)"}},
  };
  for (const auto& row : expected) {
    for (const char* text : row.texts) EXPECT_THAT(findings(results.at(row.id)), HasSubstr(text));
  }
}

TEST_F(ClaimsWithoutRuns, OtherRowsOfThePeakTableAgreeWithTheirDatasheets) {
  EXPECT_EQ(results.at("peak-table").findings.size(), 1u);
}

// A T4 that was measured, with every kind of row. Figures invented.
Record t4_record() {
  Record record = empty_record(t4_device());
  add_rates(record, read_problem(), hand, five(262e9));
  add_rates(record, {Op::peak, Precision::fp32, {}}, hand, five(7.9e12));
  add_rates(record, square_gemm(Precision::fp32, 4096), cublas, five(4.4e12));
  add_rates(record, square_gemm(Precision::fp16, 4096), hand, five(39.5e12));
  add_rates(record, square_gemm(Precision::fp16, 4096), cublas, five(38.9e12));
  add_rates(record, square_gemm(Precision::int8, 4096), cublas, five(74e12));
  const Problem forward = {Op::gemm, Precision::fp16, {.m = 2048, .n = 14336, .k = 4096}};
  add_rows(record, forward, cublas, five(6.4e-3));
  add_rows(record, {Op::gemm, Precision::fp16, {.m = 2048, .n = 4096, .k = 14336}}, cublas,
           five(6.5e-3));
  add_rows(record, {Op::gemm, Precision::fp16, {.m = 14336, .n = 4096, .k = 2048}}, cublas,
           five(6.5e-3));
  add_rows(record, forward, hand, five(6.6e-3));
  add_rows(record, {Op::gemm, Precision::w8a16, {.m = 2048, .n = 14336, .k = 4096}}, hand,
           five(7.5e-3));
  add_rows(record, {Op::gemm, Precision::w4a16, {.m = 2048, .n = 14336, .k = 4096}}, hand,
           five(8.0e-3));
  add_rows(record, projection(Precision::fp32, 1), hand, five(0.95e-3));
  add_rows(record, projection(Precision::fp16, 1), hand, five(0.48e-3));
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b"), hand, five(60.2e-3));
  add_rows(record, decode(Precision::fp16, 32, "mistral-7b"), hand, five(66.2e-3));
  add_rows(record, decode(Precision::int8, 1, "mistral-7b"), hand, five(30.7e-3));
  add_rows(record, decode(Precision::int4, 1, "mistral-7b"), hand, five(16.9e-3));
  return record;
}

TEST(ClaimsOnAT4, VerdictsWorkedByHand) {
  const Record record = t4_record();
  const std::map<std::string, Verdict> expected = {
      {"peak-table", confirmed},         // 39.5 of 65, 74 of 130, 7.9 of 8.1: nothing exceeds
      {"t4-bandwidth", refuted},         // 262, allowed 270 to 330
      {"fp16-speedup", refuted},         // 39.5 / 4.4 = 8.98, allowed 7.62 to 8.43
      {"fp16-halves-bytes", confirmed},  // 0.95 / 0.48 = 1.98
      {"fp32-waste", confirmed},         // 1 - 4.4 / 39.5 = 88.9 %, allowed 79.2 to 90.9
      {"unit-scale", confirmed},         // 4.4 TFLOPS
      {"training-flops", confirmed},     // (6.5 + 6.5) / 6.4 = 2.03
      {"weights-per-token", refuted},    // 1 / 60.2 ms = 16.6, allowed 19.3 to 23.6
      {"compute-time", refuted},         // 14e9 / 39.5e12 = 0.354 ms, allowed 0.194 to 0.237
      {"waiting", confirmed},            // 1 - 14.2e9 / 39.5e12 / 60.2 ms = 99.4 %, allowed 99.1 up
      {"intensity-batch1", not_testable_here},  // arithmetic is all of it
      {"designed-100plus", confirmed},          // 39.5e12 / 262e9 = 151
      {"batch32", refuted},                     // 66.2 / 60.2 = 1.10, allowed from 1.14
      {"batch-throughput", confirmed},          // 32 x 60.2 / 66.2 = 29.1
      {"prefill-compute", confirmed},           // bytes 193e6 / 262e9 = 0.74 of 6.4 ms; FLOP 95 %
      {"int8-doubles", confirmed},              // 60.2 / 30.7 = 1.96
      {"int4-doubles", confirmed},              // 30.7 / 16.9 = 1.82, allowed from 1.8
      {"bytes-not-math", confirmed},            // 1.96 / 2.00, 3.56 / 3.88 = 0.92; 6.6/7.5, 6.6/8.0
      {"quality-floor", not_testable_here},     // random weights
      {"a100-not-5x", not_testable_here},       // one GPU
      {"bandwidth-beats-flops", not_testable_here},
      {"gpu-choice", not_testable_here},
  };
  const std::map<std::string, ClaimResult> results = by_id({{"t4.json", &record}});
  for (const auto& [id, verdict] : expected) {
    const ClaimResult& result = results.at(id);
    EXPECT_EQ(result.verdict, verdict) << id << ": " << result.why;
    EXPECT_FALSE(result.same_law_on_this_cpu()) << id;
  }
}

TEST(ClaimsOnAT4, FiguresIntervalsAndBenchmarks) {
  const ClaimResult result = decide("int8-doubles", t4_record());
  const Comparison& figure = *result.deciding();
  EXPECT_EQ(figure.predicted, (Interval{2, 2}));
  EXPECT_EQ(figure.unit, "ratio");
  EXPECT_EQ(figure.tolerance, 0.1);
  EXPECT_NEAR(figure.found->value, 60.2 / 30.7, 1e-6);
  // The sessions of both rows deviate alike, so that nothing is left of it.
  EXPECT_NEAR(figure.found->interval->low, 60.2 / 30.7, 1e-6);
  EXPECT_EQ(figure.found->sessions, 5);
  EXPECT_THAT(figure.benchmarks,
              ElementsAre("decode/int8/hand/model:mistral-7b/batch:1/context:0",
                          "decode/fp16/hand/model:mistral-7b/batch:1/context:0"));
  EXPECT_EQ(figure.device, "Tesla T4");
  EXPECT_THAT(result.why, HasSubstr("2.00x claimed, 1.96 [1.96, 1.96]x measured on Tesla T4"));
  // The article's own tokens/s stand beside it and do not decide: 32.6 against 43.
  ASSERT_EQ(result.comparisons.size(), 3u);
  EXPECT_FALSE(result.comparisons[2].decides);
  EXPECT_EQ(result.comparisons[2].verdict, refuted);
}

TEST(ClaimsOnAT4, PeakTableReportsWhatWasReached) {
  Record record = t4_record();
  for (Row& row : record.rows) row.sm_clock_hz = 1.06e9;
  const ClaimResult result = decide("peak-table", record);
  std::string remarks;
  for (const Comparison& comparison : result.comparisons) remarks += comparison.remark + "\n";
  // 39.5 of 65 = 61 %; at 1.06 of 1.59 GHz 39.5 of 43.4 = 91 %.
  EXPECT_THAT(remarks, HasSubstr("61 % of it was reached by gemm/fp16/hand/m:4096/n:4096/k:4096, "
                                 "61 % of datasheet, 61 % of device-derived, 91 % of the peak at "
                                 "the measured clock"));
  EXPECT_THAT(remarks, HasSubstr("98 % of it was reached by peak/fp32/hand"));
}

TEST(ClaimsOnAT4, PeakIsRefutedOnlyByMoreThanTwoPercent) {
  Record record = empty_record(t4_device());
  add_rates(record, square_gemm(Precision::fp16, 4096), hand, five(66e12));
  EXPECT_EQ(decide("peak-table", record).verdict, confirmed);
  record.rows.clear();
  add_rates(record, square_gemm(Precision::fp16, 4096), hand, five(68e12));
  EXPECT_EQ(decide("peak-table", record).verdict, refuted);
}

TEST(ClaimsOnAT4, PeakOutOfReachOfTheDeviceItselfIsRefuted) {
  Record record = t4_record();
  record.device.sm_clock_max_hz = 1.54e9;  // 63.1 TFLOPS: 3 % short
  EXPECT_EQ(decide("peak-table", record).verdict, confirmed);
  EXPECT_EQ(decide("peak-table", record).comparisons.front().tolerance, 0.05);
  record.device.sm_clock_max_hz = 1.50e9;  // 61.4 TFLOPS: 5.5 % short
  EXPECT_EQ(decide("peak-table", record).verdict, refuted);
}

TEST(ClaimsOnAT4, SpeedupIsOfTheFastestShapeMeasuredInBoth) {
  Record record = t4_record();
  add_rates(record, square_gemm(Precision::fp16, 1024), hand, five(20e12));
  add_rates(record, square_gemm(Precision::fp32, 1024), hand, five(1e12));
  add_rates(record, square_gemm(Precision::fp16, 8192), hand, five(60e12));
  EXPECT_THAT(
      decide("fp16-speedup", record).deciding()->benchmarks,
      ElementsAre("gemm/fp16/hand/m:4096/n:4096/k:4096", "gemm/fp32/cublas/m:4096/n:4096/k:4096"));
}

TEST(ClaimsOnAT4, LawIsShownBesideTheArticlesFigure) {
  const ClaimResult result = decide("weights-per-token", t4_record());
  ASSERT_EQ(result.comparisons.size(), 4u);
  // 14.22e9 bytes in 60.2 ms: 236 of 262 GB/s.
  EXPECT_NEAR(result.comparisons[3].found->value, 0.902, 0.001);
  EXPECT_FALSE(result.comparisons[3].decides);
}

TEST(ClaimsOnAT4, TheArticlesFigureIsForItsOwnModel) {
  Record record = empty_record(t4_device());
  add_rows(record, decode(Precision::fp16, 1, "llama-3-8b"), hand, five(60e-3));
  // 320 GB/s over 15.01 GB.
  EXPECT_NEAR(decide("weights-per-token", record).deciding()->predicted.low, 21.32, 0.02);
}

TEST(ClaimsOnAT4, MostTellingStepFirst) {
  Record record = empty_record(t4_device());
  const auto step = [&] { return decide("int8-doubles", record).deciding()->benchmarks.front(); };
  for (const Precision weights : {Precision::fp16, Precision::int8}) {
    add_rows(record, {Op::gemv, weights, {.n = 4096, .k = 4096, .batch = 1}}, hand, five(1e-3));
    add_rows(record, projection(weights, 1), hand, five(1e-3));
  }
  EXPECT_EQ(step(), "gemv/int8/hand/n:14336/k:4096/batch:1");
  for (const Precision weights : {Precision::fp16, Precision::int8}) {
    add_rows(record, decode(weights, 1, "llama-3-8b"), hand, five(1e-3));
  }
  EXPECT_EQ(step(), "decode/int8/hand/model:llama-3-8b/batch:1/context:0");
  for (const Precision weights : {Precision::fp16, Precision::int8}) {
    add_rows(record, decode(weights, 1, "mistral-7b", 1024), hand, five(1e-3));
  }
  EXPECT_EQ(step(), "decode/int8/hand/model:mistral-7b/batch:1/context:1024");
  for (const Precision weights : {Precision::fp16, Precision::int8}) {
    add_rows(record, decode(weights, 1, "mistral-7b"), hand, five(1e-3));
  }
  EXPECT_EQ(step(), "decode/int8/hand/model:mistral-7b/batch:1/context:0");
}

TEST(ClaimsOnAT4, TrainingHoldsBothGradientsAgainstTheForwardProduct) {
  const ClaimResult result = decide("training-flops", t4_record());
  ASSERT_EQ(result.comparisons.size(), 4u);
  EXPECT_NEAR(result.comparisons[3].found->value, 13 / 6.4, 1e-9);
  EXPECT_THAT(result.comparisons[3].benchmarks,
              ElementsAre("gemm/fp16/cublas/m:2048/n:14336/k:4096",
                          "gemm/fp16/cublas/m:2048/n:4096/k:14336",
                          "gemm/fp16/cublas/m:14336/n:4096/k:2048"));
}

TEST(ClaimsOnAT4, PrefillIsTheLargestGemmOfItsKind) {
  Record record = t4_record();
  add_rows(record, {Op::gemm, Precision::fp16, {.m = 256, .n = 65536, .k = 65536}}, hand, five(1));
  add_rows(record, {Op::gemm, Precision::fp16, {.m = 16384, .n = 65536, .k = 4096}}, hand, five(1));
  add_rows(record, {Op::gemm, Precision::fp16, {.m = 512, .n = 14336, .k = 4096}}, hand, five(1));
  // 2048 x 14336 x 4096 is more than 4096^3.
  EXPECT_EQ(decide("prefill-compute", record).deciding()->benchmarks.front(),
            "gemm/fp16/cublas/m:2048/n:14336/k:4096");
}

// It stands beside the GEMM, which alone decides.
TEST(ClaimsOnAT4, AWholeLayerOfPrefillIsShown) {
  Record record = t4_record();
  const auto layer = [](std::int64_t m) {
    return Problem{Op::prefill, Precision::fp16, {.m = m, .model = "mistral-7b"}};
  };
  add_rates(record, layer(2048), hand, five(20e12));
  add_rates(record, layer(512), hand, five(19e12));
  const ClaimResult result = decide("prefill-compute", record);
  EXPECT_EQ(result.verdict, confirmed);
  EXPECT_EQ(result.deciding()->benchmarks.front(), "gemm/fp16/cublas/m:2048/n:14336/k:4096");
  ASSERT_EQ(result.comparisons.size(), 5u);
  for (const std::size_t i : {3u, 4u}) {
    EXPECT_FALSE(result.comparisons[i].decides);
    EXPECT_EQ(result.comparisons[i].benchmarks.front(),
              "prefill/fp16/hand/model:mistral-7b/m:2048");
  }
  // At 20e12 FLOP/s; its bytes at the 262e9 B/s that were read.
  EXPECT_NEAR(result.comparisons[3].found->value,
              compulsory_bytes(layer(2048)) / 262e9 * 20e12 / flop(layer(2048)), 1e-6);
}

TEST(ClaimsOnAT4, ABatchThatMovesMoreBytesMayTakeLonger) {
  Record record = empty_record(t4_device());
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b", 8192), hand, five(65e-3));
  // 48.6 GB instead of 15.3: 3.17 times; 1.5 times of that again.
  add_rows(record, decode(Precision::fp16, 32, "mistral-7b", 8192), hand, five(309e-3));
  const ClaimResult result = decide("batch32", record);
  EXPECT_EQ(result.verdict, confirmed);
  EXPECT_NEAR(result.deciding()->found->value, 1.5, 0.01);
}

TEST(ClaimsOnAT4, OneBatchAloneSaysNothingOfThroughput) {
  Record record = t4_record();
  std::erase_if(record.rows, [](const Row& row) { return row.problem.shape.batch > 1; });
  EXPECT_EQ(decide("batch-throughput", record).verdict, not_testable_here);
}

TEST(ClaimsOnAT4, FewerThanThreeSessionsDecideNothing) {
  Record record = t4_record();
  std::erase_if(record.rows, [](const Row& row) { return row.session > 1; });
  for (const auto& [id, result] : by_id({{"t4.json", &record}})) {
    EXPECT_TRUE(result.verdict == inconclusive || result.verdict == not_testable_here) << id;
  }
  EXPECT_THAT(decide("waiting", record).why, HasSubstr("from 2 sessions, at least 3 are needed"));
}

TEST(ClaimsOnAT4, NoiseAcrossTheEdgeIsInconclusive) {
  Record record = empty_record(t4_device());
  add_rates(record, read_problem(), hand, {290e9, 262e9, 250e9});
  const ClaimResult result = decide("t4-bandwidth", record);
  EXPECT_EQ(result.verdict, inconclusive);
  EXPECT_THAT(result.why, HasSubstr("crosses the limit"));
}

TEST(ClaimsOnAT4, ConditionsAndSuspectsDecideNothing) {
  Record record = t4_record();
  for (Row& row : record.rows) {
    row.condition = "kernel:simt";
  }
  for (const auto& [id, result] : by_id({{"t4.json", &record}})) {
    EXPECT_EQ(result.verdict, not_testable_here) << id;
  }
}

TEST(ClaimsOnAT4, SyntheticFilesShowFiguresAndDecideNothing) {
  Record record = t4_record();
  record.synthetic = true;
  for (const auto& [id, result] : by_id({{"t4.json", &record}})) {
    EXPECT_EQ(result.verdict, not_testable_here) << id;
  }
  const ClaimResult result = decide("int8-doubles", record);
  EXPECT_EQ(result.why, "synthetic figures: no verdict");
  EXPECT_NEAR(result.deciding()->found->value, 60.2 / 30.7, 1e-6);
}

TEST(ClaimsOnAT4, SharesOfAGpuDecideNothing) {
  Record record = t4_record();
  const auto expect_nothing_because = [&](const char* why) {
    EXPECT_EQ(decide("int8-doubles", record).verdict, not_testable_here);
    EXPECT_THAT(decide("int8-doubles", record).why, HasSubstr(why));
  };
  record.device.mig = "1g.5gb";
  expect_nothing_because("MIG");
  record.device.mig = "off";
  record.device.mps = true;
  expect_nothing_because("MPS");
  record.device.mps = false;
  record.device.virtualisation = "vgpu";
  expect_nothing_because("virtual GPU");
  record.device.virtualisation = "passthrough";
  EXPECT_EQ(decide("int8-doubles", record).verdict, confirmed);
}

TEST(ClaimsOnAT4, OneDisturbedRowOfAKindKeepsAllOfItFromDeciding) {
  Record record = t4_record();
  ASSERT_EQ(decide("int8-doubles", record).verdict, confirmed);
  const std::string speedup = std::string(name(decide("fp16-speedup", record).verdict));
  for (Row& row : record.rows) {
    if (row.problem.op == Op::decode && row.problem.precision == Precision::int8) {
      disturb(row, 0.31);
      break;
    }
  }
  const ClaimResult result = decide("int8-doubles", record);
  EXPECT_EQ(result.verdict, inconclusive);
  EXPECT_THAT(result.why, HasSubstr("no verdict: decode/int8/hand/"));
  EXPECT_THAT(result.why, HasSubstr("was disturbed: other processes ran"));
  EXPECT_THAT(result.why, Not(HasSubstr("crosses the limit")));
  // What has no part in it decides as before.
  EXPECT_EQ(name(decide("fp16-speedup", record).verdict), speedup);
}

// A CPU's read, copy, loop of 100 GFLOP/s and GEMM, which confirms the claim about units.
Record cpu_with_gemm(double gemm_flop_per_s) {
  Record record = empty_record(host_device());
  add_rates(record, read_problem(), hand, five(20e9));
  add_rates(record, {Op::copy, Precision::fp32, read_problem().shape}, hand, five(30e9));
  add_rates(record, {Op::peak, Precision::fp32, {}}, hand, five(100e9));
  add_rates(record, square_gemm(Precision::fp32, 2048), hand, five(gemm_flop_per_s));
  return record;
}

TEST(ClaimsOnACpu, WithAGemmAboveItsOwnPeakTheWholeRunWasDisturbed) {
  EXPECT_EQ(decide("unit-scale", cpu_with_gemm(90e9)).on_this_cpu, agrees);
  EXPECT_EQ(decide("unit-scale", cpu_with_gemm(109e9)).on_this_cpu, agrees);
  const ClaimResult gemm = decide("unit-scale", cpu_with_gemm(123e9));
  EXPECT_EQ(gemm.on_this_cpu, unclear);
  EXPECT_THAT(gemm.why, HasSubstr("at 123 % of peak/fp32/hand"));
}

// The interval has to lie above it as a whole.
TEST(ClaimsOnACpu, AGemmAboveThePeakByChanceIsNoDisturbance) {
  Record record = cpu_with_gemm(90e9);
  add_rates(record, square_gemm(Precision::fp32, 4096), hand, {90e9, 150e9, 120e9, 100e9, 140e9});
  EXPECT_THAT(decide("unit-scale", record).why, Not(HasSubstr("disturbed")));
}

TEST(ClaimsOnACpu, WithTooManyDisturbedRowsNothingOfTheRunDecides) {
  Record record = cpu_with_gemm(90e9);
  for (int i = 0; i < 2; ++i) disturb(record.rows[i], 0.5);
  EXPECT_EQ(decide("unit-scale", record).on_this_cpu, agrees);
  disturb(record.rows[2], 0.5);
  const ClaimResult result = decide("unit-scale", record);
  EXPECT_EQ(result.on_this_cpu, unclear);
  EXPECT_THAT(result.why, HasSubstr("3 of 20 rows of this run were disturbed"));
}

TEST(ClaimsOnAT4, WithoutDecodeOneProjectionDecides) {
  Record record = empty_record(t4_device());
  add_rates(record, read_problem(), hand, five(262e9));
  add_rows(record, projection(Precision::fp16, 1), hand, five(0.48e-3));
  add_rows(record, projection(Precision::int8, 1), hand, five(0.25e-3));
  const ClaimResult doubles = decide("int8-doubles", record);
  EXPECT_EQ(doubles.verdict, confirmed);  // 1.92
  EXPECT_THAT(doubles.why, HasSubstr("one projection, 14336 x 4096"));
  // 117.5e6 bytes in 0.48 ms: 245 of 262 GB/s.
  const ClaimResult law = decide("weights-per-token", record);
  EXPECT_EQ(law.verdict, confirmed);
  EXPECT_NEAR(law.deciding()->found->value, 117.477376e6 / 0.48e-3 / 262e9, 1e-3);
}

// Projections in every format at three batches, and what to hold them against.
Record projections_record(const DeviceRecord& device, double factor) {
  Record record = empty_record(device);
  add_rates(record, read_problem(), hand, five(262e9 * factor));
  add_rates(record, square_gemm(Precision::fp16, 4096), hand, five(39.5e12 * factor));
  for (const Precision weights :
       {Precision::fp32, Precision::fp16, Precision::int8, Precision::int4}) {
    for (const int batch : {1, 32, 256}) {
      add_rates(record, projection(weights, batch), hand, five(240e9 * factor / batch));
    }
  }
  return record;
}

Record with_library(Record record) {
  for (const int batch : {1, 32, 256}) {
    add_rates(record, projection(Precision::fp16, batch), cublas, five(900e9));
    add_rates(record, projection(Precision::fp16, batch), cublaslt, five(950e9));
  }
  return record;
}

TEST(ClaimsOnAT4, AFasterLibraryChangesNothingAboutStepsByHand) {
  const auto decided = [](const Record& t4, const Record& a100) {
    const RunFile runs[] = {{"t4.json", &t4}, {"a100.json", &a100}};
    return claims_json(decide_claims(runs, specs()), runs);
  };
  const Record t4 = projections_record(t4_device(), 1);
  const Record a100 = projections_record(
      {.backend = Backend::cuda, .name = "NVIDIA A100-SXM4-40GB", .pci_device_id = "20B0"}, 4.5);
  const std::string by_hand = decided(t4, a100);
  for (const char* id : {"a100-not-5x", "int8-doubles", "batch-throughput"}) {
    EXPECT_THAT(by_hand, HasSubstr(id));
  }
  EXPECT_EQ(decided(with_library(t4), a100), by_hand);
  EXPECT_EQ(decided(t4, with_library(a100)), by_hand);
}

TEST(ClaimsOnAT4, ALibrarysProjectionAloneIsNoStep) {
  const Record record = with_library(empty_record(t4_device()));
  EXPECT_THAT(decide("weights-per-token", record).why, HasSubstr("no decode or GEMV step"));
  EXPECT_EQ(decide("batch-throughput", record).verdict, not_testable_here);
}

TEST(ClaimsOnAT4, SaysWhatIsMissing) {
  Record record = empty_record(t4_device());
  EXPECT_EQ(decide("int8-doubles", record).why,
            "r.json: no decode or GEMV step with int8 weights at batch 1 (no decode/int8/... in "
            "this run)");
  record.not_measured = {
      {"gemm/fp16/cublas/m:1/n:1/k:1", 0, NotMeasured::Status::failed, "out of memory: 3 GB", {}}};
  EXPECT_EQ(decide("compute-time", record).why,
            "r.json: gemm/fp16/cublas/m:1/n:1/k:1: out of memory: 3 GB");
}

TEST(ClaimsOnAT4, PartlyDecidedClaimsSayWhatWasNot) {
  Record record = t4_record();
  std::erase_if(record.rows, [](const Row& row) {
    return row.problem.precision == Precision::int4 || row.problem.precision == Precision::w4a16;
  });
  const ClaimResult result = decide("bytes-not-math", record);
  EXPECT_EQ(result.verdict, confirmed);
  EXPECT_THAT(findings(result), HasSubstr("not decided: r.json: no decode or GEMV step with int4"));
}

TEST(ClaimsOnAT4, IntegerMathsThatIsFasterRefutesBytesNotMath) {
  Record record = t4_record();
  for (Row& row : record.rows) {
    if (row.problem.precision == Precision::w8a16) row.time_s /= 2;
  }
  const ClaimResult result = decide("bytes-not-math", record);
  EXPECT_EQ(result.verdict, refuted);
  // The sentence is about the figure that refutes, not about the first one.
  EXPECT_THAT(result.why, HasSubstr("INT8 over FP16 weights, compute-bound: GEMM, 2048 tokens"));
}

TEST(ClaimsOnAT4, ComputeBoundMeansManyTokens) {
  Record record = t4_record();
  // Too few tokens to be compute-bound, and too few to be preferred.
  add_rows(record, {Op::gemm, Precision::fp16, {.m = 128, .n = 14336, .k = 4096}}, hand, five(9));
  add_rows(record, {Op::gemm, Precision::w8a16, {.m = 128, .n = 14336, .k = 4096}}, hand, five(1));
  add_rows(record, {Op::gemm, Precision::fp16, {.m = 512, .n = 14336, .k = 4096}}, hand, five(9));
  add_rows(record, {Op::gemm, Precision::w8a16, {.m = 512, .n = 14336, .k = 4096}}, hand, five(1));
  const ClaimResult result = decide("bytes-not-math", record);
  ASSERT_EQ(result.comparisons.size(), 4u);
  EXPECT_THAT(
      result.comparisons[2].benchmarks,
      ElementsAre("gemm/w8a16/hand/m:2048/n:14336/k:4096", "gemm/fp16/hand/m:2048/n:14336/k:4096"));
  EXPECT_THAT(
      result.comparisons[3].benchmarks,
      ElementsAre("gemm/w4a16/hand/m:2048/n:14336/k:4096", "gemm/fp16/hand/m:2048/n:14336/k:4096"));
  std::erase_if(record.rows, [](const Row& row) { return row.problem.shape.m > 128; });
  EXPECT_EQ(decide("bytes-not-math", record).comparisons.size(), 2u);
}

TEST(ClaimsOnAT4, BatchSweepTellsWhereTheStepLeavesTheRoof) {
  Record record = t4_record();
  add_rows(record, decode(Precision::fp16, 128, "mistral-7b"), hand, five(90e-3));
  add_rows(record, decode(Precision::fp16, 256, "mistral-7b"), hand, five(170e-3));
  // Batch 128 moves 3 % more bytes than batch 1 and takes 1.50 times as long.
  EXPECT_THAT(findings(decide("batch32", record)),
              HasSubstr("decode of mistral-7b, fp16 weights: stops being memory-bound at batch 128 "
                        "(predicted crossover: batch 15"));
}

TEST(ClaimsOnAT4, QuantisationNoiseIsPrintedNotJudged) {
  Record record = t4_record();
  for (Row& row : record.rows) row.extra["weight_snr_db"] = 48.13;
  const ClaimResult result = decide("quality-floor", record);
  EXPECT_EQ(result.verdict, not_testable_here);
  EXPECT_THAT(findings(result), HasSubstr("INT8 weights keep a signal-to-noise ratio of 48.1 dB"));
}

// Records of a T4 in which one figure is `x` in each session. Times in seconds.
using Figure = std::vector<double>;

Figure scaled(double factor, const Figure& x) {
  Figure result;
  for (const double value : x) result.push_back(factor * value);
  return result;
}

Figure inverse(double factor, const Figure& x) {
  Figure result;
  for (const double value : x) result.push_back(factor / value);
  return result;
}

Figure same(double value, const Figure& x) { return Figure(x.size(), value); }

const Problem whole_step(Precision weights, std::int64_t batch = 1) {
  return decode(weights, batch, "mistral-7b");
}

void two_formats(Record& record, Precision fewer, Precision more, const Figure& ratio) {
  add_rows(record, whole_step(fewer), hand, same(20e-3, ratio));
  add_rows(record, whole_step(more), hand, scaled(20e-3, ratio));
}

struct VerdictCase {
  const char* id;
  void (*build)(Record& record, const Figure& x);
  Figure confirmed;
  Figure refuted;
  Figure inconclusive;  // around the edge of what is allowed
};

const VerdictCase verdict_cases[] = {
    // tokens/s, 21.4 - 10 % = 19.3
    {"weights-per-token",
     [](Record& record, const Figure& x) {
       add_rows(record, whole_step(Precision::fp16), hand, inverse(1, x));
     },
     {21, 21.1, 20.9},
     {15, 15.1, 14.9},
     {17, 19, 21}},
    // seconds, 215 us + 10 % = 237 us
    {"compute-time",
     [](Record& record, const Figure& x) {
       add_rates(record, square_gemm(Precision::fp16, 4096), hand, inverse(14e9, x));
     },
     {215e-6, 216e-6, 214e-6},
     {350e-6, 351e-6, 349e-6},
     {220e-6, 237e-6, 250e-6}},
    // share that is not computing, 99.6 % - 0.5 % of it = 99.1 %
    {"waiting",
     [](Record& record, const Figure& x) {
       const Problem step = whole_step(Precision::fp16);
       add_rows(record, step, hand, same(60e-3, x));
       Figure rates;
       for (const double share : x) rates.push_back(flop(step) / (60e-3 * (1 - share)));
       add_rates(record, square_gemm(Precision::fp16, 4096), hand, rates);
     },
     {0.996, 0.9961, 0.9959},
     {0.95, 0.951, 0.949},
     {0.987, 0.991, 0.995}},
    {"fp16-halves-bytes",
     [](Record& record, const Figure& x) {
       two_formats(record, Precision::fp16, Precision::fp32, x);
     },
     {1.95, 1.96, 1.94},
     {1.5, 1.51, 1.49},
     {1.7, 1.8, 1.9}},
    {"int8-doubles",
     [](Record& record, const Figure& x) {
       two_formats(record, Precision::int8, Precision::fp16, x);
     },
     {1.95, 1.96, 1.94},
     {1.5, 1.51, 1.49},
     {1.7, 1.8, 1.9}},
    {"int4-doubles",
     [](Record& record, const Figure& x) {
       two_formats(record, Precision::int4, Precision::int8, x);
     },
     {1.95, 1.96, 1.94},
     {1.5, 1.51, 1.49},
     {1.7, 1.8, 1.9}},
    // speed-up over the ratio of bytes, 1 - 10 %
    {"bytes-not-math",
     [](Record& record, const Figure& x) {
       const double fp16_bytes = compulsory_bytes(whole_step(Precision::fp16));
       add_rows(record, whole_step(Precision::fp16), hand, same(60e-3, x));
       for (const Precision weights : {Precision::int8, Precision::int4}) {
         const double share = compulsory_bytes(whole_step(weights)) / fp16_bytes;
         add_rows(record, whole_step(weights), hand, inverse(60e-3 * share, x));
       }
     },
     {0.97, 0.98, 0.96},
     {0.6, 0.61, 0.59},
     {0.85, 0.9, 0.95}},
    // time at batch 32 over what its bytes explain, from 1.2 - 5 % = 1.14
    {"batch32",
     [](Record& record, const Figure& x) {
       const double growth = compulsory_bytes(whole_step(Precision::fp16, 32)) /
                             compulsory_bytes(whole_step(Precision::fp16));
       add_rows(record, whole_step(Precision::fp16), hand, same(60e-3, x));
       add_rows(record, whole_step(Precision::fp16, 32), hand, scaled(60e-3 * growth, x));
     },
     {1.5, 1.51, 1.49},
     {1.05, 1.06, 1.04},
     {1.1, 1.14, 1.18}},
    // tokens/s of 32 users over one after another
    {"batch-throughput",
     [](Record& record, const Figure& x) {
       add_rows(record, whole_step(Precision::fp16), hand, same(60e-3, x));
       add_rows(record, whole_step(Precision::fp16, 32), hand, inverse(32 * 60e-3, x));
     },
     {20, 20.1, 19.9},
     {0.9, 0.91, 0.89},
     {0.95, 1, 1.05}},
    // share of the arithmetic ceiling, 50 % - 5 % of it
    {"prefill-compute",
     [](Record& record, const Figure& x) {
       add_rates(record, read_problem(), hand, same(262e9, x));
       add_rates(record, {Op::peak, Precision::fp16, {}}, hand, same(60e12, x));
       add_rates(record, {Op::gemm, Precision::fp16, {.m = 2048, .n = 14336, .k = 4096}}, hand,
                 scaled(60e12, x));
     },
     {0.8, 0.81, 0.79},
     {0.3, 0.31, 0.29},
     {0.45, 0.475, 0.5}},
    // both gradients over the forward GEMM, 2 + 5 %
    {"training-flops",
     [](Record& record, const Figure& x) {
       add_rows(record, {Op::gemm, Precision::fp16, {.m = 2048, .n = 14336, .k = 4096}}, hand,
                same(6e-3, x));
       add_rows(record, {Op::gemm, Precision::fp16, {.m = 2048, .n = 4096, .k = 14336}}, hand,
                scaled(3e-3, x));
       add_rows(record, {Op::gemm, Precision::fp16, {.m = 14336, .n = 4096, .k = 2048}}, hand,
                scaled(3e-3, x));
     },
     {2.02, 2.03, 2.01},
     {3, 3.01, 2.99},
     {2, 2.1, 2.2}},
};

TEST(ClaimsOfADecode, ReachEveryVerdict) {
  for (const VerdictCase& one : verdict_cases) {
    const auto verdict = [&](const Figure& x) {
      Record record = empty_record(t4_device());
      one.build(record, x);
      return decide(one.id, record).verdict;
    };
    EXPECT_EQ(verdict(one.confirmed), confirmed) << one.id;
    EXPECT_EQ(verdict(one.refuted), refuted) << one.id;
    EXPECT_EQ(verdict(one.inconclusive), inconclusive) << one.id;
  }
}

TEST(ClaimsOfADecode, SayWhereTheTimeWent) {
  Record record = t4_record();
  for (const Precision weights : {Precision::fp16, Precision::int8}) {
    const double scale = weights == Precision::fp16 ? 1 : 0.5;
    add_rung(record, whole_step(weights), "stream_only", five(54.3e-3 * scale));
    add_rung(record, whole_step(weights), "gemv_only", five(55.4e-3 * scale));
    add_rung(record, whole_step(weights), "unordered", five(56.9e-3 * scale));
    add_rung(record, whole_step(weights), "launches_only", five(1.9e-3));
  }
  const std::string fp16 =
      "Tesla T4: decode of mistral-7b, fp16 weights: 60.2 ms = weights 54.3 + arithmetic 1.1 + "
      "attention 1.5 + launches 1.9 + unexplained 1.4 (2 %)";
  EXPECT_THAT(findings(decide("weights-per-token", record)), HasSubstr(fp16));
  const std::string doubles = findings(decide("int8-doubles", record));
  EXPECT_THAT(doubles, HasSubstr(fp16));
  EXPECT_THAT(doubles, HasSubstr("int8 weights: 30.7 ms = weights"));
  EXPECT_THAT(findings(decide("int4-doubles", record)), Not(HasSubstr("int4 weights: 16.9 ms")));
}

// 3.36e23 FLOP at 312 TFLOPS are 34.1 years, at 400 26.6.
TEST(ClaimsOfADecode, TrainingYearsAreAnA100s) {
  Record record =
      empty_record({.backend = Backend::cuda, .name = "NVIDIA A100-SXM4-80GB", .processors = 108});
  add_rates(record, square_gemm(Precision::fp16, 8192), cublas, five(312e12));
  const ClaimResult result = decide("training-flops", record);
  EXPECT_EQ(result.verdict, confirmed);
  EXPECT_NEAR(result.comparisons.back().found->value, 34.13, 0.01);
  EXPECT_TRUE(result.comparisons.back().decides);
  record.rows.clear();
  add_rates(record, square_gemm(Precision::fp16, 8192), cublas, five(400e12));
  EXPECT_EQ(decide("training-flops", record).verdict, refuted);
  // A T4 takes longer, which says nothing of an A100; an H100 may take less.
  record = empty_record(
      {.backend = Backend::cuda, .name = "NVIDIA H100 80GB HBM3", .pci_device_id = "2330"});
  add_rates(record, square_gemm(Precision::fp16, 8192), cublas, five(700e12));
  EXPECT_EQ(decide("training-flops", record).verdict, not_testable_here);
  EXPECT_FALSE(decide("training-flops", record).comparisons.back().decides);
}

TEST(ClaimsOnOtherGpus, TheArticlesRowOrTheDatasheetPredicts) {
  DeviceRecord a100 = {.backend = Backend::cuda,
                       .name = "NVIDIA A100-SXM4-80GB",
                       .processors = 108,
                       .sm_clock_max_hz = 1.41e9};
  Record record = empty_record(a100);
  add_rates(record, square_gemm(Precision::fp16, 8192), cublas, five(250e12));
  add_rates(record, square_gemm(Precision::fp32, 8192), cublas, five(18e12));
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b"), hand, five(8e-3));
  // 13.9 against 312 / 19.5 = 16 +- 5 %.
  EXPECT_EQ(decide("fp16-speedup", record).verdict, refuted);
  EXPECT_EQ(decide("fp16-speedup", record).deciding()->predicted, (Interval{16, 16}));
  // 2039 GB/s over 14.22 GB: 143 tokens/s predicted, 125 measured.
  const ClaimResult rate = decide("weights-per-token", record);
  EXPECT_NEAR(rate.deciding()->predicted.low, 143.4, 0.2);
  EXPECT_EQ(rate.verdict, refuted);
  // The article's tokens/s with INT8 weights are a T4's.
  add_rows(record, decode(Precision::int8, 1, "mistral-7b"), hand, five(4e-3));
  EXPECT_EQ(decide("int8-doubles", record).comparisons.size(), 2u);
  EXPECT_EQ(decide("t4-bandwidth", record).verdict, not_testable_here);
  EXPECT_THAT(decide("t4-bandwidth", record).why, HasSubstr("is not a T4"));
}

TEST(ClaimsOnOtherGpus, AnA10GCannotReachItsRow) {
  DeviceRecord a10g = {
      .backend = Backend::cuda, .name = "NVIDIA A10G", .processors = 80, .sm_clock_max_hz = 1.71e9};
  Record record = empty_record(a10g);
  add_rates(record, square_gemm(Precision::fp16, 4096), cublas, five(62e12));
  const ClaimResult result = decide("peak-table", record);
  EXPECT_EQ(result.verdict, refuted);
  EXPECT_THAT(result.why, HasSubstr("fp16 peak by SMs x clock x operations: at least 125 TFLOP/s "
                                    "claimed, 70.0 TFLOP/s computed on NVIDIA A10G"));
  // Its other figures are held against the article's row too: 125 / 31.2, and 14e9 / 125e12.
  add_rates(record, square_gemm(Precision::fp32, 4096), cublas, five(30e12));
  EXPECT_NEAR(decide("fp16-speedup", record).deciding()->predicted.low, 4.006, 0.001);
  EXPECT_NEAR(decide("compute-time", record).deciding()->predicted.low, 0.112e-3, 1e-9);
}

TEST(ClaimsOnOtherGpus, WithoutARowTheDatasheetPredicts) {
  Record record = empty_record({.backend = Backend::cuda, .name = "NVIDIA L4", .processors = 58});
  add_rates(record, square_gemm(Precision::fp16, 4096), cublas, five(60e12));
  add_rates(record, square_gemm(Precision::fp32, 4096), cublas, five(15e12));
  // 121 / 30.3 TFLOPS.
  EXPECT_NEAR(decide("fp16-speedup", record).deciding()->predicted.low, 3.99, 0.01);
  EXPECT_NEAR(decide("compute-time", record).deciding()->predicted.low, 14e9 / 121e12, 1e-9);
}

TEST(ClaimsOnOtherGpus, AGpuOutsideTheTableHasNoDatasheetClaims) {
  DeviceRecord unknown = {.backend = Backend::cuda, .name = "NVIDIA Unheard-of"};
  Record record = empty_record(unknown);
  add_rates(record, read_problem(), hand, five(1000e9));
  add_rates(record, square_gemm(Precision::fp16, 4096), hand, five(200e12));
  add_rates(record, square_gemm(Precision::fp32, 4096), hand, five(20e12));
  EXPECT_EQ(decide("peak-table", record).verdict, not_testable_here);
  EXPECT_EQ(decide("fp16-speedup", record).verdict, not_testable_here);
  EXPECT_EQ(decide("compute-time", record).verdict, not_testable_here);
  EXPECT_EQ(decide("designed-100plus", record).verdict, confirmed);
  EXPECT_EQ(decide("fp32-waste", record).verdict, confirmed);
}

Record host_record() {
  Record record = empty_record(host_device());
  add_rates(record, read_problem(), hand, five(20e9));
  add_rates(record, square_gemm(Precision::fp32, 2048), openblas, five(100e9));
  add_rates(record, {Op::gemm, Precision::fp32, {.m = 512, .n = 6144, .k = 4096}}, openblas,
            five(95e9));
  add_rows(record, projection(Precision::fp32, 1), hand, five(11.9e-3));
  add_rows(record, projection(Precision::fp16, 1), hand, five(6.1e-3));
  add_rows(record, projection(Precision::int8, 1), hand, five(3.1e-3));
  add_rows(record, projection(Precision::int4, 1), hand, five(2.9e-3));
  add_rows(record, projection(Precision::fp16, 32), hand, five(48e-3));
  add_rows(record, projection(Precision::int8, 32), hand, five(50e-3));
  record.not_measured = {{"gemm/fp16/hand/m:1024/n:1024/k:1024",
                          0,
                          NotMeasured::Status::unsupported,
                          "no FP16 arithmetic",
                          {}}};
  return record;
}

TEST(ClaimsOnTheHost, TheSameLawAgreesOrDiffersOnThisCpu) {
  const Record record = host_record();
  const std::map<std::string, Verdict> expected = {
      {"fp16-halves-bytes", agrees},  // 1.95
      {"unit-scale", agrees},         // 100 GFLOPS
      {"weights-per-token", agrees},  // 117.5e6 bytes in 6.1 ms: 96 % of 20 GB/s
      {"batch-throughput", agrees},   // 32 x 6.1 / 48 = 4.1
      {"prefill-compute", agrees},    // 95 % of the GEMM rate, 8 % of the time for bytes
      {"int8-doubles", agrees},       // 1.97
      {"int4-doubles", differs},      // 1.07
      {"bytes-not-math", differs},    // INT4: 2.10 for 3.88 times fewer bytes
  };
  for (const auto& [id, result] : by_id({{"host.json", &record}})) {
    const auto law = expected.find(id);
    EXPECT_EQ(result.on_this_cpu, law == expected.end() ? not_testable_here : law->second)
        << id << ": " << result.why;
    EXPECT_EQ(result.same_law_on_this_cpu(), law != expected.end()) << id;
    EXPECT_EQ(result.verdict, not_testable_here) << id;
    if (result.same_law_on_this_cpu()) {
      EXPECT_THAT(claim_line(result), HasSubstr("on this CPU"));
    }
  }
  const RunFile run{"host.json", &record};
  EXPECT_EQ(measurement_headline(decide_claims({&run, 1}, specs())),
            "0 decided on a GPU; same law on this CPU: 6 agree, 2 differ");
}

// Whatever a CPU measures: no claim about GPUs is confirmed or refuted by it, in no figure of it.
void expect_no_verdict_on_gpus(const Record& record) {
  ASSERT_EQ(record.device.backend, Backend::host);
  for (const auto& [id, result] : by_id({{"host.json", &record}})) {
    EXPECT_EQ(result.verdict, not_testable_here) << id << ": " << result.why;
    for (const Comparison& comparison : result.comparisons) {
      EXPECT_NE(comparison.verdict, confirmed) << id << ": " << comparison.what;
      EXPECT_NE(comparison.verdict, refuted) << id << ": " << comparison.what;
      EXPECT_NE(comparison.verdict, inconclusive) << id << ": " << comparison.what;
    }
  }
}

// Every kind of row that a claim looks for, also those that no CPU has, at every speed.
TEST(ClaimsOnTheHost, NoRunDecidesAClaimAboutGpus) {
  for (const double factor : {0.01, 0.1, 0.5, 0.9, 1.0, 1.1, 2.0, 10.0, 100.0}) {
    Record record = t4_record();
    record.device = host_device();
    for (Row& row : record.rows) {
      if (row.problem.precision != Precision::fp16) continue;
      row.time_s *= factor;
      for (double& time_s : row.samples_s) time_s *= factor;
    }
    expect_no_verdict_on_gpus(record);
    const RunFile run{"host.json", &record};
    EXPECT_THAT(measurement_headline(decide_claims({&run, 1}, specs())),
                testing::StartsWith("0 decided on a GPU; same law on this CPU: "));
  }
  expect_no_verdict_on_gpus(host_record());
  int recorded = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(RESULTS_FOLDER)) {
    if (file.path().extension() != ".json" || file.path().parent_path().filename() == "published" ||
        file.path().parent_path() == RESULTS_FOLDER) {
      continue;
    }
    const Record record = read_record(file.path());
    if (record.device.backend != Backend::host) continue;
    SCOPED_TRACE(file.path());
    expect_no_verdict_on_gpus(record);
    ++recorded;
  }
  EXPECT_GE(recorded, 1);
}

TEST(ClaimsOnTheHost, BesideAGpuTheGpuDecides) {
  const Record host = host_record();
  const Record t4 = t4_record();
  const ClaimResult result = by_id({{"host.json", &host}, {"t4.json", &t4}}).at("int4-doubles");
  EXPECT_EQ(result.verdict, confirmed);
  EXPECT_EQ(result.on_this_cpu, differs);
  EXPECT_EQ(result.measured(), confirmed);
  EXPECT_FALSE(result.same_law_on_this_cpu());
  EXPECT_EQ(result.deciding()->device, "Tesla T4");
  EXPECT_THAT(result.why, HasSubstr("Tesla T4"));
}

// A GEMM above the highest arithmetic seen in other sessions is as compute-bound as can be.
TEST(ClaimsOnTheHost, NoGemmIsTooFastToBeComputeBound) {
  Record record = empty_record(host_device());
  add_rates(record, read_problem(), hand, five(20e9));
  add_rates(record, square_gemm(Precision::fp32, 2048), openblas, {90e9, 110e9, 120e9});
  add_rates(record, {Op::peak, Precision::fp32, {}}, hand, {100e9, 95e9, 135e9});
  const ClaimResult result = decide("prefill-compute", record);
  EXPECT_EQ(result.on_this_cpu, agrees) << result.why;
}

// Its arithmetic is no CPU's, its gradients are.
TEST(ClaimsOnTheHost, GradientsDecideTraining) {
  Record record = empty_record(host_device());
  add_rows(record, {Op::gemm, Precision::fp32, {.m = 512, .n = 1408, .k = 512}}, hand, five(7e-3));
  add_rows(record, {Op::gemm, Precision::fp32, {.m = 512, .n = 512, .k = 1408}}, hand, five(7e-3));
  add_rows(record, {Op::gemm, Precision::fp32, {.m = 1408, .n = 512, .k = 512}}, hand,
           five(7.1e-3));
  const ClaimResult result = decide("training-flops", record);
  EXPECT_EQ(result.on_this_cpu, agrees);
  EXPECT_NEAR(result.comparisons.back().found->value, 14.1 / 7, 1e-9);
  EXPECT_TRUE(result.same_law_on_this_cpu());
}

TEST(ClaimsOnTheHost, ComputeBoundIsSaid) {
  // 30.3e6 bytes in 2.9 ms are 10.5 of 20 GB/s.
  const ClaimResult result = decide("int4-doubles", host_record());
  EXPECT_THAT(result.why, HasSubstr("int4 at 52 % of read bandwidth: compute-bound on this CPU"));
  EXPECT_THAT(decide("int8-doubles", host_record()).why, Not(HasSubstr("compute-bound")));
}

TEST(ClaimsOnTheHost, ALargeBatchStandsInForTheComputeBoundGemm) {
  Record record = host_record();
  add_rows(record, projection(Precision::fp16, 16), hand, five(25e-3));
  add_rows(record, projection(Precision::int8, 16), hand, five(26e-3));
  // Without a clearly compute-bound FP16 step nothing is compared.
  const ClaimResult result = decide("bytes-not-math", record);
  ASSERT_EQ(result.comparisons.size(), 3u);
  EXPECT_THAT(result.comparisons[2].benchmarks,
              ElementsAre("gemv/int8/hand/n:14336/k:4096/batch:32",
                          "gemv/fp16/hand/n:14336/k:4096/batch:32"));
  EXPECT_NEAR(result.comparisons[2].found->value, 48.0 / 50, 1e-9);
  std::erase_if(record.rows, [](const Row& row) { return row.problem.shape.batch > 1; });
  EXPECT_EQ(decide("bytes-not-math", record).comparisons.size(), 2u);
}

// On a GPU the figures of this record would decide all three.
TEST(ClaimsOnTheHost, WhatFollowsFromARidgeIsAClaimAboutGpus) {
  Record record = host_record();
  add_rates(record, square_gemm(Precision::fp16, 1024), hand, five(3000e9));
  for (const char* id : {"designed-100plus", "waiting", "batch32"}) {
    const ClaimResult result = decide(id, record);
    EXPECT_EQ(result.verdict, not_testable_here) << id;
    EXPECT_THAT(result.why, HasSubstr("follows from a GPU's ridge, this is a CPU")) << id;
  }
  EXPECT_THAT(findings(decide("batch32", record)),
              HasSubstr("fp16 weights: stops being memory-bound at batch 32"));
  record.device = t4_device();
  for (const char* id : {"designed-100plus", "waiting", "batch32"}) {
    EXPECT_NE(decide(id, record).verdict, not_testable_here) << id;
  }
}

TEST(ClaimsOnTheHost, UnsupportedPrecisionIsTheReason) {
  const ClaimResult result = decide("compute-time", host_record());
  EXPECT_EQ(result.verdict, not_testable_here);
  EXPECT_THAT(result.why, HasSubstr("no FP16 arithmetic"));
}

Record one_step(const char* device_name, const char* pci, double time_s) {
  Record record =
      empty_record({.backend = Backend::cuda, .name = device_name, .pci_device_id = pci});
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b"), hand, five(time_s));
  return record;
}

TEST(ClaimsAcrossGpus, A100AgainstT4) {
  const Record t4 = one_step("Tesla T4", "1EB8", 60e-3);
  const Record a100_40 = one_step("NVIDIA A100-SXM4-40GB", "20B0", 12.5e-3);
  const Record a100_80 = one_step("NVIDIA A100-SXM4-80GB", "20B2", 9e-3);
  const ClaimResult holds = by_id({{"t4", &t4}, {"a100", &a100_40}}).at("a100-not-5x");
  EXPECT_EQ(holds.verdict, confirmed);
  EXPECT_NEAR(holds.deciding()->found->value, 4.8, 1e-9);
  EXPECT_EQ(holds.deciding()->file, "a100, t4");
  EXPECT_EQ(holds.deciding()->device, "");
  // Not paired: the deviations of two boards add up.
  EXPECT_GT(holds.deciding()->found->interval->high, 4.801);
  EXPECT_EQ(by_id({{"t4", &t4}, {"a100", &a100_80}}).at("a100-not-5x").verdict, refuted);
  EXPECT_EQ(by_id({{"t4", &t4}}).at("a100-not-5x").verdict, not_testable_here);
}

TEST(ClaimsAcrossGpus, SyntheticOnEitherSideDecidesNothing) {
  Record t4 = one_step("Tesla T4", "1EB8", 60e-3);
  Record a100 = one_step("NVIDIA A100-SXM4-40GB", "20B0", 12.5e-3);
  t4.synthetic = true;
  EXPECT_EQ(by_id({{"t4", &t4}, {"a100", &a100}}).at("a100-not-5x").verdict, not_testable_here);
  t4.synthetic = false;
  a100.synthetic = true;
  EXPECT_EQ(by_id({{"t4", &t4}, {"a100", &a100}}).at("a100-not-5x").verdict, not_testable_here);
}

TEST(ClaimsAcrossGpus, BandwidthAgainstTflops) {
  const Record h100 = one_step("NVIDIA H100 80GB HBM3", "2330", 5e-3);
  const Record h200 = one_step("NVIDIA H200", "2335", 3.6e-3);
  const ClaimResult faster = by_id({{"h100", &h100}, {"h200", &h200}}).at("bandwidth-beats-flops");
  EXPECT_EQ(faster.verdict, confirmed);
  EXPECT_NEAR(faster.deciding()->found->value, 5 / 3.6, 1e-9);
  const Record slow_h200 = one_step("NVIDIA H200", "2335", 5.5e-3);
  EXPECT_EQ(by_id({{"h100", &h100}, {"h200", &slow_h200}}).at("bandwidth-beats-flops").verdict,
            refuted);
  // More bandwidth and more TFLOPS: no test of the claim.
  const Record t4 = one_step("Tesla T4", "1EB8", 60e-3);
  EXPECT_EQ(by_id({{"h100", &h100}, {"t4", &t4}}).at("bandwidth-beats-flops").verdict,
            not_testable_here);
}

// Just as fast is not faster, nor does it show the contrary.
TEST(ClaimsAcrossGpus, EqualIsNotFaster) {
  constexpr double unlimited = std::numeric_limits<double>::infinity();
  const Estimate equal = {1, Interval{1, 1}, 3};
  EXPECT_EQ(judge({1, unlimited}, 0, equal), inconclusive);
  EXPECT_EQ(judge({1, unlimited}, 0, {1.01, Interval{1.005, 1.02}, 3}), confirmed);
  EXPECT_EQ(judge({1, 2}, 0, equal), confirmed);
  EXPECT_EQ(judge({1, unlimited}, 0.1, equal), confirmed);
  EXPECT_EQ(claimed_text({1, unlimited}, 0, "ratio"), "more than 1.00x");
  EXPECT_EQ(claimed_text({1, unlimited}, 0.1, "ratio"), "at least 1.00x");
}

TEST(ClaimsAcrossGpus, AnL4IsNoFasterThanAT4) {
  const Record t4 = one_step("Tesla T4", "1EB8", 60e-3);
  const Record l4 = one_step("NVIDIA L4", "27B8", 62e-3);
  const Record a10g = one_step("NVIDIA A10G", "2237", 30e-3);
  EXPECT_EQ(by_id({{"t4", &t4}, {"l4", &l4}}).at("gpu-choice").verdict, refuted);
  EXPECT_EQ(by_id({{"t4", &t4}, {"a10g", &a10g}}).at("gpu-choice").verdict, confirmed);
  EXPECT_EQ(by_id({{"l4", &l4}, {"a10g", &a10g}}).at("gpu-choice").verdict, not_testable_here);
  const Record l40s = one_step("NVIDIA L40S", "26B9", 20e-3);
  EXPECT_EQ(by_id({{"t4", &t4}, {"l40s", &l40s}}).at("gpu-choice").verdict, not_testable_here);
}

TEST(ClaimsOutput, JsonHasEveryFieldOfEveryClaim) {
  const Record record = t4_record();
  const std::vector<RunFile> runs = {{"t4.json", &record}};
  const std::vector<ClaimResult> results = decide_claims(runs, specs());
  const Json json = parse_json(claims_json(results, runs), "claims");
  ASSERT_EQ(json["claims"].size(), claims_table().size());
  for (const Json& claim : json["claims"]) {
    for (const char* key :
         {"id", "by_arithmetic", "arithmetic", "verdict", "on_this_cpu", "needs", "statement",
          "why", "predicted", "measured", "unit", "tolerance", "tolerance_reason", "benchmarks",
          "findings", "same_law_on_this_cpu", "contradicted_by_its_own_arithmetic"}) {
      EXPECT_TRUE(claim.contains(key)) << claim["id"] << " " << key;
    }
  }
  EXPECT_EQ(json["runs"][0]["file"], "t4.json");
  for (const Json& claim : json["claims"]) {
    if (claim["id"] == "peak-table") {
      EXPECT_EQ(claim["verdict"], "confirmed");
    }
    if (claim["id"] == "a100-not-5x") {
      EXPECT_EQ(claim["verdict"], "not_testable_here");
    }
    if (claim["id"] == "int8-doubles") {
      EXPECT_EQ(claim["predicted"], 2.0);
      EXPECT_NEAR(claim["measured"]["value"].get<double>(), 60.2 / 30.7, 1e-6);
      EXPECT_LE(claim["measured"]["low"], claim["measured"]["high"]);
      EXPECT_EQ(claim["tolerance"], 0.1);
      EXPECT_EQ(claim["benchmarks"].size(), 2u);
    }
    if (claim["id"] == "designed-100plus") {
      EXPECT_TRUE(claim["predicted"]["high"].is_null());
    }
  }
}

TEST(ClaimsOutput, TextOfAClaim) {
  Record record = t4_record();
  record.synthetic = true;
  record.complete = false;
  const std::vector<RunFile> runs = {{"t4.json", &record}};
  const std::string text = claims_text(decide_claims(runs, specs()), runs);
  EXPECT_THAT(text, testing::StartsWith("SYNTHETIC: the figures of t4.json were not measured"));
  EXPECT_THAT(text, HasSubstr("INCOMPLETE: the run in t4.json did not finish"));
  EXPECT_THAT(text, testing::ContainsRegex("CLAIMS  by arithmetic: .*\n"
                                           "        by measurement: 0 decided on a GPU\n"));
  EXPECT_THAT(text, HasSubstr("\nfp32-waste\n"
                              "  Running FP32 leaves 80 to 90 % of the capability unused\n"
                              "  ✗ by arithmetic: contradicts itself: by its own table 3 of 4"));
  EXPECT_THAT(text, HasSubstr("· by measurement: needs a GPU such as a T4: synthetic"));
}

TEST(ClaimsOutput, HeadlinesCount) {
  const auto result = [](Verdict by_arithmetic, Verdict verdict, Verdict on_this_cpu) {
    ClaimResult one;
    one.by_arithmetic = by_arithmetic;
    one.verdict = verdict;
    one.on_this_cpu = on_this_cpu;
    return one;
  };
  const std::vector<ClaimResult> results = {
      result(holds, confirmed, agrees), result(holds, refuted, not_testable_here),
      result(contradicts_itself, confirmed, not_testable_here),
      result(contradicts_datasheet, not_testable_here, differs),
      result(nothing_to_compute, not_testable_here, not_testable_here)};
  EXPECT_EQ(arithmetic_headline(results),
            "2 hold, 1 contradict themselves, 1 contradict a datasheet, 1 with nothing to compute");
  EXPECT_EQ(measurement_headline(results),
            "3 decided on a GPU: 2 confirmed, 1 refuted; same law on this CPU: 1 agree, 1 differ");
}

TEST(ClaimsOutput, WhatAVerdictNeedsIsSaid) {
  const auto needs = [](const char* id) { return measurement_words(by_id({}).at(id)); };
  EXPECT_EQ(needs("t4-bandwidth"), "needs a T4");
  EXPECT_EQ(needs("a100-not-5x"), "needs a T4 and an A100");
  EXPECT_EQ(needs("intensity-batch1"), "nothing to measure");
  for (const Claim& claim : claims_table()) {
    EXPECT_EQ(claim.needs.empty(), !claim.on_run && !claim.across_runs) << claim.id;
  }
}

TEST(ClaimsOutput, OneLinePerClaim) {
  const std::string line = claim_line(decide("fp16-speedup", t4_record()));
  EXPECT_EQ(line, "✗ fp16-speedup           8.02x claimed, 8.98 [8.98, 8.98]x measured");
  EXPECT_THAT(claim_line(decide("gpu-choice", t4_record())),
              "· gpu-choice             needs a T4 and an L4 or A10G");
}

}  // namespace
}  // namespace roofproof::analysis
