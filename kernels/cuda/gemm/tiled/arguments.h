// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the simt and mma kernels are launched with, and what is known of each instantiation.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/cuda/gemm/tile_order.h"
#include "kernels/cuda/gemm/tiled/work.h"

namespace roofproof::cuda {

struct GemmArguments {
  const std::byte* a;
  const std::byte* b;
  void* c;
  int m;
  int n;
  int row_bytes;  // of A and B: K times the element size
  float alpha;
  float beta;
  TileGrid grid;
  int raster_group;
  WorkPlan work;
  void* partials;   // one tile of accumulators per block of the plan
  unsigned* flags;  // one per block; all zero between launches
};

// One tile configuration.
struct TileShape {
  int m;
  int n;
  int row_bytes;
  int stages;
  int threads;
  int shared_bytes;
  bool aligned;  // wants rows of A and B that are multiples of 16 bytes
  // Of the arithmetic peak, in the main loop, as the model of select.h takes it.
  double efficiency;
};

// A compiled one.
struct TiledKernel {
  TileShape shape;
  const void* function;  // __global__ void(GemmArguments)
};
using TiledKernels = std::vector<TiledKernel>;

template <class Tile>
constexpr TileShape shape_of(bool aligned) {
  return {Tile::tile_m,  Tile::tile_n,       Tile::row_bytes, Tile::stages,
          Tile::threads, Tile::shared_bytes, aligned,         Tile::efficiency};
}

}  // namespace roofproof::cuda
