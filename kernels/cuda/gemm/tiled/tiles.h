// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The tile configurations of the simt and mma kernels: every row is one compiled kernel per
// precision. `efficiency` is the share of the arithmetic peak that the main loop is expected to
// reach, for the choice in select.h: estimates from issue slots and shared-memory traffic, to be
// replaced by what a sweep measures on each GPU.
#pragma once

#include "kernels/cuda/gemm/tiled/block_tile.h"

namespace roofproof::cuda {

template <class... Tiles>
struct TileList {};

// Tensor tiles. Per 32-byte step a warp of 64x64 loads 4 KB for 32 m16n8 products, one of 64x32
// 3 KB for 16, one of 32x32 2 KB for 8: half, three quarters and all of what an SM of sm_80 can
// load from shared memory while it multiplies.

// 144 KB: A100, H100, H200. One block of 8 warps; 128 accumulators, 64 fragment registers.
struct Sm80Large : BlockTile<128, 256, 128, 64, 64, 3> {
  static constexpr double efficiency = 0.95;
};
// 96 KB: A10G, L4, L40S, which have 99.
struct Sm80Wide : BlockTile<128, 256, 64, 64, 64, 4> {
  static constexpr double efficiency = 0.93;
};
// 64 KB, two blocks on A100: for C too small for the large ones.
struct Sm80Medium : BlockTile<128, 128, 64, 64, 32, 4> {
  static constexpr double efficiency = 0.85;
};
// 80 KB: up to 64 rows, a stream of weights.
struct Sm80Rows64 : BlockTile<64, 64, 128, 32, 32, 5> {
  static constexpr double efficiency = 0.6;
};
// 60 KB: up to 16 rows; 10 KB in each of 5 stages under way.
struct Sm80Rows16 : BlockTile<16, 64, 128, 16, 16, 6> {
  static constexpr double efficiency = 0.3;
};
using Sm80Tiles = TileList<Sm80Large, Sm80Wide, Sm80Medium, Sm80Rows64, Sm80Rows16>;
using Sm80UnalignedTiles = TileList<Sm80Rows64>;

// Two stages, filled through registers: a block has at most 64 KB and its threads 255 registers, of
// which 24 hold the next stage.
struct Sm75Large : BlockTile<128, 256, 64, 64, 64, 2> {
  static constexpr double efficiency = 0.9;
};
struct Sm75Medium : BlockTile<128, 128, 64, 64, 32, 2> {
  static constexpr double efficiency = 0.75;
};
struct Sm75Rows64 : BlockTile<64, 64, 128, 32, 32, 2> {
  static constexpr double efficiency = 0.5;
};
struct Sm75Rows16 : BlockTile<16, 64, 128, 16, 16, 2> {
  static constexpr double efficiency = 0.3;
};
using Sm75Tiles = TileList<Sm75Large, Sm75Medium, Sm75Rows64, Sm75Rows16>;
using Sm75UnalignedTiles = TileList<Sm75Rows64>;

// FP32. Stages of 96, 64, 48 and 85 KB; all fit where a block has 99.
struct SimtLarge : BlockTile<128, 256, 64, 64, 64, 4> {
  static constexpr double efficiency = 0.92;
};
struct SimtMedium : BlockTile<128, 128, 64, 32, 64, 4> {
  static constexpr double efficiency = 0.88;
};
struct SimtRows64 : BlockTile<64, 128, 64, 32, 64, 4> {
  static constexpr double efficiency = 0.85;
};
struct SimtRows16 : BlockTile<16, 256, 64, 16, 64, 5> {
  static constexpr double efficiency = 0.6;
};
using SimtTiles = TileList<SimtLarge, SimtMedium, SimtRows64, SimtRows16>;
using SimtUnalignedTiles = TileList<SimtRows64>;

struct SimtSm75Medium : BlockTile<128, 128, 64, 32, 64, 2> {
  static constexpr double efficiency = 0.9;
};
struct SimtSm75Rows64 : BlockTile<64, 128, 64, 32, 64, 2> {
  static constexpr double efficiency = 0.85;
};
struct SimtSm75Rows16 : BlockTile<16, 256, 64, 16, 64, 2> {
  static constexpr double efficiency = 0.6;
};
using SimtSm75Tiles = TileList<SimtSm75Medium, SimtSm75Rows64, SimtSm75Rows16>;
using SimtSm75UnalignedTiles = TileList<SimtSm75Rows64>;

}  // namespace roofproof::cuda
