// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The kernels of one variant, which CMake names and compiles for its machines; of all where it
// names none (tests/simt).
#include "kernels/cuda/linear/instances.h"
#include "kernels/cuda/linear/skinny.cuh"
#include "kernels/cuda/linear/tiled.cuh"

namespace roofproof::cuda::linear {
namespace {

template <Variant V, WeightFormat Format>
LinearKernel skinny(int columns) {
  if constexpr (uses_tensor_cores(V, Format)) {
    if (columns == 8) return skinny_kernel<V, Format, 8>;
    if (columns == 16) return skinny_kernel<V, Format, 16>;
  } else if constexpr (has_kernels(V, Format)) {
    if (columns == 1) return skinny_kernel<V, Format, 1>;
    if (columns == 4) return skinny_kernel<V, Format, 4>;
    if (columns == 8) return skinny_kernel<V, Format, 8>;
  }
  return nullptr;
}

template <Variant V, WeightFormat Format, TiledConfig Config>
LinearKernel tiled() {
  constexpr TiledSize size = tiled_size(Config);
  if constexpr (size.row_tiles > 1 && tiled_blocks_per_sm(V, Format, size) > 1) {
    return paired_tiled_kernel<V, Format, size.row_tiles, size.token_tiles>;
  } else {
    return tiled_kernel<V, Format, size.row_tiles, size.token_tiles>;
  }
}

template <Variant V, WeightFormat Format>
LinearKernel tiled(TiledConfig config) {
  if constexpr (uses_tensor_cores(V, Format)) {
    constexpr TiledConfig largest = largest_config(V, Format);
    if (config == TiledConfig::rows128_tokens32) {
      return tiled<V, Format, TiledConfig::rows128_tokens32>();
    }
    if (config == TiledConfig::rows128_tokens64) {
      return tiled<V, Format, TiledConfig::rows128_tokens64>();
    }
    if (config == largest) return tiled<V, Format, largest>();
  }
  return nullptr;
}

}  // namespace

template <Variant V>
LinearKernel skinny_instance(WeightFormat format, int columns) {
  return with_format(format, [&](auto f) { return skinny<V, f.value>(columns); });
}

template <Variant V>
LinearKernel tiled_instance(WeightFormat format, TiledConfig config) {
  return with_format(format, [&](auto f) { return tiled<V, f.value>(config); });
}

#define ROOFPROOF_INSTANCES(variant)                                          \
  template LinearKernel skinny_instance<Variant::variant>(WeightFormat, int); \
  template LinearKernel tiled_instance<Variant::variant>(WeightFormat, TiledConfig);
#ifdef ROOFPROOF_VARIANT
ROOFPROOF_INSTANCES(ROOFPROOF_VARIANT)
#else
ROOFPROOF_VARIANTS(ROOFPROOF_INSTANCES)
#endif

}  // namespace roofproof::cuda::linear
