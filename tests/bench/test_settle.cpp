// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/session/schedule.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <utility>

namespace roofproof::bench {
namespace {

// A device whose samples last 10 ms and whose clock is a function of time; so is everybody's watch.
class FakeDevice : public Timer {
 public:
  explicit FakeDevice(std::function<std::optional<double>(double time_s)> clock_hz)
      : clock_hz_(std::move(clock_hz)) {}
  StreamHandle stream() const override { return nullptr; }
  void prepare(Workload&, std::int64_t) override {}
  double launches_s() override {
    time_s_ += 10e-3;
    return 10e-3;
  }
  std::optional<double> sm_clock_hz() const override { return clock_hz_(time_s_); }

  bool settle(double least_s) {
    return settle_clocks(*this, least_s, [this] { return time_s_; });
  }
  double time_s() const { return time_s_; }

 private:
  std::function<std::optional<double>(double)> clock_hz_;
  double time_s_ = 0;
};

TEST(Settle, SteadyClockEndsWithTheLeastTime) {
  FakeDevice device([](double) { return 1.5e9; });
  EXPECT_TRUE(device.settle(1));
  EXPECT_NEAR(device.time_s(), 1, 0.15);
}

TEST(Settle, ThreeWindowsAreTheLeastHoweverShortTheWarmUp) {
  FakeDevice device([](double) { return 1.5e9; });
  EXPECT_TRUE(device.settle(0));
  EXPECT_NEAR(device.time_s(), 0.3, 0.05);
}

TEST(Settle, ClockThatStillRisesIsWaitedFor) {
  // 5 % per window until 3 s.
  FakeDevice device([](double time_s) { return 1e9 * (1 + 0.5 * std::min(time_s, 3.0)); });
  EXPECT_TRUE(device.settle(1));
  EXPECT_NEAR(device.time_s(), 3.3, 0.15);
}

TEST(Settle, OscillationIsGivenUpAfterTenSeconds) {
  FakeDevice device([](double time_s) { return static_cast<int>(time_s * 10) % 2 ? 1e9 : 1.1e9; });
  EXPECT_FALSE(device.settle(1));
  EXPECT_NEAR(device.time_s(), 10, 0.15);
}

TEST(Settle, AShortWarmUpGivesUpSooner) {
  for (const auto& [least_s, most_s] :
       {std::pair{0.2, 2.0}, std::pair{0.05, 1.0}, std::pair{12.0, 12.0}}) {
    FakeDevice device(
        [](double time_s) { return static_cast<int>(time_s * 10) % 2 ? 1e9 : 1.1e9; });
    EXPECT_FALSE(device.settle(least_s));
    EXPECT_NEAR(device.time_s(), most_s, 0.15);
  }
}

TEST(Settle, UnknownClockIsNotWaitedFor) {
  FakeDevice device([](double) { return std::nullopt; });
  EXPECT_TRUE(device.settle(0.5));
  EXPECT_NEAR(device.time_s(), 0.5, 0.15);
}

}  // namespace
}  // namespace roofproof::bench
