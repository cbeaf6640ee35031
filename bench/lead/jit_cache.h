// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Where the driver keeps the machine code that it makes of PTX: seconds of compiling that only the
// first of a run's sessions shall spend.
#pragma once

#include <filesystem>

namespace roofproof::bench {

class JitCache {
 public:
  // Where CUDA's own folder, ~/.nv/ComputeCache, cannot be written, CUDA_CACHE_PATH names a new one
  // to the processes that this one starts. A CUDA_CACHE_PATH that is set already stays.
  JitCache();
  // Removes the new folder, and the variable.
  ~JitCache();
  JitCache(const JitCache&) = delete;
  JitCache& operator=(const JitCache&) = delete;

 private:
  std::filesystem::path folder_;  // empty: CUDA's own, or the user's
};

}  // namespace roofproof::bench
