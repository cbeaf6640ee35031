// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/ptx/runtime_kernels.h"

namespace {

__global__ void affine_kernel(int* x, int factor, int summand) { *x = *x * factor + summand; }

__global__ void copy_kernel(int* to, const int* from) { *to = *from; }

__global__ void static_shared_kernel(int* to) {
  __shared__ int all[10000];
  for (unsigned i = threadIdx.x; i < 10000; i += blockDim.x) all[i] = static_cast<int>(i);
  __syncthreads();
  if (threadIdx.x == 0) *to = all[9999];
}

__global__ void dynamic_shared_kernel(int* to, int words) {
  extern __shared__ int some[];
  for (int i = static_cast<int>(threadIdx.x); i < words; i += static_cast<int>(blockDim.x)) {
    some[i] = i;
  }
  __syncthreads();
  if (threadIdx.x != 0) return;
  int sum = 0;
  for (int i = 0; i < words; ++i) sum += some[i];
  *to = sum;
}

__global__ void __launch_bounds__(64) bounded_kernel(int* to) { to[threadIdx.x] = 1; }

// All values are alive at the barrier.
__global__ void many_registers_kernel(float* x) {
  float values[100];
#pragma unroll
  for (int i = 0; i < 100; ++i) values[i] = x[i * 32 + threadIdx.x];
  __syncthreads();
#pragma unroll
  for (int i = 0; i < 100; ++i) x[i * 32 + threadIdx.x] = values[99 - i];
}

__global__ void cluster_rank_kernel(int* to) {
#if __CUDA_ARCH__ >= 900
  unsigned rank;
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  to[blockIdx.x] = static_cast<int>(rank);
#endif
}

}  // namespace

namespace roofproof::ptx {

const void* const affine = reinterpret_cast<const void*>(affine_kernel);
const void* const copy_one = reinterpret_cast<const void*>(copy_kernel);
const void* const static_40000 = reinterpret_cast<const void*>(static_shared_kernel);
const void* const dynamic_shared = reinterpret_cast<const void*>(dynamic_shared_kernel);
const void* const at_most_64 = reinterpret_cast<const void*>(bounded_kernel);
const void* const many_registers = reinterpret_cast<const void*>(many_registers_kernel);
const void* const cluster_rank = reinterpret_cast<const void*>(cluster_rank_kernel);

}  // namespace roofproof::ptx
