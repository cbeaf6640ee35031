// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Clusters of blocks, barriers between them, and warps that differ in what they do. For sm_90.
#pragma once

#include <cstdint>

namespace roofproof::cuda::ptx {

__device__ __forceinline__ int cluster_ctarank() {
  int rank;
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return rank;
}

// The address, in the cluster's window, of `address` in the shared memory of block `rank`.
__device__ __forceinline__ std::uint32_t mapa(std::uint32_t address, int rank) {
  std::uint32_t mapped;
  asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(mapped) : "r"(address), "r"(rank));
  return mapped;
}

// 16 bytes to another block of the cluster, and their number to the transaction count of a barrier
// there (both addresses from mapa(); to the block's own memory it is undefined). Whoever waits for
// that barrier with mbarrier_wait_parity_cluster() sees them. No fence, and the storing block need
// not wait.
__device__ __forceinline__ void st_async(std::uint32_t address, const float* value,
                                         std::uint32_t barrier) {
  asm volatile(
      "st.async.shared::cluster.mbarrier::complete_tx::bytes.v4.f32 [%0], {%1, %2, %3, %4}, "
      "[%5];" ::"r"(address),
      "f"(value[0]), "f"(value[1]), "f"(value[2]), "f"(value[3]), "r"(barrier)
      : "memory");
}
__device__ __forceinline__ void st_async(std::uint32_t address, const int* value,
                                         std::uint32_t barrier) {
  asm volatile(
      "st.async.shared::cluster.mbarrier::complete_tx::bytes.v4.s32 [%0], {%1, %2, %3, %4}, "
      "[%5];" ::"r"(address),
      "r"(value[0]), "r"(value[1]), "r"(value[2]), "r"(value[3]), "r"(barrier)
      : "memory");
}

// All threads of all blocks of the cluster arrive; whoever waits knows that they have. Nothing
// becomes visible but what a fence has seen to.
__device__ __forceinline__ void barrier_cluster_arrive_relaxed() {
  asm volatile("barrier.cluster.arrive.relaxed.aligned;" ::: "memory");
}
__device__ __forceinline__ void barrier_cluster_wait() {
  asm volatile("barrier.cluster.wait.aligned;" ::: "memory");
}
__device__ __forceinline__ void barrier_cluster_sync_relaxed() {
  barrier_cluster_arrive_relaxed();
  barrier_cluster_wait();
}

// After the last mbarrier_init() and before the barrier that lets others use what it made: makes it
// visible to the other blocks of the cluster and to the copy engine.
__device__ __forceinline__ void fence_mbarrier_init() {
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}
__device__ __forceinline__ void mbarrier_arrive(std::uint32_t barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
}
// On a barrier of any block of the cluster: `barrier` comes from mapa(). Says that this warp has
// finished reading what the barrier guards; without a cluster scope it publishes nothing that the
// warp wrote. (With .release.cluster ptxas puts a MEMBAR.ALL.GPU before each arrival.)
__device__ __forceinline__ void mbarrier_arrive_cluster(std::uint32_t barrier) {
  asm volatile("mbarrier.arrive.shared::cluster.b64 _, [%0];" ::"r"(barrier) : "memory");
}

// The same, and publishes to the barrier's block what the thread did or knows to be done.
__device__ __forceinline__ void mbarrier_arrive_release_cluster(std::uint32_t barrier) {
  asm volatile("mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%0];" ::"r"(barrier)
               : "memory");
}
// mbarrier_wait_parity() for what other blocks of the cluster published or stored.
__device__ __forceinline__ void mbarrier_wait_parity_cluster(std::uint32_t barrier,
                                                             unsigned parity) {
  asm volatile(
      "{\n\t.reg .pred done;\n\t"
      "again:\n\t"
      "mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 done, [%0], %1;\n\t"
      "@done bra ready;\n\t"
      "bra again;\n\t"
      "ready:\n\t}" ::"r"(barrier),
      "r"(parity)
      : "memory");
}

// `threads` threads of the block, whole warps, meet at named barrier `id` (0 is __syncthreads()).
__device__ __forceinline__ void barrier_sync(int id, int threads) {
  asm volatile("barrier.sync.aligned %0, %1;" ::"r"(id), "r"(threads) : "memory");
}

// True in one thread of a converged warp.
__device__ __forceinline__ bool elect_sync() {
  std::uint32_t elected;
  asm volatile(
      "{\n"
      ".reg .pred chosen;\n"
      "elect.sync _|chosen, 0xffffffff;\n"
      "selp.u32 %0, 1, 0, chosen;\n"
      "}"
      : "=r"(elected));
  return elected != 0;
}

// Gives up registers, down to `count` for each thread of the warpgroup, or claims them.
template <int count>
__device__ __forceinline__ void setmaxnreg_dec() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(count));
}
template <int count>
__device__ __forceinline__ void setmaxnreg_inc() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(count));
}

}  // namespace roofproof::cuda::ptx
