// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Asynchronous copies of 16 bytes from global to shared memory, past the registers and L1; from
// sm_80 on, done at once before. Stages narrower than 128 bytes share cache lines with their
// neighbours: L2 fetches them whole.
#pragma once

#include <cstdint>

#include "kernels/cuda/ptx/memory.cuh"

namespace roofproof::cuda::ptx {

// Where `valid` is false, 16 zero bytes. The overload for addresses is for sm_80 and newer.
__device__ __forceinline__ void cp_async(std::uint32_t shared, const void* global, bool valid) {
  asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16, %2;" ::"r"(shared), "l"(global),
               "r"(valid ? 16 : 0)
               : "memory");
}
__device__ __forceinline__ void cp_async(void* shared, const void* global, bool valid) {
#if __CUDA_ARCH__ >= 800
  cp_async(shared_address(shared), global, valid);
#else
  uint4 value = make_uint4(0, 0, 0, 0);
  if (valid) value = __ldg(static_cast<const uint4*>(global));
  *static_cast<uint4*>(shared) = value;
#endif
}

// This thread's copies of `count` pieces that shall be under way while it computes. From sm_80 on
// start() is cp_async(); before, it loads the i-th to registers, and store() has to put it where
// start() was told.
template <int count>
class SplitCopies {
 public:
  __device__ __forceinline__ void start(int i, void* shared, const void* global, bool valid) {
#if __CUDA_ARCH__ >= 800
    cp_async(shared, global, valid);
#else
    held_[i] = make_uint4(0, 0, 0, 0);
    if (valid) held_[i] = __ldg(static_cast<const uint4*>(global));
#endif
  }
  __device__ __forceinline__ void store(int i, void* shared) const {
#if __CUDA_ARCH__ < 800
    *static_cast<uint4*>(shared) = held_[i];
#endif
  }

#if __CUDA_ARCH__ < 800
 private:
  uint4 held_[count];
#endif
};

// Makes one group of this thread's copies since the last call.
__device__ __forceinline__ void cp_async_commit_group() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}
// Waits until at most `pending` of the groups committed last are under way.
template <int pending>
__device__ __forceinline__ void cp_async_wait_group() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
#endif
}

}  // namespace roofproof::cuda::ptx
