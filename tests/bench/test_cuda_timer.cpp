// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The timer of the CUDA backend, host code as it is, over the stand-in for the CUDA runtime
// (simt/runtime): what it enqueues between its events, and in which order.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bench/cuda/clock_probe.h"
#include "bench/cuda/gate.h"
#include "bench/cuda/isolation.h"
#include "bench/session/timer.h"
#include "tests/bench/stub_workload.h"

namespace roofproof {
namespace {

constexpr double launch_s = 8e-6;
constexpr double empty_s = 2e-6;

// What the device did, and how many launches of each copy.
std::vector<std::string> done;
std::vector<std::int64_t> launched;
int waits_in_vain = 0;  // so many gates are given up

void work(const std::string& what, double time_s) {
  fake_enqueue([=] {
    done.push_back(what);
    fake_time_s() += time_s;
  });
}

class TimedWorkload : public StubWorkload {
 public:
  bool captured = true;
  std::int64_t held_up_at = -1;
  bool capturable() const override { return captured; }
  void launch(StreamHandle, std::int64_t i) override {
    launched.push_back(i);
    work("launch", launch_s + (i == held_up_at ? 1e-3 : 0));
  }
};

}  // namespace

// In place of the kernels of gate.cu, isolation.cu and clock_probe.cu.
namespace cuda {

struct Gate::State {};
void Gate::Free::operator()(State* state) const noexcept { delete state; }
Gate::Gate() = default;
void Gate::hold(cudaStream_t) { work("hold", 10e-6); }
void Gate::release() { done.push_back("release"); }
bool Gate::was_given_up() const { return waits_in_vain > 0 && waits_in_vain-- > 0; }

Isolation::Isolation(const Device& device)
    : clean_(static_cast<std::size_t>(2 * device.last_level_cache_bytes)) {}
void Isolation::displace_caches(cudaStream_t) { work("displace", 50e-6); }
void Isolation::launch_nothing(cudaStream_t) { work("nothing", empty_s); }

ClockProbe::ClockProbe(const Device&) {}
void ClockProbe::start(cudaStream_t) { done.push_back("clock"); }
void ClockProbe::stop(cudaStream_t) { done.push_back("clock"); }
std::optional<double> ClockProbe::clock_hz() const { return 1e9; }

}  // namespace cuda

namespace bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CudaTimer : public testing::Test {
 protected:
  CudaTimer() {
    Device device;
    device.last_level_cache_bytes = 1 << 20;
    forget();
    timer_ = make_cuda_timer(device);
    done_at_first_ = done;
    waits_in_vain = 0;
    fake_host_is_ahead() = true;
    forget();
  }
  static void forget() {
    done.clear();
    launched.clear();
  }
  static std::ptrdiff_t count(const std::string& what) {
    return std::count(done.begin(), done.end(), what);
  }

  TimedWorkload workload_;
  std::unique_ptr<Timer> timer_;
  std::vector<std::string> done_at_first_;
};

TEST_F(CudaTimer, ItsOwnKernelsAreLoadedBeforeTheDeviceWaits) {
  EXPECT_THAT(done_at_first_, ElementsAre("hold", "release", "clock", "clock"));
}

TEST_F(CudaTimer, TogetherNothingStandsBetweenLaunches) {
  timer_->prepare(workload_, 3);
  forget();
  EXPECT_NEAR(timer_->launches_s(), 3 * launch_s, 1e-9);
  EXPECT_THAT(done, ElementsAre("hold", "clock", "launch", "launch", "launch", "release", "clock"));
  EXPECT_TRUE(launched.empty());  // a graph: it was captured before
}

TEST_F(CudaTimer, FewPlainLaunchesWaitUntilAllAreEnqueued) {
  workload_.captured = false;
  timer_->prepare(workload_, 3);
  forget();
  EXPECT_NEAR(timer_->launches_s(), 3 * launch_s, 1e-9);
  EXPECT_THAT(done, ElementsAre("hold", "clock", "launch", "launch", "launch", "release", "clock"));
  EXPECT_TRUE(timer_->host_was_ahead());
  fake_host_is_ahead() = false;  // when asked: here it cannot matter
  timer_->launches_s();
  EXPECT_TRUE(timer_->host_was_ahead());
}

// A full queue would hold the host up: the gate opens behind the first of many.
TEST_F(CudaTimer, OfManyLaunchesTheFirstAreWaitedFor) {
  workload_.captured = false;
  timer_->prepare(workload_, 1000);
  forget();
  EXPECT_NEAR(timer_->launches_s(), 1000 * launch_s, 1e-6);
  const auto opened = std::find(done.begin(), done.end(), "release");
  EXPECT_EQ(std::count(done.begin(), opened, "launch"), 64);
  EXPECT_TRUE(timer_->host_was_ahead());
  fake_host_is_ahead() = false;
  timer_->launches_s();
  EXPECT_FALSE(timer_->host_was_ahead());
}

TEST_F(CudaTimer, AHostThatWasHeldUpOnceDoesNotMakeAKernelLong) {
  workload_.held_up_at = 1;  // the first that is timed
  timer_->prepare(workload_, 3);
  forget();
  EXPECT_NEAR(timer_->launches_s(), 3 * launch_s, 1e-9);
  EXPECT_TRUE(launched.empty());  // a graph
}

TEST_F(CudaTimer, ManyLaunchesAreReplaysOfAGraphAndARest) {
  timer_->prepare(workload_, 10001);
  forget();
  EXPECT_NEAR(timer_->launches_s(), 10001 * launch_s, 1e-6);
  EXPECT_EQ(count("launch"), 10001);
  EXPECT_EQ(launched.size(), 2u);  // three replays of 3333, and two
}

TEST_F(CudaTimer, AloneEachLaunchWaitsForItsEventsWithCachesDisplaced) {
  timer_->prepare_alone(workload_, 2);
  // Loaded before anything waits.
  EXPECT_THAT(done, ElementsAre("launch", "displace"));
  forget();
  EXPECT_NEAR(timer_->launches_s(), 2 * launch_s, 1e-9);
  EXPECT_THAT(done, ElementsAre("clock", "displace", "hold", "launch", "release", "displace",
                                "hold", "launch", "release", "clock"));
  // The rotation goes on.
  EXPECT_THAT(launched, ElementsAre(1, 2));
}

TEST_F(CudaTimer, WhatWasNotWaitedForIsNoFigure) {
  for (const bool alone : {false, true}) {
    if (alone) {
      timer_->prepare_alone(workload_, 2);
    } else {
      timer_->prepare(workload_, 2);
    }
    waits_in_vain = 2;
    forget();
    EXPECT_NEAR(timer_->launches_s(), 2 * launch_s, 1e-9);  // measured again
    EXPECT_EQ(count("hold"), alone ? 4 : 3);
    waits_in_vain = 100;
    EXPECT_THROW(timer_->launches_s(), std::runtime_error);
    waits_in_vain = 0;
  }
}

TEST_F(CudaTimer, ALaunchOfNothingIsTimedAsTheOthersAre) {
  timer_->prepare(workload_, 3);
  forget();
  EXPECT_NEAR(*timer_->empty_launch_s(), empty_s, 1e-9);
  EXPECT_EQ(count("hold"), 2);  // of two samples
  EXPECT_GT(count("nothing"), 100);
  timer_->prepare_alone(workload_, 3);
  forget();
  EXPECT_NEAR(*timer_->empty_launch_s(), empty_s, 1e-9);
  EXPECT_EQ(count("hold"), count("nothing") - 1);
  // Once is enough for a session.
  timer_->prepare(workload_, 3);
  forget();
  timer_->empty_launch_s();
  EXPECT_EQ(count("nothing"), 0);
}

}  // namespace
}  // namespace bench
}  // namespace roofproof
