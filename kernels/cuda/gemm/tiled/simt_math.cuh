// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A warp's share of a tile in plain FP32 fused multiply-adds.
//
// A thread computes LaneM x LaneN elements of C. Rows of A and B keep their K-contiguous layout in
// shared memory, so that copies move 16 bytes and nothing is transposed: one 128-bit load brings 4
// values of K of one row, and LaneM + LaneN of them serve 4 LaneM LaneN multiply-adds, as few as a
// transposed layout needs. Where one warp instruction per scheduler and clock is all there is
// (sm_86 and newer), that ratio is the ceiling: 512 of 536 for 16 x 8, 256 of 272 for 8 x 8.
//
// Registers for 16 x 8: 128 accumulators, 32 of B and 3 rows of A under way (12): 172 and
// addresses, which leaves ptxas room to load ahead. All 4 steps of a stage stand in a row, so that
// addresses and the loop's control are paid for once: 93 % of the slots, where one step per round
// of the loop has 91 % (35 KB of code against 9: see kernels/NOTES.md).
#pragma once

#include <cstdint>

#include "kernels/cuda/gemm/swizzle.h"
#include "kernels/cuda/gemm/tiled/arguments.h"
#include "kernels/cuda/gemm/tiled/fragment.h"
#include "kernels/cuda/ptx/ptx.cuh"

namespace roofproof::cuda {

template <class BlockTile>
class SimtMath {
 public:
  using Tile = BlockTile;
  using Accumulator = float;
  static constexpr int element_bytes = 4;
  static constexpr int steps = Tile::row_bytes / chunk_bytes;
  static constexpr int lane_m = Tile::warp_m / simt_layout::lane_rows;
  static constexpr int lane_n = Tile::warp_n / simt_layout::lane_columns;
  static constexpr int accumulators = lane_m * lane_n;
  static constexpr int row_stride = simt_layout::row_stride<Tile>;

  // How many rows of A are loaded before they are used: 3 rows of 8 columns are 96 instructions,
  // longer than a shared load takes.
  static constexpr int rows_ahead = 3;
  static_assert(rows_ahead < lane_m, "a step reads ahead into the next one only");

  // B's values of a step, and its rows of A from the second on.
  struct Fragments {
    float4 a[rows_ahead];
    float4 b[lane_n];
  };

  __device__ explicit SimtMath(int thread) {
    a_offset_ = swizzled_offset<Tile::row_bytes>(simt_layout::first_row<Tile>(thread), 0);
    b_offset_ =
        swizzled_offset<Tile::row_bytes>(Tile::tile_m + simt_layout::first_column<Tile>(thread), 0);
  }

  // Fetches the first step's B and multiplies its first row of A.
  __device__ void begin(Accumulator (&acc)[accumulators], Fragments& fragments,
                        std::uint32_t stage) const {
    const float4 a = load_a(stage, 0, 0);
#pragma unroll
    for (int j = 0; j < lane_n; ++j) {
      fragments.b[j] = load_b(stage, j, 0);
      multiply_add(acc[j], a, fragments.b[j]);
    }
#pragma unroll
    for (int i = 0; i < rows_ahead; ++i) fragments.a[i] = load_a(stage, i + 1, 0);
  }

  // Multiplies the step's other rows and the first of the next step: so B's values are used in the
  // same piece of straight code that loads them, and ptxas loads them early enough. Beyond the last
  // step there are zeros.
  template <class Copy, class Enter>
  __device__ void step(Accumulator (&acc)[accumulators], Fragments& fragments, std::uint32_t stage,
                       int step, std::uint32_t next_stage, int next_step, const Copy& copy,
                       const Enter& enter_next) const {
    copy();
    float4 a[lane_m + rows_ahead + 1];
#pragma unroll
    for (int i = 0; i < rows_ahead; ++i) a[i + 1] = fragments.a[i];
#pragma unroll
    for (int i = 1; i <= lane_m; ++i) {
      const int ahead = i + rows_ahead;
      if (ahead == lane_m) enter_next();
      a[ahead] = ahead < lane_m ? load_a(stage, ahead, step)
                                : load_a(next_stage, ahead - lane_m, next_step);
#pragma unroll
      for (int j = 0; j < lane_n; ++j) {
        multiply_add(acc[i % lane_m * lane_n + j], a[i], fragments.b[j]);
        if (i == lane_m - 1) fragments.b[j] = load_b(next_stage, j, next_step);
      }
    }
#pragma unroll
    for (int i = 0; i < rows_ahead; ++i) fragments.a[i] = a[lane_m + 1 + i];
  }

  // C = alpha acc + beta C. Rows are opaque so that addresses are worked out row by row, not all at
  // once.
  __device__ static void store(const GemmArguments& arguments, TileIndex tile, int thread,
                               Accumulator (&acc)[accumulators]) {
    const int row = tile.row * Tile::tile_m + simt_layout::first_row<Tile>(thread);
    const int column = tile.column * Tile::tile_n + simt_layout::first_column<Tile>(thread);
#pragma unroll
    for (int i = 0; i < accumulators; ++i) acc[i] *= arguments.alpha;
    if (arguments.beta != 0) {
#pragma unroll
      for (int i = 0; i < lane_m; ++i) {
        for_each_column(arguments, ptx::opaque(row + row_stride * i), column, [&](int j, float& c) {
          acc[i * lane_n + j] = fmaf(arguments.beta, c, acc[i * lane_n + j]);
        });
      }
    }
#pragma unroll
    for (int i = 0; i < lane_m; ++i) {
      for_each_column(arguments, ptx::opaque(row + row_stride * i), column,
                      [&](int j, float& c) { c = acc[i * lane_n + j]; });
    }
  }

 private:
  // action(j, C[row, j-th column]) for those that exist.
  template <class Action>
  __device__ static void for_each_column(const GemmArguments& arguments, int row, int first_column,
                                         const Action& action) {
    if (row >= arguments.m) return;
    float* c = static_cast<float*>(arguments.c) + static_cast<std::int64_t>(row) * arguments.n;
#pragma unroll
    for (int j = 0; j < lane_n; ++j) {
      const int column = first_column + simt_layout::lane_columns * j;
      if (column < arguments.n) action(j, c[column]);
    }
  }

  __device__ float4 load_a(std::uint32_t stage, int i, int step) const {
    return ptx::ld_shared_v4(
        ((stage + a_offset_) ^ simt_layout::a_bits<Tile::row_bytes>(row_stride * i, step)) +
        row_stride * i * Tile::row_bytes);
  }
  __device__ float4 load_b(std::uint32_t stage, int j, int step) const {
    return ptx::ld_shared_v4(((stage + b_offset_) ^ simt_layout::b_bits(step)) +
                             simt_layout::lane_columns * j * Tile::row_bytes);
  }
  __device__ static void multiply_add(float& sum, float4 a, float4 b) {
    sum = fmaf(a.x, b.x, sum);
    sum = fmaf(a.y, b.y, sum);
    sum = fmaf(a.z, b.z, sum);
    sum = fmaf(a.w, b.w, sum);
  }

  std::uint32_t a_offset_;  // of the lane's first row in a stage, step 0
  std::uint32_t b_offset_;
};

}  // namespace roofproof::cuda
