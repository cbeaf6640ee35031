// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The machine code of the decode kernels: no local memory, wide loads of weights in every main
// loop, and the tensor cores where they are meant to be. One test per library, for each
// disassembles it.
#include <gtest/gtest.h>

#include "kernels/cuda/linear/variant.h"
#include "tests/kernels/sass.h"

namespace roofproof::sass {
namespace {

class GemvSass : public SassTest {};

int count(const std::vector<Instruction>& body, const std::string& prefix,
          const std::string& part = "") {
  int found = 0;
  for (const Instruction& instruction : body) {
    found += instruction.is(prefix) && instruction.opcode.find(part) != std::string::npos;
  }
  return found;
}

// The innermost loops that hold an instruction that begins with `opcode`.
std::vector<std::vector<Instruction>> loops_with(const Function& function,
                                                 const std::string& opcode) {
  std::vector<std::vector<Instruction>> loops;
  for (const Instruction& branch : function.instructions) {
    if (!branch.target || *branch.target >= branch.address) continue;
    std::vector<Instruction> body;
    for (const Instruction& instruction : function.instructions) {
      if (instruction.address < *branch.target || instruction.address > branch.address) continue;
      body.push_back(instruction);
    }
    const bool outer = std::any_of(loops.begin(), loops.end(), [&](const auto& loop) {
      return loop.front().address >= body.front().address &&
             loop.back().address <= body.back().address;
    });
    if (!outer && count(body, opcode) > 0) loops.push_back(std::move(body));
  }
  return loops;
}

struct Kernel {
  bool tiled;
  bool tensor_cores;
};
// What a function is by its mangled name; nothing for helpers.
std::optional<Kernel> kernel_of(const Function& function) {
  std::smatch match;
  if (!std::regex_search(function.name, match,
                         std::regex(R"((skinny|tiled)_kernelILNS\d_7VariantE(\d))"
                                    R"(ELNS\d_12WeightFormatE(\d+)E)"))) {
    return std::nullopt;
  }
  return Kernel{match[1] == "tiled", match[2] != "0" && match[3] != "32"};
}

// Weights by way of registers: two units of four 16-byte loads before the main loop and two in it,
// read once (.NA: not kept in L1).
void expect_register_stream(const Function& function) {
  int wide = 0;
  for (const Instruction& instruction : function.instructions) {
    wide += instruction.is("LDG.") && instruction.opcode.find(".NA") != std::string::npos &&
            instruction.opcode.find(".128") != std::string::npos;
  }
  EXPECT_GE(wide, 16);
}

// Activations by way of registers: so many loads of 16 bytes before the first store that waits for
// one. STRONG.GPU tells them from weights.
void expect_loads_in_a_row(const Function& function, int least) {
  int most = 0;
  int loads = 0;
  for (const Instruction& instruction : function.instructions) {
    if (instruction.is("STS")) loads = 0;
    loads += instruction.is("LDG.E.128.STRONG.GPU");
    most = std::max(most, loads);
  }
  EXPECT_GE(most, least);
}

// Copied past the registers: nothing is waited for until all are on their way.
void expect_copies_in_a_row(const Function& function) {
  int copies = 0;
  bool waited = true;
  for (const Instruction& instruction : function.instructions) {
    copies += instruction.is("LDGSTS.E.BYPASS.LTC128B.128");
    if (instruction.is("LDGSTS")) waited = false;
    if (instruction.is("LDGDEPBAR")) waited = true;
    if (instruction.is("DEPBAR")) {
      EXPECT_TRUE(waited);
    }
  }
  EXPECT_GE(copies, 4);
}

void expect_tensor_core_loops(const Function& function, const std::string& opcode) {
  const auto loops = loops_with(function, "HMMA");
  EXPECT_FALSE(loops.empty());
  for (const auto& loop : loops) {
    EXPECT_EQ(count(loop, "HMMA"), count(loop, opcode));
    EXPECT_GT(count(loop, "LDSM"), 0);
  }
}

// Turing has no asynchronous copies: between a load of the tiled kernel's loop and its use lie the
// products of a stage, or half of them where it is X, which is put in shared memory in good time.
// Weights do not go there.
void expect_loads_ahead_of_products(const Function& function) {
  for (const auto& loop : loops_with(function, "HMMA")) {
    const int stage_products = count(loop, "HMMA") / count(loop, "BAR");
    int weights = 0;
    for (std::size_t i = 0; i < loop.size(); ++i) {
      if (!loop[i].is("LDG.") || loop[i].opcode.find(".128") == std::string::npos) continue;
      const Use use = first_use(loop, i, "HMMA");
      ASSERT_NE(use.instruction, nullptr);
      const bool x = use.instruction->is("STS");
      weights += x ? 0 : 1;
      EXPECT_GE(use.between, x ? stage_products / 2 : stage_products)
          << use.instruction->opcode << " at " << use.instruction->address;
    }
    EXPECT_GT(weights, 0);
    EXPECT_EQ(count(loop, "LDS."), 0);
  }
}

// As many blocks of a tiled kernel share an SM as variant.h counts on.
void expect_blocks_per_sm(const Function& function) {
  namespace linear = cuda::linear;
  std::smatch match;
  ASSERT_TRUE(
      std::regex_search(function.name, match,
                        std::regex(R"(VariantE(\d)ELNS\d_12WeightFormatE(\d+)ELi(\d+)ELi(\d+)E)")));
  const auto number = [&](std::size_t i) { return std::stoi(match[i]); };
  const int blocks = linear::tiled_blocks_per_sm(static_cast<linear::Variant>(number(1)),
                                                 static_cast<linear::WeightFormat>(number(2)),
                                                 {number(3), number(4)});
  int highest = 0;
  for (const Instruction& instruction : function.instructions) {
    for (const std::string& name : instruction.registers) {
      if (name != "RZ") highest = std::max(highest, std::stoi(name.substr(1)));
    }
  }
  const int used = highest + 1 + 2;  // ptxas keeps two that no instruction names
  EXPECT_LE(used, 65536 / linear::tiled_threads / blocks);
}

TEST_F(GemvSass, CudaCores) {
  int kernels = 0;
  for_each_function(SIMT_LIBRARY, [&](const Function& function) {
    expect_no_local_memory(function);
    if (!kernel_of(function)) return;
    ++kernels;
    expect_register_stream(function);
    expect_loads_in_a_row(function, 8);
    EXPECT_GT(function.count("FFMA"), 0);
    EXPECT_EQ(function.count("HMMA"), 0);
  });
  EXPECT_GT(kernels, 0);
}

TEST_F(GemvSass, Turing) {
  for_each_function(SM75_LIBRARY, [&](const Function& function) {
    expect_no_local_memory(function);
    const auto kernel = kernel_of(function);
    ASSERT_TRUE(kernel.has_value());
    expect_tensor_core_loops(function, "HMMA.1688");
    if (kernel->tiled) {
      expect_blocks_per_sm(function);
      expect_loads_ahead_of_products(function);
    } else {
      expect_register_stream(function);
      expect_loads_in_a_row(function, 8);
    }
  });
}

TEST_F(GemvSass, Ampere) {
  for_each_function(SM80_LIBRARY, [&](const Function& function) {
    expect_no_local_memory(function);
    const auto kernel = kernel_of(function);
    ASSERT_TRUE(kernel.has_value());
    expect_tensor_core_loops(function, "HMMA.16816");
    if (kernel->tiled) {
      expect_blocks_per_sm(function);
      EXPECT_GT(count(function.instructions, "LDGSTS", ".128"), 0);
    } else {
      expect_register_stream(function);
      expect_copies_in_a_row(function);
    }
  });
}

TEST_F(GemvSass, Hopper) {
  for_each_function(SM90_LIBRARY, [&](const Function& function) {
    expect_no_local_memory(function);
    const auto kernel = kernel_of(function);
    ASSERT_TRUE(kernel.has_value());
    // It waits for its predecessor and lets its successor begin.
    EXPECT_GT(function.count("ACQBULK"), 0);
    EXPECT_GT(function.count("PREEXIT"), 0);
    if (kernel->tensor_cores) expect_tensor_core_loops(function, "HMMA.16816");
    if (kernel->tiled) {
      expect_blocks_per_sm(function);
      EXPECT_GT(count(function.instructions, "LDGSTS", ".128"), 0);
    } else {
      EXPECT_GT(function.count("UBLKCP"), 0);
      if (kernel->tensor_cores) {
        expect_copies_in_a_row(function);
      } else {
        expect_loads_in_a_row(function, 8);
      }
      EXPECT_GT(function.count("SYNCS.PHASECHK"), 0);
      EXPECT_GE(count(function.instructions, "LDS", ".128"), 2);
    }
  });
}

}  // namespace
}  // namespace roofproof::sass
