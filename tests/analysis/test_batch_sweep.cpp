// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/batch_sweep.h"

#include <gtest/gtest.h>

#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using enum Implementation;

// INT4 steps of Mistral-7B, 3.67e9 bytes, on a device that reads 237 GB/s: 15.5 ms at least.
Record swept(const DeviceRecord& device, const std::vector<std::pair<int, double>>& times_s) {
  Record record = empty_record(device);
  add_rates(record, read_problem(), hand, {237e9, 237e9, 237e9});
  for (const auto& [batch, time_s] : times_s) {
    add_rows(record, decode(Precision::int4, batch, "mistral-7b"), hand, {time_s, time_s, time_s});
  }
  return record;
}

TEST(BatchSweep, LeavesTheRoofWhereTimeOutgrowsItsBytes) {
  // Not in the order of the batches.
  const Record record = swept(t4_device(), {{32, 18e-3}, {1, 16e-3}, {256, 60e-3}, {64, 24e-3}});
  const ResultsView view(record);
  const std::optional<BatchSweep> sweep = batch_sweep(view, Precision::int4);
  ASSERT_TRUE(sweep);
  ASSERT_EQ(sweep->steps.size(), 4u);
  EXPECT_EQ(sweep->steps[0]->problem.shape.batch, 1);
  EXPECT_EQ(sweep->steps[2]->problem.shape.batch, 64);
  EXPECT_EQ(sweep->departure, 64);
  EXPECT_FALSE(sweep->crossing);  // no GEMM
}

// The bytes that a batch adds are no departure: 8192 tokens of cache for each of 16 sequences.
TEST(BatchSweep, BytesOfTheCacheAreNoDeparture) {
  Record record = empty_record(t4_device());
  for (const int batch : {1, 16}) {
    const Problem step = decode(Precision::fp16, batch, "mistral-7b", 8192);
    add_rates(record, step, hand, {200e9, 200e9, 200e9});
  }
  const ResultsView view(record);
  const std::optional<BatchSweep> sweep = batch_sweep(view, Precision::fp16);
  const double growth = sweep->steps[1]->time_s().at(0) / sweep->steps[0]->time_s().at(0);
  EXPECT_GT(growth, 2);
  EXPECT_FALSE(sweep->departure);
}

// Launches keep a GPU below its roof at batch 1, arithmetic a CPU.
TEST(BatchSweep, OnlyACpuIsOffTheRoofAtBatchOne) {
  const std::vector<std::pair<int, double>> times_s = {{1, 40e-3}, {32, 90e-3}};
  const Record gpu = swept(t4_device(), times_s);
  EXPECT_EQ(batch_sweep(ResultsView(gpu), Precision::int4)->departure, 32);
  const Record host = swept(host_device(), times_s);
  EXPECT_EQ(batch_sweep(ResultsView(host), Precision::int4)->departure, 1);
}

// By hand: 7110393856 weights of 4 bits with a scale of 2 bytes per 128, and 65 norms, whatever the
// batch; a sequence brings 2 FLOP per weight, those of its attention, and 8192 + 131072 bytes.
TEST(BatchSweep, RoofsCrossWhereTheFlopOfTheBatchTakeAsLongAsItsBytes) {
  Record record = swept(t4_device(), {{1, 16e-3}, {32, 18e-3}});
  add_rates(record, square_gemm(Precision::fp16, 4096), cublas, {23.7e12, 23.7e12});
  add_rates(record, square_gemm(Precision::fp32, 4096), cublas, {4e12, 4e12});
  const ResultsView view(record);
  constexpr double weight_bytes = 7110393856.0 / 2 + 7110393856.0 / 64 + 65 * 8192;
  constexpr double flop = 2 * 7110393856.0 + 4.0 * 4096 * 32;
  const double crossing = *batch_sweep(view, Precision::int4)->crossing;
  EXPECT_NEAR(crossing * flop / 23.7e12, (weight_bytes + crossing * 139264) / 237e9, 1e-9);
}

// A library that is faster at some batches only would bend the sweep.
TEST(BatchSweep, IsOfOneMaker) {
  Record record = empty_record(t4_device());
  for (const int batch : {1, 4, 16}) {
    add_rates(record, projection(Precision::fp16, batch), hand, {240e9, 240e9, 240e9});
  }
  add_rates(record, projection(Precision::fp16, 4), cublas, {260e9, 260e9, 260e9});
  add_rates(record, projection(Precision::fp16, 64), cublas, {90e9, 90e9, 90e9});
  const ResultsView view(record);
  const std::optional<BatchSweep> sweep = batch_sweep(view, Precision::fp16);
  ASSERT_TRUE(sweep);
  ASSERT_EQ(sweep->steps.size(), 3u);
  for (const Series* step : sweep->steps) EXPECT_EQ(step->implementation, hand);
  EXPECT_FALSE(sweep->departure);
}

TEST(BatchSweep, OneBatchIsNone) {
  const Record record = swept(t4_device(), {{1, 16e-3}});
  EXPECT_FALSE(batch_sweep(ResultsView(record), Precision::int4));
  EXPECT_FALSE(batch_sweep(ResultsView(record), Precision::fp16));
}

TEST(BatchSweep, Fp32WeightsAndCpusComputeInFp32) {
  const Record gpu = empty_record(t4_device());
  EXPECT_EQ(step_gemm(ResultsView(gpu), Precision::fp32), Precision::fp32);
  EXPECT_EQ(step_gemm(ResultsView(gpu), Precision::int4), Precision::fp16);
  const Record host = empty_record(host_device());
  EXPECT_EQ(step_gemm(ResultsView(host), Precision::int4), Precision::fp32);
}

}  // namespace
}  // namespace roofproof::analysis
