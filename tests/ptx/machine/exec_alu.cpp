// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Arithmetic, logic, comparison, conversion.
#include <cmath>

#include "tests/ptx/machine/internal.h"

namespace roofproof::ptx {
namespace {

template <class T>
constexpr int bits = sizeof(T) * 8;

template <class T, class F>
void un(Warp& w, const Ins& i, u32 m) {
  const T* a = in<T>(w, i, i.s[0], m);
  alignas(64) T r[32];
  for (int l = 0; l < 32; ++l) r[l] = F::f(a[l]);
  out<T>(w, i.d, r, m);
}
template <class T, class F>
void bin(Warp& w, const Ins& i, u32 m) {
  const T* a = in<T>(w, i, i.s[0], m);
  const T* b = in<T>(w, i, i.s[1], m);
  alignas(64) T r[32];
  for (int l = 0; l < 32; ++l) r[l] = F::f(a[l], b[l]);
  out<T>(w, i.d, r, m);
}
template <class T, class F>
void ter(Warp& w, const Ins& i, u32 m) {
  const T* a = in<T>(w, i, i.s[0], m);
  const T* b = in<T>(w, i, i.s[1], m);
  const T* c = in<T>(w, i, i.s[2], m);
  alignas(64) T r[32];
  for (int l = 0; l < 32; ++l) r[l] = F::f(a[l], b[l], c[l]);
  out<T>(w, i.d, r, m);
}
// Division may not touch lanes that are not active.
template <class T, class F>
void bin_active(Warp& w, const Ins& i, u32 m) {
  const T* a = in<T>(w, i, i.s[0], m);
  const T* b = in<T>(w, i, i.s[1], m);
  alignas(64) T r[32];
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) r[l] = F::f(a[l], b[l]);
  out<T>(w, i.d, r, m);
}

inline float ftz(float x) {
  u32 b;
  std::memcpy(&b, &x, 4);
  b = (b & 0x7f800000) == 0 ? b & 0x80000000 : b;
  std::memcpy(&x, &b, 4);
  return x;
}
inline float sat(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }  // NaN: 0

// f32 with .ftz and .sat
template <class F>
struct Ftz {
  static float f(float a) { return ftz(F::f(ftz(a))); }
  static float f(float a, float b) { return ftz(F::f(ftz(a), ftz(b))); }
  static float f(float a, float b, float c) { return ftz(F::f(ftz(a), ftz(b), ftz(c))); }
};
template <class F>
struct Sat {
  template <class... A>
  static float f(A... a) {
    return sat(F::f(a...));
  }
};

struct Add {
  template <class T>
  static T f(T a, T b) {
    return static_cast<T>(a + b);
  }
};
struct Sub {
  template <class T>
  static T f(T a, T b) {
    return static_cast<T>(a - b);
  }
};
struct Mul {
  template <class T>
  static T f(T a, T b) {
    return static_cast<T>(a * b);
  }
};
struct And {
  template <class T>
  static T f(T a, T b) {
    return static_cast<T>(a & b);
  }
};
struct Or {
  template <class T>
  static T f(T a, T b) {
    return static_cast<T>(a | b);
  }
};
struct Xor {
  template <class T>
  static T f(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};
struct Not {
  template <class T>
  static T f(T a) {
    return static_cast<T>(~a);
  }
};
struct Cnot {
  template <class T>
  static T f(T a) {
    return a == 0;
  }
};
struct Neg {
  template <class T>
  static T f(T a) {
    return static_cast<T>(0 - a);
  }
};
struct NegF {
  template <class T>
  static T f(T a) {
    return -a;
  }
};
struct Abs {
  template <class T>
  static T f(T a) {
    return static_cast<T>(a < 0 ? 0 - static_cast<std::make_unsigned_t<T>>(a)
                                : static_cast<std::make_unsigned_t<T>>(a));
  }
};
struct AbsF {
  template <class T>
  static T f(T a) {
    return std::fabs(a);
  }
};
struct Min {
  template <class T>
  static T f(T a, T b) {
    return a < b ? a : b;
  }
};
struct Max {
  template <class T>
  static T f(T a, T b) {
    return a > b ? a : b;
  }
};
// Of one NaN the other operand; -0 is less than +0.
struct MinF {
  template <class T>
  static T f(T a, T b) {
    return b != b ? a : a != a ? b : a < b ? a : b < a ? b : std::signbit(a) ? a : b;
  }
};
struct MaxF {
  template <class T>
  static T f(T a, T b) {
    return b != b ? a : a != a ? b : a > b ? a : b > a ? b : std::signbit(a) ? b : a;
  }
};
struct MinNan {
  template <class T>
  static T f(T a, T b) {
    return a != a || b != b ? static_cast<T>(NAN) : MinF::f(a, b);
  }
};
struct MaxNan {
  template <class T>
  static T f(T a, T b) {
    return a != a || b != b ? static_cast<T>(NAN) : MaxF::f(a, b);
  }
};
struct Fma {
  static float f(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
  static double f(double a, double b, double c) { return __builtin_fma(a, b, c); }
};
struct Mad {
  template <class T>
  static T f(T a, T b, T c) {
    return static_cast<T>(a * b + c);
  }
};
template <class T>
struct wider;
template <>
struct wider<u16> {
  using type = u32;
};
template <>
struct wider<s16> {
  using type = s32;
};
template <>
struct wider<u32> {
  using type = u64;
};
template <>
struct wider<s32> {
  using type = s64;
};
template <>
struct wider<u64> {
  using type = u128;
};
template <>
struct wider<s64> {
  using type = s128;
};
struct MulHi {
  template <class T>
  static T f(T a, T b) {
    using W = typename wider<T>::type;
    return static_cast<T>((static_cast<W>(a) * static_cast<W>(b)) >> bits<T>);
  }
};
struct MadHi {
  template <class T>
  static T f(T a, T b, T c) {
    return static_cast<T>(MulHi::f(a, b) + c);
  }
};
struct Div {
  template <class T>
  static T f(T a, T b) {
    if (b == 0) return static_cast<T>(~T{0});
    if constexpr (std::is_signed_v<T>)
      if (b == -1) return static_cast<T>(0 - static_cast<std::make_unsigned_t<T>>(a));
    return static_cast<T>(a / b);
  }
};
struct Rem {
  template <class T>
  static T f(T a, T b) {
    if (b == 0) return a;
    if constexpr (std::is_signed_v<T>)
      if (b == -1) return 0;
    return static_cast<T>(a % b);
  }
};
struct DivF {
  template <class T>
  static T f(T a, T b) {
    return a / b;
  }
};
struct Sad {
  template <class T>
  static T f(T a, T b, T c) {
    return static_cast<T>(c + (a < b ? b - a : a - b));
  }
};
struct SatAdd {
  static s32 f(s32 a, s32 b) {
    const s64 r = static_cast<s64>(a) + b;
    return r > INT32_MAX ? INT32_MAX : r < INT32_MIN ? INT32_MIN : static_cast<s32>(r);
  }
};
struct SatSub {
  static s32 f(s32 a, s32 b) {
    const s64 r = static_cast<s64>(a) - b;
    return r > INT32_MAX ? INT32_MAX : r < INT32_MIN ? INT32_MIN : static_cast<s32>(r);
  }
};
struct Sqrt {
  template <class T>
  static T f(T a) {
    return std::sqrt(a);
  }
};
struct Rcp {
  template <class T>
  static T f(T a) {
    return T{1} / a;
  }
};
struct Rsqrt {
  template <class T>
  static T f(T a) {
    return T{1} / std::sqrt(a);
  }
};
struct Ex2 {
  static float f(float a) { return exp2f(a); }
};
struct Lg2 {
  static float f(float a) { return log2f(a); }
};
struct Sin {
  static float f(float a) { return sinf(a); }
};
struct Cos {
  static float f(float a) { return cosf(a); }
};
struct Tanh {
  static float f(float a) { return tanhf(a); }
};
struct Copysign {
  template <class T>
  static T f(T a, T b) {
    return std::copysign(b, a);
  }
};

// Halves: computed in float (exact enough for one rounding), fma in double.
template <class F>
struct Half {
  static u16 f(u16 a) { return float_to_half(F::f(half_to_float(a))); }
  static u16 f(u16 a, u16 b) { return float_to_half(F::f(half_to_float(a), half_to_float(b))); }
};
struct HalfFma {
  static u16 f(u16 a, u16 b, u16 c) {
    return double_to_half(static_cast<double>(half_to_float(a)) * half_to_float(b) +
                          half_to_float(c));
  }
};
struct HalfFmaRelu {
  static u16 f(u16 a, u16 b, u16 c) {
    const u16 r = HalfFma::f(a, b, c);
    return r & 0x8000 ? 0 : r;
  }
};
struct HalfNeg {
  static u16 f(u16 a) { return a ^ 0x8000; }
};
struct HalfAbs {
  static u16 f(u16 a) { return a & 0x7fff; }
};
template <class F>
struct Brain {
  static u16 f(u16 a, u16 b) { return float_to_bf16(F::f(bf16_to_float(a), bf16_to_float(b))); }
};
struct BrainFma {
  static u16 f(u16 a, u16 b, u16 c) {
    return float_to_bf16(
        to_odd(static_cast<double>(bf16_to_float(a)) * bf16_to_float(b) + bf16_to_float(c)));
  }
};
// Two in a word
template <class F>
struct Two {
  static u32 f(u32 a) {
    return F::f(static_cast<u16>(a)) | static_cast<u32>(F::f(static_cast<u16>(a >> 16))) << 16;
  }
  static u32 f(u32 a, u32 b) {
    return F::f(static_cast<u16>(a), static_cast<u16>(b)) |
           static_cast<u32>(F::f(static_cast<u16>(a >> 16), static_cast<u16>(b >> 16))) << 16;
  }
  static u32 f(u32 a, u32 b, u32 c) {
    return F::f(static_cast<u16>(a), static_cast<u16>(b), static_cast<u16>(c)) |
           static_cast<u32>(F::f(static_cast<u16>(a >> 16), static_cast<u16>(b >> 16),
                                 static_cast<u16>(c >> 16)))
               << 16;
  }
};
// The same by vectors of 32 floats.
template <class F>
void half2_bin(Warp& w, const Ins& i, u32 m) {
  const u16* a = reinterpret_cast<const u16*>(in<u32>(w, i, i.s[0], m));
  const u16* b = reinterpret_cast<const u16*>(in<u32>(w, i, i.s[1], m));
  alignas(64) u16 r[64];
#ifdef __AVX512F__
  for (int l = 0; l < 64; l += 16) {
    const __m512 x = _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + l)));
    const __m512 y = _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + l)));
    _mm256_store_si256(reinterpret_cast<__m256i*>(r + l), _mm512_cvtps_ph(F::v(x, y), 0));
  }
#else
  for (int l = 0; l < 64; ++l) r[l] = float_to_half(F::f(half_to_float(a[l]), half_to_float(b[l])));
#endif
  out<u32>(w, i.d, reinterpret_cast<u32*>(r), m);
}
#ifdef __AVX512F__
struct Add2 : Add {
  static __m512 v(__m512 a, __m512 b) { return _mm512_add_ps(a, b); }
};
struct Sub2 : Sub {
  static __m512 v(__m512 a, __m512 b) { return _mm512_sub_ps(a, b); }
};
struct Mul2 : Mul {
  static __m512 v(__m512 a, __m512 b) { return _mm512_mul_ps(a, b); }
};
#else
using Add2 = Add;
using Sub2 = Sub;
using Mul2 = Mul;
#endif
void half2_fma(Warp& w, const Ins& i, u32 m) {
  const u16* a = reinterpret_cast<const u16*>(in<u32>(w, i, i.s[0], m));
  const u16* b = reinterpret_cast<const u16*>(in<u32>(w, i, i.s[1], m));
  const u16* c = reinterpret_cast<const u16*>(in<u32>(w, i, i.s[2], m));
  alignas(64) u16 r[64];
#ifdef __AVX512F__
  for (int l = 0; l < 64; l += 8) {
    const auto wide = [](const u16* p) {
      return _mm512_cvtps_pd(_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
    };
    const __m512d d = _mm512_fmadd_pd(wide(a + l), wide(b + l), wide(c + l));
    // to odd: truncate, and set the last bit where something was lost
    const __m256 f = _mm512_cvt_roundpd_ps(d, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
    const __mmask8 lost = _mm512_cmp_pd_mask(_mm512_cvtps_pd(f), d, _CMP_NEQ_OQ);
    const __m256i o = _mm256_mask_or_epi32(_mm256_castps_si256(f), lost, _mm256_castps_si256(f),
                                           _mm256_set1_epi32(1));
    _mm_store_si128(reinterpret_cast<__m128i*>(r + l), _mm256_cvtps_ph(_mm256_castsi256_ps(o), 0));
  }
#else
  for (int l = 0; l < 64; ++l) r[l] = HalfFma::f(a[l], b[l], c[l]);
#endif
  out<u32>(w, i.d, reinterpret_cast<u32*>(r), m);
}

// Shifts clamp.
struct Shl {
  template <class T>
  static T f(T a, u32 n) {
    return n >= static_cast<u32>(bits<T>) ? T{0} : static_cast<T>(a << n);
  }
};
struct Shr {
  template <class T>
  static T f(T a, u32 n) {
    if constexpr (std::is_signed_v<T>)
      return static_cast<T>(a >> (n >= static_cast<u32>(bits<T>) ? bits<T> - 1 : n));
    else
      return n >= static_cast<u32>(bits<T>) ? T{0} : static_cast<T>(a >> n);
  }
};
template <class T, class F>
void shift(Warp& w, const Ins& i, u32 m) {
  const T* a = in<T>(w, i, i.s[0], m);
  const u32* b = in<u32>(w, i, i.s[1], m);
  alignas(64) T r[32];
  for (int l = 0; l < 32; ++l) r[l] = F::f(a[l], b[l]);
  out<T>(w, i.d, r, m);
}
template <bool left, bool wrap>
struct Shf {
  static u32 f(u32 a, u32 b, u32 c) {
    const u32 n = wrap ? c & 31 : c > 32 ? 32 : c;
    const u64 v = static_cast<u64>(b) << 32 | a;
    return left ? static_cast<u32>((v << n) >> 32) : static_cast<u32>(v >> n);
  }
};

template <class T>
void wide(Warp& w, const Ins& i, u32 m) {
  using W = typename wider<T>::type;
  const T* a = in<T>(w, i, i.s[0], m);
  const T* b = in<T>(w, i, i.s[1], m);
  alignas(64) W r[32];
  for (int l = 0; l < 32; ++l) r[l] = static_cast<W>(static_cast<W>(a[l]) * static_cast<W>(b[l]));
  out<W>(w, i.d, r, m);
}
template <class T>
void mad_wide(Warp& w, const Ins& i, u32 m) {
  using W = typename wider<T>::type;
  const T* a = in<T>(w, i, i.s[0], m);
  const T* b = in<T>(w, i, i.s[1], m);
  const W* c = in<W>(w, i, i.s[2], m);
  alignas(64) W r[32];
  for (int l = 0; l < 32; ++l)
    r[l] = static_cast<W>(static_cast<W>(a[l]) * static_cast<W>(b[l]) + c[l]);
  out<W>(w, i.d, r, m);
}

// Predicates
template <class F>
void pred_bin(Warp& w, const Ins& i, u32 m) {
  out_predicate(w, i.d, F::f(in_predicate(w, i, i.s[0], m), in_predicate(w, i, i.s[1], m)), m);
}
void pred_not(Warp& w, const Ins& i, u32 m) {
  out_predicate(w, i.d, ~in_predicate(w, i, i.s[0], m), m);
}
// A copy is no use: what was never written stays so.
void pred_mov(Warp& w, const Ins& i, u32 m) {
  const u32 v = *w.at<u32>(i.s[0]) ^ (i.s[0].neg ? ~0u : 0u);
  const u32 written = ~undefined_lanes(w, i, i.s[0], m);
  out_predicate(w, i.d, v, m);
  w.wr[i.d.wr] &= ~m | written;
}
template <class T>
void mov(Warp& w, const Ins& i, u32 m) {
  const u32 written = ~undefined_lanes(w, i, i.s[0], m);
  out<T>(w, i.d, w.at<T>(i.s[0]), m);
  w.wr[i.d.wr] &= ~m | written;
}
void mov_time(Warp& w, const Ins& i, u32 m) {
  Grid& g = *w.block->grid;
  w.poll = 1;
  g.waits_for_host = true;
  const u64 ns = g.start_ns + g.time * 2 + g.extra_ns,
            cycles = ns * 99 / 50;  // 1.98 GHz, of one origin
  u64 v = 0;
  switch (i.imm) {
    case clock_64:
    case clock_lo:
      v = cycles;
      break;
    case clock_hi:
      v = cycles >> 32;
      break;
    case globaltimer:
    case globaltimer_lo:
      v = ns;
      break;
    case globaltimer_hi:
      v = ns >> 32;
      break;
  }
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) set_lane(w, i.d, l, v);
  w.wr[i.d.wr] |= m;
}
// Pieces in one register, and one register in pieces.
void pack(Warp& w, const Ins& i, u32 m) {
  const Src* s = &w.code->lists[i.first];
  alignas(64) u64 r[32] = {};
  u32 written = ~0u;
  const int each = i.width;
  for (u32 k = 0; k < i.listed; ++k) {
    written &= ~undefined_lanes(w, i, s[k], m);
    for (int l = 0; l < 32; ++l)
      r[l] |= (each == 8 ? lane_u(w, s[k], l) : lane_u(w, s[k], l) & ((u64{1} << (8 * each)) - 1))
              << (8 * each * k);
  }
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) set_lane(w, i.d, l, r[l]);
  w.wr[i.d.wr] = (w.wr[i.d.wr] & ~m) | (m & written);
  wrote(w, i.d);
}
void pack_halves(Warp& w, const Ins& i, u32 m) {
  const Src* s = &w.code->lists[i.first];
  const u16* a = w.at<u16>(s[0]);
  const u16* b = w.at<u16>(s[1]);
  const u32 written = ~(undefined_lanes(w, i, s[0], m) | undefined_lanes(w, i, s[1], m));
  alignas(64) u32 r[32];
  for (int l = 0; l < 32; ++l) r[l] = a[l] | static_cast<u32>(b[l]) << 16;
  out<u32>(w, i.d, r, m);
  w.wr[i.d.wr] &= ~m | written;
}
void unpack_halves(Warp& w, const Ins& i, u32 m) {
  const Src* d = &w.code->lists[i.first];
  const u32* a = w.at<u32>(i.s[0]);
  const u32 written = ~undefined_lanes(w, i, i.s[0], m);
  alignas(64) u16 r0[32], r1[32];
  for (int l = 0; l < 32; ++l) r0[l] = static_cast<u16>(a[l]), r1[l] = static_cast<u16>(a[l] >> 16);
  out<u16>(w, d[0], r0, m);
  w.wr[d[0].wr] &= ~m | written;
  out<u16>(w, d[1], r1, m);
  w.wr[d[1].wr] &= ~m | written;
}
void unpack(Warp& w, const Ins& i, u32 m) {
  const Src* d = &w.code->lists[i.first];
  const u32 written = ~undefined_lanes(w, i, i.s[0], m);
  const int each = i.width;
  u64 v[32];
  for (int l = 0; l < 32; ++l) v[l] = lane_u(w, i.s[0], l);
  for (u32 k = 0; k < i.listed; ++k) {
    for (int l = 0; l < 32; ++l)
      if (m >> l & 1) set_lane(w, d[k], l, v[l] >> (8 * each * k) & ((u64{1} << (8 * each)) - 1));
    w.wr[d[k].wr] = (w.wr[d[k].wr] & ~m) | (m & written);
    wrote(w, d[k]);
  }
}

template <class T>
void selp(Warp& w, const Ins& i, u32 m) {
  const u32 p = in_predicate(w, i, i.s[2], m);
  // Only what is selected is used, and even that is a copy.
  const u32 written =
      ~(undefined_lanes(w, i, i.s[0], m & p) | undefined_lanes(w, i, i.s[1], m & ~p));
  const T* a = w.at<T>(i.s[0]);
  const T* b = w.at<T>(i.s[1]);
  alignas(64) T r[32];
  for (int l = 0; l < 32; ++l) r[l] = p >> l & 1 ? a[l] : b[l];
  out<T>(w, i.d, r, m);
  w.wr[i.d.wr] &= ~m | written;
}

enum class Cmp { eq, ne, lt, le, gt, ge, equ, neu, ltu, leu, gtu, geu, num, nan };
template <Cmp C, class T>
inline bool compare(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    const bool un = a != a || b != b;
    switch (C) {
      case Cmp::eq:
        return a == b;
      case Cmp::ne:
        return !un && a != b;
      case Cmp::lt:
        return a < b;
      case Cmp::le:
        return a <= b;
      case Cmp::gt:
        return a > b;
      case Cmp::ge:
        return a >= b;
      case Cmp::equ:
        return un || a == b;
      case Cmp::neu:
        return un || a != b;
      case Cmp::ltu:
        return un || a < b;
      case Cmp::leu:
        return un || a <= b;
      case Cmp::gtu:
        return un || a > b;
      case Cmp::geu:
        return un || a >= b;
      case Cmp::num:
        return !un;
      case Cmp::nan:
        return un;
    }
  } else {
    switch (C) {
      case Cmp::eq:
        return a == b;
      case Cmp::ne:
        return a != b;
      case Cmp::lt:
        return a < b;
      case Cmp::le:
        return a <= b;
      case Cmp::gt:
        return a > b;
      case Cmp::ge:
        return a >= b;
      default:
        return false;
    }
  }
  return false;
}
template <class T, Cmp C>
inline u32 compare_all(const T* a, const T* b) {
#ifdef __AVX512F__
  if constexpr (sizeof(T) == 4 && std::is_integral_v<T>) {
    constexpr int k = C == Cmp::eq   ? 0
                      : C == Cmp::lt ? 1
                      : C == Cmp::le ? 2
                      : C == Cmp::ne ? 4
                      : C == Cmp::ge ? 5
                                     : 6;
    u32 r = 0;
    for (int h = 0; h < 2; ++h) {
      const __m512i x = _mm512_loadu_si512(a + 16 * h), y = _mm512_loadu_si512(b + 16 * h);
      u32 p;
      if constexpr (std::is_signed_v<T>)
        p = _cvtmask16_u32(_mm512_cmp_epi32_mask(x, y, k));
      else
        p = _cvtmask16_u32(_mm512_cmp_epu32_mask(x, y, k));
      r |= p << (16 * h);
    }
    return r;
  } else if constexpr (sizeof(T) == 8 && std::is_integral_v<T>) {
    constexpr int k = C == Cmp::eq   ? 0
                      : C == Cmp::lt ? 1
                      : C == Cmp::le ? 2
                      : C == Cmp::ne ? 4
                      : C == Cmp::ge ? 5
                                     : 6;
    u32 r = 0;
    for (int h = 0; h < 4; ++h) {
      const __m512i x = _mm512_loadu_si512(a + 8 * h), y = _mm512_loadu_si512(b + 8 * h);
      u32 p;
      if constexpr (std::is_signed_v<T>)
        p = _cvtmask8_u32(_mm512_cmp_epi64_mask(x, y, k));
      else
        p = _cvtmask8_u32(_mm512_cmp_epu64_mask(x, y, k));
      r |= p << (8 * h);
    }
    return r;
  }
#endif
  u32 r = 0;
  for (int l = 0; l < 32; ++l) r |= static_cast<u32>(compare<C, T>(a[l], b[l])) << l;
  return r;
}
// flag[0]: and 1, or 2, xor 3 with the predicate s[2]; flag[1]: the complement goes to d2; flag[2]:
// ftz
template <class T, Cmp C>
void setp(Warp& w, const Ins& i, u32 m) {
  const T* a = in<T>(w, i, i.s[0], m);
  const T* b = in<T>(w, i, i.s[1], m);
  u32 p;
  if constexpr (std::is_same_v<T, float>) {
    if (i.flag[2]) {
      p = 0;
      for (int l = 0; l < 32; ++l) p |= static_cast<u32>(compare<C, T>(ftz(a[l]), ftz(b[l]))) << l;
    } else
      p = compare_all<T, C>(a, b);
  } else
    p = compare_all<T, C>(a, b);
  u32 q = ~p;
  if (i.flag[0]) {
    const u32 c = in_predicate(w, i, i.s[2], m);
    switch (i.flag[0]) {
      case 1:
        p &= c;
        q &= c;
        break;
      case 2:
        p |= c;
        q |= c;
        break;
      default:
        p ^= c;
        q ^= c;
        break;
    }
  }
  out_predicate(w, i.d, p, m);
  if (i.flag[1]) out_predicate(w, i.d2, q, m);
}
template <Cmp C>
void setp_half(Warp& w, const Ins& i, u32 m) {
  const u16* a = in<u16>(w, i, i.s[0], m);
  const u16* b = in<u16>(w, i, i.s[1], m);
  u32 p = 0;
  for (int l = 0; l < 32; ++l)
    p |= static_cast<u32>(compare<C, float>(half_to_float(a[l]), half_to_float(b[l]))) << l;
  out_predicate(w, i.d, p, m);
}
template <class T>
Fn pick_setp(const std::string& c) {
  if (c == "eq") return setp<T, Cmp::eq>;
  if (c == "ne") return setp<T, Cmp::ne>;
  if (c == "lt") return setp<T, Cmp::lt>;
  if (c == "le") return setp<T, Cmp::le>;
  if (c == "gt") return setp<T, Cmp::gt>;
  if (c == "ge") return setp<T, Cmp::ge>;
  if constexpr (std::is_unsigned_v<T>) {
    if (c == "lo") return setp<T, Cmp::lt>;
    if (c == "ls") return setp<T, Cmp::le>;
    if (c == "hi") return setp<T, Cmp::gt>;
    if (c == "hs") return setp<T, Cmp::ge>;
  }
  if constexpr (std::is_floating_point_v<T>) {
    if (c == "equ") return setp<T, Cmp::equ>;
    if (c == "neu") return setp<T, Cmp::neu>;
    if (c == "ltu") return setp<T, Cmp::ltu>;
    if (c == "leu") return setp<T, Cmp::leu>;
    if (c == "gtu") return setp<T, Cmp::gtu>;
    if (c == "geu") return setp<T, Cmp::geu>;
    if (c == "num") return setp<T, Cmp::num>;
    if (c == "nan") return setp<T, Cmp::nan>;
  }
  return nullptr;
}
Fn pick_setp_half(const std::string& c) {
  if (c == "eq") return setp_half<Cmp::eq>;
  if (c == "ne") return setp_half<Cmp::ne>;
  if (c == "lt") return setp_half<Cmp::lt>;
  if (c == "le") return setp_half<Cmp::le>;
  if (c == "gt") return setp_half<Cmp::gt>;
  if (c == "ge") return setp_half<Cmp::ge>;
  if (c == "neu") return setp_half<Cmp::neu>;
  if (c == "equ") return setp_half<Cmp::equ>;
  return nullptr;
}

template <class F>
Fn ints(Type t) {
  switch (t) {
    case Type::u16_:
    case Type::b16:
      return bin<u16, F>;
    case Type::s16_:
      return bin<s16, F>;
    case Type::u32_:
    case Type::b32:
      return bin<u32, F>;
    case Type::s32_:
      return bin<s32, F>;
    case Type::u64_:
    case Type::b64:
      return bin<u64, F>;
    case Type::s64_:
      return bin<s64, F>;
    default:
      return nullptr;
  }
}
template <class F>
Fn ints_active(Type t) {
  switch (t) {
    case Type::u16_:
      return bin_active<u16, F>;
    case Type::s16_:
      return bin_active<s16, F>;
    case Type::u32_:
      return bin_active<u32, F>;
    case Type::s32_:
      return bin_active<s32, F>;
    case Type::u64_:
      return bin_active<u64, F>;
    case Type::s64_:
      return bin_active<s64, F>;
    default:
      return nullptr;
  }
}
// Wrapping arithmetic is the same for both signs.
template <class F>
Fn wrapping(Type t) {
  switch (size_of(t)) {
    case 2:
      return bin<u16, F>;
    case 4:
      return bin<u32, F>;
    case 8:
      return bin<u64, F>;
    default:
      return nullptr;
  }
}
template <class F>
Fn floats(const Statement& s) {
  const bool z = has(s, "ftz"), c = has(s, "sat");
  if (z && c) return bin<float, Sat<Ftz<F>>>;
  if (z) return bin<float, Ftz<F>>;
  if (c) return bin<float, Sat<F>>;
  return bin<float, F>;
}
template <class F>
Fn floats1(const Statement& s) {
  return has(s, "ftz") ? un<float, Ftz<F>> : un<float, F>;
}
bool rounds_nearest(const Statement& s) { return !has(s, "rz") && !has(s, "rm") && !has(s, "rp"); }

Type last_type(const Statement& s) { return type_of(s.part.back()); }

bool two(Decoder& d, const Statement& s, Ins& i, Type t, Fn f) {
  if (!f || s.arg.size() != 3) return false;
  i.fn = f;
  i.d = d.reg(s.arg[0], i);
  i.s[0] = d.value(s.arg[1], t);
  i.s[1] = d.value(s.arg[2], t);
  return true;
}
bool one(Decoder& d, const Statement& s, Ins& i, Type t, Fn f) {
  if (!f || s.arg.size() != 2) return false;
  i.fn = f;
  i.d = d.reg(s.arg[0], i);
  i.s[0] = d.value(s.arg[1], t);
  return true;
}
bool three(Decoder& d, const Statement& s, Ins& i, Type t, Fn f) {
  if (!f || s.arg.size() != 4) return false;
  i.fn = f;
  i.d = d.reg(s.arg[0], i);
  for (int k = 0; k < 3; ++k) i.s[k] = d.value(s.arg[k + 1], t);
  return true;
}

bool decode_add(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  if (has(s, "cc") || !rounds_nearest(s)) return false;
  const bool add = s.part[0] == "add";
  if (t == Type::f32) return two(d, s, i, t, add ? floats<Add>(s) : floats<Sub>(s));
  if (t == Type::f64) return two(d, s, i, t, add ? bin<double, Add> : bin<double, Sub>);
  if (has(s, "sat"))
    return t == Type::s32_ && two(d, s, i, t, add ? bin<s32, SatAdd> : bin<s32, SatSub>);
  if (has(s, "ftz")) return false;
  if (t == Type::f16) return two(d, s, i, t, add ? bin<u16, Half<Add>> : bin<u16, Half<Sub>>);
  if (t == Type::f16x2) return two(d, s, i, t, add ? half2_bin<Add2> : half2_bin<Sub2>);
  if (t == Type::bf16) return two(d, s, i, t, add ? bin<u16, Brain<Add>> : bin<u16, Brain<Sub>>);
  if (t == Type::bf16x2)
    return two(d, s, i, t, add ? bin<u32, Two<Brain<Add>>> : bin<u32, Two<Brain<Sub>>>);
  if (is_float(t)) return false;
  return two(d, s, i, t, add ? wrapping<Add>(t) : wrapping<Sub>(t));
}
bool decode_mul(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  if (!rounds_nearest(s)) return false;
  if (t == Type::f32) return two(d, s, i, t, floats<Mul>(s));
  if (t == Type::f64) return two(d, s, i, t, bin<double, Mul>);
  if (has(s, "sat") || has(s, "ftz")) return false;
  if (t == Type::f16) return two(d, s, i, t, bin<u16, Half<Mul>>);
  if (t == Type::f16x2) return two(d, s, i, t, half2_bin<Mul2>);
  if (t == Type::bf16) return two(d, s, i, t, bin<u16, Brain<Mul>>);
  if (t == Type::bf16x2) return two(d, s, i, t, bin<u32, Two<Brain<Mul>>>);
  if (has(s, "lo"))
    return two(d, s, i, t,
               size_of(t) == 2 ? static_cast<Fn>([](Warp& w, const Ins& x, u32 m) {
                 const u16* a = in<u16>(w, x, x.s[0], m);
                 const u16* b = in<u16>(w, x, x.s[1], m);
                 alignas(64) u16 r[32];
                 for (int l = 0; l < 32; ++l)
                   r[l] = static_cast<u16>(static_cast<u32>(a[l]) * b[l]);
                 out<u16>(w, x.d, r, m);
               })
                               : wrapping<Mul>(t));
  if (has(s, "hi")) return two(d, s, i, t, ints<MulHi>(t));
  if (has(s, "wide")) {
    Fn f = nullptr;
    switch (t) {
      case Type::u16_:
        f = wide<u16>;
        break;
      case Type::s16_:
        f = wide<s16>;
        break;
      case Type::u32_:
        f = wide<u32>;
        break;
      case Type::s32_:
        f = wide<s32>;
        break;
      default:
        break;
    }
    return two(d, s, i, t, f);
  }
  return false;
}
bool decode_mad(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  if (has(s, "cc") || has(s, "sat") || !rounds_nearest(s)) return false;
  if (t == Type::f32)
    return three(d, s, i, t, has(s, "ftz") ? ter<float, Ftz<Fma>> : ter<float, Fma>);
  if (t == Type::f64) return three(d, s, i, t, ter<double, Fma>);
  if (has(s, "lo"))
    return three(d, s, i, t,
                 size_of(t) == 4   ? ter<u32, Mad>
                 : size_of(t) == 8 ? ter<u64, Mad>
                 : size_of(t) == 2 ? static_cast<Fn>([](Warp& w, const Ins& x, u32 m) {
                     const u16* a = in<u16>(w, x, x.s[0], m);
                     const u16* b = in<u16>(w, x, x.s[1], m);
                     const u16* c = in<u16>(w, x, x.s[2], m);
                     alignas(64) u16 r[32];
                     for (int l = 0; l < 32; ++l)
                       r[l] = static_cast<u16>(static_cast<u32>(a[l]) * b[l] + c[l]);
                     out<u16>(w, x.d, r, m);
                   })
                                   : nullptr);
  if (has(s, "hi"))
    return three(d, s, i, t,
                 t == Type::u32_   ? ter<u32, MadHi>
                 : t == Type::s32_ ? ter<s32, MadHi>
                 : t == Type::u64_ ? ter<u64, MadHi>
                 : t == Type::s64_ ? ter<s64, MadHi>
                                   : nullptr);
  if (has(s, "wide")) {
    Fn f = t == Type::u16_   ? mad_wide<u16>
           : t == Type::s16_ ? mad_wide<s16>
           : t == Type::u32_ ? mad_wide<u32>
           : t == Type::s32_ ? mad_wide<s32>
                             : nullptr;
    if (!three(d, s, i, t, f)) return false;
    i.s[2] = d.value(s.arg[3], size_of(t) == 2 ? Type::b32 : Type::b64);
    return true;
  }
  return false;
}
bool decode_fma(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  if (!rounds_nearest(s)) return false;
  if (t == Type::f32) {
    const bool z = has(s, "ftz"), c = has(s, "sat");
    return three(d, s, i, t,
                 z && c ? ter<float, Sat<Ftz<Fma>>>
                 : z    ? ter<float, Ftz<Fma>>
                 : c    ? ter<float, Sat<Fma>>
                        : ter<float, Fma>);
  }
  if (t == Type::f64) return three(d, s, i, t, ter<double, Fma>);
  if (has(s, "sat") || has(s, "ftz")) return false;
  if (has(s, "relu"))
    return t == Type::f16 ? three(d, s, i, t, ter<u16, HalfFmaRelu>)
                          : t == Type::f16x2 && three(d, s, i, t, ter<u32, Two<HalfFmaRelu>>);
  if (t == Type::f16) return three(d, s, i, t, ter<u16, HalfFma>);
  if (t == Type::f16x2) return three(d, s, i, t, half2_fma);
  if (t == Type::bf16) return three(d, s, i, t, ter<u16, BrainFma>);
  if (t == Type::bf16x2) return three(d, s, i, t, ter<u32, Two<BrainFma>>);
  return false;
}
bool decode_div(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  if (!rounds_nearest(s)) return false;
  if (t == Type::f32)
    return two(d, s, i, t, floats<DivF>(s));  // .approx and .full are at most less exact
  if (t == Type::f64) return two(d, s, i, t, bin<double, DivF>);
  return two(d, s, i, t, s.part[0] == "div" ? ints_active<Div>(t) : ints_active<Rem>(t));
}
bool decode_minmax(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  const bool min = s.part[0] == "min";
  if (has(s, "xorsign") || has(s, "relu")) return false;
  if (t == Type::f32)
    return s.arg.size() == 3 && two(d, s, i, t,
                                    has(s, "NaN") ? (min ? floats<MinNan>(s) : floats<MaxNan>(s))
                                    : min         ? floats<MinF>(s)
                                                  : floats<MaxF>(s));
  if (t == Type::f64) return two(d, s, i, t, min ? bin<double, MinF> : bin<double, MaxF>);
  if (has(s, "NaN") || has(s, "ftz")) return false;
  if (t == Type::f16) return two(d, s, i, t, min ? bin<u16, Half<MinF>> : bin<u16, Half<MaxF>>);
  if (t == Type::f16x2)
    return two(d, s, i, t, min ? bin<u32, Two<Half<MinF>>> : bin<u32, Two<Half<MaxF>>>);
  if (is_float(t)) return false;
  return two(d, s, i, t, min ? ints<Min>(t) : ints<Max>(t));
}
bool decode_logic(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  const auto& o = s.part[0];
  if (t == Type::pred) {
    if (s.arg.size() != 3) return false;
    i.fn = o == "and" ? pred_bin<And> : o == "or" ? pred_bin<Or> : pred_bin<Xor>;
    i.d = d.reg(s.arg[0], i);
    i.s[0] = d.predicate(s.arg[1]);
    i.s[1] = d.predicate(s.arg[2]);
    return true;
  }
  return two(d, s, i, t,
             o == "and"  ? wrapping<And>(t)
             : o == "or" ? wrapping<Or>(t)
                         : wrapping<Xor>(t));
}
template <class F>
Fn un_sized(Type t) {
  switch (size_of(t)) {
    case 2:
      return un<u16, F>;
    case 4:
      return un<u32, F>;
    case 8:
      return un<u64, F>;
    default:
      return nullptr;
  }
}
bool decode_not(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  if (t == Type::pred) {
    i.fn = pred_not;
    i.d = d.reg(s.arg.at(0), i);
    i.s[0] = d.predicate(s.arg.at(1));
    return true;
  }
  return one(d, s, i, t, s.part[0] == "not" ? un_sized<Not>(t) : un_sized<Cnot>(t));
}
bool decode_neg(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  const bool neg = s.part[0] == "neg";
  if (t == Type::f32) return one(d, s, i, t, neg ? floats1<NegF>(s) : floats1<AbsF>(s));
  if (t == Type::f64) return one(d, s, i, t, neg ? un<double, NegF> : un<double, AbsF>);
  if (t == Type::f16 || t == Type::bf16)
    return one(d, s, i, t, neg ? un<u16, HalfNeg> : un<u16, HalfAbs>);
  if (t == Type::f16x2 || t == Type::bf16x2)
    return one(d, s, i, t, neg ? un<u32, Two<HalfNeg>> : un<u32, Two<HalfAbs>>);
  if (neg) return one(d, s, i, t, un_sized<Neg>(t));
  return one(d, s, i, t,
             t == Type::s16_   ? un<s16, Abs>
             : t == Type::s32_ ? un<s32, Abs>
             : t == Type::s64_ ? un<s64, Abs>
                               : nullptr);
}
bool decode_mov(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  if (s.arg.size() != 2 || t == Type::none) return false;
  if (t == Type::pred) {
    i.fn = pred_mov;
    i.d = d.reg(s.arg[0], i);
    i.s[0] = d.predicate(s.arg[1]);
    return true;
  }
  int what;
  if (d.special(s.arg[1], what) && what >= clock_lo) {
    i.fn = mov_time;
    i.imm = what;
    i.d = d.reg(s.arg[0], i);
    return true;
  }
  if (s.arg[1].what == Operand::vector) {
    const auto n = s.arg[1].list.size();
    if (!n || size_of(t) % n) return false;
    i.width = static_cast<u8>(size_of(t) / n);
    const Type part = i.width == 1   ? Type::b8
                      : i.width == 2 ? Type::b16
                      : i.width == 4 ? Type::b32
                                     : Type::b64;
    const auto v = d.vector(s.arg[1], part, false);
    i.first = d.list(v);
    i.listed = static_cast<u32>(n);
    i.d = d.reg(s.arg[0], i);
    i.fn = i.width == 2 && n == 2 && v[0].bytes == 2 && v[1].bytes == 2 && i.d.bytes == 4
               ? pack_halves
               : pack;
    return true;
  }
  if (s.arg[0].what == Operand::vector) {
    const auto n = s.arg[0].list.size();
    if (!n || size_of(t) % n) return false;
    i.width = static_cast<u8>(size_of(t) / n);
    const auto v = d.vector(s.arg[0], t, true);
    i.first = d.list(v);
    i.listed = static_cast<u32>(n);
    i.s[0] = d.value(s.arg[1], t);
    i.fn = i.width == 2 && n == 2 && v[0].bytes != 4 && v[1].bytes != 4 && i.s[0].bytes == 4
               ? unpack_halves
               : unpack;
    return true;
  }
  return one(d, s, i, t,
             size_of(t) == 2   ? mov<u16>
             : size_of(t) == 4 ? mov<u32>
             : size_of(t) == 8 ? mov<u64>
                               : nullptr);
}
bool decode_selp(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  i.fn = size_of(t) == 2   ? selp<u16>
         : size_of(t) == 4 ? selp<u32>
         : size_of(t) == 8 ? selp<u64>
                           : nullptr;
  i.d = d.reg(s.arg.at(0), i);
  i.s[0] = d.value(s.arg.at(1), t);
  i.s[1] = d.value(s.arg.at(2), t);
  i.s[2] = d.predicate(s.arg.at(3));
  return i.fn != nullptr;
}
bool decode_setp(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  const std::string& c = s.part.at(1);
  Fn f = nullptr;
  switch (t) {
    case Type::u16_:
      f = pick_setp<u16>(c);
      break;
    case Type::s16_:
      f = pick_setp<s16>(c);
      break;
    case Type::u32_:
      f = pick_setp<u32>(c);
      break;
    case Type::s32_:
      f = pick_setp<s32>(c);
      break;
    case Type::u64_:
      f = pick_setp<u64>(c);
      break;
    case Type::s64_:
      f = pick_setp<s64>(c);
      break;
    case Type::f32:
      f = pick_setp<float>(c);
      break;
    case Type::f64:
      f = pick_setp<double>(c);
      break;
    case Type::f16:
      f = pick_setp_half(c);
      break;
    case Type::b16:
      if (c == "eq" || c == "ne") f = pick_setp<u16>(c);
      break;
    case Type::b32:
      if (c == "eq" || c == "ne") f = pick_setp<u32>(c);
      break;
    case Type::b64:
      if (c == "eq" || c == "ne") f = pick_setp<u64>(c);
      break;
    default:
      break;
  }
  if (!f) return false;
  i.fn = f;
  i.flag[2] = has(s, "ftz");
  if (s.arg.at(0).what == Operand::pair) {
    i.flag[1] = 1;
    i.d = d.reg(s.arg[0].list[0], i);
    i.d2 = d.reg(s.arg[0].list[1], i);
  } else
    i.d = d.reg(s.arg[0], i);
  i.s[0] = d.value(s.arg.at(1), t);
  i.s[1] = d.value(s.arg.at(2), t);
  if (has(s, "and")) i.flag[0] = 1;
  if (has(s, "or")) i.flag[0] = 2;
  if (has(s, "xor")) i.flag[0] = 3;
  if (i.flag[0]) i.s[2] = d.predicate(s.arg.at(3));
  if (t == Type::f16 && (i.flag[0] || i.flag[1])) return false;
  return true;
}
bool decode_shift(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  Fn f = nullptr;
  const bool left = s.part[0] == "shl";
  switch (t) {
    case Type::b16:
    case Type::u16_:
      f = left ? shift<u16, Shl> : shift<u16, Shr>;
      break;
    case Type::s16_:
      f = left ? shift<u16, Shl> : shift<s16, Shr>;
      break;
    case Type::b32:
    case Type::u32_:
      f = left ? shift<u32, Shl> : shift<u32, Shr>;
      break;
    case Type::s32_:
      f = left ? shift<u32, Shl> : shift<s32, Shr>;
      break;
    case Type::b64:
    case Type::u64_:
      f = left ? shift<u64, Shl> : shift<u64, Shr>;
      break;
    case Type::s64_:
      f = left ? shift<u64, Shl> : shift<s64, Shr>;
      break;
    default:
      break;
  }
  if (!f) return false;
  i.fn = f;
  i.d = d.reg(s.arg.at(0), i);
  i.s[0] = d.value(s.arg.at(1), t);
  i.s[1] = d.value(s.arg.at(2), Type::u32_);
  return true;
}
bool decode_shf(Decoder& d, const Statement& s, Ins& i) {
  const bool l = has(s, "l"), wrap = has(s, "wrap");
  if (!l && !has(s, "r")) return false;
  return three(d, s, i, Type::b32,
               l      ? (wrap ? ter<u32, Shf<true, true>> : ter<u32, Shf<true, false>>)
               : wrap ? ter<u32, Shf<false, true>>
                      : ter<u32, Shf<false, false>>);
}
void lop3(Warp& w, const Ins& i, u32 m) {
  const u32* a = in<u32>(w, i, i.s[0], m);
  const u32* b = in<u32>(w, i, i.s[1], m);
  const u32* c = in<u32>(w, i, i.s[2], m);
  const u32 t = static_cast<u32>(i.imm);
  u32 k[8];
  for (int j = 0; j < 8; ++j) k[j] = t >> j & 1 ? ~0u : 0u;
  alignas(64) u32 r[32];
  for (int l = 0; l < 32; ++l) {
    const u32 x = a[l], y = b[l], z = c[l];
    r[l] = (k[0] & ~x & ~y & ~z) | (k[1] & ~x & ~y & z) | (k[2] & ~x & y & ~z) |
           (k[3] & ~x & y & z) | (k[4] & x & ~y & ~z) | (k[5] & x & ~y & z) | (k[6] & x & y & ~z) |
           (k[7] & x & y & z);
  }
  out<u32>(w, i.d, r, m);
}
bool decode_lop3(Decoder& d, const Statement& s, Ins& i) {
  if (s.op != "lop3.b32" || s.arg.size() != 5) return false;
  i.fn = lop3;
  i.d = d.reg(s.arg[0], i);
  for (int k = 0; k < 3; ++k) i.s[k] = d.value(s.arg[k + 1], Type::b32);
  i.imm = s.arg[4].value;
  return s.arg[4].what == Operand::imm;
}
struct Prmt {
  static u32 f(u32 a, u32 b, u32 c) {
    const u64 v = static_cast<u64>(b) << 32 | a;
    u32 r = 0;
    for (int k = 0; k < 4; ++k) {
      const u32 n = c >> (4 * k) & 15;
      u32 byte = static_cast<u32>(v >> (8 * (n & 7))) & 255;
      byte = n & 8 ? (byte & 128 ? 255u : 0u) : byte;
      r |= byte << (8 * k);
    }
    return r;
  }
};
bool decode_prmt(Decoder& d, const Statement& s, Ins& i) {
  return s.op == "prmt.b32" && three(d, s, i, Type::b32, ter<u32, Prmt>);
}

template <class T>
void bfe(Warp& w, const Ins& i, u32 m) {
  const T* a = in<T>(w, i, i.s[0], m);
  const u32* b = in<u32>(w, i, i.s[1], m);
  const u32* c = in<u32>(w, i, i.s[2], m);
  using U = std::make_unsigned_t<T>;
  alignas(64) T r[32];
  constexpr u32 top = bits<T> - 1;
  for (int l = 0; l < 32; ++l) {
    const u32 pos = b[l] & 255, len = c[l] & 255;
    U v = pos > top ? 0 : static_cast<U>(a[l]) >> pos;
    v = len == 0 ? 0 : len > top ? v : v & ((U{1} << len) - 1);
    if (std::is_signed_v<T> && len != 0) {
      const u32 at = pos + len - 1 > top ? top : pos + len - 1;
      if (static_cast<U>(a[l]) >> at & 1) {
        const u32 have = pos > top ? 0 : (top + 1 - pos < len ? top + 1 - pos : len);
        if (have <= top) v |= ~U{0} << have;
      }
    }
    r[l] = static_cast<T>(v);
  }
  out<T>(w, i.d, r, m);
}
bool decode_bfe(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  i.fn = t == Type::u32_   ? bfe<u32>
         : t == Type::s32_ ? bfe<s32>
         : t == Type::u64_ ? bfe<u64>
         : t == Type::s64_ ? bfe<s64>
                           : nullptr;
  i.d = d.reg(s.arg.at(0), i);
  i.s[0] = d.value(s.arg.at(1), t);
  i.s[1] = d.value(s.arg.at(2), Type::u32_);
  i.s[2] = d.value(s.arg.at(3), Type::u32_);
  return i.fn != nullptr;
}
template <class T>
void bfi(Warp& w, const Ins& i, u32 m) {
  const T* a = in<T>(w, i, i.s[0], m);
  const T* b = in<T>(w, i, i.s[1], m);
  const u32* c = in<u32>(w, i, i.s[2], m);
  const u32* e = in<u32>(w, i, i.s[3], m);
  alignas(64) T r[32];
  for (int l = 0; l < 32; ++l) {
    const u32 pos = c[l] & 255, len = e[l] & 255;
    T mask = len == 0 ? 0 : len >= static_cast<u32>(bits<T>) ? ~T{0} : (T{1} << len) - 1;
    mask = pos >= static_cast<u32>(bits<T>) ? 0 : mask << pos;
    const T v = pos >= static_cast<u32>(bits<T>) ? 0 : a[l] << pos;
    r[l] = (b[l] & ~mask) | (v & mask);
  }
  out<T>(w, i.d, r, m);
}
bool decode_bfi(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  i.fn = t == Type::b32 ? bfi<u32> : t == Type::b64 ? bfi<u64> : nullptr;
  i.d = d.reg(s.arg.at(0), i);
  i.s[0] = d.value(s.arg.at(1), t);
  i.s[1] = d.value(s.arg.at(2), t);
  i.s[2] = d.value(s.arg.at(3), Type::u32_);
  i.s[3] = d.value(s.arg.at(4), Type::u32_);
  return i.fn != nullptr;
}
struct Popc {
  static u32 f(u32 a) { return static_cast<u32>(__builtin_popcount(a)); }
  static u64 f(u64 a) { return static_cast<u64>(__builtin_popcountll(a)); }
};
struct Clz {
  static u32 f(u32 a) { return a ? static_cast<u32>(__builtin_clz(a)) : 32; }
  static u64 f(u64 a) { return a ? static_cast<u64>(__builtin_clzll(a)) : 64; }
};
struct Brev {
  template <class T>
  static T f(T a) {
    T r = 0;
    for (int k = 0; k < bits<T>; ++k) r = static_cast<T>(r << 1 | (a >> k & 1));
    return r;
  }
};
template <class T, class F>
void count_bits(Warp& w, const Ins& i, u32 m) {
  const T* a = in<T>(w, i, i.s[0], m);
  alignas(64) u32 r[32];
  for (int l = 0; l < 32; ++l) r[l] = static_cast<u32>(F::f(a[l]));
  out<u32>(w, i.d, r, m);
}
template <class T, bool amount = false>
struct Bfind {
  static u32 f(T a) {
    using U = std::make_unsigned_t<T>;
    U v = static_cast<U>(a);
    if (std::is_signed_v<T> && a < 0) v = ~v;
    if (v == 0) return ~0u;
    const u32 at = static_cast<u32>(63 - __builtin_clzll(static_cast<u64>(v)));
    return amount ? bits<T> - 1 - at : at;
  }
};
bool decode_bits(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  const auto& o = s.part[0];
  if (o == "brev") return one(d, s, i, t, size_of(t) == 4 ? un<u32, Brev> : un<u64, Brev>);
  if (o == "bfind") {
    if (has(s, "shiftamt"))
      return one(d, s, i, t,
                 t == Type::u32_   ? count_bits<u32, Bfind<u32, true>>
                 : t == Type::s32_ ? count_bits<s32, Bfind<s32, true>>
                 : t == Type::u64_ ? count_bits<u64, Bfind<u64, true>>
                                   : count_bits<s64, Bfind<s64, true>>);
    return one(d, s, i, t,
               t == Type::u32_   ? count_bits<u32, Bfind<u32>>
               : t == Type::s32_ ? count_bits<s32, Bfind<s32>>
               : t == Type::u64_ ? count_bits<u64, Bfind<u64>>
                                 : count_bits<s64, Bfind<s64>>);
  }
  if (o == "popc")
    return one(d, s, i, t, size_of(t) == 4 ? count_bits<u32, Popc> : count_bits<u64, Popc>);
  return one(d, s, i, t, size_of(t) == 4 ? count_bits<u32, Clz> : count_bits<u64, Clz>);
}
template <bool a_signed, bool b_signed>
struct Dp4a {
  static u32 f(u32 a, u32 b, u32 c) {
    for (int k = 0; k < 4; ++k) {
      const s32 x = a_signed ? static_cast<s8>(a >> (8 * k)) : static_cast<u8>(a >> (8 * k));
      const s32 y = b_signed ? static_cast<s8>(b >> (8 * k)) : static_cast<u8>(b >> (8 * k));
      c += static_cast<u32>(x * y);
    }
    return c;
  }
};
bool decode_dp4a(Decoder& d, const Statement& s, Ins& i) {
  if (s.part.size() != 3) return false;
  const bool a = s.part[1] == "s32", b = s.part[2] == "s32";
  return three(d, s, i, Type::b32,
               a   ? (b ? ter<u32, Dp4a<true, true>> : ter<u32, Dp4a<true, false>>)
               : b ? ter<u32, Dp4a<false, true>>
                   : ter<u32, Dp4a<false, false>>);
}
bool decode_sad(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  return three(d, s, i, t,
               t == Type::u32_   ? ter<u32, Sad>
               : t == Type::s32_ ? ter<s32, Sad>
                                 : nullptr);
}
bool decode_special(Decoder& d, const Statement& s,
                    Ins& i) {  // approximations: computed as exactly as the host can
  const Type t = last_type(s);
  const auto& o = s.part[0];
  if (!rounds_nearest(s)) return false;
  if (t == Type::f32) {
    return one(d, s, i, t,
               o == "ex2"     ? floats1<Ex2>(s)
               : o == "lg2"   ? floats1<Lg2>(s)
               : o == "rcp"   ? floats1<Rcp>(s)
               : o == "rsqrt" ? floats1<Rsqrt>(s)
               : o == "sqrt"  ? floats1<Sqrt>(s)
               : o == "sin"   ? floats1<Sin>(s)
               : o == "cos"   ? floats1<Cos>(s)
                              : floats1<Tanh>(s));
  }
  if (t == Type::f64)
    return one(d, s, i, t,
               o == "rcp"     ? un<double, Rcp>
               : o == "sqrt"  ? un<double, Sqrt>
               : o == "rsqrt" ? un<double, Rsqrt>
                              : nullptr);
  if (t == Type::f16)
    return one(d, s, i, t,
               o == "ex2"    ? un<u16, Half<Ex2>>
               : o == "tanh" ? un<u16, Half<Tanh>>
                             : nullptr);
  if (t == Type::f16x2)
    return one(d, s, i, t,
               o == "ex2"    ? un<u32, Two<Half<Ex2>>>
               : o == "tanh" ? un<u32, Two<Half<Tanh>>>
                             : nullptr);
  return false;
}
bool decode_copysign(Decoder& d, const Statement& s, Ins& i) {
  const Type t = last_type(s);
  return two(d, s, i, t,
             t == Type::f32   ? bin<float, Copysign>
             : t == Type::f64 ? bin<double, Copysign>
                              : nullptr);
}

// Conversions. imm: destination type, imm2: source type, flag[0]: rounding (0 none, 1 rn, 2 rz, 3
// rm, 4 rp; integers +4), flag[1]: ftz, flag[2]: sat
double rounded(double v, int mode) {
  switch (mode & 3) {
    case 1:
      return std::nearbyint(v);
    case 2:
      return std::trunc(v);
    case 3:
      return std::floor(v);
    default:
      return std::ceil(v);
  }
}
double to_precision(double v, int digits, int least_exponent, double largest, int mode) {
  if (v == 0 || std::isnan(v) || std::isinf(v)) return v;
  int e;
  std::frexp(v, &e);
  const int q = std::max(e - digits, least_exponent);
  const double r = std::ldexp(rounded(std::ldexp(v, -q), mode), q);
  if (std::fabs(r) > largest) {
    const bool to_inf = (mode & 3) == 1 || ((mode & 3) == 3 && v < 0) || ((mode & 3) == 0 && v > 0);
    return std::copysign(to_inf ? INFINITY : largest, v);
  }
  return r;
}
void cvt_any(Warp& w, const Ins& i, u32 m) {
  taint(w, i, i.s[0], m);
  const Type to = static_cast<Type>(i.imm), from = static_cast<Type>(i.imm2);
  for (int l = 0; l < 32; ++l) {
    if (!(m >> l & 1)) continue;
    const u64 raw = lane_u(w, i.s[0], l);
    // the source
    bool is_f = is_float(from);
    double f = 0;
    s128 n = 0;
    switch (from) {
      case Type::u8_:
      case Type::b8:
        n = static_cast<u8>(raw);
        break;
      case Type::s8_:
        n = static_cast<s8>(raw);
        break;
      case Type::u16_:
      case Type::b16:
        n = static_cast<u16>(raw);
        break;
      case Type::s16_:
        n = static_cast<s16>(raw);
        break;
      case Type::u32_:
      case Type::b32:
        n = static_cast<u32>(raw);
        break;
      case Type::s32_:
        n = static_cast<s32>(raw);
        break;
      case Type::u64_:
      case Type::b64:
        n = raw;
        break;
      case Type::s64_:
        n = static_cast<s64>(raw);
        break;
      case Type::f16:
        f = half_to_float(static_cast<u16>(raw));
        break;
      case Type::bf16:
        f = bf16_to_float(static_cast<u16>(raw));
        break;
      case Type::f32: {
        float x;
        const u32 b = static_cast<u32>(raw);
        std::memcpy(&x, &b, 4);
        if (i.flag[1]) x = ftz(x);
        f = x;
        break;
      }
      default:
        std::memcpy(&f, &raw, 8);
        break;
    }
    u64 r = 0;
    if (is_float(to)) {
      if (!is_f) {
        // A 64-bit integer is not exact in double: round to odd there first.
        f = static_cast<double>(static_cast<s64>(n));
        if (from == Type::u64_) f = static_cast<double>(static_cast<u64>(n));
        const s128 back = static_cast<s128>(f);
        if (back != n && to != Type::f64) {
          u64 b;
          std::memcpy(&b, &f, 8);
          const s128 ab = back < 0 ? -back : back, an = n < 0 ? -n : n;
          if (ab > an) --b;
          b |= 1;
          std::memcpy(&f, &b, 8);
        } else if (back != n && i.flag[0] != 1)
          fail(w, i, l, "this rounding of 64-bit integers to f64 is not modelled");
      }
      const int mode = i.flag[0] ? i.flag[0] : 1;
      if (is_f && i.flag[0] > 4)
        f = std::isfinite(f) ? std::copysign(rounded(f, i.flag[0] - 4), f) : f;
      if (i.flag[2]) f = f > 0 ? (f < 1 ? f : 1) : 0;
      const int fmode = i.flag[0] > 4 ? 1 : mode;
      switch (to) {
        case Type::f16:
          f = to_precision(f, 11, -24, 65504.0, fmode);
          r = std::isnan(f) ? 0x7fff : float_to_half(static_cast<float>(f));
          break;
        case Type::bf16:
          f = to_precision(f, 8, -133, 3.3895313892515355e38, fmode);
          r = float_to_bf16(static_cast<float>(f));
          break;
        case Type::f32: {
          f = to_precision(f, 24, -149, 3.4028234663852886e38, fmode);
          float x = static_cast<float>(f);
          if (i.flag[1]) x = ftz(x);
          u32 b;
          std::memcpy(&b, &x, 4);
          r = std::isnan(x) ? 0x7fffffff : b;
          break;
        }
        default:
          std::memcpy(&r, &f, 8);
          break;
      }
    } else {
      const int size = size_of(to) * 8;
      const bool sg = is_signed(to);
      const s128 low = sg ? -(static_cast<s128>(1) << (size - 1)) : 0,
                 high = sg ? (static_cast<s128>(1) << (size - 1)) - 1
                           : (static_cast<s128>(1) << size) - 1;
      if (is_f) {
        if (std::isnan(f))
          n = size == 64 && sg ? low : size == 64 ? high : 0;
        else {
          const double x = rounded(f, i.flag[0] > 4 ? i.flag[0] - 4 : 2);
          n = x >= 1e30 ? high : x <= -1e30 ? low : static_cast<s128>(x);
          n = n < low ? low : n > high ? high : n;  // conversions from floating point always clamp
        }
      } else if (i.flag[2])
        n = n < low ? low : n > high ? high : n;
      r = static_cast<u64>(n);
      if (size < 64) {  // truncated, then extended to the register
        r &= (u64{1} << size) - 1;
        if (sg && r >> (size - 1) & 1) r |= ~u64{0} << size;
      }
    }
    set_lane(w, i.d, l, r);
  }
  w.wr[i.d.wr] = (w.wr[i.d.wr] & ~m) | (m & w.taint);
  wrote(w, i.d);
}
// The frequent ones by vectors.
template <class D, class S>
void cvt_int(Warp& w, const Ins& i, u32 m) {
  const S* a = in<S>(w, i, i.s[0], m);
  alignas(64) D r[32];
  for (int l = 0; l < 32; ++l) r[l] = static_cast<D>(a[l]);
  out<D>(w, i.d, r, m);
}
void cvt_f32_f16(Warp& w, const Ins& i, u32 m) {
  const u16* a = in<u16>(w, i, i.s[0], m);
  alignas(64) float r[32];
  for (int l = 0; l < 32; ++l) r[l] = half_to_float(a[l]);
  out<float>(w, i.d, r, m);
}
void cvt_f16_f32(Warp& w, const Ins& i, u32 m) {
  const float* a = in<float>(w, i, i.s[0], m);
  alignas(64) u16 r[32];
  for (int l = 0; l < 32; ++l) r[l] = float_to_half(a[l]);
  out<u16>(w, i.d, r, m);
}
void cvt_f16x2_f32(Warp& w, const Ins& i, u32 m) {  // the first operand goes to the upper half
  const float* a = in<float>(w, i, i.s[0], m);
  const float* b = in<float>(w, i, i.s[1], m);
  alignas(64) u32 r[32];
  for (int l = 0; l < 32; ++l)
    r[l] = static_cast<u32>(float_to_half(a[l])) << 16 | float_to_half(b[l]);
  out<u32>(w, i.d, r, m);
}
void cvt_bf16x2_f32(Warp& w, const Ins& i, u32 m) {
  const float* a = in<float>(w, i, i.s[0], m);
  const float* b = in<float>(w, i, i.s[1], m);
  alignas(64) u32 r[32];
  for (int l = 0; l < 32; ++l)
    r[l] = static_cast<u32>(float_to_bf16(a[l])) << 16 | float_to_bf16(b[l]);
  out<u32>(w, i.d, r, m);
}
void cvt_rzi_s32_f32(Warp& w, const Ins& i, u32 m) {
  const float* a = in<float>(w, i, i.s[0], m);
  alignas(64) s32 r[32];
  for (int l = 0; l < 32; ++l)
    r[l] = a[l] != a[l]             ? 0
           : a[l] >= 2147483648.0f  ? INT32_MAX
           : a[l] <= -2147483648.0f ? INT32_MIN
                                    : static_cast<s32>(a[l]);
  out<s32>(w, i.d, r, m);
}
bool decode_cvt(Decoder& d, const Statement& s, Ins& i) {
  if (s.part.size() < 3) return false;
  const Type to = type_of(s.part[s.part.size() - 2]), from = type_of(s.part.back());
  if (to == Type::none || from == Type::none || has(s, "relu") || has(s, "satfinite")) return false;
  i.flag[1] = has(s, "ftz");
  i.flag[2] = has(s, "sat");
  for (auto& p : s.part) {
    if (p == "rn" || p == "rni") i.flag[0] = p == "rni" ? 5 : 1;
    if (p == "rz" || p == "rzi") i.flag[0] = p == "rzi" ? 6 : 2;
    if (p == "rm" || p == "rmi") i.flag[0] = p == "rmi" ? 7 : 3;
    if (p == "rp" || p == "rpi") i.flag[0] = p == "rpi" ? 8 : 4;
    if (p == "rna" || p == "rs") return false;
  }
  if (to == Type::f16x2 || to == Type::bf16x2) {
    return from == Type::f32 && i.flag[0] == 1 && !i.flag[1] && !i.flag[2] &&
           two(d, s, i, from, to == Type::f16x2 ? cvt_f16x2_f32 : cvt_bf16x2_f32);
  }
  if (to == Type::tf32 || from == Type::tf32) return false;
  i.imm = static_cast<s64>(to);
  i.imm2 = static_cast<s64>(from);
  if (!one(d, s, i, from, cvt_any)) return false;
  const auto& a = i.s[0];
  if (i.flag[1] || i.flag[2]) return true;
  const bool exact = a.bytes == size_of(from) && i.d.bytes == size_of(to);
  if (!exact) return true;
  if (to == Type::f32 && from == Type::f16 && i.flag[0] == 0)
    i.fn = cvt_f32_f16;
  else if (to == Type::f16 && from == Type::f32 && i.flag[0] == 1)
    i.fn = cvt_f16_f32;
  else if (to == Type::s32_ && from == Type::f32 && i.flag[0] == 6)
    i.fn = cvt_rzi_s32_f32;
  else if (to == Type::f32 && from == Type::s32_ && i.flag[0] == 1)
    i.fn = cvt_int<float, s32>;
  else if (to == Type::f32 && from == Type::u32_ && i.flag[0] == 1)
    i.fn = cvt_int<float, u32>;
  else if (to == Type::f64 && from == Type::f32)
    i.fn = cvt_int<double, float>;
  else if (!is_float(to) && !is_float(from)) {
    const int t = size_of(to), f = size_of(from);
    const bool sg = is_signed(from);
    if (t == 8 && f == 4)
      i.fn = sg ? cvt_int<s64, s32> : cvt_int<u64, u32>;
    else if (t == 4 && f == 8)
      i.fn = cvt_int<u32, u64>;
    else if (t == 4 && f == 2)
      i.fn = sg ? cvt_int<s32, s16> : cvt_int<u32, u16>;
    else if (t == 2 && f == 4)
      i.fn = cvt_int<u16, u32>;
    else if (t == 8 && f == 2)
      i.fn = sg ? cvt_int<s64, s16> : cvt_int<u64, u16>;
    else if (t == 4 && f == 4)
      i.fn = cvt_int<u32, u32>;
    else if (t == 8 && f == 8)
      i.fn = cvt_int<u64, u64>;
  }
  return true;
}

}  // namespace

void add_alu(std::unordered_map<std::string, Decode>& t) {
  for (auto n : {"add", "sub"}) t[n] = decode_add;
  t["mul"] = decode_mul;
  t["mad"] = decode_mad;
  t["fma"] = decode_fma;
  for (auto n : {"div", "rem"}) t[n] = decode_div;
  for (auto n : {"min", "max"}) t[n] = decode_minmax;
  for (auto n : {"and", "or", "xor"}) t[n] = decode_logic;
  for (auto n : {"not", "cnot"}) t[n] = decode_not;
  for (auto n : {"neg", "abs"}) t[n] = decode_neg;
  t["mov"] = decode_mov;
  t["selp"] = decode_selp;
  t["setp"] = decode_setp;
  for (auto n : {"shl", "shr"}) t[n] = decode_shift;
  t["shf"] = decode_shf;
  t["lop3"] = decode_lop3;
  t["prmt"] = decode_prmt;
  t["bfe"] = decode_bfe;
  t["bfi"] = decode_bfi;
  for (auto n : {"popc", "clz", "brev", "bfind"}) t[n] = decode_bits;
  t["dp4a"] = decode_dp4a;
  t["sad"] = decode_sad;
  for (auto n : {"ex2", "lg2", "rcp", "rsqrt", "sqrt", "sin", "cos", "tanh"}) t[n] = decode_special;
  t["copysign"] = decode_copysign;
  t["cvt"] = decode_cvt;
}

}  // namespace roofproof::ptx
