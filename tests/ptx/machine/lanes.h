// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Writing 32 lanes under a mask.
#pragma once
#include <immintrin.h>

namespace roofproof::ptx {

template <class T>
inline void out(Warp& w, const Src& d, const T* r, u32 m) {
  T* p = w.at<T>(d);
#if defined(__AVX512F__) && defined(__AVX512BW__)
  if constexpr (sizeof(T) == 4) {
    _mm512_mask_storeu_epi32(p, static_cast<__mmask16>(m), _mm512_loadu_si512(r));
    _mm512_mask_storeu_epi32(p + 16, static_cast<__mmask16>(m >> 16), _mm512_loadu_si512(r + 16));
  } else if constexpr (sizeof(T) == 8) {
    for (int i = 0; i < 4; ++i)
      _mm512_mask_storeu_epi64(p + 8 * i, static_cast<__mmask8>(m >> (8 * i)),
                               _mm512_loadu_si512(r + 8 * i));
  } else if constexpr (sizeof(T) == 2) {
    _mm512_mask_storeu_epi16(p, m, _mm512_loadu_si512(r));
  } else {
    for (int i = 0; i < 32; ++i)
      if (m >> i & 1) p[i] = r[i];
  }
#else
  for (int i = 0; i < 32; ++i) p[i] = m >> i & 1 ? r[i] : p[i];
#endif
  w.wr[d.wr] = (w.wr[d.wr] & ~m) | (m & w.taint);
  wrote(w, d);
}

inline void out_predicate(Warp& w, const Src& d, u32 bits, u32 m) {
  u32* p = w.at<u32>(d);
  *p = (*p & ~m) | (bits & m);
  w.wr[d.wr] = (w.wr[d.wr] & ~m) | (m & w.taint);
  wrote(w, d);
}

// A lane by the width of the register it lies in.
inline u64 lane_u(Warp& w, const Src& s, int i) {
  switch (s.bytes) {
    case 2:
      return w.at<u16>(s)[i];
    case 8:
      return w.at<u64>(s)[i];
    case 1:
      return *w.at<u32>(s) >> i & 1;
    default:
      return w.at<u32>(s)[i];
  }
}
inline void set_lane(Warp& w, const Src& d, int i, u64 v) {
  switch (d.bytes) {
    case 2:
      w.at<u16>(d)[i] = static_cast<u16>(v);
      break;
    case 8:
      w.at<u64>(d)[i] = v;
      break;
    default:
      w.at<u32>(d)[i] = static_cast<u32>(v);
      break;
  }
}

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

}  // namespace roofproof::ptx
