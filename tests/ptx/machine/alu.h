// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A function of one, two or three operands of one type, over 32 lanes; and the functions that
// several families share.
#pragma once

#include <cmath>
#include <cstring>
#include <type_traits>

#include "tests/ptx/machine/decode.h"
#include "tests/ptx/machine/operands.h"

namespace roofproof::ptx {

template <class T>
constexpr int bits = sizeof(T) * 8;
template <class T, class F>
void unary(Warp& w, const Instruction& i, u32 m) {
  const T* a = read<T>(w, i, i.source[0], m);
  alignas(64) T r[32];
  for (int l = 0; l < 32; ++l) r[l] = F::apply(a[l]);
  write<T>(w, i.destination, r, m);
}
template <class T, class F>
void binary(Warp& w, const Instruction& i, u32 m) {
  const T* a = read<T>(w, i, i.source[0], m);
  const T* b = read<T>(w, i, i.source[1], m);
  alignas(64) T r[32];
  for (int l = 0; l < 32; ++l) r[l] = F::apply(a[l], b[l]);
  write<T>(w, i.destination, r, m);
}
template <class T, class F>
void ternary(Warp& w, const Instruction& i, u32 m) {
  const T* a = read<T>(w, i, i.source[0], m);
  const T* b = read<T>(w, i, i.source[1], m);
  const T* c = read<T>(w, i, i.source[2], m);
  alignas(64) T r[32];
  for (int l = 0; l < 32; ++l) r[l] = F::apply(a[l], b[l], c[l]);
  write<T>(w, i.destination, r, m);
}
template <class F>
inline Execute unary_by_size(Type t) {
  switch (size_of(t)) {
    case 2:
      return unary<u16, F>;
    case 4:
      return unary<u32, F>;
    case 8:
      return unary<u64, F>;
    default:
      return nullptr;
  }
}
// Wrapping arithmetic is the same for both signs.
// Wrapping arithmetic is the same for both signs.
template <class F>
inline Execute binary_by_size(Type t) {
  switch (size_of(t)) {
    case 2:
      return binary<u16, F>;
    case 4:
      return binary<u32, F>;
    case 8:
      return binary<u64, F>;
    default:
      return nullptr;
  }
}
inline float ftz(float x) {
  u32 b;
  std::memcpy(&b, &x, 4);
  b = (b & 0x7f800000) == 0 ? b & 0x80000000 : b;
  std::memcpy(&x, &b, 4);
  return x;
}
struct Add {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a + b);
  }
};
struct Sub {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a - b);
  }
};
struct Mul {
  template <class T>
  static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T> && sizeof(T) == 2)
      return static_cast<T>(static_cast<u32>(a) * b);  // int would overflow
    else
      return static_cast<T>(a * b);
  }
};
// Of one NaN the other operand; -0 is less than +0.
struct MinF {
  template <class T>
  static T apply(T a, T b) {
    return b != b ? a : a != a ? b : a < b ? a : b < a ? b : std::signbit(a) ? a : b;
  }
};
struct MaxF {
  template <class T>
  static T apply(T a, T b) {
    return b != b ? a : a != a ? b : a > b ? a : b > a ? b : std::signbit(a) ? b : a;
  }
};
struct Ex2 {
  static float apply(float a) { return exp2f(a); }
};
struct Tanh {
  static float apply(float a) { return tanhf(a); }
};
}  // namespace roofproof::ptx
