// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/session/validity.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "analysis/spec.h"

namespace roofproof::bench {
namespace {

Device gpu(int compute_capability) {
  return {.backend = Backend::cuda, .compute_capability = compute_capability, .processors = 100};
}

TEST(ArithmeticLimit, IsTheFastestProductOfEachComputeCapability) {
  const std::pair<Precision, analysis::Arithmetic> kinds[] = {
      {Precision::fp32, analysis::Arithmetic::fp32},
      {Precision::fp16, analysis::Arithmetic::fp16},
      {Precision::int8, analysis::Arithmetic::int8}};
  for (const auto& [precision, arithmetic] : kinds) {
    std::map<int, double> fastest;
    const analysis::SpecTable table = analysis::SpecTable::load();
    for (const analysis::GpuSpec& spec : table.gpus()) {
      std::string digits = spec.compute_capability.values.front();
      std::erase(digits, '.');
      double& rate = fastest[std::stoi(digits)];
      rate = std::max(rate, spec.rate(arithmetic).value.value_or(0));
    }
    for (const auto& [compute_capability, rate] : fastest) {
      if (compute_capability < 75) continue;  // older than anything that this project builds for
      const auto limit =
          most_flop_per_s({.op = Op::gemm, .precision = precision}, gpu(compute_capability), 1e9);
      // A specification without the rate leaves no limit.
      const auto expected = rate > 0 ? std::optional(100 * 1e9 * rate) : std::nullopt;
      EXPECT_EQ(limit, expected) << compute_capability << ' ' << name(precision);
    }
  }
}

// Its weights are expanded, whatever they are stored in.
TEST(ArithmeticLimit, PrefillMultipliesInFp16) {
  const Problem gemm = {.op = Op::gemm, .precision = Precision::fp16};
  for (const Precision weights : {Precision::fp16, Precision::int8, Precision::int4}) {
    EXPECT_EQ(most_flop_per_s({.op = Op::prefill, .precision = weights}, gpu(90), 1e9),
              most_flop_per_s(gemm, gpu(90), 1e9));
  }
}

TEST(ArithmeticLimit, IsNotKnownOfEverything) {
  const Problem gemm = {.op = Op::gemm, .precision = Precision::fp16};
  EXPECT_TRUE(most_flop_per_s(gemm, gpu(90), 1e9));
  EXPECT_FALSE(most_flop_per_s(gemm, gpu(90), std::nullopt));
  EXPECT_FALSE(most_flop_per_s(gemm, gpu(999), 1e9));
  EXPECT_FALSE(most_flop_per_s({.op = Op::gemv, .precision = Precision::fp16}, gpu(90), 1e9));
  EXPECT_FALSE(most_flop_per_s(gemm, {.backend = Backend::host, .processors = 2}, 1e9));
}

}  // namespace
}  // namespace roofproof::bench
