// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Faults, and the words for where and why.
#include <cstdarg>
#include <cstdio>
#include <string>

#include "tests/ptx/machine/operands.h"

namespace roofproof::ptx {

namespace {

std::string where(Warp& w, int line, int lane) {
  const Block& b = *w.block;
  const auto& n = b.grid->launch->block;
  const unsigned t = static_cast<unsigned>(w.index * 32 + (lane < 0 ? 0 : lane));
  char s[256];
  std::snprintf(s, sizeof s, "block (%u,%u,%u), thread (%u,%u,%u) [warp %d, lane %d]", b.id.x,
                b.id.y, b.id.z, t % n.x, t / n.x % n.y, t / n.x / n.y, w.index, lane);
  return "kernel " + w.code->kernel_name + ", " + s + ", PTX line " + std::to_string(line) + " '" +
         w.code->line_text(line) + "'";
}

}  // namespace

void fail(Warp& w, const Instruction& i, int lane, const char* format, ...) {
  char text[1024];
  va_list a;
  va_start(a, format);
  std::vsnprintf(text, sizeof text, format, a);
  va_end(a);
  throw Fault(std::string(text) + "\n  in " + where(w, i.line, lane));
}

void undefined_use(Warp& w, const Instruction& i, const Slot& s, u32 mask) {
  const u32 bad = ~w.written[s.id] & mask;
  const char* why = "was never written, or comes from what was not";
  for (auto& p : w.products) {
    const Slot* d = operand_list(w, *p.instruction);
    for (u32 k = 0; k < p.instruction->list_size; ++k)
      if (d[k].id == s.id) why = "is an accumulator of a wgmma that was not waited for";
  }
  std::string from;
  if (w.loaded_line)
    from += "; the last load of unwritten shared memory: line " + std::to_string(w.loaded_line) +
            ", offset " + std::to_string(w.loaded_offset - w.block->shared_begin);
  if (w.tainted_line)
    from += "; the last computation with something undefined: line " +
            std::to_string(w.tainted_line) + " '" + w.code->line_text(w.tainted_line) + "'";
  fail(w, i, lowest(bad), "register %s is used but %s%s", w.code->register_names[s.id].c_str(), why,
       from.c_str());
}

void note_undefined(Warp& w, const Instruction& i, const Slot& s, u32 m) {
  for (auto& p : w.products) {
    const Slot* d = operand_list(w, *p.instruction);
    for (u32 k = 0; k < p.instruction->list_size; ++k)
      if (d[k].id == s.id) undefined_use(w, i, s, m);
  }
  if (w.block->grid->machine.poison_strict) undefined_use(w, i, s, m);
  w.defined &= w.written[s.id];
  w.tainted_line = i.line;
}

void unknown_instruction(Warp& w, const Instruction& i, u32 m) {
  fail(w, i, lowest(m), "unknown instruction");
}

}  // namespace roofproof::ptx
