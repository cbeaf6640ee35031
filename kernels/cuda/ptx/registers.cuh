// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Special registers, and what is hidden from the compiler.
#pragma once

#include <cstdint>

namespace roofproof::cuda::ptx {

// blockIdx.x, threadIdx.x and threadIdx.x % 32, read at each call: what is computed from them can
// be computed again instead of being kept in registers across a loop.
__device__ __forceinline__ int ctaid_x() {
  int number;
  asm volatile("mov.u32 %0, %%ctaid.x;" : "=r"(number));
  return number;
}
__device__ __forceinline__ int tid_x() {
  int number;
  asm volatile("mov.u32 %0, %%tid.x;" : "=r"(number));
  return number;
}
__device__ __forceinline__ int laneid() {
  int number;
  asm volatile("mov.u32 %0, %%laneid;" : "=r"(number));
  return number;
}

// Nanoseconds, the same on all multiprocessors.
__device__ __forceinline__ std::uint64_t globaltimer() {
  std::uint64_t time_ns;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(time_ns));
  return time_ns;
}

// No instruction: `value`, of which the compiler knows nothing. What is computed from it cannot be
// computed before.
__device__ __forceinline__ int opaque(int value) {
  asm volatile("" : "+r"(value));
  return value;
}

}  // namespace roofproof::cuda::ptx
