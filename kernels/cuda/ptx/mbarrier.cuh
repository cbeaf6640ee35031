// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Barriers in shared memory that count arrivals of threads and bytes of asynchronous copies, from
// sm_90 on: nothing before. `barrier` is an 8-byte mbarrier object, or its address.
//
// A barrier is in a phase, of parity 0 at first. The phase is complete when as many threads have
// arrived as it was made for and every byte they announced has landed; the next one begins at once.
// Waiting for a parity returns when the current phase is not (or no longer) of that parity: waiting
// for parity 1 on a fresh barrier does not block.
#pragma once

#include <cstdint>

#include "kernels/cuda/ptx/memory.cuh"

namespace roofproof::cuda::ptx {

__device__ __forceinline__ void mbarrier_init(std::uint32_t barrier, int arrivals) {
#if __CUDA_ARCH__ >= 900
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
#endif
}
__device__ __forceinline__ void mbarrier_init(std::uint64_t* barrier, int arrivals) {
  mbarrier_init(shared_address(barrier), arrivals);
}

// Arrives and announces `bytes` that asynchronous copies will bring.
__device__ __forceinline__ void mbarrier_arrive_expect_tx(std::uint32_t barrier, int bytes) {
#if __CUDA_ARCH__ >= 900
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes)
               : "memory");
#endif
}
__device__ __forceinline__ void mbarrier_arrive_expect_tx(std::uint64_t* barrier, int bytes) {
  mbarrier_arrive_expect_tx(shared_address(barrier), bytes);
}

// mbarrier.try_wait.parity until it says yes.
__device__ __forceinline__ void mbarrier_wait_parity(std::uint32_t barrier, unsigned parity) {
#if __CUDA_ARCH__ >= 900
  asm volatile(
      "{\n\t.reg .pred done;\n\t"
      "again:\n\t"
      "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n\t"
      "@done bra ready;\n\t"
      "bra again;\n\t"
      "ready:\n\t}" ::"r"(barrier),
      "r"(parity)
      : "memory");
#endif
}
__device__ __forceinline__ void mbarrier_wait_parity(std::uint64_t* barrier, unsigned parity) {
  mbarrier_wait_parity(shared_address(barrier), parity);
}

// Orders what this thread did to shared memory, and to barriers that it initialised, before what
// the copy engine and the tensor cores do next.
__device__ __forceinline__ void fence_proxy_async() {
#if __CUDA_ARCH__ >= 900
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
#endif
}

}  // namespace roofproof::cuda::ptx
