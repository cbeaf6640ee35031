// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The launch of a prefill's attention, for the heads that attention.h knows. C++17, so that .cu
// files may include it.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/layer/attention_job.h"

namespace roofproof::cuda::layer {

// To be called once, before the first launch. Throws std::invalid_argument for other heads.
void prepare_causal_attention(int head_dim);
void launch_causal_attention(const AttentionJob& job, int head_dim, bool dependent,
                             cudaStream_t stream);

}  // namespace roofproof::cuda::layer
