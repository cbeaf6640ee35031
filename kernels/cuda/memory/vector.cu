// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// read, copy and triad as a vector loop (walk.h: vector_loop): a block works on a tile of 256 x
// `loads` vectors of 16 bytes; all loads of a tile are issued before its first store, so that a
// thread has `loads` (triad: twice as many) requests under way. How many that are per SM follows
// from the occupancy; plan() takes the fewest loads that are twice the budget of budget.h, twice
// because a warp that stores or starts over has none under way.
//
// FLOP: triad 2 per element. Compulsory bytes: 4, 8, 12 per element.

#include <cuda_runtime.h>

#include <stdexcept>

#include "kernels/cuda/memory/block_sum.cuh"
#include "kernels/cuda/memory/kernels.h"
#include "kernels/cuda/memory/walk.h"
#include "kernels/cuda/ptx/ptx.cuh"
#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda {
namespace {

constexpr int threads = 256;

__device__ std::uint32_t sum(uint4 v) { return v.x + v.y + v.z + v.w; }

__device__ std::uint32_t triad(std::uint32_t a, std::uint32_t b) {
  return __float_as_uint(fmaf(triad_scalar, __uint_as_float(b), __uint_as_float(a)));
}
__device__ uint4 triad(uint4 a, uint4 b) {
  return {triad(a.x, b.x), triad(a.y, b.y), triad(a.z, b.z), triad(a.w, b.w)};
}

template <class T>
struct Arrays {
  const T* a;
  const T* b;
  T* c;
};

// What vector_loop() calls. `Op` decides at compile time what is done with a vector.
template <Op op, int loads>
struct VectorBody {
  Arrays<uint4> vectors;
  Arrays<std::uint32_t> elements;
  std::uint32_t partial_sum;

  __device__ void full(std::int64_t first) {
    uint4 a[loads];
    uint4 b[loads];
#pragma unroll
    for (int i = 0; i < loads; ++i) {
      a[i] = ptx::ld_global_no_allocate(vectors.a + first + i * threads);
      if constexpr (op == Op::triad)
        b[i] = ptx::ld_global_no_allocate(vectors.b + first + i * threads);
    }
#pragma unroll
    for (int i = 0; i < loads; ++i) finish(first + i * threads, a[i], b[i]);
  }
  __device__ void single(std::int64_t v) {
    uint4 b{};
    if constexpr (op == Op::triad) b = ptx::ld_global_no_allocate(vectors.b + v);
    finish(v, ptx::ld_global_no_allocate(vectors.a + v), b);
  }
  __device__ void element(std::int64_t i) {
    if constexpr (op == Op::read) partial_sum += elements.a[i];
    if constexpr (op == Op::copy) elements.c[i] = elements.a[i];
    if constexpr (op == Op::triad) elements.c[i] = triad(elements.a[i], elements.b[i]);
  }

 private:
  __device__ void finish(std::int64_t v, uint4 a, uint4 b) {
    if constexpr (op == Op::read) partial_sum += sum(a);
    if constexpr (op == Op::copy) __stcs(vectors.c + v, a);
    if constexpr (op == Op::triad) __stcs(vectors.c + v, triad(a, b));
  }
};

// The 4 resident blocks ask for no more than 64 registers a thread. Left to itself ptxas aims at
// 32, and starts to use the first vectors before it asks for the last.
template <Op op, int loads>
__global__ void __launch_bounds__(threads, 4) vector_kernel(MemoryOperands operands) {
  VectorBody<op, loads> body{
      {static_cast<const uint4*>(operands.a), static_cast<const uint4*>(operands.b),
       static_cast<uint4*>(operands.c)},
      {static_cast<const std::uint32_t*>(operands.a), static_cast<const std::uint32_t*>(operands.b),
       static_cast<std::uint32_t*>(operands.c)},
      0};
  vector_loop<loads>(operands.elements, blockIdx.x, gridDim.x, static_cast<int>(threadIdx.x),
                     threads, body);
  if constexpr (op == Op::read) write_block_sum(body.partial_sum, operands.sums + blockIdx.x);
}

template <Op op, int loads>
void launch(const MemoryPlan& plan, const MemoryOperands& operands, cudaStream_t stream) {
  vector_kernel<op, loads><<<static_cast<unsigned>(plan.blocks), threads, 0, stream>>>(operands);
  ROOFPROOF_CUDA_CHECK_LAUNCH(vector_kernel);
}

constexpr int loaded_arrays(Op op) { return op == Op::triad ? 2 : 1; }

// The fewest loads that fill the budget; the most there are when none does.
template <Op op, int loads>
MemoryPlan plan(const char* name, bool tiled, std::int64_t elements, const MemoryBudget& budget) {
  // 32 registers of data; with more ptxas starts to use some before it asks for the others.
  constexpr int most_loads = 8 / loaded_arrays(op);
  int resident = 0;
  ROOFPROOF_CUDA_CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(
      &resident, vector_kernel<op, loads>, threads, 0));
  const std::int64_t in_flight = std::int64_t{16} * loads * loaded_arrays(op) * threads * resident;
  if constexpr (loads < most_loads) {
    if (in_flight < 2 * budget.bytes_in_flight_per_sm) {
      return plan<op, 2 * loads>(name, tiled, elements, budget);
    }
  }
  MemoryPlan result;
  result.launch = launch<op, loads>;
  result.tile_elements = loads * threads * vector_elements;
  const std::int64_t tiles = elements / result.tile_elements + 1;
  const std::int64_t wave = static_cast<std::int64_t>(budget.sms) * resident;
  result.blocks = tiled || tiles < wave ? tiles : wave;
  result.label = std::string(name) + " " + std::to_string(loads) + "x16 B/thread, " +
                 std::to_string(in_flight / 1024) + " KiB/SM";
  return result;
}

MemoryPlan plan(const char* name, bool tiled, Op op, std::int64_t elements,
                const MemoryBudget& budget) {
  constexpr int fewest_loads = 2;
  switch (op) {
    case Op::read:
      return plan<Op::read, fewest_loads>(name, tiled, elements, budget);
    case Op::copy:
      return plan<Op::copy, fewest_loads>(name, tiled, elements, budget);
    case Op::triad:
      return plan<Op::triad, fewest_loads>(name, tiled, elements, budget);
    default:
      throw std::invalid_argument("kernels/cuda/memory/vector.cu: not a memory operation");
  }
}

}  // namespace

MemoryPlan plan_vector(Op op, std::int64_t elements, const MemoryBudget& budget) {
  return plan("vector", false, op, elements, budget);
}

MemoryPlan plan_vector_tiled(Op op, std::int64_t elements, const MemoryBudget& budget) {
  return plan("vector_tiled", true, op, elements, budget);
}

}  // namespace roofproof::cuda
