// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The arithmetic instructions: how many operands each has, and which functions execute it.
#include "tests/ptx/machine/arithmetic.h"

#include <algorithm>
#include <iterator>

namespace roofproof::ptx {
namespace {

using Family = Execute (*)(const Statement&, Type);
struct Row {
  std::string_view name;
  int sources;
  Family integer, floating, half;
};

const Row rows[] = {
    {"add", 2, integer_add, float_add, half_add},
    {"sub", 2, integer_add, float_add, half_add},
    {"mul", 2, integer_mul, float_mul, half_mul},
    {"mad", 3, integer_mad, float_fma, nullptr},
    {"fma", 3, nullptr, float_fma, half_fma},
    {"div", 2, integer_div, float_div, nullptr},
    {"rem", 2, integer_div, nullptr, nullptr},
    {"min", 2, integer_min, float_min, half_min},
    {"max", 2, integer_min, float_min, half_min},
    {"neg", 1, integer_neg, float_neg, half_neg},
    {"abs", 1, integer_neg, float_neg, half_neg},
    {"sad", 3, integer_sad, nullptr, nullptr},
    {"dp4a", 3, integer_dp4a, nullptr, nullptr},
    {"ex2", 1, nullptr, float_special, half_special},
    {"lg2", 1, nullptr, float_special, nullptr},
    {"rcp", 1, nullptr, float_special, nullptr},
    {"rsqrt", 1, nullptr, float_special, nullptr},
    {"sqrt", 1, nullptr, float_special, nullptr},
    {"sin", 1, nullptr, float_special, nullptr},
    {"cos", 1, nullptr, float_special, nullptr},
    {"tanh", 1, nullptr, float_special, half_special},
    {"copysign", 2, nullptr, float_copysign, nullptr},
};

bool is_half(Type t) {
  return t == Type::f16 || t == Type::f16x2 || t == Type::bf16 || t == Type::bf16x2;
}

bool rounds_nearest(const Statement& s) { return !has(s, "rz") && !has(s, "rm") && !has(s, "rp"); }

bool decode_arithmetic(Decoder& d, const Statement& s, Instruction& i) {
  const Row& row = *std::find_if(std::begin(rows), std::end(rows),
                                 [&](const Row& r) { return r.name == s.part[0]; });
  const Type t = last_type(s);
  if (t == Type::none || t == Type::pred || has(s, "cc") || !rounds_nearest(s)) return false;
  const Family family = is_half(t) ? row.half : is_float(t) ? row.floating : row.integer;
  const Execute f = family ? family(s, t) : nullptr;
  if (row.sources == 1) return unary_form(d, s, i, t, f);
  if (row.sources == 2) return binary_form(d, s, i, t, f);
  if (!ternary_form(d, s, i, t, f)) return false;
  if (has(s, "wide"))  // the addend is as wide as the result
    i.source[2] = d.value(s.arg[3], size_of(t) == 2 ? Type::b32 : Type::b64);
  return true;
}

}  // namespace

bool unary_form(Decoder& d, const Statement& s, Instruction& i, Type t, Execute f) {
  if (!f || s.arg.size() != 2) return false;
  i.execute = f;
  i.destination = d.destination(s.arg[0]);
  i.source[0] = d.value(s.arg[1], t);
  return true;
}

bool binary_form(Decoder& d, const Statement& s, Instruction& i, Type t, Execute f) {
  if (!f || s.arg.size() != 3) return false;
  i.execute = f;
  i.destination = d.destination(s.arg[0]);
  i.source[0] = d.value(s.arg[1], t);
  i.source[1] = d.value(s.arg[2], t);
  return true;
}

bool ternary_form(Decoder& d, const Statement& s, Instruction& i, Type t, Execute f) {
  if (!f || s.arg.size() != 4) return false;
  i.execute = f;
  i.destination = d.destination(s.arg[0]);
  for (int k = 0; k < 3; ++k) i.source[k] = d.value(s.arg[static_cast<std::size_t>(k) + 1], t);
  return true;
}

bool destination_pair(Decoder& d, const Operand& o, Instruction& i) {
  if (o.what != Operand::pair) {
    i.destination = d.destination(o);
    return false;
  }
  i.destination = d.destination(o.list[0]);
  i.second_destination = d.destination(o.list[1]);
  return true;
}

void add_arithmetic(Decoders& t) {
  for (const auto& row : rows) t[std::string(row.name)] = decode_arithmetic;
}

}  // namespace roofproof::ptx
