// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Running a grid: warps with diverging threads, blocks that are resident together, barriers.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <thread>

#include "tests/ptx/machine/internal.h"

namespace roofproof::ptx {

Machine& machine() {
  static Machine m;
  return m;
}

static std::string where(Warp& w, int line, int lane) {
  const Block& b = *w.block;
  const auto& n = b.grid->launch->block;
  const unsigned t = static_cast<unsigned>(w.index * 32 + (lane < 0 ? 0 : lane));
  char s[256];
  std::snprintf(s, sizeof s, "block (%u,%u,%u), thread (%u,%u,%u) [warp %d, lane %d]", b.id.x,
                b.id.y, b.id.z, t % n.x, t / n.x % n.y, t / n.x / n.y, w.index, lane);
  return "kernel " + w.code->kernel_name + ", " + s + ", PTX line " + std::to_string(line) + " '" +
         w.code->line_text(line) + "'";
}

void fail(Warp& w, const Ins& i, int lane, const char* format, ...) {
  char text[1024];
  va_list a;
  va_start(a, format);
  std::vsnprintf(text, sizeof text, format, a);
  va_end(a);
  throw Fault(std::string(text) + "\n  in " + where(w, i.line, lane));
}

void undefined_use(Warp& w, const Ins& i, const Src& s, u32 mask) {
  const u32 bad = ~w.wr[s.wr] & mask;
  const char* why = "was never written, or comes from what was not";
  for (auto& p : w.products) {
    const Src* d = &w.code->lists[p.ins->first];
    for (u32 k = 0; k < p.ins->listed; ++k)
      if (d[k].wr == s.wr) why = "is an accumulator of a wgmma that was not waited for";
  }
  std::string from;
  if (w.loaded_line)
    from += "; the last load of unwritten shared memory: line " + std::to_string(w.loaded_line) +
            ", offset " + std::to_string(w.loaded_offset - shared_start);
  if (w.tainted_line)
    from += "; the last computation with something undefined: line " +
            std::to_string(w.tainted_line) + " '" + w.code->line_text(w.tainted_line) + "'";
  fail(w, i, lowest(bad), "register %s is used but %s%s", w.code->register_names[s.wr].c_str(), why,
       from.c_str());
}
void tainted(Warp& w, const Ins& i, const Src& s, u32 m) {
  for (auto& p : w.products) {
    const Src* d = &w.code->lists[p.ins->first];
    for (u32 k = 0; k < p.ins->listed; ++k)
      if (d[k].wr == s.wr) undefined_use(w, i, s, m);
  }
  if (w.block->grid->machine.poison_strict) undefined_use(w, i, s, m);
  w.taint &= w.wr[s.wr];
  w.tainted_line = i.line;
}

void unknown_instruction(Warp& w, const Ins& i, u32 m) {
  fail(w, i, lowest(m), "unknown instruction");
}

namespace {

void fill_specials(Warp& w) {
  Block& b = *w.block;
  const Launch& L = *b.grid->launch;
  const Dim n = L.block, g = L.grid, c = L.cluster;
  for (auto& sp : w.code->specials) {
    for (int l = 0; l < 32; ++l) {
      const u32 t = static_cast<u32>(w.index * 32 + l);
      u64 v = 0;
      switch (sp.what) {
        case tid_x:
          v = t % n.x;
          break;
        case tid_y:
          v = t / n.x % n.y;
          break;
        case tid_z:
          v = t / n.x / n.y;
          break;
        case ntid_x:
          v = n.x;
          break;
        case ntid_y:
          v = n.y;
          break;
        case ntid_z:
          v = n.z;
          break;
        case ctaid_x:
          v = b.id.x;
          break;
        case ctaid_y:
          v = b.id.y;
          break;
        case ctaid_z:
          v = b.id.z;
          break;
        case nctaid_x:
          v = g.x;
          break;
        case nctaid_y:
          v = g.y;
          break;
        case nctaid_z:
          v = g.z;
          break;
        case laneid:
          v = static_cast<u32>(l);
          break;
        case warpid:
          v = static_cast<u32>(w.index);
          break;
        case nwarpid:
          v = b.warp_count;
          break;
        case smid:
          v = static_cast<u32>(b.cluster->id % static_cast<u64>(b.grid->machine.multiprocessors));
          break;
        case nsmid:
          v = static_cast<u32>(b.grid->machine.multiprocessors);
          break;
        case lanemask_eq:
          v = 1u << l;
          break;
        case lanemask_lt:
          v = (1u << l) - 1;
          break;
        case lanemask_le:
          v = (2u << l) - 1;
          break;
        case lanemask_gt:
          v = ~((2u << l) - 1);
          break;
        case lanemask_ge:
          v = ~((1u << l) - 1);
          break;
        case clusterid_x:
          v = b.id.x / c.x;
          break;
        case clusterid_y:
          v = b.id.y / c.y;
          break;
        case clusterid_z:
          v = b.id.z / c.z;
          break;
        case nclusterid_x:
          v = g.x / c.x;
          break;
        case nclusterid_y:
          v = g.y / c.y;
          break;
        case nclusterid_z:
          v = g.z / c.z;
          break;
        case cluster_ctaid_x:
          v = b.id.x % c.x;
          break;
        case cluster_ctaid_y:
          v = b.id.y % c.y;
          break;
        case cluster_ctaid_z:
          v = b.id.z % c.z;
          break;
        case cluster_nctaid_x:
          v = c.x;
          break;
        case cluster_nctaid_y:
          v = c.y;
          break;
        case cluster_nctaid_z:
          v = c.z;
          break;
        case cluster_ctarank:
          v = b.rank;
          break;
        case cluster_nctarank:
          v = c.x * c.y * c.z;
          break;
        case is_explicit_cluster:
          v = c.x * c.y * c.z > 1;
          break;
        case dynamic_smem_size:
          v = L.dynamic_shared;
          break;
        case total_smem_size:
          v = b.shared_end - shared_start;
          break;
        default:
          break;
      }
      if (sp.at.bytes == 1)
        *w.at<u32>(sp.at) = v ? ~0u : 0u;
      else
        set_lane(w, sp.at, l, v);
    }
    w.wr[sp.at.wr] = ~0u;
  }
}

void start_warp(Warp& w, Block& b, int index, u32 threads) {
  const Code& c = *b.grid->code;
  w.block = &b;
  w.code = &c;
  w.index = index;
  if (w.memory.size() < c.register_bytes + 64) {
    w.memory.assign(c.register_bytes + c.register_bytes / 4 + 128, 0xff);  // NaNs
  }
  w.base[0] = reinterpret_cast<u8*>((reinterpret_cast<u64>(w.memory.data()) + 63) / 64 * 64);
  w.base[1] = const_cast<u8*>(c.pool.data());
  w.written.assign(c.registers + 1, b.grid->machine.poison ? 0u : ~0u);
  w.wr = w.written.data();
  w.wr[0] = ~0u;
  w.local.assign(static_cast<std::size_t>(c.local_bytes) * 32, 0xc5);
  const u32 n = std::min<u32>(32, threads - static_cast<u32>(index) * 32);
  w.live = w.mask = n == 32 ? ~0u : (1u << n) - 1;
  w.pc = 0;
  w.wait = Wait::ready;
  w.poll = w.stop = 0;
  w.others.clear();
  w.copies.clear();
  std::fill(std::begin(w.committed), std::end(w.committed), 0u);
  std::fill(std::begin(w.bulk_committed), std::end(w.bulk_committed), 0u);
  w.products.clear();
  w.product_groups = 0;
  w.products_issued = 0;
  w.product_clocks.clear();
  w.fenced = false;
  w.proxy_fence_time = 0;
  w.spins = 0;
  w.retry = 0;
  w.waited = !b.grid->dependent;
  w.registers = static_cast<u32>(b.grid->kernel->registers);
  w.dirty = nullptr;
  if (c.has_wgmma) {
    w.fence_dirty.assign(c.registers + 1, 0);
    w.dirty = w.fence_dirty.data();
  }
  w.taint = ~0u;
  w.tainted_line = w.loaded_line = 0;
  w.clock.clear();
  global_start(w);
  fill_specials(w);
}

void start_block(Block& b, Grid& g, Cluster& c, u32 rank, Dim id) {
  const Launch& L = *g.launch;
  b.grid = &g;
  b.cluster = &c;
  b.rank = rank;
  b.id = id;
  b.live = true;
  b.thread_count = L.block.x * L.block.y * L.block.z;
  b.warp_count = (b.thread_count + 31) / 32;
  b.warps_live = b.warp_count;
  b.shared_end = shared_start + g.code->static_shared + static_cast<u32>(L.dynamic_shared);
  const std::size_t size = (b.shared_end + 127) / 64 * 64;
  if (b.shared.size() < size) b.shared.assign(size, 0xff);
  b.init.assign(size, g.machine.poison ? 0 : 1);
  if (g.code->asynchronous) b.dirty.assign(size / 4, 0);
  if (g.machine.races) {
    b.shadow.assign(size, Shadow{});
    b.readers.clear();
  }
  for (auto& x : b.barriers) x = NamedBarrier{};
  b.mbarriers.clear();
  b.unread = 0;
  ++b.version;
  b.free_registers = 0;
  while (b.warps.size() < b.warp_count) b.warps.push_back(std::make_unique<Warp>());
  for (u32 k = 0; k < b.warp_count; ++k)
    start_warp(*b.warps[k], b, static_cast<int>(k), b.thread_count);
}

// The next group of the warp to run: the ready one with the smallest pc. False: none.
bool choose(Warp& w) {
  // merge groups at one pc
  for (std::size_t a = 0; a < w.others.size(); ++a)
    for (std::size_t b = a + 1; b < w.others.size();) {
      if (w.others[a].pc == w.others[b].pc) {
        w.others[a].mask |= w.others[b].mask;
        w.others[a].state = 0;
        w.others.erase(w.others.begin() + static_cast<long>(b));
      } else
        ++b;
    }
  std::size_t best = w.others.size();
  for (std::size_t a = 0; a < w.others.size(); ++a)
    if (w.others[a].state == 0 && (best == w.others.size() || w.others[a].pc < w.others[best].pc))
      best = a;
  if (best == w.others.size()) return false;
  w.pc = w.others[best].pc;
  w.mask = w.others[best].mask;
  w.others.erase(w.others.begin() + static_cast<long>(best));
  return true;
}
void put(Warp& w, u32 pc, u32 mask, u8 state) {
  if (mask) w.others.push_back({pc, mask, state});
}
u32 lowest_other(Warp& w) {
  u32 r = ~0u;
  for (auto& g : w.others)
    if (g.pc < r) r = g.pc;
  return r;
}

void warp_done(Warp& w, const Ins& i) {
  warp_ends(w, i);
  w.wait = Wait::done;
  Block& b = *w.block;
  Cluster& c = *b.cluster;
  ++c.progress;
  --b.warps_live;
  --c.live_warps;
  if (!b.warps_live) {
    block_ends(b);
    b.live = false;
  }
}

void release_barriers(Block& b);
void release_cluster(Cluster& c);

// No group of the warp is ready. Barriers of the warp that are waited for at several places? Else
// it hangs.
void resolve(Warp& w) {
  const Code& c = *w.code;
  for (auto& g : w.others) {
    if (g.state != 1) continue;
    const Ins& i = c.ins[g.pc];
    if (i.kind != Kind::member_sync || i.listed) continue;
    const bool barrier = c.line_text(i.line).find("bar.warp.sync") != std::string::npos;
    if (!barrier) continue;
    const u32 member = w.at<u32>(i.s[3])[lowest(g.mask)];
    u32 there = 0;
    for (auto& h : w.others) {
      const Ins& j = c.ins[h.pc];
      if (h.state == 1 && j.kind == Kind::member_sync && j.fn == i.fn &&
          w.at<u32>(j.s[3])[lowest(h.mask)] == member)
        there |= h.mask;
    }
    if ((member & w.live & ~there) == 0) {
      for (auto& h : w.others)
        if (h.mask & there) ++h.pc, h.state = 0;
      return;
    }
  }
  for (auto& g : w.others)
    if (g.state == 2) return;  // one polls: the warp waits with it
  const auto& g = w.others.front();
  const Ins& i = c.ins[g.pc];
  std::string all;
  for (auto& h : w.others) {
    char s[96];
    std::snprintf(s, sizeof s, "%s lanes 0x%08x at line %d", all.empty() ? "" : ",", h.mask,
                  c.ins[h.pc].line);
    all += s;
  }
  fail(w, i, lowest(g.mask), "%s: the warp cannot converge (%s; live 0x%08x)",
       i.kind == Kind::aligned ? "an .aligned instruction is reached by part of a warp"
                               : "threads of a warp wait for others that do not come",
       all.c_str(), w.live);
}

// Runs a warp for at most `budget` instructions.
void run_slice(Warp& w, int budget) {
  const Code& code = *w.code;
  const Ins* const ins = code.ins.data();
  Grid& grid = *w.block->grid;
  w.poll = w.stop = 0;
  for (auto& g : w.others)
    if (g.state == 2) g.state = 0;
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
      put(w, pc, mask, 0);
      if (!switch_group()) break;
    }
    const Ins& i = ins[pc];
    u32 m = mask;
    if (i.guarded) {
      m &= predicate(w, i, i.guard, mask);
      if (!m) {
        ++pc;
        continue;
      }
    }
    ++grid.time;
    w.now = &i;
    lanes += static_cast<u64>(__builtin_popcount(m));
    switch (i.kind) {
      case Kind::plain:
        i.fn(w, i, m);
        ++pc;
        if (__builtin_expect(w.taint != ~0u, 0)) w.taint = ~0u;
        if (__builtin_expect(w.poll, 0)) {
          if (w.others.empty()) {
            leave();
            goto end;
          }
          put(w, pc, mask, 2);
          w.poll = 0;
          w.stop = 1;
          if (!switch_group()) {
            goto end;
          }
        }
        break;
      case Kind::branch: {
        const u32 to = static_cast<u32>(i.imm);
        if (m == mask) {
          // A loop that others of the warp may have to end: let them run now and then.
          if (to <= pc && !w.others.empty() && ++w.spins > 20000) {
            w.spins = 0;
            put(w, to, mask, 2);
            if (!switch_group()) goto end;
            break;
          }
          pc = to;
        } else {
          put(w, to, m, 0);
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
          if (g.state == 1) g.state = 0;  // may now be complete
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
        const u32* member = in<u32>(w, i, i.s[3], m);
        bool complete = true;
        for (u32 k = m; k && complete;) {
          const u32 x = member[lowest(k)];
          if (!(x >> lowest(k) & 1))
            fail(w, i, lowest(k), "the member mask 0x%08x does not name the thread itself", x);
          if (x & w.live & ~m) complete = false;
          k &= ~x;
        }
        if (!complete) {
          put(w, pc, mask, 1);
          if (!switch_group()) goto end;
          break;
        }
        for (u32 k = m; k;) {
          const u32 x = member[lowest(k)];
          for (u32 y = k & x; y; y &= y - 1)
            if (member[lowest(y)] != x)
              fail(w, i, lowest(y), "member masks differ among the members");
          i.fn(w, i, k & x);
          k &= ~x;
        }
        w.taint = ~0u;
        ++pc;
        break;
      }
      case Kind::aligned:
        if (m != w.live) {
          if (m != mask && mask == w.live)
            fail(w, i, lowest(m),
                 "an .aligned instruction is executed by part of a warp (lanes 0x%08x of 0x%08x)",
                 m, w.live);
          put(w, pc, mask, 1);
          if (!switch_group()) goto end;
          break;
        }
        i.fn(w, i, m);
        w.taint = ~0u;
        if (w.retry) {
          w.retry = 0;
          leave();
          goto end;
        }
        ++pc;
        if (w.wait != Wait::ready || w.poll) {
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

void release_one(Block& b, NamedBarrier& n) {
  // happens-before: everyone who came before everyone who waits
  if (!b.warps[0]->clock.empty()) {
    std::vector<u32> all;
    for (u32 k = 0; k < b.warp_count; ++k)
      if (n.arrivals >> k & 1) clock_join(all, b.warps[k]->clock);
    for (u32 k = 0; k < b.warp_count; ++k) {
      if (n.waiting >> k & 1) clock_join(b.warps[k]->clock, all);
      if (n.arrivals >> k & 1) clock_tick(*b.warps[k]);
    }
  }
  global_barrier(b, n.arrivals, n.waiting);
  u8 waited = 0;
  for (u32 k = 0; k < b.warp_count; ++k)
    if (n.arrivals >> k & 1) waited |= b.warps[k]->waited;
  for (u32 k = 0; k < b.warp_count; ++k)
    if (n.waiting >> k & 1) b.warps[k]->waited |= waited;
  for (u32 k = 0; k < b.warp_count; ++k)
    if (n.waiting >> k & 1) b.warps[k]->wait = Wait::ready;
  n = NamedBarrier{};
}
void release_barriers(Block& b) {  // a warp has ended: barriers of the whole block expect fewer
  for (auto& n : b.barriers)
    if (n.arrived && n.expected == 0) {
      u32 live = 0;
      for (u32 k = 0; k < b.warp_count; ++k)
        if (b.warps[k]->wait != Wait::done) live |= 1u << k;
      if ((live & ~n.arrivals) == 0) release_one(b, n);
    }
}
void release_cluster(Cluster& c) {
  u32 here = 0;
  std::size_t at = 0;
  for (auto* b : c.blocks)
    for (u32 k = 0; k < b->warp_count; ++k, ++at)
      if (b->warps[k]->wait != Wait::done && c.arrived[at] != 0) ++here;
  if (here < c.live_warps || !here) return;
  ++c.phase;
  at = 0;
  std::vector<u32> all, known;
  for (auto* b : c.blocks)
    for (u32 k = 0; k < b->warp_count; ++k) clock_join(all, b->warps[k]->clock);
  if (c.grid->races) {
    for (auto* b : c.blocks)
      for (u32 k = 0; k < b->warp_count; ++k) {
        global_fence(*b->warps[k]);
        clock_join(known, b->warps[k]->fenced_known);
      }
    for (auto* b : c.blocks)
      for (u32 k = 0; k < b->warp_count; ++k) clock_join(b->warps[k]->known, known);
  }
  for (auto* b : c.blocks)
    for (u32 k = 0; k < b->warp_count; ++k, ++at) {
      Warp& w = *b->warps[k];
      if (w.wait == Wait::done) continue;
      // 1 arrived, 2 arrived and waits, 3 passed: may wait at once
      if (c.arrived[at] == 2) {
        w.wait = Wait::ready;
        c.arrived[at] = 0;
        if (!w.clock.empty()) {
          clock_join(w.clock, all);
          clock_tick(w);
        }
      } else
        c.arrived[at] = 3;
    }
  ++c.progress;
}

}  // namespace

void barrier_arrive(Warp& w, const Ins& i, u32 id, u32 count, bool wait) {
  Block& b = *w.block;
  NamedBarrier& n = b.barriers[id];
  if (n.arrivals == 0)
    n.expected = count;
  else if (n.expected != count)
    fail(w, i, lowest(w.live), "barrier %u is reached with count %u, but others expect %u", id,
         count, n.expected);
  if (n.arrivals >> w.index & 1)
    fail(w, i, lowest(w.live), "warp %d arrives twice at barrier %u", w.index, id);
  if (count > b.warp_count * 32)
    fail(w, i, lowest(w.live), "barrier %u waits for %u threads, and the block has %u", id, count,
         b.thread_count);
  n.arrivals |= 1u << w.index;
  n.arrived += 32;
  if (wait) {
    n.waiting |= 1u << w.index;
    w.wait = Wait::bar;
  }
  ++b.cluster->progress;
  if (count) {
    if (n.arrived == count) release_one(b, n);
  } else
    release_barriers(b);
}

void cluster_arrive(Warp& w, const Ins& i) {
  Cluster& c = *w.block->cluster;
  u8& a = c.arrived[w.block->rank * w.block->warp_count + static_cast<u32>(w.index)];
  if (a) fail(w, i, lowest(w.live), "a second barrier.cluster.arrive without a wait between");
  a = 1;
  ++c.progress;
  release_cluster(c);
}
void cluster_wait(Warp& w, const Ins& i) {
  Cluster& c = *w.block->cluster;
  u8& a = c.arrived[w.block->rank * w.block->warp_count + static_cast<u32>(w.index)];
  if (a == 0) fail(w, i, lowest(w.live), "barrier.cluster.wait without an arrive before");
  if (a == 3) {
    a = 0;
    if (!w.clock.empty())
      for (auto* b : c.blocks)
        for (u32 k = 0; k < b->warp_count; ++k) clock_join(w.clock, b->warps[k]->clock);
    return;
  }
  a = 2;
  w.wait = Wait::cluster;
}

// Blocks of launches that have ended, for the next: their memory is not fetched anew.
namespace {
std::mutex spare_lock;
std::vector<std::unique_ptr<Block>> spare;
std::size_t spare_bytes = 0;
std::size_t bytes_of(const Block& b) {
  std::size_t n = b.shared.capacity() * 4;
  for (auto& w : b.warps) n += w->memory.capacity() + w->written.capacity() * 4;
  return n;
}
struct Blocks {
  std::vector<std::unique_ptr<Block>> all;
  Block* get() {
    const std::lock_guard lock(spare_lock);
    if (spare.empty())
      all.push_back(std::make_unique<Block>());
    else {
      spare_bytes -= bytes_of(*spare.back());
      all.push_back(std::move(spare.back()));
      spare.pop_back();
    }
    return all.back().get();
  }
  ~Blocks() {
    const std::lock_guard lock(spare_lock);
    for (auto& b : all) {
      const std::size_t n = bytes_of(*b);
      if (spare_bytes + n > (std::size_t{256} << 20)) continue;
      spare_bytes += n;
      spare.push_back(std::move(b));
    }
  }
};
}  // namespace

Statistics launch(const Kernel& kernel, const Launch& launch) {
  Grid g;
  g.kernel = &kernel;
  g.code = kernel.code.get();
  g.launch = &launch;
  g.machine = machine();
  g.random = g.machine.seed * 0x9e3779b97f4a7c15ull + 0x1234567;
  if (!g.random) g.random = 1;
  for (int k = 0; k < 8; ++k) g.next();
  g.map = regions();
  // The clocks go on from launch to launch, and never back.
  static std::atomic<u64> latest{0};
  g.start_ns = std::max(latest.load(),
                        static_cast<u64>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                             std::chrono::steady_clock::now().time_since_epoch())
                                             .count()));
  struct Leave {
    Grid& g;
    std::atomic<u64>& latest;
    ~Leave() { latest = std::max(latest.load(), g.start_ns + g.time * 2 + g.extra_ns); }
  } leave_time{g, latest};
  if (g.machine.dependents) {
    g.dependent = launch.dependent;
    g.written = written_of(launch.chain, launch.dependent);
  }
  // Parameters, aligned for tensor maps.
  g.param_bytes = kernel.parameter_bytes;
  std::vector<u8> params(g.param_bytes + 256);
  u8* p = reinterpret_cast<u8*>((reinterpret_cast<u64>(params.data()) + 127) / 128 * 128);
  if (g.param_bytes) std::memcpy(p, launch.parameters, g.param_bytes);
  g.params = p;

  const auto refuse = [&](const std::string& what) {
    throw Fault("launch of " + kernel.name + ": " + what);
  };
  Launch L = launch;
  g.launch = &L;
  const u64 threads = static_cast<u64>(L.block.x) * L.block.y * L.block.z;
  if (!threads || threads > 1024) refuse("a block of " + std::to_string(threads) + " threads");
  if (static_cast<int>(threads) > kernel.max_threads)
    refuse(std::to_string(threads) + " threads, more than .maxntid " +
           std::to_string(kernel.max_threads));
  if (!L.grid.x || !L.grid.y || !L.grid.z) refuse("an empty grid");
  const Dim own = kernel.cluster;
  if (own.x) {
    const u32 asked = L.cluster.x * L.cluster.y * L.cluster.z;
    if (asked > 1 && (L.cluster.x != own.x || L.cluster.y != own.y || L.cluster.z != own.z))
      refuse("another cluster than .reqnctapercluster");
    L.cluster = own;
  }
  const u32 size = L.cluster.x * L.cluster.y * L.cluster.z;
  if (!size || size > 16) refuse("a cluster of " + std::to_string(size));
  if (L.grid.x % L.cluster.x || L.grid.y % L.cluster.y || L.grid.z % L.cluster.z)
    refuse("the grid is no multiple of the cluster");
  const std::size_t shared = g.code->static_shared + L.dynamic_shared;
  if (shared > g.machine.shared_per_block_optin)
    refuse(std::to_string(shared) + " bytes of shared memory");
  // How many blocks are resident
  const std::size_t reserved = g.machine.compute_capability >= 80 ? 1024 : 0;
  std::size_t per =
      static_cast<std::size_t>(g.machine.threads_per_multiprocessor) / ((threads + 31) / 32 * 32);
  if (shared + reserved)
    per = std::min(per, g.machine.shared_per_multiprocessor / (shared + reserved));
  per = std::min<std::size_t>(per, g.machine.compute_capability == 75   ? 16
                                   : g.machine.compute_capability == 86 ? 16
                                   : g.machine.compute_capability == 89 ? 24
                                                                        : 32);
  if (kernel.registers)
    per = std::min(per, static_cast<std::size_t>(g.machine.registers_per_multiprocessor) /
                            (static_cast<std::size_t>((kernel.registers + 7) / 8 * 8) *
                             ((threads + 31) / 32 * 32)));
  if (!per) refuse("a block does not fit on a multiprocessor");
  const std::size_t slots =
      std::max<std::size_t>(1, per * static_cast<std::size_t>(g.machine.multiprocessors) / size);

  if (g.machine.races)
    g.races = make_global_races(static_cast<u64>(L.grid.x) * L.grid.y * L.grid.z,
                                slots * size * ((threads + 31) / 32));
  const Dim cd{L.grid.x / L.cluster.x, L.grid.y / L.cluster.y, L.grid.z / L.cluster.z};
  const u64 total = static_cast<u64>(cd.x) * cd.y * cd.z;
  std::vector<std::unique_ptr<Cluster>> clusters(std::min<u64>(slots, total));
  Blocks blocks;
  u64 started = 0, finished = 0;
  const auto start = [&](Cluster& c) {
    const u64 n = started++;
    c.grid = &g;
    c.id = n;
    c.live = true;
    c.pending.clear();
    c.arrived_warps = c.waiting = c.phase = 0;
    c.progress = c.stuck_rounds = 0;
    c.live_warps = 0;
    const Dim at{static_cast<unsigned>(n % cd.x), static_cast<unsigned>(n / cd.x % cd.y),
                 static_cast<unsigned>(n / cd.x / cd.y)};
    for (u32 r = 0; r < size; ++r) {
      const Dim id{at.x * L.cluster.x + r % L.cluster.x,
                   at.y * L.cluster.y + r / L.cluster.x % L.cluster.y,
                   at.z * L.cluster.z + r / L.cluster.x / L.cluster.y};
      start_block(*c.blocks[r], g, c, r, id);
      c.live_warps += c.blocks[r]->warp_count;
    }
    c.arrived.assign(c.live_warps, 0);
    if (g.machine.races)
      for (auto* b : c.blocks)
        for (u32 k = 0; k < b->warp_count; ++k) {
          b->warps[k]->clock.assign(c.live_warps, 0);
          b->warps[k]->clock[b->rank * b->warp_count + k] = 1;
        }
  };
  for (auto& c : clusters) {
    c = std::make_unique<Cluster>();
    for (u32 r = 0; r < size; ++r) c->blocks.push_back(blocks.get());
    start(*c);
  }
  std::vector<u32> order(clusters.size());
  for (u32 k = 0; k < order.size(); ++k) order[k] = k;
  u64 idle_rounds = 0;
  std::chrono::steady_clock::time_point idle_since{};
  std::vector<Warp*> ready;
  while (finished < total) {
    for (std::size_t k = order.size(); k > 1; --k) std::swap(order[k - 1], order[g.next() % k]);
    bool any = false;
    for (const u32 ci : order) {
      Cluster& c = *clusters[ci];
      if (!c.live) continue;
      const u64 before = c.progress;
      bool slept = false;
      ready.clear();
      for (auto* b : c.blocks)
        if (b->live)
          for (u32 k = 0; k < b->warp_count; ++k) ready.push_back(b->warps[k].get());
      for (std::size_t k = ready.size(); k > 1; --k) std::swap(ready[k - 1], ready[g.next() % k]);
      for (Warp* w : ready) {
        if (w->wait != Wait::ready || !w->block->live) continue;
        int budget = 200 + static_cast<int>(g.next() & 255);
        if (g.machine.async == Machine::Async::random) {  // some wait long, some take small steps
          const u64 x = g.next();
          if (x % 8 == 0) {
            slept = true;
            continue;
          }
          if (x % 8 < 3) budget = 1 + static_cast<int>(x >> 8 & 15);
        }
        const u64 progress = c.progress;
        run_slice(*w, budget);
        if (budget < 200 && c.progress == progress + 1) {
          --c.progress;
          slept = true;
        }  // a step of a loop that polls, perhaps
        if (g.machine.async == Machine::Async::random && !c.pending.empty()) random_steps(c);
        if (g.machine.instruction_limit &&
            g.stats.warp_instructions > g.machine.instruction_limit) {
          const Ins& i = w->code->ins[std::min<std::size_t>(w->pc, w->code->ins.size() - 1)];
          fail(*w, i, 0, "hang: %llu warp instructions, the limit of a launch",
               static_cast<unsigned long long>(g.stats.warp_instructions));
        }
      }
      if (!c.live_warps) {
        cluster_ends(c);
        c.live = false;
        ++finished;
        any = true;
        if (started < total) start(c);
        continue;
      }
      if (c.progress != before) {
        c.stuck_rounds = c.slept_rounds = 0;
        any = true;
        continue;
      }
      if (slept && ++c.slept_rounds < 100) {
        any = true;
        continue;
      }
      if (++c.stuck_rounds >= 2 && complete_one(c)) {
        c.stuck_rounds = 0;
        any = true;
      }
    }
    if (any) {
      idle_rounds = 0;
      g.atomic_polled = false;
      continue;
    }
    // Nobody moves. A host thread may yet; or a clock runs out.
    ++idle_rounds;
    g.extra_ns += 200;
    if (idle_rounds == 4) idle_since = std::chrono::steady_clock::now();
    if (idle_rounds > (g.atomic_polled ? 20000u : 4u)) {
      if (g.waits_for_host) {
        std::this_thread::yield();
        const double s =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - idle_since).count();
        g.extra_ns = std::max<u64>(g.extra_ns, static_cast<u64>(s * 1e9));
        if (s < 3.0) continue;
      }
      std::string all = "deadlock in kernel " + kernel.name + ": every warp waits\n";
      int shown = 0;
      for (auto& c : clusters) {
        if (!c->live) continue;
        for (auto* b : c->blocks)
          for (u32 k = 0; k < b->warp_count; ++k) {
            Warp& w = *b->warps[k];
            if (w.wait == Wait::done || ++shown > 24) continue;
            u32 pc = w.mask ? w.pc : w.others.empty() ? 0 : w.others[0].pc;
            const bool at_barrier = w.wait != Wait::ready && pc;
            const Ins& i = w.code->ins[pc - (at_barrier ? 1 : 0)];
            all += "  block (" + std::to_string(b->id.x) + "," + std::to_string(b->id.y) + "," +
                   std::to_string(b->id.z) + ") warp " + std::to_string(k) + ": PTX line " +
                   std::to_string(i.line) + " '" + w.code->line_text(i.line) + "'\n";
          }
      }
      throw Fault(all);
    }
  }
  return g.stats;
}

}  // namespace roofproof::ptx
