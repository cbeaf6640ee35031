// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Tile copies between global and shared memory by the tensor memory accelerator (PTX ISA,
// "cp.async.bulk.tensor"). Device code for sm_90. One thread issues a copy; `map` is a
// __grid_constant__ parameter of the kernel, made by tensor_map.h; (column, row) is the tile's
// first element. What lies outside the matrix is read as zero, counts towards the bytes of the
// barrier, and is not written. Stores make groups by cp_async_bulk_commit_group() of bulk_copy.cuh.
#pragma once

#include <cuda.h>

#include <cstdint>

namespace roofproof::cuda::ptx {

__device__ __forceinline__ void prefetch_tensormap(const CUtensorMap& map) {
  asm volatile("prefetch.tensormap [%0];" ::"l"(&map) : "memory");
}

__device__ __forceinline__ void cp_async_bulk_tensor_load(std::uint32_t destination,
                                                          const CUtensorMap& map,
                                                          std::uint32_t barrier, int column,
                                                          int row) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes"
      " [%0], [%1, {%2, %3}], [%4];" ::"r"(destination),
      "l"(&map), "r"(column), "r"(row), "r"(barrier)
      : "memory");
}

// With a policy for L2, see createpolicy_evict_first().
__device__ __forceinline__ void cp_async_bulk_tensor_load(std::uint32_t destination,
                                                          const CUtensorMap& map,
                                                          std::uint32_t barrier, int column,
                                                          int row, std::uint64_t policy) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint"
      " [%0], [%1, {%2, %3}], [%4], %5;" ::"r"(destination),
      "l"(&map), "r"(column), "r"(row), "r"(barrier), "l"(policy)
      : "memory");
}

// To the same place in every block of the cluster whose bit is set in `blocks`; each of these
// blocks' own barrier counts the bytes.
__device__ __forceinline__ void cp_async_bulk_tensor_load_multicast(std::uint32_t destination,
                                                                    const CUtensorMap& map,
                                                                    std::uint32_t barrier,
                                                                    int column, int row,
                                                                    std::uint16_t blocks) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes"
      ".multicast::cluster [%0], [%1, {%2, %3}], [%4], %5;" ::"r"(destination),
      "l"(&map), "r"(column), "r"(row), "r"(barrier), "h"(blocks)
      : "memory");
}

__device__ __forceinline__ void cp_async_bulk_tensor_store(const CUtensorMap& map,
                                                           std::uint32_t source, int column,
                                                           int row) {
  asm volatile(
      "cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%0, {%1, %2}], [%3];" ::"l"(&map),
      "r"(column), "r"(row), "r"(source)
      : "memory");
}

}  // namespace roofproof::cuda::ptx
