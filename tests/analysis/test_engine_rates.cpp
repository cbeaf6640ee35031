// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The rows that predictions are scored on: each with a source, each a question that can be asked.

#include "analysis/engines/rates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <tuple>

#include "results/record/json_text.h"
#include "tests/analysis/device_fixture.h"

namespace roofproof::analysis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(EngineRates, EveryRowIsSourcedAndThereOnce) {
  const std::vector<EngineRate> all = engine_rates();
  EXPECT_GE(all.size(), 116u);
  const std::regex date(R"(unknown|\d{4}(-\d\d){0,2})");
  std::set<std::tuple<std::string, int, std::string, std::string, std::optional<std::int64_t>,
                      std::int64_t, double>>
      seen;
  for (const EngineRate& rate : all) {
    SCOPED_TRACE(rate.gpu + " " + rate.model + " " + rate.source);
    EXPECT_EQ(specs().choose(rate.gpu).gpu->name, rate.gpu);
    EXPECT_THAT(rate.source, HasSubstr("/"));
    EXPECT_TRUE(std::regex_match(rate.as_of, date)) << rate.as_of;
    EXPECT_TRUE(seen.emplace(rate.gpu, rate.gpus, rate.model, rate.weights, rate.batch,
                             rate.context, rate.tokens_per_s)
                    .second);
  }
}

// Llama-3-8B in BF16 reads 2 x (8030261248 - 128256 x 4096 + 4096) bytes of weights and 501 tokens
// of 131072 bytes: by hand. 320 GB/s of a T4 go 20.3 times through that.
TEST(EngineRates, ARowIsAskedForAsItStands) {
  const std::vector<EngineRate> all = parse_engine_rates(
      R"({"rows": [{"gpu": "T4", "gpus": 1, "model": "llama-3-8b", "weights": "bf16", "batch": 1,
        "context": 500, "tokens_per_s": 20, "kind": "decode", "engine": "x", "source": "a/b",
        "as_of": "2026-01"}]})",
      "x.json");
  const RateBound bound = bound_of(all.at(0), specs());
  const double bytes = 2.0 * (8030261248 - 128256.0 * 4096 + 4096) + 501 * 131072.0;
  EXPECT_DOUBLE_EQ(bound.prediction.bytes, bytes);
  EXPECT_DOUBLE_EQ(bound.prediction.tokens_per_s, 320e9 / bytes);
}

// vLLM 0.7.3 with Llama-3-8B: 131.23 on an H200, 129.2 on an H100; other versions and contexts are
// no pairs of it.
TEST(EngineRates, PairsAreOfTheSameStep) {
  const std::vector<RatePair> pairs = same_steps(engine_rates(), "H200 SXM", "H100 SXM5");
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_DOUBLE_EQ(pairs[0].a.tokens_per_s, 131.23);
  EXPECT_DOUBLE_EQ(pairs[0].b.tokens_per_s, 129.2);
  EXPECT_TRUE(same_steps(engine_rates(), "H200 SXM", "T4").empty());
  // BF16 on one and FP16 on the other.
  const std::vector<RatePair> small = same_steps(engine_rates(), "L4", "T4");
  ASSERT_EQ(small.size(), 1u);
  EXPECT_DOUBLE_EQ(small[0].a.tokens_per_s, 165.84);
  EXPECT_DOUBLE_EQ(small[0].b.tokens_per_s, 138.31);
  // A narrower cache is another step.
  std::vector<EngineRate> two = {small[0].a, small[0].b};
  ASSERT_EQ(same_steps(two, "L4", "T4").size(), 1u);
  two[0].kv = "fp8";
  EXPECT_TRUE(same_steps(two, "L4", "T4").empty());
}

TEST(EngineRates, ABadRowIsRefusedWithItsPlace) {
  const auto refused = [](const std::string& fields, const std::string& why) {
    EXPECT_THAT(
        [&] {
          parse_engine_rates(R"({"rows": [{"gpu": "T4", "gpus": 1, "weights": "fp16", "context": 0,
            "engine": "x", "source": "a/b", "as_of": "2026", )" +
                                 fields + "}]}",
                             "x.json");
        },
        ThrowsMessage<RecordError>(
            AllOf(HasSubstr("x.json"), HasSubstr("rows[0]"), HasSubstr(why))))
        << fields;
  };
  refused(R"("model": "llama-3-8b", "tokens_per_s": 0, "kind": "decode")", "is too small");
  refused(R"("model": "llama-3-8b", "tokens_per_s": 1, "kind": "prefill")", "must be decode");
  refused(R"("model": "no-such-model", "tokens_per_s": 1, "kind": "decode")", "no-such-model");
}

}  // namespace
}  // namespace roofproof::analysis
