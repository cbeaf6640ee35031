// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// mbarriers (PTX ISA, 9.7.13.15).
#include <algorithm>

#include "tests/ptx/machine/async.h"
#include "tests/ptx/machine/barriers.h"
#include "tests/ptx/machine/decode.h"
#include "tests/ptx/machine/memory.h"
#include "tests/ptx/machine/races.h"

namespace roofproof::ptx {

constexpr s32 most_transactions = (1 << 20) - 1;  // in magnitude (PTX ISA, 9.7.13.15.1)

void mbarrier_progress(Block& b, Mbarrier& m) {
  ++b.cluster->progress;
  if (m.pending == 0 && m.transactions == 0) {
    m.phase ^= 1;
    m.pending = m.expected;
    m.clock_done = m.clock;
    m.dependency_waited_done |= m.dependency_waited;
    m.arrival_times_done = m.arrival_times;
    m.cluster_phase_done = m.cluster_phase;
  }
}

void complete_transactions(Block& b, u32 offset, u32 bytes, const AsyncOp& op) {
  Mbarrier* m = b.find_barrier(offset);
  if (!m)
    fail(*op.warp, *op.instruction, op.lane,
         "a copy completes on shared offset %u of rank %u, where no mbarrier was initialised",
         offset - b.shared_begin, b.rank);
  m->transactions -= static_cast<s32>(bytes);
  if (m->transactions < -most_transactions)
    fail(*op.warp, *op.instruction, op.lane,
         "the transaction count of an mbarrier runs below its range");
  clock_join(m->clock, op.clock);
  if (op.kind == AsyncOp::remote_store) {
    u64& arrival = m->arrival_times[op.issuer->rank];
    arrival = std::max(arrival, op.time);
  }
  m->cluster_phase = std::max(m->cluster_phase, op.warp->cluster_phase);
  mbarrier_progress(b, *m);
}

namespace {

// source: address, count or parity, bytes.
enum Action : u8 { does_arrive = 1, does_expect = 2 };
constexpr u32 most_arrivals = (1 << 20) - 1;

Mbarrier& barrier_at(Warp& w, const Instruction& i, int lane, u64 a, Block** block = nullptr) {
  if ((a & window_mask) == shared_window) a &= ~window_mask;
  const auto s = shared_at(w, i, lane, static_cast<u32>(a), 8, 8);
  if (block) *block = s.block;
  Mbarrier* m = s.block->find_barrier(s.offset);
  if (!m)
    fail(w, i, lane, "no mbarrier was initialised at shared offset %u",
         s.offset - s.block->shared_begin);
  if (s.block == w.block && w.block->grid->machine.races)
    race_read(w, i, lane, *s.block, s.offset, 8);
  return *m;
}

void mbarrier_init(Warp& w, const Instruction& i, u32 m) {
  const u32* n = read_defined<u32>(w, i, i.source[1], m);
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    const auto s = shared_at(
        w, i, l, static_cast<u32>(lane_address(w, i, i.source[0], i.immediate, l, m)), 8, 8);
    if (s.block != w.block) fail(w, i, l, "mbarrier.init in another block");
    if (!n[l] || n[l] > most_arrivals) fail(w, i, l, "mbarrier.init with count %u", n[l]);
    shared_written(w, *s.block, s.offset, 8);
    if (w.block->grid->machine.races) race_write(w, i, l, *s.block, s.offset, 8);
    Mbarrier fresh;
    fresh.offset = s.offset;
    fresh.expected = fresh.pending = n[l];
    fresh.arrival_times.assign(w.block->cluster->blocks.size(), 0);
    fresh.initialiser = &w;
    fresh.initialised_time = w.block->grid->time;
    fresh.visible_phase = w.block->cluster->next_phase(w);
    if (Mbarrier* old = s.block->find_barrier(s.offset)) {
      if (old->transactions != 0 || old->pending != old->expected)
        fail(w, i, l, "an mbarrier is initialised again while a phase is under way");
      *old = std::move(fresh);
    } else
      s.block->mbarriers.push_back(std::move(fresh));
    ++w.block->cluster->progress;
  }
}

void mbarrier_inval(Warp& w, const Instruction& i, u32 m) {
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    Block* b;
    Mbarrier& x = barrier_at(w, i, l, lane_address(w, i, i.source[0], i.immediate, l, m), &b);
    b->mbarriers.erase(b->mbarriers.begin() + (&x - b->mbarriers.data()));
  }
}

void mbarrier_arrive(Warp& w, const Instruction& i, u32 m) {
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    Block* b;
    Mbarrier& x = barrier_at(w, i, l, lane_address(w, i, i.source[0], i.immediate, l, m), &b);
    if (i.mbarrier.own_block_only && b != w.block)
      fail(w, i, l, "this form arrives on the block's own mbarrier alone");
    if (b != w.block) {
      require_visible(w, i, l, *b, x);
      note_remote_access(w, i, *b);
    }
    const u64 state = static_cast<u64>(x.phase) << 63 | x.pending;
    if (i.mbarrier.actions & does_expect) {
      const u32 bytes = read_defined<u32>(w, i, i.source[2], m)[l];
      if (bytes > static_cast<u32>(most_transactions))
        fail(w, i, l, "expect_tx of %u bytes", bytes);
      x.transactions += static_cast<s32>(bytes);
      if (x.transactions > most_transactions)
        fail(w, i, l, "the transaction count of an mbarrier runs over its range");
    }
    if (i.mbarrier.actions & does_arrive) {
      const u32 n = i.mbarrier.has_count ? read_defined<u32>(w, i, i.source[1], m)[l] : 1;
      if (!n || n > x.pending)
        fail(w, i, l,
             "mbarrier at shared offset %u: %u arrive, but only %u more are expected in this phase",
             x.offset - b->shared_begin, n, x.pending);
      x.pending -= n;
      x.dependency_waited |= w.dependency_waited;
      x.cluster_phase = std::max(x.cluster_phase, w.cluster_phase);
      if (b != w.block) x.arrival_times[w.block->rank] = w.block->grid->time;
      clock_join(x.clock, w.clock);
    }
    mbarrier_progress(*b, x);
    if (i.destination.bytes == 8) set_lane_bits(w, i.destination, l, state);
  }
  if (i.mbarrier.actions & does_arrive) clock_tick(w);
  w.written[i.destination.id] |= m;
}

void mbarrier_wait(Warp& w, const Instruction& i, u32 m) {
  u32 p = 0;
  require_defined(w, i, i.source[1], m);
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    Block* b;
    Mbarrier& x = barrier_at(w, i, l, lane_address(w, i, i.source[0], i.immediate, l, m), &b);
    if (b != w.block) fail(w, i, l, "a wait for the mbarrier of another block");
    const u64 v = lane_bits(w, i.source[1], l);
    if (i.mbarrier.by_parity && v > 1)
      fail(w, i, l, "a phase parity of %llu", static_cast<unsigned long long>(v));
    const u64 waited = i.mbarrier.by_parity ? v : v >> 63;
    if (x.phase != waited) {
      p |= 1u << l;
      clock_acquire(w, x.clock_done);
      w.dependency_waited |= x.dependency_waited_done;
      w.cluster_phase = std::max(w.cluster_phase, x.cluster_phase_done);
      for (std::size_t r = 0; r < x.arrival_times_done.size(); ++r) {
        u64& observed = b->remote_accesses[r].observed_time;
        observed = std::max(observed, x.arrival_times_done[r]);
      }
    }
  }
  write_predicate(w, i.destination, p, m);
  if (p != m) w.polled = 1;
}

bool decode_mbarrier(Decoder& d, const Statement& s, Instruction& i) {
  const auto& what = s.part.at(1);
  for (std::size_t k = 2; k < s.part.size(); ++k) {
    const auto& p = s.part[k];
    if (p != "shared" && p != "shared::cta" && p != "shared::cluster" && p != "b64" &&
        p != "expect_tx" && p != "parity" && p != "release" && p != "acquire" && p != "relaxed" &&
        p != "cta" && p != "cluster")
      return false;
  }
  if (what == "init") {
    i.execute = mbarrier_init;
    d.address(s.arg.at(0), i, i.source[0]);
    i.source[1] = d.value(s.arg.at(1), Type::u32_);
    return true;
  }
  if (what == "inval") {
    i.execute = mbarrier_inval;
    d.address(s.arg.at(0), i, i.source[0]);
    return true;
  }
  if (what == "expect_tx") {
    i.execute = mbarrier_arrive;
    i.mbarrier.actions = does_expect;
    d.address(s.arg.at(0), i, i.source[0]);
    i.source[2] = d.value(s.arg.at(1), Type::u32_);
    i.destination = d.sink(4);
    return true;
  }
  if (what == "arrive") {
    i.execute = mbarrier_arrive;
    const bool tx = has(s, "expect_tx");
    i.mbarrier.actions = tx ? does_arrive | does_expect : does_arrive;
    i.destination = s.arg.at(0).what == Operand::sink ? d.sink(4) : d.destination(s.arg[0]);
    d.address(s.arg.at(1), i, i.source[0]);
    if (tx)
      i.source[2] = d.value(s.arg.at(2), Type::u32_);
    else if (s.arg.size() > 2) {
      i.mbarrier.has_count = 1;
      i.source[1] = d.value(s.arg[2], Type::u32_);
    }
    if (has(s, "shared::cluster") && s.arg[0].what != Operand::sink) return false;
    i.mbarrier.own_block_only = !has(s, "shared::cluster");
    return true;
  }
  if (what == "try_wait" || what == "test_wait") {
    i.execute = mbarrier_wait;
    i.mbarrier.by_parity = has(s, "parity");
    i.destination = d.destination(s.arg.at(0));
    d.address(s.arg.at(1), i, i.source[0]);
    i.source[1] = d.value(s.arg.at(2), i.mbarrier.by_parity ? Type::u32_ : Type::b64);
    return true;
  }
  return false;
}

}  // namespace

void add_mbarrier(Decoders& t) { t["mbarrier"] = decode_mbarrier; }

}  // namespace roofproof::ptx
