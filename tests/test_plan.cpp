// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace roofproof::bench {
namespace {

using testing::HasSubstr;

TEST(Plan, NamesAreUniqueInEveryProfileAndBackend) {
  for (const Backend backend : {Backend::host, Backend::cuda}) {
    std::size_t shorter = 1;
    for (const Profile profile : {Profile::quick, Profile::standard, Profile::full}) {
      const std::vector<Case> cases = make_plan(suite(), {backend, profile, "", ""});
      std::set<std::string> names;
      for (const Case& c : cases) EXPECT_TRUE(names.insert(c.name).second) << c.name;
      EXPECT_GE(cases.size(), shorter);
      shorter = cases.size();
    }
  }
}

TEST(Plan, QuickHoldsEveryRoofAndTheDecodeProjection) {
  for (const Backend backend : {Backend::host, Backend::cuda}) {
    std::set<std::string> names;
    for (const Case& c : make_plan(suite(), {backend, Profile::quick, "", ""}))
      names.insert(c.name);
    for (const char* wanted :
         {"peak/fp32/hand", "gemv/fp16/hand/n:14336/k:4096/batch:1",
          "gemv/int8/hand/n:14336/k:4096/batch:1", "gemv/int4/hand/n:14336/k:4096/batch:1"}) {
      EXPECT_TRUE(names.count(wanted)) << wanted;
    }
  }
}

TEST(Plan, FilterIsARegularExpressionFoundInTheName) {
  for (const Case& c :
       make_plan(suite(), {Backend::cuda, Profile::full, "^gemm/fp16/.*m:1/", ""})) {
    EXPECT_EQ(c.problem.op, Op::gemm);
    EXPECT_EQ(c.problem.shape.m, 1);
  }
  EXPECT_THROW(make_plan(suite(), {Backend::host, Profile::quick, "(", ""}), std::invalid_argument);
}

TEST(Plan, ARowThatNamesItsKernelsIsOneCaseForEach) {
  const SuiteRow ladder = {.op = Op::decode,
                           .precisions = {Precision::fp16},
                           .shapes = {{.batch = 1, .model = "tiny"}},
                           .implementations = {Implementation::hand},
                           .backend = Backend::host,
                           .profile = Profile::quick,
                           .kernels = {"stream_only", "gemv_only"}};
  std::vector<std::string> names;
  for (const Case& c : make_plan({&ladder, 1}, {Backend::host, Profile::quick, "", ""})) {
    names.push_back(c.name + " by " + c.kernel);
  }
  const std::string name = "decode/fp16/hand/model:tiny/batch:1/context:0/kernel:";
  EXPECT_THAT(names, testing::ElementsAre(name + "stream_only by stream_only",
                                          name + "gemv_only by gemv_only"));
  EXPECT_TRUE(make_plan({&ladder, 1}, {Backend::host, Profile::quick, "", "simt"}).empty());
}

TEST(Plan, AModelTakesThePlaceOfEveryOther) {
  const SuiteRow rows[] = {{Op::decode,
                            {Precision::fp16},
                            {{.batch = 1, .model = "tiny"}, {.batch = 1, .model = "llama-3-8b"}},
                            {Implementation::hand},
                            Backend::host,
                            Profile::quick},
                           {Op::read,
                            {Precision::fp32},
                            {{.bytes = 1024}},
                            {Implementation::hand},
                            Backend::host,
                            Profile::quick}};
  std::vector<std::string> names;
  for (const Case& c :
       make_plan(rows, {Backend::host, Profile::quick, "", "", "2x24x40x4x2x8x30"})) {
    names.push_back(c.name);
  }
  EXPECT_THAT(names,
              testing::ElementsAre("decode/fp16/hand/model:2x24x40x4x2x8x30/batch:1/context:0",
                                   "read/fp32/hand/bytes:1024"));
}

TEST(Plan, ForcedKernelLeavesTheLibrariesOut) {
  const std::vector<Case> cases =
      make_plan(suite(), {Backend::cuda, Profile::quick, "gemm", "simt"});
  ASSERT_FALSE(cases.empty());
  for (const Case& c : cases) {
    EXPECT_EQ(c.implementation, Implementation::hand);
    EXPECT_THAT(c.name, testing::EndsWith("/kernel:simt"));
  }
}

}  // namespace
}  // namespace roofproof::bench
