// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/decode/sweep.cuh"
#include "kernels/cuda/decode/sweep.h"

namespace roofproof::cuda::decode {

SweepKernel sweep_simt(WeightFormat format, bool multiply) {
  if (format != WeightFormat::fp32) return nullptr;
  if (multiply) return sweep_kernel<Variant::simt, WeightFormat::fp32, true>;
  return sweep_kernel<Variant::simt, WeightFormat::fp32, false>;
}

}  // namespace roofproof::cuda::decode
