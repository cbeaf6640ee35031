// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/check/floors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/analysis/device_fixture.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using enum Implementation;

FloorCheck floors_of(const Record& record) {
  const ResultsView view(record);
  return hold_to_floors(view, Disturbance(view), specs());
}

// Of a T4, 240 GB/s copied, 41.91 TFLOPS FP16 and 260.5 GB/s in a GEMV were published.
FloorRow floor_row(const Record& record, const char* kind) {
  const FloorCheck check = floors_of(record);
  for (const FloorRow& row : check.rows) {
    if (kind_name(row.kind) == kind) return row;
  }
  throw std::runtime_error(std::string("no row ") + kind);
}

Record t4_copying(const std::vector<double>& rates) {
  Record record = empty_record(t4_device());
  add_rates(record, copy_problem(), hand, rates);
  return record;
}

TEST(Floors, AreNineTenthsOfWhatWasPublishedAsAShareOfTheDatasheet) {
  const FloorRow row = floor_row(t4_copying(five(240e9)), "copy/fp32");
  EXPECT_NEAR(*row.floor, 0.9 * 240 / 320, 1e-12);
  EXPECT_NEAR(row.share->value, 240.0 / 320, 1e-3);
  EXPECT_EQ(row.judgement, Judgement::fine);
  EXPECT_THAT(row.citations, ElementsAre(HasSubstr("chsasank/device-benchmarks")));
  EXPECT_EQ(row.achieved->status, FigureStatus::read);
}

TEST(Floors, DecideOnlyWithTheWholeInterval) {
  const auto judgement = [](const std::vector<double>& rates) {
    return floor_row(t4_copying(rates), "copy/fp32").judgement;
  };
  EXPECT_EQ(judgement(five(217e9)), Judgement::fine);
  EXPECT_EQ(judgement(five(215e9)), Judgement::worse);
  EXPECT_EQ(judgement({206e9, 226e9, 216e9}), Judgement::inconclusive);
  EXPECT_EQ(judgement({209e9, 229e9, 219e9}), Judgement::inconclusive);
  EXPECT_EQ(judgement({190e9, 230e9, 210e9}), Judgement::inconclusive);
  EXPECT_EQ(judgement({100e9, 100e9}), Judgement::inconclusive);
}

TEST(Floors, HoldTheBestOfAKind) {
  Record record = empty_record(t4_device());
  add_rates(record, square_gemm(Precision::fp16, 4096), hand, five(20e12));
  add_rates(record, square_gemm(Precision::fp16, 4096), cublas, five(39.5e12));
  add_rates(record, square_gemm(Precision::fp16, 1024), cublas, five(9e12));
  const FloorRow row = floor_row(record, "gemm/fp16");
  EXPECT_EQ(row.name, "gemm/fp16/cublas/m:4096/n:4096/k:4096");
  EXPECT_EQ(row.judgement, Judgement::fine);
}

TEST(Floors, OfAGemvAreForOneSequence) {
  Record record = empty_record(t4_device());
  add_rates(record, projection(Precision::fp16, 8), hand, five(250e9));
  EXPECT_EQ(floor_row(record, "gemv/fp16").judgement, Judgement::missing);
  EXPECT_THAT(floor_row(record, "gemv/fp16").why,
              HasSubstr("only measured at larger batches or from cache"));
  add_rates(record, projection(Precision::fp16, 1), hand, five(200e9));
  EXPECT_EQ(floor_row(record, "gemv/fp16").judgement, Judgement::worse);
}

TEST(Floors, PassOverConditionsAndSuspects) {
  Record record = t4_copying(five(240e9));
  const std::size_t first = record.rows.size();
  add_rates(record, square_gemm(Precision::fp16, 4096), hand, five(39e12));
  for (std::size_t i = first; i < record.rows.size(); ++i) {
    if (i % 2 == 0) record.rows[i].condition = "kernel:mma_sm75";
    if (i % 2 == 1) record.rows[i].validity = Validity::suspect;
    if (i % 2 == 1) record.rows[i].reasons = {"more than the SMs can start"};
  }
  const FloorRow row = floor_row(record, "gemm/fp16");
  EXPECT_EQ(row.judgement, Judgement::missing);
  EXPECT_EQ(row.why, "gemm/fp16/hand/m:4096/n:4096/k:4096: suspect: more than the SMs can start");
}

// A cache serves such a copy, and no bus limits it.
TEST(Floors, OfMemoryAreForArraysThatNoCacheHolds) {
  Record record = empty_record(t4_device());
  add_rates(record, {Op::copy, Precision::fp32, {.bytes = 1 << 20}}, hand, five(300e9));
  EXPECT_EQ(floor_row(record, "copy/fp32").judgement, Judgement::missing);
  EXPECT_THAT(floor_row(record, "copy/fp32").why,
              HasSubstr("only measured at larger batches or from cache"));
}

TEST(Floors, WhatHasNoneSaysSo) {
  Record record = t4_copying(five(240e9));
  add_rates(record, square_gemm(Precision::int8, 4096), hand, five(70e12));
  const FloorRow row = floor_row(record, "gemm/int8");
  EXPECT_EQ(row.judgement, Judgement::none);
  EXPECT_EQ(row.why, "no floor");
  EXPECT_NEAR(row.share->value, 70.0 / 130, 1e-3);
}

// The board's other floors, after what was measured, with what is known of why.
TEST(Floors, WhatWasNotMeasuredIsMissingWithItsReason) {
  Record record = t4_copying(five(240e9));
  record.protocol.filter = "copy";
  record.not_measured = {{"gemm/fp16/hand/m:4096/n:4096/k:4096",
                          0,
                          NotMeasured::Status::invalid,
                          "uneven batches",
                          {}},
                         {"gemv/fp16/hand/n:4096/k:4096/batch:1",
                          std::nullopt,
                          NotMeasured::Status::unsupported,
                          "no kernel",
                          {}}};
  std::vector<std::string> found;
  for (const FloorRow& row : floors_of(record).rows) {
    found.push_back(kind_name(row.kind) + ", " + std::string(name(row.judgement)) + ", " + row.why);
  }
  EXPECT_THAT(found,
              ElementsAre("copy/fp32, fine, ",
                          "gemm/fp32, missing, no gemm/fp32/... in this run, of --filter copy",
                          "gemm/fp16, missing, gemm/fp16/hand/m:4096/n:4096/k:4096: uneven batches",
                          "gemv/fp16, missing, gemv/fp16/hand/n:4096/k:4096/batch:1: no kernel"));
}

TEST(Floors, AllowForALoweredPowerLimit) {
  Record record = empty_record(t4_device());
  record.device.power_limit_w = 60;
  record.device.power_limit_default_w = 70;
  add_rates(record, square_gemm(Precision::fp16, 4096), cublas, five(30e12));
  add_rates(record, copy_problem(), hand, five(200e9));
  EXPECT_EQ(floor_row(record, "gemm/fp16").judgement, Judgement::inconclusive);
  EXPECT_THAT(floor_row(record, "gemm/fp16").why, HasSubstr("60 W, of 70 W by default"));
  EXPECT_EQ(floor_row(record, "copy/fp32").judgement, Judgement::worse);
  record.device.power_limit_w = 70;
  EXPECT_EQ(floor_row(record, "gemm/fp16").judgement, Judgement::worse);
}

// A row that was measured at a clock that something held may pass and cannot fail, of any kind.
TEST(Floors, AllowForAClockThatWasHeld) {
  const auto row = [](const Problem& problem, double rate, const char* reason) {
    Record record = empty_record(t4_device());
    add_rates(record, problem, hand, five(rate));
    record.rows[1].validity = Validity::annotated;
    record.rows[1].reasons = {reason};
    return floor_row(record, problem.op == Op::copy ? "copy/fp32" : "gemm/fp16");
  };
  const Problem gemm = square_gemm(Precision::fp16, 4096);
  for (const char* reason :
       {"power cap: 1.02 of 1.59 GHz", "held back by temperature: 0.51 of 1.59 GHz",
        "power brake of the server", "hardware slowdown", "a clock that is set low: 1 of 2 GHz",
        "a low clock without a reason from the driver, possibly a clock lock (nvidia-smi -lgc)",
        "the clocks had not settled after the warm-up", "the clock drifted: by -15.4 %"}) {
    SCOPED_TRACE(reason);
    EXPECT_EQ(row(gemm, 30e12, reason).judgement, Judgement::inconclusive);
    EXPECT_EQ(row(gemm, 30e12, reason).why, std::string("below its floor: ") + reason);
    EXPECT_EQ(row(copy_problem(), 200e9, reason).judgement, Judgement::inconclusive);
    EXPECT_EQ(row(gemm, 40e12, reason).judgement, Judgement::fine);
    EXPECT_EQ(row(gemm, 40e12, reason).why, reason);
  }
  EXPECT_EQ(row(gemm, 30e12, "some of the GPU's memory was in use before: 300 MB").judgement,
            Judgement::worse);
}

TEST(Floors, AllowForClocksThatSomebodySet) {
  Record record = empty_record(t4_device());
  add_rates(record, square_gemm(Precision::fp16, 4096), cublas, five(30e12));
  add_rates(record, copy_problem(), hand, five(200e9));
  record.device.sm_clock_set_hz = 1.155e9;
  record.device.sm_clock_set_default_hz = 1.275e9;
  EXPECT_THAT(floor_row(record, "gemm/fp16").why,
              HasSubstr("the SM clock is 1155 MHz, of 1275 MHz by default"));
  EXPECT_EQ(floor_row(record, "gemm/fp16").judgement, Judgement::inconclusive);
  EXPECT_EQ(floor_row(record, "copy/fp32").judgement, Judgement::worse);
  record.device.sm_clock_set_hz = record.device.sm_clock_set_default_hz;
  record.device.memory_clock_set_hz = 0.405e9;
  record.device.memory_clock_set_default_hz = 5.001e9;
  EXPECT_EQ(floor_row(record, "gemm/fp16").judgement, Judgement::worse);
  EXPECT_EQ(floor_row(record, "copy/fp32").judgement, Judgement::inconclusive);
}

// The figure of an A100 80GB may be of either form.
TEST(Floors, ThatAreUnconfirmedConfirmNothing) {
  Record record = empty_record(whole_device(*specs().choose("A100 80GB SXM4").gpu));
  add_rates(record, copy_problem(), hand, five(1000e9));
  add_rates(record, square_gemm(Precision::fp16, 4096), cublas, five(200e12));
  EXPECT_EQ(floor_row(record, "copy/fp32").judgement, Judgement::inconclusive);
  EXPECT_THAT(floor_row(record, "copy/fp32").why, HasSubstr("unconfirmed: one array read"));
  EXPECT_EQ(floor_row(record, "gemm/fp16").judgement, Judgement::worse);
}

TEST(Floors, WhatWasDisturbedIsNoPassAndNoRegression) {
  for (const double rate : {240e9, 100e9}) {
    Record record = t4_copying(five(rate));
    disturb(record.rows[0], 0.5);
    const FloorRow row = floor_row(record, "copy/fp32");
    EXPECT_EQ(row.judgement, Judgement::inconclusive);
    EXPECT_THAT(row.why, HasSubstr("disturbed"));
  }
}

TEST(Floors, SayWhyNothingIsJudged) {
  const auto why = [](const DeviceRecord& device, bool synthetic = false) {
    Record record = empty_record(device);
    record.synthetic = synthetic;
    add_rates(record, copy_problem(), hand, five(10e9));
    const FloorCheck check = floors_of(record);
    EXPECT_EQ(check.rows.front().judgement, Judgement::none);
    return check.why_none;
  };
  EXPECT_THAT(why(host_device()), HasSubstr("no floors are known for a CPU"));
  EXPECT_THAT(why(t4_device(), true), HasSubstr("synthetic"));
  DeviceRecord device = t4_device();
  device.mig = "1g.5gb";
  EXPECT_THAT(why(device), HasSubstr("MIG slice (1g.5gb)"));
  device = t4_device();
  device.virtualisation = "vgpu";
  EXPECT_THAT(why(device), HasSubstr("virtual GPU"));
  device = t4_device();
  device.mps = true;
  EXPECT_THAT(why(device), HasSubstr("shared through MPS"));
  device = t4_device();
  device.processors = 20;
  EXPECT_THAT(why(device), HasSubstr("not the whole T4 as it is known"));
  device = whole_device(*specs().choose("H100 NVL").gpu);
  EXPECT_THAT(why(device), HasSubstr("no published measurement of the H100 NVL"));
  device.name = "NVIDIA X";
  device.pci_device_id = "FFFF";
  EXPECT_THAT(why(device), HasSubstr("NVIDIA X is not in the spec table"));
}

}  // namespace
}  // namespace roofproof::analysis
