// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Logic, shifts, and fields of bits (PTX ISA, 9.7.1 and 9.7.8).
#include "tests/ptx/machine/alu.h"

namespace roofproof::ptx {
namespace {

struct And {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a & b);
  }
};

struct Or {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a | b);
  }
};

struct Xor {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};

struct Not {
  template <class T>
  static T apply(T a) {
    return static_cast<T>(~a);
  }
};

struct Cnot {
  template <class T>
  static T apply(T a) {
    return a == 0;
  }
};

// Predicates
template <class F>
void pred_bin(Warp& w, const Instruction& i, u32 m) {
  write_predicate(
      w, i.destination,
      F::apply(read_predicate(w, i, i.source[0], m), read_predicate(w, i, i.source[1], m)), m);
}

void pred_not(Warp& w, const Instruction& i, u32 m) {
  write_predicate(w, i.destination, ~read_predicate(w, i, i.source[0], m), m);
}

bool decode_logic(Decoder& d, const Statement& s, Instruction& i) {
  const Type t = last_type(s);
  const auto& o = s.part[0];
  if (t == Type::pred) {
    if (s.arg.size() != 3) return false;
    i.execute = o == "and" ? pred_bin<And> : o == "or" ? pred_bin<Or> : pred_bin<Xor>;
    i.destination = d.destination(s.arg[0]);
    i.source[0] = d.predicate(s.arg[1]);
    i.source[1] = d.predicate(s.arg[2]);
    return true;
  }
  return binary_form(d, s, i, t,
                     o == "and"  ? binary_by_size<And>(t)
                     : o == "or" ? binary_by_size<Or>(t)
                                 : binary_by_size<Xor>(t));
}

bool decode_not(Decoder& d, const Statement& s, Instruction& i) {
  const Type t = last_type(s);
  if (t == Type::pred) {
    i.execute = pred_not;
    i.destination = d.destination(s.arg.at(0));
    i.source[0] = d.predicate(s.arg.at(1));
    return true;
  }
  return unary_form(d, s, i, t,
                    s.part[0] == "not" ? unary_by_size<Not>(t) : unary_by_size<Cnot>(t));
}

// Shifts clamp.
struct Shl {
  template <class T>
  static T apply(T a, u32 n) {
    return n >= static_cast<u32>(bits<T>) ? T{0} : static_cast<T>(a << n);
  }
};

struct Shr {
  template <class T>
  static T apply(T a, u32 n) {
    if constexpr (std::is_signed_v<T>)
      return static_cast<T>(a >> (n >= static_cast<u32>(bits<T>) ? bits<T> - 1 : n));
    else
      return n >= static_cast<u32>(bits<T>) ? T{0} : static_cast<T>(a >> n);
  }
};

template <class T, class F>
void shift(Warp& w, const Instruction& i, u32 m) {
  const T* a = read<T>(w, i, i.source[0], m);
  const u32* b = read<u32>(w, i, i.source[1], m);
  alignas(64) T r[32];
  for (int l = 0; l < 32; ++l) r[l] = F::apply(a[l], b[l]);
  write<T>(w, i.destination, r, m);
}

bool decode_shift(Decoder& d, const Statement& s, Instruction& i) {
  const Type t = last_type(s);
  Execute f = nullptr;
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
  i.execute = f;
  i.destination = d.destination(s.arg.at(0));
  i.source[0] = d.value(s.arg.at(1), t);
  i.source[1] = d.value(s.arg.at(2), Type::u32_);
  return true;
}

template <bool left, bool wrap>
struct Shf {
  static u32 apply(u32 a, u32 b, u32 c) {
    const u32 n = wrap ? c & 31 : c > 32 ? 32 : c;
    const u64 v = static_cast<u64>(b) << 32 | a;
    return left ? static_cast<u32>((v << n) >> 32) : static_cast<u32>(v >> n);
  }
};

bool decode_shf(Decoder& d, const Statement& s, Instruction& i) {
  const bool l = has(s, "l"), wrap = has(s, "wrap");
  if (!l && !has(s, "r")) return false;
  return ternary_form(d, s, i, Type::b32,
                      l ? (wrap ? ternary<u32, Shf<true, true>> : ternary<u32, Shf<true, false>>)
                      : wrap ? ternary<u32, Shf<false, true>>
                             : ternary<u32, Shf<false, false>>);
}

void lop3(Warp& w, const Instruction& i, u32 m) {
  const u32* a = read<u32>(w, i, i.source[0], m);
  const u32* b = read<u32>(w, i, i.source[1], m);
  const u32* c = read<u32>(w, i, i.source[2], m);
  const u32 t = static_cast<u32>(i.immediate);
  u32 k[8];
  for (int j = 0; j < 8; ++j) k[j] = t >> j & 1 ? ~0u : 0u;
  alignas(64) u32 r[32];
  for (int l = 0; l < 32; ++l) {
    const u32 x = a[l], y = b[l], z = c[l];
    r[l] = (k[0] & ~x & ~y & ~z) | (k[1] & ~x & ~y & z) | (k[2] & ~x & y & ~z) |
           (k[3] & ~x & y & z) | (k[4] & x & ~y & ~z) | (k[5] & x & ~y & z) | (k[6] & x & y & ~z) |
           (k[7] & x & y & z);
  }
  write<u32>(w, i.destination, r, m);
}

bool decode_lop3(Decoder& d, const Statement& s, Instruction& i) {
  if (s.op != "lop3.b32" || s.arg.size() != 5) return false;
  i.execute = lop3;
  i.destination = d.destination(s.arg[0]);
  for (int k = 0; k < 3; ++k) i.source[k] = d.value(s.arg[k + 1], Type::b32);
  i.immediate = s.arg[4].value;
  return s.arg[4].what == Operand::imm;
}

struct Prmt {
  static u32 apply(u32 a, u32 b, u32 c) {
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

bool decode_prmt(Decoder& d, const Statement& s, Instruction& i) {
  return s.op == "prmt.b32" && ternary_form(d, s, i, Type::b32, ternary<u32, Prmt>);
}

template <class T>
void bfe(Warp& w, const Instruction& i, u32 m) {
  const T* a = read<T>(w, i, i.source[0], m);
  const u32* b = read<u32>(w, i, i.source[1], m);
  const u32* c = read<u32>(w, i, i.source[2], m);
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
  write<T>(w, i.destination, r, m);
}

bool decode_bfe(Decoder& d, const Statement& s, Instruction& i) {
  const Type t = last_type(s);
  i.execute = t == Type::u32_   ? bfe<u32>
              : t == Type::s32_ ? bfe<s32>
              : t == Type::u64_ ? bfe<u64>
              : t == Type::s64_ ? bfe<s64>
                                : nullptr;
  i.destination = d.destination(s.arg.at(0));
  i.source[0] = d.value(s.arg.at(1), t);
  i.source[1] = d.value(s.arg.at(2), Type::u32_);
  i.source[2] = d.value(s.arg.at(3), Type::u32_);
  return i.execute != nullptr;
}

template <class T>
void bfi(Warp& w, const Instruction& i, u32 m) {
  const T* a = read<T>(w, i, i.source[0], m);
  const T* b = read<T>(w, i, i.source[1], m);
  const u32* c = read<u32>(w, i, i.source[2], m);
  const u32* e = read<u32>(w, i, i.source[3], m);
  alignas(64) T r[32];
  for (int l = 0; l < 32; ++l) {
    const u32 pos = c[l] & 255, len = e[l] & 255;
    T mask = len == 0 ? 0 : len >= static_cast<u32>(bits<T>) ? ~T{0} : (T{1} << len) - 1;
    mask = pos >= static_cast<u32>(bits<T>) ? 0 : mask << pos;
    const T v = pos >= static_cast<u32>(bits<T>) ? 0 : a[l] << pos;
    r[l] = (b[l] & ~mask) | (v & mask);
  }
  write<T>(w, i.destination, r, m);
}

bool decode_bfi(Decoder& d, const Statement& s, Instruction& i) {
  const Type t = last_type(s);
  i.execute = t == Type::b32 ? bfi<u32> : t == Type::b64 ? bfi<u64> : nullptr;
  i.destination = d.destination(s.arg.at(0));
  i.source[0] = d.value(s.arg.at(1), t);
  i.source[1] = d.value(s.arg.at(2), t);
  i.source[2] = d.value(s.arg.at(3), Type::u32_);
  i.source[3] = d.value(s.arg.at(4), Type::u32_);
  return i.execute != nullptr;
}

struct Popc {
  static u32 apply(u32 a) { return static_cast<u32>(__builtin_popcount(a)); }
  static u64 apply(u64 a) { return static_cast<u64>(__builtin_popcountll(a)); }
};

struct Clz {
  static u32 apply(u32 a) { return a ? static_cast<u32>(__builtin_clz(a)) : 32; }
  static u64 apply(u64 a) { return a ? static_cast<u64>(__builtin_clzll(a)) : 64; }
};

struct Brev {
  template <class T>
  static T apply(T a) {
    T r = 0;
    for (int k = 0; k < bits<T>; ++k) r = static_cast<T>(r << 1 | (a >> k & 1));
    return r;
  }
};

template <class T, class F>
void count_bits(Warp& w, const Instruction& i, u32 m) {
  const T* a = read<T>(w, i, i.source[0], m);
  alignas(64) u32 r[32];
  for (int l = 0; l < 32; ++l) r[l] = static_cast<u32>(F::apply(a[l]));
  write<u32>(w, i.destination, r, m);
}

template <class T, bool amount = false>
struct Bfind {
  static u32 apply(T a) {
    using U = std::make_unsigned_t<T>;
    U v = static_cast<U>(a);
    if (std::is_signed_v<T> && a < 0) v = ~v;
    if (v == 0) return ~0u;
    const u32 at = static_cast<u32>(63 - __builtin_clzll(static_cast<u64>(v)));
    return amount ? bits<T> - 1 - at : at;
  }
};

bool decode_bits(Decoder& d, const Statement& s, Instruction& i) {
  const Type t = last_type(s);
  const auto& o = s.part[0];
  if (o == "brev")
    return unary_form(d, s, i, t, size_of(t) == 4 ? unary<u32, Brev> : unary<u64, Brev>);
  if (o == "bfind") {
    if (has(s, "shiftamt"))
      return unary_form(d, s, i, t,
                        t == Type::u32_   ? count_bits<u32, Bfind<u32, true>>
                        : t == Type::s32_ ? count_bits<s32, Bfind<s32, true>>
                        : t == Type::u64_ ? count_bits<u64, Bfind<u64, true>>
                                          : count_bits<s64, Bfind<s64, true>>);
    return unary_form(d, s, i, t,
                      t == Type::u32_   ? count_bits<u32, Bfind<u32>>
                      : t == Type::s32_ ? count_bits<s32, Bfind<s32>>
                      : t == Type::u64_ ? count_bits<u64, Bfind<u64>>
                                        : count_bits<s64, Bfind<s64>>);
  }
  if (o == "popc")
    return unary_form(d, s, i, t, size_of(t) == 4 ? count_bits<u32, Popc> : count_bits<u64, Popc>);
  return unary_form(d, s, i, t, size_of(t) == 4 ? count_bits<u32, Clz> : count_bits<u64, Clz>);
}

}  // namespace

void add_bits(Decoders& t) {
  for (auto name : {"and", "or", "xor"}) t[name] = decode_logic;
  for (auto name : {"not", "cnot"}) t[name] = decode_not;
  for (auto name : {"shl", "shr"}) t[name] = decode_shift;
  for (auto name : {"popc", "clz", "brev", "bfind"}) t[name] = decode_bits;
  t["shf"] = decode_shf;
  t["lop3"] = decode_lop3;
  t["prmt"] = decode_prmt;
  t["bfe"] = decode_bfe;
  t["bfi"] = decode_bfi;
}

}  // namespace roofproof::ptx
