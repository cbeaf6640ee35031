// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/decode/tokens.h"

#include "kernels/cuda/decode/tokens.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace roofproof::cuda::decode {

void prepare_tokens() {
  prefer_shared_memory(embed_kernel);
  prefer_shared_memory(argmax_kernel);
}

void launch_embed(const EmbedJob& job, int batch, bool dependent, cudaStream_t stream) {
  launch_kernel(embed_kernel, {batch, token_threads, 0, dependent}, stream, job);
}

void launch_argmax(const ArgmaxJob& job, int batch, bool dependent, cudaStream_t stream) {
  launch_kernel(argmax_kernel,
                {batch, token_threads, token_threads / 32 * int{sizeof(Candidate)}, dependent},
                stream, job);
}

void launch_empty(const EmptyJob& job, int blocks, int threads, bool dependent,
                  cudaStream_t stream) {
  launch_kernel(empty_kernel, {blocks, threads, 0, dependent}, stream, job);
}

}  // namespace roofproof::cuda::decode
