// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// wgmma (PTX ISA, 9.7.15). One operation of a warpgroup, executed in four parts by its warps.
#include <algorithm>
#include <cstdio>

#include "tests/ptx/machine/async.h"
#include "tests/ptx/machine/decode.h"
#include "tests/ptx/machine/formats.h"
#include "tests/ptx/machine/memory.h"
#include "tests/ptx/machine/races.h"
#include "tests/ptx/machine/tensor_map.h"

namespace roofproof::ptx {

namespace {

// An instruction holds: the list, N / 2 accumulators and then A's four registers, if A is in
// registers; source, the descriptors of A and B and scale-d; width, N / 8; immediate and
// second_immediate, the scales of A and B.

// The matrix descriptor of a K-major operand (PTX ISA, 9.7.15.5): where 16 bytes of a row lie.
struct MatrixDescriptor {
  u32 start, leading, stride;
  u32 span;  // of the swizzle: 32, 64 or 128 bytes; 0: none
  u32 at(u32 row, u32 chunk) const {
    if (!span) return start + row / 8 * stride + chunk * leading + row % 8 * 16;
    return swizzled(start + row / 8 * stride + row % 8 * span + chunk * 16, span);
  }
};

MatrixDescriptor descriptor(Warp& w, const Instruction& i, u64 d, const char* name) {
  MatrixDescriptor o;
  o.start = static_cast<u32>(d & 0x3fff) << 4;
  o.leading = static_cast<u32>(d >> 16 & 0x3fff) << 4;
  o.stride = static_cast<u32>(d >> 32 & 0x3fff) << 4;
  static const u32 spans[] = {0, 128, 64, 32};
  o.span = spans[d >> 62];
  const u64 unused = d & ~(0x3fffull | 0x3fffull << 16 | 0x3fffull << 32 | 7ull << 49 | 3ull << 62);
  if (unused)
    fail(w, i, 0, "wgmma: the descriptor of %s, 0x%016llx, has bits set that mean nothing", name,
         static_cast<unsigned long long>(d));
  if (d >> 49 & 7)
    fail(w, i, 0, "wgmma: a base offset in the descriptor of %s is not modelled", name);
  if (o.span) {
    const u32 period = 8 * o.span;
    // The pattern repeats every `period` bytes; with no base offset a matrix starts where it does,
    // or within the first row of it.
    if (o.start % period >= o.span && !w.block->grid->machine.loose_swizzle)
      fail(w, i, 0,
           "wgmma: %s starts at 0x%x, not on the swizzle's period of %u bytes, and there is no "
           "base offset",
           name, o.start, period);
    if (o.stride % period)
      fail(w, i, 0,
           "wgmma: the stride of %s, %u bytes, is no multiple of the swizzle's period of %u", name,
           o.stride, period);
  }
  return o;
}

void fetch(Warp& w, const Instruction& i, const MatrixDescriptor& o, u32 row, u32 rows, u8* to,
           const char* name) {
  Block& b = *w.block;
  for (u32 r = 0; r < rows; ++r)
    for (u32 c = 0; c < 2; ++c) {
      const u32 a = o.at(row + r, c);
      async_shared_read(w, i, 0, b, a, 16, name);
      std::memcpy(to + r * 32 + c * 16, &b.shared[a], 16);
    }
}

struct Rows {
  alignas(64) float f[16][256];
};  // integers as bits
// Y += A (16 x 16) B (16 x N); k ascending.
void multiply_halves(Rows& Y, const float* A, const float* B, u32 N) {
#ifdef __AVX512F__
  for (u32 n = 0; n < N; n += 32) {  // what lies behind N is computed and not used
    for (int r = 0; r < 16; r += 4) {
      __m512 y[4][2];
      for (int q = 0; q < 4; ++q)
        for (int x = 0; x < 2; ++x)
          y[q][x] = _mm512_load_ps(&Y.f[r + q][n + 16 * static_cast<u32>(x)]);
      for (int k = 0; k < 16; ++k) {
        const __m512 b0 = _mm512_load_ps(B + k * 256 + n),
                     b1 = _mm512_load_ps(B + k * 256 + n + 16);
        for (int q = 0; q < 4; ++q) {
          const __m512 v = _mm512_set1_ps(A[(r + q) * 16 + k]);
          y[q][0] = _mm512_fmadd_ps(v, b0, y[q][0]);
          y[q][1] = _mm512_fmadd_ps(v, b1, y[q][1]);
        }
      }
      for (int q = 0; q < 4; ++q)
        for (int x = 0; x < 2; ++x)
          _mm512_store_ps(&Y.f[r + q][n + 16 * static_cast<u32>(x)], y[q][x]);
    }
  }
#else
  for (int r = 0; r < 16; ++r)
    for (int k = 0; k < 16; ++k)
      for (u32 n = 0; n < N; ++n)
        Y.f[r][n] = __builtin_fmaf(A[r * 16 + k], B[k * 256 + static_cast<int>(n)], Y.f[r][n]);
#endif
}

// The same of bytes: A 16 x 32, B in pairs of k.
void multiply_bytes(Rows& Y, const u8* a, const u32* B, u32 N) {
  for (int r = 0; r < 16; ++r) {
    u32 x[16];
    for (int k = 0; k < 16; ++k)
      x[k] = static_cast<u16>(static_cast<s8>(a[r * 32 + k * 2])) |
             static_cast<u32>(static_cast<u16>(static_cast<s8>(a[r * 32 + k * 2 + 1]))) << 16;
#ifdef __AVX512BW__
    for (u32 n = 0; n < N; n += 32) {
      __m512i y0 = _mm512_load_si512(&Y.f[r][n]), y1 = _mm512_load_si512(&Y.f[r][n + 16]);
      for (int k = 0; k < 16; ++k) {
        const __m512i v = _mm512_set1_epi32(static_cast<int>(x[k]));
        y0 = _mm512_add_epi32(y0, _mm512_madd_epi16(v, _mm512_load_si512(B + k * 256 + n)));
        y1 = _mm512_add_epi32(y1, _mm512_madd_epi16(v, _mm512_load_si512(B + k * 256 + n + 16)));
      }
      _mm512_store_si512(&Y.f[r][n], y0);
      _mm512_store_si512(&Y.f[r][n + 16], y1);
    }
#else
    for (u32 n = 0; n < N; ++n) {
      u32 y;
      std::memcpy(&y, &Y.f[r][n], 4);
      for (int k = 0; k < 16; ++k) {
        const u32 b = B[k * 256 + static_cast<int>(n)];
        y += static_cast<u32>(static_cast<s16>(x[k]) * static_cast<s16>(b) +
                              static_cast<s16>(x[k] >> 16) * static_cast<s16>(b >> 16));
      }
      std::memcpy(&Y.f[r][n], &y, 4);
    }
#endif
  }
}

void run_wgmma(Warp& w, Wgmma& p) {
  if (p.done) return;
  p.done = true;
  const Instruction& i = *p.instruction;
  const Slot* d = operand_list(w, i);
  const u32 N = i.width * 8u;
  alignas(64) u8 a[16 * 32], b[256 * 32];
  if (i.wgmma.a_in_registers) {  // registers: rows 0-7, 8-15 of k 0-15 bytes, then of 16-31
    for (int k = 0; k < 2; ++k)
      for (int r = 0; r < 2; ++r)
        for (int g = 0; g < 8; ++g)
          std::memcpy(&a[(r * 8 + g) * 32 + k * 16],
                      reinterpret_cast<const u8*>(p.a_registers[k * 2 + r]) + g * 16, 16);
  } else
    fetch(w, i, descriptor(w, i, p.a_descriptor, "A"), static_cast<u32>(w.index % 4) * 16, 16, a,
          "wgmma (A)");
  Block& block = *w.block;
  const WgmmaOperand* op = nullptr;
  for (auto& o : block.operands)
    if (o->version == block.version && o->descriptor == p.b_descriptor && o->n == N &&
        o->integer == (i.wgmma.integer != 0) && o->scale == i.second_immediate)
      op = o.get();
  if (!op) {
    if (block.operands.size() < 8) block.operands.push_back(std::make_unique<WgmmaOperand>());
    WgmmaOperand& o = *block.operands[block.next_operand++ % block.operands.size()];
    fetch(w, i, descriptor(w, i, p.b_descriptor, "B"), 0, N, b, "wgmma (B)");
    o.version = block.version;
    o.descriptor = p.b_descriptor;
    o.n = N;
    o.integer = i.wgmma.integer != 0;
    o.scale = i.second_immediate;
    if (i.wgmma.integer) {
      for (u32 n = 0; n < N; ++n)
        for (int k = 0; k < 16; ++k) {
          const u16 low = static_cast<u16>(static_cast<s8>(b[n * 32 + static_cast<u32>(k) * 2])),
                    high =
                        static_cast<u16>(static_cast<s8>(b[n * 32 + static_cast<u32>(k) * 2 + 1]));
          o.words[k * 256 + static_cast<int>(n)] = low | static_cast<u32>(high) << 16;
        }
    } else {
      alignas(64) float row[16];
      for (u32 n = 0; n < N; ++n) {
        widen_halves(reinterpret_cast<const u16*>(b + n * 32), row, 16);
        for (int k = 0; k < 16; ++k) {
          const float f = row[k] * static_cast<float>(i.second_immediate);
          std::memcpy(&o.words[k * 256 + static_cast<int>(n)], &f, 4);
        }
      }
    }
    op = &o;
  }
  // Of row g (+ 8 h), column 8 j + 2 t + e is lane 4 g + t of register 4 j + 2 h + e.
  static thread_local Rows Y;
  if (p.scale_d) {
    for (u32 j = 0; j < N / 8; ++j)
      for (u32 h = 0; h < 2; ++h) {
        const float *r0 = w.at<float>(d[4 * j + 2 * h]), *r1 = w.at<float>(d[4 * j + 2 * h + 1]);
        for (u32 g = 0; g < 8; ++g) {
          const __m128 x = _mm_loadu_ps(r0 + 4 * g), y = _mm_loadu_ps(r1 + 4 * g);
          _mm_store_ps(&Y.f[8 * h + g][8 * j], _mm_unpacklo_ps(x, y));
          _mm_store_ps(&Y.f[8 * h + g][8 * j + 4], _mm_unpackhi_ps(x, y));
        }
      }
  } else
    for (auto& row : Y.f) std::memset(row, 0, N * 4);
  if (i.wgmma.integer)
    multiply_bytes(Y, a, op->words, N);
  else {
    alignas(64) float A[16 * 16];
    widen_halves(reinterpret_cast<const u16*>(a), A, 256);
    for (auto& x : A) x *= static_cast<float>(i.immediate);
    multiply_halves(Y, A, reinterpret_cast<const float*>(op->words), N);
  }
  for (u32 j = 0; j < N / 8; ++j)
    for (u32 h = 0; h < 2; ++h) {
      float *r0 = w.at<float>(d[4 * j + 2 * h]), *r1 = w.at<float>(d[4 * j + 2 * h + 1]);
      for (u32 g = 0; g < 8; ++g) {
        const __m128 x = _mm_load_ps(&Y.f[8 * h + g][8 * j]),
                     y = _mm_load_ps(&Y.f[8 * h + g][8 * j + 4]);
        _mm_storeu_ps(r0 + 4 * g, _mm_shuffle_ps(x, y, _MM_SHUFFLE(2, 0, 2, 0)));
        _mm_storeu_ps(r1 + 4 * g, _mm_shuffle_ps(x, y, _MM_SHUFFLE(3, 1, 3, 1)));
      }
    }
  ++w.block->grid->stats.wgmma;
}

void wgmma(Warp& w, const Instruction& i, u32 m) {
  if (m != ~0u) fail(w, i, lowest(~m), "wgmma without the whole warp (0x%08x)", m);
  const u32 group_warps = w.block->warp_count - static_cast<u32>(w.index) / 4 * 4;
  if (group_warps < 4) fail(w, i, 0, "wgmma in a warpgroup of %u warps", group_warps);
  if (!w.fenced) fail(w, i, 0, "wgmma with no wgmma.fence before");
  Wgmma p;
  p.instruction = &i;
  p.group = ~0u;
  const auto desc = [&](const Slot& s) {
    require_defined(w, i, s, m);
    const u64* v = w.at<u64>(s);
    for (int l = 1; l < 32; ++l)
      if (v[l] != v[0])
        fail(w, i, l, "a descriptor of wgmma differs between the threads of a warp");
    return v[0];
  };
  const Slot* d = operand_list(w, i);
  const u32 n = i.width * 4u;
  if (i.wgmma.a_in_registers)
    for (u32 k = 0; k < 4; ++k)
      std::memcpy(p.a_registers[k], read_defined<u32>(w, i, d[n + k], m), 128);
  else
    p.a_descriptor = desc(i.source[0]);
  p.b_descriptor = desc(i.source[1]);
  const u32 scale = read_defined_predicate(w, i, i.source[2], m);
  if (scale != 0 && scale != ~0u)
    fail(w, i, 0, "scale-d of wgmma differs between the threads of a warp");
  p.scale_d = scale != 0;
  if (!i.wgmma.a_in_registers) descriptor(w, i, p.a_descriptor, "A");
  descriptor(w, i, p.b_descriptor, "B");
  for (u32 k = 0; k < n; ++k) {
    if (w.written[d[k].id] != ~0u && p.scale_d) {
      bool flying = false;
      for (auto& q : w.products)
        if (operand_list(w, *q.instruction)[k].id == d[k].id && q.instruction->width == i.width)
          flying = true;
      if (!flying) undefined_use(w, i, d[k], m);
    }
  }
  for (u32 k = 0; k < n + (i.wgmma.a_in_registers ? 4u : 0u); ++k)
    if (w.written_since_fence[d[k].id])
      fail(w, i, 0,
           "register %s of a wgmma was written by another instruction since the last wgmma.fence",
           w.code->register_names[d[k].id].c_str());
  for (u32 k = 0; k < n; ++k) w.written[d[k].id] = 0;  // in flight
  p.number = w.products_issued++;
  w.products.push_back(p);
  ++w.block->cluster->progress;
  Grid& g = *w.block->grid;
  if (g.machine.async == Machine::Async::early)
    run_wgmma(w, w.products.back());
  else if (g.machine.async == Machine::Async::random && g.next_random() % 3 == 0)
    for (auto& q : w.products) run_wgmma(w, q);
  if (g.machine.races) {
    // Read now for the sake of order; the data may be read later.
    if (!i.wgmma.a_in_registers) {
      const auto o = descriptor(w, i, p.a_descriptor, "A");
      for (u32 r = 0; r < 16; ++r)
        for (u32 c = 0; c < 2; ++c)
          race_read_together(w, i, 0, *w.block, o.at(static_cast<u32>(w.index % 4) * 16 + r, c),
                             16);
    }
    const auto o = descriptor(w, i, p.b_descriptor, "B");
    for (u32 r = 0; r < i.width * 8u; ++r)
      for (u32 c = 0; c < 2; ++c) race_read_together(w, i, 0, *w.block, o.at(r, c), 16);
    w.product_clocks.emplace_back(p.number, w.clock);
    if (w.product_clocks.size() > 256) w.product_clocks.pop_front();
    clock_tick(w);
  }
}

void wgmma_commit(Warp& w, const Instruction&, u32) {
  for (auto& p : w.products)
    if (p.group == ~0u) p.group = w.product_groups;
  ++w.product_groups;
}

void wgmma_wait(Warp& w, const Instruction& i, u32) {
  bool any = false;
  while (!w.products.empty() && w.products.front().group != ~0u &&
         static_cast<s64>(w.products.front().group) <
             static_cast<s64>(w.product_groups) - i.immediate) {
    Wgmma& p = w.products.front();
    // A wgmma is one operation of the warpgroup: it is complete when the parts of all its warps
    // are.
    for (u32 k = static_cast<u32>(w.index) / 4 * 4; k < static_cast<u32>(w.index) / 4 * 4 + 4;
         ++k) {
      Warp& v = *w.block->warps[k];
      if (&v == &w) continue;
      if (v.products_issued <= p.number) {
        if (v.wait == Wait::done)
          fail(w, i, 0,
               "warps of one warpgroup executed different numbers of wgmma (%llu and %llu)",
               static_cast<unsigned long long>(w.products_issued),
               static_cast<unsigned long long>(v.products_issued));
        w.retry = 1;
        return;
      }
    }
    for (u32 k = static_cast<u32>(w.index) / 4 * 4; k < static_cast<u32>(w.index) / 4 * 4 + 4;
         ++k) {
      Warp& v = *w.block->warps[k];
      for (auto& q : v.products)
        if (q.number == p.number) run_wgmma(v, q);
      for (auto& [n, clock] : v.product_clocks)
        if (n == p.number && &v != &w) clock_join(w.clock, clock);
    }
    const Slot* d = operand_list(w, *p.instruction);
    for (u32 k = 0; k < p.instruction->width * 4u; ++k) w.written[d[k].id] = ~0u;
    w.products.pop_front();
    any = true;
  }
  if (any)
    for (auto& p : w.products) {  // what is still in flight
      const Slot* d = operand_list(w, *p.instruction);
      for (u32 k = 0; k < p.instruction->width * 4u; ++k) w.written[d[k].id] = 0;
    }
}

void wgmma_fence(Warp& w, const Instruction&, u32) {
  w.fenced = true;
  std::fill(w.fence_storage.begin(), w.fence_storage.end(), u8{0});
}

bool decode_wgmma(Decoder& d, const Statement& s, Instruction& i) {
  d.code().asynchronous = true;
  d.code().has_wgmma = true;
  i.kind = Kind::aligned;
  if (s.op == "wgmma.fence.sync.aligned") {
    i.execute = wgmma_fence;
    return true;
  }
  if (s.op == "wgmma.commit_group.sync.aligned") {
    i.execute = wgmma_commit;
    return true;
  }
  if (s.op == "wgmma.wait_group.sync.aligned") {
    i.execute = wgmma_wait;
    i.immediate = s.arg.at(0).value;
    return s.arg[0].what == Operand::imm;
  }
  if (s.part.size() != 8 || s.part[1] != "mma_async" || s.part[2] != "sync" ||
      s.part[3] != "aligned")
    return false;
  int n = 0, k = 0;
  if (std::sscanf(s.part[4].c_str(), "m64n%dk%d", &n, &k) != 2 || n < 8 || n > 256 || n % 8)
    return false;
  const bool half = s.part[5] == "f32" && s.part[6] == "f16" && s.part[7] == "f16" && k == 16;
  const bool integer = s.part[5] == "s32" && s.part[6] == "s8" && s.part[7] == "s8" && k == 32;
  if (!half && !integer) return false;
  i.wgmma.integer = integer;
  i.width = static_cast<u8>(n / 8);
  auto v = d.vector(s.arg.at(0), half ? Type::f32 : Type::s32_, true);
  if (static_cast<int>(v.size()) != n / 2) return false;
  i.wgmma.a_in_registers = s.arg.at(1).what == Operand::vector;
  i.list_size = static_cast<u32>(v.size());
  if (i.wgmma.a_in_registers) {
    const auto a = d.vector(s.arg[1], Type::b32, false);
    if (a.size() != 4) return false;
    v.insert(v.end(), a.begin(), a.end());
  } else
    i.source[0] = d.value(s.arg[1], Type::b64);
  i.list = d.add_list(v);
  i.source[1] = d.value(s.arg.at(2), Type::b64);
  i.source[2] = d.predicate(s.arg.at(3));
  i.immediate = i.second_immediate = 1;
  if (half) {
    i.immediate = s.arg.at(4).value;
    i.second_immediate = s.arg.at(5).value;
    if ((i.immediate != 1 && i.immediate != -1) ||
        (i.second_immediate != 1 && i.second_immediate != -1))
      return false;
    const std::size_t first = 6;
    for (std::size_t x = first; x < s.arg.size(); ++x)
      if (s.arg[x].value != 0) return false;  // MN-major operands are not modelled
    if (s.arg.size() != (i.wgmma.a_in_registers ? 7u : 8u)) return false;
  } else if (s.arg.size() != 4)
    return false;
  i.execute = wgmma;
  return true;
}

}  // namespace

void wgmma_at_warp_end(Warp& w, const Instruction& i) {
  if (!w.products.empty())
    fail(w, i, 0, "the warp ends with a wgmma that was not waited for (PTX line %d)",
         w.products.front().instruction->line);
}

void wgmma_at_block_end(Block& b) {
  for (u32 k = 0; k < b.warp_count; ++k) {
    const u64 first = b.warps[k / 4 * 4]->products_issued;
    if (b.warps[k]->products_issued != first)
      fail(*b.warps[k], b.warps[k]->code->instructions.back(), 0,
           "warps of one warpgroup executed different numbers of wgmma (%llu and %llu)",
           static_cast<unsigned long long>(b.warps[k]->products_issued),
           static_cast<unsigned long long>(first));
  }
}

void add_wgmma(Decoders& t) { t["wgmma"] = decode_wgmma; }

}  // namespace roofproof::ptx
