// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What memory there is, and who may touch it.
#include <algorithm>
#include <cstdio>
#include <mutex>

#include "tests/ptx/machine/internal.h"

namespace roofproof::ptx {
namespace {
std::mutex registry_lock;
std::shared_ptr<const Regions> current = std::make_shared<Regions>();
}  // namespace

std::shared_ptr<const Regions> regions() {
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
    auto it = std::upper_bound(g.map->begin(), g.map->end(), address,
                               [](u64 a, auto& r) { return a < r.base; });
    if (it == g.map->begin()) return nullptr;
    --it;
    return address < it->base + it->bytes ? &*it : nullptr;
  };
  if (g.last && address - g.last->base < g.last->bytes) return g.last;
  if (const auto* r = look()) return g.last = r;
  g.last = nullptr;
  g.map = regions();  // may have changed since the launch
  if (const auto* r = look()) return g.last = r;
  return nullptr;
}
}  // namespace

u8* global_range(Warp& w, const Ins& i, int lane, u64 address, u64 bytes, u32 alignment, bool write,
                 const char* what) {
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
  } else if (!g.map->empty()) {
    u64 best = ~u64{0};
    for (auto& c : *g.map) {
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

u8* global_at(Warp& w, const Ins& i, int lane, u64 address, u32 bytes, bool write) {
  return global_range(w, i, lane, address, bytes, bytes, write, write ? "a write" : "a read");
}

SharedAt shared_at(Warp& w, const Ins& i, int lane, u32 address, u32 bytes, u32 alignment) {
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
  }
  if (alignment > 1 && offset % alignment)
    fail(w, i, lane, "shared address 0x%x is not aligned to %u bytes", offset, alignment);
  if (offset < shared_start || offset + bytes > b->shared_end || offset + bytes < offset)
    fail(w, i, lane, "shared memory out of bounds: %u bytes at offset %d of %u", bytes,
         static_cast<int>(offset) - static_cast<int>(shared_start), b->shared_end - shared_start);
  return {b, offset};
}

void shared_written(Warp& w, Block& b, u32 offset, u32 bytes) {
  if (__builtin_expect(b.unread != 0, 0)) unread_check(w, b, offset, bytes);
  std::memset(&b.init[offset], 1, bytes);
  ++b.version;
  if (w.code->asynchronous) {
    const u64 stamp = w.block->grid->time << 10 | static_cast<u64>(w.block->rank << 5) |
                      static_cast<u64>(w.index);
    for (u32 k = offset / 4; k <= (offset + bytes - 1) / 4; ++k) b.dirty[k] = stamp;
  }
}

void clock_join(std::vector<u32>& into, const std::vector<u32>& from) {
  if (into.size() < from.size()) into.resize(from.size());
  for (std::size_t k = 0; k < from.size(); ++k) into[k] = std::max(into[k], from[k]);
}

// Happens-before by vector clocks of the warps of a cluster; threads of one warp count as ordered
// (see README).
static u32 clock_index(Warp& w) {
  return w.block->rank * w.block->warp_count + static_cast<u32>(w.index);
}
void clock_tick(Warp& w) {
  if (!w.clock.empty()) ++w.clock[clock_index(w)];
}

void race_write(Warp& w, const Ins& i, int lane, Block& b, u32 offset, u32 bytes) {
  const u32 me = clock_index(w);
  for (u32 k = offset; k < offset + bytes; ++k) {
    Shadow& s = b.shadow[k];
    if (s.writer && s.writer - 1 != me && s.writer_clock > w.clock[s.writer - 1])
      fail(w, i, lane,
           "race: shared offset %u is written here and was written by warp %u (rank %u), with no "
           "synchronisation between",
           k - shared_start, (s.writer - 1) % b.warp_count, (s.writer - 1) / b.warp_count);
    if (s.reader == ~0u) {
      auto& r = b.readers[s.reader_clock];
      for (u32 x = 0; x < r.size(); ++x)
        if (x != me && r[x] > w.clock[x])
          fail(w, i, lane,
               "race: shared offset %u is written here and was read by warp %u (rank %u), with no "
               "synchronisation between",
               k - shared_start, x % b.warp_count, x / b.warp_count);
    } else if (s.reader && s.reader - 1 != me && s.reader_clock > w.clock[s.reader - 1])
      fail(w, i, lane,
           "race: shared offset %u is written here and was read by warp %u (rank %u), with no "
           "synchronisation between",
           k - shared_start, (s.reader - 1) % b.warp_count, (s.reader - 1) / b.warp_count);
    s.writer = me + 1;
    s.writer_clock = w.clock[me];
    if (s.reader == ~0u)
      std::fill(b.readers[s.reader_clock].begin(), b.readers[s.reader_clock].end(), 0u);
    else
      s.reader = 0, s.reader_clock = 0;
  }
}

void race_read(Warp& w, const Ins& i, int lane, Block& b, u32 offset, u32 bytes) {
  const u32 me = clock_index(w);
  for (u32 k = offset; k < offset + bytes; ++k) {
    Shadow& s = b.shadow[k];
    if (s.writer && s.writer - 1 != me && s.writer_clock > w.clock[s.writer - 1])
      fail(w, i, lane,
           "race: shared offset %u is read here and was written by warp %u (rank %u), with no "
           "synchronisation between",
           k - shared_start, (s.writer - 1) % b.warp_count, (s.writer - 1) / b.warp_count);
    if (s.reader == ~0u)
      b.readers[s.reader_clock][me] = w.clock[me];
    else if (!s.reader || s.reader - 1 == me || s.reader_clock <= w.clock[s.reader - 1])
      s.reader = me + 1, s.reader_clock = w.clock[me];
    else {  // several at once
      b.readers.emplace_back(w.clock.size(), 0u);
      b.readers.back()[s.reader - 1] = s.reader_clock;
      b.readers.back()[me] = w.clock[me];
      s.reader = ~0u;
      s.reader_clock = static_cast<u32>(b.readers.size() - 1);
    }
  }
}

void conflicts(Warp& w, const u32* addresses, u32 mask, u32 bytes) {
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
