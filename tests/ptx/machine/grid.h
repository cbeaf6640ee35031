// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The state of a running grid: blocks, clusters, and what the launch shares.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/ptx/machine/warp.h"

namespace roofproof::ptx {

struct Grid;
struct Cluster;

struct Mbarrier {
  u32 offset = 0;                      // in shared memory
  u32 expected = 0, pending = 0;       // arrivals
  s32 transactions = 0;                // bytes that are still to come
  u32 phase = 0;                       // 0 or 1
  std::vector<u32> clock, clock_done;  // of who arrived, in this phase and in the completed ones
  u8 dependency_waited = 0, dependency_waited_done = 0;
  // By rank: Grid::time of the last arrival from another block, in this phase or before, and in the
  // completed ones.
  std::vector<u64> arrival_times, arrival_times_done;
  u32 cluster_phase = 0, cluster_phase_done = 0;  // Warp::cluster_phase of who arrived
  // Whom the initialisation is known to: the warp that made it and when (Grid::time), whether a
  // fence followed, and the barrier of the cluster behind which others may rely on it.
  const Warp* initialiser = nullptr;
  u64 initialised_time = 0;
  bool fenced = false;
  u32 visible_phase = 0;
};

// Accesses of one other block of the cluster to a block's shared memory.
struct RemoteAccess {
  u64 last_time = 0;      // Grid::time; 0: none
  u64 observed_time = 0;  // up to which the block has waited for arrivals of the other
  u32 phase = 0;          // the barrier of the cluster that orders the last access
  int line = 0;           // of the last access
};

struct NamedBarrier {
  u32 expected = 0, arrived = 0;  // threads
  u32 waiting = 0;                // warps, by mask
  u32 arrivals = 0;               // warps that arrived this time (sync or arrive), by mask
};

struct AsyncOp {  // a bulk or tensor copy, or a lane's st.async
  enum Kind : u8 {
    bulk_load,
    bulk_store,
    tensor_load,
    tensor_store,
    shared_to_shared,
    remote_store
  } kind;
  Block* issuer;
  Warp* warp;
  int lane;
  const Instruction* instruction;
  u64 source = 0, target = 0;  // global address, or shared offset in its block
  u32 bytes = 0;
  u32 barrier = 0;  // shared offset of the mbarrier
  u32 ranks = 0;    // blocks that are written, by mask of ranks
  u64 map = 0;      // address of the tensor map
  s32 coordinates[5] = {0, 0, 0, 0, 0};
  u32 group = 0;
  bool read_done = false;
  std::vector<u8> data;  // store: what was read; remote_store: what is written
  u32 undefined = 0;     // remote_store: elements that are
  u64 time = 0;          // Grid::time of its issue
  std::vector<u32> clock;
  bool is_store() const { return kind == bulk_store || kind == tensor_store; }
};

// races: what was done to a byte, by warps of the cluster (number + 1; 0: none) at their clocks.
struct RaceRecord {
  u16 writer = 0, writer_lane = 0;
  u32 writer_clock = 0;
  u32 reader = 0, reader_clock = 0;  // reader ~0: several; then the clock is an index of readers
};

// B of a wgmma, ready to be multiplied: of use while shared memory stays as it is.
struct WgmmaOperand {
  u64 version = 0, descriptor = 0;
  u32 n = 0;
  s64 scale = 0;
  bool integer = false;
  alignas(64) u32 words[16 * 256];  // floats [k][n], or pairs of signed 16-bit numbers [k / 2][n]
};

// Of a byte of shared memory.
enum ByteState : u8 { byte_unwritten, byte_written, byte_in_flight };

struct Block {
  Grid* grid = nullptr;
  Cluster* cluster = nullptr;
  u32 rank = 0;  // in the cluster
  Dim id;
  bool live = false;
  u32 warps_live = 0, warp_count = 0, thread_count = 0;
  std::vector<std::unique_ptr<Warp>> warps;
  u32 free_registers = 0;  // that setmaxnreg.dec gave back

  std::vector<u8> shared;  // from offset 0 (shared_begin bytes of it untouchable)
  u32 shared_begin = 0, shared_end = 0;
  u64 version = 1;                  // changes with the content of shared memory
  std::vector<u8> byte_state;       // ByteState
  std::vector<u64> generic_writes;  // per 4 bytes: GenericWrite of the last one; 0: none to fence
  std::vector<RaceRecord> race_records;
  std::vector<std::vector<u32>> readers;
  u32 unread_stores = 0;  // that have yet to read this block's shared memory
  std::vector<std::unique_ptr<WgmmaOperand>> operands;
  u32 next_operand = 0;

  NamedBarrier barriers[16];
  std::vector<Mbarrier> mbarriers;
  std::vector<RemoteAccess> remote_accesses;  // by rank
  const Mbarrier* find_barrier(u32 offset) const {
    for (auto& b : mbarriers)
      if (b.offset == offset) return &b;
    return nullptr;
  }
  Mbarrier* find_barrier(u32 offset) {
    return const_cast<Mbarrier*>(std::as_const(*this).find_barrier(offset));
  }
};

// A write to shared memory by the generic proxy, in a word: when, and by which warp.
struct GenericWrite {
  u64 time;
  u32 rank, warp;
  static GenericWrite unpack(u64 word) {
    return {word >> 10, static_cast<u32>(word >> 5 & 31), static_cast<u32>(word & 31)};
  }
  u64 pack() const { return time << 10 | static_cast<u64>(rank << 5) | warp; }
};

// What a warp has done at the barrier of its cluster.
enum class Arrival : u8 { none, arrived, waits, passed };  // passed: all came, it may wait at once

struct Cluster {
  Grid* grid = nullptr;
  std::vector<Block*> blocks;
  std::vector<AsyncOp> pending;
  std::vector<Arrival> arrivals;  // by warp of the cluster
  u32 phase = 0;                  // completed barriers of the cluster
  u32 live_warps = 0;
  u64 progress = 0, stuck_rounds = 0;
  u32 slept_rounds = 0;  // Async::random: in which some warp only slept
  u64 id = 0;
  bool live = false;
  // The barrier of the cluster that orders what the warp does now before what others do behind it.
  u32 next_phase(const Warp& w) { return phase + (arrival(w) == Arrival::arrived ? 2 : 1); }
  Arrival& arrival(const Warp& w) {
    return arrivals[w.block->rank * w.block->warp_count + static_cast<u32>(w.index)];
  }
};

struct Region {
  u64 base, bytes;
  std::string name;
};
using Regions = std::vector<Region>;
std::shared_ptr<const Regions> registered_regions();

struct GlobalRaces;
struct ChainWrites;
struct NonCoherent;
struct Grid {
  const Kernel* kernel;
  const Code* code;
  const Launch* launch;
  Machine machine;
  const u8* params;
  std::size_t param_bytes;
  Statistics stats;
  u64 random;
  u32 shared_begin;      // offset of the first variable
  std::vector<u8> pool;  // the code's constants, with the shared addresses of this launch
  u64 time = 1;          // warp instructions so far
  u64 extra_ns = 0;
  u64 start_ns = 0;
  bool waits_for_host = false;  // something polls global memory or a clock
  bool atomic_polled =
      false;  // an atomic may have left its operand as it was: a lock, or a sum of zeros
  std::shared_ptr<const Regions> regions;
  const Region* last_region = nullptr;
  std::shared_ptr<GlobalRaces> races;         // null: not looked for
  std::shared_ptr<NonCoherent> non_coherent;  // null: no ld.global.nc, or not looked at
  bool dependent = false;
  // Writes of the launches of this chain that may still run; null: not asked for.
  std::shared_ptr<ChainWrites> chain_writes;
  u64 next_random() {  // xorshift64
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    return random;
  }
};

}  // namespace roofproof::ptx
