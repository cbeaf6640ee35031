// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Races between blocks in global memory, by vector clocks of blocks: every warp knows up to which
// epoch of each block it is ordered. A release (st.release, or a fence and then a strong write)
// publishes what the warp knows; an acquire (ld.acquire, or a strong read and then a fence) takes
// it; barriers of the block spread it. Within a block nothing is looked for.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "tests/ptx/machine/operands.h"
#include "tests/ptx/machine/races.h"

namespace roofproof::ptx {
namespace {
struct Cell {
  u32 writer, write_epoch, reader, read_epoch;
};  // block + 1; writer's top bit: a strong write; reader ~0: many
struct Page {
  Cell cell[1024];
};

constexpr u32 strong_bit = 1u << 31;
}  // namespace

struct GlobalRaces {
  u32 blocks;
  std::vector<u32> epoch;
  std::unordered_map<u64, std::unique_ptr<Page>> pages;
  std::unordered_map<u64, std::vector<u32>> published;
  std::unordered_map<u64, std::vector<u32>> many;  // readers of an address
  u64 last_page = ~u64{0};
  Page* last = nullptr;
  Cell& at(u64 a) {
    const u64 p = a >> 10;
    if (p != last_page) {
      auto& x = pages[p];
      if (!x) {
        x = std::make_unique<Page>();
        std::memset(x.get(), 0, sizeof(Page));
      }
      last_page = p;
      last = x.get();
    }
    return last->cell[a & 1023];
  }
};

static u32 number_of(const Block& b) {
  const Dim g = b.grid->launch->grid;
  return b.id.x + g.x * (b.id.y + g.y * b.id.z);
}

std::shared_ptr<GlobalRaces> make_global_races(u64 blocks, u64 warps) {
  if (blocks < 2 || blocks * warps > (u64{1} << 27)) return nullptr;
  auto r = std::make_shared<GlobalRaces>();
  r->blocks = static_cast<u32>(blocks);
  r->epoch.assign(blocks, 1);
  return r;
}

void global_start(Warp& w) {
  w.known.clear();
  w.acquired.clear();
  w.fenced_known.clear();
  if (GlobalRaces* r = w.block->grid->races.get()) w.known.assign(r->blocks, 0);
}

void global_access(Warp& w, const Instruction& i, int lane, u64 address, u32 bytes, bool write,
                   bool strong) {
  GlobalRaces& r = *w.block->grid->races;
  const u32 me = number_of(*w.block);
  const auto where = [](u32 b) { return b; };
  for (u64 a = address; a < address + bytes; ++a) {
    Cell& c = r.at(a);
    if (c.writer) {
      const u32 b = (c.writer & ~strong_bit) - 1;
      if (b != me && c.write_epoch > w.known[b] && !(strong && c.writer & strong_bit))
        fail(w, i, lane,
             "race: global address 0x%llx is %s here and was written by block number %u, with no "
             "release and acquire between",
             static_cast<unsigned long long>(a), write ? "written" : "read", where(b));
    }
    if (write) {
      if (c.reader == ~0u) {
        auto& m = r.many[a];
        for (u32 b = 0; b < r.blocks; ++b)
          if (b != me && m[b] > w.known[b])
            fail(w, i, lane,
                 "race: global address 0x%llx is written here and was read by block number %u, "
                 "with no release and acquire between",
                 static_cast<unsigned long long>(a), b);
        r.many.erase(a);
      } else if (c.reader && c.reader - 1 != me && c.read_epoch > w.known[c.reader - 1])
        fail(w, i, lane,
             "race: global address 0x%llx is written here and was read by block number %u, with no "
             "release and acquire between",
             static_cast<unsigned long long>(a), c.reader - 1);
      c.reader = c.read_epoch = 0;
      c.writer = (me + 1) | (strong ? strong_bit : 0);
      // Whoever acquires what this write publishes is ordered after the write itself, too.
      c.write_epoch = strong && !w.fenced_known.empty() ? w.fenced_known[me] : r.epoch[me];
    } else if (!strong) {
      if (c.reader == ~0u)
        r.many[a][me] = r.epoch[me];
      else if (!c.reader || c.reader - 1 == me || c.read_epoch <= w.known[c.reader - 1]) {
        c.reader = me + 1;
        c.read_epoch = r.epoch[me];
      } else {
        auto& m = r.many[a];
        m.assign(r.blocks, 0);
        m[c.reader - 1] = c.read_epoch;
        m[me] = r.epoch[me];
        c.reader = ~0u;
      }
    }
  }
}

void global_fence(Warp& w) {
  GlobalRaces* r = w.block->grid->races.get();
  if (!r) return;
  const u32 me = number_of(*w.block);
  clock_join(w.known, w.acquired);
  w.acquired.clear();
  w.fenced_known = w.known;
  w.fenced_known[me] = r->epoch[me]++;
}

// A strong access: flags 1 acquire, 2 release.
void global_sync(Warp& w, u64 address, bool read, bool write, int flags) {
  GlobalRaces* r = w.block->grid->races.get();
  if (!r) return;
  const u32 me = number_of(*w.block);
  if (read) {
    if (const auto it = r->published.find(address); it != r->published.end()) {
      if (flags & 1)
        clock_join(w.known, it->second);
      else
        clock_join(w.acquired, it->second);
    }
  }
  if (write) {
    if (flags & 2) {
      auto all = w.known;
      all[me] = r->epoch[me]++;
      clock_join(r->published[address], all);
    } else if (!w.fenced_known.empty())
      clock_join(r->published[address], w.fenced_known);
  }
}

void global_barrier(Block& b, u32 from, u32 to) {  // warps that came, warps that wait
  if (!b.grid->races) return;
  std::vector<u32> known, acquired, fenced;
  for (u32 k = 0; k < b.warp_count; ++k)
    if (from >> k & 1) {
      clock_join(known, b.warps[k]->known);
      clock_join(acquired, b.warps[k]->acquired);
      clock_join(fenced, b.warps[k]->fenced_known);
    }
  for (u32 k = 0; k < b.warp_count; ++k)
    if (to >> k & 1) {
      clock_join(b.warps[k]->known, known);
      clock_join(b.warps[k]->acquired, acquired);
      clock_join(b.warps[k]->fenced_known, fenced);
    }
}

namespace {

class ByteSet {
 public:
  void insert(u64 address, u64 bytes) {
    for_words(address, bytes, [](u64& word, u64 mask, u64) {
      word |= mask;
      return false;
    });
  }
  // The first byte of a range that is in the set.
  std::optional<u64> first_of(u64 address, u64 bytes) {
    std::optional<u64> first;
    for_words(address, bytes, [&](u64 word, u64 mask, u64 start) {
      if (word & mask) first = start + static_cast<u64>(std::countr_zero(word & mask));
      return first.has_value();
    });
    return first;
  }

 private:
  using Page = std::array<u64, 64>;  // a bit of each byte
  // f(64 bits, those of the range, address of the lowest); true: it is done.
  template <class F>
  void for_words(u64 address, u64 bytes, F f) {
    for (u64 a = address, end = address + bytes; a < end;) {
      const u64 bit = a % 64, n = std::min(64 - bit, end - a);
      if (f(page(a)[a / 64 % 64], ~u64{0} >> (64 - n) << bit, a - bit)) return;
      a += n;
    }
  }
  Page& page(u64 a) {
    if (a >> 12 != last_page_) {
      auto& p = pages_[a >> 12];
      if (!p) p = std::make_unique<Page>();
      last_page_ = a >> 12;
      last_ = p.get();
    }
    return *last_;
  }
  std::unordered_map<u64, std::unique_ptr<Page>> pages_;
  u64 last_page_ = ~u64{0};
  Page* last_ = nullptr;
};

}  // namespace

struct NonCoherent {
  ByteSet loaded, written;
};

std::shared_ptr<NonCoherent> make_non_coherent(const Code& code) {
  return code.non_coherent ? std::make_shared<NonCoherent>() : nullptr;
}

void non_coherent_access(Warp& w, const Instruction& i, int lane, u64 address, u64 bytes,
                         bool write) {
  NonCoherent& n = *w.block->grid->non_coherent;
  (write ? n.written : n.loaded).insert(address, bytes);
  if (const auto a = (write ? n.loaded : n.written).first_of(address, bytes))
    fail(w, i, lane, "ld.global.nc of global address 0x%llx, which this launch writes%s",
         static_cast<unsigned long long>(*a), write ? " here" : "");
}

// What launches of a chain have written since one that waited for everything before it.
struct ChainWrites : ByteSet {};

std::shared_ptr<ChainWrites> chain_writes(u64 chain, bool dependent) {
  static std::mutex lock;
  static std::unordered_map<u64, std::shared_ptr<ChainWrites>> chains;
  const std::lock_guard guard(lock);
  auto& w = chains[chain];
  if (!w || !dependent) w = std::make_shared<ChainWrites>();
  return w;
}

// The chain holds what other launches wrote: a launch's own writes come after its wait, and of
// reads after that only those are looked at that want memory which nobody writes while the launch
// runs.
void dependent_access(Warp& w, const Instruction& i, int lane, u64 address, u64 bytes, bool write) {
  Grid& g = *w.block->grid;
  const bool early = g.dependent && !w.dependency_waited;
  if (early && write)
    fail(w, i, lane, "a dependent launch writes global memory before griddepcontrol.wait");
  if (write) {
    g.chain_writes->insert(address, bytes);
    return;
  }
  if (!early && !i.memory.non_coherent) return;
  if (const auto a = g.chain_writes->first_of(address, bytes))
    fail(w, i, lane,
         "a dependent launch reads global address 0x%llx %s; a launch that may still run has "
         "written it",
         static_cast<unsigned long long>(*a),
         early ? "before griddepcontrol.wait" : "by ld.global.nc");
}

}  // namespace roofproof::ptx
