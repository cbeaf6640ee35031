// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What memory there is, who may touch it, and what an access costs.
#include "tests/ptx/machine/memory.h"

#include <algorithm>
#include <mutex>

#include "tests/ptx/machine/async.h"
#include "tests/ptx/machine/barriers.h"
#include "tests/ptx/machine/races.h"

namespace roofproof::ptx {

namespace {

std::mutex registry_lock;
std::shared_ptr<const Regions> current = std::make_shared<Regions>();

}  // namespace

std::shared_ptr<const Regions> registered_regions() {
  const std::lock_guard lock(registry_lock);
  return current;
}

void register_memory(void* base, std::size_t bytes, std::string name) {
  if (!bytes) return;
  const std::lock_guard lock(registry_lock);
  auto next = std::make_shared<Regions>(*current);
  const Region r{reinterpret_cast<u64>(base), bytes, std::move(name)};
  next->insert(std::upper_bound(next->begin(), next->end(), r,
                                [](auto& a, auto& b) { return a.base < b.base; }),
               r);
  current = next;
}

void unregister_memory(void* base) {
  const std::lock_guard lock(registry_lock);
  auto next = std::make_shared<Regions>(*current);
  std::erase_if(*next, [&](auto& r) { return r.base == reinterpret_cast<u64>(base); });
  current = next;
}

namespace {

const Region* region_of(Grid& g, u64 address) {
  const auto look = [&]() -> const Region* {
    auto it = std::upper_bound(g.regions->begin(), g.regions->end(), address,
                               [](u64 a, auto& r) { return a < r.base; });
    if (it == g.regions->begin()) return nullptr;
    --it;
    return address < it->base + it->bytes ? &*it : nullptr;
  };
  if (g.last_region && address - g.last_region->base < g.last_region->bytes) return g.last_region;
  if (const auto* r = look()) return g.last_region = r;
  g.last_region = nullptr;
  g.regions = registered_regions();  // may have changed since the launch
  if (const auto* r = look()) return g.last_region = r;
  return nullptr;
}

}  // namespace

u8* global_range(Warp& w, const Instruction& i, int lane, u64 address, u64 bytes, u32 alignment,
                 bool write, const char* what) {
  if (alignment > 1 && address % alignment)
    fail(w, i, lane, "%s at global address 0x%llx is not aligned to %u bytes", what,
         static_cast<unsigned long long>(address), alignment);
  if (!bytes) return reinterpret_cast<u8*>(address);
  Grid& g = *w.block->grid;
  const Region* r = region_of(g, address);
  if (r && address - r->base + bytes <= r->bytes) return reinterpret_cast<u8*>(address);
  std::string near = "no memory is registered";
  if (r) {
    near = "it runs " + std::to_string(address - r->base + bytes - r->bytes) +
           " bytes over the end of '" + r->name + "' (" + std::to_string(r->bytes) + " bytes)";
  } else if (!g.regions->empty()) {
    u64 best = ~u64{0};
    for (auto& c : *g.regions) {
      const u64 before = c.base - address, behind = address - (c.base + c.bytes);
      if (address < c.base && before < best) {
        best = before;
        near = "nearest: " + std::to_string(before) + " bytes before '" + c.name + "'";
      }
      if (address >= c.base + c.bytes && behind < best) {
        best = behind;
        near = "nearest: " + std::to_string(behind) + " bytes behind the end of '" + c.name +
               "' (" + std::to_string(c.bytes) + " bytes)";
      }
    }
  }
  fail(w, i, lane, "%s of %llu bytes of global memory out of bounds at 0x%llx: %s",
       write ? "write" : "read", static_cast<unsigned long long>(bytes),
       static_cast<unsigned long long>(address), near.c_str());
}

u8* global_at(Warp& w, const Instruction& i, int lane, u64 address, u32 bytes, bool write) {
  return global_range(w, i, lane, address, bytes, bytes, write, write ? "a write" : "a read");
}

SharedAt shared_at(Warp& w, const Instruction& i, int lane, u32 address, u32 bytes, u32 alignment) {
  Block* b = w.block;
  u32 offset = address;
  if (const u32 r = address >> rank_shift) {
    Cluster& c = *b->cluster;
    if (r - 1 >= c.blocks.size())
      fail(w, i, lane, "shared::cluster address 0x%x belongs to no block of this cluster", address);
    b = c.blocks[r - 1];
    offset = address & ((1u << rank_shift) - 1);
    if (!b->live)
      fail(w, i, lane,
           "shared memory of block rank %u of the cluster is touched after that block has ended",
           r - 1);
    if (b != w.block) require_started(w, i, lane, *b);
  }
  if (alignment > 1 && offset % alignment)
    fail(w, i, lane, "shared address 0x%x is not aligned to %u bytes", offset, alignment);
  if (offset < b->shared_begin || offset + bytes > b->shared_end || offset + bytes < offset)
    fail(w, i, lane, "shared memory out of bounds: %u bytes at offset %d of %u", bytes,
         static_cast<int>(offset) - static_cast<int>(b->shared_begin),
         b->shared_end - b->shared_begin);
  return {b, offset};
}

void fail_elsewhere(Warp& w, const Instruction& i, int lane, const SharedAt& at) {
  fail(w, i, lane, "shared offset %u of rank %u is another block's: that is .shared::cluster",
       at.offset - at.block->shared_begin, at.block->rank);
}

void shared_written(Warp& w, Block& b, u32 offset, u32 bytes) {
  if (__builtin_expect(b.unread_stores != 0, 0)) require_stores_read(w, b, offset, bytes);
  std::memset(&b.byte_state[offset], byte_written, bytes);
  ++b.version;
  if (w.code->asynchronous) {
    const u64 stamp =
        GenericWrite{w.block->grid->time, w.block->rank, static_cast<u32>(w.index)}.pack();
    for (u32 k = offset / 4; k <= (offset + bytes - 1) / 4; ++k) b.generic_writes[k] = stamp;
  }
}

// Where a generic or local address leads.
void require_landed(Warp& w, const Instruction& i, int lane, const Block& b, u32 offset, u32 bytes,
                    const char* what) {
  for (u32 k = offset; k < offset + bytes; ++k)
    if (b.byte_state[k] == byte_in_flight)
      fail(w, i, lane, "shared offset %u is %s while an asynchronous copy may still write it",
           k - b.shared_begin, what);
}

void begin_landing(Warp& w, const Instruction& i, int lane, Block& b, u32 offset, u32 bytes) {
  for (u32 k = offset; k < offset + bytes; ++k)
    if (b.byte_state[k] == byte_in_flight)
      fail(w, i, lane, "two copies in flight write shared offset %u", k - b.shared_begin);
  std::memset(&b.byte_state[offset], byte_in_flight, bytes);
  ++b.version;
}

u8* generic_at(Warp& w, const Instruction& i, int l, u64 a, u32 bytes, bool write) {
  switch (a & window_mask) {
    case shared_window: {
      const auto s = shared_at(w, i, l, static_cast<u32>(a), bytes, bytes);
      if (s.block != w.block) note_remote_access(w, i, *s.block);
      require_landed(w, i, l, *s.block, s.offset, bytes, write ? "written" : "read");
      if (write)
        shared_written(w, *s.block, s.offset, bytes);
      else
        for (u32 k = 0; k < bytes; ++k)
          if (s.block->byte_state[s.offset + k] != byte_written && w.block->grid->machine.poison)
            fail(w, i, l, "shared offset %u is read but was never written",
                 s.offset + k - s.block->shared_begin);
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
      if (write && w.block->grid->non_coherent) non_coherent_access(w, i, l, a, bytes, true);
      return global_at(w, i, l, a, bytes, write);
  }
}

void count_conflicts(Warp& w, const u32* addresses, u32 mask, u32 bytes) {
  if (mask == ~0u && bytes <= 4) {  // neighbours, or one address for all
    bool line = true, same = true;
    for (int l = 0; l < 32; ++l) {
      line &= addresses[l] == addresses[0] + 4 * static_cast<u32>(l);
      same &= addresses[l] == addresses[0];
    }
    if (line || same) return;
  }
  const int per = bytes <= 4 ? 32 : bytes == 8 ? 16 : 8;
  const u32 words = bytes <= 4 ? 1 : bytes / 4;
  u32 extra = 0;
  for (int from = 0; from < 32; from += per) {
    u8 n[32] = {};
    u32 seen[32][32];
    u32 most = 0;
    for (int l = from; l < from + per; ++l) {
      if (!(mask >> l & 1)) continue;
      for (u32 k = 0; k < words; ++k) {
        const u32 word = addresses[l] / 4 + k, bank = word & 31;
        u32 j = 0;
        while (j < n[bank] && seen[bank][j] != word) ++j;
        if (j == n[bank]) {
          seen[bank][j] = word;
          n[bank] = static_cast<u8>(j + 1);
          if (j + 1 > most) most = j + 1;
        }
      }
    }
    if (most > 1) extra += most - 1;
  }
  w.block->grid->stats.shared_conflicts += extra;
}

}  // namespace roofproof::ptx
