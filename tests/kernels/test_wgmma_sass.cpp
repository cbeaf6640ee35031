// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The machine code of the wgmma kernels: that the products run asynchronously, from registers and
// shared memory alone, and that nothing in the main loop waits for memory.

#include <gtest/gtest.h>

#include <optional>
#include <regex>
#include <string>

#include "kernels/cuda/gemm/wgmma_sm90_skinny_config.h"
#include "kernels/cuda/gemm/wgmma_sm90_tile_config.h"
#include "tests/kernels/sass.h"

namespace roofproof::sass {
namespace {

namespace wgmma = cuda::wgmma_sm90;

class WgmmaSass : public SassTest {
 protected:
  void SetUp() override {
    SassTest::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) machine_code(WGMMA_LIBRARY);
  }
};

bool fp16(const Function& function) { return function.name.find("Fp16") != std::string::npos; }

Function product_loop(const Function& function) {
  return shortest_loop(function, fp16(function) ? "HGMMA" : "IGMMA");
}

// A loop that issues `products` per batch and `batches` batches, and waits once for each, for the
// one before. A wait more would mean that ptxas has serialised the products.
void expect_asynchronous_loop(const Function& function, int batches, int products) {
  const Function loop = product_loop(function);
  ASSERT_FALSE(loop.instructions.empty());
  EXPECT_EQ(loop.count("HGMMA") + loop.count("IGMMA"), batches * products);
  EXPECT_EQ(loop.count("WARPGROUP.ARRIVE"), batches);
  EXPECT_EQ(loop.count("WARPGROUP.DEPBAR"), batches);
  // A fence that waits for memory: what an arrival with a cluster-wide release brings.
  EXPECT_EQ(loop.count("MEMBAR"), 0);
  EXPECT_EQ(loop.count("R2UR"), 0);  // descriptors come from uniform registers
  // 14 per product or fewer: of the 32 to 128 clocks that one takes on each of 4 schedulers.
  EXPECT_LE(static_cast<int>(loop.instructions.size()), batches * products * 14);
}

void expect_products_of(const Function& function) {
  EXPECT_EQ(function.count("HGMMA") > 0, fp16(function));
  EXPECT_EQ(function.count("IGMMA") > 0, !fp16(function));
  EXPECT_EQ(function.count("LDL"), 0);
  EXPECT_EQ(function.count("STL"), 0);
}

std::optional<int> configuration(const Function& function, const std::string& kernel) {
  std::smatch match;
  const std::regex name(kernel + R"(I.*ElementELi(\d+)E)");
  if (!std::regex_search(function.name, match, name)) return std::nullopt;
  return std::stoi(match[1]);
}

TEST_F(WgmmaSass, TileKernelsNeverWaitForWhatTheyHaveJustIssued) {
  int kernels = 0;
  for_each_function(WGMMA_LIBRARY, [&](const Function& function) {
    const std::optional<int> index = configuration(function, "wgmma_sm90_tile");
    if (!index) return;
    ++kernels;
    const wgmma::TileConfig& config = wgmma::tile_configs[*index];
    expect_products_of(function);
    expect_asynchronous_loop(function, 1, 4 * wgmma::consumer_rows(config) / 64);
    EXPECT_EQ(function.count("UTMALDG"), 2);
    EXPECT_EQ(function.count("UTMALDG.2D.MULTICAST"), wgmma::cluster_blocks(config) > 1 ? 1 : 0);
    EXPECT_GT(function.count("UTMASTG"), 0);
    EXPECT_EQ(function.count("STSM") > 0, fp16(function));
    EXPECT_EQ(function.count("USETMAXREG"), 2);
  });
  EXPECT_EQ(kernels, 2 * wgmma::tile_config_count);
}

TEST_F(WgmmaSass, SkinnyKernelsNeverWaitForWhatTheyHaveJustIssued) {
  int kernels = 0;
  for_each_function(WGMMA_LIBRARY, [&](const Function& function) {
    const std::optional<int> index = configuration(function, "wgmma_sm90_skinny");
    if (!index) return;
    ++kernels;
    const wgmma::SkinnyConfig& config = wgmma::skinny_configs[*index];
    expect_products_of(function);
    expect_asynchronous_loop(function, 1,
                             4 * config.stage_pieces * wgmma::consumer_rows(config) / 64);
    EXPECT_EQ(function.count("UTMALDG"), 2 * config.stage_pieces);
    // Sums go to other blocks with no fence; the one there is belongs to the offer of room for
    // them.
    EXPECT_EQ(function.count("STAS.128"), wgmma::thread_quads(config));
    EXPECT_EQ(function.count("MEMBAR.ALL.GPU"), 1);
  });
  EXPECT_EQ(kernels, 2 * wgmma::skinny_config_count);
}

TEST_F(WgmmaSass, PeakLoopsAreProductsAlone) {
  int kernels = 0;
  for_each_function(WGMMA_LIBRARY, [&](const Function& function) {
    if (function.name.find("peak_wgmma") == std::string::npos) return;
    ++kernels;
    expect_products_of(function);
    expect_asynchronous_loop(function, 4, 4);
    const Function loop = product_loop(function);
    for (const char* memory : {"LDG", "STG", "LDS", "STS", "UTMA", "SYNCS", "BAR"}) {
      EXPECT_EQ(loop.count(memory), 0) << memory;
    }
    // What is timed beside it: the operands are copied, 12 pieces of 16 bytes per thread, all loads
    // before the first store.
    EXPECT_EQ(function.count("LDG.E.128"), 12);
    EXPECT_EQ(function.count("STS.128"), 12);
    EXPECT_EQ(function.count("LDG"), 12);
  });
  EXPECT_EQ(kernels, 2);
}

}  // namespace
}  // namespace roofproof::sass
