// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The text of a kernel: scopes, labels, statements.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "tests/ptx/machine/kernel_builder.h"

namespace roofproof::ptx {
namespace {

const Decoders& decoders() {
  static const auto table = [] {
    Decoders t;
    for (auto add : {add_arithmetic, add_bits, add_compare, add_convert, add_move, add_load_store,
                     add_atomic, add_address, add_copy, add_mbarrier, add_synchronization,
                     add_warp_functions, add_matrix, add_mma, add_wgmma})
      add(t);
    return t;
  }();
  return table;
}

}  // namespace

Operand KernelBuilder::number(Scanner& s) {
  Operand o;
  u64 bits = 0;
  if (s.hex_float('f', bits)) {
    o.what = Operand::fimm;
    o.value = static_cast<s64>(bits);
    return o;
  }
  if (s.hex_float('d', bits)) {
    o.what = Operand::dimm;
    o.value = static_cast<s64>(bits);
    return o;
  }
  std::size_t e = s.position + 1;
  while (e < s.text.size() && std::isalnum(static_cast<unsigned char>(s.text[e]))) ++e;
  if (e < s.text.size() && s.text[e] == '.') {  // 1.0
    char* end;
    const double d = std::strtod(s.text.c_str() + s.position, &end);
    s.position = static_cast<std::size_t>(end - s.text.c_str());
    o.what = Operand::dimm;
    std::memcpy(&o.value, &d, 8);
    return o;
  }
  o.what = Operand::imm;
  o.value = s.integer();
  return o;
}

bool KernelBuilder::is_register(const std::string& name) const {
  std::size_t digits = name.size();
  while (digits && std::isdigit(static_cast<unsigned char>(name[digits - 1]))) --digits;
  for (auto& scope : scopes_)
    if (scope.registers.count(name) ||
        (digits < name.size() && scope.ranges.count(name.substr(0, digits))))
      return true;
  return false;
}

Operand KernelBuilder::operand(Scanner& s) {
  Operand o;
  const char c = s.peek();
  if (c == '{') {
    ++s.position;
    o.what = Operand::vector;
    while (!s.take('}')) {
      o.list.push_back(operand(s));
      s.take(',');
    }
    return o;
  }
  if (c == '[') {
    ++s.position;
    o.what = Operand::address;
    Operand base = operand(s);
    o.value = base.what == Operand::imm ? 0 : base.value;
    if (base.what == Operand::symbol || base.what == Operand::reg) base.value = 0;
    o.list.push_back(base);
    if (s.take(',')) o.list.push_back(operand(s));
    s.expect(']');
    return o;
  }
  if (c == '!') {
    ++s.position;
    o = operand(s);
    o.negate = true;
    return o;
  }
  if (c == '-' || std::isdigit(static_cast<unsigned char>(c))) return number(s);
  std::string n = s.name();
  if (n == "_")
    o.what = Operand::sink;
  else if (n == "WARP_SZ") {
    o.what = Operand::imm;
    o.value = 32;
  } else {
    o.name = n;
    if (n[0] == '%' && s.position < s.text.size() && s.text[s.position] == '.') {  // %tid.x
      ++s.position;
      o.name += "." + s.name();
    }
    o.what = is_register(o.name) || o.name[0] == '%' ? Operand::reg : Operand::symbol;
  }
  s.skip();
  if (s.position < s.text.size() && s.text[s.position] == '|') {
    ++s.position;
    Operand pair;
    pair.what = Operand::pair;
    pair.list.push_back(o);
    pair.list.push_back(operand(s));
    return pair;
  }
  if (s.position < s.text.size() && (s.text[s.position] == '+' || s.text[s.position] == '-') &&
      o.what != Operand::sink) {
    const bool minus = s.text[s.position] == '-';
    ++s.position;
    const s64 v = s.integer();
    o.value = minus ? -v : v;
  }
  return o;
}

void KernelBuilder::registers(Scanner& s) {
  s.expect('.');
  auto t = s.name();
  if (t == "v2" || t == "v4") parse_error(s.line, "vector registers are not modelled");
  const Type type = type_of(t);
  if (type == Type::none) parse_error(s.line, "unknown type ." + t);
  do {
    auto n = s.name();
    if (s.take('<')) {
      s.integer();
      s.expect('>');
      scopes_.back().ranges[n] = {type, unique(n)};
    } else {
      scopes_.back().registers[n] = {type, unique(n)};
    }
  } while (s.take(','));
  s.expect(';');
}

void KernelBuilder::variable(Scanner& s, const std::string& space) {
  do {
    const Variable v = parse_variable(s, space);
    if (space == "shared") {
      symbols_[v.name] = place_shared(v);
    } else {
      code_.local_bytes = static_cast<u32>((code_.local_bytes + v.align - 1) / v.align * v.align);
      symbols_[v.name] = local_window + code_.local_bytes;
      code_.local_bytes += static_cast<u32>(v.bytes);
    }
  } while (s.take(','));
  s.expect(';');
}

Statement KernelBuilder::read_statement(Scanner& s) {
  Statement st;
  if (s.take('@')) {
    st.guard_negated = s.take('!');
    st.guard = s.name();
  }
  s.skip();
  st.line = line_ = s.line;
  st.op = s.opcode();
  if (st.op.empty())
    parse_error(s.line, "expected an instruction before '" + s.text.substr(s.position, 20) + "'");
  for (std::size_t from = 0; from <= st.op.size();) {
    const auto to = std::min(st.op.find('.', from), st.op.size());
    st.part.push_back(st.op.substr(from, to - from));
    from = to + 1;
  }
  if (st.part[0] == "call")
    s.skip_past(';');
  else if (!s.take(';')) {
    do st.arg.push_back(operand(s));
    while (s.take(','));
    s.expect(';');
  }
  return st;
}

std::string KernelBuilder::label_in_scope(const std::string& name) const {
  for (std::size_t k = scopes_.size(); k-- > 0;)
    if (const auto it = scopes_[k].labels.find(name); it != scopes_[k].labels.end())
      return it->second;
  return name;
}

void KernelBuilder::statement(Scanner& s) {
  const Statement st = read_statement(s);
  const auto& name = st.part[0];
  Instruction i;
  i.line = st.line;
  if (!st.guard.empty()) {
    Operand guard;
    guard.what = Operand::reg;
    guard.name = st.guard;
    guard.negate = st.guard_negated;
    i.guard = predicate(guard);
    i.guarded = true;
  }
  if (name == "bra") {
    i.kind = Kind::branch;
    branches_.push_back(
        {static_cast<u32>(code_.instructions.size()), label_in_scope(st.arg.at(0).name), st.line});
  } else if (name == "ret" || name == "exit") {
    i.kind = Kind::exit;
  } else {
    bool of_call = false;  // its parameters
    if (st.part.size() > 1 && st.part[1] == "param")
      for (auto& o : st.arg) {
        of_call |= call_parameters_.count(o.name) != 0;
        for (auto& x : o.list) of_call |= call_parameters_.count(x.name) != 0;
      }
    bool known = false;
    const auto it = decoders().find(name);
    try {
      known = it != decoders().end() && !of_call && it->second(*this, st, i);
    } catch (const std::out_of_range&) {
      parse_error(st.line, "too few operands: " + st.op);
    } catch (const UnmodelledRegister&) {
    }
    if (!known) {
      i.execute = unknown_instruction;
      i.kind = Kind::plain;
    }
  }
  code_.instructions.push_back(i);
}

void KernelBuilder::directive(Scanner& s) {
  line_ = s.line;
  ++s.position;
  const auto d = s.name();
  if (d == "loc" || d == "file")
    s.rest_of_line();
  else if (d == "pragma") {
    s.skip_past(';');
  } else if (d == "reg")
    registers(s);
  else if (d == "shared" || d == "local")
    variable(s, d);
  else if (d == "param") {  // of a call, which is a fault when it is executed
    const auto from = s.position;
    s.skip_past(';');
    const auto to = s.position - 1;
    const auto of_name = [&](char c) { return is_word(c) || c == '[' || c == ']'; };
    auto name = to;
    while (name > from && of_name(s.text[name - 1])) --name;
    call_parameters_.insert(s.text.substr(name, std::min(s.text.find('[', name), to) - name));
  } else
    parse_error(s.line, "unknown directive ." + d);
}

// Takes a label, if there is one.
bool KernelBuilder::label(Scanner& s) {
  Scanner ahead = s;
  if (!is_word(ahead.peek())) return false;
  const auto name = ahead.name();
  if (!ahead.take(':') || ahead.text[ahead.position] == ':') return false;
  label_at_[scopes_.back().labels.at(name)] = static_cast<u32>(code_.instructions.size());
  s.position = ahead.position;
  s.line = ahead.line;
  return true;
}

// Labels of a scope are known throughout it: looks ahead, with a scanner of its own, when a scope
// opens.
void KernelBuilder::find_labels(Scanner s) {
  int depth = 0;
  bool at_start = true;  // of a statement
  while (!s.end()) {
    const char c = s.text[s.position];
    if (c == '"') {
      s.skip_string();
    } else if (at_start && s.text.compare(s.position, 4, ".loc") == 0) {
      s.rest_of_line();
    } else if (at_start && is_word(c)) {
      const auto name = s.name();
      at_start = s.take(':') && s.text[s.position] != ':';
      if (at_start && depth == 0) scopes_.back().labels[name] = unique(name);
    } else {
      ++s.position;
      at_start = c == '{' || c == '}' || c == ';';
      if (c == '{') ++depth;
      if (c == '}' && depth-- == 0) return;
    }
  }
}

void KernelBuilder::body(Scanner& s) {
  s.expect('{');
  scopes_.emplace_back();
  find_labels(s);
  while (true) {
    const char c = s.peek();
    if (c == '\0') parse_error(s.line, "the kernel does not end");
    if (c == '{') {
      ++s.position;
      scopes_.emplace_back();
      find_labels(s);
      continue;
    }
    if (c == '}') {
      ++s.position;
      scopes_.pop_back();
      if (scopes_.empty()) break;
      continue;
    }
    if (c == ';') {
      ++s.position;
      continue;
    }
    if (c == '.') {
      directive(s);
      continue;
    }
    if (c != '@' && label(s)) continue;
    statement(s);
  }
  Instruction end;
  end.kind = Kind::exit;
  end.line = s.line;
  code_.instructions.push_back(end);
  for (const auto& branch : branches_) {
    const auto it = label_at_.find(branch.label);
    if (it == label_at_.end())
      parse_error(branch.line, "unknown label " + branch.label.substr(0, branch.label.find('#')));
    code_.instructions[branch.instruction].immediate = it->second;
  }
  kernel_.static_shared = code_.static_shared;
  code_.register_bytes = (code_.register_bytes + 63) / 64 * 64;
}

}  // namespace roofproof::ptx
