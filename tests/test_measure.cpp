// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What measure() does with batches that cannot be believed, on a device with a scripted clock.

#include "bench/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/stub_workload.h"

namespace roofproof::bench {
namespace {

using testing::HasSubstr;

// Batches last what they were asked to; in the first `bad_attempts` the clock drifts by 10 %.
class DriftingTimer : public Timer {
 public:
  explicit DriftingTimer(int bad_attempts) : bad_attempts_(bad_attempts) {}
  StreamHandle stream() const override { return nullptr; }
  void prepare(Workload&, std::int64_t launches) override {
    batch_s_ = 1e-3 * static_cast<double>(launches);
  }
  double batch_s() override { return batch_s_; }
  std::optional<double> sm_clock_hz() const override {
    const int attempt = asked_ / batches_per_attempt;
    const int batch = asked_++ % batches_per_attempt;
    return attempt < bad_attempts_ ? 1e9 + 0.02e9 * batch : 1e9;
  }
  int attempts() const { return asked_ / batches_per_attempt; }

  static constexpr int batches_per_attempt = 6;

 private:
  int bad_attempts_;
  double batch_s_ = 0;
  mutable int asked_ = 0;
};

constexpr CatalogueEntry entry(Op op) {
  return {op,
          Precision::fp32,
          Implementation::hand,
          "stub",
          Backend::cuda,
          [](const Problem&, const Device&) { return std::string(); },
          [](const Problem&, const Device&, const Preparation&) -> std::unique_ptr<Workload> {
            return std::make_unique<StubWorkload>();
          }};
}
const CatalogueEntry entries[] = {entry(Op::gemv), entry(Op::gemm)};

std::variant<Row, NotMeasured> measure_with(DriftingTimer& timer, Op op = Op::gemv,
                                            std::optional<double> sm_clock_max_hz = {},
                                            Nvml* nvml = nullptr) {
  const Problem problem{op, Precision::fp32, {.m = 1, .n = 1, .k = 1, .batch = 1}};
  Device device;
  device.backend = Backend::cuda;
  device.compute_capability = 89;
  device.processors = 1;
  device.memory_bytes = 1 << 20;
  constexpr int batches = DriftingTimer::batches_per_attempt;
  const Timing timing{batches, batches, 1e-2, 1};
  const Timing gemm{batches, batches, 1e-2, 1, /*lead_in_s=*/0.02};
  MeasureContext context{entries, device, {1, timing, gemm, 0, 0, 0}, 0, timer};
  context.limits.sm_clock_hz = sm_clock_max_hz;
  context.nvml = nvml;
  context.on_batch = [](double) {};
  context.on_rejected = [](const std::string&) {};
  return measure({"case", problem, Implementation::hand}, context);
}

TEST(Measure, DriftIsTriedTwiceMoreAndThenItIsInvalid) {
  DriftingTimer timer(1000);
  const auto outcome = measure_with(timer);
  EXPECT_EQ(timer.attempts(), 3);
  const NotMeasured& missing = std::get<NotMeasured>(outcome);
  EXPECT_EQ(missing.status, "invalid");
  EXPECT_THAT(missing.reason, HasSubstr("the clock drifted: by +7.9 %"));
  EXPECT_EQ(missing.samples_s.size(), 6u);
}

// The stand-in of fake_nvml.cpp is a board at its power limit.
TEST(Measure, DriftUnderAPowerCapIsTriedOnceMoreAndKept) {
  std::string why;
  const auto nvml = Nvml::open("0000:00:1e.0", why, FAKE_NVML);
  ASSERT_NE(nvml, nullptr) << why;
  DriftingTimer timer(1000);
  const Row row = std::get<Row>(measure_with(timer, Op::gemv, {}, nvml.get()));
  EXPECT_EQ(timer.attempts(), 2);
  EXPECT_EQ(row.validity, "annotated");
  EXPECT_THAT(row.reasons,
              testing::ElementsAre("power cap", HasSubstr("the clock drifted: by +7.9 %")));
}

TEST(Measure, DriftThatPassesLeavesAGoodRow) {
  DriftingTimer timer(2);
  const auto outcome = measure_with(timer);
  EXPECT_EQ(timer.attempts(), 3);
  EXPECT_EQ(std::get<Row>(outcome).validity, "ok");
  EXPECT_EQ(std::get<Row>(outcome).sm_clock_hz, 1e9);
}

// Asked for its clock with the first batch that counts.
class PatientTimer : public DriftingTimer {
 public:
  PatientTimer() : DriftingTimer(0) {}
  std::optional<double> sm_clock_hz() const override {
    if (batches_before_ < 0) batches_before_ = batches_ - 1;
    return DriftingTimer::sm_clock_hz();
  }
  double batch_s() override {
    ++batches_;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return DriftingTimer::batch_s();
  }
  int batches_before() const { return batches_before_; }

 private:
  int batches_ = 0;
  mutable int batches_before_ = -1;
};

TEST(Measure, BatchesOfTheLeadInDoNotCount) {
  PatientTimer without;
  ASSERT_TRUE(std::holds_alternative<Row>(measure_with(without)));
  PatientTimer with;
  EXPECT_EQ(std::get<Row>(measure_with(with, Op::gemm)).samples_s.size(), 6u);
  EXPECT_GE(with.batches_before(), without.batches_before() + 5);
}

// 100 FLOP in 1 ms are more than an SM starts at 380 Hz, 256 FLOP per clock; at the 1 GHz that it
// showed they are not.
TEST(Measure, ADeviceAboveItsOwnMaximumClockIsNotSuspected) {
  DriftingTimer timer(0);
  EXPECT_EQ(std::get<Row>(measure_with(timer, Op::gemm, 380)).validity, "ok");
}

TEST(Measure, GoodBatchesAreNotRepeated) {
  DriftingTimer timer(0);
  EXPECT_EQ(std::get<Row>(measure_with(timer)).samples_s.size(), 6u);
  EXPECT_EQ(timer.attempts(), 1);
}

}  // namespace
}  // namespace roofproof::bench
