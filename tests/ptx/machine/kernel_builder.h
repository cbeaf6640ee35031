// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// One kernel, from the brace that opens its body to decoded code.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "tests/ptx/machine/decode.h"
#include "tests/ptx/machine/scanner.h"

namespace roofproof::ptx {

using Variables = std::vector<std::unique_ptr<Variable>>;

class KernelBuilder : public Decoder {
 public:
  KernelBuilder(const Variables& variables, Kernel& k);
  void add_parameter(const std::string& name, u64 offset);
  void body(Scanner& s);

  Code& code() override { return code_; }
  Slot destination(const Operand& o) override;
  Slot value(const Operand& o, Type t) override;
  Slot predicate(const Operand& o) override;
  Slot sink(int bytes) override;
  void address(const Operand& o, Instruction& i, Slot& base) override;
  u32 add_list(const std::vector<Slot>& slots) override;
  std::vector<Slot> vector(const Operand& o, Type t, bool destination) override;

 private:
  struct Register {
    Type type;
    std::string unique;  // name over all scopes
  };
  struct Scope {
    std::unordered_map<std::string, Register> registers;
    std::unordered_map<std::string, Register> ranges;     // by prefix: %r<9>
    std::unordered_map<std::string, std::string> labels;  // to their unique names
  };
  struct Branch {  // whose target is to be set when all labels are known
    u32 instruction;
    std::string label;
    int line;
  };
  struct UnmodelledRegister {};  // thrown, for the statement to be an unknown instruction

  // Text (kernel_parser.cpp).
  Operand operand(Scanner& s);
  Operand number(Scanner& s);
  bool is_register(const std::string& name) const;
  void directive(Scanner& s);
  void registers(Scanner& s);
  void variable(Scanner& s, const std::string& space);
  bool label(Scanner& s);
  void find_labels(Scanner s);
  Statement read_statement(Scanner& s);
  void statement(Scanner& s);
  std::string label_in_scope(const std::string& name) const;

  // Places (kernel_builder.cpp).
  u32 allocate(u32 bytes);
  Slot find(const std::string& name);
  Slot make(Type t, const std::string& unique, const std::string& name);
  Slot constant(u64 bits, int bytes, bool shared_address = false);
  Slot address_of(const std::string& name, s64 offset, int bytes);
  u64 symbol(const std::string& name);  // its address
  u64 place_shared(const Variable& v);  // behind what has been placed so far
  std::string unique(const std::string& name) { return name + "#" + std::to_string(++counter_); }

  const Variables& variables_;  // of the module
  Kernel& kernel_;
  Code& code_;
  u32 sink_offset_, sink_id_;
  int counter_ = 0, line_ = 0;
  std::vector<Scope> scopes_;
  std::unordered_map<std::string, Slot> allocated_;  // by unique name
  // By bits, bytes and whether it is an address of shared memory: offset in the pool.
  std::map<std::tuple<u64, int, bool>, u32> constants_;
  std::unordered_map<std::string, u32> label_at_;  // by unique name: index of the instruction
  std::set<std::string> call_parameters_;
  std::vector<Branch> branches_;
  std::unordered_map<std::string, u64>
      symbols_;                   // addresses of parameters, shared, local variables
  std::set<std::string> shared_;  // names of shared variables
  bool dynamic_used_ = false;
};

}  // namespace roofproof::ptx
