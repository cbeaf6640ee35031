// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The machine code of the memory and peak kernels: what the measured ceilings rest on. A library is
// looked at in all machine code that it was built with.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/kernels/sass.h"

namespace roofproof::sass {
namespace {

class CudaSass : public SassTest {};

TEST_F(CudaSass, NothingLivesInLocalMemory) {
  for (const char* library : {BASE_LIBRARY, TIMING_LIBRARY, MEMORY_LIBRARY, BULK_LIBRARY,
                              PEAK_LIBRARY, PEAK_SM75_LIBRARY, PEAK_SM80_LIBRARY}) {
    for_each_function(library, [](const Function& function) {
      EXPECT_FALSE(function.instructions.empty());
      EXPECT_EQ(function.count("LDL"), 0);
      EXPECT_EQ(function.count("STL"), 0);
    });
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
    const Function loop = shortest_loop(function, "FFMA");
    EXPECT_EQ(loop.count("FFMA"), 512);
    EXPECT_LE(loop.instructions.size(), 512u + 4);
  });
  EXPECT_GT(kernels, 0);
}

// How many instructions follow one, in the loop run round, before its destination is an operand
// again: the fewest. The products here read and write their sums in the same registers.
int products_between_uses(const std::vector<Instruction>& loop, const std::string& opcode) {
  std::vector<std::string> sums;
  for (int round = 0; round < 2; ++round) {
    for (const Instruction& instruction : loop) {
      if (instruction.is(opcode)) sums.push_back(instruction.registers.at(0));
    }
  }
  int fewest = static_cast<int>(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto again = std::find(sums.begin() + static_cast<long>(i) + 1, sums.end(), sums[i]);
    if (again == sums.end()) continue;
    fewest = std::min(fewest, static_cast<int>(again - sums.begin() - static_cast<long>(i)));
  }
  return fewest;
}

// Registers only, each generation's own instruction, and every sum left alone while 15 others and
// more are worked on.
TEST_F(CudaSass, TensorPeakLoopsAreProductsAlone) {
  int kernels = 0;
  for (const char* library : {PEAK_SM75_LIBRARY, PEAK_SM80_LIBRARY}) {
    const bool turing = library == std::string(PEAK_SM75_LIBRARY);
    for_each_function(library, [&](const Function& function) {
      ++kernels;
      const bool fp16 = function.name.find("Fp16") != std::string::npos;
      const std::string opcode = turing ? (fp16 ? "HMMA.1688.F32" : "IMMA.8816.S8.S8")
                                        : (fp16 ? "HMMA.16816.F32" : "IMMA.16832.S8.S8");
      const Function loop = shortest_loop(function, opcode);
      // 2 x 16 tiles, each one instruction of Ampere, two or four of Turing.
      const int products = 32 * (turing ? (fp16 ? 2 : 4) : 1);
      EXPECT_EQ(loop.count(opcode), products);
      EXPECT_LE(static_cast<int>(loop.instructions.size()), products + 4);
      EXPECT_GE(products_between_uses(loop.instructions, opcode), 16);
    });
  }
  EXPECT_GT(kernels, 0);
}

// On GPUs that have a copy engine in each SM.
TEST_F(CudaSass, RingMovesInBulk) {
  if (machine_code(BULK_LIBRARY).empty()) return;
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
