// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The kernels of wgmma_sm90 as the host launches them.
#pragma once

#include "kernels/cuda/gemm/tile_order.h"

namespace roofproof::cuda::wgmma_sm90 {

enum class ElementKind { fp16, int8 };

// Parameters beside the tensor maps of A, B and C.
struct TileArguments {
  int m;
  int n;
  int k_rows;     // pieces of 128 bytes of K, the last one perhaps in part
  TileGrid grid;  // of cluster tiles
  int group;
  float alpha;
  float beta;
  void* c;
  bool staged;  // C leaves by TMA; else element by element, as beta and odd rows need it
};

struct SkinnyArguments {
  int m;
  int n;
  int k_stages;       // stages that all of K fills, the last one perhaps in part
  int split_shift;    // clusters of 2^split_shift blocks
  int token_tiles;    // tiles along M
  bool weights_once;  // only one tile reads them
  float alpha;
  float beta;
  void* c;
};

// For cudaLaunchKernelExC: (A map, B map, C map, TileArguments), one row of tile_configs each;
const void* tile_kernel(ElementKind type, int config);
// (A map, B map, SkinnyArguments), one row of skinny_configs each.
const void* skinny_kernel(ElementKind type, int config);

}  // namespace roofproof::cuda::wgmma_sm90
