// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// cp.async and its groups (PTX ISA, 9.7.9.25.3). Groups belong to threads.
#include "tests/ptx/machine/async.h"
#include "tests/ptx/machine/decode.h"
#include "tests/ptx/machine/memory.h"
#include "tests/ptx/machine/races.h"

namespace roofproof::ptx {

namespace {

using Async = Machine::Async;
void do_copy(Warp& w, CpAsync& c, u32 lanes) {
  Block& b = *w.block;
  for (u32 k = lanes & c.mask; k; k &= k - 1) {
    const int l = lowest(k);
    u8* d = &b.shared[c.target[l]];
    const u32 n = c.source_bytes[l];
    if (n)
      std::memcpy(
          d, global_range(w, *c.instruction, l, c.source[l], n, 1, false, "the source of cp.async"),
          n);
    std::memset(d + n, 0, c.bytes - n);
    shared_written(w, b, c.target[l], c.bytes);
  }
  c.mask &= ~lanes;
}

void start_copy(Warp& w, CpAsync&& c) {
  Grid& g = *w.block->grid;
  if (g.machine.races) {
    for (u32 k = c.mask; k; k &= k - 1)
      race_write_begins(w, *c.instruction, lowest(k), *w.block, c.target[lowest(k)], c.bytes);
    w.unwaited_copies.push_back(c);
  }
  if (g.machine.async == Async::early ||
      (g.machine.async == Async::random && g.next_random() % 4 == 0)) {
    do_copy(w, c, ~0u);
    return;
  }
  for (u32 k = c.mask; k; k &= k - 1) {
    const u32 at = c.target[lowest(k)];
    begin_landing(w, *c.instruction, lowest(k), *w.block, at, c.bytes);
  }
  w.copies.push_back(std::move(c));
  if (g.machine.async == Async::random && g.next_random() % 2 == 0) {
    const auto at = static_cast<long>(g.next_random() % w.copies.size());
    do_copy(w, w.copies[static_cast<std::size_t>(at)], ~0u);
    w.copies.erase(w.copies.begin() + at);
  }
}

// The lanes of `mask` whose part of the copy is required when all but their latest `leave` groups
// are; -1: uncommitted ones too.
u32 required_lanes(const Warp& w, const CpAsync& c, u32 mask, s64 leave) {
  u32 required = 0;
  for (u32 k = c.mask & mask; k; k &= k - 1) {
    const int l = lowest(k);
    if (static_cast<s64>(c.group[l]) < static_cast<s64>(w.committed[l]) - leave)
      required |= 1u << l;
  }
  return required;
}

void cp_wait(Warp& w, const Instruction& i, u32 mask) {
  for (auto& c : w.copies) do_copy(w, c, required_lanes(w, c, mask, i.immediate));
  std::erase_if(w.copies, [](auto& c) { return c.mask == 0; });
  // The copies are visible to the thread that waits, from now on: another warp needs a barrier
  // behind the wait, though it may have been in step with the copy's issue.
  for (auto& c : w.unwaited_copies) {
    const u32 required = required_lanes(w, c, mask, i.immediate);
    for (u32 k = required; k; k &= k - 1)
      race_write(w, *c.instruction, lowest(k), *w.block, c.target[lowest(k)], c.bytes);
    c.mask &= ~required;
  }
  std::erase_if(w.unwaited_copies, [](auto& c) { return c.mask == 0; });
}

// cp.async.{ca,cg}.shared.global [dst], [src], bytes {, source bytes}{, policy}
void cp_async(Warp& w, const Instruction& i, u32 m) {
  CpAsync c;
  c.mask = m;
  c.bytes = i.width;
  c.instruction = &i;
  alignas(64) u64 dst[32], src[32];
  lane_addresses(w, i, m, dst);
  {
    const u64* b = read_defined<u64>(w, i, i.source[1], m);
    for (int l = 0; l < 32; ++l) src[l] = b[l] + static_cast<u64>(i.second_immediate);
  }
  const u32* n = i.copy.has_source_bytes ? read_defined<u32>(w, i, i.source[2], m) : nullptr;
  const u32 ignore = i.copy.has_ignore ? read_defined_predicate(w, i, i.source[3], m) : 0;
  Grid& g = *w.block->grid;
  for (u32 k = m; k; k &= k - 1) {
    const int l = lowest(k);
    const auto s = shared_at(w, i, l, static_cast<u32>(dst[l]), i.width, i.width);
    if (s.block != w.block) fail(w, i, l, "cp.async to the shared memory of another block");
    u32 take = n ? n[l] : i.width;
    if (take > i.width) fail(w, i, l, "cp.async reads %u bytes for %u", take, i.width);
    if (ignore >> l & 1) take = 0;
    global_range(w, i, l, src[l], take, i.width, false, "the source of cp.async");
    if (g.races && take) global_access(w, i, l, src[l], take, false, false);
    if (watch_dependents(w, false)) dependent_access(w, i, l, src[l], take, false);
    c.target[l] = s.offset;
    c.source[l] = src[l];
    c.source_bytes[l] = static_cast<u8>(take);
    c.group[l] = w.committed[l];
    g.stats.global_bytes_read += take;
    g.stats.shared_bytes += i.width;
  }
  count_conflicts(w, c.target, m, i.width);
  start_copy(w, std::move(c));
}

bool decode_cp_async(Decoder& d, const Statement& s, Instruction& i) {
  // part: cp async {ca,cg} shared[::cta] global [L2::...]
  if (s.part.size() < 5 || (s.part[2] != "ca" && s.part[2] != "cg") ||
      (s.part[3] != "shared" && s.part[3] != "shared::cta") || s.part[4] != "global")
    return false;
  bool hint = false;
  for (std::size_t k = 5; k < s.part.size(); ++k) {
    if (s.part[k] == "L2::cache_hint")
      hint = true;
    else if (!s.part[k].starts_with("L2::"))
      return false;
  }
  Instruction source;
  d.address(s.arg.at(1), source, i.source[1]);
  if (i.source[1].bytes != 8) return false;
  i.second_immediate = source.immediate;
  d.address(s.arg.at(0), i, i.source[0]);
  if (s.arg.at(2).what != Operand::imm) return false;
  i.width = static_cast<u8>(s.arg[2].value);
  if (i.width != 16 && (s.part[2] == "cg" || (i.width != 4 && i.width != 8))) return false;
  const std::size_t n = s.arg.size() - (hint ? 1 : 0);
  if (n > 3) {
    const Slot v = d.value(s.arg[3], Type::u32_);
    if (v.bytes == 1) {
      i.copy.has_ignore = 1;
      i.source[3] = d.predicate(s.arg[3]);
    } else {
      i.copy.has_source_bytes = 1;
      i.source[2] = v;
    }
  }
  i.execute = cp_async;
  return true;
}

void cp_commit(Warp& w, const Instruction&, u32 m) {
  for (int l = 0; l < 32; ++l) w.committed[l] += m >> l & 1;
}

bool decode_cp(Decoder& d, const Statement& s, Instruction& i) {
  if (s.part.size() < 3 || s.part[1] != "async") return false;
  if (s.part[2] == "bulk") return decode_bulk(d, s, i);
  if (s.op == "cp.async.commit_group") {
    i.execute = cp_commit;
    return true;
  }
  if (s.op == "cp.async.wait_group") {
    i.execute = cp_wait;
    i.immediate = s.arg.at(0).value;
    return s.arg[0].what == Operand::imm;
  }
  if (s.op == "cp.async.wait_all") {
    i.execute = cp_wait;
    i.immediate = -1;
    return true;
  }
  return decode_cp_async(d, s, i);
}

}  // namespace

void add_copy(Decoders& t) { t["cp"] = decode_cp; }

}  // namespace roofproof::ptx
