// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/decode/sweep.cuh"
#include "kernels/cuda/decode/sweep.h"

namespace roofproof::cuda::decode {

namespace {

template <WeightFormat Format>
SweepKernel kernel(bool multiply) {
  if (multiply) return sweep_kernel<Variant::mma_sm80, Format, true>;
  return sweep_kernel<Variant::mma_sm80, Format, false>;
}

}  // namespace

SweepKernel sweep_mma_sm80(WeightFormat format, bool multiply) {
  switch (format) {
    case WeightFormat::fp32:
      break;
    case WeightFormat::fp16:
      return kernel<WeightFormat::fp16>(multiply);
    case WeightFormat::int8:
      return kernel<WeightFormat::int8>(multiply);
    case WeightFormat::int4:
      return kernel<WeightFormat::int4>(multiply);
  }
  return nullptr;
}

}  // namespace roofproof::cuda::decode
