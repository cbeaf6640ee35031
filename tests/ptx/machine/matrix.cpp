// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// ldmatrix, stmatrix and movmatrix (PTX ISA, 9.7.14.5). Fragments as the PTX manual draws them:
// with g = lane / 4 and t = lane % 4, a 32-bit register of A or B holds row (column, for B) g and
// the 4 bytes from 4 t on of an 8 x 16-byte matrix. So the 128 bytes of a register, lane after
// lane, are that matrix row by row. Of an accumulator, the registers 2 j and 2 j + 1 hold columns 2
// t and 2 t + 1 of row g.
#include "tests/ptx/machine/decode.h"
#include "tests/ptx/machine/memory.h"
#include "tests/ptx/machine/races.h"

namespace roofproof::ptx {

namespace {

void matrix_addresses(Warp& w, const Instruction& i, u32 m, u32* a) {
  if (m != ~0u) fail(w, i, lowest(~m), "a matrix instruction without the whole warp (0x%08x)", m);
  require_defined(w, i, i.source[0], m);
  for (int l = 0; l < 32; ++l)
    a[l] = static_cast<u32>(lane_bits(w, i.source[0], l) + static_cast<u64>(i.immediate));
}

// The list: a register of each matrix.
void ldmatrix(Warp& w, const Instruction& i, u32 m) {
  u32 a[32], o[32];
  matrix_addresses(w, i, m, a);
  const Slot* d = operand_list(w, i);
  Grid& g = *w.block->grid;
  const int rows = static_cast<int>(i.list_size) * 8;
  u32 used = rows == 32 ? ~0u : (1u << rows) - 1;
  for (u32 j = 0; j < i.list_size; ++j) {
    alignas(64) u16 x[64];
    u32 defined = ~0u;
    for (int r = 0; r < 8; ++r) {
      const int l = static_cast<int>(j) * 8 + r;
      const auto s = shared_at(w, i, l, a[l], 16, 16);
      o[l] = s.offset;
      std::memcpy(&x[r * 8], &s.block->shared[s.offset], 16);
      const u8* state = &s.block->byte_state[s.offset];
      for (int k = 0; k < 16; ++k) {
        if (state[k] == byte_written) continue;
        require_landed(w, i, l, *s.block, s.offset, 16, "read");
        // who would get it
        const int e = k / 2;
        w.loaded_line = i.line;
        w.loaded_offset = s.offset + static_cast<u32>(k);
        if (g.machine.poison)
          defined &= ~(1u << (i.matrix.transposed ? e * 4 + r / 2 : r * 4 + e / 2));
      }
      if (g.machine.races) race_read_together(w, i, l, *s.block, s.offset, 16);
    }
    if (i.matrix.transposed) {
      alignas(64) u16 y[64];
      for (int r = 0; r < 8; ++r)
        for (int c = 0; c < 8; ++c) y[c * 8 + r] = x[r * 8 + c];
      std::memcpy(w.at<u32>(d[j]), y, 128);
    } else
      std::memcpy(w.at<u32>(d[j]), x, 128);
    w.written[d[j].id] = defined;
  }
  g.stats.shared_bytes += static_cast<u64>(rows) * 16;
  count_conflicts(w, o, used, 16);
}

void stmatrix(Warp& w, const Instruction& i, u32 m) {
  u32 a[32], o[32];
  matrix_addresses(w, i, m, a);
  const Slot* d = operand_list(w, i);
  Grid& g = *w.block->grid;
  const int rows = static_cast<int>(i.list_size) * 8;
  for (u32 j = 0; j < i.list_size; ++j) {
    const u32 undefined = undefined_lanes(w, i, d[j], m);
    const u16* v = reinterpret_cast<const u16*>(w.at<u32>(d[j]));
    alignas(64) u16 x[64];
    if (i.matrix.transposed) {
      for (int r = 0; r < 8; ++r)
        for (int c = 0; c < 8; ++c) x[c * 8 + r] = v[r * 8 + c];
    } else
      std::memcpy(x, v, 128);
    for (int r = 0; r < 8; ++r) {
      const int l = static_cast<int>(j) * 8 + r;
      const auto s = shared_at(w, i, l, a[l], 16, 16);
      o[l] = s.offset;
      require_landed(w, i, l, *s.block, s.offset, 16, "written");
      std::memcpy(&s.block->shared[s.offset], &x[r * 8], 16);
      shared_written(w, *s.block, s.offset, 16);
      if (undefined && g.machine.poison)
        for (int c = 0; c < 8; ++c)
          if (undefined >> (i.matrix.transposed ? c * 4 + r / 2 : r * 4 + c / 2) & 1)
            std::memset(&s.block->byte_state[s.offset + static_cast<u32>(c) * 2], byte_unwritten,
                        2);
      if (g.machine.races) race_write(w, i, l, *s.block, s.offset, 16);
    }
  }
  g.stats.shared_bytes += static_cast<u64>(rows) * 16;
  count_conflicts(w, o, rows == 32 ? ~0u : (1u << rows) - 1, 16);
  ++w.block->cluster->progress;
}

bool decode_ldmatrix(Decoder& d, const Statement& s, Instruction& i) {
  int n = 0;
  bool b16 = false, sh = false, shape = false;
  for (std::size_t k = 1; k < s.part.size(); ++k) {
    const auto& p = s.part[k];
    if (p == "x1")
      n = 1;
    else if (p == "x2")
      n = 2;
    else if (p == "x4")
      n = 4;
    else if (p == "trans")
      i.matrix.transposed = 1;
    else if (p == "m8n8")
      shape = true;
    else if (p == "b16")
      b16 = true;
    else if (p == "shared" || p == "shared::cta")
      sh = true;
    else if (p != "sync" && p != "aligned")
      return false;
  }
  if (!n || !b16 || !sh || !shape) return false;
  const bool load = s.part[0] == "ldmatrix";
  const auto v = d.vector(s.arg.at(load ? 0 : 1), Type::b32, load);
  if (static_cast<int>(v.size()) != n) return false;
  i.list = d.add_list(v);
  i.list_size = static_cast<u32>(n);
  d.address(s.arg.at(load ? 1 : 0), i, i.source[0]);
  i.kind = Kind::aligned;
  i.execute = load ? ldmatrix : stmatrix;
  return true;
}

void movmatrix(Warp& w, const Instruction& i, u32 m) {
  if (m != ~0u) fail(w, i, lowest(~m), "a matrix instruction without the whole warp (0x%08x)", m);
  const u32 undefined = undefined_lanes(w, i, i.source[0], m);
  const u16* v = reinterpret_cast<const u16*>(w.at<u32>(i.source[0]));
  alignas(64) u16 x[64];
  u32 defined = ~0u;
  for (int r = 0; r < 8; ++r)
    for (int c = 0; c < 8; ++c) {
      x[c * 8 + r] = v[r * 8 + c];
      if (undefined >> (r * 4 + c / 2) & 1) defined &= ~(1u << (c * 4 + r / 2));
    }
  std::memcpy(w.at<u32>(i.destination), x, 128);
  w.written[i.destination.id] = defined;
}

bool decode_movmatrix(Decoder& d, const Statement& s, Instruction& i) {
  i.destination = d.destination(s.arg.at(0));
  i.source[0] = d.value(s.arg.at(1), Type::b32);
  i.kind = Kind::aligned;
  i.execute = movmatrix;
  return s.op == "movmatrix.sync.aligned.m8n8.trans.b16";
}

}  // namespace

void add_matrix(Decoders& t) {
  t["ldmatrix"] = decode_ldmatrix;
  t["stmatrix"] = decode_ldmatrix;
  t["movmatrix"] = decode_movmatrix;
}

}  // namespace roofproof::ptx
