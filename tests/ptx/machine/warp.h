// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The state of a warp, and of the asynchronous work that belongs to it.
#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "tests/ptx/machine/instruction.h"

namespace roofproof::ptx {

struct Block;

enum class Wait : u8 { ready, bar, cluster, done };

// Threads of a warp that stand at one place.
enum class GroupState : u8 { ready, waits_for_members, polled };
struct Group {
  u32 pc, mask;
  GroupState state;
};

struct CpAsync {  // one instruction of cp.async, by one warp
  u32 mask;       // lanes whose copy is not complete
  u8 bytes;
  u8 source_bytes[32];  // the rest is filled with zeros
  u32 group[32];        // by lane: number of its commit group
  u32 target[32];       // offset in shared memory
  u64 source[32];
  const Instruction* instruction;
};

struct Wgmma {  // the part of one warp in a wgmma
  const Instruction* instruction;
  u64 a_descriptor = 0, b_descriptor = 0;
  u32 a_registers[4][32];
  bool scale_d;
  bool done = false;
  u32 group;       // ~0: not committed
  u64 number = 0;  // of the warp's wgmmas, from 0
};

struct Warp {
  u8* files[2] = {nullptr, nullptr};  // registers, constants
  u32* written = nullptr;             // by Slot::id: lanes that were written
  Block* block = nullptr;
  const Code* code = nullptr;
  u32 live = 0;          // lanes that have not exited
  u32 pc = 0, mask = 0;  // of the group that runs
  int index = 0;         // in the block
  Wait wait = Wait::ready;
  u8 polled = 0;  // set by an instruction whose result may change if others run
  u8 retry = 0;   // set by an instruction that is to be executed again
  std::vector<Group> others;
  u32 spins = 0;  // backward branches while other groups wait
  const Instruction* current = nullptr;
  u32 registers = 0;         // per thread, as setmaxnreg left it; 0: unknown
  u8 dependency_waited = 1;  // griddepcontrol.wait
  // Barriers of the cluster whose wait this warp has passed, by itself or by a barrier of its
  // block.
  u32 cluster_phase = 0;

  // cp.async
  std::deque<CpAsync> copies;
  std::deque<CpAsync> unwaited_copies;  // races: those that no wait has required yet
  u32 committed[32];                    // by lane: groups so far
  u32 bulk_committed[32];               // the same of bulk groups

  // wgmma
  std::deque<Wgmma> products;
  u32 product_groups = 0;
  bool fenced = false;
  u64 products_issued = 0;
  std::deque<std::pair<u64, std::vector<u32>>> product_clocks;  // of the last ones, at issue
  u8* written_since_fence = nullptr;  // by Slot::id, since the last wgmma.fence; null: no wgmma
  u64 proxy_fence_time = 0;           // Grid::time of the last fence.proxy.async
  u64 mbarrier_fence_time = 0;        // the same of fence.mbarrier_init

  // Undefined values: the lanes of the current instruction whose operands were all written, and
  // where the last undefined value came from.
  u32 defined = ~0u;
  int tainted_line = 0, loaded_line = 0;
  u32 loaded_offset = 0;

  // Happens-before: `clock` of warps, in shared memory; the others of blocks, in global memory.
  std::vector<u32> clock, known, acquired, fenced_known;
  // Of the own entry in `clock`: what a thread of the warp did up to there, all of them are ordered
  // behind.
  u32 converged_clock = 0;

  std::vector<u8> register_storage, local, fence_storage;
  std::vector<u32> written_storage;

  template <class T>
  T* at(const Slot& s) {
    return reinterpret_cast<T*>(files[s.constant] + s.offset);
  }
};

inline const Slot* operand_list(const Warp& w, const Instruction& i) {
  return &w.code->lists[i.list];
}
inline int lowest(u32 mask) { return __builtin_ctz(mask); }

}  // namespace roofproof::ptx
