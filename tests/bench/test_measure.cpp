// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// How measure() times a case, and what it does with samples that cannot be believed, on devices
// with scripted clocks.

#include "bench/session/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "tests/bench/stub_workload.h"

namespace roofproof::bench {
namespace {

using testing::HasSubstr;

// Samples last what they were asked to; in the first `bad_attempts` the clock rises by `step_hz`
// per sample.
class DriftingTimer : public Timer {
 public:
  explicit DriftingTimer(int bad_attempts) : bad_attempts_(bad_attempts) {}
  StreamHandle stream() const override { return nullptr; }
  void prepare(Workload&, std::int64_t launches) override {
    total_s_ = 1e-3 * static_cast<double>(launches);
  }
  double launches_s() override { return total_s_; }
  bool host_was_ahead() const override { return asked_ != behind_at; }
  std::optional<double> sm_clock_hz() const override {
    const int attempt = asked_ / samples_per_attempt;
    const int sample = asked_++ % samples_per_attempt;
    return attempt < bad_attempts_ ? 1e9 + step_hz * sample : 1e9;
  }
  int attempts() const { return asked_ / samples_per_attempt; }

  static constexpr int samples_per_attempt = 6;
  double step_hz = 0.02e9;
  int behind_at = -1;  // the sample at which the host is not ahead

 private:
  int bad_attempts_;
  double total_s_ = 0;
  mutable int asked_ = 0;
};

// Copies that the last workload was asked for.
int copies_asked = 0;

class CountedWorkload final : public StubWorkload {
  double flop() const override { return 100; }
  double bytes() const override { return 1000; }
};

KernelFamily stubs(Backend backend) {
  return {{Op::gemv, Op::gemm},
          {Precision::fp32},
          Implementation::hand,
          {{"stub"}},
          backend,
          [](std::string_view, const Problem&, const Device&) { return std::string(); },
          [](std::string_view, const Problem&, const Device&,
             const Preparation& preparation) -> std::unique_ptr<Workload> {
            copies_asked = preparation.copies;
            return std::make_unique<CountedWorkload>();
          }};
}
const std::vector<CatalogueEntry> entries = entries_of(std::vector{stubs(Backend::cuda)});

const Case gemv_case = {
    "gemv", {Op::gemv, Precision::fp32, {.n = 1, .k = 1, .batch = 1}}, Implementation::hand};
const Case gemm_case = {
    "gemm", {Op::gemm, Precision::fp32, {.m = 1, .n = 1, .k = 1}}, Implementation::hand};

// Whether the device tells the size of its cache.
bool hidden_cache = false;

MeasureContext context_of(Timer& timer, const Protocol& protocol) {
  Device device;
  device.backend = Backend::cuda;
  device.compute_capability = 89;
  device.processors = 1;
  device.memory_bytes = 1 << 20;
  device.last_level_cache_bytes = hidden_cache ? 0 : 1;
  MeasureContext context{entries, device, protocol, 0, timer};
  context.on_sample = [](double) {};
  context.on_rejected = [](const std::string&) {};
  return context;
}

constexpr int samples_per_case = DriftingTimer::samples_per_attempt;
constexpr Timing plain = {samples_per_case, samples_per_case, 1e-2, 1};

std::variant<Row, NotMeasured> measure_with(DriftingTimer& timer, Nvml* nvml = nullptr) {
  MeasureContext context = context_of(timer, {1, plain, plain, 0, 0, 0});
  context.nvml = nvml;
  return measure(gemv_case, context);
}

TEST(Measure, DriftThatLeavesNoFigureIsTriedTwiceMoreAndThenItIsInvalid) {
  DriftingTimer timer(1000);
  timer.step_hz = 0.1e9;
  const auto outcome = measure_with(timer);
  EXPECT_EQ(timer.attempts(), 3);
  const NotMeasured& missing = std::get<NotMeasured>(outcome);
  EXPECT_EQ(missing.status, NotMeasured::Status::invalid);
  EXPECT_THAT(missing.reason, HasSubstr("the clock drifted: by +38.1 %"));
  EXPECT_EQ(missing.samples_s.size(), 6u);
}

// The stand-in of fake_nvml.cpp is a board at its power limit.
TEST(Measure, DriftIsTriedOnceMoreAndKeptWithAndWithoutNvml) {
  std::string why;
  const auto nvml = Nvml::open("0000:00:1e.0", why, FAKE_NVML);
  ASSERT_NE(nvml, nullptr) << why;
  for (Nvml* asked : {nvml.get(), static_cast<Nvml*>(nullptr)}) {
    DriftingTimer timer(1000);
    const Row row = std::get<Row>(measure_with(timer, asked));
    EXPECT_EQ(timer.attempts(), 2);
    EXPECT_EQ(row.validity, Validity::annotated);
    EXPECT_THAT(row.reasons, testing::Contains("the clock drifted: by +7.9 %"));
    EXPECT_EQ(row.sm_clock_hz, 1.05e9);
  }
}

TEST(Measure, DriftThatPassesLeavesAGoodRow) {
  DriftingTimer timer(1);
  const auto outcome = measure_with(timer);
  EXPECT_EQ(timer.attempts(), 2);
  EXPECT_EQ(std::get<Row>(outcome).validity, Validity::ok);
  EXPECT_EQ(std::get<Row>(outcome).sm_clock_hz, 1e9);
}

TEST(Measure, ABatchWhoseHostWasNotAheadIsTriedAgain) {
  DriftingTimer timer(0);
  timer.behind_at = 2;
  EXPECT_EQ(std::get<Row>(measure_with(timer)).validity, Validity::ok);
  EXPECT_EQ(timer.attempts(), 2);
}

// A CPU of two threads, on which others run: of each sample the two together get `shares` of the
// wall time, attempt by attempt.
struct Busy {
  Row row;
  int attempts = 0;
};
Busy measured_beside_others(const std::vector<double>& shares) {
  const std::vector<CatalogueEntry> host_entries = entries_of(std::vector{stubs(Backend::host)});
  DriftingTimer timer(0);
  MeasureContext context = context_of(timer, {1, plain, plain, 0, 0, 0});
  context.catalogue = host_entries;
  context.device.backend = Backend::host;
  context.device.processors = 2;
  double cpu_time_s = 0;
  int readings = 0;
  context.cpu_time_s = [&] {
    // Before and after each sample of 10 ms.
    const bool after = readings % 2 == 1;
    const std::size_t attempt = static_cast<std::size_t>(readings++ / (2 * samples_per_case));
    if (after) cpu_time_s += 10e-3 * 2 * shares.at(attempt);
    return cpu_time_s;
  };
  Busy busy{std::get<Row>(measure(gemv_case, context)), 0};
  busy.attempts = timer.attempts();
  return busy;
}

TEST(Measure, CpuTimeIsMeasuredAndNoCopyOfTheWallTime) {
  const Row row = measured_beside_others({0.95}).row;
  EXPECT_DOUBLE_EQ(row.time_s, 1e-3);
  ASSERT_TRUE(row.cpu_time_s);
  EXPECT_NEAR(*row.cpu_time_s, 0.95e-3, 1e-12);
  EXPECT_EQ(row.validity, Validity::ok);
}

TEST(Measure, CpuTimeThatTheSystemDoesNotTellIsAbsent) {
  const Row row = measured_beside_others({std::nan("")}).row;
  EXPECT_FALSE(row.cpu_time_s);
  EXPECT_EQ(row.validity, Validity::ok);
}

TEST(Measure, WhatOthersDisturbedIsTriedOnceMoreAndSaid) {
  const Busy passed = measured_beside_others({0.31, 0.98});
  EXPECT_EQ(passed.attempts, 2);
  EXPECT_EQ(passed.row.validity, Validity::ok);
  const Busy stayed = measured_beside_others({0.31, 0.6});
  EXPECT_EQ(stayed.attempts, 2);
  EXPECT_EQ(stayed.row.validity, Validity::disturbed);
  EXPECT_THAT(stayed.row.reasons,
              testing::ElementsAre("other processes ran: the threads had 60 % of the wall time"));
}

TEST(Measure, OfAGpuTheHostsCpuTimeIsNoDisturbance) {
  DriftingTimer timer(0);
  MeasureContext context = context_of(timer, {1, plain, plain, 0, 0, 0});
  double cpu_time_s = 0;
  context.cpu_time_s = [&] { return cpu_time_s += 1e-4; };
  const Row row = std::get<Row>(measure(gemv_case, context));
  EXPECT_EQ(row.validity, Validity::ok);
  EXPECT_NEAR(row.cpu_time_s.value_or(0), 1e-5, 1e-12);
}

// 100 FLOP in 1 ms are more than an SM starts at 380 Hz, 256 FLOP per clock; at the 1 GHz that it
// showed they are not.
TEST(Measure, ADeviceAboveItsOwnMaximumClockIsNotSuspected) {
  DriftingTimer timer(0);
  MeasureContext context = context_of(timer, {1, plain, plain, 0, 0, 0});
  context.limits.sm_clock_hz = 380;
  EXPECT_EQ(std::get<Row>(measure(gemm_case, context)).validity, Validity::ok);
}

TEST(Measure, GoodBatchesAreNotRepeated) {
  DriftingTimer timer(0);
  EXPECT_EQ(std::get<Row>(measure_with(timer)).samples_s.size(), 6u);
  EXPECT_EQ(timer.attempts(), 1);
}

// Every launch takes the same time; so much has passed on the watch.
class SteadyTimer : public Timer {
 public:
  explicit SteadyTimer(double launch_s) : launch_s_(launch_s) {}
  StreamHandle stream() const override { return nullptr; }
  void prepare(Workload&, std::int64_t launches) override {
    launches_ = launches;
    alone_ = false;
  }
  void prepare_alone(Workload&, std::int64_t launches) override {
    launches_ = launches;
    alone_ = true;
  }
  std::optional<double> empty_launch_s() override { return alone_ ? 3e-6 : 1e-6; }
  double launches_s() override {
    ++(alone_ ? batches_alone : batches_together);
    const double total_s = launch_s_ * static_cast<double>(launches_);
    time_s_ += total_s;
    return total_s;
  }
  std::optional<double> sm_clock_hz() const override {
    return time_s_ < unsteady_until_s && static_cast<int>(time_s_ * 5) % 2 != 0 ? 1.1e9 : 1e9;
  }
  double time_s() const { return time_s_; }

  double unsteady_until_s = 0;
  int batches_alone = 0;
  int batches_together = 0;

 private:
  double launch_s_;
  std::int64_t launches_ = 1;
  bool alone_ = false;
  double time_s_ = 0;
};

// The case in this profile, and when its first sample had been measured.
struct Timed {
  Row row;
  double first_batch_s = 0;
};
Timed timed(const Case& planned, SteadyTimer& timer, Profile profile) {
  Timed result;
  MeasureContext context = context_of(timer, protocol(profile));
  context.now_s = [&] { return timer.time_s(); };
  context.on_sample = [&](double) {
    if (result.first_batch_s == 0) result.first_batch_s = timer.time_s();
  };
  result.row = std::get<Row>(measure(planned, context));
  return result;
}

// Three samples, and 70 J between the readings around them.
TEST(Measure, OnlyACaseThatOutlastsTheCountersStepsHasEnergy) {
  ::setenv("FAKE_NVML", "energy_step=70000", 1);
  std::string why;
  const auto nvml = Nvml::open("0000:00:1e.0", why, FAKE_NVML);
  ASSERT_NE(nvml, nullptr) << why;
  const auto row = [&](double launch_s) {
    SteadyTimer timer(launch_s);
    MeasureContext context = context_of(timer, {1, {3, 3, 1e-4, 1e-2}, plain, 0, 0, 0});
    context.now_s = [&] { return timer.time_s(); };
    context.nvml = nvml.get();
    return std::get<Row>(measure(gemv_case, context));
  };
  const Row short_row = row(0.23);
  EXPECT_DOUBLE_EQ(
      short_row.telemetry_after->energy_j.value() - short_row.telemetry_before->energy_j.value(),
      70);
  EXPECT_EQ(short_row.energy_j, std::nullopt);
  EXPECT_EQ(short_row.power_w, std::nullopt);
  const Row long_row = row(0.25);
  EXPECT_DOUBLE_EQ(long_row.energy_j.value(), 70.0 / 3);
  EXPECT_NEAR(long_row.power_w.value(), 70 / 0.75, 1e-6);
  ::unsetenv("FAKE_NVML");
}

TEST(Measure, FullWarmsUpBeforeEveryCase) {
  SteadyTimer short_launches(1e-3);
  EXPECT_LT(timed(gemv_case, short_launches, Profile::standard).first_batch_s, 0.1);
  const double before_s = short_launches.time_s();
  const double memory_bound_s =
      timed(gemv_case, short_launches, Profile::full).first_batch_s - before_s;
  EXPECT_GE(memory_bound_s, 1);
  EXPECT_LE(memory_bound_s, 1.5);
  SteadyTimer of_gemm(1e-3);
  EXPECT_GE(timed(gemm_case, of_gemm, Profile::full).first_batch_s, 3 + 1);
}

TEST(Measure, AShortWarmUpOfAGemmDoesNotWaitForClocks) {
  SteadyTimer timer(1e-3);
  timer.unsteady_until_s = 10;
  const Timed gemm = timed(gemm_case, timer, Profile::standard);
  EXPECT_GE(gemm.first_batch_s, 0.08);
  EXPECT_LE(gemm.first_batch_s, 0.15);
}

TEST(Measure, ClocksThatDoNotSettleBeforeACaseAreTold) {
  SteadyTimer steady(1e-3);
  EXPECT_EQ(timed(gemv_case, steady, Profile::full).row.validity, Validity::ok);
  SteadyTimer unsteady(1e-3);
  unsteady.unsteady_until_s = 10;
  const Row row = timed(gemv_case, unsteady, Profile::full).row;
  EXPECT_THAT(row.reasons, testing::Contains(HasSubstr("had not settled")));
}

TEST(Measure, FullHasAThousandLaunchesOfAGemmAndASecond) {
  const auto launches = [](double launch_s) {
    SteadyTimer timer(launch_s);
    return timed(gemm_case, timer, Profile::full).row.launches_per_sample;
  };
  EXPECT_EQ(launches(3.5e-3), 1000);
  EXPECT_GE(launches(10e-6), 100000);
  EXPECT_EQ(launches(38e-3), 131);  // 5 s
  EXPECT_EQ(launches(8), 1);
}

Case with_caches(Caches caches) {
  Case planned = gemm_case;
  planned.caches = caches;
  return planned;
}

TEST(Measure, ColdCachesAreForLaunchesByThemselves) {
  SteadyTimer timer(10e-6);
  const Row row = timed(with_caches(Caches::cold), timer, Profile::full).row;
  EXPECT_EQ(row.condition, "cache:cold");
  EXPECT_EQ(row.launches_per_sample, 200);
  EXPECT_EQ(row.samples_s.size(), 15u);
  EXPECT_NEAR(row.time_s, 10e-6, 1e-12);
  EXPECT_EQ(timer.batches_alone, 15 + 1);
  EXPECT_EQ(row.extra.at("empty_launch_s"), 3e-6);
  EXPECT_THAT(row.reasons, testing::Not(testing::Contains(HasSubstr("cold"))));
}

TEST(Measure, ColdLaunchesOfADeviceThatHidesItsCacheSaySo) {
  SteadyTimer timer(10e-6);
  hidden_cache = true;
  const Row row = timed(with_caches(Caches::cold), timer, Profile::full).row;
  hidden_cache = false;
  EXPECT_THAT(row.reasons, testing::Contains(HasSubstr("may not be cold")));
}

TEST(Measure, HotCachesAreOneSetOfBuffers) {
  SteadyTimer timer(10e-6);
  const Row hot = timed(with_caches(Caches::hot), timer, Profile::full).row;
  EXPECT_EQ(hot.condition, "cache:hot");
  EXPECT_EQ(hot.copies, 1);
  EXPECT_EQ(copies_asked, 1);
  EXPECT_EQ(hot.samples_s.size(), 15u);
  EXPECT_GE(hot.launches_per_sample, 100);
  EXPECT_EQ(timer.batches_alone, 0);
  const Row rotated = timed(gemm_case, timer, Profile::full).row;
  EXPECT_EQ(rotated.condition, std::nullopt);
  EXPECT_EQ(copies_asked, 2);
}

TEST(Measure, WhatIsMostlyALaunchIsTold) {
  const auto row = [](double launch_s) {
    SteadyTimer timer(launch_s);
    return timed(gemv_case, timer, Profile::standard).row;
  };
  EXPECT_EQ(row(10e-6).extra.at("empty_launch_s"), 1e-6);
  EXPECT_EQ(row(10e-6).validity, Validity::ok);
  EXPECT_EQ(row(2.9e-6).validity, Validity::annotated);
  EXPECT_THAT(
      row(2.9e-6).reasons,
      testing::ElementsAre("mostly launch time, not bandwidth: 2.90 us, an empty launch takes "
                           "1.00 us"));
  EXPECT_TRUE(row(30e-6).extra.empty());
}

TEST(Measure, FullHasAllItsBatchesHoweverLongTheyAre) {
  const auto samples = [](const Case& planned, Profile profile, double launch_s) {
    SteadyTimer timer(launch_s);
    return timed(planned, timer, profile).row.samples_s.size();
  };
  EXPECT_EQ(samples(gemv_case, Profile::full, 10e-6), 15u);
  EXPECT_EQ(samples(gemv_case, Profile::full, 0.5), 15u);
  EXPECT_EQ(samples(gemm_case, Profile::full, 0.5), 5u);
  EXPECT_EQ(samples(gemv_case, Profile::standard, 0.5), 3u);
}

}  // namespace
}  // namespace roofproof::bench
