// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Moves: of registers, of their parts, of clocks, and by a predicate (PTX ISA, 9.7.9). A copy is no
// use: what was never written stays so.
#include "tests/ptx/machine/alu.h"

namespace roofproof::ptx {
namespace {

// A copy is no use: what was never written stays so.
void pred_mov(Warp& w, const Instruction& i, u32 m) {
  const u32 v = *w.at<u32>(i.source[0]) ^ (i.source[0].negated ? ~0u : 0u);
  const u32 written = ~undefined_lanes(w, i, i.source[0], m);
  write_predicate(w, i.destination, v, m);
  w.written[i.destination.id] &= ~m | written;
}

template <class T>
void mov(Warp& w, const Instruction& i, u32 m) {
  const u32 written = ~undefined_lanes(w, i, i.source[0], m);
  write<T>(w, i.destination, w.at<T>(i.source[0]), m);
  w.written[i.destination.id] &= ~m | written;
}

// Of the warp: a loop that reads a clock may wait for the host.
void mov_clock(Warp& w, const Instruction& i, u32 m) {
  w.polled = 1;
  w.block->grid->waits_for_host = true;
  const u64 v = w.code->clocks[static_cast<std::size_t>(i.immediate)]->value(w, 0);
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) set_lane_bits(w, i.destination, l, v);
  w.written[i.destination.id] |= m;
}

// Pieces in one register, and one register in pieces.
void pack(Warp& w, const Instruction& i, u32 m) {
  const Slot* s = operand_list(w, i);
  alignas(64) u64 r[32] = {};
  u32 written = ~0u;
  const int each = i.width;
  for (u32 k = 0; k < i.list_size; ++k) {
    written &= ~undefined_lanes(w, i, s[k], m);
    for (int l = 0; l < 32; ++l)
      r[l] |=
          (each == 8 ? lane_bits(w, s[k], l) : lane_bits(w, s[k], l) & ((u64{1} << (8 * each)) - 1))
          << (8 * each * k);
  }
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) set_lane_bits(w, i.destination, l, r[l]);
  w.written[i.destination.id] = (w.written[i.destination.id] & ~m) | (m & written);
  note_written(w, i.destination);
}

void pack_halves(Warp& w, const Instruction& i, u32 m) {
  const Slot* s = operand_list(w, i);
  const u16* a = w.at<u16>(s[0]);
  const u16* b = w.at<u16>(s[1]);
  const u32 written = ~(undefined_lanes(w, i, s[0], m) | undefined_lanes(w, i, s[1], m));
  alignas(64) u32 r[32];
  for (int l = 0; l < 32; ++l) r[l] = a[l] | static_cast<u32>(b[l]) << 16;
  write<u32>(w, i.destination, r, m);
  w.written[i.destination.id] &= ~m | written;
}

void unpack(Warp& w, const Instruction& i, u32 m) {
  const Slot* d = operand_list(w, i);
  const u32 written = ~undefined_lanes(w, i, i.source[0], m);
  const int each = i.width;
  u64 v[32];
  for (int l = 0; l < 32; ++l) v[l] = lane_bits(w, i.source[0], l);
  for (u32 k = 0; k < i.list_size; ++k) {
    for (int l = 0; l < 32; ++l)
      if (m >> l & 1)
        set_lane_bits(w, d[k], l, v[l] >> (8 * each * k) & ((u64{1} << (8 * each)) - 1));
    w.written[d[k].id] = (w.written[d[k].id] & ~m) | (m & written);
    note_written(w, d[k]);
  }
}

void unpack_halves(Warp& w, const Instruction& i, u32 m) {
  const Slot* d = operand_list(w, i);
  const u32* a = w.at<u32>(i.source[0]);
  const u32 written = ~undefined_lanes(w, i, i.source[0], m);
  alignas(64) u16 r0[32], r1[32];
  for (int l = 0; l < 32; ++l) r0[l] = static_cast<u16>(a[l]), r1[l] = static_cast<u16>(a[l] >> 16);
  write<u16>(w, d[0], r0, m);
  w.written[d[0].id] &= ~m | written;
  write<u16>(w, d[1], r1, m);
  w.written[d[1].id] &= ~m | written;
}

bool decode_mov(Decoder& d, const Statement& s, Instruction& i) {
  const Type t = last_type(s);
  if (s.arg.size() != 2 || t == Type::none) return false;
  if (t == Type::pred) {
    i.execute = pred_mov;
    i.destination = d.destination(s.arg[0]);
    i.source[0] = d.predicate(s.arg[1]);
    return true;
  }
  const SpecialRegister* special =
      s.arg[1].what == Operand::reg ? find_special_register(s.arg[1].name) : nullptr;
  if (special && special->is_clock) {
    i.execute = mov_clock;
    i.immediate = static_cast<s64>(d.code().clocks.size());
    d.code().clocks.push_back(special);
    i.destination = d.destination(s.arg[0]);
    return true;
  }
  if (s.arg[1].what == Operand::vector) {
    const auto n = s.arg[1].list.size();
    if (!n || size_of(t) % n) return false;
    i.width = static_cast<u8>(size_of(t) / n);
    const Type part = i.width == 1   ? Type::b8
                      : i.width == 2 ? Type::b16
                      : i.width == 4 ? Type::b32
                                     : Type::b64;
    const auto v = d.vector(s.arg[1], part, false);
    i.list = d.add_list(v);
    i.list_size = static_cast<u32>(n);
    i.destination = d.destination(s.arg[0]);
    i.execute =
        i.width == 2 && n == 2 && v[0].bytes == 2 && v[1].bytes == 2 && i.destination.bytes == 4
            ? pack_halves
            : pack;
    return true;
  }
  if (s.arg[0].what == Operand::vector) {
    const auto n = s.arg[0].list.size();
    if (!n || size_of(t) % n) return false;
    i.width = static_cast<u8>(size_of(t) / n);
    const auto v = d.vector(s.arg[0], t, true);
    i.list = d.add_list(v);
    i.list_size = static_cast<u32>(n);
    i.source[0] = d.value(s.arg[1], t);
    i.execute =
        i.width == 2 && n == 2 && v[0].bytes != 4 && v[1].bytes != 4 && i.source[0].bytes == 4
            ? unpack_halves
            : unpack;
    return true;
  }
  return unary_form(d, s, i, t,
                    size_of(t) == 2   ? mov<u16>
                    : size_of(t) == 4 ? mov<u32>
                    : size_of(t) == 8 ? mov<u64>
                                      : nullptr);
}

template <class T>
void selp(Warp& w, const Instruction& i, u32 m) {
  const u32 p = read_predicate(w, i, i.source[2], m);
  // Only what is selected is used, and even that is a copy.
  const u32 written =
      ~(undefined_lanes(w, i, i.source[0], m & p) | undefined_lanes(w, i, i.source[1], m & ~p));
  const T* a = w.at<T>(i.source[0]);
  const T* b = w.at<T>(i.source[1]);
  alignas(64) T r[32];
  for (int l = 0; l < 32; ++l) r[l] = p >> l & 1 ? a[l] : b[l];
  write<T>(w, i.destination, r, m);
  w.written[i.destination.id] &= ~m | written;
}

bool decode_selp(Decoder& d, const Statement& s, Instruction& i) {
  const Type t = last_type(s);
  i.execute = size_of(t) == 2   ? selp<u16>
              : size_of(t) == 4 ? selp<u32>
              : size_of(t) == 8 ? selp<u64>
                                : nullptr;
  i.destination = d.destination(s.arg.at(0));
  i.source[0] = d.value(s.arg.at(1), t);
  i.source[1] = d.value(s.arg.at(2), t);
  i.source[2] = d.predicate(s.arg.at(3));
  return i.execute != nullptr;
}

}  // namespace

void add_move(Decoders& t) {
  t["mov"] = decode_mov;
  t["selp"] = decode_selp;
}

}  // namespace roofproof::ptx
