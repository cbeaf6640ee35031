// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Halves and bfloat16: to float, and rounded to nearest even from float and double.
#pragma once

#include <immintrin.h>

#include <cstring>

#include "tests/ptx/machine/types.h"

namespace roofproof::ptx {

inline float half_to_float(u16 h) { return _cvtsh_ss(h); }
inline u16 float_to_half(float f) { return static_cast<u16>(_cvtss_sh(f, 0)); }
// A float that rounds to any narrower format as the double would: towards zero, its last bit set if
// anything was lost.
inline float to_odd(double d) {
  float f = static_cast<float>(d);
  if (static_cast<double>(f) == d || f != f) return f;
  u32 b;
  std::memcpy(&b, &f, 4);
  const bool away = __builtin_fabs(static_cast<double>(f)) > __builtin_fabs(d);
  if (away) --b;  // back towards zero
  b |= 1;
  std::memcpy(&f, &b, 4);
  return f;
}
inline u16 double_to_half(double d) { return float_to_half(to_odd(d)); }
inline float bf16_to_float(u16 h) {
  u32 b = static_cast<u32>(h) << 16;
  float f;
  std::memcpy(&f, &b, 4);
  return f;
}
inline u16 float_to_bf16(float f) {
  u32 b;
  std::memcpy(&b, &f, 4);
  if ((b & 0x7fffffff) > 0x7f800000) return 0x7fff;
  return static_cast<u16>((b + 0x7fff + (b >> 16 & 1)) >> 16);
}

inline void widen_halves(const u16* h, float* f, int n) {
#ifdef __AVX512F__
  for (int k = 0; k < n; k += 8)
    _mm256_storeu_ps(f + k,
                     _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(h + k))));
#else
  for (int k = 0; k < n; ++k) f[k] = half_to_float(h[k]);
#endif
}

}  // namespace roofproof::ptx
