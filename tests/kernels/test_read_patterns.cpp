// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The ways to read memory on the CPU: each reads everything once, and the fastest is taken.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <thread>
#include <vector>

#include "kernels/host/stream.h"

namespace roofproof::host {
namespace {

TEST(ReadPatterns, EachReadsEveryElementOnce) {
  const StreamKernels kernels = stream_kernels();
  for (const std::int64_t count : {1, 63, 64, 65, 511, 512, 513, 1023, 4099, 100003}) {
    std::vector<std::uint32_t> values(static_cast<std::size_t>(count));
    std::uint32_t expected = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<std::uint32_t>(0x9e3779b97f4a7c15U * (i + 1) >> 32);
      expected += values[i];
    }
    for (const ReadPattern& pattern : kernels.reads) {
      EXPECT_EQ(pattern.sum(values.data(), count), expected) << pattern.name << ", " << count;
    }
  }
}

TEST(ReadPatterns, TheFastestIsTaken) {
  const StreamKernels kernels = stream_kernels();
  for (const ReadPattern& fast : kernels.reads) {
    std::map<std::string, int> passes;
    int next = 0;
    const ReadPattern taken = fastest_read(kernels, [&](const ReadPattern& pattern, int pass) {
      EXPECT_EQ(pass, next++);
      ++passes[pattern.name];
      if (pattern.sum != fast.sum) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    });
    EXPECT_STREQ(taken.name, fast.name);
    EXPECT_EQ(passes.size(), kernels.reads.size());
    EXPECT_THAT(passes, testing::Each(testing::Pair(testing::_, 3)));
  }
}

}  // namespace
}  // namespace roofproof::host
