// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Copies of contiguous bytes by the copy engine, from sm_90 on: nothing before. Addresses and
// `bytes` are multiples of 16.
#pragma once

#include <cstdint>

#include "kernels/cuda/ptx/memory.cuh"

namespace roofproof::cuda::ptx {

// From global to shared memory; the bytes count on `barrier`.
__device__ __forceinline__ void cp_async_bulk_load(void* shared, const void* global, int bytes,
                                                   std::uint32_t barrier) {
#if __CUDA_ARCH__ >= 900
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::
          "r"(shared_address(shared)),
      "l"(__cvta_generic_to_global(global)), "r"(bytes), "r"(barrier)
      : "memory");
#endif
}
// The same with a policy for L2, see createpolicy_evict_first().
__device__ __forceinline__ void cp_async_bulk_load(void* shared, const void* global, int bytes,
                                                   std::uint64_t* barrier, std::uint64_t policy) {
#if __CUDA_ARCH__ >= 900
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint "
      "[%0], [%1], %2, [%3], %4;" ::"r"(shared_address(shared)),
      "l"(global), "r"(bytes), "r"(shared_address(barrier)), "l"(policy)
      : "memory");
#endif
}

// From shared to global memory.
__device__ __forceinline__ void cp_async_bulk_store(void* global, const void* shared, int bytes) {
#if __CUDA_ARCH__ >= 900
  asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(
                   __cvta_generic_to_global(global)),
               "r"(shared_address(shared)), "r"(bytes)
               : "memory");
#endif
}

// Makes one group of this thread's stores, tensor_copy.cuh's included, since the last call.
__device__ __forceinline__ void cp_async_bulk_commit_group() {
#if __CUDA_ARCH__ >= 900
  asm volatile("cp.async.bulk.commit_group;" ::: "memory");
#endif
}
// Until all but the newest `pending` groups of this thread have read their shared memory.
template <int pending>
__device__ __forceinline__ void cp_async_bulk_wait_group_read() {
#if __CUDA_ARCH__ >= 900
  asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(pending) : "memory");
#endif
}
// Until they are done.
template <int pending>
__device__ __forceinline__ void cp_async_bulk_wait_group() {
#if __CUDA_ARCH__ >= 900
  asm volatile("cp.async.bulk.wait_group %0;" ::"n"(pending) : "memory");
#endif
}

}  // namespace roofproof::cuda::ptx
