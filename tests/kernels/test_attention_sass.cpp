// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The machine code of attention: no local memory, 16-byte loads of whatever comes from DRAM, tensor
// cores. (The projections' is test_gemv_sass.)
#include <gtest/gtest.h>

#include "tests/kernels/sass.h"

namespace roofproof::sass {
namespace {

class AttentionSass : public SassTest {};

bool causal(const Function& function) { return named(function, "causal"); }
int head_dim(const Function& function) { return named(function, "ILi128E") ? 128 : 64; }

// Turing has no asynchronous copies: in the main loop at least `products` lie between each of the
// `loads` of 16 bytes and its use.
void expect_loads_ahead_of_products(const Function& function, int loads, int products) {
  const std::vector<Instruction> loop = shortest_loop(function, "HMMA").instructions;
  int found = 0;
  for (std::size_t i = 0; i < loop.size(); ++i) {
    if (!loop[i].is("LDG.") || loop[i].opcode.find(".128") == std::string::npos) continue;
    ++found;
    const Use use = first_use(loop, i, "HMMA.1688");
    ASSERT_NE(use.instruction, nullptr);
    EXPECT_GE(use.between, products)
        << use.instruction->opcode << " at " << use.instruction->address;
  }
  EXPECT_EQ(found, loads);
}

TEST_F(AttentionSass, WideLoadsAndTensorCores) {
  int kernels = 0;
  for (const std::string& architecture : architectures(CUOBJDUMP, ATTENTION_LIBRARY)) {
    for (const Function& function : disassemble(CUOBJDUMP, ATTENTION_LIBRARY, architecture)) {
      if (causal(function)) continue;
      SCOPED_TRACE(architecture + ": " + function.name);
      ++kernels;
      expect_no_local_memory(function);
      const int dim = head_dim(function);
      // A step of keys is 16 x head_dim FP16, 16 bytes for each of 32 lanes at a time; one before
      // the loop (where the newest token may be among them, and where not) and one in it.
      const int step_loads = 16 * dim * 2 / (32 * 16);
      EXPECT_GE(count(function, "LDG.", ".128"), 3 * step_loads);
      // Values by way of shared memory: asynchronous copies where there are any.
      if (architecture == "sm_75") {
        EXPECT_GE(count(function, "STS", ".128"), step_loads);
        EXPECT_GE(function.count("HMMA.1688"), 2 * (dim / 16 + dim / 16));
        expect_loads_ahead_of_products(function, 2 * step_loads, 2 * (dim / 16 + dim / 16));
      } else {
        EXPECT_GE(count(function, "LDGSTS", ".128"), 2 * step_loads);
        EXPECT_GE(function.count("HMMA.16816"), dim / 16 + dim / 16);
      }
      EXPECT_GE(count(function, "LDSM", "MT88.4"), dim / 16);
      EXPECT_EQ(function.count("ACQBULK") > 0, architecture == "sm_90");
    }
  }
  EXPECT_EQ(kernels, 3 * 4);  // generations x head sizes x activations
}

TEST_F(AttentionSass, CausalTilesByTensorCores) {
  int kernels = 0;
  for (const std::string& architecture : architectures(CUOBJDUMP, ATTENTION_LIBRARY)) {
    for (const Function& function : disassemble(CUOBJDUMP, ATTENTION_LIBRARY, architecture)) {
      if (!causal(function)) continue;
      SCOPED_TRACE(architecture + ": " + function.name);
      ++kernels;
      expect_no_local_memory(function);
      const int dim = head_dim(function);
      // A warp has 32 queries: 4 products of 16 x 8 x 16 for each 16 tokens and 16 dims, for scores
      // and for values; a tile is 32 tokens.
      const int products = 2 * 4 * (32 / 16) * (dim / 16);
      EXPECT_EQ(function.count("HMMA.1688"), architecture == "sm_75" ? 2 * products : 0);
      EXPECT_EQ(function.count("HMMA.16816"), architecture == "sm_75" ? 0 : products);
      // Operands: four matrices of 8 x 8 at once.
      EXPECT_EQ(count(function, "LDSM", "M88.4"), (32 + 32) / 16 * (dim / 16));
      EXPECT_EQ(count(function, "LDSM", "MT88.4"), 32 / 16 * (dim / 16));
      // 128 threads copy the queries, a tile of values, and one of keys before the loop and in it.
      const int tile_copies = 32 * dim * 2 / 16 / 128;
      const int copies = 4 * tile_copies + 3 * tile_copies;
      if (architecture == "sm_75") {
        EXPECT_EQ(count(function, "LDG.", "128"), copies);
        // Keys are put in their place in the loop alone.
        EXPECT_EQ(count(function, "STS", "128"), copies - tile_copies);
        expect_loads_ahead_of_products(function, 2 * tile_copies, products);
      } else {
        EXPECT_EQ(count(function, "LDGSTS", "128"), copies);
      }
      EXPECT_EQ(function.count("LDG."), count(function, "LDG.", "128"));
      EXPECT_EQ(function.count("STG."), count(function, "STG.", "128"));
      EXPECT_EQ(function.count("ACQBULK") > 0, architecture == "sm_90");
    }
  }
  EXPECT_EQ(kernels, 3 * 2);  // generations x head sizes
}

}  // namespace
}  // namespace roofproof::sass
