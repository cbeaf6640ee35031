// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What stands beside a launch that is timed by itself: caches full of something else before it, and
// a launch of nothing to compare it with.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/runtime/buffer.h"
#include "kernels/device.h"

namespace roofproof::cuda {

class Isolation {
 public:
  explicit Isolation(const Device& device);

  // Reads twice as much as the last-level cache holds, of memory that is never written: a flush by
  // writing would leave lines to be written back while the launch is timed.
  void displace_caches(cudaStream_t stream);

  static void launch_nothing(cudaStream_t stream);

 private:
  Buffer clean_;
  Buffer sink_;
};

}  // namespace roofproof::cuda
