// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The kernels of tokens_job.h, bound by latency; of those that compute, one block per sequence.
#pragma once

#include "kernels/cuda/decode/tokens_job.h"
#include "kernels/cuda/ptx/ptx.cuh"

namespace roofproof::cuda::decode {

__global__ void __launch_bounds__(token_threads)
    embed_kernel(const __grid_constant__ EmbedJob job) {
  ptx::griddepcontrol_launch_dependents();
  ptx::griddepcontrol_wait();
  const int sequence = ptx::ctaid_x();
  const uint4* const from = static_cast<const uint4*>(job.table) +
                            static_cast<std::int64_t>(job.tokens[sequence]) * job.row_vectors;
  uint4* const to =
      static_cast<uint4*>(job.y) + static_cast<std::int64_t>(sequence) * job.row_vectors;
  for (int i = threadIdx.x; i < job.row_vectors; i += blockDim.x) to[i] = __ldcg(from + i);
}

struct Candidate {
  float logit;
  int token;
};
// The larger logit; of equal ones the smaller token.
__device__ __forceinline__ Candidate better(Candidate a, Candidate b) {
  const bool second = b.logit > a.logit || (b.logit == a.logit && b.token < a.token);
  return second ? b : a;
}
__device__ __forceinline__ Candidate best_of_warp(Candidate mine) {
#pragma unroll
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    const Candidate other = {__shfl_xor_sync(0xffffffffu, mine.logit, lanes),
                             __shfl_xor_sync(0xffffffffu, mine.token, lanes)};
    mine = better(mine, other);
  }
  return mine;
}

__global__ void __launch_bounds__(token_threads)
    argmax_kernel(const __grid_constant__ ArgmaxJob job) {
  ptx::griddepcontrol_launch_dependents();
  ptx::griddepcontrol_wait();
  const int sequence = ptx::ctaid_x();
  const float* const logits = job.logits + static_cast<std::int64_t>(sequence) * job.vocab;
  Candidate best = {-__builtin_huge_valf(), job.vocab};
  // Four loads under way for each thread.
#pragma unroll 4
  for (int token = threadIdx.x; token < job.vocab; token += token_threads) {
    best = better(best, {__ldcg(logits + token), token});
  }
  best = best_of_warp(best);
  Candidate* const warps = reinterpret_cast<Candidate*>(ptx::shared_memory());
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = best;
  __syncthreads();
  if (threadIdx.x >= 32) return;
  best = best_of_warp(warps[threadIdx.x]);
  if (threadIdx.x == 0) job.tokens[sequence] = best.token;
}

__global__ void empty_kernel(const __grid_constant__ EmptyJob job) {
  ptx::griddepcontrol_launch_dependents();
  ptx::griddepcontrol_wait();
  if (job.launches != nullptr && ptx::ctaid_x() == 0 && threadIdx.x == 0) ++*job.launches;
}

}  // namespace roofproof::cuda::decode
