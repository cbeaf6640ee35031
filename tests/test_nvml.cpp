// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/nvml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roofproof::bench {
namespace {

using testing::HasSubstr;

std::unique_ptr<Nvml> open_fake(const char* address = "0000:00:1e.0") {
  std::string why;
  return Nvml::open(address, why, FAKE_NVML);
}

TEST(Nvml, NoLibraryIsNoErrorAndSaysWhy) {
  std::string why;
  EXPECT_EQ(Nvml::open("0000:00:1e.0", why, "libnot-there.so.1"), nullptr);
  EXPECT_THAT(why, HasSubstr("libnot-there.so.1"));
}

TEST(Nvml, UnknownBoardSaysWhy) {
  std::string why;
  EXPECT_EQ(Nvml::open("0000:ff:00.0", why, FAKE_NVML), nullptr);
  EXPECT_THAT(why, HasSubstr("Not Found"));
}

TEST(Nvml, ReadingsAreInSiUnits) {
  const NvmlReading reading = open_fake()->read();
  EXPECT_DOUBLE_EQ(reading.sm_clock_hz.value(), 1.02e9);
  EXPECT_DOUBLE_EQ(reading.memory_clock_hz.value(), 5e9);
  EXPECT_DOUBLE_EQ(reading.temperature_c.value(), 61);
  EXPECT_DOUBLE_EQ(reading.power_w.value(), 69.5);
  EXPECT_DOUBLE_EQ(reading.power_violation_s.value(), 2.5);
  EXPECT_DOUBLE_EQ(reading.thermal_violation_s.value(), 0);
}

TEST(Nvml, ThrottleReasonsAreBits) {
  const std::uint64_t reasons = open_fake()->read().throttle_reasons.value();
  EXPECT_NE(reasons & ThrottleReason::power_cap, 0u);
  EXPECT_EQ(reasons & ThrottleReason::hardware_thermal, 0u);
}

TEST(Nvml, WhatTheBoardDoesNotGiveIsAbsentWithItsReason) {
  const auto nvml = open_fake();
  const NvmlReading reading = nvml->read();
  EXPECT_EQ(reading.energy_j, std::nullopt);
  EXPECT_EQ(reading.gpu_utilisation, std::nullopt);
  EXPECT_EQ(nvml->facts().mig, std::nullopt);
  EXPECT_EQ(nvml->unavailable().at("nvmlDeviceGetTotalEnergyConsumption"), "Not Supported");
  EXPECT_THAT(nvml->unavailable().at("nvmlDeviceGetMigMode"), HasSubstr("not in this version"));
}

TEST(Nvml, FactsNameTheBoard) {
  const NvmlFacts facts = open_fake()->facts();
  EXPECT_EQ(facts.driver, "550.90.07");
  EXPECT_EQ(facts.pci_device_id, "1EB8");
  EXPECT_EQ(facts.ecc, true);
  EXPECT_DOUBLE_EQ(facts.power_limit_w.value(), 70);
  EXPECT_DOUBLE_EQ(facts.sm_clock_max_hz.value(), 1.59e9);
}

}  // namespace
}  // namespace roofproof::bench
