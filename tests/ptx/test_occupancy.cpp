// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/ptx/runtime/occupancy.h"

namespace roofproof::ptx::runtime {
namespace {

const PlayedDevice& device(int compute_capability) {
  for (const PlayedDevice& d : played_devices) {
    if (d.compute_capability == compute_capability) return d;
  }
  throw std::out_of_range("no such GPU");
}

struct Row {
  int t4, a100, h100;  // resident blocks
  int threads, registers;
  std::size_t shared_bytes;
};

// By hand, from the tables "Compute Capabilities" of the CUDA C++ Programming Guide.
TEST(Occupancy, OfT4A100AndH100) {
  constexpr Row rows[] = {
      {8, 16, 16, 128, 0, 0},        // 1024 and 2048 threads
      {16, 32, 32, 32, 0, 0},        // 16 and 32 blocks
      {1, 2, 2, 1024, 0, 0},         //
      {1, 2, 2, 993, 0, 0},          // 32 warps all the same
      {10, 21, 21, 96, 0, 0},        // 32 and 64 warps by 3
      {8, 16, 16, 128, 32, 0},       // 1024 registers per warp: 64 warps
      {8, 12, 12, 128, 33, 0},       // 1056 take 1280: 12 warps in each quarter
      {8, 8, 8, 128, 64, 0},         // 2048: 32 warps
      {2, 2, 2, 256, 128, 0},        // 4096: 16 warps
      {1, 1, 1, 256, 255, 0},        // 8160 take 8192: 8 warps
      {0, 0, 0, 512, 255, 0},        //
      {1, 3, 4, 128, 0, 48 * 1024},  // 65536, 167936, 233472 by 49152 (and 1024 on 8.0 and 9.0)
      {1, 2, 3, 128, 0, 64 * 1024},  //
      {15, 32, 32, 32, 0, 4100},     // take 4352 on 7.5, 5248 (5124) on the others
      {14, 30, 32, 32, 0, 4386},     // take 4608; 5504 (5410)
      {12, 27, 32, 32, 0, 4990},     // take 5120 (4992 in units of 128); 6016
      {16, 24, 24, 64, 33, 0},       // 48 warps, as above: 51 without the quarters
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(testing::Message() << row.threads << " threads, " << row.registers
                                    << " registers, " << row.shared_bytes << " bytes");
    EXPECT_EQ(resident_blocks(device(75), row.threads, row.registers, row.shared_bytes), row.t4);
    EXPECT_EQ(resident_blocks(device(80), row.threads, row.registers, row.shared_bytes), row.a100);
    EXPECT_EQ(resident_blocks(device(90), row.threads, row.registers, row.shared_bytes), row.h100);
  }
}

TEST(Occupancy, RegistersOfOneBlock) {
  EXPECT_TRUE(registers_suffice(1024, 64));
  EXPECT_FALSE(registers_suffice(1024, 65));
  EXPECT_TRUE(registers_suffice(256, 255));
  EXPECT_FALSE(registers_suffice(257, 255));  // a ninth warp
  EXPECT_TRUE(registers_suffice(1024, 0));    // unknown
}

}  // namespace
}  // namespace roofproof::ptx::runtime
