// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What ptx_cases relies on to say that everything ran, and to say what did not.

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <set>
#include <stdexcept>

#include "tests/ptx/cases/covering.h"
#include "tests/ptx/cases/executed.h"
#include "tests/ptx/cases/processes.h"

namespace roofproof::ptx::cases {
namespace {

using testing::HasSubstr;

TEST(CoveringPairs, TakeEachShapeInOneModeMoreWhereItIsNotThere) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs = {{0, 1}, {1, 2}, {2, 0}};
  add_mode(pairs, 3, 2);
  EXPECT_THAT(pairs,
              testing::ElementsAre(testing::Pair(0, 1), testing::Pair(1, 2), testing::Pair(2, 0),
                                   testing::Pair(0, 2), testing::Pair(2, 2)));
}

TEST(CoveringPairs, HaveEveryShapeAndEveryModeAndInAllTurnsEveryPair) {
  for (const std::size_t shapes : {1, 3, 6, 11}) {
    for (const std::size_t modes : {1, 4, 6}) {
      std::set<std::pair<std::size_t, std::size_t>> of_all_turns;
      for (std::size_t turn = 0; turn < modes; ++turn) {
        std::set<std::size_t> seen_shapes;
        std::set<std::size_t> seen_modes;
        for (const auto& [shape, mode] : covering_pairs(shapes, modes, turn)) {
          seen_shapes.insert(shape);
          seen_modes.insert(mode);
          of_all_turns.emplace(shape, mode);
        }
        EXPECT_EQ(seen_shapes.size(), shapes);
        EXPECT_EQ(*seen_shapes.rbegin(), shapes - 1);
        EXPECT_EQ(seen_modes.size(), modes);
        EXPECT_EQ(*seen_modes.rbegin(), modes - 1);
      }
      EXPECT_EQ(of_all_turns.size(), shapes * modes);
      EXPECT_EQ(all_pairs(shapes, modes).size(), shapes * modes);
    }
  }
}

TEST(Processes, WhatEndsATestIsToldAndCostsNoOther) {
  const std::vector<std::function<std::string()>> tests = {
      [] { return ""; },
      [] { return "c[0, 3] is 1"; },
      []() -> std::string { throw std::runtime_error("illegal address"); },
      []() -> std::string { std::abort(); },
      []() -> std::string { ::_exit(3); },
      []() -> std::string {
        for (;;) ::pause();
      },
      [] { return ""; },
  };
  std::vector<std::string> messages(tests.size(), "never ended");
  run_in_processes(tests, 2, 1, [&](std::size_t test, const Outcome& outcome) {
    messages[test] = outcome.message;
  });
  EXPECT_EQ(messages[0], "");
  EXPECT_EQ(messages[1], "c[0, 3] is 1");
  EXPECT_EQ(messages[2], "fault: illegal address");
  EXPECT_EQ(messages[3], "crash: Aborted");
  EXPECT_EQ(messages[4], "crash: exit code 3");
  EXPECT_EQ(messages[5], "hang: did not end in time");
  EXPECT_EQ(messages[6], "");
}

TEST(Executed, FileIsNamedAfterTheGpuAndDifferencesAreToldBothWays) {
  const std::filesystem::path folder = testing::TempDir();
  const auto file = executed_file(folder, "NVIDIA A100-SXM4-40GB (PTX machine)");
  EXPECT_EQ(file, folder / "A100.txt");
  EXPECT_EQ(executed_file(folder, "Tesla T4 (PTX machine)"), folder / "T4.txt");
  write_rows(file, {"copy/fp32/vector", "gemm/fp16/mma_sm80"});
  EXPECT_EQ(difference_to_file(file, {"gemm/fp16/mma_sm80", "copy/fp32/vector"}), "");
  const std::string difference = difference_to_file(file, {"copy/fp32/vector", "read/fp32/vector"});
  EXPECT_THAT(difference, HasSubstr("not executed: gemm/fp16/mma_sm80\n"));
  EXPECT_THAT(difference, HasSubstr("not in the file: read/fp32/vector\n"));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace roofproof::ptx::cases
