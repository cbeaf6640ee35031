// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Work that takes effect later: cp.async, bulk copies, tensor copies; and the mbarriers that tell
// of it.
#include <algorithm>

#include "tests/ptx/machine/internal.h"
#include "tests/ptx/machine/tensor_map.h"

namespace roofproof::ptx {
namespace {

using Async = Machine::Async;

u64 address_of(Warp& w, const Ins& i, const Src& s, s64 offset, int lane, u32 m) {
  check(w, i, s, m);
  const u64 v = lane_u(w, s, lane);
  return s.bytes == 8 ? v + static_cast<u64>(offset)
                      : static_cast<u32>(v + static_cast<u64>(offset));
}

void landed(Block& b, u32 offset, u32 bytes) {  // written by the async proxy
  std::memset(&b.init[offset], 1, bytes);
  ++b.version;
  if (!b.dirty.empty())
    for (u32 k = offset / 4; k < (offset + bytes + 3) / 4; ++k) b.dirty[k] = 0;
}

void do_copy(Warp& w, CpAsync& c, u32 lanes) {
  Block& b = *w.block;
  for (u32 k = lanes & c.mask; k; k &= k - 1) {
    const int l = lowest(k);
    u8* d = &b.shared[c.dst[l]];
    const u32 n = c.source_bytes[l];
    if (n)
      std::memcpy(d, global_range(w, *c.ins, l, c.src[l], n, 1, false, "the source of cp.async"),
                  n);
    std::memset(d + n, 0, c.bytes - n);
    shared_written(w, b, c.dst[l], c.bytes);
  }
  c.mask &= ~lanes;
}

}  // namespace

void start_copy(Warp& w, CpAsync&& c) {
  Grid& g = *w.block->grid;
  if (g.machine.races)
    for (u32 k = c.mask; k; k &= k - 1)
      race_write(w, *c.ins, lowest(k), *w.block, c.dst[lowest(k)], c.bytes);
  if (g.machine.async == Async::early || (g.machine.async == Async::random && g.next() % 4 == 0)) {
    do_copy(w, c, ~0u);
    return;
  }
  for (u32 k = c.mask; k; k &= k - 1) {
    const u32 at = c.dst[lowest(k)];
    u8* init = &w.block->init[at];
    for (u32 x = 0; x < c.bytes; ++x)
      if (init[x] == 2)
        fail(w, *c.ins, lowest(k), "two copies in flight write shared offset %u",
             at + x - shared_start);
    std::memset(init, 2, c.bytes);
  }
  ++w.block->version;
  w.copies.push_back(std::move(c));
  if (g.machine.async == Async::random && g.next() % 2 == 0) {
    const auto at = static_cast<long>(g.next() % w.copies.size());
    do_copy(w, w.copies[static_cast<std::size_t>(at)], ~0u);
    w.copies.erase(w.copies.begin() + at);
  }
}

// Completes the copies of lanes in `mask` of all but their latest `leave` groups; -1: uncommitted
// ones too.
void finish_copies(Warp& w, const Ins&, u32 mask, s64 leave) {
  for (auto& c : w.copies) {
    u32 now = 0;
    for (u32 k = c.mask & mask; k; k &= k - 1) {
      const int l = lowest(k);
      if (static_cast<s64>(c.group[l]) < static_cast<s64>(w.committed[l]) - leave) now |= 1u << l;
    }
    if (now) do_copy(w, c, now);
  }
  std::erase_if(w.copies, [](auto& c) { return c.mask == 0; });
}

void async_shared_read(Warp& w, const Ins& i, int lane, Block& b, u32 offset, u32 bytes,
                       const char* what) {
  if (offset < shared_start || offset + bytes > b.shared_end)
    fail(w, i, lane, "%s reads shared memory out of bounds: %u bytes at offset %d of %u", what,
         bytes, static_cast<int>(offset) - static_cast<int>(shared_start),
         b.shared_end - shared_start);
  Grid& g = *b.grid;
  if (bytes == 16 && offset % 16 == 0 && !b.dirty.empty()) {  // the frequent case of nothing to say
    u64 x[2], d[4];
    std::memcpy(x, &b.init[offset], 16);
    std::memcpy(d, &b.dirty[offset / 4], 32);
    if ((x[0] & x[1]) == 0x0101010101010101 && (x[0] | x[1]) == 0x0101010101010101 &&
        !(d[0] | d[1] | d[2] | d[3]))
      return;
  }
  if (!b.dirty.empty()) {
    for (u32 k = offset / 4; k < (offset + bytes + 3) / 4; ++k) {
      const u64 d = b.dirty[k];
      if (!d) continue;
      const u64 t = d >> 10;
      const Block* wb =
          b.cluster->blocks[std::min<std::size_t>(d >> 5 & 31, b.cluster->blocks.size() - 1)];
      if (wb->warps[d & 31]->proxy_fence_time >= t) {
        b.dirty[k] = 0;
        continue;
      }
      if (wb->warps[d & 31]->proxy_fence_time < t && w.proxy_fence_time < t)
        fail(w, i, lane,
             "%s reads shared offset %u, which warp %u wrote with no fence.proxy.async since", what,
             k * 4 - shared_start, static_cast<u32>(d & 31));
    }
  }
  if (g.machine.poison) {
    for (u32 k = 0; k < bytes; ++k)
      if (b.init[offset + k] != 1)
        fail(w, i, lane, "%s reads shared offset %u, %s", what, offset + k - shared_start,
             b.init[offset + k] == 2 ? "which an asynchronous copy may still write"
                                     : "which was never written");
  }
}

void mbarrier_progress(Block& b, Mbarrier& m, Warp* w, const Ins* i) {
  (void)w;
  (void)i;
  ++b.cluster->progress;
  if (m.pending == 0 && m.tx == 0) {
    m.phase ^= 1;
    m.pending = m.expected;
    m.clock_done = m.clock;
    m.waited_done |= m.waited;
  }
}

void complete_tx(Block& b, u32 offset, u32 bytes, const AsyncOp& op) {
  Mbarrier* m = b.find_barrier(offset);
  if (!m)
    fail(*op.warp, *op.ins, op.lane,
         "a copy completes on shared offset %u of rank %u, where no mbarrier was initialised",
         offset - shared_start, b.rank);
  m->tx -= static_cast<s32>(bytes);
  if (m->tx < -1048575)
    fail(*op.warp, *op.ins, op.lane, "the transaction count of an mbarrier runs below its range");
  clock_join(m->clock, op.clock);
  mbarrier_progress(b, *m, op.warp, op.ins);
}

namespace {

const u8* map_pointer(const AsyncOp& op) {
  const u64 a = op.map;
  Warp& w = *op.warp;
  if ((a & window_mask) == param_window) {
    const u64 at = a - param_window;
    if (at + 128 > w.block->grid->param_bytes)
      fail(w, *op.ins, op.lane, "the tensor map lies outside the parameters");
    return w.block->grid->params + at;
  }
  return global_range(w, *op.ins, op.lane, a, 128, 64, false, "the tensor map");
}

TensorMap map_of(const AsyncOp& op) {
  const u8* p = map_pointer(op);
  if (reinterpret_cast<u64>(p) % 64)
    fail(*op.warp, *op.ins, op.lane, "the tensor map is not aligned to 64 bytes");
  TensorMap t;
  std::memcpy(&t, p, sizeof t);
  if (t.magic != TensorMap::right) fail(*op.warp, *op.ins, op.lane, "this is no tensor map");
  return t;
}

u32 swizzled(u32 address, int mode) {  // on addresses of shared memory
  switch (mode) {
    case 3:
      return address ^ (address >> 3 & 0x70);
    case 2:
      return address ^ (address >> 3 & 0x30);
    case 1:
      return address ^ (address >> 3 & 0x10);
    default:
      return address;
  }
}

// Row by row of a box: row number, address of its first element in the tensor, and which of its
// elements exist.
template <class F>
void rows(const TensorMap& t, const s32* at, F f) {
  u32 n[5] = {0, 0, 0, 0, 0};
  u32 row = 0;
  while (true) {
    bool inside = true;
    s64 address = 0;
    for (int d = 1; d < t.rank; ++d) {
      const s64 x = static_cast<s64>(at[d]) + n[d];
      inside &= x >= 0 && x < static_cast<s64>(t.dims[d]);
      address += x * static_cast<s64>(t.strides[d - 1]);
    }
    s64 from = std::max<s64>(0, -static_cast<s64>(at[0])),
        to = std::min<s64>(t.box[0], static_cast<s64>(t.dims[0]) - at[0]);
    if (!inside || to < from) from = to = 0;
    f(row,
      static_cast<u64>(static_cast<s64>(t.address) + address + static_cast<s64>(at[0]) * t.element),
      static_cast<u32>(from), static_cast<u32>(to));
    ++row;
    int d = 1;
    while (d < t.rank && ++n[d] == t.box[d]) n[d++] = 0;
    if (d >= t.rank) break;
  }
}

// Reads the source of a store.
void read_store(AsyncOp& op) {
  if (op.read_done) return;
  op.read_done = true;
  Block& b = *op.issuer;
  --b.unread;
  const u32 at = static_cast<u32>(op.source);
  op.data.resize(op.bytes);
  if (op.kind == AsyncOp::tensor_store) {
    const TensorMap t = map_of(op);
    // What lies outside the tensor is not stored, and may be anything.
    const u32 pitch = static_cast<u32>(t.box[0]) * t.element;
    if (at < shared_start || at + op.bytes > b.shared_end)
      fail(*op.warp, *op.ins, op.lane,
           "a tensor store reads shared memory out of bounds: %u bytes at offset %d of %u",
           op.bytes, static_cast<int>(at) - static_cast<int>(shared_start),
           b.shared_end - shared_start);
    rows(t, op.at, [&](u32 row, u64, u32 first, u32 last) {
      for (u32 k = row * pitch + first * t.element, to = row * pitch + last * t.element; k < to;) {
        const u32 n = std::min(to - k, 16 - k % 16);
        async_shared_read(*op.warp, *op.ins, op.lane, b, swizzled(at + k, t.swizzle), n,
                          "a tensor store");
        k += n;
      }
    });
    for (u32 k = 0; k < op.bytes; k += 16)
      std::memcpy(&op.data[k], &b.shared[swizzled(at + k, t.swizzle)], 16);
  } else {
    async_shared_read(*op.warp, *op.ins, op.lane, b, at, op.bytes, "a bulk store");
    std::memcpy(op.data.data(), &b.shared[at], op.bytes);
  }
}

void perform(AsyncOp& op) {
  Warp& w = *op.warp;
  Cluster& c = *op.issuer->cluster;
  switch (op.kind) {
    case AsyncOp::bulk_load: {
      const u8* from = global_range(w, *op.ins, op.lane, op.source, op.bytes, 16, false,
                                    "the source of a bulk copy");
      for (u32 r = 0; r < c.blocks.size(); ++r) {
        if (!(op.ranks >> r & 1)) continue;
        Block& b = *c.blocks[r];
        std::memcpy(&b.shared[op.target], from, op.bytes);
        landed(b, static_cast<u32>(op.target), op.bytes);
        complete_tx(b, op.barrier, op.bytes, op);
      }
      break;
    }
    case AsyncOp::bulk_smem: {
      async_shared_read(w, *op.ins, op.lane, *op.issuer, static_cast<u32>(op.source), op.bytes,
                        "a bulk copy");
      for (u32 r = 0; r < c.blocks.size(); ++r) {
        if (!(op.ranks >> r & 1)) continue;
        Block& b = *c.blocks[r];
        std::memcpy(&b.shared[op.target], &op.issuer->shared[op.source], op.bytes);
        landed(b, static_cast<u32>(op.target), op.bytes);
        complete_tx(b, op.barrier, op.bytes, op);
      }
      break;
    }
    case AsyncOp::tensor_load: {
      const TensorMap t = map_of(op);
      const u32 pitch = static_cast<u32>(t.box[0]) * t.element;
      std::vector<u8> line(pitch);
      rows(t, op.at, [&](u32 row, u64 from, u32 first, u32 last) {
        std::memset(line.data(), t.fill ? 0xff : 0, pitch);
        if (last > first) {
          const u64 a = from + static_cast<u64>(first) * t.element;
          const u32 n = (last - first) * t.element;
          std::memcpy(&line[first * t.element],
                      global_range(w, *op.ins, op.lane, a, n, 1, false, "a tensor load"), n);
        }
        for (u32 r = 0; r < c.blocks.size(); ++r) {
          if (!(op.ranks >> r & 1)) continue;
          Block& b = *c.blocks[r];
          const u32 at = static_cast<u32>(op.target) + row * pitch;
          for (u32 k = 0; k < pitch; k += 16)
            std::memcpy(&b.shared[swizzled(at + k, t.swizzle)], &line[k], 16);
        }
      });
      for (u32 r = 0; r < c.blocks.size(); ++r) {
        if (!(op.ranks >> r & 1)) continue;
        landed(*c.blocks[r], static_cast<u32>(op.target), op.bytes);
        complete_tx(*c.blocks[r], op.barrier, op.bytes, op);
      }
      break;
    }
    case AsyncOp::bulk_store: {
      read_store(op);
      std::memcpy(global_range(w, *op.ins, op.lane, op.target, op.bytes, 16, true,
                               "the target of a bulk copy"),
                  op.data.data(), op.bytes);
      w.block->grid->stats.global_bytes_written += op.bytes;
      break;
    }
    case AsyncOp::tensor_store: {
      read_store(op);
      const TensorMap t = map_of(op);
      const u32 pitch = static_cast<u32>(t.box[0]) * t.element;
      rows(t, op.at, [&](u32 row, u64 to, u32 first, u32 last) {
        if (last <= first) return;
        const u64 a = to + static_cast<u64>(first) * t.element;
        const u32 n = (last - first) * t.element;
        std::memcpy(global_range(w, *op.ins, op.lane, a, n, 1, true, "a tensor store"),
                    &op.data[row * pitch + first * t.element], n);
        w.block->grid->stats.global_bytes_written += n;
      });
      break;
    }
    case AsyncOp::prefetch:
      break;
  }
  ++c.progress;
}

void finish_at(Cluster& c, std::size_t k) {
  AsyncOp op = std::move(c.pending[k]);
  c.pending.erase(c.pending.begin() + static_cast<long>(k));
  perform(op);
}

}  // namespace

void issue(Warp& w, AsyncOp&& op) {
  Grid& g = *w.block->grid;
  Cluster& c = *w.block->cluster;
  op.issuer = w.block;
  op.warp = &w;
  op.clock = w.clock;
  ++g.stats.tma;
  const bool load = op.kind == AsyncOp::bulk_load || op.kind == AsyncOp::tensor_load ||
                    op.kind == AsyncOp::bulk_smem;
  if (load) {
    for (u32 r = 0; r < c.blocks.size(); ++r) {
      if (!(op.ranks >> r & 1)) continue;
      Block& b = *c.blocks[r];
      if (!b.live)
        fail(w, *op.ins, op.lane, "a copy to the shared memory of rank %u, whose block has ended",
             r);
      const u32 at = static_cast<u32>(op.target);
      if (at < shared_start || at + op.bytes > b.shared_end)
        fail(w, *op.ins, op.lane,
             "the target of a copy is out of bounds of shared memory: %u bytes at offset %d of %u",
             op.bytes, static_cast<int>(at) - static_cast<int>(shared_start),
             b.shared_end - shared_start);
      if (g.machine.races) race_write(w, *op.ins, op.lane, b, at, op.bytes);
      if (b.unread) unread_check(w, b, at, op.bytes);
      for (u32 k = 0; k < op.bytes; ++k)
        if (b.init[at + k] == 2)
          fail(w, *op.ins, op.lane, "two copies in flight write shared offset %u",
               at + k - shared_start);
      std::memset(&b.init[at], 2, op.bytes);
      ++b.version;
    }
    g.stats.global_bytes_read += op.bytes;
  } else if (g.machine.races)
    race_read(w, *op.ins, op.lane, *w.block, static_cast<u32>(op.source), op.bytes);
  clock_tick(w);
  if (!load) ++w.block->unread;
  if (g.machine.async == Async::early || (g.machine.async == Async::random && g.next() % 4 == 0)) {
    perform(op);
    return;
  }
  c.pending.push_back(std::move(op));
}

void unread_check(Warp& w, Block& b, u32 offset, u32 bytes) {
  for (auto& op : b.cluster->pending) {
    const bool store = op.kind == AsyncOp::bulk_store || op.kind == AsyncOp::tensor_store;
    if (!store || op.read_done || op.issuer != &b) continue;
    if (offset < op.source + op.bytes && op.source < offset + bytes)
      fail(
          w, *w.now, lowest(w.live),
          "shared offset %u is written while an asynchronous store (PTX line %d) may still read it",
          offset - shared_start, op.ins->line);
  }
}

bool complete_one(Cluster& c) {
  if (c.pending.empty()) return false;
  std::vector<std::size_t> loads;
  for (std::size_t k = 0; k < c.pending.size(); ++k)
    if (c.pending[k].kind != AsyncOp::bulk_store && c.pending[k].kind != AsyncOp::tensor_store)
      loads.push_back(k);
  finish_at(
      c, loads.empty() ? c.grid->next() % c.pending.size() : loads[c.grid->next() % loads.size()]);
  return true;
}

void random_steps(Cluster& c) {
  while (!c.pending.empty() && c.grid->next() % 3 == 0)
    finish_at(c, c.grid->next() % c.pending.size());
}

// Bulk groups belong to threads.
void wait_bulk(Warp& w, const Ins&, u32 mask, u32 leave, bool read_only) {
  Cluster& c = *w.block->cluster;
  for (std::size_t k = 0; k < c.pending.size();) {
    AsyncOp& op = c.pending[k];
    if (op.warp == &w && (op.kind == AsyncOp::bulk_store || op.kind == AsyncOp::tensor_store) &&
        (mask >> op.lane & 1) && op.group + leave < w.bulk_committed[op.lane]) {
      if (read_only) {
        read_store(op);
        ++k;
      } else
        finish_at(c, k);
    } else
      ++k;
  }
}

void warp_ends(Warp& w, const Ins& i) {
  for (auto& p : w.products)
    fail(w, i, 0, "the warp ends with a wgmma that was not waited for (PTX line %d)", p.ins->line);
  for (auto& op : w.block->cluster->pending)
    if (op.warp == &w && (op.kind == AsyncOp::bulk_store || op.kind == AsyncOp::tensor_store) &&
        !op.read_done) {
      // Allowed as long as the block lives; its shared memory must outlive the reading.
      (void)op;
    }
}
void block_ends(Block& b) {
  Cluster& c = *b.cluster;
  for (std::size_t k = 0; k < c.pending.size();) {
    AsyncOp& op = c.pending[k];
    const bool store = op.kind == AsyncOp::bulk_store || op.kind == AsyncOp::tensor_store;
    if (store && op.issuer == &b) {
      if (!op.read_done)
        fail(*op.warp, *op.ins, op.lane,
             "the block ends while this store may still read its shared memory (no "
             "cp.async.bulk.wait_group)");
      finish_at(c, k);
    } else if (!store && (op.ranks >> b.rank & 1)) {
      fail(*op.warp, *op.ins, op.lane,
           "block rank %u ends while this copy may still write its shared memory", b.rank);
    } else
      ++k;
  }
  const u64 n = b.warps[0]->products_issued;
  for (u32 k = 1; k < b.warp_count; ++k)
    if (k % 4 && b.warps[k]->products_issued != b.warps[k / 4 * 4]->products_issued)
      fail(*b.warps[k], b.warps[k]->code->ins.back(), 0,
           "warps of one warpgroup executed different numbers of wgmma (%llu and %llu)",
           static_cast<unsigned long long>(b.warps[k]->products_issued),
           static_cast<unsigned long long>(b.warps[k / 4 * 4]->products_issued));
  (void)n;
  for (u32 k = 0; k < 16; ++k)
    if (b.barriers[k].arrived) {
      Warp& w = *b.warps[static_cast<u32>(lowest(b.barriers[k].arrivals))];
      fail(w, w.code->ins.back(), 0, "the block ends with barrier %u incomplete (%u of %u threads)",
           k, b.barriers[k].arrived, b.barriers[k].expected);
    }
}
void cluster_ends(Cluster& c) {
  while (!c.pending.empty()) finish_at(c, 0);
}

// ---- instructions

namespace {

// mbarrier. s[0] address (imm), s[1] count or parity
Mbarrier& barrier_at(Warp& w, const Ins& i, int lane, u64 a, Block** block = nullptr) {
  if ((a & window_mask) == shared_window) a &= ~window_mask;
  const auto s = shared_at(w, i, lane, static_cast<u32>(a), 8, 8);
  if (block) *block = s.block;
  Mbarrier* m = s.block->find_barrier(s.offset);
  if (!m)
    fail(w, i, lane, "no mbarrier was initialised at shared offset %u", s.offset - shared_start);
  return *m;
}
void mbarrier_init(Warp& w, const Ins& i, u32 m) {
  const u32* n = use<u32>(w, i, i.s[1], m);
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    const auto s =
        shared_at(w, i, l, static_cast<u32>(address_of(w, i, i.s[0], i.imm, l, m)), 8, 8);
    if (s.block != w.block) fail(w, i, l, "mbarrier.init in another block");
    if (!n[l] || n[l] > 1048575) fail(w, i, l, "mbarrier.init with count %u", n[l]);
    shared_written(w, *s.block, s.offset, 8);
    if (Mbarrier* old = s.block->find_barrier(s.offset)) {
      if (old->tx != 0 || old->pending != old->expected)
        fail(w, i, l, "an mbarrier is initialised again while a phase is under way");
      *old = Mbarrier{s.offset, n[l], n[l], 0, 0, {}, {}, 0, 0};
    } else
      s.block->mbarriers.push_back({s.offset, n[l], n[l], 0, 0, {}, {}, 0, 0});
    ++w.block->cluster->progress;
  }
}
void mbarrier_inval(Warp& w, const Ins& i, u32 m) {
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    Block* b;
    Mbarrier& x = barrier_at(w, i, l, address_of(w, i, i.s[0], i.imm, l, m), &b);
    b->mbarriers.erase(b->mbarriers.begin() + (&x - b->mbarriers.data()));
  }
}
// flag[0]: 1 arrive, 2 expect_tx, 3 both; flag[1]: a count is given in s[1] (arrive); s[2]: bytes
void mbarrier_arrive(Warp& w, const Ins& i, u32 m) {
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    Block* b;
    Mbarrier& x = barrier_at(w, i, l, address_of(w, i, i.s[0], i.imm, l, m), &b);
    if (i.flag[2] && b != w.block)
      fail(w, i, l, "this form arrives on the block's own mbarrier alone");
    const u64 state = static_cast<u64>(x.phase) << 63 | x.pending;
    if (i.flag[0] & 2) {
      const u32 bytes = use<u32>(w, i, i.s[2], m)[l];
      if (bytes > 1048575) fail(w, i, l, "expect_tx of %u bytes", bytes);
      x.tx += static_cast<s32>(bytes);
      if (x.tx > 1048575) fail(w, i, l, "the transaction count of an mbarrier runs over its range");
    }
    if (i.flag[0] & 1) {
      const u32 n = i.flag[1] ? use<u32>(w, i, i.s[1], m)[l] : 1;
      if (!n || n > x.pending)
        fail(w, i, l,
             "mbarrier at shared offset %u: %u arrive, but only %u more are expected in this phase",
             x.offset - shared_start, n, x.pending);
      x.pending -= n;
      x.waited |= w.waited;
      clock_join(x.clock, w.clock);
    }
    mbarrier_progress(*b, x, &w, &i);
    if (i.d.bytes == 8) set_lane(w, i.d, l, state);
  }
  if (i.flag[0] & 1) clock_tick(w);
  w.wr[i.d.wr] |= m;
}
// flag[0]: parity
void mbarrier_wait(Warp& w, const Ins& i, u32 m) {
  u32 p = 0;
  check(w, i, i.s[1], m);
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    Block* b;
    Mbarrier& x = barrier_at(w, i, l, address_of(w, i, i.s[0], i.imm, l, m), &b);
    if (b != w.block) fail(w, i, l, "a wait for the mbarrier of another block");
    const u64 v = lane_u(w, i.s[1], l);
    if (i.flag[0] && v > 1)
      fail(w, i, l, "a phase parity of %llu", static_cast<unsigned long long>(v));
    const u64 waited = i.flag[0] ? v : v >> 63;
    if (x.phase != waited) {
      p |= 1u << l;
      if (!w.clock.empty()) clock_join(w.clock, x.clock_done);
      w.waited |= x.waited_done;
    }
  }
  out_predicate(w, i.d, p, m);
  if (p != m) w.poll = 1;
}
bool decode_mbarrier(Decoder& d, const Statement& s, Ins& i) {
  const auto& what = s.part.at(1);
  for (std::size_t k = 2; k < s.part.size(); ++k) {
    const auto& p = s.part[k];
    if (p != "shared" && p != "shared::cta" && p != "shared::cluster" && p != "b64" &&
        p != "expect_tx" && p != "parity" && p != "release" && p != "acquire" && p != "relaxed" &&
        p != "cta" && p != "cluster")
      return false;
  }
  if (what == "init") {
    i.fn = mbarrier_init;
    d.address(s.arg.at(0), i, i.s[0]);
    i.s[1] = d.value(s.arg.at(1), Type::u32_);
    return true;
  }
  if (what == "inval") {
    i.fn = mbarrier_inval;
    d.address(s.arg.at(0), i, i.s[0]);
    return true;
  }
  if (what == "expect_tx") {
    i.fn = mbarrier_arrive;
    i.flag[0] = 2;
    d.address(s.arg.at(0), i, i.s[0]);
    i.s[2] = d.value(s.arg.at(1), Type::u32_);
    i.d = d.sink(4);
    return true;
  }
  if (what == "arrive") {
    i.fn = mbarrier_arrive;
    const bool tx = has(s, "expect_tx");
    i.flag[0] = tx ? 3 : 1;
    i.d = s.arg.at(0).what == Operand::sink ? d.sink(4) : d.reg(s.arg[0], i);
    d.address(s.arg.at(1), i, i.s[0]);
    if (tx)
      i.s[2] = d.value(s.arg.at(2), Type::u32_);
    else if (s.arg.size() > 2) {
      i.flag[1] = 1;
      i.s[1] = d.value(s.arg[2], Type::u32_);
    }
    if (has(s, "shared::cluster") && s.arg[0].what != Operand::sink) return false;
    i.flag[2] = !has(s, "shared::cluster");
    return true;
  }
  if (what == "try_wait" || what == "test_wait") {
    i.fn = mbarrier_wait;
    i.flag[0] = has(s, "parity");
    i.d = d.reg(s.arg.at(0), i);
    d.address(s.arg.at(1), i, i.s[0]);
    i.s[1] = d.value(s.arg.at(2), i.flag[0] ? Type::u32_ : Type::b64);
    return true;
  }
  return false;
}

// Bulk copies. s[0] target, s[1] source, s[2] bytes, s[3] barrier; offsets in imm, imm2 and the
// list; flag[0]: kind; flag[1]: multicast, its mask the first of the list; the rest of the list:
// coordinates.
void bulk(Warp& w, const Ins& i, u32 m) {
  const Src* list = &w.code->lists[i.first];
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    AsyncOp op{};
    op.kind = static_cast<AsyncOp::Kind>(i.flag[0]);
    op.lane = l;
    op.ins = &i;
    op.issuer = w.block;
    op.warp = &w;
    const u64 to = address_of(w, i, i.s[0], i.imm, l, m),
              from = address_of(w, i, i.s[1], i.imm2, l, m);
    const bool tensor = op.kind == AsyncOp::tensor_load || op.kind == AsyncOp::tensor_store;
    u32 alignment = 16;
    if (tensor) {
      op.map = op.kind == AsyncOp::tensor_load ? from : to;
      for (u32 c = 0; c + i.flag[1] < i.listed; ++c) {
        check(w, i, list[c + i.flag[1]], m);
        op.at[c] = static_cast<s32>(lane_u(w, list[c + i.flag[1]], l));
      }
      const TensorMap t = map_of(op);
      if (t.rank != static_cast<int>(i.listed - i.flag[1]))
        fail(w, i, l, "a tensor map of rank %d in an instruction of rank %u", t.rank,
             i.listed - i.flag[1]);
      op.bytes = t.element;
      for (int c = 0; c < t.rank; ++c) op.bytes *= t.box[c];
      alignment = 128;
      const bool store = op.kind == AsyncOp::tensor_store;
      if (watch_dependents(w, store))
        rows(t, op.at, [&](u32, u64 row, u32 first, u32 last) {
          if (last > first)
            dependent_access(w, i, l, row + static_cast<u64>(first) * t.element,
                             static_cast<u64>(last - first) * t.element, store);
        });
    } else {
      check(w, i, i.s[2], m);
      op.bytes = static_cast<u32>(lane_u(w, i.s[2], l));
      if (op.bytes % 16) fail(w, i, l, "a bulk copy of %u bytes, no multiple of 16", op.bytes);
      if (!op.bytes) fail(w, i, l, "a bulk copy of no bytes");
    }
    switch (op.kind) {
      case AsyncOp::bulk_load:
      case AsyncOp::tensor_load:
      case AsyncOp::bulk_smem: {
        const auto t = shared_at(w, i, l, static_cast<u32>(to), op.bytes, alignment);
        const auto b = shared_at(
            w, i, l, static_cast<u32>(address_of(w, i, i.s[3], static_cast<s64>(i.width), l, m)), 8,
            8);
        if (b.block != t.block)
          fail(w, i, l, "the mbarrier of a copy lies in another block than its target");
        op.target = t.offset;
        op.barrier = b.offset;
        op.ranks = 1u << t.block->rank;
        if (i.flag[1]) {
          check(w, i, list[0], m);
          op.ranks = static_cast<u32>(lane_u(w, list[0], l)) & 0xffff;
          if (op.ranks >> w.block->cluster->blocks.size() || !op.ranks)
            fail(w, i, l, "a multicast to ranks 0x%x of a cluster of %zu", op.ranks,
                 w.block->cluster->blocks.size());
        }
        for (u32 r = 0; r < 16; ++r)
          if (op.ranks >> r & 1 && !w.block->cluster->blocks[r]->find_barrier(op.barrier))
            fail(w, i, l, "no mbarrier was initialised at shared offset %u of rank %u",
                 op.barrier - shared_start, r);
        if (op.kind == AsyncOp::bulk_load) {
          op.source = from;
          global_range(w, i, l, from, op.bytes, 16, false, "the source of a bulk copy");
          if (w.block->grid->races) global_access(w, i, l, from, op.bytes, false, false);
          if (watch_dependents(w, false)) dependent_access(w, i, l, from, op.bytes, false);
        }
        if (op.kind == AsyncOp::bulk_smem) {
          const auto f = shared_at(w, i, l, static_cast<u32>(from), op.bytes, 16);
          op.source = f.offset;
        }
        break;
      }
      case AsyncOp::bulk_store:
      case AsyncOp::tensor_store: {
        const auto f = shared_at(w, i, l, static_cast<u32>(from), op.bytes, alignment);
        if (f.block != w.block) fail(w, i, l, "a store from the shared memory of another block");
        op.source = f.offset;
        if (op.kind == AsyncOp::bulk_store) {
          op.target = to;
          global_range(w, i, l, to, op.bytes, 16, true, "the target of a bulk copy");
          if (w.block->grid->races) global_access(w, i, l, to, op.bytes, true, false);
          if (watch_dependents(w, true)) dependent_access(w, i, l, to, op.bytes, true);
        }
        op.group = w.bulk_committed[l];
        break;
      }
      case AsyncOp::prefetch:
        continue;
    }
    issue(w, std::move(op));
  }
}
void bulk_commit(Warp& w, const Ins&, u32 m) {
  for (int l = 0; l < 32; ++l) w.bulk_committed[l] += m >> l & 1;
}
void bulk_wait(Warp& w, const Ins& i, u32 m) {
  wait_bulk(w, i, m, static_cast<u32>(i.imm), i.flag[0]);
}

}  // namespace

bool decode_bulk(Decoder& d, const Statement& s, Ins& i) {
  d.code().asynchronous = true;
  if (s.op == "cp.async.bulk.commit_group") {
    i.fn = bulk_commit;
    return true;
  }
  if (s.op == "cp.async.bulk.wait_group" || s.op == "cp.async.bulk.wait_group.read") {
    i.fn = bulk_wait;
    i.imm = s.arg.at(0).value;
    i.flag[0] = has(s, "read");
    return s.arg[0].what == Operand::imm;
  }
  bool tensor = false, multicast = false, hint = false, group = false, tx = false;
  int rank = 0;
  std::vector<std::string> spaces;
  for (std::size_t k = 3; k < s.part.size(); ++k) {
    const auto& p = s.part[k];
    if (p == "tensor")
      tensor = true;
    else if (p.size() == 2 && p[1] == 'd')
      rank = p[0] - '0';
    else if (p == "global" || p == "shared::cluster" || p == "shared::cta")
      spaces.push_back(p);
    else if (p == "mbarrier::complete_tx::bytes")
      tx = true;
    else if (p == "multicast::cluster")
      multicast = true;
    else if (p == "L2::cache_hint")
      hint = true;
    else if (p == "bulk_group")
      group = true;
    else if (p == "tile") {
    } else
      return false;
  }
  if (spaces.size() != 2 || tx == group || (tensor && (rank < 1 || rank > 5))) return false;
  const bool load = spaces[0] != "global";
  if (load != tx) return false;
  Ins part;
  std::vector<Src> list;
  if (!tensor) {
    i.flag[0] = load ? (spaces[1] == "global" ? AsyncOp::bulk_load : AsyncOp::bulk_smem)
                     : AsyncOp::bulk_store;
    d.address(s.arg.at(1), part, i.s[1]);
    i.imm2 = part.imm;
    i.s[2] = d.value(s.arg.at(2), Type::u32_);
    d.address(s.arg.at(0), i, i.s[0]);
    if (load) {
      d.address(s.arg.at(3), part, i.s[3]);
      if (part.imm < 0 || part.imm > 255) return false;
      i.width = static_cast<u8>(part.imm);
      if (multicast) list.push_back(d.value(s.arg.at(4), Type::b16));
    }
    if (s.arg.size() != (load ? 4u : 3u) + multicast + hint) return false;
  } else {
    i.flag[0] = load ? AsyncOp::tensor_load : AsyncOp::tensor_store;
    const Operand& map = s.arg.at(load ? 1 : 0);
    const Operand& mem = s.arg.at(load ? 0 : 1);
    if (map.list.size() != 2 || static_cast<int>(map.list[1].list.size()) != rank) return false;
    if (load) {
      d.address(map, part, i.s[1]);
      i.imm2 = part.imm;
      d.address(mem, i, i.s[0]);
      d.address(s.arg.at(2), part, i.s[3]);
      if (part.imm < 0 || part.imm > 255) return false;
      i.width = static_cast<u8>(part.imm);
      if (multicast) list.push_back(d.value(s.arg.at(3), Type::b16));
    } else {
      d.address(mem, part, i.s[1]);
      i.imm2 = part.imm;
      d.address(map, i, i.s[0]);
    }
    if (s.arg.size() != (load ? 3u : 2u) + multicast + hint) return false;
    for (auto& c : d.vector(map.list[1], Type::s32_, false)) list.push_back(c);
  }
  i.flag[1] = multicast;
  i.listed = static_cast<u32>(list.size());
  i.first = d.list(list);
  i.fn = bulk;
  return true;
}

void add_async(std::unordered_map<std::string, Decode>& t) { t["mbarrier"] = decode_mbarrier; }

void encode_tensor_map(void* out, const TensorMapRequest& r) {
  const auto refuse = [](const std::string& what) {
    throw Fault("cuTensorMapEncodeTiled: " + what);
  };
  static const int sizes[] = {1, 2, 4, 4, 8, 8, 2, 4, 8, 2, 4, 4, 4};
  if (r.data_type < 0 || r.data_type > 12) refuse("data type " + std::to_string(r.data_type));
  if (r.rank < 1 || r.rank > 5) refuse("rank " + std::to_string(r.rank));
  if (reinterpret_cast<u64>(out) % 64) refuse("the map is not aligned to 64 bytes");
  if (reinterpret_cast<u64>(r.address) % 16) refuse("the address is not aligned to 16 bytes");
  if (r.interleave != 0) refuse("interleave is not modelled");
  if (r.swizzle < 0 || r.swizzle > 3)
    refuse("swizzle " + std::to_string(r.swizzle) + " is not modelled");
  if (r.fill < 0 || r.fill > 1 || r.promotion < 0 || r.promotion > 3) refuse("fill or promotion");
  TensorMap t{};
  t.magic = TensorMap::right;
  t.address = reinterpret_cast<u64>(r.address);
  t.rank = static_cast<u8>(r.rank);
  t.element = static_cast<u8>(sizes[r.data_type]);
  t.swizzle = static_cast<u8>(r.swizzle);
  t.fill = static_cast<u8>(r.fill);
  if (r.fill && (r.data_type < 6)) refuse("NaN fill of integers");
  for (int k = 0; k < r.rank; ++k) {
    if (!r.dims[k] || r.dims[k] > (u64{1} << 32))
      refuse("dimension " + std::to_string(k) + " is " + std::to_string(r.dims[k]));
    if (!r.box[k] || r.box[k] > 256)
      refuse("box " + std::to_string(k) + " is " + std::to_string(r.box[k]));
    if (!r.element_strides[k] || r.element_strides[k] > 8) refuse("element stride");
    if (r.element_strides[k] != 1) refuse("element strides other than 1 are not modelled");
    t.dims[k] = r.dims[k];
    t.box[k] = static_cast<u16>(r.box[k]);
    if (k) {
      if (r.strides[k - 1] % 16 || r.strides[k - 1] >= (u64{1} << 40))
        refuse("stride " + std::to_string(r.strides[k - 1]));
      t.strides[k - 1] = r.strides[k - 1];
    }
  }
  const u32 inner = r.box[0] * t.element;
  if (inner % 16) refuse("the inner box is " + std::to_string(inner) + " bytes, no multiple of 16");
  static const u32 spans[] = {0, 32, 64, 128};
  if (r.swizzle && inner > spans[r.swizzle])
    refuse("the inner box of " + std::to_string(inner) + " bytes is larger than the swizzle");
  static_assert(sizeof t <= 128);
  std::memset(out, 0, 128);
  std::memcpy(out, &t, sizeof t);
}

}  // namespace roofproof::ptx
