// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The sweeps of one variant, as kernels/cuda/linear/instances.cu.
#include "kernels/cuda/decode/sweep.cuh"
#include "kernels/cuda/decode/sweep.h"

namespace roofproof::cuda::decode {

template <Variant V>
SweepKernel sweep_instance(WeightFormat format, bool multiply) {
  return linear::with_format(format, [&](auto f) -> SweepKernel {
    // Of FP16, INT8 and INT4 there is a newer one on every GPU than simt.
    if constexpr (V == Variant::simt ? f.value == WeightFormat::fp32
                                     : linear::has_kernels(V, f.value)) {
      if (multiply) return sweep_kernel<V, f.value, true>;
      return sweep_kernel<V, f.value, false>;
    } else {
      return nullptr;
    }
  });
}

#define ROOFPROOF_INSTANCES(variant) \
  template SweepKernel sweep_instance<Variant::variant>(WeightFormat, bool);
#ifdef ROOFPROOF_VARIANT
ROOFPROOF_INSTANCES(ROOFPROOF_VARIANT)
#else
ROOFPROOF_VARIANTS(ROOFPROOF_INSTANCES)
#endif

}  // namespace roofproof::cuda::decode
