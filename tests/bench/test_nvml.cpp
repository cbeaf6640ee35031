// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/device/nvml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "bench/device/describe.h"
#include "kernels/kernel_module.h"

namespace roofproof::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

class NvmlTest : public testing::Test {
 protected:
  ~NvmlTest() override { ::unsetenv("FAKE_NVML"); }

  // What the stand-in says from now on, see fake_nvml.cpp.
  static void script(const char* text) { ::setenv("FAKE_NVML", text, 1); }
  static std::unique_ptr<Nvml> open(std::string& why, const char* address = "0000:00:1e.0") {
    return Nvml::open(address, why, FAKE_NVML);
  }
  static std::unique_ptr<Nvml> open() {
    std::string why;
    auto nvml = open(why);
    EXPECT_NE(nvml, nullptr) << why;
    return nvml;
  }
  static DeviceRecord describe() {
    DeviceRecord device;
    open()->describe(device);
    return device;
  }
};

TEST_F(NvmlTest, NoLibraryIsNoErrorAndSaysWhy) {
  std::string why;
  EXPECT_EQ(Nvml::open("0000:00:1e.0", why, "libnot-there.so.1"), nullptr);
  EXPECT_THAT(why, HasSubstr("libnot-there.so.1"));
}

TEST_F(NvmlTest, UnknownBoardSaysWhy) {
  std::string why;
  EXPECT_EQ(open(why, "0000:ff:00.0"), nullptr);
  EXPECT_THAT(why, HasSubstr("Not Found"));
}

TEST_F(NvmlTest, NoDriverSaysWhy) {
  script("nvmlInit_v2=9");
  std::string why;
  EXPECT_EQ(open(why), nullptr);
  EXPECT_EQ(why, "nvmlInit_v2: Driver Not Loaded");
}

TEST_F(NvmlTest, LibraryOfAnotherDriverIsNamedWithBothVersions) {
  script("nvmlInit_v2=18");
  std::string why;
  EXPECT_EQ(open(why), nullptr);
  EXPECT_THAT(why, HasSubstr("its library is of 12.550.90.07, the kernel module that runs is of "));
  EXPECT_THAT(why, HasSubstr(kernel_module_version().value_or("an unknown version")));
}

TEST_F(NvmlTest, ReadingsAreInSiUnits) {
  script("utilisation=35 processes=2");
  const TelemetryRecord reading = open()->read();
  EXPECT_DOUBLE_EQ(reading.sm_clock_hz.value(), 1.02e9);
  EXPECT_DOUBLE_EQ(reading.memory_clock_hz.value(), 5e9);
  EXPECT_DOUBLE_EQ(reading.temperature_c.value(), 61);
  EXPECT_DOUBLE_EQ(reading.power_w.value(), 69.5);
  EXPECT_DOUBLE_EQ(reading.power_violation_s.value(), 2.5);
  EXPECT_DOUBLE_EQ(reading.thermal_violation_s.value(), 0);
  EXPECT_EQ(reading.uncorrected_ecc_errors.value(), 0u);
  EXPECT_DOUBLE_EQ(reading.gpu_utilisation.value(), 0.35);
  EXPECT_DOUBLE_EQ(reading.memory_utilisation.value(), 0.12);
  EXPECT_EQ(reading.compute_processes.value(), 2);
  EXPECT_EQ(reading.memory_used_bytes.value(), 3000000);
}

TEST_F(NvmlTest, ThrottleReasonsAreBits) {
  const std::uint64_t reasons = open()->read().throttle_reasons.value();
  EXPECT_NE(reasons & ThrottleReason::power_cap, 0u);
  EXPECT_EQ(reasons & ThrottleReason::hardware_thermal, 0u);
}

TEST_F(NvmlTest, WhatTheBoardDoesNotGiveIsAbsentWithItsReason) {
  const auto nvml = open();
  const TelemetryRecord reading = nvml->read();
  EXPECT_EQ(reading.energy_j, std::nullopt);
  EXPECT_EQ(reading.gpu_utilisation, std::nullopt);
  DeviceRecord device;
  nvml->describe(device);
  EXPECT_EQ(device.mig, std::nullopt);
  EXPECT_EQ(device.unavailable.at("nvmlDeviceGetTotalEnergyConsumption"), "Not Supported");
  EXPECT_THAT(device.unavailable.at("nvmlDeviceGetRemappedRows"), HasSubstr("not in this version"));
  EXPECT_THAT(device.unavailable.at(clock_lock), HasSubstr("not known"));
  // The older name of that call worked.
  EXPECT_EQ(device.unavailable.count("nvmlDeviceGetCurrentClocksEventReasons"), 0u);
}

TEST_F(NvmlTest, FactsDescribeTheBoard) {
  const DeviceRecord device = describe();
  EXPECT_EQ(device.driver_version, "550.90.07");
  EXPECT_EQ(device.vbios, "90.04.84.00.06");
  EXPECT_EQ(device.pci_device_id, "1EB8");
  EXPECT_EQ(device.ecc, true);
  EXPECT_EQ(device.persistence, true);
  EXPECT_EQ(device.compute_mode, "exclusive process");
  EXPECT_EQ(device.virtualisation, "passthrough");
  EXPECT_DOUBLE_EQ(device.power_limit_w.value(), 65);
  EXPECT_DOUBLE_EQ(device.power_limit_default_w.value(), 70);
  EXPECT_DOUBLE_EQ(device.power_limit_min_w.value(), 60);
  EXPECT_DOUBLE_EQ(device.power_limit_max_w.value(), 70);
  EXPECT_DOUBLE_EQ(device.sm_clock_max_hz.value(), 1.59e9);
  EXPECT_DOUBLE_EQ(device.memory_clock_max_hz.value(), 5.001e9);
}

// NVML's maximum is the top of the voltage curve.
TEST_F(NvmlTest, TheClocksThatCudaTellsStand) {
  DeviceRecord device;
  device.sm_clock_max_hz = 1.5e9;
  device.memory_clock_max_hz = 4e9;
  open()->describe(device);
  EXPECT_EQ(device.sm_clock_max_hz, 1.5e9);
  EXPECT_EQ(device.memory_clock_max_hz, 4e9);
}

TEST_F(NvmlTest, ClocksThatSomebodySetStandBesideTheirDefault) {
  const DeviceRecord device = describe();
  EXPECT_DOUBLE_EQ(device.sm_clock_set_hz.value(), 900e6);
  EXPECT_DOUBLE_EQ(device.sm_clock_set_default_hz.value(), 585e6);
  EXPECT_EQ(device.memory_clock_set_hz, device.memory_clock_set_default_hz);
}

TEST_F(NvmlTest, SharedGpusAreNamed) {
  script("mig=0 mps_processes=0");
  EXPECT_EQ(describe().mig, "off");
  EXPECT_EQ(describe().mps, false);
  script("mig=1 mps_processes=3");
  EXPECT_EQ(describe().mig, "on");
  EXPECT_EQ(describe().mps, true);
  EXPECT_TRUE(open()->shared_by_design());
  script("mig=0 mps_processes=0");
  EXPECT_FALSE(open()->shared_by_design());
  script("");
  EXPECT_FALSE(open()->shared_by_design());
}

TEST_F(NvmlTest, MpsIsWhereItsControlPipeIs) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("mps" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  ::setenv("CUDA_MPS_PIPE_DIRECTORY", folder.c_str(), 1);
  EXPECT_FALSE(mps_is_running());
  std::ofstream(folder / "control") << "";
  EXPECT_TRUE(mps_is_running());
  ::unsetenv("CUDA_MPS_PIPE_DIRECTORY");
  std::filesystem::remove_all(folder);
}

TEST_F(NvmlTest, ALostGpuIsNoticedByWhateverIsAsked) {
  const auto nvml = open();
  EXPECT_FALSE(nvml->lost());
  script("nvmlDeviceGetTemperature=15");
  EXPECT_EQ(nvml->read().temperature_c, std::nullopt);
  EXPECT_TRUE(nvml->lost());
  EXPECT_EQ(nvml->unavailable().at("nvmlDeviceGetTemperature"), "GPU is lost");
}

TEST_F(NvmlTest, NothingIsEverSet) {
  std::ifstream stream(NVML_SOURCE);
  const std::string source(std::istreambuf_iterator<char>(stream), {});
  EXPECT_THAT(source, HasSubstr("\"nvmlDeviceGet"));
  EXPECT_THAT(source, Not(HasSubstr("nvmlDeviceSet")));
  EXPECT_THAT(source, Not(HasSubstr("nvmlDeviceReset")));
}

TEST(KernelModule, VersionIsReadFromTheDriversOwnFile) {
  const std::string path = testing::TempDir() + "/version" + std::to_string(::getpid());
  std::ofstream(path) << "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 "
                         "19:39:15 UTC 2024\nGCC version:  gcc version 12.2.0\n";
  EXPECT_EQ(kernel_module_version(path), "535.183.01");
  std::ofstream(path) << "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  560.35.03  "
                         "Release Build\n";
  EXPECT_EQ(kernel_module_version(path), "560.35.03");
  std::remove(path.c_str());
  EXPECT_EQ(kernel_module_version(path), std::nullopt);
}

}  // namespace
}  // namespace roofproof::bench
