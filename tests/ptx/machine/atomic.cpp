// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// atom and red (PTX ISA, 9.7.13).
#include "tests/ptx/machine/decode.h"
#include "tests/ptx/machine/memory.h"
#include "tests/ptx/machine/races.h"

namespace roofproof::ptx {

namespace {

enum AtomOp : u8 { a_add, a_min, a_max, a_and, a_or, a_xor, a_exch, a_cas, a_inc, a_dec };
template <class T>
T combine(u8 op, T a, T b, T c) {
  switch (op) {
    case a_add:
      return static_cast<T>(a + b);
    case a_min:
      return a < b ? a : b;
    case a_max:
      return a > b ? a : b;
    case a_exch:
      return b;
    case a_cas:
      return a == b ? c : a;
    default:
      break;
  }
  if constexpr (std::is_integral_v<T>) {
    switch (op) {
      case a_and:
        return a & b;
      case a_or:
        return a | b;
      case a_xor:
        return a ^ b;
      case a_inc:
        return a >= b ? T{0} : static_cast<T>(a + 1);
      case a_dec:
        return a == 0 || a > b ? b : static_cast<T>(a - 1);
      default:
        break;
    }
  }
  return a;
}

template <class T>
void atom(Warp& w, const Instruction& i, u32 m) {
  alignas(64) u64 a[32];
  lane_addresses(w, i, m, a);
  const T* b = read_defined<T>(w, i, i.source[1], m);
  const T* c = i.atomic.operation == a_cas ? read_defined<T>(w, i, i.source[2], m) : b;
  T r[32] = {};
  Grid& g = *w.block->grid;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    const u64 at = i.space == Space::shared ? shared_window | static_cast<u32>(a[l]) : a[l];
    if (i.space == Space::shared) {
      const auto s = shared_at(w, i, l, static_cast<u32>(a[l]), sizeof(T), sizeof(T));
      if (i.atomic.own_block_only && s.block != w.block) fail_elsewhere(w, i, l, s);
      if (g.machine.poison && !all_written(&s.block->byte_state[s.offset], sizeof(T)))
        fail(w, i, l, "an atomic on shared memory that was never written");
    }
    u8* p = generic_at(w, i, l, at, sizeof(T), true);
    if (g.races && (at & window_mask) == 0) {
      global_sync(w, at, true, false, i.atomic.order);
      global_access(w, i, l, at, sizeof(T), true, true);
      global_sync(w, at, false, true, i.atomic.order);
    }
    T v;
    std::memcpy(&v, p, sizeof v);
    const T n = combine<T>(i.atomic.operation, v, b[l], c[l]);
    if (std::memcmp(&n, &v, sizeof v) != 0) {
      std::memcpy(p, &n, sizeof n);
      ++w.block->cluster->progress;
    }
    r[l] = v;
  }
  g.stats.global_bytes_read += static_cast<u64>(__builtin_popcount(m)) * sizeof(T);
  if (i.atomic.returns) {
    write<T>(w, i.destination, r, m);
    w.polled = 1;
    w.block->grid->atomic_polled = true;
  }
}

bool decode_atom(Decoder& d, const Statement& s, Instruction& i) {
  static const std::unordered_map<std::string, u8> ops = {
      {"add", a_add}, {"min", a_min},   {"max", a_max}, {"and", a_and}, {"or", a_or},
      {"xor", a_xor}, {"exch", a_exch}, {"cas", a_cas}, {"inc", a_inc}, {"dec", a_dec}};
  i.space = Space::generic;
  Type t = Type::none;
  bool op = false;
  for (std::size_t k = 1; k < s.part.size(); ++k) {
    const auto& p = s.part[k];
    if (p == "global")
      i.space = Space::global;
    else if (p == "shared" || p == "shared::cta" || p == "shared::cluster") {
      i.space = Space::shared;
      i.atomic.own_block_only = p != "shared::cluster";
    } else if (const auto it = ops.find(p); it != ops.end())
      i.atomic.operation = it->second, op = true;
    else if (p == "acquire" || p == "release" || p == "acq_rel")
      i.atomic.order = p == "acquire" ? 1 : p == "release" ? 2 : 3;
    else if (p == "relaxed" || p == "cta" || p == "cluster" || p == "gpu" || p == "sys") {
    } else if (type_of(p) != Type::none)
      t = type_of(p);
    else
      return false;
  }
  if (!op) return false;
  switch (t) {
    case Type::u32_:
    case Type::b32:
      i.execute = atom<u32>;
      break;
    case Type::s32_:
      i.execute = atom<s32>;
      break;
    case Type::u64_:
    case Type::b64:
      i.execute = atom<u64>;
      break;
    case Type::s64_:
      i.execute = atom<s64>;
      break;
    case Type::f32:
      i.execute = atom<float>;
      break;
    case Type::f64:
      i.execute = atom<double>;
      break;
    default:
      return false;
  }
  const bool returns = s.part[0] == "atom";
  i.atomic.returns = returns;
  std::size_t k = 0;
  if (returns) i.destination = d.destination(s.arg.at(k++));
  d.address(s.arg.at(k++), i, i.source[0]);
  i.source[1] = d.value(s.arg.at(k++), t);
  if (i.atomic.operation == a_cas) i.source[2] = d.value(s.arg.at(k++), t);
  return true;
}

}  // namespace

void add_atomic(Decoders& t) {
  t["atom"] = decode_atom;
  t["red"] = decode_atom;
}

}  // namespace roofproof::ptx
