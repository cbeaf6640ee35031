// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The figures of others: each with a source and possible, and none of them anywhere near a verdict.

#include "analysis/published.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "analysis/compare/compare.h"
#include "results/record/json_text.h"
#include "tests/analysis/device_fixture.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

TEST(Published, EveryRateIsSourcedAndPossible) {
  const std::vector<PublishedRate> all = published_rates();
  EXPECT_GE(all.size(), 100u);
  const std::regex source(R"([\w.-]+/[\w.-]+(, .+)? \(github\.com\))");
  const std::regex date(R"(unknown|\d{4}(-\d\d){1,2})");
  const std::set<std::string> precisions = {"any type", "fp64", "fp32", "fp16",
                                            "bf16",     "int8", "int4"};
  std::set<Op> ops;
  for (const PublishedRate& rate : all) {
    const Publication& publication = rate.publication;
    SCOPED_TRACE(rate.gpu + " " + rate.precision + " " + publication.source);
    ops.insert(rate.op);
    EXPECT_EQ(specs().choose(rate.gpu).gpu->name, rate.gpu);
    EXPECT_TRUE(precisions.contains(rate.precision));
    EXPECT_TRUE(std::regex_match(publication.source, source));
    EXPECT_TRUE(std::regex_match(publication.as_of, date));
    EXPECT_TRUE(publication.confidence == "high" || publication.confidence == "medium");
    if (rate.op == Op::decode) continue;
    const std::optional<double> share = share_of_datasheet(rate, specs());
    ASSERT_TRUE(share.has_value());
    EXPECT_TRUE(*share > 0.2 && *share <= 1) << *share;
  }
  EXPECT_EQ(ops, (std::set<Op>{Op::read, Op::copy, Op::triad, Op::gemm, Op::gemv, Op::decode}));
}

// Read at 679 GB/s of 696 (A40), 808 of 989.4 TFLOP/s in BF16 (H100 SXM5): by hand.
TEST(Published, SharesAreOfTheDatasheetInThatPrecision) {
  const auto share = [&](const char* gpu, Op op, const char* precision, double value) {
    return share_of_datasheet({gpu, op, precision, "", value, {}}, specs());
  };
  EXPECT_NEAR(*share("A40", Op::read, "fp64", 679e9), 679.0 / 696, 1e-6);
  EXPECT_NEAR(*share("H100 SXM5", Op::gemm, "bf16", 808e12), 808 / 989.4, 1e-4);
  EXPECT_EQ(share("H100 SXM5", Op::gemm, "fp6", 808e12), std::nullopt);
  EXPECT_EQ(share("T4", Op::decode, "int4", 35), std::nullopt);
}

TEST(Published, WhatAnEntryLacksIsNamed) {
  const auto parse = [](const std::string& from, const std::string& to) {
    std::string text =
        R"({"entries": [{"gpu": "T4", "op": "copy", "precision": "fp32", "size": "1 GiB arrays",
            "value": 240, "unit": "GB/s", "software": "x", "source": "a/b", "as_of": "2024",
            "confidence": "high"}]})";
    text.replace(text.find(from), from.size(), to);
    return parse_published_rates(text, "memory.json");
  };
  EXPECT_DOUBLE_EQ(parse("T4", "T4").front().value, 240e9);
  const std::string here = "memory.json: entries[0]";
  const auto refused = [](const std::string& message) {
    return ThrowsMessage<RecordError>(HasSubstr(message));
  };
  EXPECT_THAT([&] { parse("a/b", ""); }, refused(here + ".source: must not be empty"));
  EXPECT_THAT([&] { parse("GB/s", "TFLOP/s"); }, refused(here + ".unit: must be GB/s"));
  EXPECT_THAT([&] { parse("copy", "move"); }, refused(here + ".op: is no known operation"));
  EXPECT_THAT([&] { parse("240", "0"); }, refused(here + ".value: must be greater than 0"));
  EXPECT_THAT([&] { parse("\"confidence\"", "\"trust\""); },
              refused(here + ": 'confidence' is missing"));
}

// A T4 that decodes, and what others say of a T4 and of an A100: the A100 has no column.
CompareResult with_published() {
  Record record = empty_record(t4_device());
  add_rates(record, read_problem(), Implementation::hand, {256e9, 256e9, 256e9});
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b"), Implementation::hand,
           {0.04, 0.04, 0.04});
  CompareResult result = compare_runs({extract_run("t4.json", record, specs())});
  const Publication publication = {"PyTorch", "a/b (github.com)", "2025-04-15", "high", ""};
  add_published(result,
                {{"T4", Op::read, "fp64", "1 GiB arrays", 240e9, publication},
                 {"T4", Op::gemm, "fp16", "8192 x 8192 x 8192", 39e12, publication},
                 {"A100 40GB SXM4", Op::decode, "fp16", "mistral-7b, one user", 1e6, publication}},
                specs());
  return result;
}

TEST(Published, StandsInTheTablesOfItsGpusAndIsMarked) {
  const CompareResult result = with_published();
  std::vector<Op> ops;
  for (const ComparedTable& table : result.tables) ops.push_back(table.op);
  EXPECT_THAT(ops, ElementsAre(Op::read, Op::gemm, Op::decode));
  for (const std::string& text : {compare_text(result), compare_markdown(result)}) {
    EXPECT_THAT(text, AllOf(HasSubstr("† fp64, 1 GiB arrays, PyTorch"),
                            HasSubstr("† 240 GB/s, 75.0 % of datasheet"),
                            HasSubstr("† 39.0 TFLOP/s, 60.0 % of datasheet"),
                            HasSubstr("published by others, not measured here"),
                            HasSubstr("1] a/b (github.com), as of 2025-04-15")));
    EXPECT_THAT(text, Not(HasSubstr("one user, PyTorch")));
  }
  EXPECT_THAT(compare_csv(result),
              HasSubstr("read,\"fp64, 1 GiB arrays, PyTorch\",T4,,false,B/s,"
                        "240000000000,,,,0.75,,,,,,,a/b (github.com),false\n"));
  const Json json = parse_json(compare_json(result), "compare");
  EXPECT_EQ(json["tables"][0]["published"][0]["source"], "a/b (github.com)");
  EXPECT_EQ(json["tables"][0]["rows"].size(), 1u);
}

// A million tokens/s would refute that an A100 has less than 5 times a T4's.
TEST(Published, DecidesNoClaim) {
  EXPECT_TRUE(with_published().claims.empty());
  EXPECT_THAT(compare_text(with_published()), Not(HasSubstr("a100-not-5x")));
}

}  // namespace
}  // namespace roofproof::analysis
