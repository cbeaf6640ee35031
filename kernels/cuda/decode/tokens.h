// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The launches of tokens_job.h.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/decode/tokens_job.h"

namespace roofproof::cuda::decode {

// To be called once, before the first of the next two.
void prepare_tokens();
void launch_embed(const EmbedJob& job, int batch, bool dependent, cudaStream_t stream);
void launch_argmax(const ArgmaxJob& job, int batch, bool dependent, cudaStream_t stream);
void launch_empty(const EmptyJob& job, int blocks, int threads, bool dependent,
                  cudaStream_t stream);

}  // namespace roofproof::cuda::decode
