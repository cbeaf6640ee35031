// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What of a model a GPU's memory holds.
#include <gtest/gtest.h>

#include "kernels/cuda/decode/memory_plan.h"

namespace roofproof::cuda::decode {
namespace {

constexpr std::int64_t mib = std::int64_t{1} << 20;
constexpr std::int64_t gib = std::int64_t{1} << 30;

// Mistral-7B in FP16: 32 layers of 436 MB, an LM head and an embedding table of 262 MB each.
MemoryNeed mistral_fp16() {
  MemoryNeed need;
  need.layers = 32;
  need.layer_bytes = 436'224'000;
  need.head_bytes = 262'152'192;
  need.fixed_bytes = 262'144'000 + 64 * mib;
  return need;
}

TEST(MemoryPlan, HoldsAllLayersWhereTheyFit) {
  const MemoryPlan plan = plan_memory(mistral_fp16(), 80 * gib, 50 * mib);
  EXPECT_EQ(plan.distinct, 32);
  EXPECT_EQ(plan.reason, "");
  EXPECT_EQ(plan.bytes, mistral_fp16().fixed_bytes + mistral_fp16().head_bytes +
                            32 * mistral_fp16().layer_bytes);
}

// A T4 has 16 GB, of which the driver keeps some: fewer layers, and 256 MiB left free.
TEST(MemoryPlan, HoldsWhatFitsAndLeavesSomeFree) {
  const std::int64_t available = 13 * gib + 512 * mib;
  const MemoryPlan plan = plan_memory(mistral_fp16(), available, 4 * mib);
  EXPECT_EQ(plan.distinct, 31);
  EXPECT_LE(plan.bytes, available - 256 * mib);
  EXPECT_GT(plan.bytes + mistral_fp16().layer_bytes, available - 256 * mib);
}

TEST(MemoryPlan, SaysWithTheBytesWhatDoesNotFit) {
  MemoryNeed need = mistral_fp16();
  need.layer_bytes += 8 * gib;  // a cache for many long sequences
  const MemoryPlan plan = plan_memory(need, 8 * gib, 4 * mib);
  EXPECT_EQ(plan.distinct, 0);
  EXPECT_NE(plan.reason.find(std::to_string(plan.bytes)), std::string::npos);
  EXPECT_NE(plan.reason.find(std::to_string(8 * gib - 256 * mib)), std::string::npos);
}

// With so few layers that they stayed in cache, nothing would be measured.
TEST(MemoryPlan, WantsMoreThanTheCacheHolds) {
  MemoryNeed need;
  need.layers = 10;
  need.layer_bytes = 10 * mib;
  EXPECT_EQ(plan_memory(need, 256 * mib + 50 * mib, 20 * mib).distinct, 0);  // 80 MiB wanted
  EXPECT_EQ(plan_memory(need, 256 * mib + 80 * mib, 20 * mib).distinct, 8);
  EXPECT_EQ(plan_memory(need, 256 * mib + 100 * mib, 1000 * mib).distinct,
            10);  // there are no more
}

TEST(MemoryPlan, CopiesAreWholeModels) {
  MemoryNeed need;
  need.layers = 2;
  need.layer_bytes = 10 * mib;
  need.head_bytes = 5 * mib;
  need.copies = 4;
  EXPECT_EQ(plan_memory(need, 256 * mib + 100 * mib, 10 * mib).distinct, 2);
  EXPECT_EQ(plan_memory(need, 256 * mib + 99 * mib, 10 * mib).distinct, 0);
}

}  // namespace
}  // namespace roofproof::cuda::decode
