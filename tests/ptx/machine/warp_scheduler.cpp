// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A warp and its diverging threads: which of them run, and until when. Of the threads that are
// ready those with the smallest pc run.
#include "tests/ptx/machine/warp_scheduler.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "tests/ptx/machine/async.h"
#include "tests/ptx/machine/barriers.h"
#include "tests/ptx/machine/races.h"
#include "tests/ptx/machine/special_registers.h"

namespace roofproof::ptx {

void start_warp(Warp& w, Block& b, int index, u32 threads) {
  const Code& c = *b.grid->code;
  w.block = &b;
  w.code = &c;
  w.index = index;
  if (w.register_storage.size() < c.register_bytes + 64) {
    w.register_storage.assign(c.register_bytes + c.register_bytes / 4 + 128, 0xff);  // NaNs
  }
  w.files[0] =
      reinterpret_cast<u8*>((reinterpret_cast<u64>(w.register_storage.data()) + 63) / 64 * 64);
  w.files[1] = b.grid->pool.data();
  w.written_storage.assign(c.registers + 1, b.grid->machine.poison ? 0u : ~0u);
  w.written = w.written_storage.data();
  w.written[0] = ~0u;
  w.local.assign(static_cast<std::size_t>(c.local_bytes) * 32, 0xc5);
  const u32 n = std::min<u32>(32, threads - static_cast<u32>(index) * 32);
  w.live = w.mask = n == 32 ? ~0u : (1u << n) - 1;
  w.pc = 0;
  w.wait = Wait::ready;
  w.polled = 0;
  w.others.clear();
  w.copies.clear();
  w.unwaited_copies.clear();
  std::fill(std::begin(w.committed), std::end(w.committed), 0u);
  std::fill(std::begin(w.bulk_committed), std::end(w.bulk_committed), 0u);
  w.products.clear();
  w.product_groups = 0;
  w.products_issued = 0;
  w.product_clocks.clear();
  w.fenced = false;
  w.proxy_fence_time = 0;
  w.mbarrier_fence_time = 0;
  w.spins = 0;
  w.cluster_phase = 0;
  w.retry = 0;
  w.dependency_waited = !b.grid->dependent;
  w.registers = static_cast<u32>(b.grid->kernel->registers);
  w.written_since_fence = nullptr;
  if (c.has_wgmma) {
    w.fence_storage.assign(c.registers + 1, 0);
    w.written_since_fence = w.fence_storage.data();
  }
  w.defined = ~0u;
  w.tainted_line = w.loaded_line = 0;
  w.clock.clear();
  w.converged_clock = 0;
  global_start(w);
  fill_special_registers(w);
}

namespace {

// The next group of the warp to run: the ready one with the smallest pc. False: none.
bool choose(Warp& w) {
  // merge groups at one pc
  for (std::size_t a = 0; a < w.others.size(); ++a)
    for (std::size_t b = a + 1; b < w.others.size();) {
      if (w.others[a].pc == w.others[b].pc) {
        w.others[a].mask |= w.others[b].mask;
        w.others[a].state = GroupState::ready;
        w.others.erase(w.others.begin() + static_cast<long>(b));
      } else
        ++b;
    }
  std::size_t best = w.others.size();
  for (std::size_t a = 0; a < w.others.size(); ++a)
    if (w.others[a].state == GroupState::ready &&
        (best == w.others.size() || w.others[a].pc < w.others[best].pc))
      best = a;
  if (best == w.others.size()) return false;
  w.pc = w.others[best].pc;
  w.mask = w.others[best].mask;
  w.others.erase(w.others.begin() + static_cast<long>(best));
  return true;
}

void put(Warp& w, u32 pc, u32 mask, GroupState state) {
  if (mask) w.others.push_back({pc, mask, state});
}

u32 lowest_other(Warp& w) {
  u32 r = ~0u;
  for (auto& g : w.others)
    if (g.pc < r) r = g.pc;
  return r;
}

void warp_done(Warp& w, const Instruction& i) {
  wgmma_at_warp_end(w, i);
  w.wait = Wait::done;
  Block& b = *w.block;
  Cluster& c = *b.cluster;
  ++c.progress;
  --b.warps_live;
  --c.live_warps;
  if (!b.warps_live) {
    copies_at_block_end(b);
    wgmma_at_block_end(b);
    barriers_at_block_end(b);
    remote_accesses_at_block_end(b);
    b.live = false;
  }
}

// No group of the warp is ready. Barriers of the warp that are waited for at several places? Else
// it hangs.
void resolve(Warp& w) {
  const Code& c = *w.code;
  for (auto& g : w.others) {
    if (g.state != GroupState::waits_for_members) continue;
    const Instruction& i = c.instructions[g.pc];
    if (i.kind != Kind::member_sync || i.list_size) continue;
    const bool barrier = c.line_text(i.line).find("bar.warp.sync") != std::string::npos;
    if (!barrier) continue;
    const u32 member = w.at<u32>(i.source[3])[lowest(g.mask)];
    u32 there = 0;
    for (auto& h : w.others) {
      const Instruction& j = c.instructions[h.pc];
      if (h.state == GroupState::waits_for_members && j.kind == Kind::member_sync &&
          j.execute == i.execute && w.at<u32>(j.source[3])[lowest(h.mask)] == member)
        there |= h.mask;
    }
    if ((member & w.live & ~there) == 0) {
      i.execute(w, i, there);
      for (auto& h : w.others)
        if (h.mask & there) ++h.pc, h.state = GroupState::ready;
      return;
    }
  }
  for (auto& g : w.others)
    if (g.state == GroupState::polled) return;  // one polls: the warp waits with it
  const auto& g = w.others.front();
  const Instruction& i = c.instructions[g.pc];
  std::string all;
  for (auto& h : w.others) {
    char s[96];
    std::snprintf(s, sizeof s, "%s lanes 0x%08x at line %d", all.empty() ? "" : ",", h.mask,
                  c.instructions[h.pc].line);
    all += s;
  }
  fail(w, i, lowest(g.mask), "%s: the warp cannot converge (%s; live 0x%08x)",
       i.kind == Kind::aligned ? "an .aligned instruction is reached by part of a warp"
                               : "threads of a warp wait for others that do not come",
       all.c_str(), w.live);
}

}  // namespace

void run_slice(Warp& w, int budget) {
  const Code& code = *w.code;
  const Instruction* const instructions = code.instructions.data();
  Grid& grid = *w.block->grid;
  w.polled = 0;
  for (auto& g : w.others)
    if (g.state == GroupState::polled) g.state = GroupState::ready;
  if (!w.mask && !choose(w)) {
    resolve(w);
    if (!choose(w)) return;
  }
  u32 pc = w.pc, mask = w.mask, next = lowest_other(w);
  u64 lanes = 0;
  int left = budget;
  const auto leave = [&] {
    w.pc = pc;
    w.mask = mask;
  };
  const auto switch_group = [&]() -> bool {  // the current group was put away
    mask = 0;
    if (!choose(w)) {
      resolve(w);
      if (!choose(w)) {
        w.mask = 0;
        return false;
      }
    }
    pc = w.pc;
    mask = w.mask;
    next = lowest_other(w);
    return true;
  };
  while (left-- > 0) {
    if (__builtin_expect(pc >= next, 0)) {
      // Another group lies here or lower: join or let it go first.
      put(w, pc, mask, GroupState::ready);
      if (!switch_group()) break;
    }
    const Instruction& i = instructions[pc];
    u32 m = mask;
    if (i.guarded) {
      m &= read_defined_predicate(w, i, i.guard, mask);
      if (!m) {
        ++pc;
        continue;
      }
    }
    ++grid.time;
    w.current = &i;
    lanes += static_cast<u64>(__builtin_popcount(m));
    switch (i.kind) {
      case Kind::plain:
        i.execute(w, i, m);
        ++pc;
        if (__builtin_expect(w.defined != ~0u, 0)) w.defined = ~0u;
        if (__builtin_expect(w.polled, 0)) {
          if (w.others.empty()) {
            leave();
            goto end;
          }
          put(w, pc, mask, GroupState::polled);
          w.polled = 0;
          if (!switch_group()) {
            goto end;
          }
        }
        break;
      case Kind::branch: {
        const u32 to = static_cast<u32>(i.immediate);
        if (m == mask) {
          // A loop that others of the warp may have to end: let them run now and then.
          if (to <= pc && !w.others.empty() && ++w.spins > 20000) {
            w.spins = 0;
            put(w, to, mask, GroupState::polled);
            if (!switch_group()) goto end;
            break;
          }
          pc = to;
        } else {
          put(w, to, m, GroupState::ready);
          mask &= ~m;
          ++pc;
          next = lowest_other(w);
        }
        break;
      }
      case Kind::exit:
        w.live &= ~m;
        mask &= ~m;
        for (auto& g : w.others)
          if (g.state == GroupState::waits_for_members)
            g.state = GroupState::ready;  // may now be complete
        ++pc;
        if (!mask) {
          if (!w.live) {
            w.mask = 0;
            warp_done(w, i);
            release_barriers(*w.block);
            release_cluster(*w.block->cluster);
            goto end;
          }
          if (!switch_group()) goto end;
        }
        break;
      case Kind::member_sync: {
        const u32* member = read<u32>(w, i, i.source[3], m);
        bool complete = true;
        for (u32 k = m; k && complete;) {
          const u32 x = member[lowest(k)];
          if (!(x >> lowest(k) & 1))
            fail(w, i, lowest(k), "the member mask 0x%08x does not name the thread itself", x);
          if (x & w.live & ~m) complete = false;
          k &= ~x;
        }
        if (!complete) {
          put(w, pc, mask, GroupState::waits_for_members);
          if (!switch_group()) goto end;
          break;
        }
        for (u32 k = m; k;) {
          const u32 x = member[lowest(k)];
          for (u32 y = k & x; y; y &= y - 1)
            if (member[lowest(y)] != x)
              fail(w, i, lowest(y), "member masks differ among the members");
          i.execute(w, i, k & x);
          k &= ~x;
        }
        w.defined = ~0u;
        ++pc;
        break;
      }
      case Kind::aligned:
        if (m != w.live) {
          if (m != mask && mask == w.live)
            fail(w, i, lowest(m),
                 "an .aligned instruction is executed by part of a warp (lanes 0x%08x of 0x%08x)",
                 m, w.live);
          put(w, pc, mask, GroupState::waits_for_members);
          if (!switch_group()) goto end;
          break;
        }
        i.execute(w, i, m);
        w.defined = ~0u;
        if (w.retry) {
          w.retry = 0;
          leave();
          goto end;
        }
        ++pc;
        if (w.wait != Wait::ready || w.polled) {
          leave();
          goto end;
        }
        break;
    }
  }
  if (mask) leave();
  if (left < 0) ++w.block->cluster->progress;  // it computes
end:
  grid.stats.warp_instructions += static_cast<u64>(budget - (left < 0 ? 0 : left));
  grid.stats.lanes += lanes;
}

}  // namespace roofproof::ptx
