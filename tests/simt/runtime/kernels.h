// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The instructions of kernels and, for tests that run whole workloads, their launches.
#pragma once

#include <cuda_runtime_api.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "tests/simt/ptx.h"

namespace simt {

// With what a stream or a capture has before it. As on a GPU, only with as much shared memory as
// the kernel may have. The last block of a dependent launch is the one that comes early.
inline void enqueue(const void* function, int grid, int threads, int shared_bytes, bool dependent,
                    std::function<void()> kernel) {
  if (shared_bytes > fake_shared_bytes(function)) {
    throw std::runtime_error("launch with " + std::to_string(shared_bytes) +
                             " bytes of shared memory of " +
                             std::to_string(fake_shared_bytes(function)));
  }
  auto run = [=, kernel = std::move(kernel)](const std::function<void()>& predecessor) {
    auto& unfinished = roofproof::cuda::ptx::unfinished_predecessor;
    unfinished = predecessor;
    launch({static_cast<unsigned>(grid), 1, 1}, static_cast<unsigned>(threads),
           static_cast<std::size_t>(shared_bytes), kernel, dependent);
    if (std::exchange(unfinished, {})) {
      throw std::logic_error("simt: a dependent launch did not wait for its predecessor");
    }
  };
  fake_enqueue(FakeLaunch{std::move(run), dependent});
}

}  // namespace simt
