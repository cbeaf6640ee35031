// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/stream.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/host/stream.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once per instruction set.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace roofproof::host {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

std::uint32_t sum(const std::uint32_t* values, std::int64_t count) {
  const hn::ScalableTag<std::uint32_t> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  auto sum0 = hn::Zero(d);
  auto sum1 = hn::Zero(d);
  auto sum2 = hn::Zero(d);
  auto sum3 = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    sum0 = hn::Add(sum0, hn::LoadU(d, values + i));
    sum1 = hn::Add(sum1, hn::LoadU(d, values + i + lanes));
    sum2 = hn::Add(sum2, hn::LoadU(d, values + i + 2 * lanes));
    sum3 = hn::Add(sum3, hn::LoadU(d, values + i + 3 * lanes));
  }
  const auto sums = hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3));
  std::uint32_t total = hn::GetLane(hn::SumOfLanes(d, sums));
  for (; i < count; ++i) total += values[i];
  return total;
}

// c[i] = vector_value(i) by whole vectors, then scalar_value(i) for the rest.
template <class VectorValue, class ScalarValue>
HWY_INLINE void write(float* c, std::int64_t count, bool around_caches,
                      const VectorValue& vector_value, const ScalarValue& scalar_value) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  if (around_caches) {
    for (; i + lanes <= count; i += lanes) hn::Stream(vector_value(i), d, c + i);
    hwy::FlushStream();
  } else {
    for (; i + lanes <= count; i += lanes) hn::StoreU(vector_value(i), d, c + i);
  }
  for (; i < count; ++i) c[i] = scalar_value(i);
}

void copy(float* c, const float* a, std::int64_t count, bool around_caches) {
  const hn::ScalableTag<float> d;
  write(
      c, count, around_caches, [&](std::int64_t i) HWY_ATTR { return hn::LoadU(d, a + i); },
      [&](std::int64_t i) { return a[i]; });
}

void triad(float* c, const float* a, const float* b, float factor, std::int64_t count,
           bool around_caches) {
  const hn::ScalableTag<float> d;
  const auto f = hn::Set(d, factor);
  write(
      c, count, around_caches,
      [&](std::int64_t i)
          HWY_ATTR { return hn::MulAdd(f, hn::LoadU(d, b + i), hn::LoadU(d, a + i)); },
      [&](std::int64_t i) { return a[i] + factor * b[i]; });
}

StreamKernels make_stream_kernels() { return {hwy::TargetName(HWY_TARGET), sum, copy, triad}; }

}  // namespace HWY_NAMESPACE
}  // namespace roofproof::host
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace roofproof::host {

HWY_EXPORT(make_stream_kernels);

StreamKernels stream_kernels() { return HWY_DYNAMIC_DISPATCH(make_stream_kernels)(); }

}  // namespace roofproof::host
#endif
