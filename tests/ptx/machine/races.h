// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The search for races, by vector clocks: of the warps of a cluster in shared memory, of blocks in
// global memory.
#pragma once

#include "tests/ptx/machine/grid.h"

namespace roofproof::ptx {

void clock_join(std::vector<u32>& into, const std::vector<u32>& from);
void clock_tick(Warp& w);
// What a thread of the warp has done so far is ordered before what all of them do now.
void clock_converge(Warp& w);
// A wait for what others released at `from`.
void clock_acquire(Warp& w, const std::vector<u32>& from);

// Shared memory (shared_races.cpp).
void race_write(Warp& w, const Instruction& i, int lane, Block& b, u32 offset, u32 bytes);
// A write that no wait has required yet: nothing of another warp is ordered behind it until
// race_write says when it was complete.
void race_write_begins(Warp& w, const Instruction& i, int lane, Block& b, u32 offset, u32 bytes);
void race_read(Warp& w, const Instruction& i, int lane, Block& b, u32 offset, u32 bytes);
// The same by all threads of the warp together; lane: for a Fault.
void race_read_together(Warp& w, const Instruction& i, int lane, Block& b, u32 offset, u32 bytes);

// Global memory (global_races.cpp). Null where there is nothing to find, or too much to record.
std::shared_ptr<GlobalRaces> make_global_races(u64 blocks, u64 warps);
void global_start(Warp& w);
void global_access(Warp& w, const Instruction& i, int lane, u64 address, u32 bytes, bool write,
                   bool strong);
void global_fence(Warp& w);
// What a strong access takes from others (read) or tells them (write). order: order_acquire,
// order_release.
void global_sync(Warp& w, u64 address, bool read, bool write, int order);
// A barrier of the block, from the warps that came (mask) to those that wait.
void global_barrier(Block& b, u32 from, u32 to);

// ld.global.nc of what the launch writes, before or after (global_races.cpp). Null: no such loads.
std::shared_ptr<NonCoherent> make_non_coherent(const Code& code);
// A write, or else a load with .nc.
void non_coherent_access(Warp& w, const Instruction& i, int lane, u64 address, u64 bytes,
                         bool write);

// Programmatic dependent launches (global_races.cpp).
std::shared_ptr<ChainWrites> chain_writes(u64 chain, bool dependent);
void dependent_access(Warp& w, const Instruction& i, int lane, u64 address, u64 bytes, bool write);
inline bool watch_dependents(const Warp& w, bool write) {
  const Grid& g = *w.block->grid;
  return g.chain_writes && (write || (g.dependent && !w.dependency_waited));
}

}  // namespace roofproof::ptx
