// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemv/launch.h"
#include "kernels/cuda/gemv/tiled.cuh"

namespace roofproof::cuda::gemv {
namespace {

template <WeightFormat Format, TiledConfig Config>
LinearKernel instance() {
  constexpr TiledSize size = tiled_size(Config);
  if constexpr (size.row_tiles > 1 && tiled_blocks_per_sm(Variant::bulk_sm90, Format, size) > 1) {
    return paired_tiled_kernel<Variant::bulk_sm90, Format, size.row_tiles, size.token_tiles>;
  } else {
    return tiled_kernel<Variant::bulk_sm90, Format, size.row_tiles, size.token_tiles>;
  }
}

template <WeightFormat Format>
LinearKernel kernel(TiledConfig config) {
  constexpr TiledConfig largest = largest_config(Variant::bulk_sm90, Format);
  if (config == TiledConfig::rows128_tokens32) {
    return instance<Format, TiledConfig::rows128_tokens32>();
  }
  if (config == TiledConfig::rows128_tokens64) {
    return instance<Format, TiledConfig::rows128_tokens64>();
  }
  return config == largest ? instance<Format, largest>() : nullptr;
}

}  // namespace

LinearKernel tiled_bulk_sm90(WeightFormat format, TiledConfig config) {
  switch (format) {
    case WeightFormat::fp16:
      return kernel<WeightFormat::fp16>(config);
    case WeightFormat::int8:
      return kernel<WeightFormat::int8>(config);
    case WeightFormat::int4:
      return kernel<WeightFormat::int4>(config);
    case WeightFormat::fp32:
      break;
  }
  return nullptr;
}

}  // namespace roofproof::cuda::gemv
