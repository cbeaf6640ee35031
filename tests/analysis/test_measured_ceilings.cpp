// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/measured_ceilings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/input_error.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using ::testing::HasSubstr;

// A T4 that reads 250 GB/s and multiplies at 40 TFLOP/s in FP16.
Record measured_t4() {
  Record record = empty_record(t4_device());
  add_rates(record, read_problem(), Implementation::hand, {250e9, 250e9, 250e9});
  add_rates(record, square_gemm(Precision::fp16, 4096), Implementation::hand, {30e12, 30e12});
  add_rates(record, square_gemm(Precision::fp16, 8192), Implementation::cublas, {40e12, 40e12});
  add_rates(record, square_gemm(Precision::fp32, 4096), Implementation::hand, {5e12});
  return record;
}

TEST(MeasuredCeilings, AreTheFastestRowsAndNameThem) {
  const Record record = measured_t4();
  const Ceilings fp16 = measured_ceilings(ResultsView(record), "t4.json", Precision::int4, nullptr);
  EXPECT_NEAR(fp16.roofs.bytes_per_s, 250e9, 1);
  EXPECT_NEAR(fp16.roofs.flop_per_s, 40e12, 1e3);
  EXPECT_EQ(fp16.device, "Tesla T4");
  EXPECT_EQ(fp16.bandwidth_source, "measured: read/fp32/hand/bytes:1073741824, 3 sessions");
  EXPECT_EQ(fp16.compute_source, "measured: gemm/fp16/cublas/m:8192/n:8192/k:8192, 2 sessions");
  EXPECT_DOUBLE_EQ(*fp16.memory_bytes, 15843721216.0);
  const Ceilings fp32 = measured_ceilings(ResultsView(record), "t4.json", Precision::fp32, nullptr);
  EXPECT_NEAR(fp32.roofs.flop_per_s, 5e12, 1e3);
  EXPECT_EQ(fp32.arithmetic, Arithmetic::fp32);
}

TEST(MeasuredCeilings, SayWhichOfThemWasDisturbed) {
  Record record = measured_t4();
  for (int i = 0; i < 20; ++i)
    add_rates(record, {Op::copy, Precision::fp32, {}}, Implementation::hand, {250e9});
  disturb(record.rows[0], 0.5);
  const Ceilings read = measured_ceilings(ResultsView(record), "t4.json", Precision::fp16, nullptr);
  EXPECT_EQ(read.bandwidth_source,
            "measured: read/fp32/hand/bytes:1073741824, 3 sessions, disturbed");
  EXPECT_THAT(read.compute_source, testing::Not(HasSubstr("disturbed")));
  EXPECT_TRUE(read.disturbed);
  // Copies have no part in a step.
  std::swap(record.rows[0].validity, record.rows.back().validity);
  EXPECT_FALSE(
      measured_ceilings(ResultsView(record), "t4.json", Precision::fp16, nullptr).disturbed);
}

// A rung is no headline figure, and what it tells of launches is one of no other kind.
TEST(MeasuredCeilings, SayThatTheLaunchesWereDisturbed) {
  Record record = measured_t4();
  const Problem step = decode(Precision::fp16, 1, "tiny");
  Row& rung = add_rung(record, step, "launches_only", {40e-6});
  rung.extra = {{"kernel_launches", 20}};
  disturb(rung, 0.5);
  add_rows(record, step, Implementation::hand, {1e-3});
  const ResultsView view(record);
  Ceilings ceilings = measured_ceilings(view, "t4.json", Precision::fp16, nullptr);
  ModelWorkload workload = count_model(find_model("tiny"), Precision::fp16, 1, 0);
  EXPECT_FALSE(ceilings.disturbed);
  add_measured_launches(view, ceilings, workload);
  EXPECT_TRUE(ceilings.disturbed);
  EXPECT_THAT(ceilings.launch_source, testing::EndsWith("20 launches per step, disturbed"));
}

// By hand: Mistral-7B in FP16 is 2 x 7110660096 bytes of weights, one embedding row of 8192 and
// 131072 of keys and values, at 250 GB/s.
TEST(MeasuredCeilings, PredictAnyModelUnderThem) {
  const Record record = measured_t4();
  const Prediction prediction =
      predict(measured_ceilings(ResultsView(record), "t4.json", Precision::fp16, nullptr),
              count_model(find_model("mistral-7b"), Precision::fp16, 1, 0));
  EXPECT_NEAR(prediction.time_per_token_s, (2 * 7110660096.0 + 8192 + 131072) / 250e9, 1e-12);
}

TEST(MeasuredCeilings, ComeFromTheDatasheetOnlyWhereAGpuIsNamed) {
  Record record = measured_t4();
  std::erase_if(record.rows, [](const Row& row) { return row.problem.op == Op::gemm; });
  record.not_measured.push_back(
      {.name = "gemm/fp16/hand/m:4096/n:4096/k:4096", .reason = "the driver reset the device"});
  const ResultsView view(record);
  try {
    measured_ceilings(view, "t4.json", Precision::fp16, nullptr);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("t4.json has no measured fp16 GEMM"));
    EXPECT_THAT(error.what(), HasSubstr("the driver reset the device"));
  }
  const SpecTable specs = SpecTable::load();
  const Ceilings mixed =
      measured_ceilings(view, "t4.json", Precision::fp16, specs.choose("T4").gpu);
  EXPECT_DOUBLE_EQ(mixed.roofs.flop_per_s, 65e12);
  EXPECT_EQ(mixed.compute_source, "datasheet, verified");
  EXPECT_NEAR(mixed.roofs.bytes_per_s, 250e9, 1);
}

TEST(MeasuredCeilings, AHostWithoutFp16ComputesInFp32) {
  Record record = empty_record(host_device());
  add_rates(record, read_problem(), Implementation::hand, {20e9});
  add_rates(record, square_gemm(Precision::fp32, 2048), Implementation::openblas, {1e11});
  const Ceilings ceilings =
      measured_ceilings(ResultsView(record), "host.json", Precision::fp16, nullptr);
  EXPECT_EQ(ceilings.arithmetic, Arithmetic::fp32);
  EXPECT_NEAR(ceilings.roofs.flop_per_s, 1e11, 1);
  EXPECT_THAT(ceilings.compute_source, HasSubstr("computes in FP32"));
}

// 5 launches in each of 32 layers in 320 us: 2 us each. A model of 80 layers has 400.
TEST(MeasuredCeilings, LaunchesGoByLayers) {
  Record record = measured_t4();
  const Problem step = decode(Precision::fp16, 1, "mistral-7b");
  add_rows(record, step, Implementation::hand, {0.06});
  add_rung(record, step, "launches_only", {320e-6}).extra = {{"kernel_launches", 160}};
  const ResultsView view(record);
  Ceilings ceilings = measured_ceilings(view, "t4.json", Precision::fp16, nullptr);
  ModelWorkload workload = count_model(find_model("llama-2-70b"), Precision::fp16, 1, 0);
  add_measured_launches(view, ceilings, workload);
  EXPECT_DOUBLE_EQ(workload.launches, 400);
  EXPECT_DOUBLE_EQ(predict(ceilings, workload).step.launch_s, 400 * 2e-6);
  EXPECT_THAT(ceilings.launch_source, HasSubstr("context:0/kernel:launches_only, 160 launches"));
  ModelWorkload other = count_model(find_model("mistral-7b"), Precision::int8, 1, 0);
  add_measured_launches(view, ceilings, other);
  EXPECT_DOUBLE_EQ(other.launches, 0);
}

TEST(MeasuredCeilings, LaunchesAreThoseOfTheSameModelWhereItWasMeasured) {
  Record record = measured_t4();
  for (const auto& [model, launches] : {std::pair("tiny", 12), std::pair("mistral-7b", 160)}) {
    const Problem step = decode(Precision::fp16, 1, model);
    add_rows(record, step, Implementation::hand, {0.06});
    add_rung(record, step, "launches_only", {320e-6}).extra = {{"kernel_launches", launches}};
  }
  const ResultsView view(record);
  Ceilings ceilings = measured_ceilings(view, "t4.json", Precision::fp16, nullptr);
  ModelWorkload workload = count_model(find_model("mistral-7b"), Precision::fp16, 16, 1024);
  add_measured_launches(view, ceilings, workload);
  EXPECT_DOUBLE_EQ(workload.launches, 160);
}

// A step that is counted but has no such rung: the floor is not known, and is left out.
TEST(MeasuredCeilings, WithoutTheRungLaunchesAreLeftOut) {
  Record record = measured_t4();
  const Problem step = decode(Precision::fp16, 1, "mistral-7b");
  add_rows(record, step, Implementation::hand, {0.06}).extra = {{"kernel_launches", 160}};
  add_rung(record, step, "stream_only", {0.05}).extra = {{"kernel_launches", 160}};
  const ResultsView view(record);
  Ceilings ceilings = measured_ceilings(view, "t4.json", Precision::fp16, nullptr);
  ModelWorkload workload = count_model(find_model("mistral-7b"), Precision::fp16, 1, 0);
  add_measured_launches(view, ceilings, workload);
  EXPECT_DOUBLE_EQ(workload.launches, 0);
  EXPECT_EQ(ceilings.launch_source, "");
}

}  // namespace
}  // namespace roofproof::analysis
