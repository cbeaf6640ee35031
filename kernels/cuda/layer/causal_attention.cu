// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/layer/causal_attention.h"

#include <stdexcept>

#include "kernels/cuda/layer/attention.h"
#include "kernels/cuda/layer/causal_attention.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace roofproof::cuda::layer {
namespace {

using AttentionKernel = void (*)(AttentionJob);

AttentionKernel kernel(int head_dim) {
  switch (head_dim) {
    case 64:
      return causal_attention_kernel<64>;
    case 128:
      return causal_attention_kernel<128>;
  }
  throw std::invalid_argument(attention_unsupported(head_dim));
}

}  // namespace

void prepare_causal_attention(int head_dim) { prefer_shared_memory(kernel(head_dim)); }

void launch_causal_attention(const AttentionJob& job, int head_dim, bool dependent,
                             cudaStream_t stream) {
  launch_kernel(kernel(head_dim),
                {causal_blocks(job), attention_threads, causal_shared_bytes(head_dim), dependent},
                stream, job);
}

}  // namespace roofproof::cuda::layer
