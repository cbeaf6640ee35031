// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The GEMM kernel of simt, mma_sm75 and mma_sm80: C[M,N] = alpha A[M,K] B[N,K]^T + beta C.
//
// A persistent block works through its items of the plan (work.h). For each it runs along K: stages
// of A and B go to a ring in shared memory, warps multiply them fragment by fragment while the next
// stages are under way and the next fragments are loaded. Then it stores the tile, or leaves its
// partial sum, or adds what other blocks left.
//
// Math is TensorMath or SimtMath. A stage is `steps` steps of fragments: begin() fetches what the
// first needs; step() multiplies one and fetches what the next needs, which is in another stage at
// the end. It calls copy() once, for copies to be sent on their way, and enter_next() before it
// touches the next step's stage, by when it has read all that it needs of this one. What it reads
// beyond the last stage are zeros. store() brings accumulators to C.
//
// Aligned: rows of A and B are multiples of 16 bytes; otherwise every element is fetched on its
// own.
//
// Instantiate in a file of its own per precision and generation.
#pragma once

#include <cstdint>

#include "kernels/cuda/gemm/tiled/arguments.h"
#include "kernels/cuda/gemm/tiled/block_tile.h"
#include "kernels/cuda/gemm/tiled/copy.cuh"
#include "kernels/cuda/gemm/tiled/tiles.h"
#include "kernels/cuda/ptx/ptx.cuh"

namespace roofproof::cuda {

// How stages get to shared memory.
enum class Copying {
  staged,  // through registers: all that sm_75 has
  async,   // cp.async: sm_80 and newer
};

// The ring of stages: slots follow each other and wrap around.
template <class Tile>
__device__ std::uint32_t next_slot(std::uint32_t base, std::uint32_t slot) {
  const std::uint32_t next = slot + Tile::stage_bytes;
  return next == base + Tile::shared_bytes ? base : next;
}

// Multiplies the first `blocks` (at least 1) stages of `source`, with cp.async: all stages but one
// are under way while that one is multiplied. Its slot is filled anew from the next stage on, when
// all warps have entered that: then they have read all of it.
template <class Math, bool Aligned>
__device__ void accumulate_async(typename Math::Accumulator (&acc)[Math::accumulators],
                                 const Math& math, TileSource<typename Math::Tile>& source,
                                 int blocks, std::uint32_t base, std::uint32_t copy_offset) {
  using Tile = typename Math::Tile;
  constexpr int in_flight = Tile::stages - 1;

  const auto copy_passes = [&](std::uint32_t slot, int first, int last) {
#pragma unroll
    for (int pass = 0; pass < Tile::passes; ++pass) {
      if (pass < first || pass >= last || !source.takes_part(pass)) continue;
      const std::uint32_t to = slot + copy_offset + Tile::pass_offset(pass);
      if constexpr (Aligned) {
        ptx::cp_async(to, source.address(pass), source.exists(pass));
      } else {
        ptx::st_shared(to,
                       gather_chunk<Math::element_bytes>(source.address(pass), source.bytes(pass)));
      }
    }
  };

  std::uint32_t write = base;
#pragma unroll
  for (int stage = 0; stage < in_flight; ++stage) {
    copy_passes(write, 0, Tile::passes);
    ptx::cp_async_commit_group();
    source.advance();
    write = next_slot<Tile>(base, write);
  }
  ptx::cp_async_wait_group<in_flight - 1>();
  __syncthreads();

  typename Math::Fragments fragments;
  std::uint32_t read = base;
  math.begin(acc, fragments, read);
#pragma unroll 1
  do {
    const std::uint32_t next = next_slot<Tile>(base, read);
#pragma unroll
    for (int step = 0; step < Math::steps; ++step) {
      const bool last = step == Math::steps - 1;
      const auto copy = [&] {  // all are out before the last step
        if (!last) {
          copy_passes(write, Tile::passes * step / (Math::steps - 1),
                      Tile::passes * (step + 1) / (Math::steps - 1));
        }
      };
      const auto enter_next = [&] {
        if (last) {
          ptx::cp_async_commit_group();
          ptx::cp_async_wait_group<in_flight - 1>();
          __syncthreads();
        }
      };
      math.step(acc, fragments, read, step, last ? next : read, (step + 1) % Math::steps, copy,
                enter_next);
    }
    source.advance();
    read = next;
    write = next_slot<Tile>(base, write);
  } while (--blocks > 0);
  // The next item overwrites the ring.
  ptx::cp_async_wait_group<0>();
  __syncthreads();
}

// The same through registers: the loads of the next stage are out before this one is multiplied,
// and go to shared memory before its last step.
template <class Math, bool Aligned>
__device__ void accumulate_staged(typename Math::Accumulator (&acc)[Math::accumulators],
                                  const Math& math, TileSource<typename Math::Tile>& source,
                                  int blocks, std::uint32_t base, std::uint32_t copy_offset) {
  using Tile = typename Math::Tile;
  static_assert(Tile::stages == 2, "the slot to write was last read before the previous barrier");

  uint4 staged[Tile::passes];
  const auto fetch = [&] {
#pragma unroll
    for (int pass = 0; pass < Tile::passes; ++pass) {
      if (!source.takes_part(pass)) continue;
      if constexpr (Aligned) {
        staged[pass] = load_chunk(source.address(pass), source.exists(pass));
      } else {
        staged[pass] = gather_chunk<Math::element_bytes>(source.address(pass), source.bytes(pass));
      }
    }
  };
  const auto store = [&](std::uint32_t slot) {
#pragma unroll
    for (int pass = 0; pass < Tile::passes; ++pass) {
      if (!source.takes_part(pass)) continue;
      ptx::st_shared(slot + copy_offset + Tile::pass_offset(pass), staged[pass]);
    }
  };

  fetch();
  store(base);
  __syncthreads();

  typename Math::Fragments fragments;
  std::uint32_t read = base;
  math.begin(acc, fragments, read);
#pragma unroll 1
  do {
    const std::uint32_t next = next_slot<Tile>(base, read);
    source.advance();
    fetch();
#pragma unroll
    for (int step = 0; step < Math::steps; ++step) {
      const bool last = step == Math::steps - 1;
      const auto enter_next = [&] {
        if (last) {
          store(next);
          __syncthreads();
        }
      };
      math.step(
          acc, fragments, read, step, last ? next : read, (step + 1) % Math::steps, [] {},
          enter_next);
    }
    read = next;
  } while (--blocks > 0);
  __syncthreads();
}

// Four accumulators, as they travel.
template <class Accumulator>
struct Vector;
template <>
struct Vector<float> {
  using Type = float4;
};
template <>
struct Vector<std::int32_t> {
  using Type = int4;
};

// A block's slot of the workspace holds its accumulators four by four, thread beside thread.
template <class Math>
__device__ auto partial_sum(const GemmArguments& arguments, int block, int thread) {
  using Type = typename Vector<typename Math::Accumulator>::Type;
  return static_cast<Type*>(arguments.partials) +
         static_cast<std::int64_t>(block) * (Math::accumulators / 4) * Math::Tile::threads + thread;
}

template <class Math>
__device__ void leave_partial_sum(const GemmArguments& arguments, int block, int thread,
                                  const typename Math::Accumulator (&acc)[Math::accumulators]) {
  auto* slot = partial_sum<Math>(arguments, block, thread);
#pragma unroll
  for (int i = 0; i < Math::accumulators; i += 4) {
    __stcg(slot + i / 4 * Math::Tile::threads, {acc[i], acc[i + 1], acc[i + 2], acc[i + 3]});
  }
  __syncthreads();
  if (thread == 0) ptx::st_release_gpu<1>(arguments.flags + block);
}

// Adds what blocks [first, last) left, in this order, and takes their flags down.
template <class Math>
__device__ void add_partial_sums(const GemmArguments& arguments, int first, int last, int thread,
                                 typename Math::Accumulator (&acc)[Math::accumulators]) {
  for (int block = first + thread; block < last; block += Math::Tile::threads) {
    while (ptx::ld_acquire_gpu(arguments.flags + block) == 0) {
    }
    arguments.flags[block] = 0;
  }
  __syncthreads();
  // At most eight loads under way: more of them find no registers.
  constexpr int group = Math::accumulators < 32 ? Math::accumulators : 32;
#pragma unroll
  for (int begin = 0; begin < Math::accumulators; begin += group) {
#pragma unroll 32 / group
    for (int block = first; block < last; ++block) {
      const auto* slot = partial_sum<Math>(arguments, block, thread);
#pragma unroll
      for (int i = begin; i < begin + group; i += 4) {
        const auto left = __ldcg(slot + i / 4 * Math::Tile::threads);
        acc[i] += left.x;
        acc[i + 1] += left.y;
        acc[i + 2] += left.z;
        acc[i + 3] += left.w;
      }
    }
  }
}

template <class Math, Copying How, bool Aligned>
__global__ void __launch_bounds__(Math::Tile::threads)
    tiled_gemm_kernel(const __grid_constant__ GemmArguments arguments) {
  using Tile = typename Math::Tile;
  const std::uint32_t base = ptx::shared_address(ptx::shared_memory());

  for (int ordinal = 0;; ++ordinal) {
    typename Math::Accumulator acc[Math::accumulators] = {};
    {
      WorkItem item;
      if (!work_item(arguments.work, static_cast<int>(blockIdx.x), ordinal, item)) break;
      const int thread = ptx::opaque(static_cast<int>(threadIdx.x));
      const Math math(thread);
      TileSource<Tile> source(arguments, tile_at(item.tile, arguments.grid, arguments.raster_group),
                              item.k_begin, item.k_end, thread);
      const int k_blocks = item.k_end - item.k_begin;
      const std::uint32_t copy_offset = Tile::copy_offset(thread);
      if constexpr (How == Copying::async) {
        accumulate_async<Math, Aligned>(acc, math, source, k_blocks, base, copy_offset);
      } else {
        accumulate_staged<Math, Aligned>(acc, math, source, k_blocks, base, copy_offset);
      }
    }
    // Worked out again rather than kept during the main loop, which needs the registers.
    const int block = ptx::opaque(static_cast<int>(blockIdx.x));
    WorkItem item;
    work_item(arguments.work, block, ptx::opaque(ordinal), item);
    const int thread = ptx::opaque(static_cast<int>(threadIdx.x));
    if (item.k_end < arguments.work.k_blocks) {
      leave_partial_sum<Math>(arguments, block, thread, acc);
      continue;
    }
    if (item.k_begin > 0) {
      add_partial_sums<Math>(arguments, first_contributor(arguments.work, item.tile), block, thread,
                             acc);
    }
    const TileIndex tile = tile_at(item.tile, arguments.grid, arguments.raster_group);
    Math::store(arguments, tile, thread, acc);
  }
}

// The kernels of two lists of tiles: for aligned rows and for any.
template <template <class> class Math, Copying How, class... Tiles, class... UnalignedTiles>
TiledKernels tiled_kernels(TileList<Tiles...>, TileList<UnalignedTiles...>) {
  return {TiledKernel{shape_of<Tiles>(true),
                      reinterpret_cast<const void*>(&tiled_gemm_kernel<Math<Tiles>, How, true>)}...,
          TiledKernel{shape_of<UnalignedTiles>(false),
                      reinterpret_cast<const void*>(
                          &tiled_gemm_kernel<Math<UnalignedTiles>, How, false>)}...};
}

}  // namespace roofproof::cuda
