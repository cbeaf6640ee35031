// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the threads of a warp do together: shuffles, votes, reductions (PTX ISA, 9.7.9 and 9.7.13).
#include "tests/ptx/machine/decode.h"
#include "tests/ptx/machine/operands.h"

namespace roofproof::ptx {

namespace {

// The place of a name in a table; -1: none.
int place_of(const std::string& name, std::initializer_list<std::string_view> names) {
  int k = 0;
  for (const auto& n : names) {
    if (n == name) return k;
    ++k;
  }
  return -1;
}

enum Shuffle : u8 { up, down, bfly, idx };
void shfl(Warp& w, const Instruction& i, u32 m) {
  const u32 undefined = undefined_lanes(w, i, i.source[0], m);
  const u32* a = w.at<u32>(i.source[0]);
  const u32* b = read_defined<u32>(w, i, i.source[1], m);
  const u32* c = read_defined<u32>(w, i, i.source[2], m);
  alignas(64) u32 r[32] = {};
  u32 p = 0, got = 0;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    const u32 seg = c[l] >> 8 & 31, clamp = c[l] & 31, lane = static_cast<u32>(l), n = b[l] & 31;
    const u32 max = (lane & seg) | (clamp & ~seg & 31), min = lane & seg;
    int j;
    bool ok;
    switch (i.warp.operation) {
      case up:
        j = static_cast<int>(lane) - static_cast<int>(n);
        ok = j >= static_cast<int>(max);
        break;
      case down:
        j = static_cast<int>(lane + n);
        ok = j <= static_cast<int>(max);
        break;
      case bfly:
        j = static_cast<int>(lane ^ n);
        ok = j <= static_cast<int>(max);
        break;
      default:
        j = static_cast<int>(min | (n & ~seg & 31));
        ok = j <= static_cast<int>(max);
        break;
    }
    if (!ok) j = l;
    if (!(m >> j & 1)) fail(w, i, l, "a shuffle reads lane %d, which does not take part", j);
    r[l] = a[j];
    got |= (undefined >> j & 1) << l;
    p |= static_cast<u32>(ok) << l;
  }
  write<u32>(w, i.destination, r, m);
  w.written[i.destination.id] &= ~(m & got);
  if (i.warp.predicate_too) write_predicate(w, i.second_destination, p, m);
}

bool decode_shfl(Decoder& d, const Statement& s, Instruction& i) {
  if (s.part.size() != 4 || s.part[1] != "sync" || s.part[3] != "b32") return false;
  const int mode = place_of(s.part[2], {"up", "down", "bfly", "idx"});
  if (mode < 0) return false;
  i.warp.operation = static_cast<u8>(mode);
  i.warp.predicate_too = destination_pair(d, s.arg.at(0), i);
  i.source[0] = d.value(s.arg.at(1), Type::b32);
  i.source[1] = d.value(s.arg.at(2), Type::b32);
  i.source[2] = d.value(s.arg.at(3), Type::b32);
  i.source[3] = d.value(s.arg.at(4), Type::b32);
  i.kind = Kind::member_sync;
  i.execute = shfl;
  return true;
}

enum Vote : u8 { any, all, uni, ballot };
void vote(Warp& w, const Instruction& i, u32 m) {
  const u32 p = read_predicate(w, i, i.source[0], m) & m;
  if (i.warp.operation == ballot) {
    alignas(64) u32 r[32];
    for (auto& x : r) x = p;
    write<u32>(w, i.destination, r, m);
    return;
  }
  const bool v = i.warp.operation == any   ? p != 0
                 : i.warp.operation == all ? p == m
                                           : p == m || p == 0;
  write_predicate(w, i.destination, v ? ~0u : 0u, m);
}

bool decode_vote(Decoder& d, const Statement& s, Instruction& i) {
  if (s.part.size() != 4 || s.part[1] != "sync") return false;
  const int mode = place_of(s.part[2], {"any", "all", "uni", "ballot"});
  if (mode < 0) return false;
  i.warp.operation = static_cast<u8>(mode);
  i.destination = d.destination(s.arg.at(0));
  i.source[0] = d.predicate(s.arg.at(1));
  i.source[3] = d.value(s.arg.at(2), Type::b32);
  i.kind = Kind::member_sync;
  i.execute = vote;
  return true;
}

enum Reduction : u8 { sum, least, greatest, bit_and, bit_or, bit_xor };
template <class T>
void redux(Warp& w, const Instruction& i, u32 m) {
  const T* a = read_defined<T>(w, i, i.source[0], m);
  T v = a[lowest(m)];
  for (u32 k = m & (m - 1); k; k &= k - 1) {
    const T x = a[lowest(k)];
    switch (i.warp.operation) {
      case sum:
        v = static_cast<T>(static_cast<u32>(v) + static_cast<u32>(x));
        break;
      case least:
        v = x < v ? x : v;
        break;
      case greatest:
        v = x > v ? x : v;
        break;
      case bit_and:
        v &= x;
        break;
      case bit_or:
        v |= x;
        break;
      default:
        v ^= x;
        break;
    }
  }
  alignas(64) T r[32];
  for (auto& x : r) x = v;
  write<T>(w, i.destination, r, m);
}

bool decode_redux(Decoder& d, const Statement& s, Instruction& i) {
  if (s.part.size() != 4 || s.part[1] != "sync") return false;
  const int op = place_of(s.part[2], {"add", "min", "max", "and", "or", "xor"});
  if (op < 0) return false;
  i.warp.operation = static_cast<u8>(op);
  i.execute = s.part[3] == "s32" ? redux<s32> : redux<u32>;
  if (s.part[3] != "s32" && s.part[3] != "u32" && s.part[3] != "b32") return false;
  i.destination = d.destination(s.arg.at(0));
  i.source[0] = d.value(s.arg.at(1), Type::b32);
  i.source[3] = d.value(s.arg.at(2), Type::b32);
  i.kind = Kind::member_sync;
  return true;
}

template <bool of_all>
void match(Warp& w, const Instruction& i, u32 m) {
  alignas(64) u32 r[32] = {};
  require_defined(w, i, i.source[0], m);
  u32 p = 0;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    for (u32 j = m; j; j &= j - 1)
      if (lane_bits(w, i.source[0], lowest(j)) == lane_bits(w, i.source[0], l))
        r[l] |= 1u << lowest(j);
    if (of_all && r[l] != m) r[l] = 0;
    p |= static_cast<u32>(r[l] == m) << l;
  }
  write<u32>(w, i.destination, r, m);
  if (i.warp.predicate_too) write_predicate(w, i.second_destination, p, m);
}

bool decode_match(Decoder& d, const Statement& s, Instruction& i) {
  if (s.part.size() != 4 || s.part[2] != "sync") return false;
  i.warp.predicate_too = destination_pair(d, s.arg.at(0), i);
  i.source[0] = d.value(s.arg.at(1), type_of(s.part[3]));
  i.source[3] = d.value(s.arg.at(2), Type::b32);
  i.execute = s.part[1] == "all" ? match<true> : match<false>;
  i.kind = Kind::member_sync;
  return true;
}

void elect(Warp& w, const Instruction& i, u32 m) {
  const int leader = lowest(m);
  alignas(64) u32 r[32];
  for (auto& x : r) x = static_cast<u32>(leader);
  write<u32>(w, i.destination, r, m);
  write_predicate(w, i.second_destination, 1u << leader, m);
}

bool decode_elect(Decoder& d, const Statement& s, Instruction& i) {
  if (s.op != "elect.sync" || s.arg.at(0).what != Operand::pair) return false;
  i.destination = d.destination(s.arg[0].list[0]);
  i.second_destination = d.destination(s.arg[0].list[1]);
  i.source[3] = d.value(s.arg.at(1), Type::b32);
  i.kind = Kind::member_sync;
  i.execute = elect;
  return true;
}

bool decode_activemask(Decoder& d, const Statement& s, Instruction& i) {
  i.destination = d.destination(s.arg.at(0));
  i.execute = [](Warp& w, const Instruction& x, u32 m) {
    alignas(64) u32 r[32];
    for (auto& v : r) v = m;
    write<u32>(w, x.destination, r, m);
  };
  return true;
}

}  // namespace

void add_warp_functions(Decoders& t) {
  t["shfl"] = decode_shfl;
  t["vote"] = decode_vote;
  t["match"] = decode_match;
  t["redux"] = decode_redux;
  t["elect"] = decode_elect;
  t["activemask"] = decode_activemask;
}

}  // namespace roofproof::ptx
