// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Barriers, fences, and control of the launch and of registers (PTX ISA, 9.7.13 and 9.7.19).
#include "tests/ptx/machine/barriers.h"
#include "tests/ptx/machine/decode.h"
#include "tests/ptx/machine/races.h"

namespace roofproof::ptx {

namespace {

void nothing(Warp&, const Instruction&, u32) {}
u32 uniform(Warp& w, const Instruction& i, const Slot& s, u32 m, const char* what) {
  require_defined(w, i, s, m);
  const int f = lowest(m);
  const u64 v = lane_bits(w, s, f);
  for (u32 k = m; k; k &= k - 1)
    if (lane_bits(w, s, lowest(k)) != v)
      fail(w, i, lowest(k), "%s differs between the threads of a warp", what);
  return static_cast<u32>(v);
}

// immediate: 0 sync, 1 arrive.
void bar(Warp& w, const Instruction& i, u32 m) {
  const u32 id = uniform(w, i, i.source[0], m, "the number of the barrier");
  const u32 count =
      i.barrier.has_count ? uniform(w, i, i.source[1], m, "the count of the barrier") : 0;
  if (id > 15) fail(w, i, lowest(m), "there is no barrier %u", id);
  if (i.barrier.has_count && (count % 32 || count == 0))
    fail(w, i, lowest(m), "barrier %u: the count %u is no multiple of 32", id, count);
  barrier_arrive(w, i, id, count, i.immediate == 0);
}

bool decode_bar(Decoder& d, const Statement& s, Instruction& i) {
  if (s.op == "bar.warp.sync") {
    i.kind = Kind::member_sync;
    i.source[3] = d.value(s.arg.at(0), Type::u32_);
    i.execute = [](Warp& w, const Instruction&, u32) { clock_converge(w); };
    return true;
  }
  std::size_t k = 1;
  if (s.part.size() > k && s.part[k] == "cluster") {
    i.kind = Kind::aligned;
    if (s.part.at(2) == "arrive")
      i.execute = [](Warp& w, const Instruction& x, u32) {
        cluster_arrive(w, x, x.barrier.relaxed);
      };
    else if (s.part[2] == "wait")
      i.execute = [](Warp& w, const Instruction& x, u32) { cluster_wait(w, x); };
    else
      return false;
    for (std::size_t p = 3; p < s.part.size(); ++p)
      if (s.part[p] != "release" && s.part[p] != "relaxed" && s.part[p] != "acquire" &&
          s.part[p] != "aligned")
        return false;
    i.barrier.relaxed = has(s, "relaxed");
    return s.arg.empty();
  }
  if (s.part.size() > k && s.part[k] == "cta") ++k;
  if (s.part.size() <= k) return false;
  const auto& what = s.part[k++];
  if (what != "sync" && what != "arrive") return false;
  if (k < s.part.size() && s.part[k] == "aligned") ++k;
  if (k != s.part.size()) return false;
  i.kind = Kind::aligned;
  i.immediate = what == "arrive";
  i.source[0] = d.value(s.arg.at(0), Type::u32_);
  if (s.arg.size() > 1) {
    i.barrier.has_count = 1;
    i.source[1] = d.value(s.arg[1], Type::u32_);
  } else if (i.immediate)
    return false;
  i.execute = bar;
  return true;
}

bool decode_fence(Decoder&, const Statement& s, Instruction& i) {
  i.execute = nothing;
  if (has(s, "gl") || has(s, "gpu") || has(s, "sys") || (s.part[0] == "fence" && has(s, "cluster")))
    i.execute = [](Warp& w, const Instruction&, u32) {
      global_fence(w);
      fence_mbarrier_init(w);
    };
  if (has(s, "mbarrier_init"))
    i.execute = [](Warp& w, const Instruction&, u32) {
      fence_mbarrier_init(w);
      w.mbarrier_fence_time = w.block->grid->time;
    };
  if (s.part.size() > 2 && s.part[1] == "proxy") {
    if (s.part[2] == "async" || s.part[2].starts_with("async::")) {
      i.execute = [](Warp& w, const Instruction&, u32) {
        w.proxy_fence_time = w.block->grid->time;
      };
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

bool decode_griddep(Decoder&, const Statement& s, Instruction& i) {
  i.execute = nothing;
  if (s.op == "griddepcontrol.wait")
    i.execute = [](Warp& w, const Instruction&, u32) { w.dependency_waited = 1; };
  return s.op == "griddepcontrol.wait" || s.op == "griddepcontrol.launch_dependents";
}

template <bool increase>
void setmaxnreg(Warp& w, const Instruction& i, u32) {
  if (!w.registers) return;
  const u32 n = static_cast<u32>(i.immediate);
  Block& b = *w.block;
  if constexpr (!increase) {
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

bool decode_setmaxnreg(Decoder&, const Statement& s, Instruction& i) {
  i.kind = Kind::aligned;
  i.execute = has(s, "inc") ? setmaxnreg<true> : setmaxnreg<false>;
  const auto n = s.arg.at(0).value;
  i.immediate = n;
  return s.arg[0].what == Operand::imm && n >= 24 && n <= 256 && n % 8 == 0 &&
         (has(s, "inc") || has(s, "dec"));
}

bool decode_nanosleep(Decoder& d, const Statement& s, Instruction& i) {
  i.source[0] = d.value(s.arg.at(0), Type::u32_);
  i.execute = [](Warp& w, const Instruction& x, u32 m) {
    w.block->grid->extra_ns += read_defined<u32>(w, x, x.source[0], m)[lowest(m)] / 16;
    w.polled = 1;
  };
  return true;
}

bool decode_trap(Decoder&, const Statement&, Instruction& i) {
  i.execute = [](Warp& w, const Instruction& x, u32 m) { fail(w, x, lowest(m), "trap"); };
  return true;
}

}  // namespace

void add_synchronization(Decoders& t) {
  t["bar"] = decode_bar;
  t["barrier"] = decode_bar;
  t["fence"] = decode_fence;
  t["membar"] = decode_fence;
  t["griddepcontrol"] = decode_griddep;
  t["setmaxnreg"] = decode_setmaxnreg;
  t["nanosleep"] = decode_nanosleep;
  t["trap"] = decode_trap;
  t["brkpt"] = decode_trap;
}

}  // namespace roofproof::ptx
