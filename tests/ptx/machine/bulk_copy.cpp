// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Bulk and tensor copies (PTX ISA, 9.7.9.25.4 and 9.7.9.27): issue, completion, groups. And
// st.async, which is as asynchronous, but writes as ordinary stores do.
#include <algorithm>

#include "tests/ptx/machine/async.h"
#include "tests/ptx/machine/barriers.h"
#include "tests/ptx/machine/decode.h"
#include "tests/ptx/machine/memory.h"
#include "tests/ptx/machine/races.h"
#include "tests/ptx/machine/tensor_map.h"

namespace roofproof::ptx {

namespace {

using Async = Machine::Async;
void landed(Block& b, u32 offset, u32 bytes) {  // written by the async proxy
  std::memset(&b.byte_state[offset], byte_written, bytes);
  ++b.version;
  if (!b.generic_writes.empty())
    for (u32 k = offset / 4; k < (offset + bytes + 3) / 4; ++k) b.generic_writes[k] = 0;
}

const u8* map_pointer(const AsyncOp& op) {
  const u64 a = op.map;
  Warp& w = *op.warp;
  if ((a & window_mask) == param_window) {
    const u64 at = a - param_window;
    if (at + 128 > w.block->grid->param_bytes)
      fail(w, *op.instruction, op.lane, "the tensor map lies outside the parameters");
    return w.block->grid->params + at;
  }
  return global_range(w, *op.instruction, op.lane, a, 128, 64, false, "the tensor map");
}

TensorMap map_of(const AsyncOp& op) {
  const u8* p = map_pointer(op);
  if (reinterpret_cast<u64>(p) % 64)
    fail(*op.warp, *op.instruction, op.lane, "the tensor map is not aligned to 64 bytes");
  TensorMap t;
  std::memcpy(&t, p, sizeof t);
  if (t.magic != TensorMap::right_magic)
    fail(*op.warp, *op.instruction, op.lane, "this is no tensor map");
  return t;
}

// Reads the source of a store.
void read_store(AsyncOp& op) {
  if (op.read_done) return;
  op.read_done = true;
  Block& b = *op.issuer;
  --b.unread_stores;
  const u32 at = static_cast<u32>(op.source);
  op.data.resize(op.bytes);
  if (op.kind == AsyncOp::tensor_store) {
    const TensorMap t = map_of(op);
    // What lies outside the tensor is not stored, and may be anything.
    const u32 pitch = static_cast<u32>(t.box[0]) * t.element;
    if (at < b.shared_begin || at + op.bytes > b.shared_end)
      fail(*op.warp, *op.instruction, op.lane,
           "a tensor store reads shared memory out of bounds: %u bytes at offset %d of %u",
           op.bytes, static_cast<int>(at) - static_cast<int>(b.shared_begin),
           b.shared_end - b.shared_begin);
    for_rows(t, op.coordinates, [&](u32 row, u64, u32 first, u32 last) {
      for (u32 k = row * pitch + first * t.element, to = row * pitch + last * t.element; k < to;) {
        const u32 n = std::min(to - k, 16 - k % 16);
        async_shared_read(*op.warp, *op.instruction, op.lane, b, swizzled(at + k, t.swizzle_span),
                          n, "a tensor store");
        k += n;
      }
    });
    for (u32 k = 0; k < op.bytes; k += 16)
      std::memcpy(&op.data[k], &b.shared[swizzled(at + k, t.swizzle_span)], 16);
  } else {
    async_shared_read(*op.warp, *op.instruction, op.lane, b, at, op.bytes, "a bulk store");
    std::memcpy(op.data.data(), &b.shared[at], op.bytes);
  }
}

void perform(AsyncOp& op) {
  Warp& w = *op.warp;
  Cluster& c = *op.issuer->cluster;
  switch (op.kind) {
    case AsyncOp::bulk_load: {
      const u8* from = global_range(w, *op.instruction, op.lane, op.source, op.bytes, 16, false,
                                    "the source of a bulk copy");
      for (u32 r = 0; r < c.blocks.size(); ++r) {
        if (!(op.ranks >> r & 1)) continue;
        Block& b = *c.blocks[r];
        std::memcpy(&b.shared[op.target], from, op.bytes);
        landed(b, static_cast<u32>(op.target), op.bytes);
        complete_transactions(b, op.barrier, op.bytes, op);
      }
      break;
    }
    case AsyncOp::shared_to_shared: {
      async_shared_read(w, *op.instruction, op.lane, *op.issuer, static_cast<u32>(op.source),
                        op.bytes, "a bulk copy");
      for (u32 r = 0; r < c.blocks.size(); ++r) {
        if (!(op.ranks >> r & 1)) continue;
        Block& b = *c.blocks[r];
        std::memcpy(&b.shared[op.target], &op.issuer->shared[op.source], op.bytes);
        landed(b, static_cast<u32>(op.target), op.bytes);
        complete_transactions(b, op.barrier, op.bytes, op);
      }
      break;
    }
    case AsyncOp::tensor_load: {
      const TensorMap t = map_of(op);
      const u32 pitch = static_cast<u32>(t.box[0]) * t.element;
      std::vector<u8> line(pitch);
      for_rows(t, op.coordinates, [&](u32 row, u64 from, u32 first, u32 last) {
        std::memset(line.data(), t.fill ? 0xff : 0, pitch);
        if (last > first) {
          const u64 a = from + static_cast<u64>(first) * t.element;
          const u32 n = (last - first) * t.element;
          std::memcpy(&line[first * t.element],
                      global_range(w, *op.instruction, op.lane, a, n, 1, false, "a tensor load"),
                      n);
        }
        for (u32 r = 0; r < c.blocks.size(); ++r) {
          if (!(op.ranks >> r & 1)) continue;
          Block& b = *c.blocks[r];
          const u32 at = static_cast<u32>(op.target) + row * pitch;
          for (u32 k = 0; k < pitch; k += 16)
            std::memcpy(&b.shared[swizzled(at + k, t.swizzle_span)], &line[k], 16);
        }
      });
      for (u32 r = 0; r < c.blocks.size(); ++r) {
        if (!(op.ranks >> r & 1)) continue;
        landed(*c.blocks[r], static_cast<u32>(op.target), op.bytes);
        complete_transactions(*c.blocks[r], op.barrier, op.bytes, op);
      }
      break;
    }
    case AsyncOp::remote_store: {
      Block& b = *c.blocks[static_cast<u32>(lowest(op.ranks))];
      const u32 at = static_cast<u32>(op.target), width = op.instruction->width;
      std::memcpy(&b.shared[at], op.data.data(), op.bytes);
      shared_written(w, b, at, op.bytes);
      for (u32 e = op.undefined; e; e &= e - 1)
        std::memset(&b.byte_state[at + static_cast<u32>(lowest(e)) * width], byte_unwritten, width);
      complete_transactions(b, op.barrier, op.bytes, op);
      break;
    }
    case AsyncOp::bulk_store: {
      read_store(op);
      std::memcpy(global_range(w, *op.instruction, op.lane, op.target, op.bytes, 16, true,
                               "the target of a bulk copy"),
                  op.data.data(), op.bytes);
      w.block->grid->stats.global_bytes_written += op.bytes;
      break;
    }
    case AsyncOp::tensor_store: {
      read_store(op);
      const TensorMap t = map_of(op);
      const u32 pitch = static_cast<u32>(t.box[0]) * t.element;
      for_rows(t, op.coordinates, [&](u32 row, u64 to, u32 first, u32 last) {
        if (last <= first) return;
        const u64 a = to + static_cast<u64>(first) * t.element;
        const u32 n = (last - first) * t.element;
        std::memcpy(global_range(w, *op.instruction, op.lane, a, n, 1, true, "a tensor store"),
                    &op.data[row * pitch + first * t.element], n);
        w.block->grid->stats.global_bytes_written += n;
      });
      break;
    }
  }
  ++c.progress;
}

void finish_at(Cluster& c, std::size_t k) {
  AsyncOp op = std::move(c.pending[k]);
  // The last takes its place: there may be tens of thousands, one per lane of an st.async.
  if (k + 1 < c.pending.size()) c.pending[k] = std::move(c.pending.back());
  c.pending.pop_back();
  perform(op);
}

void issue(Warp& w, AsyncOp&& op) {
  Grid& g = *w.block->grid;
  Cluster& c = *w.block->cluster;
  op.issuer = w.block;
  op.warp = &w;
  op.clock = w.clock;
  op.time = g.time;
  g.stats.tma += op.kind != AsyncOp::remote_store;
  const bool load = !op.is_store();
  if (load) {
    for (u32 r = 0; r < c.blocks.size(); ++r) {
      if (!(op.ranks >> r & 1)) continue;
      Block& b = *c.blocks[r];
      if (!b.live)
        fail(w, *op.instruction, op.lane,
             "a copy to the shared memory of rank %u, whose block has ended", r);
      const u32 at = static_cast<u32>(op.target);
      if (at < b.shared_begin || at + op.bytes > b.shared_end)
        fail(w, *op.instruction, op.lane,
             "the target of a copy is out of bounds of shared memory: %u bytes at offset %d of %u",
             op.bytes, static_cast<int>(at) - static_cast<int>(b.shared_begin),
             b.shared_end - b.shared_begin);
      if (g.machine.races) race_write(w, *op.instruction, op.lane, b, at, op.bytes);
      if (b.unread_stores) require_stores_read(w, b, at, op.bytes);
      begin_landing(w, *op.instruction, op.lane, b, at, op.bytes);
    }
    if (op.kind != AsyncOp::remote_store) g.stats.global_bytes_read += op.bytes;
  } else if (g.machine.races)
    race_read(w, *op.instruction, op.lane, *w.block, static_cast<u32>(op.source), op.bytes);
  clock_tick(w);
  if (!load) ++w.block->unread_stores;
  if (g.machine.async == Async::early ||
      (g.machine.async == Async::random && g.next_random() % 4 == 0)) {
    perform(op);
    return;
  }
  c.pending.push_back(std::move(op));
}

}  // namespace

void async_shared_read(Warp& w, const Instruction& i, int lane, Block& b, u32 offset, u32 bytes,
                       const char* what) {
  if (offset < b.shared_begin || offset + bytes > b.shared_end)
    fail(w, i, lane, "%s reads shared memory out of bounds: %u bytes at offset %d of %u", what,
         bytes, static_cast<int>(offset) - static_cast<int>(b.shared_begin),
         b.shared_end - b.shared_begin);
  Grid& g = *b.grid;
  if (bytes == 16 && offset % 16 == 0 &&
      !b.generic_writes.empty()) {  // the frequent case of nothing to say
    u64 x[2], d[4];
    std::memcpy(x, &b.byte_state[offset], 16);
    std::memcpy(d, &b.generic_writes[offset / 4], 32);
    if ((x[0] & x[1]) == 0x0101010101010101 && (x[0] | x[1]) == 0x0101010101010101 &&
        !(d[0] | d[1] | d[2] | d[3]))
      return;
  }
  if (!b.generic_writes.empty()) {
    for (u32 k = offset / 4; k < (offset + bytes + 3) / 4; ++k) {
      const u64 d = b.generic_writes[k];
      if (!d) continue;
      const auto last = GenericWrite::unpack(d);
      const Warp& writer = *b.cluster->blocks[last.rank]->warps[last.warp];
      if (writer.proxy_fence_time >= last.time) {
        b.generic_writes[k] = 0;
        continue;
      }
      if (w.proxy_fence_time < last.time)
        fail(w, i, lane,
             "%s reads shared offset %u, which warp %u wrote with no fence.proxy.async since", what,
             k * 4 - b.shared_begin, last.warp);
    }
  }
  if (g.machine.poison) {
    for (u32 k = 0; k < bytes; ++k)
      if (b.byte_state[offset + k] != byte_written)
        fail(w, i, lane, "%s reads shared offset %u, %s", what, offset + k - b.shared_begin,
             b.byte_state[offset + k] == byte_in_flight
                 ? "which an asynchronous copy may still write"
                 : "which was never written");
  }
}

void require_stores_read(Warp& w, Block& b, u32 offset, u32 bytes) {
  for (auto& op : b.cluster->pending) {
    const bool store = op.is_store();
    if (!store || op.read_done || op.issuer != &b) continue;
    if (offset < op.source + op.bytes && op.source < offset + bytes)
      fail(
          w, *w.current, lowest(w.live),
          "shared offset %u is written while an asynchronous store (PTX line %d) may still read it",
          offset - b.shared_begin, op.instruction->line);
  }
}

bool complete_one(Cluster& c) {
  if (c.pending.empty()) return false;
  if (const std::size_t k = c.grid->next_random() % c.pending.size(); !c.pending[k].is_store()) {
    finish_at(c, k);
    return true;
  }
  std::vector<std::size_t> loads;
  for (std::size_t k = 0; k < c.pending.size(); ++k)
    if (!c.pending[k].is_store()) loads.push_back(k);
  finish_at(c, loads.empty() ? c.grid->next_random() % c.pending.size()
                             : loads[c.grid->next_random() % loads.size()]);
  return true;
}

void complete_some(Cluster& c) {
  while (!c.pending.empty() && c.grid->next_random() % 3 == 0)
    finish_at(c, c.grid->next_random() % c.pending.size());
}

void complete_all(Cluster& c) {
  while (!c.pending.empty()) finish_at(c, 0);
}

void copies_at_block_end(Block& b) {
  Cluster& c = *b.cluster;
  for (std::size_t k = 0; k < c.pending.size();) {
    AsyncOp& op = c.pending[k];
    const bool store = op.is_store();
    if (store && op.issuer == &b) {
      if (!op.read_done)
        fail(*op.warp, *op.instruction, op.lane,
             "the block ends while this store may still read its shared memory (no "
             "cp.async.bulk.wait_group)");
      finish_at(c, k);
    } else if (!store && (op.ranks >> b.rank & 1)) {
      fail(*op.warp, *op.instruction, op.lane,
           "block rank %u ends while this copy may still write its shared memory", b.rank);
    } else
      ++k;
  }
}

namespace {

// Bulk groups belong to threads.
void wait_bulk(Warp& w, u32 mask, u32 leave, bool read_only) {
  Cluster& c = *w.block->cluster;
  for (std::size_t k = 0; k < c.pending.size();) {
    AsyncOp& op = c.pending[k];
    if (op.warp == &w && op.is_store() && (mask >> op.lane & 1) &&
        op.group + leave < w.bulk_committed[op.lane]) {
      if (read_only) {
        read_store(op);
        ++k;
      } else
        finish_at(c, k);
    } else
      ++k;
  }
}

// source: target, source, bytes, mbarrier, of which `immediate`, `second_immediate` and `width` are
// the offsets of target, source and mbarrier. The list: the mask of a multicast, if it is one, and
// then the coordinates in a tensor.
void bulk(Warp& w, const Instruction& i, u32 m) {
  const Slot* list = operand_list(w, i);
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    AsyncOp op{};
    op.kind = static_cast<AsyncOp::Kind>(i.bulk.kind);
    op.lane = l;
    op.instruction = &i;
    op.issuer = w.block;
    op.warp = &w;
    const u64 to = lane_address(w, i, i.source[0], i.immediate, l, m),
              from = lane_address(w, i, i.source[1], i.second_immediate, l, m);
    const bool tensor = op.kind == AsyncOp::tensor_load || op.kind == AsyncOp::tensor_store;
    u32 alignment = 16;
    if (tensor) {
      op.map = op.kind == AsyncOp::tensor_load ? from : to;
      for (u32 c = 0; c + i.bulk.multicast < i.list_size; ++c) {
        require_defined(w, i, list[c + i.bulk.multicast], m);
        op.coordinates[c] = static_cast<s32>(lane_bits(w, list[c + i.bulk.multicast], l));
      }
      const TensorMap t = map_of(op);
      if (t.rank != static_cast<int>(i.list_size - i.bulk.multicast))
        fail(w, i, l, "a tensor map of rank %d in an instruction of rank %u", t.rank,
             i.list_size - i.bulk.multicast);
      op.bytes = t.element;
      for (int c = 0; c < t.rank; ++c) op.bytes *= t.box[c];
      alignment = 128;
      const bool store = op.kind == AsyncOp::tensor_store;
      const bool dependents = watch_dependents(w, store);
      const bool non_coherent = store && w.block->grid->non_coherent;
      if (dependents || non_coherent)
        for_rows(t, op.coordinates, [&](u32, u64 row, u32 first, u32 last) {
          if (last <= first) return;
          const u64 a = row + static_cast<u64>(first) * t.element;
          const u64 bytes = static_cast<u64>(last - first) * t.element;
          if (dependents) dependent_access(w, i, l, a, bytes, store);
          if (non_coherent) non_coherent_access(w, i, l, a, bytes, true);
        });
    } else {
      require_defined(w, i, i.source[2], m);
      op.bytes = static_cast<u32>(lane_bits(w, i.source[2], l));
      if (op.bytes % 16) fail(w, i, l, "a bulk copy of %u bytes, no multiple of 16", op.bytes);
      if (!op.bytes) fail(w, i, l, "a bulk copy of no bytes");
    }
    switch (op.kind) {
      case AsyncOp::bulk_load:
      case AsyncOp::tensor_load:
      case AsyncOp::shared_to_shared: {
        const auto t = shared_at(w, i, l, static_cast<u32>(to), op.bytes, alignment);
        const auto b = shared_at(
            w, i, l,
            static_cast<u32>(lane_address(w, i, i.source[3], static_cast<s64>(i.width), l, m)), 8,
            8);
        if (b.block != t.block)
          fail(w, i, l, "the mbarrier of a copy lies in another block than its target");
        op.target = t.offset;
        op.barrier = b.offset;
        op.ranks = 1u << t.block->rank;
        if (i.bulk.multicast) {
          require_defined(w, i, list[0], m);
          op.ranks = static_cast<u32>(lane_bits(w, list[0], l)) & 0xffff;
          if (op.ranks >> w.block->cluster->blocks.size() || !op.ranks)
            fail(w, i, l, "a multicast to ranks 0x%x of a cluster of %zu", op.ranks,
                 w.block->cluster->blocks.size());
        }
        for (u32 ranks = op.ranks; ranks; ranks &= ranks - 1) {
          const Block& peer = *w.block->cluster->blocks[static_cast<u32>(lowest(ranks))];
          if (&peer != w.block) require_started(w, i, l, peer);
          const Mbarrier* barrier = peer.find_barrier(op.barrier);
          if (!barrier)
            fail(w, i, l, "no mbarrier was initialised at shared offset %u of rank %u",
                 op.barrier - peer.shared_begin, peer.rank);
          if (&peer != w.block) require_visible(w, i, l, peer, *barrier);
          require_known_to_copies(w, i, l, peer, *barrier);
        }
        if (op.kind == AsyncOp::bulk_load) {
          op.source = from;
          global_range(w, i, l, from, op.bytes, 16, false, "the source of a bulk copy");
          if (w.block->grid->races) global_access(w, i, l, from, op.bytes, false, false);
          if (watch_dependents(w, false)) dependent_access(w, i, l, from, op.bytes, false);
        }
        if (op.kind == AsyncOp::shared_to_shared) {
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
          if (w.block->grid->non_coherent) non_coherent_access(w, i, l, to, op.bytes, true);
        }
        op.group = w.bulk_committed[l];
        break;
      }
      case AsyncOp::remote_store:  // by store_async()
        break;
    }
    issue(w, std::move(op));
  }
}

// source[0]: target, source[3]: mbarrier; `immediate`, `second_immediate`: their offsets. The list:
// what is stored.
void store_async(Warp& w, const Instruction& i, u32 m) {
  const Slot* list = operand_list(w, i);
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    AsyncOp op{};
    op.kind = AsyncOp::remote_store;
    op.lane = l;
    op.instruction = &i;
    op.bytes = static_cast<u32>(i.width) * i.count;
    const auto t =
        shared_at(w, i, l, static_cast<u32>(lane_address(w, i, i.source[0], i.immediate, l, m)),
                  op.bytes, op.bytes);
    const auto b = shared_at(
        w, i, l, static_cast<u32>(lane_address(w, i, i.source[3], i.second_immediate, l, m)), 8, 8);
    if (b.block != t.block)
      fail(w, i, l, "the mbarrier of an st.async lies in another block than its target");
    if (t.block == w.block)
      fail(w, i, l, "an st.async to the block's own shared memory, which is undefined");
    const Mbarrier* barrier = t.block->find_barrier(b.offset);
    if (!barrier)
      fail(w, i, l, "no mbarrier was initialised at shared offset %u of rank %u",
           b.offset - t.block->shared_begin, t.block->rank);
    require_visible(w, i, l, *t.block, *barrier);
    note_remote_access(w, i, *t.block);
    op.target = t.offset;
    op.barrier = b.offset;
    op.ranks = 1u << t.block->rank;
    for (u32 e = 0; e < i.count; ++e) {
      const u64 value = lane_bits(w, list[e], l);
      const auto* bytes = reinterpret_cast<const u8*>(&value);
      op.data.insert(op.data.end(), bytes, bytes + i.width);
      if (w.block->grid->machine.poison && undefined_lanes(w, i, list[e], 1u << l))
        op.undefined |= 1u << e;
    }
    issue(w, std::move(op));
  }
}

void bulk_commit(Warp& w, const Instruction&, u32 m) {
  for (int l = 0; l < 32; ++l) w.bulk_committed[l] += m >> l & 1;
}

void bulk_wait(Warp& w, const Instruction& i, u32 m) {
  wait_bulk(w, m, static_cast<u32>(i.immediate), i.bulk.read_only);
}

}  // namespace

bool decode_bulk(Decoder& d, const Statement& s, Instruction& i) {
  d.code().asynchronous = true;
  if (s.op == "cp.async.bulk.commit_group") {
    i.execute = bulk_commit;
    return true;
  }
  if (s.op == "cp.async.bulk.wait_group" || s.op == "cp.async.bulk.wait_group.read") {
    i.execute = bulk_wait;
    i.immediate = s.arg.at(0).value;
    i.bulk.read_only = has(s, "read");
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
  Instruction part;
  std::vector<Slot> list;
  if (!tensor) {
    i.bulk.kind = load ? (spaces[1] == "global" ? AsyncOp::bulk_load : AsyncOp::shared_to_shared)
                       : AsyncOp::bulk_store;
    d.address(s.arg.at(1), part, i.source[1]);
    i.second_immediate = part.immediate;
    i.source[2] = d.value(s.arg.at(2), Type::u32_);
    d.address(s.arg.at(0), i, i.source[0]);
    if (load) {
      d.address(s.arg.at(3), part, i.source[3]);
      if (part.immediate < 0 || part.immediate > 255) return false;
      i.width = static_cast<u8>(part.immediate);
      if (multicast) list.push_back(d.value(s.arg.at(4), Type::b16));
    }
    if (s.arg.size() != (load ? 4u : 3u) + multicast + hint) return false;
  } else {
    i.bulk.kind = load ? AsyncOp::tensor_load : AsyncOp::tensor_store;
    const Operand& map = s.arg.at(load ? 1 : 0);
    const Operand& mem = s.arg.at(load ? 0 : 1);
    if (map.list.size() != 2 || static_cast<int>(map.list[1].list.size()) != rank) return false;
    if (load) {
      d.address(map, part, i.source[1]);
      i.second_immediate = part.immediate;
      d.address(mem, i, i.source[0]);
      d.address(s.arg.at(2), part, i.source[3]);
      if (part.immediate < 0 || part.immediate > 255) return false;
      i.width = static_cast<u8>(part.immediate);
      if (multicast) list.push_back(d.value(s.arg.at(3), Type::b16));
    } else {
      d.address(mem, part, i.source[1]);
      i.second_immediate = part.immediate;
      d.address(map, i, i.source[0]);
    }
    if (s.arg.size() != (load ? 3u : 2u) + multicast + hint) return false;
    for (auto& c : d.vector(map.list[1], Type::s32_, false)) list.push_back(c);
  }
  i.bulk.multicast = multicast;
  i.list_size = static_cast<u32>(list.size());
  i.list = d.add_list(list);
  i.execute = bulk;
  return true;
}

bool decode_store_async(Decoder& d, const Statement& s, Instruction& i) {
  bool tx = false, cluster = false;
  Type t = Type::none;
  for (std::size_t k = 2; k < s.part.size(); ++k) {
    const auto& p = s.part[k];
    if (p == "mbarrier::complete_tx::bytes")
      tx = true;
    else if (p == "shared::cluster")
      cluster = true;
    else if (p == "v2" || p == "v4")
      i.count = static_cast<u8>(p[1] - '0');
    else if (p != "weak" && (t = type_of(p)) == Type::none)
      return false;
  }
  if (!tx || !cluster || t == Type::none || s.arg.size() != 3) return false;
  i.width = static_cast<u8>(size_of(t));
  if ((i.width != 4 && i.width != 8) || i.width * i.count > 16) return false;
  const auto v = d.vector(s.arg[1], t, false);
  if (v.size() != i.count) return false;
  i.list = d.add_list(v);
  Instruction part;
  d.address(s.arg[2], part, i.source[3]);
  i.second_immediate = part.immediate;
  d.address(s.arg[0], i, i.source[0]);
  i.execute = store_async;
  return true;
}

}  // namespace roofproof::ptx
