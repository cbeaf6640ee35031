// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/ptx/machine/types.h"

#include <unordered_map>

namespace roofproof::ptx {

Type type_of(std::string_view s) {
  static const std::unordered_map<std::string_view, Type> types = {
      {"pred", Type::pred}, {"b8", Type::b8},         {"b16", Type::b16},   {"b32", Type::b32},
      {"b64", Type::b64},   {"b128", Type::b128},     {"u8", Type::u8_},    {"u16", Type::u16_},
      {"u32", Type::u32_},  {"u64", Type::u64_},      {"s8", Type::s8_},    {"s16", Type::s16_},
      {"s32", Type::s32_},  {"s64", Type::s64_},      {"f16", Type::f16},   {"f16x2", Type::f16x2},
      {"bf16", Type::bf16}, {"bf16x2", Type::bf16x2}, {"tf32", Type::tf32}, {"f32", Type::f32},
      {"f64", Type::f64}};
  const auto it = types.find(s);
  return it == types.end() ? Type::none : it->second;
}

int size_of(Type t) {
  switch (t) {
    case Type::b8:
    case Type::u8_:
    case Type::s8_:
      return 1;
    case Type::b16:
    case Type::u16_:
    case Type::s16_:
    case Type::f16:
    case Type::bf16:
      return 2;
    case Type::b64:
    case Type::u64_:
    case Type::s64_:
    case Type::f64:
      return 8;
    case Type::b128:
      return 16;
    default:
      return 4;
  }
}

bool is_float(Type t) { return t >= Type::f16; }
bool is_signed(Type t) { return t >= Type::s8_ && t <= Type::s64_; }

}  // namespace roofproof::ptx
