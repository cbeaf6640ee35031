// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/results_view.h"

#include <gtest/gtest.h>

#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using enum Implementation;

TEST(ResultsView, GroupsSessionsByName) {
  Record record = empty_record(t4_device());
  add_rows(record, square_gemm(Precision::fp32, 1024), hand, {2e-3, 3e-3});
  add_rows(record, square_gemm(Precision::fp32, 1024), cublas, {1e-3});
  record.rows[1].session = 4;
  const ResultsView view(record);
  ASSERT_EQ(view.series().size(), 2u);
  const Series* series = view.find(square_gemm(Precision::fp32, 1024), hand);
  ASSERT_NE(series, nullptr);
  EXPECT_EQ(series->time_s(), (SessionValues{{0, 2e-3}, {4, 3e-3}}));
  EXPECT_DOUBLE_EQ(series->flop_per_s().at(0), 2.0 * 1024 * 1024 * 1024 / 2e-3);
  EXPECT_DOUBLE_EQ(series->bytes_per_s().at(0), 3.0 * 4 * 1024 * 1024 / 2e-3);
  EXPECT_EQ(view.find(square_gemm(Precision::fp16, 1024), hand), nullptr);
}

TEST(ResultsView, PassesOverConditionsAndSuspects) {
  Record record = empty_record(t4_device());
  add_rows(record, read_problem(), hand, {1e-3}).condition = "cache:hot";
  add_rows(record, square_gemm(Precision::fp32, 1024), hand, {1e-3}).validity = Validity::suspect;
  add_rows(record, square_gemm(Precision::fp32, 2048), hand, {1e-3}).validity = Validity::annotated;
  const ResultsView view(record);
  ASSERT_EQ(view.series().size(), 1u);
  EXPECT_EQ(view.series()[0].problem.shape.m, 2048);
}

TEST(ResultsView, BestIsByRateNotByTime) {
  Record record = empty_record(t4_device());
  add_rates(record, square_gemm(Precision::fp16, 1024), hand, {30e12});
  add_rates(record, square_gemm(Precision::fp16, 8192), hand, {35e12, 35e12});
  add_rates(record, square_gemm(Precision::fp16, 8192), cublas, {38e12});
  add_rates(record, square_gemm(Precision::fp16, 8192), cublaslt, {39e12});
  add_rates(record, square_gemm(Precision::fp32, 8192), cublas, {99e12});
  const ResultsView view(record);
  EXPECT_EQ(view.best(Op::gemm, Precision::fp16, Maker::hand)->problem.shape.m, 8192);
  EXPECT_EQ(view.best(Op::gemm, Precision::fp16, Maker::library)->implementation, cublaslt);
  EXPECT_EQ(view.gemm_roof(Precision::fp16)->implementation, cublaslt);
  EXPECT_EQ(view.fastest(square_gemm(Precision::fp16, 1024))->implementation, hand);
  EXPECT_EQ(view.fastest(square_gemm(Precision::fp16, 1024), Maker::library), nullptr);
  EXPECT_EQ(view.best(Op::gemm, Precision::int8), nullptr);
  EXPECT_EQ(view.problems(Op::gemm, Precision::fp16).size(), 2u);
  EXPECT_EQ(view.problems(Op::gemm).size(), 3u);
}

TEST(ResultsView, ReadRoofIsNotServedByTheCache) {
  Record record = empty_record(t4_device());
  record.device.last_level_cache_bytes = 40 << 20;
  add_rates(record, read_problem(64 << 20), hand, {900e9});
  add_rates(record, read_problem(std::int64_t{1} << 30), hand, {250e9});
  add_rates(record, read_problem(std::int64_t{4} << 30), hand, {260e9});
  EXPECT_EQ(ResultsView(record).read_roof()->bytes(), 4294967296.0);
  // Rotated arrays count together.
  record.rows[0].copies = 3;
  EXPECT_EQ(ResultsView(record).read_roof()->bytes(), 67108864.0);
  record.rows.clear();
  EXPECT_EQ(ResultsView(record).read_roof(), nullptr);
}

// Of all that multiply in this precision, whatever their weights are stored in.
TEST(ResultsView, TheComputeRoofIsTheHigherOfLoopAndGemm) {
  Record record = empty_record(t4_device());
  const auto roof = [&](Precision precision) {
    const ResultsView view(record);
    const Series* series = compute_roof(view, precision);
    return series ? series->name : "";
  };
  EXPECT_EQ(roof(Precision::fp16), "");
  const std::string loop =
      add_rates(record, {Op::peak, Precision::fp16, {}}, hand, {50e12, 50e12}).name;
  add_rates(record, {Op::peak, Precision::int8, {}}, hand, {100e12});
  EXPECT_EQ(roof(Precision::fp16), loop);
  add_rates(record, square_gemm(Precision::fp16, 4096), cublas, {49e12, 49e12});
  EXPECT_EQ(roof(Precision::fp16), loop);
  const std::string gemm =
      add_rates(record, square_gemm(Precision::fp16, 8192), cublas, {51e12, 51e12}).name;
  EXPECT_EQ(roof(Precision::fp16), gemm);
  const std::string packed =
      add_rates(record, square_gemm(Precision::w8a16, 8192), hand, {52e12, 52e12}).name;
  EXPECT_EQ(roof(Precision::fp16), packed);
  EXPECT_EQ(roof(Precision::fp32), "");
}

TEST(ResultsView, LabelsAndCountersOverSessions) {
  Record record = empty_record(t4_device());
  add_rows(record, read_problem(), hand, {1e-3, 1e-3, 1e-3});
  record.rows[0].label = "vector";
  record.rows[1].label = "bulk";
  record.rows[2].label = "vector";
  record.rows[0].sm_clock_hz = 1.0e9;
  record.rows[2].sm_clock_hz = 1.5e9;
  record.rows[1].extra["x"] = 3;
  const ResultsView view(record);
  const Series& series = view.series()[0];
  EXPECT_EQ(series.label(), "vector | bulk");
  EXPECT_DOUBLE_EQ(series.mean(&Row::sm_clock_hz).value(), 1.25e9);
  EXPECT_FALSE(series.mean(&Row::power_w).has_value());
  EXPECT_DOUBLE_EQ(series.mean_extra("x").value(), 3);
  EXPECT_FALSE(series.mean_extra("y").has_value());
}

TEST(ResultsView, SaysWhyThereIsNoRow) {
  Record record = empty_record(host_device());
  record.not_measured = {{"gemm/fp16/hand/m:1024/n:1024/k:1024",
                          0,
                          NotMeasured::Status::unsupported,
                          "no FP16 arithmetic",
                          {}}};
  const ResultsView view(record);
  EXPECT_EQ(view.why_absent(Op::gemm, Precision::fp16),
            "gemm/fp16/hand/m:1024/n:1024/k:1024: no FP16 arithmetic");
  EXPECT_EQ(view.why_absent(Op::decode, Precision::fp16), "no decode/fp16/... in this run");
}

}  // namespace
}  // namespace roofproof::analysis
