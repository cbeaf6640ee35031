// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/lead/jit_cache.h"

#include <stdlib.h>
#include <unistd.h>

#include <string>

namespace roofproof::bench {
namespace {

// By making it, as the driver would: what access() says of a folder above it is not enough for
// root.
bool home_serves() {
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home == 0) return false;
  const std::filesystem::path folder = std::filesystem::path(home) / ".nv" / "ComputeCache";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return !error && ::access(folder.c_str(), W_OK | X_OK) == 0;
}

}  // namespace

JitCache::JitCache() {
  if (std::getenv("CUDA_CACHE_PATH") != nullptr || home_serves()) return;
  std::error_code error;
  std::string pattern = std::filesystem::temp_directory_path(error) / "roofproof-jit-XXXXXX";
  if (error || ::mkdtemp(pattern.data()) == nullptr) return;  // each session compiles
  folder_ = pattern;
  ::setenv("CUDA_CACHE_PATH", pattern.c_str(), 1);
}

JitCache::~JitCache() {
  if (folder_.empty()) return;
  ::unsetenv("CUDA_CACHE_PATH");
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace roofproof::bench
