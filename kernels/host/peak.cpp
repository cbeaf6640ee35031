// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/peak.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/host/peak.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once per instruction set.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace roofproof::host {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Enough chains to cover latency x issue width (4 x 2 and 5 x 2 on x86, 4 x 4 on the widest Arm
// cores) and few enough to leave registers for the two constants.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr int chains = 24;
#else
constexpr int chains = 12;
#endif

void run_peak(float* values, float factor, float step, std::int64_t iterations) {
  const hn::ScalableTag<float> d;
  using Vector = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const Vector f = hn::Set(d, factor);
  const Vector s = hn::Set(d, step);
  Vector x[chains];
#pragma GCC unroll 24
  for (int i = 0; i < chains; ++i) x[i] = hn::LoadU(d, values + i * lanes);
  for (std::int64_t iteration = 0; iteration < iterations; ++iteration) {
#pragma GCC unroll 24
    for (int i = 0; i < chains; ++i) x[i] = hn::MulAdd(x[i], f, s);
  }
#pragma GCC unroll 24
  for (int i = 0; i < chains; ++i) hn::StoreU(x[i], d, values + i * lanes);
}

PeakKernel make_peak_kernel() {
  const hn::ScalableTag<float> d;
  return {hwy::TargetName(HWY_TARGET), chains * static_cast<std::int64_t>(hn::Lanes(d)), run_peak};
}

}  // namespace HWY_NAMESPACE
}  // namespace roofproof::host
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace roofproof::host {

HWY_EXPORT(make_peak_kernel);

PeakKernel peak_kernel() { return HWY_DYNAMIC_DISPATCH(make_peak_kernel)(); }

}  // namespace roofproof::host
#endif
