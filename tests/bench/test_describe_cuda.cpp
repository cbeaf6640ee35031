// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What is recorded of a GPU, and what it can do at most, from what the CUDA runtime says: here this
// file, so that no runtime and no GPU is needed.

#include "bench/device/describe.h"

#include <gtest/gtest.h>

#include "kernels/cublas/version.h"
#include "kernels/cuda/runtime/device.h"

namespace roofproof {
namespace {

cuda::DeviceProperties of_the_gpu;

}  // namespace

namespace cuda {
DeviceCount count_devices() noexcept { return {1, ""}; }
DeviceProperties device_properties(int) { return of_the_gpu; }
Versions versions() { return {}; }
std::string version_text(int) { return ""; }
}  // namespace cuda

namespace cublas {
std::string version() { return ""; }  // none is found
}  // namespace cublas

namespace bench {

std::string short_hash(const std::string&) { return "0123456789abcdef"; }
bool mps_is_running() { return false; }

namespace {

DeviceRecord record() {
  std::string why;
  return describe_cuda_gpus(why).at(0);
}

// Orin, as CUDA tells: the GPU's clock stands for that of the memory.
class DescribeCuda : public testing::Test {
 protected:
  DescribeCuda() {
    of_the_gpu = {};
    of_the_gpu.device.last_level_cache_bytes = 4 << 20;
    of_the_gpu.sm_clock_hz = 1.3e9;
    of_the_gpu.memory_clock_hz = 1.3e9;
    of_the_gpu.memory_bus_bits = 256;
    of_the_gpu.device.bandwidth_bytes_per_s = 83.2e9;
  }
};

TEST_F(DescribeCuda, TheBusOfABoardIsALimit) {
  EXPECT_EQ(cuda_device_limits(0).bus_bytes_per_s, 83.2e9);
  EXPECT_EQ(cuda_device_limits(0).sm_clock_hz, 1.3e9);
  EXPECT_EQ(record().memory_clock_max_hz, 1.3e9);
}

TEST_F(DescribeCuda, OfAnIntegratedGpuTheBusIsNotKnown) {
  of_the_gpu.integrated = true;
  EXPECT_EQ(cuda_device_limits(0).bus_bytes_per_s, std::nullopt);
  EXPECT_EQ(cuda_device_limits(0).sm_clock_hz, 1.3e9);
  EXPECT_EQ(record().memory_clock_max_hz, std::nullopt);
  EXPECT_EQ(record().sm_clock_max_hz, 1.3e9);
}

TEST_F(DescribeCuda, WhatAVirtualGpuHidesIsAbsent) {
  of_the_gpu.device.last_level_cache_bytes = 0;
  of_the_gpu.memory_clock_hz = 0;
  of_the_gpu.device.bandwidth_bytes_per_s = 0;
  EXPECT_EQ(record().last_level_cache_bytes, std::nullopt);
  EXPECT_EQ(record().memory_clock_max_hz, std::nullopt);
  EXPECT_EQ(cuda_device_limits(0).bus_bytes_per_s, std::nullopt);
}

TEST_F(DescribeCuda, WithoutCublasItsVersionIsAbsent) {
  SoftwareRecord software;
  describe_cuda_software(software);
  EXPECT_EQ(software.cublas, std::nullopt);
}

}  // namespace
}  // namespace bench
}  // namespace roofproof
