// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/layer/attention.h"

#include <stdexcept>

#include "kernels/cuda/layer/attention.cuh"
#include "kernels/cuda/runtime/launch.h"

namespace roofproof::cuda::layer {
namespace {

using AttentionKernel = void (*)(AttentionJob);

template <int Dim>
AttentionKernel kernel_for(bool fp32) {
  if (fp32) return attention_kernel<Dim, float>;
  return attention_kernel<Dim, Half>;
}

AttentionKernel kernel(int head_dim, bool fp32) {
  switch (head_dim) {
    case 64:
      return kernel_for<64>(fp32);
    case 128:
      return kernel_for<128>(fp32);
  }
  return nullptr;
}

}  // namespace

std::string attention_unsupported(int head_dim) {
  if (kernel(head_dim, false) != nullptr) return {};
  return "attention has heads of 64 or 128, not " + std::to_string(head_dim);
}

void prepare_attention(int head_dim, bool fp32) {
  if (kernel(head_dim, fp32) == nullptr) {
    throw std::invalid_argument(attention_unsupported(head_dim));
  }
  prefer_shared_memory(kernel(head_dim, fp32));
}

void launch_attention(const AttentionJob& job, int head_dim, bool fp32, bool dependent,
                      cudaStream_t stream) {
  launch_kernel(
      kernel(head_dim, fp32),
      {job.units() * job.splits, attention_threads, attention_shared_bytes(head_dim), dependent},
      stream, job);
}

}  // namespace roofproof::cuda::layer
