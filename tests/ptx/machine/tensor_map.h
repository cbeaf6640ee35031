// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Tensor maps, as encode_tensor_map writes them into their 128 bytes.
#pragma once

#include <algorithm>

#include "tests/ptx/machine/types.h"

namespace roofproof::ptx {

struct TensorMap {
  static constexpr u32 right_magic = 0x50414d54;
  u32 magic;
  u8 rank;
  u8 element;       // bytes
  u8 swizzle_span;  // bytes; 0: none
  u8 fill;          // 1: NaN outside the tensor; 0: zero
  u64 address;
  u64 dims[5];
  u64 strides[4];  // bytes, of dimensions 1..rank-1
  u16 box[5];
};

// The swizzle of a span of 32, 64 or 128 bytes (0: none), on addresses of shared memory: 16-byte
// pieces within a span, by exclusive or with the number of the 128-byte row (PTX ISA, 5.5.7).
inline u32 swizzled(u32 address, u32 span) {
  return span ? address ^ (address >> 3 & (span - 16)) : address;
}

// Calls f(row, address, first, last) for every row of the box at `at`: its number, the address of
// its first element, and which of its elements, [first, last), lie in the tensor.
template <class F>
void for_rows(const TensorMap& t, const s32* at, F f) {
  u32 n[5] = {0, 0, 0, 0, 0};
  u32 row = 0;
  while (true) {
    bool inside = true;
    s64 address = 0;
    for (int d = 1; d < t.rank; ++d) {
      const s64 x = static_cast<s64>(at[d]) + n[d];
      inside &= x >= 0 && x < static_cast<s64>(t.dims[d]);
      address += x * static_cast<s64>(t.strides[d - 1]);
    }
    s64 from = std::max<s64>(0, -static_cast<s64>(at[0]));
    s64 to = std::min<s64>(t.box[0], static_cast<s64>(t.dims[0]) - at[0]);
    if (!inside || to < from) from = to = 0;
    f(row,
      static_cast<u64>(static_cast<s64>(t.address) + address + static_cast<s64>(at[0]) * t.element),
      static_cast<u32>(from), static_cast<u32>(to));
    ++row;
    int d = 1;
    while (d < t.rank && ++n[d] == t.box[d]) n[d++] = 0;
    if (d >= t.rank) break;
  }
}

}  // namespace roofproof::ptx
