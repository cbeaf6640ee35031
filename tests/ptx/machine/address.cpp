// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Arithmetic of addresses between state spaces and blocks of a cluster (cvta, mapa, ...),
// prefetches and cache policies, which do nothing (PTX ISA, 9.7.9).
#include "tests/ptx/machine/decode.h"
#include "tests/ptx/machine/memory.h"

namespace roofproof::ptx {

namespace {

void nothing(Warp&, const Instruction&, u32) {}
void move_address(Warp& w, const Instruction& i, u32 m) {  // + imm
  require_defined(w, i, i.source[0], m);
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1)
      set_lane_bits(w, i.destination, l,
                    lane_bits(w, i.source[0], l) + static_cast<u64>(i.immediate));
  w.written[i.destination.id] |= m;
}

void cvta_to_shared(Warp& w, const Instruction& i, u32 m) {
  require_defined(w, i, i.source[0], m);
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) {
      const u64 v = lane_bits(w, i.source[0], l);
      if ((v & window_mask) != shared_window)
        fail(w, i, l, "0x%llx is no shared address", static_cast<unsigned long long>(v));
      set_lane_bits(w, i.destination, l, v - shared_window);
    }
  w.written[i.destination.id] |= m;
}

void cvta_to_global(Warp& w, const Instruction& i, u32 m) {
  const u64* a = read_defined<u64>(w, i, i.source[0], m);
  write<u64>(w, i.destination, a, m);
}

bool decode_cvta(Decoder& d, const Statement& s, Instruction& i) {
  const Type t = type_of(s.part.back());
  i.destination = d.destination(s.arg.at(0));
  i.source[0] = d.value(s.arg.at(1), t);
  if (has(s, "to")) {
    i.execute = has_shared(s) ? cvta_to_shared : size_of(t) == 8 ? cvta_to_global : nullptr;
    return i.execute != nullptr;
  }
  i.immediate = has_shared(s) ? static_cast<s64>(shared_window) : 0;
  i.execute = move_address;
  return true;
}

void isspacep(Warp& w, const Instruction& i, u32 m) {
  const u64* a = read_defined<u64>(w, i, i.source[0], m);
  u32 p = 0;
  for (int l = 0; l < 32; ++l)
    p |= static_cast<u32>((a[l] & window_mask) == static_cast<u64>(i.second_immediate)) << l;
  write_predicate(w, i.destination, p, m);
}

bool decode_isspacep(Decoder& d, const Statement& s, Instruction& i) {
  i.execute = isspacep;
  i.destination = d.destination(s.arg.at(0));
  i.source[0] = d.value(s.arg.at(1), Type::b64);
  i.second_immediate = static_cast<s64>(has_shared(s)     ? shared_window
                                        : has(s, "local") ? local_window
                                        : has(s, "param") ? param_window
                                                          : 0);
  return true;
}

// The same offset in the shared memory of another block of the cluster.
void mapa(Warp& w, const Instruction& i, u32 m) {
  require_defined(w, i, i.source[0], m);
  const u32* r = read_defined<u32>(w, i, i.source[1], m);
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) {
      if (r[l] >= w.block->cluster->blocks.size())
        fail(w, i, l, "mapa: rank %u is not in the cluster", r[l]);
      const u64 v = lane_bits(w, i.source[0], l);
      const u64 offset = v & ((1u << rank_shift) - 1);
      set_lane_bits(w, i.destination, l,
                    (v & window_mask) | static_cast<u64>(r[l] + 1) << rank_shift | offset);
    }
  w.written[i.destination.id] |= m;
}

bool decode_mapa(Decoder& d, const Statement& s, Instruction& i) {
  const Type t = type_of(s.part.back());
  i.execute = mapa;
  i.destination = d.destination(s.arg.at(0));
  i.source[0] = d.value(s.arg.at(1), t);
  i.source[1] = d.value(s.arg.at(2), Type::u32_);
  return true;
}

void getctarank(Warp& w, const Instruction& i, u32 m) {
  require_defined(w, i, i.source[0], m);
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) {
      const u32 r = static_cast<u32>(lane_bits(w, i.source[0], l) >> rank_shift & 255);
      set_lane_bits(w, i.destination, l, r ? r - 1 : w.block->rank);
    }
  w.written[i.destination.id] |= m;
}

bool decode_getctarank(Decoder& d, const Statement& s, Instruction& i) {
  i.execute = getctarank;
  i.destination = d.destination(s.arg.at(0));
  i.source[0] = d.value(s.arg.at(1), type_of(s.part.back()));
  return true;
}

void createpolicy(Warp& w, const Instruction& i, u32 m) {
  for (int l = 0; l < 32; ++l)
    if (m >> l & 1) set_lane_bits(w, i.destination, l, 0x12f0000000000000);
  w.written[i.destination.id] |= m;
}

bool decode_createpolicy(Decoder& d, const Statement& s, Instruction& i) {
  i.execute = createpolicy;
  i.destination = d.destination(s.arg.at(0));
  return s.part.back() == "b64";
}

bool decode_prefetch(Decoder& d, const Statement& s, Instruction& i) {
  d.address(s.arg.at(0), i, i.source[0]);
  if (has(s, "tensormap")) {
    i.execute = [](Warp& w, const Instruction& x, u32 m) {
      alignas(64) u64 a[32];
      lane_addresses(w, x, m, a);
      for (u32 k = m; k; k &= k - 1) {
        const int l = lowest(k);
        if (a[l] % 64) fail(w, x, l, "a tensor map is not aligned to 64 bytes");
        for (int b = 0; b < 128; b += 16)
          generic_at(w, x, l, a[l] + static_cast<u64>(b), 16, false);
      }
    };
    return true;
  }
  i.execute = nothing;
  return true;
}

}  // namespace

void add_address(Decoders& t) {
  t["cvta"] = decode_cvta;
  t["isspacep"] = decode_isspacep;
  t["mapa"] = decode_mapa;
  t["getctarank"] = decode_getctarank;
  t["createpolicy"] = decode_createpolicy;
  t["prefetch"] = decode_prefetch;
  t["prefetchu"] = decode_prefetch;
}

}  // namespace roofproof::ptx
