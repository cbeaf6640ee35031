// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemv/launch.h"
#include "kernels/cuda/gemv/skinny.cuh"

namespace roofproof::cuda::gemv {

namespace {

template <WeightFormat Format>
LinearKernel kernel(int columns) {
  switch (columns) {
    case 8:
      return skinny_kernel<Variant::mma_sm80, Format, 8>;
    case 16:
      return skinny_kernel<Variant::mma_sm80, Format, 16>;
  }
  return nullptr;
}

}  // namespace

LinearKernel skinny_mma_sm80(WeightFormat format, int columns) {
  switch (format) {
    case WeightFormat::fp16:
      return kernel<WeightFormat::fp16>(columns);
    case WeightFormat::int8:
      return kernel<WeightFormat::int8>(columns);
    case WeightFormat::int4:
      return kernel<WeightFormat::int4>(columns);
    case WeightFormat::fp32:
      break;
  }
  return nullptr;
}

}  // namespace roofproof::cuda::gemv
