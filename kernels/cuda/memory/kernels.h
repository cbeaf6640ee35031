// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Between the memory workload and its kernels. C++17, for the .cu files.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <string>

#include "kernels/problem/op.h"

namespace roofproof::cuda {

// c = a + triad_scalar * b
inline constexpr float triad_scalar = 0.4f;

// Arrays of `elements` 4-byte elements, 256-byte aligned. read: sums[i] = sum of what block i read,
// modulo 2^32; copy: c = a, bit for bit; triad: c = a + triad_scalar b in FP32.
struct MemoryOperands {
  std::int64_t elements = 0;
  const void* a = nullptr;
  const void* b = nullptr;
  void* c = nullptr;
  std::uint32_t* sums = nullptr;
};

// What a kernel needs to know of a GPU.
struct MemoryBudget {
  int sms = 0;
  std::int64_t shared_memory_per_block = 0;
  std::int64_t bytes_in_flight_per_sm = 0;
};

// How one operation is launched on one device, for any operands of that size.
struct MemoryPlan {
  using Launch = void (*)(const MemoryPlan& plan, const MemoryOperands& operands,
                          cudaStream_t stream);
  Launch launch = nullptr;
  std::int64_t blocks = 0;  // and as many sums
  int stages = 0;           // ring: buffers of a warp
  int tile_elements = 0;    // what is handed out at a time, for the checks at its edges
  std::string label = {};
};

MemoryPlan plan_vector(Op op, std::int64_t elements, const MemoryBudget& budget);
MemoryPlan plan_vector_tiled(Op op, std::int64_t elements, const MemoryBudget& budget);
MemoryPlan plan_bulk_sm90(Op op, std::int64_t elements, const MemoryBudget& budget);

}  // namespace roofproof::cuda
