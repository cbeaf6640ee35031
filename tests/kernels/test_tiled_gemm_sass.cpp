// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The machine code of the tiled GEMM kernels: each generation's own products, operands by 16-byte
// accesses, nothing in local memory, and main loops that do little else than multiply.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/kernels/sass.h"

namespace roofproof::sass {
namespace {

class TiledGemmSass : public SassTest {};

// The last template argument: whether rows are multiples of 16 bytes.
bool aligned(const Function& function) { return named(function, "ELb1EEEv"); }

TEST_F(TiledGemmSass, NothingLivesInLocalMemory) {
  for (const char* library : {SIMT_LIBRARY, SM75_LIBRARY, SM80_LIBRARY}) {
    for_each_function(library, [](const Function& function) {
      EXPECT_FALSE(function.instructions.empty());
      EXPECT_EQ(function.count("LDL"), 0);
      EXPECT_EQ(function.count("STL"), 0);
    });
  }
}

TEST_F(TiledGemmSass, AmpereMultipliesInItsOwnSizeAndCopiesPastTheRegisters) {
  for_each_function(SM80_LIBRARY, [](const Function& function) {
    const bool fp16 = named(function, "Fp16");
    EXPECT_EQ(function.count("HMMA.16816.F32") > 0, fp16);
    EXPECT_EQ(function.count("IMMA.16832.S8.S8") > 0, !fp16);
    EXPECT_EQ(function.count("HMMA.1688"), 0);
    EXPECT_EQ(function.count("IMMA.8816"), 0);
    EXPECT_GT(function.count("LDSM.16.M88.4"), 0);
    EXPECT_EQ(function.count("LDGSTS.E.BYPASS.LTC128B.128") > 0, aligned(function));
  });
}

TEST_F(TiledGemmSass, TuringMultipliesInItsOwnSizeAndCopiesThroughRegisters) {
  for_each_function(SM75_LIBRARY, [](const Function& function) {
    if (named(function, "TensorMath")) {
      const bool fp16 = named(function, "Fp16");
      EXPECT_EQ(function.count("HMMA.1688.F32") > 0, fp16);
      EXPECT_EQ(function.count("IMMA.8816.S8.S8") > 0, !fp16);
      EXPECT_GT(function.count("LDSM.16.M88.4"), 0);
    }
    EXPECT_TRUE(named(function, "TensorMath") || named(function, "SimtMath"));
    EXPECT_EQ(function.count("LDGSTS"), 0);
    EXPECT_GT(function.count("STS.128"), 0);
    EXPECT_EQ(function.count("LDG.E.128.CONSTANT") > 0, aligned(function));
  });
}

TEST_F(TiledGemmSass, Fp32IsNeverMultipliedOnTensorCores) {
  int seen = 0;
  const auto check = [&](const Function& function) {
    if (!named(function, "SimtMath")) return;
    ++seen;
    EXPECT_GT(function.count("FFMA"), 0);
    EXPECT_EQ(function.count("HMMA"), 0);
    EXPECT_GT(function.count("LDS"), 0);
  };
  for_each_function(SIMT_LIBRARY, check);
  EXPECT_GT(seen, 0);
  for_each_function(SM75_LIBRARY, check);
}

// Of the instructions of a stage of the 64x64 warp tiles: 32 products for every 32 bytes of K, with
// 8 fragment loads; one barrier. A product takes 4 (IMMA.8816) to 8 clocks of a tensor core, to
// which one instruction per clock is issued: half of the slots is more than enough.
TEST_F(TiledGemmSass, LargeTensorTilesSpendHalfOfTheirInstructionsOnProducts) {
  int seen = 0;
  for (const char* library : {SM75_LIBRARY, SM80_LIBRARY}) {
    for_each_function(library, [&](const Function& function) {
      if (!named(function, "Large") && !named(function, "Wide")) return;
      if (named(function, "SimtMath")) return;
      ++seen;
      const std::string opcode = named(function, "Fp16") ? "HMMA" : "IMMA";
      const Function loop = shortest_loop(function, opcode);
      const int steps = named(function, "Sm80Large") ? 4 : 2;
      const int products = loop.count(opcode);
      const int per_step = library == std::string(SM80_LIBRARY) ? 32 : opcode == "HMMA" ? 64 : 128;
      EXPECT_EQ(products, steps * per_step);
      EXPECT_EQ(loop.count("LDSM"), steps * 8);
      EXPECT_EQ(loop.count("BAR"), 1);
      EXPECT_GE(2.3 * products, static_cast<double>(loop.instructions.size()));
    });
  }
  EXPECT_GT(seen, 0);
}

// Where FFMA needs every issue slot, what else is in the loop is lost. A stage is 4 steps of 512
// multiply-adds and 24 loads (16 x 8 per thread) or 256 and 16 (8 x 8), at best 95.5 and 94.1 %;
// its copies, its barrier and the loop itself are 3 to 4 % more.
TEST_F(TiledGemmSass, Fp32TilesMultiplyNineTimesInTen) {
  int seen = 0;
  const auto expect_share = [&](const Function& function, int multiply_adds, int loads,
                                double share) {
    ++seen;
    const Function loop = shortest_loop(function, "FFMA");
    EXPECT_EQ(loop.count("FFMA"), multiply_adds);
    EXPECT_EQ(loop.count("LDS.128"), loads);
    EXPECT_GE(multiply_adds, share * static_cast<double>(loop.instructions.size()));
  };
  for_each_function(SIMT_LIBRARY, [&](const Function& function) {
    if (named(function, "SimtLarge")) expect_share(function, 2048, 96, 0.92);
    if (named(function, "SimtMedium")) expect_share(function, 1024, 64, 0.89);
  });
  EXPECT_GT(seen, 0);
}

}  // namespace
}  // namespace roofproof::sass
