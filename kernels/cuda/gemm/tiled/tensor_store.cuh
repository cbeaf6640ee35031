// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// From the accumulators of a tensor kernel's warp to C.
//
// INT32: a quad of lanes holds 8 consecutive columns, a whole 32-byte sector, and writes it at
// once. FP16: the quad holds 16 bytes, so the lanes first exchange their tiles (fragment.h) and
// then write 16 bytes each. Neither way needs shared memory, which the next item's copies fill.
#pragma once

#include <cstdint>

#include "kernels/cuda/gemm/tiled/arguments.h"
#include "kernels/cuda/gemm/tiled/fragment.h"
#include "kernels/cuda/ptx/ptx.cuh"

namespace roofproof::cuda {
namespace tensor_layout {

__device__ inline void exchange(std::uint32_t (&v)[4], int lane, int mask, int i) {
  const bool low = exchanged_register(lane, mask, i) == i;
  const std::uint32_t received = __shfl_xor_sync(0xffffffffu, low ? v[i] : v[i | mask], mask);
  v[i] = low ? received : v[i];
  v[i | mask] = low ? v[i | mask] : received;
}

// v[tile] = two columns of tile `tile` -> eight columns of tile `lane % 4`.
__device__ inline void gather_columns(std::uint32_t (&v)[4], int lane) {
  exchange(v, lane, 1, 0);
  exchange(v, lane, 1, 2);
  exchange(v, lane, 2, 0);
  exchange(v, lane, 2, 1);
}

// acc + beta C; for integers modulo 2^32, beta being one.
__device__ inline float plus_c(float acc, float beta, std::uint16_t c) {
  return fmaf(beta, ptx::cvt_f32_f16(c), acc);
}
__device__ inline std::int32_t plus_c(std::int32_t acc, float beta, std::int32_t c) {
  return static_cast<std::int32_t>(static_cast<unsigned>(acc) +
                                   static_cast<unsigned>(static_cast<int>(beta)) *
                                       static_cast<unsigned>(c));
}

}  // namespace tensor_layout

// Each of the following is worked out per row, from an opaque row number: otherwise the compiler
// keeps addresses and predicates of all paths at once, and spills.

// In acc, what is yet to be rounded: alpha acc + beta C.
template <class Math>
__device__ void scale_tensor_tile(const GemmArguments& arguments, TileIndex tile, int thread,
                                  typename Math::Accumulator (&acc)[Math::accumulators]) {
  using Accumulator = typename Math::Accumulator;
#pragma unroll
  for (int i = 0; i < Math::accumulators; ++i) acc[i] *= static_cast<Accumulator>(arguments.alpha);
  if (arguments.beta == 0) return;
  const int lane = thread % 32;
  const int first_row = tile.row * Math::Tile::tile_m + Math::Tile::warp_row(thread / 32);
  const int first_column = tile.column * Math::Tile::tile_n + Math::Tile::warp_column(thread / 32);
#pragma unroll
  for (int half = 0; half < 2 * Math::m_tiles; ++half) {
    const int row = ptx::opaque(first_row + half * 8 + lane / 4);
    if (row >= arguments.m) continue;
    const auto* c = static_cast<const typename Math::Output*>(arguments.c) +
                    static_cast<std::int64_t>(row) * arguments.n;
#pragma unroll
    for (int i = 0; i < 2 * Math::n_tiles; ++i) {
      const int r = half % 2 * 2 + i % 2;
      const int column = first_column + i / 2 * 8 + tensor_layout::accumulator(lane, r).column;
      auto& value = acc[(half / 2 * Math::n_tiles + i / 2) * 4 + r];
      if (column < arguments.n) {
        value = tensor_layout::plus_c(value, arguments.beta, __ldcg(c + column));
      }
    }
  }
}

template <class Math>
__device__ void store_tensor_tile(const GemmArguments& arguments, TileIndex tile, int thread,
                                  const float (&acc)[Math::accumulators]) {
  const bool vectors = Math::n_tiles % 4 == 0 && arguments.n % 8 == 0;
  const int lane = thread % 32;
  const int first_row = tile.row * Math::Tile::tile_m + Math::Tile::warp_row(thread / 32);
  const int first_column = tile.column * Math::Tile::tile_n + Math::Tile::warp_column(thread / 32);
#pragma unroll
  for (int half = 0; half < 2 * Math::m_tiles; ++half) {
    const int row = ptx::opaque(first_row + half * 8 + lane / 4);
    auto* c =
        static_cast<std::uint16_t*>(arguments.c) + static_cast<std::int64_t>(row) * arguments.n;
    const auto sum = [&](int j, int i) {
      return acc[(half / 2 * Math::n_tiles + j) * 4 + half % 2 * 2 + i];
    };
    if (vectors) {
#pragma unroll
      for (int j = 0; j + 4 <= Math::n_tiles; j += 4) {
        std::uint32_t v[4];
#pragma unroll
        for (int t = 0; t < 4; ++t) v[t] = ptx::cvt_rn_f16x2_f32(sum(j + t, 0), sum(j + t, 1));
        tensor_layout::gather_columns(v, lane);
        const int column = first_column + (j + lane % 4) * 8;
        ptx::st_global_if(row < arguments.m && column < arguments.n, c + column,
                          uint4{v[0], v[1], v[2], v[3]});
      }
    } else if (row < arguments.m) {
#pragma unroll
      for (int j = 0; j < Math::n_tiles; ++j) {
        const int column = first_column + j * 8 + lane % 4 * 2;
        if (column < arguments.n) c[column] = ptx::cvt_rn_f16_f32(sum(j, 0));
        if (column + 1 < arguments.n) c[column + 1] = ptx::cvt_rn_f16_f32(sum(j, 1));
      }
    }
  }
}

template <class Math>
__device__ void store_tensor_tile(const GemmArguments& arguments, TileIndex tile, int thread,
                                  const std::int32_t (&acc)[Math::accumulators]) {
  const bool vectors = arguments.n % 2 == 0;
  const int lane = thread % 32;
  const int first_row = tile.row * Math::Tile::tile_m + Math::Tile::warp_row(thread / 32);
  const int first_column = tile.column * Math::Tile::tile_n + Math::Tile::warp_column(thread / 32);
#pragma unroll
  for (int half = 0; half < 2 * Math::m_tiles; ++half) {
    const int row = ptx::opaque(first_row + half * 8 + lane / 4);
    if (row >= arguments.m) continue;
    auto* c =
        static_cast<std::int32_t*>(arguments.c) + static_cast<std::int64_t>(row) * arguments.n;
#pragma unroll
    for (int j = 0; j < Math::n_tiles; ++j) {
      const int at = (half / 2 * Math::n_tiles + j) * 4 + half % 2 * 2;
      const int column = first_column + j * 8 + lane % 4 * 2;
      if (column >= arguments.n) continue;
      if (vectors) {
        *reinterpret_cast<int2*>(c + column) = int2{acc[at], acc[at + 1]};
      } else {
        c[column] = acc[at];
        if (column + 1 < arguments.n) c[column + 1] = acc[at + 1];
      }
    }
  }
}

}  // namespace roofproof::cuda
