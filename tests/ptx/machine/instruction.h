// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Decoded code: what the decoders make of PTX text, and what warps execute.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/ptx/machine/machine.h"
#include "tests/ptx/machine/types.h"

namespace roofproof::ptx {

// Where an operand lies: 32 lanes in the register file of a warp or in the pool of constants.
// Predicates are one word, a bit per lane.
struct Slot {
  u32 offset = 0;   // bytes, from the start of the file or pool
  u32 id = 0;       // number of the register: index of its mask in Warp::written
  u8 constant = 0;  // 1: in the pool of constants
  u8 bytes = 4;     // of a lane: 2, 4, 8; predicates: 1
  u8 negated = 0;   // predicates: !p
};

struct Warp;
struct Instruction;
struct SpecialRegister;
using Execute = void (*)(Warp&, const Instruction&, u32 mask);

// What the scheduler of a warp has to know of an instruction.
enum class Kind : u8 {
  plain,
  branch,
  exit,
  member_sync,  // waits for the threads of its member mask, which is source[3]
  aligned       // waits for every live thread of the warp
};

enum class Space : u8 { generic, global, shared, param, local, constant };

// Memory order of an access, by bits.
constexpr u8 order_acquire = 1;
constexpr u8 order_release = 2;

// Modifiers, by family of instructions.
struct MemoryOptions {  // ld, st
  u8 sign_extend, strong, order, non_coherent, own_block_only;
};
struct AtomicOptions {  // atom, red
  u8 operation, returns, order, own_block_only;
};
struct CopyOptions {  // cp.async
  u8 has_source_bytes, has_ignore;
};
struct BulkOptions {  // cp.async.bulk
  u8 kind, multicast, read_only;
};
struct MbarrierOptions {
  u8 actions, has_count, own_block_only, by_parity;
};
struct BarrierOptions {  // bar, barrier
  u8 has_count, relaxed;
};
struct WarpOptions {  // shfl, vote, redux, match
  u8 operation, predicate_too;
};
struct CompareOptions {  // setp
  u8 combine, complement_too, flush_to_zero;
};
struct ConvertOptions {  // cvt
  u8 rounding, flush_to_zero, saturate;
};
struct MatrixOptions {  // ldmatrix, stmatrix
  u8 transposed;
};
struct WgmmaOptions {
  u8 integer, a_in_registers;
};

struct Instruction {
  Execute execute = nullptr;
  Slot guard;
  bool guarded = false;
  Kind kind = Kind::plain;
  u8 width = 4;  // memory: bytes per element
  u8 count = 1;  // memory: elements
  Space space = Space::generic;
  union {
    MbarrierOptions mbarrier{};  // the largest: all are zero at first
    MemoryOptions memory;
    AtomicOptions atomic;
    CopyOptions copy;
    BulkOptions bulk;
    BarrierOptions barrier;
    WarpOptions warp;
    CompareOptions compare;
    ConvertOptions convert;
    MatrixOptions matrix;
    WgmmaOptions wgmma;
  };
  Slot source[4];
  Slot destination, second_destination;
  s64 immediate = 0;  // memory: offset of the address; branch: target
  s64 second_immediate = 0;
  u32 list = 0, list_size = 0;  // further operands: a range of Code::lists
  int line = 0;                 // of the PTX text, from 1
};

// A special register that is filled when a warp starts.
struct Special {
  Slot at;
  const SpecialRegister* what;
};

}  // namespace roofproof::ptx

struct roofproof::ptx::Kernel::Code {
  std::string kernel_name;
  std::vector<Instruction> instructions;
  std::vector<Slot> lists;
  std::vector<u8> pool;  // constants, 32 lanes each
  std::vector<Special> specials;
  std::vector<const SpecialRegister*> clocks;  // that movs read
  u32 register_bytes = 64, registers = 1;
  std::vector<std::string> register_names;  // by Slot::id
  u32 static_shared = 0;                    // from shared_start on
  u32 shared_alignment = 1;                 // the largest of a shared variable
  std::vector<Slot> shared_addresses;       // constants that a launch moves
  u32 local_bytes = 0;
  bool asynchronous = false;  // uses the async proxy
  bool has_wgmma = false;
  bool non_coherent = false;  // has ld.global.nc
  std::shared_ptr<const std::string> text;
  std::vector<std::size_t> line_starts;
  std::string line_text(int line) const;
};

namespace roofproof::ptx {

using Code = Kernel::Code;

// Stands for what the decoders do not know: a Fault when it is executed.
void unknown_instruction(Warp& w, const Instruction& i, u32 mask);

}  // namespace roofproof::ptx
