// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// read, copy and triad through the bulk copy engine of compute capability 9.0: each warp owns a
// ring of shared-memory stages (walk.h: ring_loop). Its first lane asks for a chunk per array; the
// bytes count down the stage's mbarrier. Then
//   read:  the warp sums the stage,
//   copy:  the same bytes go straight out again, no thread touches them,
//   triad: the warp overwrites a with a + s b in shared memory, from where it goes out.
// Rings of warps need no barrier across the block, and requests under way cost no registers.
//
// Shared memory per block: stages x warps x (chunk per loaded array), then one mbarrier per stage
// and warp. FLOP: triad 2 per element. Compulsory bytes: 4, 8, 12 per element. Instructions: PTX
// ISA, cp.async.bulk, mbarrier.

#include <cuda_runtime.h>

#include <algorithm>
#include <stdexcept>

#include "kernels/cuda/memory/block_sum.cuh"
#include "kernels/cuda/memory/kernels.h"
#include "kernels/cuda/memory/walk.h"
#include "kernels/cuda/ptx/cluster.cuh"
#include "kernels/cuda/ptx/ptx.cuh"
#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda {
namespace {

// One warp per scheduler: the arithmetic is small, and few warps make large chunks.
constexpr int warps = 4;
constexpr int threads = 32 * warps;
constexpr int chunk_bytes = 4096;
constexpr int chunk_elements = chunk_bytes / 4;
constexpr int barrier_bytes = 8;

__host__ __device__ constexpr int loaded_arrays(Op op) { return op == Op::triad ? 2 : 1; }
__host__ __device__ constexpr int stage_bytes(Op op) { return loaded_arrays(op) * chunk_bytes; }
__host__ __device__ constexpr bool stores(Op op) { return op != Op::read; }

constexpr int shared_bytes(Op op, int stages) {
  return stages * warps * (stage_bytes(op) + barrier_bytes);
}

__device__ float4 triad(float4 a, float4 b) {
  return {fmaf(triad_scalar, b.x, a.x), fmaf(triad_scalar, b.y, a.y), fmaf(triad_scalar, b.z, a.z),
          fmaf(triad_scalar, b.w, a.w)};
}

// What ring_loop() calls, in all lanes of a warp.
template <Op op>
struct RingBody {
  const MemoryOperands& operands;
  ChunkWalk walk;
  std::byte* stages;       // this warp's
  std::uint32_t barriers;  // this warp's, shared-memory address
  int lane;
  std::uint32_t partial_sum;

  __device__ std::byte* stage_data(int stage) const { return stages + stage * stage_bytes(op); }
  __device__ std::uint32_t barrier(int stage) const {
    return barriers + static_cast<std::uint32_t>(stage * barrier_bytes);
  }

  __device__ void load(std::int64_t i, int stage) const {
    if (lane != 0) return;
    const auto bytes = static_cast<int>(walk.size(i) * 4);
    ptx::mbarrier_arrive_expect_tx(barrier(stage), loaded_arrays(op) * bytes);
    const std::int64_t first = walk.first(i);
    ptx::cp_async_bulk_load(stage_data(stage), static_cast<const float*>(operands.a) + first, bytes,
                            barrier(stage));
    if constexpr (op == Op::triad) {
      ptx::cp_async_bulk_load(stage_data(stage) + chunk_bytes,
                              static_cast<const float*>(operands.b) + first, bytes, barrier(stage));
    }
  }

  __device__ void process(std::int64_t i, int stage, unsigned parity) {
    // A copy needs no other lanes; and without the __syncwarp() below these could fall a whole ring
    // behind, where the parity of a phase is ambiguous.
    if (op == Op::copy && lane != 0) return;
    ptx::mbarrier_wait_parity(barrier(stage), parity);
    const int vectors = static_cast<int>(walk.size(i)) / vector_elements;
    if constexpr (op == Op::read) {
      const auto* a = reinterpret_cast<const uint4*>(stage_data(stage));
#pragma unroll 4
      for (int v = lane; v < vectors; v += 32) {
        const uint4 value = a[v];
        partial_sum += value.x + value.y + value.z + value.w;
      }
    }
    if constexpr (op == Op::triad) {
      auto* __restrict__ a = reinterpret_cast<float4*>(stage_data(stage));
      const auto* __restrict__ b = reinterpret_cast<const float4*>(stage_data(stage) + chunk_bytes);
#pragma unroll 4
      for (int v = lane; v < vectors; v += 32) a[v] = triad(a[v], b[v]);
    }
    if constexpr (stores(op)) ptx::fence_proxy_async();
    // All lanes are through with the stage before the first gives it away.
    if constexpr (op != Op::copy) __syncwarp();
    if constexpr (stores(op)) {
      if (lane == 0) {
        ptx::cp_async_bulk_store(static_cast<float*>(operands.c) + walk.first(i), stage_data(stage),
                                 static_cast<int>(walk.size(i) * 4));
        ptx::cp_async_bulk_commit_group();
      }
    }
  }

  __device__ void release() const {
    if constexpr (stores(op)) {
      if (lane == 0) ptx::cp_async_bulk_wait_group_read<1>();
    }
  }
};

template <Op op>
__global__ void __launch_bounds__(threads) bulk_kernel(MemoryOperands operands, int stages) {
  // Bulk copies need 16-byte alignment; 128 keeps a chunk on whole lines.
  extern __shared__ __align__(128) std::byte shared[];
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const std::uint32_t barriers = ptx::shared_address(shared + stages * warps * stage_bytes(op) +
                                                     warp * stages * barrier_bytes);
  if (lane == 0) {
#pragma unroll 1
    for (int stage = 0; stage < stages; ++stage) {
      ptx::mbarrier_init(barriers + static_cast<std::uint32_t>(stage * barrier_bytes), 1);
    }
    ptx::fence_mbarrier_init();
  }
  __syncwarp();

  RingBody<op> body{operands,
                    {operands.elements, chunk_elements, std::int64_t{blockIdx.x} * warps + warp,
                     std::int64_t{gridDim.x} * warps},
                    shared + warp * stages * stage_bytes(op),
                    barriers,
                    lane,
                    0};
  ring_loop<stores(op) ? 1 : 0>(body.walk.count(), stages, body);
  if (stores(op) && lane == 0) ptx::cp_async_bulk_wait_group<0>();

  const std::int64_t rest = body.walk.vectorised() + threadIdx.x;
  if (blockIdx.x == 0 && rest < operands.elements) {
    const float a = static_cast<const float*>(operands.a)[rest];
    if constexpr (op == Op::read) body.partial_sum += __float_as_uint(a);
    if constexpr (op == Op::copy) static_cast<float*>(operands.c)[rest] = a;
    if constexpr (op == Op::triad) {
      static_cast<float*>(operands.c)[rest] =
          fmaf(triad_scalar, static_cast<const float*>(operands.b)[rest], a);
    }
  }
  if constexpr (op == Op::read) write_block_sum(body.partial_sum, operands.sums + blockIdx.x);
}

template <Op op>
void launch(const MemoryPlan& plan, const MemoryOperands& operands, cudaStream_t stream) {
  bulk_kernel<op>
      <<<static_cast<unsigned>(plan.blocks), threads,
         static_cast<std::size_t>(shared_bytes(op, plan.stages)), stream>>>(operands, plan.stages);
  ROOFPROOF_CUDA_CHECK_LAUNCH(bulk_kernel);
}

// One block per SM. Twice the budget is loading at any time, since a stage that is worked on is
// not; what stores has one more stage on its way out.
template <Op op>
MemoryPlan plan(std::int64_t elements, const MemoryBudget& budget) {
  constexpr int block_stage_bytes = warps * stage_bytes(op);
  const auto wanted = static_cast<int>((2 * budget.bytes_in_flight_per_sm + block_stage_bytes - 1) /
                                       block_stage_bytes);
  const auto most = static_cast<int>((budget.shared_memory_per_block - block_sum_shared_bytes) /
                                     shared_bytes(op, 1));
  constexpr int fewest = 2;
  if (most < fewest) throw std::invalid_argument("bulk_sm90: too little shared memory per block");

  MemoryPlan result;
  result.launch = launch<op>;
  result.stages = std::clamp(wanted + (stores(op) ? 1 : 0), fewest, most);
  result.tile_elements = chunk_elements;
  result.blocks = std::min<std::int64_t>(budget.sms, elements / (warps * chunk_elements) + 1);
  result.label = "bulk_sm90 " + std::to_string(result.stages) + " stages, " +
                 std::to_string(result.stages * block_stage_bytes / 1024) + " KiB/SM";
  ROOFPROOF_CUDA_CHECK(cudaFuncSetAttribute(bulk_kernel<op>,
                                            cudaFuncAttributeMaxDynamicSharedMemorySize,
                                            shared_bytes(op, result.stages)));
  return result;
}

}  // namespace

MemoryPlan plan_bulk_sm90(Op op, std::int64_t elements, const MemoryBudget& budget) {
  switch (op) {
    case Op::read:
      return plan<Op::read>(elements, budget);
    case Op::copy:
      return plan<Op::copy>(elements, budget);
    case Op::triad:
      return plan<Op::triad>(elements, budget);
    default:
      throw std::invalid_argument("kernels/cuda/memory/bulk_sm90.cu: not a memory operation");
  }
}

}  // namespace roofproof::cuda
