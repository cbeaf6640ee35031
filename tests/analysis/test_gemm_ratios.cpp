// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/analysis/gemm_ratios.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/record_fixture.h"

namespace roofproof {
namespace {

using testing::HasSubstr;

TEST(GemmRatios, ShowsEachShapeAndTheMeanOfAKind) {
  Record record = empty_record(t4_device());
  const Problem small = square_gemm(Precision::fp16, 4096);
  const Problem large = square_gemm(Precision::fp16, 8192);
  add_rates(record, small, Implementation::hand, {40e12, 40e12, 40e12});
  add_rates(record, small, Implementation::cublaslt, {50e12, 50e12, 50e12});
  add_rates(record, large, Implementation::hand, {45e12, 45e12, 45e12});
  add_rates(record, large, Implementation::cublaslt, {36e12, 36e12, 36e12});
  const std::string text = gemm_ratios_text(record);
  EXPECT_THAT(text, HasSubstr("fp16, hand over cublaslt\n"));
  EXPECT_THAT(text, HasSubstr("4096 x 4096 x 4096  40.0 TFLOP/s  50.0 TFLOP/s  0.800 [0.800, "));
  EXPECT_THAT(text, HasSubstr("8192 x 8192 x 8192  45.0 TFLOP/s  36.0 TFLOP/s  1.250 [1.250, "));
  // The square root of 0.8 x 1.25.
  EXPECT_THAT(text, HasSubstr("geometric mean 1.000 [1.000, 1.000]"));
}

TEST(GemmRatios, SayWhatWasDisturbed) {
  Record record = empty_record(t4_device());
  for (const std::int64_t size : {4096, 8192}) {
    add_rates(record, square_gemm(Precision::fp16, size), Implementation::hand, {40e12});
    add_rates(record, square_gemm(Precision::fp16, size), Implementation::cublaslt, {50e12});
  }
  EXPECT_THAT(gemm_ratios_text(record), testing::Not(HasSubstr("disturbed")));
  for (const std::size_t of_the_second : {2, 3}) {
    Record busy = record;
    disturb(busy.rows[of_the_second], 0.5);
    const std::string text = gemm_ratios_text(busy);
    EXPECT_THAT(text, testing::ContainsRegex("4096 x 4096 x 4096 .* 0.800  fixture"));
    EXPECT_THAT(text, HasSubstr("0.800, disturbed  fixture"));
    EXPECT_THAT(text, HasSubstr("geometric mean 0.800, disturbed"));
  }
}

// Ratios 1.0, 1.1 and 1.21: their logarithms have mean ln 1.1 and deviation ln 1.1 = 0.09531, and
// Student's t for 2 degrees of freedom is 4.3027: 1.1 e^(-+ 4.3027 x 0.09531 / sqrt 3).
TEST(GemmRatios, PairsSessions) {
  Record record = empty_record(t4_device());
  const Problem problem = square_gemm(Precision::int8, 4096);
  add_rates(record, problem, Implementation::hand, {50e12, 22e12, 24.2e12});
  add_rates(record, problem, Implementation::cublaslt, {50e12, 20e12, 20e12});
  const std::string text = gemm_ratios_text(record);
  EXPECT_THAT(text, HasSubstr("1.100 [0.868, 1.394]"));
  EXPECT_THAT(text, HasSubstr("geometric mean 1.100 [0.868, 1.394]"));
}

TEST(GemmRatios, KeepsFewRowsAndForcedKernelsApart) {
  Record record = empty_record(t4_device());
  const Problem few{Op::gemm, Precision::fp16, {.m = 16, .n = 4096, .k = 4096}};
  const Problem many = square_gemm(Precision::fp16, 4096);
  for (const Problem& problem : {few, many}) {
    add_rates(record, problem, Implementation::hand, {10e12, 10e12});
    add_rates(record, problem, Implementation::cublaslt, {20e12, 20e12});
  }
  const std::size_t first = record.rows.size();
  add_rates(record, many, Implementation::hand, {6e12, 7e12});
  for (std::size_t i = first; i < record.rows.size(); ++i) {
    record.rows[i].condition = "kernel:mma_sm80";
    record.rows[i].name += "/kernel:mma_sm80";
  }
  const std::string text = gemm_ratios_text(record);
  EXPECT_THAT(text, HasSubstr("fp16, up to 64 rows, hand over cublaslt\n  16 x 4096 x 4096"));
  EXPECT_THAT(text, HasSubstr("fp16, hand over cublaslt\n  4096 x 4096 x 4096  10.0 TFLOP/s"));
  // The square root of 0.6 x 0.7; two sessions give no interval.
  EXPECT_THAT(text, HasSubstr("fp16, mma_sm80 over the newest kernel\n"));
  EXPECT_THAT(text, HasSubstr("geometric mean 0.648\n"));
}

TEST(GemmRatios, AGemvHasARowForEachSequence) {
  Record record = empty_record(t4_device());
  for (const int batch : {1, 256}) {
    add_rows(record, projection(Precision::fp16, batch), Implementation::hand, {1e-3, 1e-3});
    add_rows(record, projection(Precision::fp16, batch), Implementation::cublaslt, {2e-3, 2e-3});
  }
  const std::string text = gemm_ratios_text(record);
  EXPECT_THAT(text, HasSubstr("gemv fp16, up to 64 rows, hand over cublaslt\n  1 x 14336 x 4096"));
  EXPECT_THAT(text, HasSubstr("gemv fp16, hand over cublaslt\n  256 x 14336 x 4096"));
  EXPECT_THAT(text, HasSubstr("geometric mean 2.000\n"));
}

TEST(GemmRatios, TakesMeansOverSessionsThatHaveAllShapes) {
  Record record = empty_record(t4_device());
  const Problem often = square_gemm(Precision::fp16, 4096);
  const Problem seldom = square_gemm(Precision::fp16, 8192);
  add_rates(record, often, Implementation::hand, {40e12, 40e12, 90e12});
  add_rates(record, often, Implementation::cublaslt, {50e12, 50e12, 10e12});
  add_rates(record, seldom, Implementation::hand, {45e12, 45e12});
  add_rates(record, seldom, Implementation::cublaslt, {36e12, 36e12});
  EXPECT_THAT(gemm_ratios_text(record), HasSubstr("geometric mean 1.000\n"));
}

TEST(GemmRatios, PassesOverWhatHasNoCounterpartOrIsSuspect) {
  Record record = empty_record(t4_device());
  const Problem alone = square_gemm(Precision::fp32, 4096);
  const Problem suspect = square_gemm(Precision::fp32, 8192);
  add_rates(record, alone, Implementation::hand, {1e12, 1e12});
  add_rates(record, suspect, Implementation::hand, {1e12});
  add_rates(record, suspect, Implementation::cublaslt, {1e12}).validity = Validity::suspect;
  EXPECT_EQ(gemm_ratios_text(record), "");
}

}  // namespace
}  // namespace roofproof
