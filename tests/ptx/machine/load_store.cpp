// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// ld and st (PTX ISA, 9.7.9), by state space.
#include "tests/ptx/machine/barriers.h"
#include "tests/ptx/machine/decode.h"
#include "tests/ptx/machine/memory.h"
#include "tests/ptx/machine/races.h"

namespace roofproof::ptx {

namespace {

void watch_global(Warp& w, const Instruction& i, u32 m, const u64* a, u32 bytes, bool write) {
  for (u32 k = m; k; k &= k - 1) dependent_access(w, i, lowest(k), a[lowest(k)], bytes, write);
}

void watch_non_coherent(Warp& w, const Instruction& i, u32 m, const u64* a, u32 bytes, bool write) {
  for (u32 k = m; k; k &= k - 1) non_coherent_access(w, i, lowest(k), a[lowest(k)], bytes, write);
}

void race_global(Warp& w, const Instruction& i, u32 m, const u64* a, u32 bytes, bool write) {
  const bool strong = i.memory.strong && bytes <= 8;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    if (strong && !write)
      global_sync(w, a[l], true, false,
                  i.memory.order);  // what is acquired counts for this access too
    global_access(w, i, l, a[l], bytes, write, strong);
    if (strong && write)
      global_sync(w, a[l], false, true, i.memory.order);  // what is released includes it
  }
}

// Pointers to what each active lane accesses in global memory, all checked.
inline void global_pointers(Warp& w, const Instruction& i, u32 m, u64* a, u32 bytes, bool write) {
  Grid& g = *w.block->grid;
  u64 low = ~u64{0}, high = 0, bits = 0;
  for (int l = 0; l < 32; ++l) {
    const bool on = m >> l & 1;
    low = on && a[l] < low ? a[l] : low;
    high = on && a[l] > high ? a[l] : high;
    bits |= on ? a[l] : 0;
  }
  const Region* r = g.last_region;
  if (!(bits & (bytes - 1)) && r && low >= r->base && high + bytes <= r->base + r->bytes) return;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    global_at(w, i, l, a[l], bytes, write);
  }
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
void gather(Warp& w, const Instruction& i, u32 m, const u64* addresses, const u32* undefined) {
  const u8* p[32];
  for (int l = 0; l < 32; ++l) p[l] = reinterpret_cast<const u8*>(addresses[l]);
  const Slot* d = operand_list(w, i);
  const bool sign = i.memory.sign_extend;
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
        set_lane_bits(w, d[k], l, widen(p[l] + at, i.width, sign));
      }
    }
    note_written(w, d[k]);
    u32& wr = w.written[d[k].id];
    wr = undefined ? (wr & ~m) | (m & ~undefined[k]) : wr | m;
  }
}

// undefined: what may be stored though it was never written is told there; else it may not.
void scatter(Warp& w, const Instruction& i, u32 m, const u64* addresses, u32* undefined = nullptr) {
  u8* p[32];
  for (int l = 0; l < 32; ++l) p[l] = reinterpret_cast<u8*>(addresses[l]);
  const Slot* s = operand_list(w, i);
  for (u32 k = 0; k < i.count; ++k) {
    if (!undefined)
      require_defined(w, i, s[k], m);
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
        const u64 v = lane_bits(w, s[k], l);
        std::memcpy(p[l] + at, &v, i.width);
      }
    }
  }
}

void ld_global(Warp& w, const Instruction& i, u32 m) {
  alignas(64) u64 a[32];
  lane_addresses(w, i, m, a);
  const u32 bytes = i.width * i.count;
  global_pointers(w, i, m, a, bytes, false);
  if (__builtin_expect(w.block->grid->races != nullptr, 0)) race_global(w, i, m, a, bytes, false);
  Grid& g = *w.block->grid;
  if (__builtin_expect(watch_dependents(w, false) || (g.dependent && i.memory.non_coherent), 0))
    watch_global(w, i, m, a, bytes, false);
  if (__builtin_expect(i.memory.non_coherent && g.non_coherent, 0))
    watch_non_coherent(w, i, m, a, bytes, false);
  gather(w, i, m, a, nullptr);
  g.stats.global_bytes_read += static_cast<u64>(__builtin_popcount(m)) * bytes;
  if (i.memory.strong) {
    w.polled = 1;
    g.waits_for_host = true;
  }
}

void st_global(Warp& w, const Instruction& i, u32 m) {
  alignas(64) u64 a[32];
  lane_addresses(w, i, m, a);
  const u32 bytes = i.width * i.count;
  global_pointers(w, i, m, a, bytes, true);
  if (__builtin_expect(w.block->grid->races != nullptr, 0)) race_global(w, i, m, a, bytes, true);
  if (__builtin_expect(watch_dependents(w, true), 0)) watch_global(w, i, m, a, bytes, true);
  Grid& g = *w.block->grid;
  if (__builtin_expect(g.non_coherent != nullptr, 0)) watch_non_coherent(w, i, m, a, bytes, true);
  scatter(w, i, m, a);
  g.stats.global_bytes_written += static_cast<u64>(__builtin_popcount(m)) * bytes;
  ++w.block->cluster->progress;
}

void shared_pointers(Warp& w, const Instruction& i, u32 m, const u64* a, u32 bytes, Block** b,
                     u32* offset) {
  Block& own = *w.block;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    const u32 at = static_cast<u32>(a[l]);
    if (at >= own.shared_begin && at + bytes <= own.shared_end && !(at & (bytes - 1))) {
      b[l] = &own;
      offset[l] = at;
      continue;
    }
    const auto s = shared_at(w, i, l, at, bytes, bytes);
    if (s.block != w.block) {
      if (i.memory.own_block_only) fail_elsewhere(w, i, l, s);
      note_remote_access(w, i, *s.block);
    }
    b[l] = s.block;
    offset[l] = s.offset;
  }
}

void ld_shared(Warp& w, const Instruction& i, u32 m) {
  alignas(64) u64 a[32];
  lane_addresses(w, i, m, a);
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
    const u8* state = &b[l]->byte_state[o[l]];
    for (u32 e = 0; e < i.count; ++e) {
      if (!all_written(state + e * i.width, i.width)) {
        require_landed(w, i, l, *b[l], o[l] + e * i.width, i.width, "read");
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
  count_conflicts(w, o, m, bytes);
  if (i.memory.strong) w.polled = 1;
}

void st_shared(Warp& w, const Instruction& i, u32 m) {
  alignas(64) u64 a[32];
  lane_addresses(w, i, m, a);
  const u32 bytes = i.width * i.count;
  Block* b[32];
  u32 o[32];
  u64 p[32] = {};
  shared_pointers(w, i, m, a, bytes, b, o);
  Grid& g = *w.block->grid;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    p[l] = reinterpret_cast<u64>(&b[l]->shared[o[l]]);
    require_landed(w, i, l, *b[l], o[l], bytes, "written");
    shared_written(w, *b[l], o[l], bytes);
    if (g.machine.races) race_write(w, i, l, *b[l], o[l], bytes);
  }
  u32 undefined[4] = {0, 0, 0, 0};
  scatter(w, i, m, p, undefined);
  if (g.machine.poison)
    for (u32 e = 0; e < i.count; ++e)  // it stays undefined
      for (u32 k = undefined[e]; k; k &= k - 1)
        std::memset(&b[lowest(k)]->byte_state[o[lowest(k)] + e * i.width], byte_unwritten, i.width);
  g.stats.shared_bytes += static_cast<u64>(__builtin_popcount(m)) * bytes;
  count_conflicts(w, o, m, bytes);
  ++w.block->cluster->progress;
}

void ld_param(Warp& w, const Instruction& i, u32 m) {
  if (i.source[0].constant && i.width == 4) {  // one address for all
    const u32 bytes = 4u * i.count;
    Grid& g = *w.block->grid;
    const u64 at = *w.at<u64>(i.source[0]) + static_cast<u64>(i.immediate) - param_window;
    if (at + bytes <= g.param_bytes && at % bytes == 0) {
      const Slot* d = operand_list(w, i);
      bool plain = true;
      for (u32 k = 0; k < i.count; ++k) plain &= d[k].bytes == 4;
      if (plain) {
        for (u32 k = 0; k < i.count; ++k) {
          u32 v;
          std::memcpy(&v, g.params + at + 4 * k, 4);
          alignas(64) u32 r[32];
          for (auto& x : r) x = v;
          write<u32>(w, d[k], r, m);
        }
        return;
      }
    }
  }
  alignas(64) u64 a[32];
  lane_addresses(w, i, m, a);
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

void ld_generic(Warp& w, const Instruction& i, u32 m) {
  alignas(64) u64 a[32];
  lane_addresses(w, i, m, a);
  const u32 bytes = i.width * i.count;
  u64 p[32] = {};
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    p[l] = reinterpret_cast<u64>(generic_at(w, i, l, a[l], bytes, false));
  }
  gather(w, i, m, p, nullptr);
  if (i.memory.strong) {
    w.polled = 1;
    w.block->grid->waits_for_host = true;
  }
}

void st_generic(Warp& w, const Instruction& i, u32 m) {
  alignas(64) u64 a[32];
  lane_addresses(w, i, m, a);
  const u32 bytes = i.width * i.count;
  u64 p[32] = {};
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    p[l] = reinterpret_cast<u64>(generic_at(w, i, l, a[l], bytes, true));
  }
  scatter(w, i, m, p);
  ++w.block->cluster->progress;
}

// Space, type and the modifiers that change nothing here.
bool memory_form(const Statement& s, Instruction& i, Type& t, bool& sync) {
  t = Type::none;
  i.count = 1;
  i.space = Space::generic;
  sync = false;
  for (std::size_t k = 1; k < s.part.size(); ++k) {
    const auto& p = s.part[k];
    if (p == "global")
      i.space = Space::global;
    else if (p == "shared" || p == "shared::cta" || p == "shared::cluster") {
      i.space = Space::shared;
      i.memory.own_block_only = p != "shared::cluster";
    } else if (p == "param" || p == "param::entry")
      i.space = Space::param;
    else if (p == "local")
      i.space = Space::local;
    else if (p == "const")
      i.space = Space::constant;
    else if (p == "v2")
      i.count = 2;
    else if (p == "v4")
      i.count = 4;
    else if (p == "v8")
      i.count = 8;
    else if (p == "volatile" || p == "acquire" || p == "relaxed" || p == "release") {
      sync = true;
      i.memory.order = p == "acquire" ? 1 : p == "release" ? 2 : 0;
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

bool decode_ld(Decoder& d, const Statement& s, Instruction& i) {
  Type t;
  bool sync;
  if (!memory_form(s, i, t, sync)) return false;
  i.memory.sign_extend = is_signed(t);
  i.memory.strong = sync;
  if (has(s, "nc")) {
    i.memory.non_coherent = 1;
    d.code().non_coherent = true;
  }
  const auto v = d.vector(s.arg.at(0), t, true);
  if (v.size() != i.count || i.count > 4) return false;
  i.list = d.add_list(v);
  d.address(s.arg.at(1), i, i.source[0]);
  switch (i.space) {
    case Space::global:
    case Space::constant:
      i.execute = ld_global;
      break;
    case Space::shared:
      i.execute = ld_shared;
      break;
    case Space::param:
      i.execute = ld_param;
      break;
    default:
      i.execute = ld_generic;
      break;
  }
  return true;
}

bool decode_st(Decoder& d, const Statement& s, Instruction& i) {
  Type t;
  bool sync;
  if (has(s, "async")) return decode_store_async(d, s, i);
  if (!memory_form(s, i, t, sync)) return false;
  i.memory.strong = sync;
  const auto v = d.vector(s.arg.at(1), t, false);
  if (v.size() != i.count || i.count > 4) return false;
  i.list = d.add_list(v);
  d.address(s.arg.at(0), i, i.source[0]);
  switch (i.space) {
    case Space::global:
      i.execute = st_global;
      break;
    case Space::shared:
      i.execute = st_shared;
      break;
    case Space::param:
    case Space::constant:
      return false;
    default:
      i.execute = st_generic;
      break;
  }
  return true;
}

}  // namespace

void add_load_store(Decoders& t) {
  t["ld"] = decode_ld;
  t["ldu"] = decode_ld;
  t["st"] = decode_st;
}

}  // namespace roofproof::ptx
