// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Loads, stores, atomics, address arithmetic.
#include <cmath>

#include "tests/ptx/machine/internal.h"

namespace roofproof::ptx {
namespace {

enum Space : u8 { generic, global, shared, param, local, konst };

inline void addresses(Warp& w, const Ins& i, u32 m, u64* a) {
  check(w, i, i.s[0], m);
  if (i.s[0].bytes == 8) {
    const u64* b = w.at<u64>(i.s[0]);
    for (int l = 0; l < 32; ++l) a[l] = b[l] + static_cast<u64>(i.imm);
  } else {
    const u32* b = w.at<u32>(i.s[0]);
    for (int l = 0; l < 32; ++l) a[l] = static_cast<u32>(b[l] + static_cast<u32>(i.imm));
  }
}

void watch_global(Warp& w, const Ins& i, u32 m, const u64* a, u32 bytes, bool write) {
  for (u32 k = m; k; k &= k - 1) dependent_access(w, i, lowest(k), a[lowest(k)], bytes, write);
}
void race_global(Warp& w, const Ins& i, u32 m, const u64* a, u32 bytes, bool write) {
  const bool strong = i.flag[1] && bytes <= 8;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    if (strong && !write)
      global_sync(w, a[l], true, false, i.flag[2]);  // what is acquired counts for this access too
    global_access(w, i, l, a[l], bytes, write, strong);
    if (strong && write)
      global_sync(w, a[l], false, true, i.flag[2]);  // what is released includes it
  }
}

// Pointers to what each active lane accesses in global memory, all checked.
inline void global_pointers(Warp& w, const Ins& i, u32 m, u64* a, u32 bytes, bool write) {
  Grid& g = *w.block->grid;
  u64 low = ~u64{0}, high = 0, bits = 0;
  for (int l = 0; l < 32; ++l) {
    const bool on = m >> l & 1;
    low = on && a[l] < low ? a[l] : low;
    high = on && a[l] > high ? a[l] : high;
    bits |= on ? a[l] : 0;
  }
  const Region* r = g.last;
  if (!(bits & (bytes - 1)) && r && low >= r->base && high + bytes <= r->base + r->bytes) return;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    global_at(w, i, l, a[l], bytes, write);
  }
}

template <class T>
inline T extend(const u8* p, bool sign) {
  T v;
  std::memcpy(&v, p, sizeof v);
  (void)sign;
  return v;
}

inline u64 widen(const u8* p, int width, bool sign) {
  switch (width) {
    case 1:
      return sign ? static_cast<u64>(static_cast<s64>(static_cast<s8>(*p))) : *p;
    case 2: {
      u16 v;
      std::memcpy(&v, p, 2);
      return sign ? static_cast<u64>(static_cast<s64>(static_cast<s16>(v))) : v;
    }
    case 4: {
      u32 v;
      std::memcpy(&v, p, 4);
      return sign ? static_cast<u64>(static_cast<s64>(static_cast<s32>(v))) : v;
    }
    default: {
      u64 v;
      std::memcpy(&v, p, 8);
      return v;
    }
  }
}

// p[l]: where lane l reads; undefined: lanes by element that read what was never written.
void gather(Warp& w, const Ins& i, u32 m, const u64* addresses, const u32* undefined) {
  const u8* p[32];
  for (int l = 0; l < 32; ++l) p[l] = reinterpret_cast<const u8*>(addresses[l]);
  const Src* d = &w.code->lists[i.first];
  const bool sign = i.flag[0];
  for (u32 k = 0; k < i.count; ++k) {
    const u32 at = k * i.width;
    if (d[k].bytes == 4 && i.width == 4) {
      u32* r = w.at<u32>(d[k]);
      if (m == ~0u)
        for (int l = 0; l < 32; ++l) std::memcpy(&r[l], p[l] + at, 4);
      else
        for (u32 x = m; x; x &= x - 1) {
          const int l = lowest(x);
          std::memcpy(&r[l], p[l] + at, 4);
        }
    } else if (d[k].bytes == 2 && i.width == 2) {
      u16* r = w.at<u16>(d[k]);
      for (u32 x = m; x; x &= x - 1) {
        const int l = lowest(x);
        std::memcpy(&r[l], p[l] + at, 2);
      }
    } else if (d[k].bytes == 8 && i.width == 8) {
      u64* r = w.at<u64>(d[k]);
      for (u32 x = m; x; x &= x - 1) {
        const int l = lowest(x);
        std::memcpy(&r[l], p[l] + at, 8);
      }
    } else {
      for (u32 x = m; x; x &= x - 1) {
        const int l = lowest(x);
        set_lane(w, d[k], l, widen(p[l] + at, i.width, sign));
      }
    }
    wrote(w, d[k]);
    u32& wr = w.wr[d[k].wr];
    wr = undefined ? (wr & ~m) | (m & ~undefined[k]) : wr | m;
  }
}

// undefined: what may be stored though it was never written is told there; else it may not.
void scatter(Warp& w, const Ins& i, u32 m, const u64* addresses, u32* undefined = nullptr) {
  u8* p[32];
  for (int l = 0; l < 32; ++l) p[l] = reinterpret_cast<u8*>(addresses[l]);
  const Src* s = &w.code->lists[i.first];
  for (u32 k = 0; k < i.count; ++k) {
    if (!undefined)
      check(w, i, s[k], m);
    else
      undefined[k] = undefined_lanes(w, i, s[k], m);
    const u32 at = k * i.width;
    if (s[k].bytes == 4 && i.width == 4) {
      const u32* r = w.at<u32>(s[k]);
      for (u32 x = m; x; x &= x - 1) {
        const int l = lowest(x);
        std::memcpy(p[l] + at, &r[l], 4);
      }
    } else {
      for (u32 x = m; x; x &= x - 1) {
        const int l = lowest(x);
        const u64 v = lane_u(w, s[k], l);
        std::memcpy(p[l] + at, &v, i.width);
      }
    }
  }
}

void ld_global(Warp& w, const Ins& i, u32 m) {
  alignas(64) u64 a[32];
  addresses(w, i, m, a);
  const u32 bytes = i.width * i.count;
  global_pointers(w, i, m, a, bytes, false);
  if (__builtin_expect(w.block->grid->races != nullptr, 0)) race_global(w, i, m, a, bytes, false);
  if (__builtin_expect(watch_dependents(w, false), 0)) watch_global(w, i, m, a, bytes, false);
  gather(w, i, m, a, nullptr);
  Grid& g = *w.block->grid;
  g.stats.global_bytes_read += static_cast<u64>(__builtin_popcount(m)) * bytes;
  if (i.flag[1]) {
    w.poll = 1;
    g.waits_for_host = true;
  }
}
void st_global(Warp& w, const Ins& i, u32 m) {
  alignas(64) u64 a[32];
  addresses(w, i, m, a);
  const u32 bytes = i.width * i.count;
  global_pointers(w, i, m, a, bytes, true);
  if (__builtin_expect(w.block->grid->races != nullptr, 0)) race_global(w, i, m, a, bytes, true);
  if (__builtin_expect(watch_dependents(w, true), 0)) watch_global(w, i, m, a, bytes, true);
  scatter(w, i, m, a);
  Grid& g = *w.block->grid;
  g.stats.global_bytes_written += static_cast<u64>(__builtin_popcount(m)) * bytes;
  ++w.block->cluster->progress;
}

inline bool all_written(const u8* init, u32 bytes) {
  switch (bytes) {
    case 1:
      return *init == 1;
    case 2: {
      u16 v;
      std::memcpy(&v, init, 2);
      return v == 0x0101;
    }
    case 4: {
      u32 v;
      std::memcpy(&v, init, 4);
      return v == 0x01010101;
    }
    default: {
      u64 v;
      std::memcpy(&v, init, 8);
      return v == 0x0101010101010101;
    }
  }
}

void shared_pointers(Warp& w, const Ins& i, u32 m, const u64* a, u32 bytes, Block** b,
                     u32* offset) {
  Block& own = *w.block;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    const u32 at = static_cast<u32>(a[l]);
    if (at >= shared_start && at + bytes <= own.shared_end && !(at & (bytes - 1))) {
      b[l] = &own;
      offset[l] = at;
      continue;
    }
    const auto s = shared_at(w, i, l, at, bytes, bytes);
    b[l] = s.block;
    offset[l] = s.offset;
  }
}

void ld_shared(Warp& w, const Ins& i, u32 m) {
  alignas(64) u64 a[32];
  addresses(w, i, m, a);
  const u32 bytes = i.width * i.count;
  Block* b[32];
  u32 o[32];
  u64 p[32] = {};
  shared_pointers(w, i, m, a, bytes, b, o);
  Grid& g = *w.block->grid;
  u32 undefined[4] = {0, 0, 0, 0};
  bool any = false;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    p[l] = reinterpret_cast<u64>(&b[l]->shared[o[l]]);
    const u8* init = &b[l]->init[o[l]];
    for (u32 e = 0; e < i.count; ++e) {
      if (!all_written(init + e * i.width, i.width)) {
        for (u32 x = 0; x < i.width; ++x)
          if (init[e * i.width + x] == 2)
            fail(w, i, l, "shared offset %u is read while an asynchronous copy may still write it",
                 o[l] + e * i.width + x - shared_start);
        undefined[e] |= 1u << l;
        any = true;
        w.loaded_line = i.line;
        w.loaded_offset = o[l] + e * i.width;
      }
    }
  }
  if (g.machine.races)
    for (u32 k = m; k; k &= k - 1) {
      const int l = lowest(k);
      race_read(w, i, l, *b[l], o[l], bytes);
    }
  gather(w, i, m, p, any && g.machine.poison ? undefined : nullptr);
  g.stats.shared_bytes += static_cast<u64>(__builtin_popcount(m)) * bytes;
  conflicts(w, o, m, bytes);
  if (i.flag[1]) w.poll = 1;
}
void st_shared(Warp& w, const Ins& i, u32 m) {
  alignas(64) u64 a[32];
  addresses(w, i, m, a);
  const u32 bytes = i.width * i.count;
  Block* b[32];
  u32 o[32];
  u64 p[32] = {};
  shared_pointers(w, i, m, a, bytes, b, o);
  Grid& g = *w.block->grid;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    p[l] = reinterpret_cast<u64>(&b[l]->shared[o[l]]);
    const u8* init = &b[l]->init[o[l]];
    for (u32 x = 0; x < bytes; ++x)
      if (init[x] == 2)
        fail(w, i, l, "shared offset %u is written while an asynchronous copy may still write it",
             o[l] + x - shared_start);
    shared_written(w, *b[l], o[l], bytes);
    if (g.machine.races) race_write(w, i, l, *b[l], o[l], bytes);
  }
  u32 undefined[4] = {0, 0, 0, 0};
  scatter(w, i, m, p, undefined);
  if (g.machine.poison)
    for (u32 e = 0; e < i.count; ++e)  // it stays undefined
      for (u32 k = undefined[e]; k; k &= k - 1)
        std::memset(&b[lowest(k)]->init[o[lowest(k)] + e * i.width], 0, i.width);
  g.stats.shared_bytes += static_cast<u64>(__builtin_popcount(m)) * bytes;
  conflicts(w, o, m, bytes);
  ++w.block->cluster->progress;
}

void ld_param(Warp& w, const Ins& i, u32 m) {
  if (i.s[0].konst && i.width == 4) {  // one address for all
    const u32 bytes = 4u * i.count;
    Grid& g = *w.block->grid;
    const u64 at = *w.at<u64>(i.s[0]) + static_cast<u64>(i.imm) - param_window;
    if (at + bytes <= g.param_bytes && at % bytes == 0) {
      const Src* d = &w.code->lists[i.first];
      bool plain = true;
      for (u32 k = 0; k < i.count; ++k) plain &= d[k].bytes == 4;
      if (plain) {
        for (u32 k = 0; k < i.count; ++k) {
          u32 v;
          std::memcpy(&v, g.params + at + 4 * k, 4);
          alignas(64) u32 r[32];
          for (auto& x : r) x = v;
          out<u32>(w, d[k], r, m);
        }
        return;
      }
    }
  }
  alignas(64) u64 a[32];
  addresses(w, i, m, a);
  const u32 bytes = i.width * i.count;
  Grid& g = *w.block->grid;
  u64 p[32] = {};
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    const u64 at = a[l] - param_window;
    if (at + bytes > g.param_bytes || at + bytes < at)
      fail(w, i, l, "parameter out of bounds: %u bytes at offset %lld of %zu", bytes,
           static_cast<long long>(at), g.param_bytes);
    if (at % bytes)
      fail(w, i, l, "parameter offset %lld is not aligned to %u bytes", static_cast<long long>(at),
           bytes);
    p[l] = reinterpret_cast<u64>(g.params + at);
  }
  gather(w, i, m, p, nullptr);
}

// Where a generic or local address leads.
u8* pointer(Warp& w, const Ins& i, int l, u64 a, u32 bytes, bool write) {
  switch (a & window_mask) {
    case shared_window: {
      const auto s = shared_at(w, i, l, static_cast<u32>(a), bytes, bytes);
      if (write)
        shared_written(w, *s.block, s.offset, bytes);
      else
        for (u32 k = 0; k < bytes; ++k)
          if (s.block->init[s.offset + k] != 1 && w.block->grid->machine.poison)
            fail(w, i, l, "shared offset %u is read but was never written",
                 s.offset + k - shared_start);
      return &s.block->shared[s.offset];
    }
    case param_window: {
      const u64 at = a - param_window;
      if (write || at + bytes > w.block->grid->param_bytes)
        fail(w, i, l, "a parameter is written, or read out of bounds");
      return const_cast<u8*>(w.block->grid->params) + at;
    }
    case local_window: {
      const u64 at = a - local_window;
      if (at + bytes > w.code->local_bytes || at % bytes)
        fail(w, i, l, "local memory out of bounds or misaligned: %u bytes at %llu of %u", bytes,
             static_cast<unsigned long long>(at), w.code->local_bytes);
      return &w.local[at + static_cast<u64>(l) * w.code->local_bytes];
    }
    default:
      if (watch_dependents(w, write)) dependent_access(w, i, l, a, bytes, write);
      return global_at(w, i, l, a, bytes, write);
  }
}
void ld_generic(Warp& w, const Ins& i, u32 m) {
  alignas(64) u64 a[32];
  addresses(w, i, m, a);
  const u32 bytes = i.width * i.count;
  u64 p[32] = {};
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    p[l] = reinterpret_cast<u64>(pointer(w, i, l, a[l], bytes, false));
  }
  gather(w, i, m, p, nullptr);
  if (i.flag[1]) {
    w.poll = 1;
    w.block->grid->waits_for_host = true;
  }
}
void st_generic(Warp& w, const Ins& i, u32 m) {
  alignas(64) u64 a[32];
  addresses(w, i, m, a);
  const u32 bytes = i.width * i.count;
  u64 p[32] = {};
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    p[l] = reinterpret_cast<u64>(pointer(w, i, l, a[l], bytes, true));
  }
  scatter(w, i, m, p);
  ++w.block->cluster->progress;
}

// Space, type and the modifiers that change nothing here.
bool memory_form(const Statement& s, Ins& i, Type& t, bool& sync) {
  t = Type::none;
  i.count = 1;
  i.space = generic;
  sync = false;
  for (std::size_t k = 1; k < s.part.size(); ++k) {
    const auto& p = s.part[k];
    if (p == "global")
      i.space = global;
    else if (p == "shared" || p == "shared::cta" || p == "shared::cluster")
      i.space = shared;
    else if (p == "param" || p == "param::entry")
      i.space = param;
    else if (p == "local")
      i.space = local;
    else if (p == "const")
      i.space = konst;
    else if (p == "v2")
      i.count = 2;
    else if (p == "v4")
      i.count = 4;
    else if (p == "v8")
      i.count = 8;
    else if (p == "volatile" || p == "acquire" || p == "relaxed" || p == "release") {
      sync = true;
      i.flag[2] = p == "acquire" ? 1 : p == "release" ? 2 : 0;
    } else if (p == "weak" || p == "nc" || p == "ca" || p == "cg" || p == "cs" || p == "cv" ||
               p == "wb" || p == "wt" || p == "lu" || p == "cta" || p == "cluster" || p == "gpu" ||
               p == "sys" || p.starts_with("L1::") || p.starts_with("L2::")) {
    } else if (type_of(p) != Type::none)
      t = type_of(p);
    else
      return false;
  }
  if (t == Type::none || t == Type::pred || t == Type::b128) return false;
  i.width = static_cast<u8>(size_of(t));
  return i.width * i.count <= 32;
}
bool decode_ld(Decoder& d, const Statement& s, Ins& i) {
  Type t;
  bool sync;
  if (!memory_form(s, i, t, sync)) return false;
  i.flag[0] = is_signed(t);
  i.flag[1] = sync;
  const auto v = d.vector(s.arg.at(0), t, true);
  if (v.size() != i.count || i.count > 4) return false;
  i.first = d.list(v);
  d.address(s.arg.at(1), i, i.s[0]);
  switch (i.space) {
    case global:
    case konst:
      i.fn = ld_global;
      break;
    case shared:
      i.fn = ld_shared;
      break;
    case param:
      i.fn = ld_param;
      break;
    default:
      i.fn = ld_generic;
      break;
  }
  return true;
}
bool decode_st(Decoder& d, const Statement& s, Ins& i) {
  Type t;
  bool sync;
  if (!memory_form(s, i, t, sync) || has(s, "async")) return false;
  i.flag[1] = sync;
  const auto v = d.vector(s.arg.at(1), t, false);
  if (v.size() != i.count || i.count > 4) return false;
  i.first = d.list(v);
  d.address(s.arg.at(0), i, i.s[0]);
  switch (i.space) {
    case global:
      i.fn = st_global;
      break;
    case shared:
      i.fn = st_shared;
      break;
    case param:
    case konst:
      return false;
    default:
      i.fn = st_generic;
      break;
  }
  return true;
}

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
void atom(Warp& w, const Ins& i, u32 m) {
  alignas(64) u64 a[32];
  addresses(w, i, m, a);
  const T* b = use<T>(w, i, i.s[1], m);
  const T* c = i.flag[0] == a_cas ? use<T>(w, i, i.s[2], m) : b;
  T r[32] = {};
  Grid& g = *w.block->grid;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    const u64 at = i.space == shared ? shared_window | static_cast<u32>(a[l]) : a[l];
    if (i.space == shared && g.machine.poison) {
      const auto s = shared_at(w, i, l, static_cast<u32>(a[l]), sizeof(T), sizeof(T));
      if (!all_written(&s.block->init[s.offset], sizeof(T)))
        fail(w, i, l, "an atomic on shared memory that was never written");
    }
    u8* p = pointer(w, i, l, at, sizeof(T), true);
    if (g.races && (at & window_mask) == 0) {
      global_sync(w, at, true, false, i.flag[2]);
      global_access(w, i, l, at, sizeof(T), true, true);
      global_sync(w, at, false, true, i.flag[2]);
    }
    T v;
    std::memcpy(&v, p, sizeof v);
    const T n = combine<T>(i.flag[0], v, b[l], c[l]);
    if (std::memcmp(&n, &v, sizeof v) != 0) {
      std::memcpy(p, &n, sizeof n);
      ++w.block->cluster->progress;
    }
    r[l] = v;
  }
  g.stats.global_bytes_read += static_cast<u64>(__builtin_popcount(m)) * sizeof(T);
  if (i.flag[1]) {
    out<T>(w, i.d, r, m);
    w.poll = 1;
    w.block->grid->atomic_polled = true;
  }
}
bool decode_atom(Decoder& d, const Statement& s, Ins& i) {
  static const std::unordered_map<std::string, u8> ops = {
      {"add", a_add}, {"min", a_min},   {"max", a_max}, {"and", a_and}, {"or", a_or},
      {"xor", a_xor}, {"exch", a_exch}, {"cas", a_cas}, {"inc", a_inc}, {"dec", a_dec}};
  i.space = generic;
  Type t = Type::none;
  bool op = false;
  for (std::size_t k = 1; k < s.part.size(); ++k) {
    const auto& p = s.part[k];
    if (p == "global")
      i.space = global;
    else if (p == "shared" || p == "shared::cta" || p == "shared::cluster")
      i.space = shared;
    else if (const auto it = ops.find(p); it != ops.end())
      i.flag[0] = it->second, op = true;
    else if (p == "acquire" || p == "release" || p == "acq_rel")
      i.flag[2] = p == "acquire" ? 1 : p == "release" ? 2 : 3;
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
      i.fn = atom<u32>;
      break;
    case Type::s32_:
      i.fn = atom<s32>;
      break;
    case Type::u64_:
    case Type::b64:
      i.fn = atom<u64>;
      break;
    case Type::s64_:
      i.fn = atom<s64>;
      break;
    case Type::f32:
      i.fn = atom<float>;
      break;
    case Type::f64:
      i.fn = atom<double>;
      break;
    default:
      return false;
  }
  const bool returns = s.part[0] == "atom";
  i.flag[1] = returns;
  std::size_t k = 0;
  if (returns) i.d = d.reg(s.arg.at(k++), i);
  d.address(s.arg.at(k++), i, i.s[0]);
  i.s[1] = d.value(s.arg.at(k++), t);
  if (i.flag[0] == a_cas) i.s[2] = d.value(s.arg.at(k++), t);
  return true;
}

void nothing(Warp&, const Ins&, u32) {}
void move_address(Warp& w, const Ins& i, u32 m) {  // + imm
  check(w, i, i.s[0], m);
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) set_lane(w, i.d, l, lane_u(w, i.s[0], l) + static_cast<u64>(i.imm));
  w.wr[i.d.wr] |= m;
}
void cvta_to_shared(Warp& w, const Ins& i, u32 m) {
  check(w, i, i.s[0], m);
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) {
      const u64 v = lane_u(w, i.s[0], l);
      if ((v & window_mask) != shared_window)
        fail(w, i, l, "0x%llx is no shared address", static_cast<unsigned long long>(v));
      set_lane(w, i.d, l, v - shared_window);
    }
  w.wr[i.d.wr] |= m;
}
void cvta_to_global(Warp& w, const Ins& i, u32 m) {
  const u64* a = use<u64>(w, i, i.s[0], m);
  out<u64>(w, i.d, a, m);
}
bool decode_cvta(Decoder& d, const Statement& s, Ins& i) {
  const Type t = type_of(s.part.back());
  i.d = d.reg(s.arg.at(0), i);
  i.s[0] = d.value(s.arg.at(1), t);
  if (has(s, "to")) {
    i.fn = has(s, "shared") || has(s, "shared::cta") || has(s, "shared::cluster") ? cvta_to_shared
           : size_of(t) == 8                                                      ? cvta_to_global
                                                                                  : nullptr;
    return i.fn != nullptr;
  }
  i.imm = has(s, "shared") || has(s, "shared::cta") || has(s, "shared::cluster")
              ? static_cast<s64>(shared_window)
              : 0;
  i.fn = move_address;
  return true;
}
void isspacep(Warp& w, const Ins& i, u32 m) {
  const u64* a = use<u64>(w, i, i.s[0], m);
  u32 p = 0;
  for (int l = 0; l < 32; ++l)
    p |= static_cast<u32>((a[l] & window_mask) == static_cast<u64>(i.imm2)) << l;
  out_predicate(w, i.d, p, m);
}
bool decode_isspacep(Decoder& d, const Statement& s, Ins& i) {
  i.fn = isspacep;
  i.d = d.reg(s.arg.at(0), i);
  i.s[0] = d.value(s.arg.at(1), Type::b64);
  i.imm2 = static_cast<s64>(has(s, "shared") || has(s, "shared::cta") || has(s, "shared::cluster")
                                ? shared_window
                            : has(s, "local") ? local_window
                            : has(s, "param") ? param_window
                                              : 0);
  return true;
}
// The same offset in the shared memory of another block of the cluster.
void mapa(Warp& w, const Ins& i, u32 m) {
  check(w, i, i.s[0], m);
  const u32* r = use<u32>(w, i, i.s[1], m);
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) {
      if (r[l] >= w.block->cluster->blocks.size())
        fail(w, i, l, "mapa: rank %u is not in the cluster", r[l]);
      const u64 v = lane_u(w, i.s[0], l);
      const u64 offset = v & ((1u << rank_shift) - 1);
      set_lane(w, i.d, l, (v & window_mask) | static_cast<u64>(r[l] + 1) << rank_shift | offset);
    }
  w.wr[i.d.wr] |= m;
}
bool decode_mapa(Decoder& d, const Statement& s, Ins& i) {
  const Type t = type_of(s.part.back());
  i.fn = mapa;
  i.d = d.reg(s.arg.at(0), i);
  i.s[0] = d.value(s.arg.at(1), t);
  i.s[1] = d.value(s.arg.at(2), Type::u32_);
  return true;
}
void getctarank(Warp& w, const Ins& i, u32 m) {
  check(w, i, i.s[0], m);
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) {
      const u32 r = static_cast<u32>(lane_u(w, i.s[0], l) >> rank_shift & 255);
      set_lane(w, i.d, l, r ? r - 1 : w.block->rank);
    }
  w.wr[i.d.wr] |= m;
}
bool decode_getctarank(Decoder& d, const Statement& s, Ins& i) {
  i.fn = getctarank;
  i.d = d.reg(s.arg.at(0), i);
  i.s[0] = d.value(s.arg.at(1), type_of(s.part.back()));
  return true;
}
void createpolicy(Warp& w, const Ins& i, u32 m) {
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) set_lane(w, i.d, l, 0x12f0000000000000);
  w.wr[i.d.wr] |= m;
}
bool decode_createpolicy(Decoder& d, const Statement& s, Ins& i) {
  i.fn = createpolicy;
  i.d = d.reg(s.arg.at(0), i);
  return s.part.back() == "b64";
}
bool decode_prefetch(Decoder& d, const Statement& s, Ins& i) {
  d.address(s.arg.at(0), i, i.s[0]);
  if (has(s, "tensormap")) {
    i.fn = [](Warp& w, const Ins& x, u32 m) {
      alignas(64) u64 a[32];
      addresses(w, x, m, a);
      for (u32 k = m; k; k &= k - 1) {
        const int l = lowest(k);
        if (a[l] % 64) fail(w, x, l, "a tensor map is not aligned to 64 bytes");
        for (int b = 0; b < 128; b += 16) pointer(w, x, l, a[l] + static_cast<u64>(b), 16, false);
      }
    };
    return true;
  }
  i.fn = nothing;
  return true;
}

// cp.async.{ca,cg}.shared.global [dst], [src], bytes {, source bytes}{, policy}
void cp_async(Warp& w, const Ins& i, u32 m) {
  CpAsync c;
  c.mask = m;
  c.bytes = i.width;
  c.ins = &i;
  alignas(64) u64 dst[32], src[32];
  addresses(w, i, m, dst);
  {
    const u64* b = use<u64>(w, i, i.s[1], m);
    for (int l = 0; l < 32; ++l) src[l] = b[l] + static_cast<u64>(i.imm2);
  }
  const u32* n = i.flag[0] ? use<u32>(w, i, i.s[2], m) : nullptr;
  const u32 ignore = i.flag[1] ? predicate(w, i, i.s[3], m) : 0;
  Grid& g = *w.block->grid;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    const auto s = shared_at(w, i, l, static_cast<u32>(dst[l]), i.width, i.width);
    if (s.block != w.block) fail(w, i, l, "cp.async to the shared memory of another block");
    u32 take = n ? n[l] : i.width;
    if (take > i.width) fail(w, i, l, "cp.async reads %u bytes for %u", take, i.width);
    if (ignore >> l & 1) take = 0;
    global_range(w, i, l, src[l], take, i.width, false, "the source of cp.async");
    if (g.races && take) global_access(w, i, l, src[l], take, false, false);
    if (watch_dependents(w, false)) dependent_access(w, i, l, src[l], take, false);
    c.dst[l] = s.offset;
    c.src[l] = src[l];
    c.source_bytes[l] = static_cast<u8>(take);
    c.group[l] = w.committed[l];
    g.stats.global_bytes_read += take;
    g.stats.shared_bytes += i.width;
  }
  conflicts(w, c.dst, m, i.width);
  start_copy(w, std::move(c));
}
bool decode_cp_async(Decoder& d, const Statement& s, Ins& i) {
  // part: cp async {ca,cg} shared[::cta] global [L2::...]
  if (s.part.size() < 5 || (s.part[2] != "ca" && s.part[2] != "cg") ||
      (s.part[3] != "shared" && s.part[3] != "shared::cta") || s.part[4] != "global")
    return false;
  bool hint = false;
  for (std::size_t k = 5; k < s.part.size(); ++k) {
    if (s.part[k] == "L2::cache_hint")
      hint = true;
    else if (!s.part[k].starts_with("L2::"))
      return false;
  }
  Ins source;
  d.address(s.arg.at(1), source, i.s[1]);
  if (i.s[1].bytes != 8) return false;
  i.imm2 = source.imm;
  d.address(s.arg.at(0), i, i.s[0]);
  if (s.arg.at(2).what != Operand::imm) return false;
  i.width = static_cast<u8>(s.arg[2].value);
  if (i.width != 16 && (s.part[2] == "cg" || (i.width != 4 && i.width != 8))) return false;
  const std::size_t n = s.arg.size() - (hint ? 1 : 0);
  if (n > 3) {
    const Src v = d.value(s.arg[3], Type::u32_);
    if (v.bytes == 1) {
      i.flag[1] = 1;
      i.s[3] = d.predicate(s.arg[3]);
    } else {
      i.flag[0] = 1;
      i.s[2] = v;
    }
  }
  i.fn = cp_async;
  return true;
}
void cp_commit(Warp& w, const Ins&, u32 m) {
  for (int l = 0; l < 32; ++l) w.committed[l] += m >> l & 1;
}
void cp_wait(Warp& w, const Ins& i, u32 m) { finish_copies(w, i, m, i.imm); }

}  // namespace

bool decode_bulk(Decoder& d, const Statement& s, Ins& i);  // async.cpp

namespace {
bool decode_cp(Decoder& d, const Statement& s, Ins& i) {
  if (s.part.size() < 3 || s.part[1] != "async") return false;
  if (s.part[2] == "bulk") return decode_bulk(d, s, i);
  if (s.op == "cp.async.commit_group") {
    i.fn = cp_commit;
    return true;
  }
  if (s.op == "cp.async.wait_group") {
    i.fn = cp_wait;
    i.imm = s.arg.at(0).value;
    return s.arg[0].what == Operand::imm;
  }
  if (s.op == "cp.async.wait_all") {
    i.fn = cp_wait;
    i.imm = -1;
    return true;
  }
  return decode_cp_async(d, s, i);
}
}  // namespace

void add_memory(std::unordered_map<std::string, Decode>& t) {
  t["ld"] = decode_ld;
  t["ldu"] = decode_ld;
  t["st"] = decode_st;
  t["atom"] = decode_atom;
  t["red"] = decode_atom;
  t["cvta"] = decode_cvta;
  t["isspacep"] = decode_isspacep;
  t["mapa"] = decode_mapa;
  t["getctarank"] = decode_getctarank;
  t["createpolicy"] = decode_createpolicy;
  t["prefetch"] = decode_prefetch;
  t["prefetchu"] = decode_prefetch;
  t["cp"] = decode_cp;
}

}  // namespace roofproof::ptx
