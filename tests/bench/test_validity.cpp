// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/session/validity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace roofproof::bench {
namespace {

using testing::Contains;
using testing::HasSubstr;

// A GPU that has nothing to complain about.
Conditions quiet_gpu() {
  Conditions conditions;
  conditions.backend = Backend::cuda;
  conditions.samples_s = {1.00e-3, 1.01e-3, 1.00e-3, 1.02e-3, 1.00e-3, 1.01e-3};
  conditions.clocks_hz = std::vector<double>(6, 1.9e9);
  conditions.sm_clock_max_hz = 1.98e9;
  conditions.before.throttle_reasons = 0;
  conditions.after.throttle_reasons = 0;
  conditions.bytes_per_s = 3.0e12;
  conditions.bus_bytes_per_s = 3.35e12;
  return conditions;
}

TEST(Validity, QuietCardIsOk) {
  const Assessment assessment = assess(quiet_gpu());
  EXPECT_EQ(assessment.validity, Validity::ok);
  EXPECT_TRUE(assessment.reasons.empty());
}

TEST(Validity, AHostThatWasNotAheadIsSaidAndMayPass) {
  Conditions conditions = quiet_gpu();
  conditions.host_was_ahead = false;
  const Assessment assessment = assess(conditions);
  EXPECT_EQ(assessment.validity, Validity::annotated);
  EXPECT_TRUE(assessment.may_pass);
  EXPECT_THAT(assessment.reasons, testing::ElementsAre("the host did not launch ahead of the GPU"));
}

// Power, heat and a low clock are what the user has: no figure is lost, and the clock stands there.
TEST(Validity, WhatHoldsTheClockIsSaidWithTheClock) {
  const auto reasons = [](std::uint64_t bits) {
    Conditions conditions = quiet_gpu();
    conditions.after.throttle_reasons = bits | ThrottleReason::idle;
    conditions.clocks_hz = std::vector<double>(6, 0.51e9);
    const Assessment assessment = assess(conditions);
    EXPECT_EQ(assessment.validity, Validity::annotated) << bits;
    EXPECT_FALSE(assessment.may_pass) << bits;
    return assessment.reasons;
  };
  EXPECT_THAT(reasons(ThrottleReason::power_cap),
              testing::ElementsAre("power cap: 0.51 of 1.98 GHz"));
  EXPECT_THAT(reasons(ThrottleReason::software_thermal),
              testing::ElementsAre("held back by temperature: 0.51 of 1.98 GHz"));
  EXPECT_THAT(reasons(ThrottleReason::hardware_thermal),
              testing::ElementsAre("held back by temperature: 0.51 of 1.98 GHz"));
  EXPECT_THAT(reasons(ThrottleReason::power_brake),
              testing::ElementsAre("power brake of the server: 0.51 of 1.98 GHz"));
  EXPECT_THAT(reasons(ThrottleReason::hardware_slowdown),
              testing::ElementsAre("hardware slowdown: 0.51 of 1.98 GHz"));
  EXPECT_THAT(reasons(ThrottleReason::clock_setting),
              testing::ElementsAre("a clock that is set low: 0.51 of 1.98 GHz"));
  EXPECT_THAT(reasons(ThrottleReason::power_cap | ThrottleReason::hardware_thermal),
              testing::ElementsAre("power cap: 0.51 of 1.98 GHz",
                                   "held back by temperature: 0.51 of 1.98 GHz"));
}

TEST(Validity, WhatHoldsTheClockIsSeenInItsCounterToo) {
  Conditions conditions = quiet_gpu();
  conditions.before.power_violation_s = 1.0;
  conditions.after.power_violation_s = 1.1;
  conditions.before.thermal_violation_s = 2.0;
  conditions.after.thermal_violation_s = 2.0;
  EXPECT_THAT(assess(conditions).reasons, testing::ElementsAre("power cap: 1.90 of 1.98 GHz"));
  conditions.after.thermal_violation_s = 2.1;
  EXPECT_EQ(assess(conditions).validity, Validity::annotated);
  EXPECT_THAT(assess(conditions).reasons, Contains(HasSubstr("held back by temperature")));
  // As much of the clock as is known.
  conditions.sm_clock_max_hz.reset();
  EXPECT_THAT(assess(conditions).reasons, Contains("power cap: 1.90 GHz"));
  conditions.clocks_hz.clear();
  EXPECT_THAT(assess(conditions).reasons, Contains("power cap"));
}

TEST(Validity, BitsThatHoldNothingAreNoFault) {
  Conditions conditions = quiet_gpu();
  conditions.after.throttle_reasons =
      ThrottleReason::hardware_slowdown | ThrottleReason::clock_setting;
  EXPECT_EQ(assess(conditions).validity, Validity::ok);
}

// A T4 at its 70 W: what is measured there is the same whether NVML can be asked or not.
TEST(Validity, DriftIsTriedAgainAndKeptWithAndWithoutTheDriversReasons) {
  Conditions conditions = quiet_gpu();
  conditions.clocks_hz = {1.95e9, 1.95e9, 1.9e9, 1.9e9, 1.65e9, 1.65e9};
  conditions.after.throttle_reasons = ThrottleReason::power_cap;
  for (int known = 1; known >= 0; --known) {
    const Assessment assessment = assess(conditions);
    EXPECT_EQ(assessment.validity, Validity::annotated);
    EXPECT_TRUE(assessment.may_pass);
    EXPECT_THAT(assessment.reasons, Contains("the clock drifted: by -15.4 %"));
    conditions.before = {};
    conditions.after = {};
  }
}

TEST(Validity, DriftThatLeavesNoClockBesideTheFigureDropsIt) {
  for (const std::uint64_t bits : {std::uint64_t{0}, ThrottleReason::power_cap}) {
    Conditions conditions = quiet_gpu();
    conditions.after.throttle_reasons = bits;
    conditions.clocks_hz = {1.00e9, 1.00e9, 1.2e9, 1.2e9, 1.24e9, 1.24e9};
    EXPECT_EQ(assess(conditions).validity, Validity::annotated);
    conditions.clocks_hz = {1.00e9, 1.00e9, 1.2e9, 1.2e9, 1.26e9, 1.26e9};
    EXPECT_TRUE(assess(conditions).invalid);
    EXPECT_TRUE(assess(conditions).may_pass);
    EXPECT_THAT(assess(conditions).reasons, Contains("the clock drifted: by +26.0 %"));
  }
  Conditions conditions = quiet_gpu();
  conditions.clocks_hz = {1.90e9, 1.90e9, 1.90e9, 1.90e9, 1.93e9, 1.93e9};
  EXPECT_EQ(assess(conditions).validity, Validity::ok);
}

TEST(Validity, ALowClockWithoutAReasonIsSaid) {
  const std::string lock =
      "a low clock without a reason from the driver, possibly a clock lock (nvidia-smi -lgc): 1.70 "
      "of "
      "1.98 GHz";
  Conditions conditions = quiet_gpu();
  conditions.clocks_hz = std::vector<double>(6, 1.7e9);
  EXPECT_EQ(assess(conditions).validity, Validity::annotated);
  EXPECT_THAT(assess(conditions).reasons, testing::ElementsAre(lock));
  EXPECT_FALSE(assess(conditions).may_pass);
  // Bits that were read when the kernels had ended already.
  conditions.after.throttle_reasons = ThrottleReason::idle;
  EXPECT_THAT(assess(conditions).reasons, testing::ElementsAre(lock));
  // What is known to hold it is no lock.
  conditions.after.throttle_reasons = ThrottleReason::power_cap;
  EXPECT_THAT(assess(conditions).reasons, testing::ElementsAre(HasSubstr("power cap")));
  conditions.after.throttle_reasons = std::nullopt;
  EXPECT_EQ(assess(conditions).validity, Validity::annotated);
  EXPECT_THAT(assess(conditions).reasons,
              testing::ElementsAre(
                  "a low clock for a reason that the driver does not report: 1.70 of 1.98 GHz"));
  conditions.clocks_hz = std::vector<double>(6, 1.95e9);
  EXPECT_EQ(assess(conditions).validity, Validity::ok);
  // One that has not settled may be on its way up.
  conditions.after.throttle_reasons = 0;
  conditions.clocks_hz = std::vector<double>(6, 1.7e9);
  conditions.clocks_settled = false;
  EXPECT_THAT(assess(conditions).reasons, testing::ElementsAre(HasSubstr("had not settled")));
}

TEST(Validity, AGpuThatStillWakesUpIsTriedAgainAndKept) {
  for (const bool settled : {true, false}) {
    Conditions conditions = quiet_gpu();
    conditions.clocks_settled = settled;
    conditions.clocks_hz = std::vector<double>(6, 1.2e9);
    EXPECT_EQ(assess(conditions).validity, Validity::annotated);
    EXPECT_TRUE(assess(conditions).may_pass);
    EXPECT_THAT(assess(conditions).reasons, Contains(HasSubstr(": 1.20 of 1.98 GHz")));
  }
}

TEST(Validity, MoreThanTheSmsCanStartIsSuspect) {
  Conditions conditions = quiet_gpu();
  conditions.most_flop_per_s = 1e15;
  conditions.flop_per_s = 1.01e15;
  EXPECT_EQ(assess(conditions).validity, Validity::ok);
  conditions.flop_per_s = 1.03e15;
  EXPECT_EQ(assess(conditions).validity, Validity::suspect);
  EXPECT_THAT(assess(conditions).reasons,
              Contains("more than the SMs can start: 1030.0 of 1000.0 TFLOP/s"));
}

TEST(Validity, MoreThanTheBusCanCarryIsSuspect) {
  Conditions conditions = quiet_gpu();
  conditions.bytes_per_s = 1.01 * 3.35e12;
  EXPECT_EQ(assess(conditions).validity, Validity::ok);
  conditions.bytes_per_s = 1.03 * 3.35e12;
  EXPECT_EQ(assess(conditions).validity, Validity::suspect);
  EXPECT_THAT(assess(conditions).reasons, Contains(HasSubstr("more than the bus can carry")));
}

TEST(Validity, NotANumberIsNoGoodClock) {
  for (std::size_t sample = 0; sample < 6; ++sample) {
    Conditions conditions = quiet_gpu();
    conditions.clocks_hz[sample] = std::nan("");
    EXPECT_TRUE(assess(conditions).invalid) << sample;
    EXPECT_TRUE(assess(conditions).may_pass);
  }
}

TEST(Validity, OutlierMeansContentionOnAGpuAndANoteOnACpu) {
  Conditions conditions = quiet_gpu();
  conditions.samples_s.back() = 1.7e-3;
  EXPECT_TRUE(assess(conditions).invalid);
  EXPECT_TRUE(assess(conditions).may_pass);
  conditions.backend = Backend::host;
  EXPECT_EQ(assess(conditions).validity, Validity::annotated);
}

// What a CPU that has nothing to complain about shows.
Conditions quiet_cpu() {
  Conditions conditions;
  conditions.samples_s = {1.00e-3, 1.01e-3, 1.00e-3, 1.02e-3, 1.00e-3};
  conditions.cpu_share = 0.99;
  return conditions;
}

TEST(Validity, ThreadsThatHadNoCpuForATenthOfTheTimeWereDisturbed) {
  Conditions conditions = quiet_cpu();
  EXPECT_EQ(assess(conditions).validity, Validity::ok);
  conditions.cpu_share = 0.9;
  EXPECT_EQ(assess(conditions).validity, Validity::ok);
  conditions.cpu_share = 0.31;
  const Assessment assessment = assess(conditions);
  EXPECT_EQ(assessment.validity, Validity::disturbed);
  EXPECT_THAT(assessment.reasons,
              Contains("other processes ran: the threads had 31 % of the wall time"));
  EXPECT_TRUE(assessment.may_pass);
  conditions.cpu_share = std::nan("");
  EXPECT_EQ(assess(conditions).validity, Validity::disturbed);
  conditions.cpu_share.reset();
  EXPECT_EQ(assess(conditions).validity, Validity::ok);
}

TEST(Validity, BatchesThatDisagreeByMoreThanTwoTimesAreDisturbed) {
  Conditions conditions = quiet_cpu();
  conditions.samples_s.front() = 1.99e-3;
  EXPECT_EQ(assess(conditions).validity, Validity::annotated);
  conditions.samples_s.front() = 2.01e-3;
  EXPECT_EQ(assess(conditions).validity, Validity::disturbed);
  EXPECT_THAT(assess(conditions).reasons,
              Contains("the batches disagree: the interval of their median spans 2.0x"));
  // Of so many, three outliers leave the median known.
  conditions.samples_s = std::vector<double>(15, 1e-3);
  std::fill_n(conditions.samples_s.begin(), 3, 9e-3);
  EXPECT_EQ(assess(conditions).validity, Validity::annotated);
  conditions.samples_s[3] = 9e-3;
  EXPECT_EQ(assess(conditions).validity, Validity::disturbed);
}

TEST(Validity, OfAGpuTheBatchesAloneTellOfADisturbance) {
  Conditions conditions = quiet_gpu();
  // Half of them slow: none is an outlier.
  conditions.samples_s = {2.2e-3, 2.2e-3, 2.2e-3, 1e-3, 1e-3, 2.2e-3};
  EXPECT_EQ(assess(conditions).validity, Validity::disturbed);
}

// A display, the desktop of Windows, memory that is scrubbed.
TEST(Validity, AGpuThatDrawsIsMeasuredAndSaid) {
  Conditions conditions = quiet_gpu();
  conditions.idle = TelemetryRecord{.gpu_utilisation = 0.03, .compute_processes = 0};
  EXPECT_EQ(assess(conditions).validity, Validity::annotated);
  EXPECT_THAT(assess(conditions).reasons,
              testing::ElementsAre("other work used this GPU before the run: 3 %"));
  EXPECT_EQ(in_use_by_others(*conditions.idle, false), "");
  conditions.idle->gpu_utilisation = 0.09;
  EXPECT_EQ(in_use_by_others(*conditions.idle, false), "");
  EXPECT_EQ(in_use_by_others({}, false), "");
}

TEST(Validity, AGpuInUseIsNotOurs) {
  TelemetryRecord idle{.gpu_utilisation = 0.10, .compute_processes = 0};
  EXPECT_EQ(in_use_by_others(idle, false), "it is in use for 10 % of the time");
  idle.gpu_utilisation = std::nan("");
  EXPECT_NE(in_use_by_others(idle, false), "");
  // One that computes, if not at this moment.
  idle = {.gpu_utilisation = 0, .compute_processes = 2};
  EXPECT_EQ(in_use_by_others(idle, false), "2 other process(es) compute on it");
  // Who goes on anyway is told in every row.
  Conditions conditions = quiet_gpu();
  conditions.idle = idle;
  conditions.idle->gpu_utilisation = 0.35;
  conditions.after.compute_processes = 3;
  EXPECT_EQ(assess(conditions).validity, Validity::annotated);
  EXPECT_THAT(assess(conditions).reasons,
              testing::ElementsAre("2 other process(es) compute on this GPU",
                                   "other work used this GPU before the run: 35 %"));
}

TEST(Validity, OtherProcessesThatBeginInvalidateOursDoesNot) {
  Conditions conditions = quiet_gpu();
  conditions.idle = TelemetryRecord{.gpu_utilisation = 0, .compute_processes = 0};
  conditions.after.compute_processes = 1;
  EXPECT_EQ(assess(conditions).validity, Validity::ok);
  conditions.after.compute_processes = 2;
  EXPECT_TRUE(assess(conditions).invalid);
  EXPECT_TRUE(assess(conditions).may_pass);
}

// The server of MPS is counted beside its client; MIG's whole GPU counts those of all instances.
TEST(Validity, WhereAGpuIsSharedByDesignProcessesAreNoOthers) {
  Conditions conditions = quiet_gpu();
  conditions.shared_by_design = true;
  conditions.idle = TelemetryRecord{.gpu_utilisation = 0, .compute_processes = 1};
  conditions.after.compute_processes = 4;
  EXPECT_EQ(assess(conditions).validity, Validity::ok);
  EXPECT_EQ(in_use_by_others(*conditions.idle, true), "");
  conditions.idle->gpu_utilisation = 0.5;
  EXPECT_NE(in_use_by_others(*conditions.idle, true), "");
}

TEST(Validity, SomebodysMemoryIsSaid) {
  Conditions conditions = quiet_gpu();
  conditions.idle = TelemetryRecord{.memory_used_bytes = 3'000'000};  // the driver's own
  EXPECT_EQ(assess(conditions).validity, Validity::ok);
  conditions.idle->memory_used_bytes = 20'000'000'000;
  EXPECT_EQ(assess(conditions).validity, Validity::annotated);
  EXPECT_THAT(assess(conditions).reasons,
              Contains(HasSubstr("memory was in use before: 20000 MB")));
}

TEST(Validity, ClocksThatNeverSettledAreSaid) {
  Conditions conditions = quiet_gpu();
  conditions.clocks_settled = false;
  EXPECT_EQ(assess(conditions).validity, Validity::annotated);
}

TEST(Validity, ColdLaunchesWhoseCacheIsUnknownSaySo) {
  Conditions conditions = quiet_gpu();
  conditions.caches_kept = true;
  EXPECT_EQ(assess(conditions).validity, Validity::annotated);
  EXPECT_THAT(assess(conditions).reasons, Contains(HasSubstr("may not be cold")));
}

TEST(Validity, MoreThanTheBusCarriesIsSuspect) {
  Conditions conditions = quiet_gpu();
  conditions.bytes_per_s = 3.5e12;
  EXPECT_EQ(assess(conditions).validity, Validity::suspect);
}

TEST(Validity, MemoryErrorsInvalidate) {
  Conditions conditions = quiet_gpu();
  conditions.before.uncorrected_ecc_errors = 0;
  conditions.after.uncorrected_ecc_errors = 1;
  EXPECT_TRUE(assess(conditions).invalid);
}

}  // namespace
}  // namespace roofproof::bench
