// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Special registers (PTX ISA, 10).
#pragma once

#include <string_view>

#include "tests/ptx/machine/warp.h"

namespace roofproof::ptx {

struct SpecialRegister {
  std::string_view name;  // "%tid.x"
  u8 bytes;               // 1: a predicate
  u64 (*value)(const Warp& w, u32 lane);
  bool is_clock = false;  // read anew by every mov; all others are filled when a warp starts
};
const SpecialRegister* find_special_register(std::string_view name);  // null: none of that name

// Whether PTX has a register of that name that the machine does not.
bool is_unmodelled_special_register(std::string_view name);

void fill_special_registers(Warp& w);

}  // namespace roofproof::ptx
