// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// All matrices of a decode step in one launch, at batch 1: the first rungs of the ladder that says
// where a step's time goes. Either the weights are only streamed, or they are multiplied as well.
// No matrix waits for another, and all multiply the same fixed activations. Plain data, C++17.
#pragma once

#include <cstdint>

#include "kernels/cuda/linear/job.h"

namespace roofproof::cuda::decode {

struct SweepMatrix {
  const unsigned char* weights = nullptr;  // packed
  const float* row_scales = nullptr;       // int8
  void* y = nullptr;                       // [n], as the activations; not written by streaming
  int n = 0;
  int tiles = 0;
  int units = 0;
};

struct SweepJob {
  const SweepMatrix* matrices = nullptr;  // in device memory
  int count = 0;
  const void* x = nullptr;  // [k]
  int k = 0;                // the largest of all matrices
  int columns = 0;          // k in whole units
  // Streaming only: each thread's sum, modulo 2^32, of the words that it has read,
  // [blocks][threads].
  std::uint32_t* folded = nullptr;

  // Shared memory, as in LinearJob.
  int ring_units = 0;
  int shared_barriers = 0;
  int shared_x = 0;
  int shared_partial = 0;
};

}  // namespace roofproof::cuda::decode
