// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The launch of what rows_job.h describes. C++17, so that .cu files may include it.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/linear/rows_job.h"

namespace roofproof::cuda::linear {

// To be called once, before the first launch.
void prepare_rows(bool fp32);
void launch_rows(const RowsJob& job, bool fp32, int rows, bool dependent, cudaStream_t stream);

}  // namespace roofproof::cuda::linear
