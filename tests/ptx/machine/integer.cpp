// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Integer arithmetic (PTX ISA, 9.7.1).
#include "tests/ptx/machine/alu.h"
#include "tests/ptx/machine/arithmetic.h"

namespace roofproof::ptx {
namespace {

// Division may not touch lanes that are not active.
template <class T, class F>
void binary_of_active(Warp& w, const Instruction& i, u32 m) {
  const T* a = read<T>(w, i, i.source[0], m);
  const T* b = read<T>(w, i, i.source[1], m);
  alignas(64) T r[32];
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) r[l] = F::apply(a[l], b[l]);
  write<T>(w, i.destination, r, m);
}

struct Neg {
  template <class T>
  static T apply(T a) {
    return static_cast<T>(0 - a);
  }
};

struct Abs {
  template <class T>
  static T apply(T a) {
    return static_cast<T>(a < 0 ? 0 - static_cast<std::make_unsigned_t<T>>(a)
                                : static_cast<std::make_unsigned_t<T>>(a));
  }
};

struct Min {
  template <class T>
  static T apply(T a, T b) {
    return a < b ? a : b;
  }
};

struct Max {
  template <class T>
  static T apply(T a, T b) {
    return a > b ? a : b;
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
  static T apply(T a, T b) {
    using W = typename wider<T>::type;
    return static_cast<T>((static_cast<W>(a) * static_cast<W>(b)) >> bits<T>);
  }
};

struct MadHi {
  template <class T>
  static T apply(T a, T b, T c) {
    return static_cast<T>(MulHi::apply(a, b) + c);
  }
};

struct Mad {
  template <class T>
  static T apply(T a, T b, T c) {
    if constexpr (std::is_integral_v<T> && sizeof(T) == 2)
      return static_cast<T>(static_cast<u32>(a) * b + c);  // int would overflow
    else
      return static_cast<T>(a * b + c);
  }
};

struct Div {
  template <class T>
  static T apply(T a, T b) {
    if (b == 0) return static_cast<T>(~T{0});
    if constexpr (std::is_signed_v<T>)
      if (b == -1) return static_cast<T>(0 - static_cast<std::make_unsigned_t<T>>(a));
    return static_cast<T>(a / b);
  }
};

struct Rem {
  template <class T>
  static T apply(T a, T b) {
    if (b == 0) return a;
    if constexpr (std::is_signed_v<T>)
      if (b == -1) return 0;
    return static_cast<T>(a % b);
  }
};

struct Sad {
  template <class T>
  static T apply(T a, T b, T c) {
    return static_cast<T>(c + (a < b ? b - a : a - b));
  }
};

struct SatAdd {
  static s32 apply(s32 a, s32 b) {
    const s64 r = static_cast<s64>(a) + b;
    return r > INT32_MAX ? INT32_MAX : r < INT32_MIN ? INT32_MIN : static_cast<s32>(r);
  }
};

struct SatSub {
  static s32 apply(s32 a, s32 b) {
    const s64 r = static_cast<s64>(a) - b;
    return r > INT32_MAX ? INT32_MAX : r < INT32_MIN ? INT32_MIN : static_cast<s32>(r);
  }
};

template <class T>
void mul_wide(Warp& w, const Instruction& i, u32 m) {
  using W = typename wider<T>::type;
  const T* a = read<T>(w, i, i.source[0], m);
  const T* b = read<T>(w, i, i.source[1], m);
  alignas(64) W r[32];
  for (int l = 0; l < 32; ++l) r[l] = static_cast<W>(static_cast<W>(a[l]) * static_cast<W>(b[l]));
  write<W>(w, i.destination, r, m);
}

template <class T>
void mad_wide(Warp& w, const Instruction& i, u32 m) {
  using W = typename wider<T>::type;
  const T* a = read<T>(w, i, i.source[0], m);
  const T* b = read<T>(w, i, i.source[1], m);
  const W* c = read<W>(w, i, i.source[2], m);
  alignas(64) W r[32];
  for (int l = 0; l < 32; ++l)
    r[l] = static_cast<W>(static_cast<W>(a[l]) * static_cast<W>(b[l]) + c[l]);
  write<W>(w, i.destination, r, m);
}

template <bool a_signed, bool b_signed>
struct Dp4a {
  static u32 apply(u32 a, u32 b, u32 c) {
    for (int k = 0; k < 4; ++k) {
      const s32 x = a_signed ? static_cast<s8>(a >> (8 * k)) : static_cast<u8>(a >> (8 * k));
      const s32 y = b_signed ? static_cast<s8>(b >> (8 * k)) : static_cast<u8>(b >> (8 * k));
      c += static_cast<u32>(x * y);
    }
    return c;
  }
};

template <class F>
Execute binary_by_type(Type t) {
  switch (t) {
    case Type::u16_:
    case Type::b16:
      return binary<u16, F>;
    case Type::s16_:
      return binary<s16, F>;
    case Type::u32_:
    case Type::b32:
      return binary<u32, F>;
    case Type::s32_:
      return binary<s32, F>;
    case Type::u64_:
    case Type::b64:
      return binary<u64, F>;
    case Type::s64_:
      return binary<s64, F>;
    default:
      return nullptr;
  }
}

template <class F>
Execute binary_of_active_by_type(Type t) {
  switch (t) {
    case Type::u16_:
      return binary_of_active<u16, F>;
    case Type::s16_:
      return binary_of_active<s16, F>;
    case Type::u32_:
      return binary_of_active<u32, F>;
    case Type::s32_:
      return binary_of_active<s32, F>;
    case Type::u64_:
      return binary_of_active<u64, F>;
    case Type::s64_:
      return binary_of_active<s64, F>;
    default:
      return nullptr;
  }
}

}  // namespace

Execute integer_add(const Statement& s, Type t) {
  const bool add = s.part[0] == "add";
  if (has(s, "sat"))
    return t != Type::s32_ ? nullptr : add ? binary<s32, SatAdd> : binary<s32, SatSub>;
  return add ? binary_by_size<Add>(t) : binary_by_size<Sub>(t);
}

Execute integer_mul(const Statement& s, Type t) {
  if (has(s, "lo")) return binary_by_size<Mul>(t);
  if (has(s, "hi")) return binary_by_type<MulHi>(t);
  if (!has(s, "wide")) return nullptr;
  return t == Type::u16_   ? mul_wide<u16>
         : t == Type::s16_ ? mul_wide<s16>
         : t == Type::u32_ ? mul_wide<u32>
         : t == Type::s32_ ? mul_wide<s32>
                           : nullptr;
}

Execute integer_mad(const Statement& s, Type t) {
  if (has(s, "sat")) return nullptr;
  if (has(s, "lo"))
    return size_of(t) == 2   ? ternary<u16, Mad>
           : size_of(t) == 4 ? ternary<u32, Mad>
           : size_of(t) == 8 ? ternary<u64, Mad>
                             : nullptr;
  if (has(s, "hi"))
    return t == Type::u32_   ? ternary<u32, MadHi>
           : t == Type::s32_ ? ternary<s32, MadHi>
           : t == Type::u64_ ? ternary<u64, MadHi>
           : t == Type::s64_ ? ternary<s64, MadHi>
                             : nullptr;
  if (!has(s, "wide")) return nullptr;
  return t == Type::u16_   ? mad_wide<u16>
         : t == Type::s16_ ? mad_wide<s16>
         : t == Type::u32_ ? mad_wide<u32>
         : t == Type::s32_ ? mad_wide<s32>
                           : nullptr;
}

Execute integer_div(const Statement& s, Type t) {
  return s.part[0] == "div" ? binary_of_active_by_type<Div>(t) : binary_of_active_by_type<Rem>(t);
}

Execute integer_min(const Statement& s, Type t) {
  if (has(s, "relu")) return nullptr;
  return s.part[0] == "min" ? binary_by_type<Min>(t) : binary_by_type<Max>(t);
}

Execute integer_neg(const Statement& s, Type t) {
  if (s.part[0] == "neg") return unary_by_size<Neg>(t);
  return t == Type::s16_   ? unary<s16, Abs>
         : t == Type::s32_ ? unary<s32, Abs>
         : t == Type::s64_ ? unary<s64, Abs>
                           : nullptr;
}

Execute integer_sad(const Statement&, Type t) {
  return t == Type::u32_ ? ternary<u32, Sad> : t == Type::s32_ ? ternary<s32, Sad> : nullptr;
}

Execute integer_dp4a(const Statement& s, Type) {
  if (s.part.size() != 3) return nullptr;
  const bool a_signed = s.part[1] == "s32";
  const bool b_signed = s.part[2] == "s32";
  if (a_signed) return b_signed ? ternary<u32, Dp4a<true, true>> : ternary<u32, Dp4a<true, false>>;
  return b_signed ? ternary<u32, Dp4a<false, true>> : ternary<u32, Dp4a<false, false>>;
}

}  // namespace roofproof::ptx
