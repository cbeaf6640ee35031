// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Integers by their PTX names, the types of instructions, and the windows of the generic address
// space.
#pragma once

#include <cstdint>
#include <string_view>

namespace roofproof::ptx {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using s8 = std::int8_t;
using s16 = std::int16_t;
using s32 = std::int32_t;
using s64 = std::int64_t;
__extension__ typedef __int128 s128;
__extension__ typedef unsigned __int128 u128;

// Address windows of the generic space. Host pointers have their upper 16 bits clear.
constexpr u64 shared_window = 0x0100'0000'0000'0000;
constexpr u64 param_window = 0x0200'0000'0000'0000;
constexpr u64 local_window = 0x0300'0000'0000'0000;
constexpr u64 window_mask = 0xffff'0000'0000'0000;
constexpr u32 shared_start = 1024;  // of the shared addresses in decoded code; a launch moves them
constexpr u32 rank_shift = 24;      // shared::cluster: (rank + 1) << 24 | offset

// Fundamental types (PTX ISA, 5.2.1), and those that only instructions have.
enum class Type : u8 {
  none,
  pred,
  b8,
  b16,
  b32,
  b64,
  b128,
  u8_,
  u16_,
  u32_,
  u64_,
  s8_,
  s16_,
  s32_,
  s64_,
  f16,
  f16x2,
  bf16,
  bf16x2,
  tf32,
  f32,
  f64
};
Type type_of(std::string_view name);  // "f32"; none: not a type
int size_of(Type);                    // bytes; pred: 4
bool is_float(Type);
bool is_signed(Type);

}  // namespace roofproof::ptx
