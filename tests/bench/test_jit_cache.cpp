// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/lead/jit_cache.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace roofproof::bench {
namespace {

namespace fs = std::filesystem;

class JitCacheTest : public testing::Test {
 protected:
  JitCacheTest() {
    if (const char* home = std::getenv("HOME")) home_ = home;
    ::unsetenv("CUDA_CACHE_PATH");
    std::string pattern = testing::TempDir() + "jit-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~JitCacheTest() override {
    ::setenv("HOME", home_.c_str(), 1);
    ::unsetenv("CUDA_CACHE_PATH");
    fs::remove_all(folder_);
  }

  // What CUDA_CACHE_PATH names while there is a cache; gone with it.
  static std::string named_for_a_run() {
    std::string path;
    {
      const JitCache cache;
      if (const char* named = std::getenv("CUDA_CACHE_PATH")) path = named;
      if (!path.empty()) std::ofstream(fs::path(path) / "index") << "code";
    }
    return path;
  }

  std::string home_;
  fs::path folder_;
};

TEST_F(JitCacheTest, CudasOwnFolderIsLeftAlone) {
  ::setenv("HOME", folder_.c_str(), 1);
  EXPECT_EQ(named_for_a_run(), "");
}

TEST_F(JitCacheTest, WithoutAHomeThatCanBeWrittenARunHasItsOwn) {
  const fs::path file = folder_ / "file";
  std::ofstream(file) << "";
  for (const char* home : {"", "/proc", file.c_str()}) {
    ::setenv("HOME", home, 1);
    const std::string path = named_for_a_run();
    EXPECT_NE(path, "") << home;
    EXPECT_FALSE(fs::exists(path)) << home;
    EXPECT_EQ(std::getenv("CUDA_CACHE_PATH"), nullptr) << home;
  }
}

TEST_F(JitCacheTest, TheUsersChoiceStays) {
  ::setenv("HOME", "", 1);
  ::setenv("CUDA_CACHE_PATH", folder_.c_str(), 1);
  EXPECT_EQ(named_for_a_run(), folder_);
  EXPECT_STREQ(std::getenv("CUDA_CACHE_PATH"), folder_.c_str());
}

}  // namespace
}  // namespace roofproof::bench
