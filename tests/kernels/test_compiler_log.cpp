// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the compiler printed while it built the CUDA objects that are there now (see
// roofproof_keep_compiler_log in cmake/cuda.cmake): nothing of registers that did not suffice, of
// local memory, or of wgmma instructions that ptxas made wait for each other.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <string>
#include <vector>

namespace roofproof {
namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << "no file " << path;
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// ptxas numbers what it has to say of wgmma and of setmaxnreg C7501 and on.
const std::regex complaint(R"(\(C75\d\d\)|spill|Local memory used)");

// Lines of the log of each CUDA object in a list of objects that say such a thing.
std::vector<std::string> complaints(const std::string& object_list) {
  std::vector<std::string> found;
  int objects = 0;
  for (const std::string& object : lines_of(object_list)) {
    if (object.find(".cu.") == std::string::npos) continue;
    ++objects;
    for (const std::string& line : lines_of(object + ".log")) {
      if (std::regex_search(line, complaint)) found.push_back(line);
    }
  }
  EXPECT_GT(objects, 0) << object_list;
  return found;
}

TEST(CompilerLog, SaysNothingOfSpillsLocalMemoryOrSerialisedWgmma) {
  EXPECT_THAT(complaints(CUDA_OBJECTS), testing::IsEmpty());
}

// That these logs are kept, and that the compiler still says it in these words.
TEST(CompilerLog, SaysSoOfKernelsWithThoseFaults) {
  using testing::AllOf;
  using testing::Contains;
  using testing::HasSubstr;
  const std::vector<std::string> found = complaints(FLAWED_OBJECTS);
  EXPECT_THAT(found, Contains(AllOf(HasSubstr("Local memory"), HasSubstr("array_in_local"))));
  EXPECT_THAT(found, Contains(AllOf(HasSubstr("spill"), HasSubstr("more_values"))));
  EXPECT_THAT(found, Contains(AllOf(HasSubstr("(C75"), HasSubstr("sums_touched"))));
}

}  // namespace
}  // namespace roofproof
