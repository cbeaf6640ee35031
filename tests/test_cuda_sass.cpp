// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The machine code of the memory and peak kernels: what the measured ceilings rest on. A library is
// looked at in all machine code that it was built with.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sass.h"

namespace roofproof::sass {
namespace {

class CudaSass : public SassTest {};

TEST_F(CudaSass, NothingLivesInLocalMemory) {
  for (const char* library : {BASE_LIBRARY, MEMORY_LIBRARY, BULK_LIBRARY, PEAK_LIBRARY}) {
    int functions = 0;
    for_each_function(library, [&](const Function& function) {
      ++functions;
      EXPECT_FALSE(function.instructions.empty());
      EXPECT_EQ(function.count("LDL"), 0);
      EXPECT_EQ(function.count("STL"), 0);
    });
    EXPECT_TRUE(functions > 0 || library == std::string(BULK_LIBRARY)) << library;
  }
}

// The registers that a 16-byte load into `first` fills.
std::set<std::string> quad(const std::string& first) {
  const int number = std::stoi(first.substr(1));
  std::set<std::string> registers;
  for (int i = number; i < number + 4; ++i)
    registers.insert(std::string("R").append(std::to_string(i)));
  return registers;
}

// How many 16-byte loads are asked for before anything uses what the first of them brings.
int loads_before_use(const Function& function) {
  std::set<std::string> pending;
  int loads = 0;
  for (const Instruction& instruction : function.instructions) {
    const bool load = instruction.is("LDG") && instruction.opcode.find(".128") != std::string::npos;
    const auto& registers = instruction.registers;
    if (std::any_of(registers.begin(), registers.end(),
                    [&](const std::string& name) { return pending.count(name) > 0; })) {
      break;
    }
    if (load) {
      ++loads;
      pending.merge(quad(registers.at(0)));
    }
  }
  return loads;
}

TEST_F(CudaSass, VectorLoopAsksForAllOfATileFirst) {
  // read 1, copy 2, triad 3, as Op counts them; loads per array.
  const std::regex kernel(R"(vector_kernelILNS_2OpE(\d)ELi(\d)EE)");
  int kernels = 0;
  for_each_function(MEMORY_LIBRARY, [&](const Function& function) {
    std::smatch match;
    ASSERT_TRUE(std::regex_search(function.name, match, kernel));
    ++kernels;
    const bool triad = match[1] == "3";
    EXPECT_EQ(loads_before_use(function), std::stoi(match[2]) * (triad ? 2 : 1));
    if (match[1] != "1") {
      EXPECT_GT(function.count("STG.E.EF.128"), 0);
    }
  });
  EXPECT_GT(kernels, 0);
}

TEST_F(CudaSass, PeakLoopIsFusedMultiplyAdd) {
  int kernels = 0;
  for_each_function(PEAK_LIBRARY, [&](const Function& function) {
    if (function.name.find("peak_fp32_kernel") == std::string::npos) return;
    ++kernels;
    for (const Instruction& branch : function.instructions) {
      if (!branch.target || *branch.target >= branch.address) continue;
      int multiply_adds = 0;
      int others = 0;
      for (const Instruction& instruction : function.instructions) {
        if (instruction.address < *branch.target || instruction.address > branch.address) continue;
        ++(instruction.opcode == "FFMA" ? multiply_adds : others);
      }
      EXPECT_EQ(multiply_adds, 512);
      EXPECT_LE(others, 4);
      return;
    }
    ADD_FAILURE() << "no loop";
  });
  EXPECT_GT(kernels, 0);
}

// On GPUs that have a copy engine in each SM; a build for an older one alone holds PTX only.
TEST_F(CudaSass, RingMovesInBulk) {
  if (architectures(CUOBJDUMP, BULK_LIBRARY).empty()) GTEST_SKIP() << "not built for 9.0";
  int kernels = 0;
  for_each_function(BULK_LIBRARY, [&](const Function& function) {
    std::smatch match;
    ASSERT_TRUE(std::regex_search(function.name, match, std::regex(R"(bulk_kernelILNS_2OpE(\d))")));
    ++kernels;
    const bool read = match[1] == "1";
    const bool copy = match[1] == "2";
    EXPECT_GT(function.count("UBLKCP.S.G"), 0);
    EXPECT_EQ(function.count("UBLKCP.G.S") > 0, !read);
    EXPECT_GT(function.count("SYNCS.PHASECHK"), 0);
    EXPECT_EQ(function.count("LDS.128") > 0, !copy);
    EXPECT_EQ(function.count("LDG.E.128"), 0);
  });
  EXPECT_EQ(kernels, 3);
}

}  // namespace
}  // namespace roofproof::sass
