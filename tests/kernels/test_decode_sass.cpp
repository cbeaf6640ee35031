// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The machine code of the decode step's small kernels and of the ladder's sweeps: no local memory,
// 16-byte loads of weights, tensor cores where they multiply.
#include <gtest/gtest.h>

#include <cstddef>

#include "kernels/cuda/decode/sweep_job.h"
#include "tests/kernels/sass.h"

namespace roofproof::sass {
namespace {

class DecodeSass : public SassTest {
 protected:
  static void expect_sweeps(const std::string& library, int formats);
  static void expect_own_parameters(const Function& function, const std::string& architecture,
                                    bool multiplies);
};

// No sweep reads what stands behind the count, and each leaves alone what only the other uses. A
// compiler that takes the walk for a copy of the job (sweep.cuh) has the walk's members there.
void DecodeSass::expect_own_parameters(const Function& function, const std::string& architecture,
                                       bool multiplies) {
  using cuda::decode::SweepJob;
  const auto reads = [&](std::size_t begin, std::size_t end) {
    return reads_parameters(function, architecture, begin, end);
  };
  constexpr std::size_t padding = offsetof(SweepJob, count) + sizeof(SweepJob::count);
  EXPECT_TRUE(reads(offsetof(SweepJob, matrices), offsetof(SweepJob, count)));
  EXPECT_TRUE(reads(offsetof(SweepJob, count), padding));
  EXPECT_FALSE(reads(padding, offsetof(SweepJob, x)));
  EXPECT_EQ(reads(offsetof(SweepJob, x), offsetof(SweepJob, folded)), multiplies);
  EXPECT_EQ(reads(offsetof(SweepJob, folded), offsetof(SweepJob, ring_units)), !multiplies);
}

void DecodeSass::expect_sweeps(const std::string& library, int formats) {
  for (const std::string& architecture : machine_code(library)) {
    int sweeps = 0;
    for (const Function& function : disassemble(CUOBJDUMP, library, architecture)) {
      SCOPED_TRACE(architecture + ": " + function.name);
      expect_no_local_memory(function);
      if (!named(function, "sweep_kernel")) continue;
      ++sweeps;
      const bool multiplies = named(function, "ELb1E");
      const bool fp32 = named(function, "FormatE32E");
      if (named(function, "VariantE3E")) {
        EXPECT_GT(function.count("UBLKCP"), 0);
        EXPECT_GE(count(function, "LDS", ".128"), 4);
      } else {
        // Two units of four loads each before the loop and in it, not kept in L1.
        int wide = 0;
        for (const Instruction& instruction : function.instructions) {
          wide += instruction.is("LDG.") && instruction.opcode.find(".NA") != std::string::npos &&
                  instruction.opcode.find(".128") != std::string::npos;
        }
        EXPECT_GE(wide, 16);
      }
      EXPECT_EQ(function.count("HMMA") > 0, multiplies && !fp32);
      expect_own_parameters(function, architecture, multiplies);
    }
    EXPECT_EQ(sweeps, 2 * formats);  // streaming and multiplying
  }
}

TEST_F(DecodeSass, SweepsOnCudaCores) { expect_sweeps(SIMT_LIBRARY, 1); }
TEST_F(DecodeSass, SweepsOnTuring) { expect_sweeps(SM75_LIBRARY, 3); }
TEST_F(DecodeSass, SweepsOnAmpere) { expect_sweeps(SM80_LIBRARY, 3); }
TEST_F(DecodeSass, SweepsOnHopper) { expect_sweeps(SM90_LIBRARY, 4); }

}  // namespace
}  // namespace roofproof::sass
