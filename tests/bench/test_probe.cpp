// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/lead/probe.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <initializer_list>

namespace roofproof::bench {
namespace {

namespace fs = std::filesystem;

bool gpu_among(std::initializer_list<const char*> files) {
  std::string pattern = testing::TempDir() + "probe-XXXXXX";
  const fs::path root = ::mkdtemp(pattern.data());
  for (const char* file : files) {
    fs::create_directories((root / file).parent_path());
    std::ofstream(root / file) << "";
  }
  const bool found = machine_has_nvidia_gpu(root);
  fs::remove_all(root);
  return found;
}

TEST(Probe, NvidiasGpuIsSeenWithoutADriverThatWorks) {
  EXPECT_TRUE(gpu_among({"dev/nvidia0"}));
  EXPECT_TRUE(gpu_among({"proc/driver/nvidia/gpus/0000:01:00.0/information"}));
  EXPECT_FALSE(gpu_among({"dev/null"}));
}

// Intel's or AMD's GPU under WSL2: the CPU is measured, as without any.
TEST(Probe, UnderWindowsAGpuIsNvidiasWhereItsLibraryIs) {
  EXPECT_FALSE(gpu_among({"dev/dxg"}));
  EXPECT_FALSE(gpu_among({"dev/dxg", "usr/lib/wsl/lib/libd3d12.so"}));
  EXPECT_TRUE(gpu_among({"dev/dxg", "usr/lib/wsl/lib/libcuda.so.1"}));
  EXPECT_FALSE(gpu_among({"usr/lib/wsl/lib/libcuda.so.1"}));
}

}  // namespace
}  // namespace roofproof::bench
