// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Memory: what may be touched, and the addresses of an instruction. Everything here checks bounds
// and alignment, and is a Fault where they do not hold.
#pragma once

#include "tests/ptx/machine/operands.h"

namespace roofproof::ptx {

u8* global_at(Warp& w, const Instruction& i, int lane, u64 address, u32 bytes, bool write);
u8* global_range(Warp& w, const Instruction& i, int lane, u64 address, u64 bytes, u32 alignment,
                 bool write, const char* what);

struct SharedAt {
  Block* block;
  u32 offset;
};
// An address of shared::cta or shared::cluster.
SharedAt shared_at(Warp& w, const Instruction& i, int lane, u32 address, u32 bytes, u32 alignment);
// Of .shared and .shared::cta, which are the block's own memory, at an address of another block.
[[noreturn]] void fail_elsewhere(Warp& w, const Instruction& i, int lane, const SharedAt& at);
// Marks bytes as written by the generic proxy.
void shared_written(Warp& w, Block& b, u32 offset, u32 bytes);
// A Fault if one of the bytes is yet to be written by a copy in flight. what: "read" or "written".
void require_landed(Warp& w, const Instruction& i, int lane, const Block& b, u32 offset, u32 bytes,
                    const char* what);
// The bytes are in flight from now on. A Fault if one of them already is.
void begin_landing(Warp& w, const Instruction& i, int lane, Block& b, u32 offset, u32 bytes);
// Where a generic, param or local address leads.
u8* generic_at(Warp& w, const Instruction& i, int lane, u64 address, u32 bytes, bool write);

// Counts bank conflicts of an access: 32 banks of 4 bytes; per quarter, half or whole warp.
void count_conflicts(Warp& w, const u32* addresses, u32 mask, u32 bytes);

// The address operand, source[0] + immediate, of all lanes.
inline void lane_addresses(Warp& w, const Instruction& i, u32 m, u64* a) {
  require_defined(w, i, i.source[0], m);
  if (i.source[0].bytes == 8) {
    const u64* b = w.at<u64>(i.source[0]);
    for (int l = 0; l < 32; ++l) a[l] = b[l] + static_cast<u64>(i.immediate);
  } else {
    const u32* b = w.at<u32>(i.source[0]);
    for (int l = 0; l < 32; ++l) a[l] = static_cast<u32>(b[l] + static_cast<u32>(i.immediate));
  }
}
// An address operand of one lane.
inline u64 lane_address(Warp& w, const Instruction& i, const Slot& s, s64 offset, int lane, u32 m) {
  require_defined(w, i, s, m);
  const u64 v = lane_bits(w, s, lane);
  return s.bytes == 8 ? v + static_cast<u64>(offset)
                      : static_cast<u32>(v + static_cast<u64>(offset));
}

// Whether all bytes of one element, of 1, 2, 4 or 8 bytes, are byte_written.
inline bool all_written(const u8* state, u32 bytes) {
  static_assert(byte_written == 1);
  switch (bytes) {
    case 1:
      return *state == byte_written;
    case 2: {
      u16 v;
      std::memcpy(&v, state, 2);
      return v == 0x0101;
    }
    case 4: {
      u32 v;
      std::memcpy(&v, state, 4);
      return v == 0x01010101;
    }
    default: {
      u64 v;
      std::memcpy(&v, state, 8);
      return v == 0x0101010101010101;
    }
  }
}

}  // namespace roofproof::ptx
