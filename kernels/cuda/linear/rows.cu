// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/linear/rows.h"

#include "kernels/cuda/linear/rows.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace roofproof::cuda::linear {

void launch_rows(const RowsJob& job, bool fp32, int rows, bool dependent, cudaStream_t stream) {
  const LaunchShape shape{rows, row_threads, row_threads / warp_lanes * int{sizeof(float)},
                          dependent};
  if (fp32) {
    launch_kernel(prepare_rows_kernel<float>, shape, stream, job);
  } else {
    launch_kernel(prepare_rows_kernel<Half>, shape, stream, job);
  }
}

}  // namespace roofproof::cuda::linear
