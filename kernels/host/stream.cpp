// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/stream.h"

#include <chrono>

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

// Beyond the array's end too, where it does nothing.
HWY_INLINE void prefetch(const std::uint32_t* from, std::uintptr_t ahead_bytes) {
  __builtin_prefetch(
      reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(from) + ahead_bytes));
}

// In `streams` pieces side by side, each asked for `ahead_bytes` before it is read (0: not at all).
template <int streams, std::uintptr_t ahead_bytes>
std::uint32_t sum(const std::uint32_t* values, std::int64_t count) {
  const hn::ScalableTag<std::uint32_t> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const std::int64_t step = 4 * lanes;
  const std::int64_t piece = count / streams / step * step;
  constexpr std::int64_t line = 64 / sizeof(std::uint32_t);
  auto sum0 = hn::Zero(d);
  auto sum1 = hn::Zero(d);
  auto sum2 = hn::Zero(d);
  auto sum3 = hn::Zero(d);
  for (std::int64_t i = 0; i < piece; i += step) {
#pragma GCC unroll 8
    for (int stream = 0; stream < streams; ++stream) {
      const std::uint32_t* const from = values + stream * piece + i;
      if constexpr (ahead_bytes > 0) {
        for (std::int64_t word = 0; word < step; word += line) prefetch(from + word, ahead_bytes);
      }
      sum0 = hn::Add(sum0, hn::LoadU(d, from));
      sum1 = hn::Add(sum1, hn::LoadU(d, from + lanes));
      sum2 = hn::Add(sum2, hn::LoadU(d, from + 2 * lanes));
      sum3 = hn::Add(sum3, hn::LoadU(d, from + 3 * lanes));
    }
  }
  const auto sums = hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3));
  std::uint32_t total = hn::GetLane(hn::SumOfLanes(d, sums));
  for (std::int64_t i = streams * piece; i < count; ++i) total += values[i];
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

StreamKernels make_stream_kernels() {
  return {hwy::TargetName(HWY_TARGET),
          {{{"1 stream", sum<1, 0>},
            {"1 stream, prefetch 4096", sum<1, 4096>},
            {"4 streams", sum<4, 0>},
            {"4 streams, prefetch 1024", sum<4, 1024>},
            {"8 streams", sum<8, 0>},
            {"8 streams, prefetch 1024", sum<8, 1024>}}},
          copy,
          triad};
}

}  // namespace HWY_NAMESPACE
}  // namespace roofproof::host
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace roofproof::host {

HWY_EXPORT(make_stream_kernels);

StreamKernels stream_kernels() { return HWY_DYNAMIC_DISPATCH(make_stream_kernels)(); }

ReadPattern fastest_read(const StreamKernels& kernels,
                         const std::function<void(const ReadPattern& pattern, int pass)>& read) {
  using Clock = std::chrono::steady_clock;
  constexpr int rounds = 3;
  ReadPattern fastest = {};
  Clock::duration shortest = Clock::duration::max();
  int pass = 0;
  for (int round = 0; round < rounds; ++round) {
    for (const ReadPattern& pattern : kernels.reads) {
      const Clock::time_point start = Clock::now();
      read(pattern, pass++);
      const Clock::duration time = Clock::now() - start;
      if (time >= shortest) continue;
      shortest = time;
      fastest = pattern;
    }
  }
  return fastest;
}

}  // namespace roofproof::host
#endif
