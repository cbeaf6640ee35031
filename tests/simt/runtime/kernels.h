// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The instructions of kernels and, for tests that run whole workloads, their launches.
#pragma once

#include <cuda_runtime_api.h>

#include <functional>
#include <utility>

#include "tests/simt/cuda.h"

namespace simt {

// The grid's blocks in order; with what a stream or a capture has before it.
inline void enqueue(int grid, int threads, int shared_bytes, std::function<void()> kernel) {
  fake_enqueue([=, kernel = std::move(kernel)] {
    launch({static_cast<unsigned>(grid), 1, 1}, static_cast<unsigned>(threads),
           static_cast<std::size_t>(shared_bytes), kernel);
  });
}

}  // namespace simt
