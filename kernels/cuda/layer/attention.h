// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The launch of attention. C++17, so that .cu files may include it.
#pragma once

#include <cuda_runtime_api.h>

#include <string>

#include "kernels/cuda/layer/attention_job.h"

namespace roofproof::cuda::layer {

// Why there is no kernel for heads of this size; empty where there is one.
std::string attention_unsupported(int head_dim);

// To be called once, before the first launch. Throws std::invalid_argument for other heads.
void prepare_attention(int head_dim, bool fp32);
void launch_attention(const AttentionJob& job, int head_dim, bool fp32, bool dependent,
                      cudaStream_t stream);

}  // namespace roofproof::cuda::layer
