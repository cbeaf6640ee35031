// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Launches that begin while the one before them ends (programmatic dependent launch).
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda {

// Whether launches may be let overlap on this GPU, captured in a graph too: from compute capability
// 9.0 on, where the driver is of CUDA 12.3 at least ("Programmatic Dependent Launch may now be
// described natively in CUDA Graphs", its release notes). Without, every kernel computes the same.
inline bool launches_overlap(int compute_capability) {
  int driver = 0;
  ROOFPROOF_CUDA_CHECK(cudaDriverGetVersion(&driver));
  return compute_capability >= 90 && driver >= 12030;
}

}  // namespace roofproof::cuda
