// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Tile copies between global and shared memory by the tensor memory accelerator (PTX ISA,
// "cp.async.bulk.tensor"). Device code for sm_90. One thread issues a copy; `map` is a
// __grid_constant__ parameter of the kernel, made by tensor_map.h; (column, row) is the tile's
// first element. What lies outside the matrix is read as zero, counts towards the bytes of the
// barrier, and is not written.
#pragma once

#include <cuda.h>

#include <cstdint>

namespace roofproof::cuda {

__device__ __forceinline__ void tma_prefetch_map(const CUtensorMap& map) {
  asm volatile("prefetch.tensormap [%0];" ::"l"(&map) : "memory");
}

// How long lines should stay in L2.
__device__ __forceinline__ std::uint64_t l2_evict_first() {
  std::uint64_t policy;
  asm("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(policy));
  return policy;
}
__device__ __forceinline__ std::uint64_t l2_evict_normal() {
  std::uint64_t policy;
  asm("createpolicy.fractional.L2::evict_normal.b64 %0, 1.0;" : "=l"(policy));
  return policy;
}
__device__ __forceinline__ std::uint64_t l2_evict_last() {
  std::uint64_t policy;
  asm("createpolicy.fractional.L2::evict_last.b64 %0, 1.0;" : "=l"(policy));
  return policy;
}

__device__ __forceinline__ void tma_load(std::uint32_t destination, const CUtensorMap& map,
                                         std::uint32_t barrier, int column, int row) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes"
      " [%0], [%1, {%2, %3}], [%4];" ::"r"(destination),
      "l"(&map), "r"(column), "r"(row), "r"(barrier)
      : "memory");
}

__device__ __forceinline__ void tma_load_hinted(std::uint32_t destination, const CUtensorMap& map,
                                                std::uint32_t barrier, int column, int row,
                                                std::uint64_t l2_policy) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint"
      " [%0], [%1, {%2, %3}], [%4], %5;" ::"r"(destination),
      "l"(&map), "r"(column), "r"(row), "r"(barrier), "l"(l2_policy)
      : "memory");
}

// To the same place in every block of the cluster whose bit is set in `blocks`; each of these
// blocks' own barrier counts the bytes.
__device__ __forceinline__ void tma_load_multicast(std::uint32_t destination,
                                                   const CUtensorMap& map, std::uint32_t barrier,
                                                   int column, int row, std::uint16_t blocks) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes"
      ".multicast::cluster [%0], [%1, {%2, %3}], [%4], %5;" ::"r"(destination),
      "l"(&map), "r"(column), "r"(row), "r"(barrier), "h"(blocks)
      : "memory");
}

// Between ordinary stores to shared memory and the barrier after which another thread hands it to
// the copy engine: in every storing thread.
__device__ __forceinline__ void fence_stores_before_tma() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

__device__ __forceinline__ void tma_store(const CUtensorMap& map, std::uint32_t source, int column,
                                          int row) {
  asm volatile(
      "cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%0, {%1, %2}], [%3];" ::"l"(&map),
      "r"(column), "r"(row), "r"(source)
      : "memory");
}

// Makes one group of this thread's stores since the last call.
__device__ __forceinline__ void tma_store_commit() {
  asm volatile("cp.async.bulk.commit_group;" ::: "memory");
}

// Until all but the newest `pending` groups of this thread have read their shared memory.
template <int pending>
__device__ __forceinline__ void tma_store_wait_read() {
  asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(pending) : "memory");
}

}  // namespace roofproof::cuda
