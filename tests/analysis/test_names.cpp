// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roofproof::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Names, PlainOnesAreLettersAndDigits) {
  EXPECT_EQ(plain_name("TensorRT-LLM"), "tensorrtllm");
  EXPECT_EQ(plain_name(" .-\xc3\xa9"), "");
}

// To "t4g" it takes one letter to insert, to "l4" one to replace, to "a10" two.
TEST(Names, TheClosestByEdits) {
  EXPECT_THAT(closest_names("T 4", {"A10", "L4", "t4", "T4g"}, 9),
              ElementsAre("t4", "T4g", "L4", "A10"));
  EXPECT_THAT(closest_names("g5.xlrage", {"g6.xlarge", "p5.48xlarge", "g5.xlarge"}, 2),
              ElementsAre("g5.xlarge", "g6.xlarge"));
  // One letter to delete, two to replace.
  EXPECT_THAT(closest_names("xyz", {"abz", "xy"}, 1), ElementsAre("xy"));
  EXPECT_THAT(closest_names("x", {}, 3), IsEmpty());
  EXPECT_THAT(closest_names("", {"abc", "a"}, 1), ElementsAre("a"));
}

// "A10" is two edits away and "H100 NVL" three, but what was meant holds all of it.
TEST(Names, ThoseThatHoldAllOfItComeFirst) {
  EXPECT_THAT(closest_names("h100", {"A10", "L4", "H100 SXM5", "H100 NVL"}, 2),
              ElementsAre("H100 NVL", "H100 SXM5"));
}

}  // namespace
}  // namespace roofproof::analysis
