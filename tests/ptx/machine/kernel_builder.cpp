// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Places of registers, constants and variables.
#include "tests/ptx/machine/kernel_builder.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace roofproof::ptx {
namespace {

template <class T>
T aligned_up(T value, std::size_t alignment) {
  return static_cast<T>((value + alignment - 1) / alignment * alignment);
}

}  // namespace

KernelBuilder::KernelBuilder(const Variables& variables, Kernel& k)
    : variables_(variables), kernel_(k), code_(*k.code) {
  code_.register_names.push_back("(constant)");
  sink_offset_ = allocate(256);
  sink_id_ = code_.registers++;
  code_.register_names.push_back("_");
}

void KernelBuilder::add_parameter(const std::string& name, u64 offset) {
  symbols_[name] = param_window + offset;
}

u32 KernelBuilder::allocate(u32 bytes) {
  const u32 offset = aligned_up(code_.register_bytes, 64);
  code_.register_bytes = offset + bytes;
  return offset;
}

Slot KernelBuilder::sink(int bytes) {
  Slot r;
  r.offset = sink_offset_;
  r.id = sink_id_;
  r.bytes = static_cast<u8>(bytes);
  return r;
}

Slot KernelBuilder::constant(u64 bits, int bytes, bool shared_address) {
  const int size = bytes < 2 ? 2 : bytes;
  const auto key = std::make_tuple(bits, size, shared_address);
  auto it = constants_.find(key);
  const bool fresh = it == constants_.end();
  if (fresh) {
    const u32 offset = aligned_up(static_cast<u32>(code_.pool.size()), 64);
    code_.pool.resize(offset + 32u * static_cast<u32>(size));
    for (int l = 0; l < 32; ++l)
      std::memcpy(&code_.pool[offset + static_cast<u32>(l * size)], &bits,
                  static_cast<std::size_t>(size));
    it = constants_.emplace(key, offset).first;
  }
  Slot r;
  r.offset = it->second;
  r.constant = 1;
  r.bytes = static_cast<u8>(size);
  if (fresh && shared_address) code_.shared_addresses.push_back(r);
  return r;
}

Slot KernelBuilder::address_of(const std::string& name, s64 offset, int bytes) {
  const u64 address = symbol(name) + static_cast<u64>(offset);
  return constant(address, bytes, shared_.count(name) != 0);
}

Slot KernelBuilder::destination(const Operand& o) {
  if (o.what == Operand::sink) return sink(8);
  if (o.what != Operand::reg) parse_error(line_, "expected a register");
  return find(o.name);
}

Slot KernelBuilder::predicate(const Operand& o) {
  Slot r;
  if (o.what == Operand::imm) {
    r = constant(o.value ? ~0u : 0u, 4);
    r.bytes = 1;
  } else
    r = find(o.name);
  if (r.bytes != 1) parse_error(line_, "expected a predicate, not " + o.name);
  r.negated = o.negate;
  return r;
}

u32 KernelBuilder::add_list(const std::vector<Slot>& slots) {
  const auto first = static_cast<u32>(code_.lists.size());
  code_.lists.insert(code_.lists.end(), slots.begin(), slots.end());
  return first;
}

std::vector<Slot> KernelBuilder::vector(const Operand& o, Type t, bool to) {
  const auto one = [&](const Operand& e) { return to ? destination(e) : value(e, t); };
  if (o.what != Operand::vector) return {one(o)};
  std::vector<Slot> r;
  for (auto& e : o.list) r.push_back(one(e));
  return r;
}

u64 KernelBuilder::place_shared(const Variable& v) {
  code_.static_shared = aligned_up(code_.static_shared, v.align);
  const u64 at = shared_start + code_.static_shared;
  code_.shared_alignment = std::max(code_.shared_alignment, static_cast<u32>(v.align));
  shared_.insert(v.name);
  code_.static_shared += static_cast<u32>(v.bytes);
  return at;
}

u64 KernelBuilder::symbol(const std::string& name) {
  if (const auto it = symbols_.find(name); it != symbols_.end()) return it->second;
  const Variable* v = nullptr;
  for (auto& x : variables_)
    if (!v && x->name == name) v = x.get();
  if (!v) parse_error(line_, "unknown name " + name);
  if (v->space == "shared") {
    // Dynamic shared memory lies behind every static variable: one that is named later would move
    // it.
    if (!v->dynamic && dynamic_used_)
      parse_error(line_, "static shared variable " + name +
                             " first named after dynamic shared memory: not modelled");
    dynamic_used_ |= v->dynamic;
    return symbols_[name] = place_shared(*v);
  }
  if (!v->memory) parse_error(line_, "variable " + name + " has no memory");
  return reinterpret_cast<u64>(v->memory);
}

Slot KernelBuilder::make(Type t, const std::string& unique_name, const std::string& name) {
  Slot r;
  if (t == Type::pred) {
    r.offset = allocate(4);
    r.bytes = 1;
  } else {
    int b = size_of(t);
    if (b < 2) b = 2;
    if (b > 8) parse_error(line_, "128-bit registers are not modelled");
    r.bytes = static_cast<u8>(b);
    r.offset = allocate(32u * b);
  }
  r.id = code_.registers++;
  code_.register_names.push_back(name);
  allocated_[unique_name] = r;
  return r;
}

Slot KernelBuilder::find(const std::string& name) {
  if (const auto* special = find_special_register(name)) {
    const auto key = name + "#special";
    if (const auto it = allocated_.find(key); it != allocated_.end()) return it->second;
    const Type type = special->bytes == 8   ? Type::b64
                      : special->bytes == 1 ? Type::pred
                                            : Type::b32;
    const Slot r = make(type, key, name);
    code_.specials.push_back({r, special});
    return r;
  }
  if (is_unmodelled_special_register(name)) throw UnmodelledRegister{};
  for (std::size_t i = scopes_.size(); i-- > 0;) {
    auto& s = scopes_[i];
    if (const auto it = s.registers.find(name); it != s.registers.end()) {
      if (const auto a = allocated_.find(it->second.unique); a != allocated_.end())
        return a->second;
      return make(it->second.type, it->second.unique, name);
    }
    std::size_t e = name.size();
    while (e && std::isdigit(static_cast<unsigned char>(name[e - 1]))) --e;
    if (e < name.size()) {
      if (const auto it = s.ranges.find(name.substr(0, e)); it != s.ranges.end()) {
        const auto key = it->second.unique + name.substr(e);
        if (const auto a = allocated_.find(key); a != allocated_.end()) return a->second;
        return make(it->second.type, key, name);
      }
    }
  }
  parse_error(line_, "unknown register " + name);
}

Slot KernelBuilder::value(const Operand& o, Type t) {
  const int bytes = size_of(t);
  switch (o.what) {
    case Operand::reg: {
      Slot r = find(o.name);
      if (o.negate && r.bytes != 1) parse_error(line_, "! on a register that is no predicate");
      r.negated = o.negate;
      return r;
    }
    case Operand::imm: {
      if (t == Type::f32) {
        const float f = static_cast<float>(o.value);
        u32 b;
        std::memcpy(&b, &f, 4);
        return constant(b, 4);
      }
      if (t == Type::f64) {
        const double f = static_cast<double>(o.value);
        u64 b;
        std::memcpy(&b, &f, 8);
        return constant(b, 8);
      }
      if (t == Type::pred) {
        Slot r = constant(o.value ? ~0u : 0u, 4);
        r.bytes = 1;
        return r;
      }
      return constant(static_cast<u64>(o.value), bytes);
    }
    case Operand::fimm:
      if (t == Type::f64) {
        float f;
        const u32 b = static_cast<u32>(o.value);
        std::memcpy(&f, &b, 4);
        const double d = f;
        u64 e;
        std::memcpy(&e, &d, 8);
        return constant(e, 8);
      }
      return constant(static_cast<u64>(o.value), 4);
    case Operand::dimm:
      if (t == Type::f32) {
        double d;
        std::memcpy(&d, &o.value, 8);
        const float f = static_cast<float>(d);
        u32 b;
        std::memcpy(&b, &f, 4);
        return constant(b, 4);
      }
      return constant(static_cast<u64>(o.value), 8);
    case Operand::symbol:
      return address_of(o.name, o.value, bytes);
    default:
      parse_error(line_, "an operand of another kind was expected");
  }
}

void KernelBuilder::address(const Operand& o, Instruction& i, Slot& base) {
  if (o.what != Operand::address) parse_error(line_, "expected an address in brackets");
  i.immediate = o.value;
  const auto& b = o.list.at(0);
  if (b.what == Operand::reg)
    base = find(b.name);
  else if (b.what == Operand::symbol) {
    base = address_of(b.name, 0, 8);
  } else {
    base = constant(0, 8);
    i.immediate += b.value;
  }
}

}  // namespace roofproof::ptx
