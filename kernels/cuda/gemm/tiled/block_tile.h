// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The geometry of a block's tile and of its way through shared memory, the same for all element
// types: it counts bytes.
//
// A stage holds RowBytes of K of TileM rows of A and, below them, TileN rows of B: one stack of
// swizzled rows. The threads fill it in passes: in pass p thread t copies the 16-byte chunk
// t % chunks_per_row of row p * rows_per_pass + t / chunks_per_row of its operand.
#pragma once

#include <cstdint>

#include "kernels/cuda/gemm/swizzle.h"
#include "kernels/host_device.h"

namespace roofproof::cuda {

template <int TileM, int TileN, int RowBytes, int WarpM, int WarpN, int Stages>
struct BlockTile {
  static_assert(TileM % WarpM == 0 && TileN % WarpN == 0, "warps tile the block");
  static_assert(TileM % 8 == 0, "B's rows keep their swizzle below A's");

  static constexpr int tile_m = TileM;
  static constexpr int tile_n = TileN;
  static constexpr int row_bytes = RowBytes;
  static constexpr int warp_m = WarpM;
  static constexpr int warp_n = WarpN;
  static constexpr int stages = Stages;

  static constexpr int warps_m = TileM / WarpM;
  static constexpr int warps_n = TileN / WarpN;
  static constexpr int threads = 32 * warps_m * warps_n;
  static constexpr int stage_bytes = (TileM + TileN) * RowBytes;
  static constexpr int shared_bytes = Stages * stage_bytes;

  static constexpr int chunks_per_row = RowBytes / chunk_bytes;
  static constexpr int rows_per_pass = threads / chunks_per_row;
  static constexpr int a_passes = (TileM + rows_per_pass - 1) / rows_per_pass;
  static constexpr int b_passes = (TileN + rows_per_pass - 1) / rows_per_pass;
  static constexpr int passes = a_passes + b_passes;
  static_assert(threads % chunks_per_row == 0 && rows_per_pass % 8 == 0,
                "all passes of a thread have the same swizzle");

  // First row and column of the warp's part. Neighbouring warps lie along N.
  ROOFPROOF_HOST_DEVICE static constexpr int warp_row(int warp) { return warp / warps_n * WarpM; }
  ROOFPROOF_HOST_DEVICE static constexpr int warp_column(int warp) {
    return warp % warps_n * WarpN;
  }

  ROOFPROOF_HOST_DEVICE static constexpr int copy_row(int thread) {
    return thread / chunks_per_row;
  }
  ROOFPROOF_HOST_DEVICE static constexpr int copy_chunk(int thread) {
    return thread % chunks_per_row;
  }
  ROOFPROOF_HOST_DEVICE static constexpr bool copies_a(int pass) { return pass < a_passes; }
  // The row of the pass's operand at which the pass begins.
  ROOFPROOF_HOST_DEVICE static constexpr int pass_row(int pass) {
    return (copies_a(pass) ? pass : pass - a_passes) * rows_per_pass;
  }
  // Whether some threads have nothing to copy in this pass, and which.
  ROOFPROOF_HOST_DEVICE static constexpr bool pass_is_partial(int pass) {
    return pass_row(pass) + rows_per_pass > (copies_a(pass) ? TileM : TileN);
  }
  ROOFPROOF_HOST_DEVICE static constexpr bool pass_has_row(int pass, int copy_row) {
    return pass_row(pass) + copy_row < (copies_a(pass) ? TileM : TileN);
  }
  // Where in a stage the copy of pass 0 goes, and what a later pass adds.
  ROOFPROOF_HOST_DEVICE static constexpr std::uint32_t copy_offset(int thread) {
    return swizzled_offset<RowBytes>(copy_row(thread), copy_chunk(thread));
  }
  ROOFPROOF_HOST_DEVICE static constexpr std::uint32_t pass_offset(int pass) {
    return ((copies_a(pass) ? 0 : TileM) + pass_row(pass)) * RowBytes;
  }
};

}  // namespace roofproof::cuda
