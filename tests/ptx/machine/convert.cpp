// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// cvt (PTX ISA, 9.7.9). immediate: the type that is converted to; second_immediate: from.
#include "tests/ptx/machine/alu.h"
#include "tests/ptx/machine/formats.h"

namespace roofproof::ptx {
namespace {

// Rounding: to a float format, or, with to_integer added, to an integer.
enum Rounding : u8 {
  unrounded,
  nearest_even,
  towards_zero,
  towards_minus_infinity,
  towards_infinity
};
constexpr int to_integer = 4;

double rounded(double v, int mode) {
  switch (mode) {
    case nearest_even:
      return std::nearbyint(v);
    case towards_zero:
      return std::trunc(v);
    case towards_minus_infinity:
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
    const bool to_infinity = mode == nearest_even || (mode == towards_minus_infinity && v < 0) ||
                             (mode == towards_infinity && v > 0);
    return std::copysign(to_infinity ? INFINITY : largest, v);
  }
  return r;
}

void cvt_any(Warp& w, const Instruction& i, u32 m) {
  merge_defined(w, i, i.source[0], m);
  const Type to = static_cast<Type>(i.immediate), from = static_cast<Type>(i.second_immediate);
  for (int l = 0; l < 32; ++l) {
    if (!(m >> l & 1)) continue;
    const u64 raw = lane_bits(w, i.source[0], l);
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
        if (i.convert.flush_to_zero) x = ftz(x);
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
        } else if (back != n && i.convert.rounding != nearest_even)
          fail(w, i, l, "this rounding of 64-bit integers to f64 is not modelled");
      }
      const int mode = i.convert.rounding ? i.convert.rounding : u8{nearest_even};
      if (is_f && i.convert.rounding > to_integer)
        f = std::isfinite(f) ? std::copysign(rounded(f, i.convert.rounding - to_integer), f) : f;
      if (i.convert.saturate) f = f > 0 ? (f < 1 ? f : 1) : 0;
      const int fmode = i.convert.rounding > to_integer ? nearest_even : mode;
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
          if (i.convert.flush_to_zero) x = ftz(x);
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
          const double x = rounded(
              f, i.convert.rounding > to_integer ? i.convert.rounding - to_integer : towards_zero);
          n = x >= 1e30 ? high : x <= -1e30 ? low : static_cast<s128>(x);
          n = n < low ? low : n > high ? high : n;  // conversions from floating point always clamp
        }
      } else if (i.convert.saturate)
        n = n < low ? low : n > high ? high : n;
      r = static_cast<u64>(n);
      if (size < 64) {  // truncated, then extended to the register
        r &= (u64{1} << size) - 1;
        if (sg && r >> (size - 1) & 1) r |= ~u64{0} << size;
      }
    }
    set_lane_bits(w, i.destination, l, r);
  }
  w.written[i.destination.id] = (w.written[i.destination.id] & ~m) | (m & w.defined);
  note_written(w, i.destination);
}

// The frequent ones by vectors.
template <class D, class S>
void cvt_int(Warp& w, const Instruction& i, u32 m) {
  const S* a = read<S>(w, i, i.source[0], m);
  alignas(64) D r[32];
  for (int l = 0; l < 32; ++l) r[l] = static_cast<D>(a[l]);
  write<D>(w, i.destination, r, m);
}

void cvt_f32_f16(Warp& w, const Instruction& i, u32 m) {
  const u16* a = read<u16>(w, i, i.source[0], m);
  alignas(64) float r[32];
  for (int l = 0; l < 32; ++l) r[l] = half_to_float(a[l]);
  write<float>(w, i.destination, r, m);
}

void cvt_f16_f32(Warp& w, const Instruction& i, u32 m) {
  const float* a = read<float>(w, i, i.source[0], m);
  alignas(64) u16 r[32];
  for (int l = 0; l < 32; ++l) r[l] = float_to_half(a[l]);
  write<u16>(w, i.destination, r, m);
}

void cvt_f16x2_f32(Warp& w, const Instruction& i,
                   u32 m) {  // the first operand goes to the upper half
  const float* a = read<float>(w, i, i.source[0], m);
  const float* b = read<float>(w, i, i.source[1], m);
  alignas(64) u32 r[32];
  for (int l = 0; l < 32; ++l)
    r[l] = static_cast<u32>(float_to_half(a[l])) << 16 | float_to_half(b[l]);
  write<u32>(w, i.destination, r, m);
}

void cvt_bf16x2_f32(Warp& w, const Instruction& i, u32 m) {
  const float* a = read<float>(w, i, i.source[0], m);
  const float* b = read<float>(w, i, i.source[1], m);
  alignas(64) u32 r[32];
  for (int l = 0; l < 32; ++l)
    r[l] = static_cast<u32>(float_to_bf16(a[l])) << 16 | float_to_bf16(b[l]);
  write<u32>(w, i.destination, r, m);
}

void cvt_rzi_s32_f32(Warp& w, const Instruction& i, u32 m) {
  const float* a = read<float>(w, i, i.source[0], m);
  alignas(64) s32 r[32];
  for (int l = 0; l < 32; ++l)
    r[l] = a[l] != a[l]             ? 0
           : a[l] >= 2147483648.0f  ? INT32_MAX
           : a[l] <= -2147483648.0f ? INT32_MIN
                                    : static_cast<s32>(a[l]);
  write<s32>(w, i.destination, r, m);
}

bool decode_cvt(Decoder& d, const Statement& s, Instruction& i) {
  if (s.part.size() < 3) return false;
  const Type to = type_of(s.part[s.part.size() - 2]), from = type_of(s.part.back());
  if (to == Type::none || from == Type::none || has(s, "relu") || has(s, "satfinite")) return false;
  i.convert.flush_to_zero = has(s, "ftz");
  i.convert.saturate = has(s, "sat");
  static const struct {
    std::string_view name;
    int rounding;
  } modes[] = {{"rn", nearest_even},
               {"rz", towards_zero},
               {"rm", towards_minus_infinity},
               {"rp", towards_infinity},
               {"rni", to_integer + nearest_even},
               {"rzi", to_integer + towards_zero},
               {"rmi", to_integer + towards_minus_infinity},
               {"rpi", to_integer + towards_infinity}};
  for (const auto& mode : modes)
    if (has(s, mode.name)) i.convert.rounding = static_cast<u8>(mode.rounding);
  if (has(s, "rna") || has(s, "rs")) return false;
  if (to == Type::f16x2 || to == Type::bf16x2) {
    return from == Type::f32 && i.convert.rounding == nearest_even && !i.convert.flush_to_zero &&
           !i.convert.saturate &&
           binary_form(d, s, i, from, to == Type::f16x2 ? cvt_f16x2_f32 : cvt_bf16x2_f32);
  }
  if (to == Type::tf32 || from == Type::tf32) return false;
  i.immediate = static_cast<s64>(to);
  i.second_immediate = static_cast<s64>(from);
  if (!unary_form(d, s, i, from, cvt_any)) return false;
  const auto& a = i.source[0];
  if (i.convert.flush_to_zero || i.convert.saturate) return true;
  const bool exact = a.bytes == size_of(from) && i.destination.bytes == size_of(to);
  if (!exact) return true;
  if (to == Type::f32 && from == Type::f16 && i.convert.rounding == unrounded)
    i.execute = cvt_f32_f16;
  else if (to == Type::f16 && from == Type::f32 && i.convert.rounding == nearest_even)
    i.execute = cvt_f16_f32;
  else if (to == Type::s32_ && from == Type::f32 && i.convert.rounding == to_integer + towards_zero)
    i.execute = cvt_rzi_s32_f32;
  else if (to == Type::f32 && from == Type::s32_ && i.convert.rounding == nearest_even)
    i.execute = cvt_int<float, s32>;
  else if (to == Type::f32 && from == Type::u32_ && i.convert.rounding == nearest_even)
    i.execute = cvt_int<float, u32>;
  else if (to == Type::f64 && from == Type::f32)
    i.execute = cvt_int<double, float>;
  else if (!is_float(to) && !is_float(from)) {
    const int t = size_of(to), f = size_of(from);
    const bool sg = is_signed(from);
    if (t == 8 && f == 4)
      i.execute = sg ? cvt_int<s64, s32> : cvt_int<u64, u32>;
    else if (t == 4 && f == 8)
      i.execute = cvt_int<u32, u64>;
    else if (t == 4 && f == 2)
      i.execute = sg ? cvt_int<s32, s16> : cvt_int<u32, u16>;
    else if (t == 2 && f == 4)
      i.execute = cvt_int<u16, u32>;
    else if (t == 8 && f == 2)
      i.execute = sg ? cvt_int<s64, s16> : cvt_int<u64, u16>;
    else if (t == 4 && f == 4)
      i.execute = cvt_int<u32, u32>;
    else if (t == 8 && f == 8)
      i.execute = cvt_int<u64, u64>;
  }
  return true;
}

}  // namespace

void add_convert(Decoders& t) { t["cvt"] = decode_cvt; }

}  // namespace roofproof::ptx
