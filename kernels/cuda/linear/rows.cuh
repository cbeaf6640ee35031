// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The kernel of rows.h: one block per row, bound by latency. It is for batches where the blocks of
// a GEMV cannot each do this for themselves.
#pragma once

#include "kernels/cuda/linear/activations.cuh"
#include "kernels/cuda/linear/rows_job.h"

namespace roofproof::cuda::linear {

template <class T>
__global__ void __launch_bounds__(row_threads)
    prepare_rows_kernel(const __grid_constant__ RowsJob job) {
  const int row = ptx::ctaid_x();
  const T* const x = static_cast<const T*>(job.x) + static_cast<std::int64_t>(row) * job.k;
  T* const y = static_cast<T*>(job.y) + static_cast<std::int64_t>(row) * job.stride;
  const T* const norm = static_cast<const T*>(job.norm);
  float* const scratch = reinterpret_cast<float*>(ptx::shared_memory());
  const bool aligned = job.k % 8 == 0;
  ptx::griddepcontrol_launch_dependents();
  ptx::griddepcontrol_wait();
  float factor = 1;
  if (norm != nullptr) {
    float squares = 0;
    for (int column = 8 * threadIdx.x; column < job.k; column += 8 * row_threads) {
      squares += sum_of_squares(load_eight(x, column, job.k, aligned));
    }
#pragma unroll
    for (int lanes = 16; lanes > 0; lanes /= 2) {
      squares += __shfl_xor_sync(0xffffffffu, squares, lanes);
    }
    if (threadIdx.x % warp_lanes == 0) scratch[threadIdx.x / warp_lanes] = squares;
    __syncthreads();
    float sum = 0;
#pragma unroll
    for (int i = 0; i < row_threads / warp_lanes; ++i) sum += scratch[i];
    factor = rsqrtf(sum / static_cast<float>(job.k) + job.epsilon);
  }
  for (int column = 8 * threadIdx.x; column < job.stride; column += 8 * row_threads) {
    const Eight eight = load_eight(x, column, job.k, aligned);
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      float value = eight.value[i];
      if (norm != nullptr && column + i < job.k) value *= factor * as_float(norm[column + i]);
      if (column + i < job.stride) store_value(y, column + i, value);
    }
  }
}

}  // namespace roofproof::cuda::linear
