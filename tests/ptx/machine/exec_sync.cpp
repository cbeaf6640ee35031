// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Barriers, shuffles, votes, fences.
#include "tests/ptx/machine/internal.h"

namespace roofproof::ptx {
namespace {

void nothing(Warp&, const Ins&, u32) {}

u32 uniform(Warp& w, const Ins& i, const Src& s, u32 m, const char* what) {
  check(w, i, s, m);
  const int f = lowest(m);
  const u64 v = lane_u(w, s, f);
  for (u32 k = m; k; k &= k - 1)
    if (lane_u(w, s, lowest(k)) != v)
      fail(w, i, lowest(k), "%s differs between the threads of a warp", what);
  return static_cast<u32>(v);
}

// imm: 0 sync, 1 arrive; flag[0]: a count is given
void bar(Warp& w, const Ins& i, u32 m) {
  const u32 id = uniform(w, i, i.s[0], m, "the number of the barrier");
  const u32 count = i.flag[0] ? uniform(w, i, i.s[1], m, "the count of the barrier") : 0;
  if (id > 15) fail(w, i, lowest(m), "there is no barrier %u", id);
  if (i.flag[0] && (count % 32 || count == 0))
    fail(w, i, lowest(m), "barrier %u: the count %u is no multiple of 32", id, count);
  barrier_arrive(w, i, id, count, i.imm == 0);
}

bool decode_bar(Decoder& d, const Statement& s, Ins& i) {
  if (s.op == "bar.warp.sync") {
    i.kind = Kind::member_sync;
    i.s[3] = d.value(s.arg.at(0), Type::u32_);
    i.fn = nothing;
    return true;
  }
  std::size_t k = 1;
  if (s.part.size() > k && s.part[k] == "cluster") {
    i.kind = Kind::aligned;
    if (s.part.at(2) == "arrive")
      i.fn = [](Warp& w, const Ins& x, u32) { cluster_arrive(w, x); };
    else if (s.part[2] == "wait")
      i.fn = [](Warp& w, const Ins& x, u32) { cluster_wait(w, x); };
    else
      return false;
    for (std::size_t p = 3; p < s.part.size(); ++p)
      if (s.part[p] != "release" && s.part[p] != "relaxed" && s.part[p] != "acquire" &&
          s.part[p] != "aligned")
        return false;
    return s.arg.empty();
  }
  if (s.part.size() > k && s.part[k] == "cta") ++k;
  if (s.part.size() <= k) return false;
  const auto& what = s.part[k++];
  if (what != "sync" && what != "arrive") return false;
  if (k < s.part.size() && s.part[k] == "aligned") ++k;
  if (k != s.part.size()) return false;
  i.kind = Kind::aligned;
  i.imm = what == "arrive";
  i.s[0] = d.value(s.arg.at(0), Type::u32_);
  if (s.arg.size() > 1) {
    i.flag[0] = 1;
    i.s[1] = d.value(s.arg[1], Type::u32_);
  } else if (i.imm)
    return false;
  i.fn = bar;
  return true;
}

// flag[0]: 0 up, 1 down, 2 bfly, 3 idx; flag[1]: a predicate is wanted
void shfl(Warp& w, const Ins& i, u32 m) {
  const u32 undefined = undefined_lanes(w, i, i.s[0], m);
  const u32* a = w.at<u32>(i.s[0]);
  const u32* b = use<u32>(w, i, i.s[1], m);
  const u32* c = use<u32>(w, i, i.s[2], m);
  alignas(64) u32 r[32] = {};
  u32 p = 0, got = 0;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    const u32 seg = c[l] >> 8 & 31, clamp = c[l] & 31, lane = static_cast<u32>(l), n = b[l] & 31;
    const u32 max = (lane & seg) | (clamp & ~seg & 31), min = lane & seg;
    int j;
    bool ok;
    switch (i.flag[0]) {
      case 0:
        j = static_cast<int>(lane) - static_cast<int>(n);
        ok = j >= static_cast<int>(max);
        break;
      case 1:
        j = static_cast<int>(lane + n);
        ok = j <= static_cast<int>(max);
        break;
      case 2:
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
  out<u32>(w, i.d, r, m);
  w.wr[i.d.wr] &= ~(m & got);
  if (i.flag[1]) out_predicate(w, i.d2, p, m);
}
bool decode_shfl(Decoder& d, const Statement& s, Ins& i) {
  if (s.part.size() != 4 || s.part[1] != "sync" || s.part[3] != "b32") return false;
  static const char* const modes[] = {"up", "down", "bfly", "idx"};
  int mode = -1;
  for (int k = 0; k < 4; ++k)
    if (s.part[2] == modes[k]) mode = k;
  if (mode < 0) return false;
  i.flag[0] = static_cast<u8>(mode);
  if (s.arg.at(0).what == Operand::pair) {
    i.flag[1] = 1;
    i.d = d.reg(s.arg[0].list[0], i);
    i.d2 = d.reg(s.arg[0].list[1], i);
  } else
    i.d = d.reg(s.arg[0], i);
  i.s[0] = d.value(s.arg.at(1), Type::b32);
  i.s[1] = d.value(s.arg.at(2), Type::b32);
  i.s[2] = d.value(s.arg.at(3), Type::b32);
  i.s[3] = d.value(s.arg.at(4), Type::b32);
  i.kind = Kind::member_sync;
  i.fn = shfl;
  return true;
}

// flag[0]: 0 any, 1 all, 2 uni, 3 ballot
void vote(Warp& w, const Ins& i, u32 m) {
  const u32 p = in_predicate(w, i, i.s[0], m) & m;
  if (i.flag[0] == 3) {
    alignas(64) u32 r[32];
    for (auto& x : r) x = p;
    out<u32>(w, i.d, r, m);
    return;
  }
  const bool v = i.flag[0] == 0 ? p != 0 : i.flag[0] == 1 ? p == m : p == m || p == 0;
  out_predicate(w, i.d, v ? ~0u : 0u, m);
}
bool decode_vote(Decoder& d, const Statement& s, Ins& i) {
  if (s.part.size() != 4 || s.part[1] != "sync") return false;
  static const char* const modes[] = {"any", "all", "uni", "ballot"};
  int mode = -1;
  for (int k = 0; k < 4; ++k)
    if (s.part[2] == modes[k]) mode = k;
  if (mode < 0) return false;
  i.flag[0] = static_cast<u8>(mode);
  i.d = d.reg(s.arg.at(0), i);
  i.s[0] = d.predicate(s.arg.at(1));
  i.s[3] = d.value(s.arg.at(2), Type::b32);
  i.kind = Kind::member_sync;
  i.fn = vote;
  return true;
}

template <class T>
void redux(Warp& w, const Ins& i, u32 m) {
  const T* a = use<T>(w, i, i.s[0], m);
  T v = a[lowest(m)];
  for (u32 k = m & (m - 1); k; k &= k - 1) {
    const T x = a[lowest(k)];
    switch (i.flag[0]) {
      case 0:
        v = static_cast<T>(static_cast<u32>(v) + static_cast<u32>(x));
        break;
      case 1:
        v = x < v ? x : v;
        break;
      case 2:
        v = x > v ? x : v;
        break;
      case 3:
        v &= x;
        break;
      case 4:
        v |= x;
        break;
      default:
        v ^= x;
        break;
    }
  }
  alignas(64) T r[32];
  for (auto& x : r) x = v;
  out<T>(w, i.d, r, m);
}
bool decode_redux(Decoder& d, const Statement& s, Ins& i) {
  static const char* const ops[] = {"add", "min", "max", "and", "or", "xor"};
  if (s.part.size() != 4 || s.part[1] != "sync") return false;
  int op = -1;
  for (int k = 0; k < 6; ++k)
    if (s.part[2] == ops[k]) op = k;
  if (op < 0) return false;
  i.flag[0] = static_cast<u8>(op);
  i.fn = s.part[3] == "s32" ? redux<s32> : redux<u32>;
  if (s.part[3] != "s32" && s.part[3] != "u32" && s.part[3] != "b32") return false;
  i.d = d.reg(s.arg.at(0), i);
  i.s[0] = d.value(s.arg.at(1), Type::b32);
  i.s[3] = d.value(s.arg.at(2), Type::b32);
  i.kind = Kind::member_sync;
  return true;
}

template <bool all>
void match(Warp& w, const Ins& i, u32 m) {
  alignas(64) u32 r[32] = {};
  check(w, i, i.s[0], m);
  u32 p = 0;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    for (u32 j = m; j; j &= j - 1)
      if (lane_u(w, i.s[0], lowest(j)) == lane_u(w, i.s[0], l)) r[l] |= 1u << lowest(j);
    if (all && r[l] != m) r[l] = 0;
    p |= static_cast<u32>(r[l] == m) << l;
  }
  out<u32>(w, i.d, r, m);
  if (i.flag[1]) out_predicate(w, i.d2, p, m);
}
bool decode_match(Decoder& d, const Statement& s, Ins& i) {
  if (s.part.size() != 4 || s.part[2] != "sync") return false;
  if (s.arg.at(0).what == Operand::pair) {
    i.flag[1] = 1;
    i.d = d.reg(s.arg[0].list[0], i);
    i.d2 = d.reg(s.arg[0].list[1], i);
  } else
    i.d = d.reg(s.arg[0], i);
  i.s[0] = d.value(s.arg.at(1), type_of(s.part[3]));
  i.s[3] = d.value(s.arg.at(2), Type::b32);
  i.fn = s.part[1] == "all" ? match<true> : match<false>;
  i.kind = Kind::member_sync;
  return true;
}

void elect(Warp& w, const Ins& i, u32 m) {
  const int leader = lowest(m);
  alignas(64) u32 r[32];
  for (auto& x : r) x = static_cast<u32>(leader);
  out<u32>(w, i.d, r, m);
  out_predicate(w, i.d2, 1u << leader, m);
}
bool decode_elect(Decoder& d, const Statement& s, Ins& i) {
  if (s.op != "elect.sync" || s.arg.at(0).what != Operand::pair) return false;
  i.d = d.reg(s.arg[0].list[0], i);
  i.d2 = d.reg(s.arg[0].list[1], i);
  i.s[3] = d.value(s.arg.at(1), Type::b32);
  i.kind = Kind::member_sync;
  i.fn = elect;
  return true;
}
bool decode_activemask(Decoder& d, const Statement& s, Ins& i) {
  i.d = d.reg(s.arg.at(0), i);
  i.fn = [](Warp& w, const Ins& x, u32 m) {
    alignas(64) u32 r[32];
    for (auto& v : r) v = m;
    out<u32>(w, x.d, r, m);
  };
  return true;
}

bool decode_fence(Decoder&, const Statement& s, Ins& i) {
  i.fn = nothing;
  if (has(s, "gl") || has(s, "gpu") || has(s, "sys") || (s.part[0] == "fence" && has(s, "cluster")))
    i.fn = [](Warp& w, const Ins&, u32) { global_fence(w); };
  if (s.part.size() > 2 && s.part[1] == "proxy") {
    if (s.part[2] == "async" || s.part[2].starts_with("async::")) {
      i.fn = [](Warp& w, const Ins&, u32) { w.proxy_fence_time = w.block->grid->time; };
      return true;
    }
    return s.part[2] == "alias" || s.part[2].starts_with("tensormap");
  }
  for (std::size_t k = 1; k < s.part.size(); ++k) {
    const auto& p = s.part[k];
    if (p != "sc" && p != "acq_rel" && p != "acquire" && p != "release" && p != "cta" &&
        p != "cluster" && p != "gpu" && p != "sys" && p != "gl" && p != "mbarrier_init" &&
        p != "sync_restrict::shared::cta" && p != "sync_restrict::shared::cluster")
      return false;
  }
  return true;
}
bool decode_griddep(Decoder&, const Statement& s, Ins& i) {
  i.fn = nothing;
  if (s.op == "griddepcontrol.wait") i.fn = [](Warp& w, const Ins&, u32) { w.waited = 1; };
  return s.op == "griddepcontrol.wait" || s.op == "griddepcontrol.launch_dependents";
}
void setmaxnreg(Warp& w, const Ins& i, u32) {
  if (!w.registers) return;
  const u32 n = static_cast<u32>(i.imm);
  Block& b = *w.block;
  if (!i.flag[0]) {
    if (n > w.registers) fail(w, i, 0, "setmaxnreg.dec to %u from %u registers", n, w.registers);
    b.free_registers += (w.registers - n) * 32;
    ++b.cluster->progress;
  } else {
    if (n < w.registers) fail(w, i, 0, "setmaxnreg.inc to %u from %u registers", n, w.registers);
    if ((n - w.registers) * 32 > b.free_registers) {
      w.retry = 1;
      return;
    }
    b.free_registers -= (n - w.registers) * 32;
    ++b.cluster->progress;
  }
  w.registers = n;
}
bool decode_setmaxnreg(Decoder&, const Statement& s, Ins& i) {
  i.kind = Kind::aligned;
  i.fn = setmaxnreg;
  i.flag[0] = has(s, "inc");
  const auto n = s.arg.at(0).value;
  i.imm = n;
  return s.arg[0].what == Operand::imm && n >= 24 && n <= 256 && n % 8 == 0 &&
         (has(s, "inc") || has(s, "dec"));
}
bool decode_nanosleep(Decoder& d, const Statement& s, Ins& i) {
  i.s[0] = d.value(s.arg.at(0), Type::u32_);
  i.fn = [](Warp& w, const Ins& x, u32 m) {
    w.block->grid->extra_ns += use<u32>(w, x, x.s[0], m)[lowest(m)] / 16;
    w.poll = 1;
  };
  return true;
}
bool decode_trap(Decoder&, const Statement&, Ins& i) {
  i.fn = [](Warp& w, const Ins& x, u32 m) { fail(w, x, lowest(m), "trap"); };
  return true;
}

}  // namespace

void add_sync(std::unordered_map<std::string, Decode>& t) {
  t["bar"] = decode_bar;
  t["barrier"] = decode_bar;
  t["shfl"] = decode_shfl;
  t["vote"] = decode_vote;
  t["match"] = decode_match;
  t["redux"] = decode_redux;
  t["elect"] = decode_elect;
  t["activemask"] = decode_activemask;
  t["fence"] = decode_fence;
  t["membar"] = decode_fence;
  t["griddepcontrol"] = decode_griddep;
  t["setmaxnreg"] = decode_setmaxnreg;
  t["nanosleep"] = decode_nanosleep;
  t["trap"] = decode_trap;
  t["brkpt"] = decode_trap;
}

}  // namespace roofproof::ptx
