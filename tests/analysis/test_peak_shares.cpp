// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/peak_shares.h"

#include <gtest/gtest.h>

#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using enum Implementation;

class PeakSharesTest : public testing::Test {
 protected:
  PeakShares shares(const Problem& problem) {
    const ResultsView view(record);
    return peak_shares(*view.fastest(problem), record.device, device_peaks(record.device, specs));
  }
  SpecTable specs = SpecTable::load();
  Record record = empty_record(t4_device());
  Problem gemm = square_gemm(Precision::fp16, 4096);
};

// A T4: 65 TFLOPS and 320 GB/s printed; 40 x 1.59 GHz x 1024 = 65.126 TFLOPS, 2 x 5.001 GHz x 32 B
// = 320.064 GB/s.
TEST_F(PeakSharesTest, ComputeAgainstItsThreeCeilings) {
  add_rates(record, gemm, hand, {39e12});
  record.rows[0].sm_clock_hz = 1.06e9;
  const PeakShares found = shares(gemm);
  EXPECT_NEAR(found.datasheet.value(), 0.6, 1e-9);
  EXPECT_NEAR(found.derived.value(), 39 / 65.1264, 1e-9);
  EXPECT_NEAR(found.at_clock.value(), 39 / (65.1264 * 1.06 / 1.59), 1e-9);
}

TEST_F(PeakSharesTest, MemoryAgainstBandwidthAndItsOwnClock) {
  add_rates(record, read_problem(), hand, {256e9});
  record.rows[0].sm_clock_hz = 1e9;
  record.rows[0].memory_clock_hz = 2.5005e9;
  const PeakShares found = shares(read_problem());
  EXPECT_NEAR(found.datasheet.value(), 0.8, 1e-9);
  EXPECT_NEAR(found.derived.value(), 256 / 320.064, 1e-9);
  EXPECT_NEAR(found.at_clock.value(), 2 * 256 / 320.064, 1e-9);
}

TEST_F(PeakSharesTest, APeakLoopIsArithmeticToo) {
  const Problem loop = {Op::peak, Precision::fp32, {}};
  add_rates(record, loop, hand, {6.48e12});
  EXPECT_NEAR(shares(loop).datasheet.value(), 0.8, 1e-9);
}

TEST_F(PeakSharesTest, UnknownIsAbsent) {
  add_rates(record, gemm, hand, {39e12});
  EXPECT_FALSE(shares(gemm).at_clock.has_value());
  record.device = host_device();
  const PeakShares found = shares(gemm);
  EXPECT_FALSE(found.datasheet.has_value());
  EXPECT_FALSE(found.derived.has_value());
  EXPECT_FALSE(found.at_clock.has_value());
}

// 65 TFLOPS of FP16 whatever the weights; a GEMM of plain integers would have 130.
TEST_F(PeakSharesTest, PrefillMultipliesInFp16) {
  const Problem prefill = {Op::prefill, Precision::int4, {.m = 2048, .model = "mistral-7b"}};
  add_rates(record, prefill, hand, {39e12});
  EXPECT_NEAR(shares(prefill).datasheet.value(), 0.6, 1e-9);
}

TEST(ArithmeticOf, ExpandedWeightsMultiplyInFp16) {
  EXPECT_EQ(arithmetic_of(Op::gemm, Precision::w4a16), Arithmetic::fp16);
  EXPECT_EQ(arithmetic_of(Op::gemm, Precision::w8a16), Arithmetic::fp16);
  EXPECT_EQ(arithmetic_of(Op::gemm, Precision::int8), Arithmetic::int8);
  EXPECT_EQ(arithmetic_of(Op::gemm, Precision::fp32), Arithmetic::fp32);
  EXPECT_EQ(arithmetic_of(Op::prefill, Precision::int8), Arithmetic::fp16);
  EXPECT_EQ(arithmetic_of(Op::prefill, Precision::fp32), Arithmetic::fp32);
}

}  // namespace
}  // namespace roofproof::analysis
