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

// The newest GPUs that bulk_sm90 is for: 12.0 and 12.1 have 100 KiB of shared memory per SM, where
// two blocks' rings find no room beside activations, nor a ring beside those of many sequences.
inline constexpr int newest_of_rings = 110;

// FP32 is for CUDA cores, which mma_sm75 and mma_sm80 have no kernels for.
ROOFPROOF_HOST_DEVICE constexpr bool has_kernels(Variant variant, WeightFormat format) {
  return format != WeightFormat::fp32 || variant == Variant::simt || variant == Variant::bulk_sm90;
}

ROOFPROOF_HOST_DEVICE constexpr bool uses_tensor_cores(Variant variant, WeightFormat format) {
  return variant != Variant::simt && format != WeightFormat::fp32;
}

inline constexpr int skinny_threads = 512;
inline constexpr int skinny_warps = skinny_threads / warp_lanes;
inline constexpr int most_phase_tiles = 2;  // tiles between two sums over the warps

// Blocks per SM that registers are kept low enough for. On Hopper two, see skinny.cuh, except where
// the sums need more registers, or the activations more than half of the shared memory.
ROOFPROOF_HOST_DEVICE constexpr int skinny_blocks_per_sm(Variant variant, WeightFormat format,
                                                         int columns) {
  if (variant != Variant::bulk_sm90) return 1;
  return columns > (format == WeightFormat::fp32 ? 1 : 8) ? 1 : 2;
}

// What a warp leaves of a tile for the sum over the warps: [sequence][16 rows + 4], of the
// sequences that there are. The 4 put the lanes that write (sequences 2 t of rows g) into different
// banks, and the size, 8 more than a multiple of 32, the four warps that are read at once.
inline constexpr int partial_stride = tile_rows + 4;
ROOFPROOF_HOST_DEVICE constexpr int partial_floats(int batch) {
  return (batch * partial_stride + 23) / 32 * 32 + 8;
}

// The tiled kernel: blocks of 8 warps, stages of 64 columns.
inline constexpr int tiled_warps = 8;
inline constexpr int tiled_threads = tiled_warps * warp_lanes;
inline constexpr int stage_columns = 64;

// What a block computes.
enum class TiledConfig : int {
  rows128_tokens32,
  rows128_tokens64,
  // The largest of Turing (two stages of weights in registers) and of INT4: with 128 tokens
  // ptxas 13.0 spills.
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

// Bytes of a stage: weights of all rows, X.
ROOFPROOF_HOST_DEVICE constexpr int stage_weight_bytes(WeightFormat format, TiledSize size) {
  return tiled_warps * size.row_tiles * (stage_columns / chunk_columns(format)) * chunk_bytes;
}
ROOFPROOF_HOST_DEVICE constexpr int stage_x_bytes(TiledSize size) {
  return 8 * size.token_tiles * stage_columns * 2;
}
// What of it lies in shared memory: weights, then X. On sm_75 X alone: its weights go straight to
// the registers of the lanes that multiply by them.
ROOFPROOF_HOST_DEVICE constexpr int slot_bytes(Variant variant, WeightFormat format,
                                               TiledSize size) {
  const int weights = variant == Variant::mma_sm75 ? 0 : stage_weight_bytes(format, size);
  return weights + stage_x_bytes(size);
}
// Stages in shared memory. sm_80's code also runs on sm_86 and sm_89, whose SMs have 100 KiB.
ROOFPROOF_HOST_DEVICE constexpr int stage_slots(Variant variant, WeightFormat format,
                                                TiledSize size) {
  if (variant == Variant::mma_sm75) return 2;
  const int sm_kibibytes = variant == Variant::bulk_sm90 ? 228 : 100;
  const int blocks = tiled_blocks_per_sm(variant, format, size);
  const int fit = (sm_kibibytes / blocks - 1) * 1024 / slot_bytes(variant, format, size);
  const int most = variant == Variant::bulk_sm90 ? 6 : 4;
  return fit < most ? fit : most;
}

// FP16 values behind each row of the activations that tensor cores read.
inline constexpr int tensor_core_x_padding = 8;

// Whether a norm may be fused. With more sequences every block would read all of X to normalise its
// part; with longer rows a thread would hold more of the norm than two pieces of eight columns.
inline constexpr int fused_norm_batch = 4;
inline constexpr int fused_norm_pieces = 2;
ROOFPROOF_HOST_DEVICE constexpr bool fuses_norm(int batch, std::int64_t k) {
  return batch <= fused_norm_batch && k % 8 == 0 && k <= fused_norm_pieces * skinny_threads * 8;
}

// Whether activations are copied as they are, past the registers: what tensor cores read, from
// sm_80 on, where asynchronous copies begin.
ROOFPROOF_HOST_DEVICE constexpr bool copies_activations(Variant variant, bool tensor_cores) {
  return tensor_cores && variant != Variant::mma_sm75;
}
// Elsewhere the pieces of eight columns that a thread loads before it stores the first: as many as
// registers allow. `value_bytes`: of an activation.
ROOFPROOF_HOST_DEVICE constexpr int pieces_in_flight(Variant variant, int value_bytes, bool norm) {
  const int pieces = variant == Variant::bulk_sm90 ? 4 : 8;
  return norm && value_bytes == 4 ? pieces / 2 : pieces;
}

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
