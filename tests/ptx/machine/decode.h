// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// From statements of PTX text to instructions: the interface of the decoders.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "tests/ptx/machine/instruction.h"
#include "tests/ptx/machine/special_registers.h"

namespace roofproof::ptx {

struct Operand {
  enum What : u8 {
    none,
    reg,
    imm,   // integer
    fimm,  // 0f..., bits of a float
    dimm,  // 0d..., bits of a double
    symbol,
    vector,
    address,
    sink,  // _
    pair   // a|b
  } what = none;
  std::string name;
  s64 value = 0;        // of immediates; offset of an address
  bool negate = false;  // !p
  std::vector<Operand> list;
};
struct Statement {
  std::string op;                 // whole: "add.s32"
  std::vector<std::string> part;  // split at dots
  std::vector<Operand> arg;
  std::string guard;
  bool guard_negated = false;
  int line = 0;
};
inline bool has(const Statement& s, std::string_view part) {
  for (auto& x : s.part)
    if (x == part) return true;
  return false;
}
inline bool has_shared(const Statement& s) {
  return has(s, "shared") || has(s, "shared::cta") || has(s, "shared::cluster");
}
inline Type last_type(const Statement& s) { return type_of(s.part.back()); }

class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual Slot destination(const Operand& o) = 0;
  virtual Slot value(const Operand& o, Type t) = 0;  // register or constant of that type
  virtual Slot predicate(const Operand& o) = 0;
  virtual Slot sink(int bytes) = 0;  // that nobody reads
  // base: a register or a constant; the offset goes to i.immediate.
  virtual void address(const Operand& o, Instruction& i, Slot& base) = 0;
  virtual u32 add_list(const std::vector<Slot>&) = 0;  // index in Code::lists
  virtual Code& code() = 0;
  virtual std::vector<Slot> vector(const Operand& o, Type t, bool destination) = 0;
};

// Fills in an instruction; false: a form that the machine does not know.
using Decode = bool (*)(Decoder&, const Statement&, Instruction&);
using Decoders = std::unordered_map<std::string, Decode>;  // by the first part of the opcode

// The families, each in the file of its name.
void add_arithmetic(Decoders&);
void add_bits(Decoders&);
void add_compare(Decoders&);
void add_convert(Decoders&);
void add_move(Decoders&);
void add_load_store(Decoders&);
void add_atomic(Decoders&);
void add_address(Decoders&);
void add_copy(Decoders&);  // cp_async.cpp
void add_mbarrier(Decoders&);
void add_synchronization(Decoders&);
void add_warp_functions(Decoders&);
void add_matrix(Decoders&);
void add_mma(Decoders&);
void add_wgmma(Decoders&);

// cp.async.bulk and st.async (bulk_copy.cpp); the rest of cp is in cp_async.cpp, of st in
// load_store.cpp.
bool decode_bulk(Decoder& d, const Statement& s, Instruction& i);
bool decode_store_async(Decoder& d, const Statement& s, Instruction& i);

// d, a / d, a, b / d, a, b, c of one type. False: another number of operands, or no function.
bool unary_form(Decoder& d, const Statement& s, Instruction& i, Type t, Execute f);
bool binary_form(Decoder& d, const Statement& s, Instruction& i, Type t, Execute f);
bool ternary_form(Decoder& d, const Statement& s, Instruction& i, Type t, Execute f);
// d or d|p. True: a pair.
bool destination_pair(Decoder& d, const Operand& o, Instruction& i);

}  // namespace roofproof::ptx
