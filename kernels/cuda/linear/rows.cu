// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/linear/rows.h"

#include "kernels/cuda/linear/rows.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace roofproof::cuda::linear {

void prepare_rows(bool fp32) {
  prefer_shared_memory(fp32 ? prepare_rows_kernel<float> : prepare_rows_kernel<Half>);
}

void launch_rows(const RowsJob& job, bool fp32, int rows, bool dependent, cudaStream_t stream) {
  const LaunchShape shape{rows, row_threads, row_threads / warp_lanes * int{sizeof(float)},
                          dependent};
  launch_kernel(fp32 ? prepare_rows_kernel<float> : prepare_rows_kernel<Half>, shape, stream, job);
}

}  // namespace roofproof::cuda::linear
