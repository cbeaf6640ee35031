// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// FP16 in vectors, for the files that Highway compiles once per instruction set.

#if defined(ROOFPROOF_HOST_FLOAT16_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ROOFPROOF_HOST_FLOAT16_INL_H
#undef ROOFPROOF_HOST_FLOAT16_INL_H
#else
#define ROOFPROOF_HOST_FLOAT16_INL_H
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <cstring>

#include "kernels/float16.h"

HWY_BEFORE_NAMESPACE();
namespace roofproof::host {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;

constexpr std::int64_t lanes = hn::MaxLanes(Tag());  // fixed in all instruction sets used here

// F16C, which every AVX2 machine has, rounds to the nearest; Highway's stand-in truncates.
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2
constexpr bool rounds_to_float16 = false;
#else
constexpr bool rounds_to_float16 = true;
#endif

HWY_INLINE Vector load_values(const float* values) { return hn::LoadU(Tag(), values); }

HWY_INLINE Vector load_values(const std::uint16_t* halves) {
  const hn::Rebind<hwy::float16_t, Tag> half_tag;
  return hn::PromoteTo(Tag(), hn::LoadU(half_tag, reinterpret_cast<const hwy::float16_t*>(halves)));
}

// The first `count` < lanes values, then zeros; nothing beyond them is read.
template <class Value>
HWY_INLINE Vector load_first(const Value* values, std::int64_t count) {
  HWY_ALIGN Value rest[lanes] = {};
  std::memcpy(rest, values, static_cast<std::size_t>(count) * sizeof(Value));
  return load_values(rest);
}

HWY_INLINE void store_values(float* to, const float* from, std::int64_t count) {
  std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
}

HWY_INLINE void store_values(std::uint16_t* to, const float* from, std::int64_t count) {
  std::int64_t i = 0;
  if constexpr (rounds_to_float16) {
    const hn::Rebind<hwy::float16_t, Tag> half_tag;
    for (; i + lanes <= count; i += lanes) {
      hn::StoreU(hn::DemoteTo(half_tag, hn::LoadU(Tag(), from + i)), half_tag,
                 reinterpret_cast<hwy::float16_t*>(to + i));
    }
  }
  for (; i < count; ++i) to[i] = to_float16(from[i]);
}

}  // namespace HWY_NAMESPACE
}  // namespace roofproof::host
HWY_AFTER_NAMESPACE();

#endif
