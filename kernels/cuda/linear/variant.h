// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The variants of the GEMV and what host and device agree on about their launch. Plain arithmetic,
// C++17.
#pragma once

#include "kernels/cuda/linear/layout.h"

namespace roofproof::cuda::linear {

// The variants, by the names that the catalogue has for them:
//   simt       CUDA cores, weights by way of registers
//   mma_sm75   Turing's m16n8k8
//   mma_sm80   m16n8k16
//   bulk_sm90  the same (FP32: CUDA cores), weights by way of a bulk-copy ring
#define ROOFPROOF_VARIANTS(X) X(simt) X(mma_sm75) X(mma_sm80) X(bulk_sm90)

// A template parameter of every kernel, so that the same source compiled for different machines
// gives different symbols.
enum class Variant : int {
#define ROOFPROOF_ENUMERATOR(name) name,
  ROOFPROOF_VARIANTS(ROOFPROOF_ENUMERATOR)
#undef ROOFPROOF_ENUMERATOR
};

// FP32 is for CUDA cores, which mma_sm75 and mma_sm80 have no kernels for.
ROOFPROOF_HOST_DEVICE constexpr bool has_kernels(Variant variant, WeightFormat format) {
  return format != WeightFormat::fp32 || variant == Variant::simt || variant == Variant::bulk_sm90;
}

ROOFPROOF_HOST_DEVICE constexpr bool uses_tensor_cores(Variant variant, WeightFormat format) {
  return variant != Variant::simt && format != WeightFormat::fp32;
}

inline constexpr int skinny_threads = 512;
inline constexpr int skinny_warps = skinny_threads / warp_lanes;
inline constexpr int phase_tiles = 2;  // tiles between two sums over the warps

// Blocks per SM that registers are kept low enough for. On Hopper two, see skinny.cuh, except where
// the sums need more.
ROOFPROOF_HOST_DEVICE constexpr int skinny_blocks_per_sm(Variant variant, WeightFormat format,
                                                         int columns) {
  if (variant != Variant::bulk_sm90) return 1;
  return format == WeightFormat::fp32 && columns > 1 ? 1 : 2;
}

// Floats that a warp leaves for the sum over warps: [16][columns] and room that puts the four warps
// that are read at once into different banks.
ROOFPROOF_HOST_DEVICE constexpr int partial_floats(int columns) { return tile_rows * columns + 8; }

// The tiled kernel: blocks of 8 warps, stages of 64 columns.
inline constexpr int tiled_warps = 8;
inline constexpr int tiled_threads = tiled_warps * warp_lanes;
inline constexpr int stage_columns = 64;

// What a block computes.
enum class TiledConfig : int {
  rows128_tokens32,
  rows128_tokens64,
  // The largest of Turing (64 KiB of shared memory, the next stage in registers) and of INT4 (with
  // 128 tokens ptxas 13.0 spills).
  rows256_tokens64,
  rows256_tokens128,
};
ROOFPROOF_HOST_DEVICE constexpr TiledConfig largest_config(Variant variant, WeightFormat format) {
  return variant == Variant::mma_sm75 || format == WeightFormat::int4
             ? TiledConfig::rows256_tokens64
             : TiledConfig::rows256_tokens128;
}
struct TiledSize {
  int row_tiles;    // of a warp, 16 rows each
  int token_tiles;  // of 8 tokens
};
ROOFPROOF_HOST_DEVICE constexpr TiledSize tiled_size(TiledConfig config) {
  switch (config) {
    case TiledConfig::rows128_tokens32:
      return {1, 4};
    case TiledConfig::rows128_tokens64:
      return {1, 8};
    case TiledConfig::rows256_tokens64:
      return {2, 8};
    case TiledConfig::rows256_tokens128:
      return {2, 16};
  }
  return {0, 0};
}
// Blocks of a config that share an SM: by registers (65,536 per SM; none of the small ones needs
// more than 128 per thread, all of the large ones do but INT4's, which on Hopper is kept to them).
ROOFPROOF_HOST_DEVICE constexpr int tiled_blocks_per_sm(Variant variant, WeightFormat format,
                                                        TiledSize size) {
  const bool kept = variant == Variant::bulk_sm90 && format == WeightFormat::int4;
  return size.row_tiles == 1 || kept ? 2 : 1;
}

// Bytes of a stage: weights of all rows, then X.
ROOFPROOF_HOST_DEVICE constexpr int stage_weight_bytes(WeightFormat format, TiledSize size) {
  return tiled_warps * size.row_tiles * (stage_columns / chunk_columns(format)) * chunk_bytes;
}
ROOFPROOF_HOST_DEVICE constexpr int stage_bytes(WeightFormat format, TiledSize size) {
  return stage_weight_bytes(format, size) + 8 * size.token_tiles * stage_columns * 2;
}
// Stages in shared memory. sm_80's code also runs on sm_86 and sm_89, whose SMs have 100 KiB.
ROOFPROOF_HOST_DEVICE constexpr int stage_slots(Variant variant, WeightFormat format,
                                                TiledSize size) {
  if (variant == Variant::mma_sm75) return 2;
  const int sm_kibibytes = variant == Variant::bulk_sm90 ? 228 : 100;
  const int blocks = tiled_blocks_per_sm(variant, format, size);
  const int fit = (sm_kibibytes / blocks - 1) * 1024 / stage_bytes(format, size);
  const int most = variant == Variant::bulk_sm90 ? 6 : 4;
  return fit < most ? fit : most;
}

// FP16 values behind each row of the activations that tensor cores read.
inline constexpr int tensor_core_x_padding = 8;

// Sequences up to which a norm may be fused: above, every block would read all of X to normalise
// its part.
inline constexpr int fused_norm_batch = 4;

// A division of `count` things among `parts`, as even as can be: which are the `part`-th one's.
struct Share {
  int first;
  int count;
};
ROOFPROOF_HOST_DEVICE constexpr Share share(int count, int parts, int part) {
  const int each = count / parts;
  const int larger = count % parts;  // so many parts have one more
  return {part * each + (part < larger ? part : larger), each + (part < larger ? 1 : 0)};
}

}  // namespace roofproof::cuda::linear
