// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Arithmetic of f16, bf16 and pairs of them (PTX ISA, 9.7.4). A result is computed in float, or
// for fma in double, and rounded once.
#include "tests/ptx/machine/alu.h"
#include "tests/ptx/machine/arithmetic.h"
#include "tests/ptx/machine/formats.h"

namespace roofproof::ptx {
namespace {

// Halves: computed in float (exact enough for one rounding), fma in double.
template <class F>
struct Half {
  static u16 apply(u16 a) { return float_to_half(F::apply(half_to_float(a))); }
  static u16 apply(u16 a, u16 b) {
    return float_to_half(F::apply(half_to_float(a), half_to_float(b)));
  }
};

struct HalfFma {
  static u16 apply(u16 a, u16 b, u16 c) {
    return double_to_half(static_cast<double>(half_to_float(a)) * half_to_float(b) +
                          half_to_float(c));
  }
};

struct HalfFmaRelu {
  static u16 apply(u16 a, u16 b, u16 c) {
    const u16 r = HalfFma::apply(a, b, c);
    return r & 0x8000 ? 0 : r;
  }
};

struct HalfNeg {
  static u16 apply(u16 a) { return a ^ 0x8000; }
};

struct HalfAbs {
  static u16 apply(u16 a) { return a & 0x7fff; }
};

template <class F>
struct Brain {
  static u16 apply(u16 a, u16 b) {
    return float_to_bf16(F::apply(bf16_to_float(a), bf16_to_float(b)));
  }
};

struct BrainFma {
  static u16 apply(u16 a, u16 b, u16 c) {
    return float_to_bf16(
        to_odd(static_cast<double>(bf16_to_float(a)) * bf16_to_float(b) + bf16_to_float(c)));
  }
};

// Two in a word
template <class F>
struct Two {
  static u32 apply(u32 a) {
    return F::apply(static_cast<u16>(a)) | static_cast<u32>(F::apply(static_cast<u16>(a >> 16)))
                                               << 16;
  }
  static u32 apply(u32 a, u32 b) {
    return F::apply(static_cast<u16>(a), static_cast<u16>(b)) |
           static_cast<u32>(F::apply(static_cast<u16>(a >> 16), static_cast<u16>(b >> 16))) << 16;
  }
  static u32 apply(u32 a, u32 b, u32 c) {
    return F::apply(static_cast<u16>(a), static_cast<u16>(b), static_cast<u16>(c)) |
           static_cast<u32>(F::apply(static_cast<u16>(a >> 16), static_cast<u16>(b >> 16),
                                     static_cast<u16>(c >> 16)))
               << 16;
  }
};

// The same by vectors of 32 float_binary.
template <class F>
void half2_binary(Warp& w, const Instruction& i, u32 m) {
  const u16* a = reinterpret_cast<const u16*>(read<u32>(w, i, i.source[0], m));
  const u16* b = reinterpret_cast<const u16*>(read<u32>(w, i, i.source[1], m));
  alignas(64) u16 r[64];
#ifdef __AVX512F__
  for (int l = 0; l < 64; l += 16) {
    const __m512 x = _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + l)));
    const __m512 y = _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + l)));
    _mm256_store_si256(reinterpret_cast<__m256i*>(r + l), _mm512_cvtps_ph(F::apply(x, y), 0));
  }
#else
  for (int l = 0; l < 64; ++l)
    r[l] = float_to_half(F::apply(half_to_float(a[l]), half_to_float(b[l])));
#endif
  write<u32>(w, i.destination, reinterpret_cast<u32*>(r), m);
}
#ifdef __AVX512F__
struct Add2 : Add {
  static __m512 apply(__m512 a, __m512 b) { return _mm512_add_ps(a, b); }
};

struct Sub2 : Sub {
  static __m512 apply(__m512 a, __m512 b) { return _mm512_sub_ps(a, b); }
};

struct Mul2 : Mul {
  static __m512 apply(__m512 a, __m512 b) { return _mm512_mul_ps(a, b); }
};
#else
using Add2 = Add;
using Sub2 = Sub;
using Mul2 = Mul;
#endif
void half2_fma(Warp& w, const Instruction& i, u32 m) {
  const u16* a = reinterpret_cast<const u16*>(read<u32>(w, i, i.source[0], m));
  const u16* b = reinterpret_cast<const u16*>(read<u32>(w, i, i.source[1], m));
  const u16* c = reinterpret_cast<const u16*>(read<u32>(w, i, i.source[2], m));
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
  for (int l = 0; l < 64; ++l) r[l] = HalfFma::apply(a[l], b[l], c[l]);
#endif
  write<u32>(w, i.destination, reinterpret_cast<u32*>(r), m);
}

}  // namespace

Execute half_add(const Statement& s, Type t) {
  const bool add = s.part[0] == "add";
  if (has(s, "sat") || has(s, "ftz")) return nullptr;
  if (t == Type::f16) return add ? binary<u16, Half<Add>> : binary<u16, Half<Sub>>;
  if (t == Type::f16x2) return add ? half2_binary<Add2> : half2_binary<Sub2>;
  if (t == Type::bf16) return add ? binary<u16, Brain<Add>> : binary<u16, Brain<Sub>>;
  return add ? binary<u32, Two<Brain<Add>>> : binary<u32, Two<Brain<Sub>>>;
}

Execute half_mul(const Statement& s, Type t) {
  if (has(s, "sat") || has(s, "ftz")) return nullptr;
  if (t == Type::f16) return binary<u16, Half<Mul>>;
  if (t == Type::f16x2) return half2_binary<Mul2>;
  return t == Type::bf16 ? binary<u16, Brain<Mul>> : binary<u32, Two<Brain<Mul>>>;
}

Execute half_fma(const Statement& s, Type t) {
  if (has(s, "sat") || has(s, "ftz")) return nullptr;
  if (has(s, "relu"))
    return t == Type::f16     ? ternary<u16, HalfFmaRelu>
           : t == Type::f16x2 ? ternary<u32, Two<HalfFmaRelu>>
                              : nullptr;
  if (t == Type::f16) return ternary<u16, HalfFma>;
  if (t == Type::f16x2) return half2_fma;
  return t == Type::bf16 ? ternary<u16, BrainFma> : ternary<u32, Two<BrainFma>>;
}

Execute half_min(const Statement& s, Type t) {
  const bool min = s.part[0] == "min";
  if (has(s, "xorsign") || has(s, "relu") || has(s, "NaN") || has(s, "ftz")) return nullptr;
  if (t == Type::f16) return min ? binary<u16, Half<MinF>> : binary<u16, Half<MaxF>>;
  if (t == Type::f16x2) return min ? binary<u32, Two<Half<MinF>>> : binary<u32, Two<Half<MaxF>>>;
  return nullptr;
}

Execute half_neg(const Statement& s, Type t) {
  const bool neg = s.part[0] == "neg";
  if (size_of(t) == 2) return neg ? unary<u16, HalfNeg> : unary<u16, HalfAbs>;
  return neg ? unary<u32, Two<HalfNeg>> : unary<u32, Two<HalfAbs>>;
}

Execute half_special(const Statement& s, Type t) {
  const bool ex2 = s.part[0] == "ex2";
  if (!ex2 && s.part[0] != "tanh") return nullptr;
  if (t == Type::f16) return ex2 ? unary<u16, Half<Ex2>> : unary<u16, Half<Tanh>>;
  if (t == Type::f16x2) return ex2 ? unary<u32, Two<Half<Ex2>>> : unary<u32, Two<Half<Tanh>>>;
  return nullptr;
}

}  // namespace roofproof::ptx
