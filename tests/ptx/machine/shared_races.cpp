// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Races in shared memory, by vector clocks of the warps of a cluster. Of the threads of one warp a
// read behind another one's write is looked at, by the warp's own clock; all else counts as
// ordered.
#include <algorithm>

#include "tests/ptx/machine/operands.h"
#include "tests/ptx/machine/races.h"

namespace roofproof::ptx {

namespace {

u32 clock_index(Warp& w) { return w.block->rank * w.block->warp_count + static_cast<u32>(w.index); }

}  // namespace

void clock_join(std::vector<u32>& into, const std::vector<u32>& from) {
  if (into.size() < from.size()) into.resize(from.size());
  for (std::size_t k = 0; k < from.size(); ++k) into[k] = std::max(into[k], from[k]);
}

void clock_tick(Warp& w) {
  if (!w.clock.empty()) ++w.clock[clock_index(w)];
}

void clock_converge(Warp& w) {
  if (w.clock.empty()) return;
  w.converged_clock = w.clock[clock_index(w)]++;
}

void clock_acquire(Warp& w, const std::vector<u32>& from) {
  if (w.clock.empty() || from.empty()) return;
  clock_join(w.clock, from);
  w.converged_clock = std::max(w.converged_clock, from[clock_index(w)]);
}

namespace {

constexpr u32 never = ~0u;  // a clock that no warp reaches

void write_at(u32 clock, Warp& w, const Instruction& i, int lane, Block& b, u32 offset, u32 bytes) {
  const u32 me = clock_index(w);
  for (u32 k = offset; k < offset + bytes; ++k) {
    RaceRecord& s = b.race_records[k];
    if (s.writer && s.writer - 1u != me && s.writer_clock > w.clock[s.writer - 1u])
      fail(w, i, lane,
           "race: shared offset %u is written here and was written by warp %u (rank %u), with no "
           "synchronisation between",
           k - b.shared_begin, (s.writer - 1u) % b.warp_count, (s.writer - 1u) / b.warp_count);
    if (s.reader == ~0u) {
      auto& r = b.readers[s.reader_clock];
      for (u32 x = 0; x < r.size(); ++x)
        if (x != me && r[x] > w.clock[x])
          fail(w, i, lane,
               "race: shared offset %u is written here and was read by warp %u (rank %u), with no "
               "synchronisation between",
               k - b.shared_begin, x % b.warp_count, x / b.warp_count);
    } else if (s.reader && s.reader - 1 != me && s.reader_clock > w.clock[s.reader - 1])
      fail(w, i, lane,
           "race: shared offset %u is written here and was read by warp %u (rank %u), with no "
           "synchronisation between",
           k - b.shared_begin, (s.reader - 1) % b.warp_count, (s.reader - 1) / b.warp_count);
    s.writer = static_cast<u16>(me + 1);
    s.writer_lane = static_cast<u16>(lane);
    s.writer_clock = clock;
    if (s.reader == ~0u)
      std::fill(b.readers[s.reader_clock].begin(), b.readers[s.reader_clock].end(), 0u);
    else
      s.reader = 0, s.reader_clock = 0;
  }
}

}  // namespace

void race_write(Warp& w, const Instruction& i, int lane, Block& b, u32 offset, u32 bytes) {
  write_at(w.clock[clock_index(w)], w, i, lane, b, offset, bytes);
}

void race_write_begins(Warp& w, const Instruction& i, int lane, Block& b, u32 offset, u32 bytes) {
  write_at(never, w, i, lane, b, offset, bytes);
}

namespace {

// alone: a read by the lane, and not by the whole warp.
void read_at(bool alone, Warp& w, const Instruction& i, int lane, Block& b, u32 offset, u32 bytes) {
  const u32 me = clock_index(w);
  for (u32 k = offset; k < offset + bytes; ++k) {
    RaceRecord& s = b.race_records[k];
    if (s.writer && s.writer - 1u != me && s.writer_clock > w.clock[s.writer - 1u])
      fail(w, i, lane,
           "race: shared offset %u is read here and was written by warp %u (rank %u), with no "
           "synchronisation between",
           k - b.shared_begin, (s.writer - 1u) % b.warp_count, (s.writer - 1u) / b.warp_count);
    if (s.writer == me + 1 && s.writer_clock > w.converged_clock &&
        !(alone && s.writer_lane == lane))
      fail(w, i, lane,
           "race: shared offset %u is read here and was written by lane %u of the same warp, with "
           "no bar.warp.sync or barrier between",
           k - b.shared_begin, s.writer_lane);
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

}  // namespace

void race_read(Warp& w, const Instruction& i, int lane, Block& b, u32 offset, u32 bytes) {
  read_at(true, w, i, lane, b, offset, bytes);
}

void race_read_together(Warp& w, const Instruction& i, int lane, Block& b, u32 offset, u32 bytes) {
  read_at(false, w, i, lane, b, offset, bytes);
}

}  // namespace roofproof::ptx
