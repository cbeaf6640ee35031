// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// setp (PTX ISA, 9.7.6).
#include "tests/ptx/machine/alu.h"
#include "tests/ptx/machine/formats.h"

namespace roofproof::ptx {
namespace {

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

// What setp does with the predicate source[2].
enum Combine : u8 { combine_none, combine_and, combine_or, combine_xor };
template <class T, Cmp C>
void setp(Warp& w, const Instruction& i, u32 m) {
  const T* a = read<T>(w, i, i.source[0], m);
  const T* b = read<T>(w, i, i.source[1], m);
  u32 p;
  if constexpr (std::is_same_v<T, float>) {
    if (i.compare.flush_to_zero) {
      p = 0;
      for (int l = 0; l < 32; ++l) p |= static_cast<u32>(compare<C, T>(ftz(a[l]), ftz(b[l]))) << l;
    } else
      p = compare_all<T, C>(a, b);
  } else
    p = compare_all<T, C>(a, b);
  u32 q = ~p;
  if (i.compare.combine) {
    const u32 c = read_predicate(w, i, i.source[2], m);
    switch (i.compare.combine) {
      case combine_and:
        p &= c;
        q &= c;
        break;
      case combine_or:
        p |= c;
        q |= c;
        break;
      default:
        p ^= c;
        q ^= c;
        break;
    }
  }
  write_predicate(w, i.destination, p, m);
  if (i.compare.complement_too) write_predicate(w, i.second_destination, q, m);
}

template <Cmp C>
void setp_half(Warp& w, const Instruction& i, u32 m) {
  const u16* a = read<u16>(w, i, i.source[0], m);
  const u16* b = read<u16>(w, i, i.source[1], m);
  u32 p = 0;
  for (int l = 0; l < 32; ++l)
    p |= static_cast<u32>(compare<C, float>(half_to_float(a[l]), half_to_float(b[l]))) << l;
  write_predicate(w, i.destination, p, m);
}

template <class T>
Execute pick_setp(const std::string& c) {
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

Execute pick_setp_half(const std::string& c) {
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

bool decode_setp(Decoder& d, const Statement& s, Instruction& i) {
  const Type t = last_type(s);
  const std::string& c = s.part.at(1);
  Execute f = nullptr;
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
  i.execute = f;
  i.compare.flush_to_zero = has(s, "ftz");
  i.compare.complement_too = destination_pair(d, s.arg.at(0), i);
  i.source[0] = d.value(s.arg.at(1), t);
  i.source[1] = d.value(s.arg.at(2), t);
  if (has(s, "and")) i.compare.combine = combine_and;
  if (has(s, "or")) i.compare.combine = combine_or;
  if (has(s, "xor")) i.compare.combine = combine_xor;
  if (i.compare.combine) i.source[2] = d.predicate(s.arg.at(3));
  if (t == Type::f16 && (i.compare.combine || i.compare.complement_too)) return false;
  return true;
}

}  // namespace

void add_compare(Decoders& t) { t["setp"] = decode_setp; }

}  // namespace roofproof::ptx
