// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/ptx/machine/barriers.h"

#include <algorithm>

#include "tests/ptx/machine/races.h"

namespace roofproof::ptx {
namespace {

bool contains(u32 warps, u32 k) { return warps >> k & 1; }

// Everything before the barrier, of the warps that came, is ordered before what follows it in the
// warps that wait.
void release(Block& b, NamedBarrier& n) {
  if (!b.warps[0]->clock.empty()) {
    std::vector<u32> all;
    for (u32 k = 0; k < b.warp_count; ++k)
      if (contains(n.arrivals, k)) clock_join(all, b.warps[k]->clock);
    for (u32 k = 0; k < b.warp_count; ++k) {
      if (contains(n.waiting, k)) clock_acquire(*b.warps[k], all);
      if (contains(n.arrivals, k)) clock_tick(*b.warps[k]);
    }
  }
  global_barrier(b, n.arrivals, n.waiting);
  u8 dependency_waited = 0;
  u32 cluster_phase = 0;
  for (u32 k = 0; k < b.warp_count; ++k)
    if (contains(n.arrivals, k)) {
      dependency_waited |= b.warps[k]->dependency_waited;
      cluster_phase = std::max(cluster_phase, b.warps[k]->cluster_phase);
    }
  for (u32 k = 0; k < b.warp_count; ++k)
    if (contains(n.waiting, k)) {
      Warp& w = *b.warps[k];
      w.dependency_waited |= dependency_waited;
      w.cluster_phase = std::max(w.cluster_phase, cluster_phase);
      w.wait = Wait::ready;
    }
  n = NamedBarrier{};
}

template <class F>
void for_warps(Cluster& c, F f) {
  for (auto* b : c.blocks)
    for (u32 k = 0; k < b->warp_count; ++k) f(*b->warps[k]);
}

void pass(Cluster& c, Warp& w) {
  c.arrival(w) = Arrival::none;
  w.cluster_phase = c.phase;
}

}  // namespace

void barrier_arrive(Warp& w, const Instruction& i, u32 id, u32 count, bool wait) {
  Block& b = *w.block;
  NamedBarrier& n = b.barriers[id];
  if (n.arrivals == 0)
    n.expected = count;
  else if (n.expected != count)
    fail(w, i, lowest(w.live), "barrier %u is reached with count %u, but others expect %u", id,
         count, n.expected);
  if (contains(n.arrivals, static_cast<u32>(w.index)))
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
    if (n.arrived == count) release(b, n);
  } else
    release_barriers(b);
}

void release_barriers(Block& b) {
  for (auto& n : b.barriers)
    if (n.arrived && n.expected == 0) {
      u32 live = 0;
      for (u32 k = 0; k < b.warp_count; ++k)
        if (b.warps[k]->wait != Wait::done) live |= 1u << k;
      if ((live & ~n.arrivals) == 0) release(b, n);
    }
}

void barriers_at_block_end(Block& b) {
  for (u32 k = 0; k < std::size(b.barriers); ++k)
    if (b.barriers[k].arrived) {
      Warp& w = *b.warps[static_cast<u32>(lowest(b.barriers[k].arrivals))];
      fail(w, w.code->instructions.back(), 0,
           "the block ends with barrier %u incomplete (%u of %u threads)", k, b.barriers[k].arrived,
           b.barriers[k].expected);
    }
}

void cluster_arrive(Warp& w, const Instruction& i, bool relaxed) {
  Cluster& c = *w.block->cluster;
  Arrival& a = c.arrival(w);
  if (a != Arrival::none)
    fail(w, i, lowest(w.live), "a second barrier.cluster.arrive without a wait between");
  if (!relaxed) fence_mbarrier_init(w);
  for (auto& m : w.block->mbarriers)
    if (m.initialiser == &w && !m.fenced) m.visible_phase = c.phase + 2;
  a = Arrival::arrived;
  ++c.progress;
  release_cluster(c);
}

void cluster_wait(Warp& w, const Instruction& i) {
  Cluster& c = *w.block->cluster;
  Arrival& a = c.arrival(w);
  if (a == Arrival::none)
    fail(w, i, lowest(w.live), "barrier.cluster.wait without an arrive before");
  if (a != Arrival::passed) {
    a = Arrival::waits;
    w.wait = Wait::cluster;
    return;
  }
  pass(c, w);
  for_warps(c, [&](Warp& v) { clock_acquire(w, v.clock); });
  clock_tick(w);
}

void require_started(Warp& w, const Instruction& i, int lane, const Block& b) {
  if (!w.cluster_phase)
    fail(w, i, lane,
         "shared memory of block rank %u of the cluster is touched with no barrier of the cluster "
         "before: that block may not have started",
         b.rank);
}

void require_visible(Warp& w, const Instruction& i, int lane, const Block& b, const Mbarrier& m) {
  if (w.cluster_phase < m.visible_phase)
    fail(w, i, lane,
         "the mbarrier at shared offset %u of block rank %u is used with no barrier of the cluster "
         "since mbarrier.init and fence.mbarrier_init: it may not be initialised yet",
         m.offset - b.shared_begin, b.rank);
}

void require_known_to_copies(Warp& w, const Instruction& i, int lane, const Block& b,
                             const Mbarrier& m) {
  const Warp& initialiser = *m.initialiser;
  const u64 fence_time =
      std::max({initialiser.mbarrier_fence_time, initialiser.proxy_fence_time, w.proxy_fence_time});
  if (fence_time < m.initialised_time)
    fail(w, i, lane,
         "a copy is to complete on the mbarrier at shared offset %u of block rank %u, with no "
         "fence.mbarrier_init or fence.proxy.async since mbarrier.init",
         m.offset - b.shared_begin, b.rank);
}

void fence_mbarrier_init(Warp& w) {
  for (auto& m : w.block->mbarriers)
    if (m.initialiser == &w) m.fenced = true;
}

void note_remote_access(Warp& w, const Instruction& i, Block& b) {
  RemoteAccess& r = b.remote_accesses[w.block->rank];
  r.last_time = w.block->grid->time;
  r.phase = b.cluster->next_phase(w);
  r.line = i.line;
}

void remote_accesses_at_block_end(Block& b) {
  u32 phase = 0;
  for (u32 k = 0; k < b.warp_count; ++k) phase = std::max(phase, b.warps[k]->cluster_phase);
  for (u32 rank = 0; rank < b.remote_accesses.size(); ++rank) {
    const RemoteAccess& r = b.remote_accesses[rank];
    if (r.last_time > r.observed_time && phase < r.phase)
      fail(*b.warps[0], b.warps[0]->code->instructions.back(), 0,
           "the block (rank %u) ends though nothing orders that behind the access of block rank %u "
           "to its shared memory (PTX line %d)",
           b.rank, rank, r.line);
  }
}

void release_cluster(Cluster& c) {
  u32 here = 0;
  for_warps(c, [&](Warp& w) { here += w.wait != Wait::done && c.arrival(w) != Arrival::none; });
  if (here < c.live_warps || !here) return;
  ++c.phase;
  std::vector<u32> all;
  for_warps(c, [&](Warp& w) { clock_join(all, w.clock); });
  if (c.grid->races) {
    std::vector<u32> known;
    for_warps(c, [&](Warp& w) {
      global_fence(w);
      clock_join(known, w.fenced_known);
    });
    for_warps(c, [&](Warp& w) { clock_join(w.known, known); });
  }
  for_warps(c, [&](Warp& w) {
    if (w.wait == Wait::done) return;
    if (c.arrival(w) != Arrival::waits) {
      c.arrival(w) = Arrival::passed;
      return;
    }
    w.wait = Wait::ready;
    pass(c, w);
    clock_acquire(w, all);
    clock_tick(w);
  });
  ++c.progress;
}

}  // namespace roofproof::ptx
