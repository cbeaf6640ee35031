// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Matrix instructions. Fragments as the PTX manual draws them: with g = lane / 4 and t = lane % 4,
// a 32-bit register of A or B holds row (column, for B) g and the 4 bytes from 4 t on of an 8 x
// 16-byte matrix. So the 128 bytes of a register, lane after lane, are that matrix row by row. Of
// an accumulator, the registers 2 j and 2 j + 1 hold columns 2 t and 2 t + 1 of row g.
#include <algorithm>
#include <cstdio>

#include "tests/ptx/machine/internal.h"

namespace roofproof::ptx {
namespace {

void matrix_addresses(Warp& w, const Ins& i, u32 m, u32* a) {
  if (m != ~0u) fail(w, i, lowest(~m), "a matrix instruction without the whole warp (0x%08x)", m);
  check(w, i, i.s[0], m);
  for (int l = 0; l < 32; ++l)
    a[l] = static_cast<u32>(lane_u(w, i.s[0], l) + static_cast<u64>(i.imm));
}

// imm2: how many matrices; flag[0]: trans
void ldmatrix(Warp& w, const Ins& i, u32 m) {
  u32 a[32], o[32];
  matrix_addresses(w, i, m, a);
  const Src* d = &w.code->lists[i.first];
  Grid& g = *w.block->grid;
  const int rows = static_cast<int>(i.listed) * 8;
  u32 used = rows == 32 ? ~0u : (1u << rows) - 1;
  for (u32 j = 0; j < i.listed; ++j) {
    alignas(64) u16 x[64];
    u32 defined = ~0u;
    for (int r = 0; r < 8; ++r) {
      const int l = static_cast<int>(j) * 8 + r;
      const auto s = shared_at(w, i, l, a[l], 16, 16);
      o[l] = s.offset;
      std::memcpy(&x[r * 8], &s.block->shared[s.offset], 16);
      const u8* init = &s.block->init[s.offset];
      for (int k = 0; k < 16; ++k) {
        if (init[k] == 1) continue;
        if (init[k] == 2)
          fail(w, i, l, "shared offset %u is read while an asynchronous copy may still write it",
               s.offset + static_cast<u32>(k) - shared_start);
        // who would get it
        const int e = k / 2;
        w.loaded_line = i.line;
        w.loaded_offset = s.offset + static_cast<u32>(k);
        if (g.machine.poison) defined &= ~(1u << (i.flag[0] ? e * 4 + r / 2 : r * 4 + e / 2));
      }
      if (g.machine.races) race_read(w, i, l, *s.block, s.offset, 16);
    }
    if (i.flag[0]) {
      alignas(64) u16 y[64];
      for (int r = 0; r < 8; ++r)
        for (int c = 0; c < 8; ++c) y[c * 8 + r] = x[r * 8 + c];
      std::memcpy(w.at<u32>(d[j]), y, 128);
    } else
      std::memcpy(w.at<u32>(d[j]), x, 128);
    w.wr[d[j].wr] = defined;
  }
  g.stats.shared_bytes += static_cast<u64>(rows) * 16;
  conflicts(w, o, used, 16);
}
void stmatrix(Warp& w, const Ins& i, u32 m) {
  u32 a[32], o[32];
  matrix_addresses(w, i, m, a);
  const Src* d = &w.code->lists[i.first];
  Grid& g = *w.block->grid;
  const int rows = static_cast<int>(i.listed) * 8;
  for (u32 j = 0; j < i.listed; ++j) {
    const u32 undefined = undefined_lanes(w, i, d[j], m);
    const u16* v = reinterpret_cast<const u16*>(w.at<u32>(d[j]));
    alignas(64) u16 x[64];
    if (i.flag[0]) {
      for (int r = 0; r < 8; ++r)
        for (int c = 0; c < 8; ++c) x[c * 8 + r] = v[r * 8 + c];
    } else
      std::memcpy(x, v, 128);
    for (int r = 0; r < 8; ++r) {
      const int l = static_cast<int>(j) * 8 + r;
      const auto s = shared_at(w, i, l, a[l], 16, 16);
      o[l] = s.offset;
      for (int k = 0; k < 16; ++k)
        if (s.block->init[s.offset + static_cast<u32>(k)] == 2)
          fail(w, i, l, "shared offset %u is written while an asynchronous copy may still write it",
               s.offset + static_cast<u32>(k) - shared_start);
      std::memcpy(&s.block->shared[s.offset], &x[r * 8], 16);
      shared_written(w, *s.block, s.offset, 16);
      if (undefined && g.machine.poison)
        for (int c = 0; c < 8; ++c)
          if (undefined >> (i.flag[0] ? c * 4 + r / 2 : r * 4 + c / 2) & 1)
            std::memset(&s.block->init[s.offset + static_cast<u32>(c) * 2], 0, 2);
      if (g.machine.races) race_write(w, i, l, *s.block, s.offset, 16);
    }
  }
  g.stats.shared_bytes += static_cast<u64>(rows) * 16;
  conflicts(w, o, rows == 32 ? ~0u : (1u << rows) - 1, 16);
  ++w.block->cluster->progress;
}
bool decode_ldmatrix(Decoder& d, const Statement& s, Ins& i) {
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
      i.flag[0] = 1;
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
  i.first = d.list(v);
  i.listed = static_cast<u32>(n);
  d.address(s.arg.at(load ? 1 : 0), i, i.s[0]);
  i.kind = Kind::aligned;
  i.fn = load ? ldmatrix : stmatrix;
  return true;
}
void movmatrix(Warp& w, const Ins& i, u32 m) {
  if (m != ~0u) fail(w, i, lowest(~m), "a matrix instruction without the whole warp (0x%08x)", m);
  const u32 undefined = undefined_lanes(w, i, i.s[0], m);
  const u16* v = reinterpret_cast<const u16*>(w.at<u32>(i.s[0]));
  alignas(64) u16 x[64];
  u32 defined = ~0u;
  for (int r = 0; r < 8; ++r)
    for (int c = 0; c < 8; ++c) {
      x[c * 8 + r] = v[r * 8 + c];
      if (undefined >> (r * 4 + c / 2) & 1) defined &= ~(1u << (c * 4 + r / 2));
    }
  std::memcpy(w.at<u32>(i.d), x, 128);
  w.wr[i.d.wr] = defined;
}
bool decode_movmatrix(Decoder& d, const Statement& s, Ins& i) {
  i.d = d.reg(s.arg.at(0), i);
  i.s[0] = d.value(s.arg.at(1), Type::b32);
  i.kind = Kind::aligned;
  i.fn = movmatrix;
  return s.op == "movmatrix.sync.aligned.m8n8.trans.b16";
}

inline void widen_halves(const u16* h, float* f, int n) {
#ifdef __AVX512F__
  for (int k = 0; k < n; k += 8)
    _mm256_storeu_ps(f + k,
                     _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(h + k))));
#else
  for (int k = 0; k < n; ++k) f[k] = half_to_float(h[k]);
#endif
}

// The list: d, a, b, c. Blocks of rows: R (8 rows each); blocks of 16 bytes in k: K.
// Register order of A: row block first, then k. Sums are taken in float, k ascending.
// Which elements of the result depend on what was never written: undefined lanes of d[2 r] and d[2
// r + 1].
template <int R, int K>
void mma_undefined(Warp& w, const Ins& i, const Src* a, const Src* b, const Src* c, u32* u) {
  u32 column = 0;
  for (int k = 0; k < K; ++k) column |= undefined_lanes(w, i, b[k], ~0u);
  u32 columns = 0;  // one bit each
  for (int n = 0; n < 8; ++n)
    if (column >> (4 * n) & 15) columns |= 1u << n;
  for (int r = 0; r < R; ++r) {
    u32 row = 0;
    for (int k = 0; k < K; ++k) row |= undefined_lanes(w, i, a[k * R + r], ~0u);
    u32 rows = 0;
    for (int g = 0; g < 8; ++g)
      if (row >> (4 * g) & 15) rows |= 15u << (4 * g);
    for (int e = 0; e < 2; ++e) {
      u32 x = rows | undefined_lanes(w, i, c[2 * r + e], ~0u);
      for (int t = 0; t < 4; ++t)
        if (columns >> (2 * t + e) & 1) x |= 0x11111111u << t;
      u[2 * r + e] = x;
    }
  }
}
template <int R, int K>
void mma_f16(Warp& w, const Ins& i, u32 m) {
  if (m != ~0u) fail(w, i, lowest(~m), "a matrix instruction without the whole warp (0x%08x)", m);
  const Src* s = &w.code->lists[i.first];
  const Src *d = s, *a = s + 2 * R, *b = a + R * K, *c = b + K;
  u32 undefined[2 * R];
  mma_undefined<R, K>(w, i, a, b, c, undefined);
  alignas(64) float A[R][8][8 * K], B[8 * K][8], C[R][8][8];
  for (int k = 0; k < K; ++k) {
    alignas(64) float x[64];
    for (int r = 0; r < R; ++r) {
      widen_halves(reinterpret_cast<const u16*>(w.at<u32>(a[k * R + r])), x, 64);
      for (int g = 0; g < 8; ++g)
        for (int e = 0; e < 8; ++e) A[r][g][k * 8 + e] = x[g * 8 + e];
    }
    widen_halves(reinterpret_cast<const u16*>(w.at<u32>(b[k])), x, 64);
    for (int n = 0; n < 8; ++n)
      for (int e = 0; e < 8; ++e) B[k * 8 + e][n] = x[n * 8 + e];
  }
  for (int r = 0; r < R; ++r) {
    const float* c0 = w.at<float>(c[2 * r]);
    const float* c1 = w.at<float>(c[2 * r + 1]);
    for (int g = 0; g < 8; ++g)
      for (int t = 0; t < 4; ++t) {
        C[r][g][2 * t] = c0[g * 4 + t];
        C[r][g][2 * t + 1] = c1[g * 4 + t];
      }
    for (int g = 0; g < 8; ++g) {
      alignas(32) float y[8];
      for (int n = 0; n < 8; ++n) y[n] = C[r][g][n];
      for (int k = 0; k < 8 * K; ++k)
        for (int n = 0; n < 8; ++n) y[n] = __builtin_fmaf(A[r][g][k], B[k][n], y[n]);
      for (int n = 0; n < 8; ++n) C[r][g][n] = y[n];
    }
  }
  for (int r = 0; r < R; ++r) {
    float* d0 = w.at<float>(d[2 * r]);
    float* d1 = w.at<float>(d[2 * r + 1]);
    for (int g = 0; g < 8; ++g)
      for (int t = 0; t < 4; ++t) {
        d0[g * 4 + t] = C[r][g][2 * t];
        d1[g * 4 + t] = C[r][g][2 * t + 1];
      }
    w.wr[d[2 * r].wr] = ~undefined[2 * r];
    w.wr[d[2 * r + 1].wr] = ~undefined[2 * r + 1];
  }
  ++w.block->grid->stats.mma;
}
template <int R, int K>
void mma_s8(Warp& w, const Ins& i, u32 m) {
  if (m != ~0u) fail(w, i, lowest(~m), "a matrix instruction without the whole warp (0x%08x)", m);
  const Src* s = &w.code->lists[i.first];
  const Src *d = s, *a = s + 2 * R, *b = a + R * K, *c = b + K;
  u32 undefined[2 * R];
  mma_undefined<R, K>(w, i, a, b, c, undefined);
  alignas(64) s32 A[R][8][16 * K], B[16 * K][8], C[R][8][8];
  for (int k = 0; k < K; ++k) {
    for (int r = 0; r < R; ++r) {
      const s8* x = reinterpret_cast<const s8*>(w.at<u32>(a[k * R + r]));
      for (int g = 0; g < 8; ++g)
        for (int e = 0; e < 16; ++e) A[r][g][k * 16 + e] = x[g * 16 + e];
    }
    const s8* x = reinterpret_cast<const s8*>(w.at<u32>(b[k]));
    for (int n = 0; n < 8; ++n)
      for (int e = 0; e < 16; ++e) B[k * 16 + e][n] = x[n * 16 + e];
  }
  for (int r = 0; r < R; ++r) {
    const s32* c0 = w.at<s32>(c[2 * r]);
    const s32* c1 = w.at<s32>(c[2 * r + 1]);
    for (int g = 0; g < 8; ++g)
      for (int t = 0; t < 4; ++t) {
        C[r][g][2 * t] = c0[g * 4 + t];
        C[r][g][2 * t + 1] = c1[g * 4 + t];
      }
    for (int g = 0; g < 8; ++g) {
      alignas(32) u32 y[8];
      for (int n = 0; n < 8; ++n) y[n] = static_cast<u32>(C[r][g][n]);
      for (int k = 0; k < 16 * K; ++k)
        for (int n = 0; n < 8; ++n) y[n] += static_cast<u32>(A[r][g][k] * B[k][n]);
      for (int n = 0; n < 8; ++n) C[r][g][n] = static_cast<s32>(y[n]);
    }
  }
  for (int r = 0; r < R; ++r) {
    s32* d0 = w.at<s32>(d[2 * r]);
    s32* d1 = w.at<s32>(d[2 * r + 1]);
    for (int g = 0; g < 8; ++g)
      for (int t = 0; t < 4; ++t) {
        d0[g * 4 + t] = C[r][g][2 * t];
        d1[g * 4 + t] = C[r][g][2 * t + 1];
      }
    w.wr[d[2 * r].wr] = ~undefined[2 * r];
    w.wr[d[2 * r + 1].wr] = ~undefined[2 * r + 1];
  }
  ++w.block->grid->stats.mma;
}
bool decode_mma(Decoder& d, const Statement& s, Ins& i) {
  int R, K;
  Type t = Type::f32;
  if (s.op == "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32") {
    R = 2;
    K = 1;
    i.fn = mma_f16<2, 1>;
  } else if (s.op == "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32") {
    R = 2;
    K = 2;
    i.fn = mma_f16<2, 2>;
  } else if (s.op == "mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32") {
    R = 1;
    K = 1;
    t = Type::s32_;
    i.fn = mma_s8<1, 1>;
  } else if (s.op == "mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32") {
    R = 2;
    K = 1;
    t = Type::s32_;
    i.fn = mma_s8<2, 1>;
  } else if (s.op == "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32") {
    R = 2;
    K = 2;
    t = Type::s32_;
    i.fn = mma_s8<2, 2>;
  } else
    return false;
  std::vector<Src> all;
  const int counts[] = {2 * R, R * K, K, 2 * R};
  for (int k = 0; k < 4; ++k) {
    const auto v =
        d.vector(s.arg.at(static_cast<std::size_t>(k)), k == 0 || k == 3 ? t : Type::b32, k == 0);
    if (static_cast<int>(v.size()) != counts[k]) return false;
    all.insert(all.end(), v.begin(), v.end());
  }
  i.first = d.list(all);
  i.listed = static_cast<u32>(all.size());
  i.kind = Kind::aligned;
  return true;
}

// ---- wgmma. The list: d (N / 2), then A's four registers if flag[1]. s[0], s[1]: descriptors;
// s[2]: scale-d; width: N / 8; flag[0]: integers; imm, imm2: scales of A and B.

struct Operand16 {  // K-major operand: where 16 bytes of a row lie
  u32 start, leading, stride;
  int mode, base;
  u32 at(u32 row, u32 chunk) const {
    switch (mode) {
      case 0:
        return start + row / 8 * stride + chunk * leading + row % 8 * 16;
      case 1: {
        const u32 a = start + row / 8 * stride + row % 8 * 128 + chunk * 16;
        return a ^ (a >> 3 & 0x70);
      }
      case 2: {
        const u32 a = start + row / 8 * stride + row % 8 * 64 + chunk * 16;
        return a ^ (a >> 3 & 0x30);
      }
      default: {
        const u32 a = start + row / 8 * stride + row % 8 * 32 + chunk * 16;
        return a ^ (a >> 3 & 0x10);
      }
    }
  }
};
Operand16 descriptor(Warp& w, const Ins& i, u64 d, const char* name) {
  Operand16 o;
  o.start = static_cast<u32>(d & 0x3fff) << 4;
  o.leading = static_cast<u32>(d >> 16 & 0x3fff) << 4;
  o.stride = static_cast<u32>(d >> 32 & 0x3fff) << 4;
  o.base = static_cast<int>(d >> 49 & 7);
  o.mode = static_cast<int>(d >> 62);
  const u64 unused = d & ~(0x3fffull | 0x3fffull << 16 | 0x3fffull << 32 | 7ull << 49 | 3ull << 62);
  if (unused)
    fail(w, i, 0, "wgmma: the descriptor of %s, 0x%016llx, has bits set that mean nothing", name,
         static_cast<unsigned long long>(d));
  if (o.base) fail(w, i, 0, "wgmma: a base offset in the descriptor of %s is not modelled", name);
  static const u32 period[] = {0, 1024, 512, 256}, pitch[] = {0, 128, 64, 32};
  if (o.mode) {
    // The pattern repeats every `period` bytes; with no base offset a matrix starts where it does,
    // or within the first row of it.
    if (o.start % period[o.mode] >= pitch[o.mode] && !w.block->grid->machine.loose_swizzle)
      fail(w, i, 0,
           "wgmma: %s starts at 0x%x, not on the swizzle's period of %u bytes, and there is no "
           "base offset",
           name, o.start, period[o.mode]);
    if (o.stride % period[o.mode])
      fail(w, i, 0,
           "wgmma: the stride of %s, %u bytes, is no multiple of the swizzle's period of %u", name,
           o.stride, period[o.mode]);
  }
  return o;
}
void fetch(Warp& w, const Ins& i, const Operand16& o, u32 row, u32 rows, u8* to, const char* name) {
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

}  // namespace

void run_wgmma(Warp& w, Wgmma& p) {
  if (p.run) return;
  p.run = true;
  const Ins& i = *p.ins;
  const Src* d = &w.code->lists[i.first];
  const u32 N = i.width * 8u;
  alignas(64) u8 a[16 * 32], b[256 * 32];
  if (i.flag[1]) {  // registers: rows 0-7, 8-15 of k 0-15 bytes, then of 16-31
    for (int k = 0; k < 2; ++k)
      for (int r = 0; r < 2; ++r)
        for (int g = 0; g < 8; ++g)
          std::memcpy(&a[(r * 8 + g) * 32 + k * 16],
                      reinterpret_cast<const u8*>(p.a_regs[k * 2 + r]) + g * 16, 16);
  } else
    fetch(w, i, descriptor(w, i, p.a_desc, "A"), static_cast<u32>(w.index % 4) * 16, 16, a,
          "wgmma (A)");
  Block& block = *w.block;
  const WgmmaOperand* op = nullptr;
  for (auto& o : block.operands)
    if (o->version == block.version && o->desc == p.b_desc && o->N == N &&
        o->integer == (i.flag[0] != 0) && o->scale == i.imm2)
      op = o.get();
  if (!op) {
    if (block.operands.size() < 8) block.operands.push_back(std::make_unique<WgmmaOperand>());
    WgmmaOperand& o = *block.operands[block.next_operand++ % block.operands.size()];
    fetch(w, i, descriptor(w, i, p.b_desc, "B"), 0, N, b, "wgmma (B)");
    o.version = block.version;
    o.desc = p.b_desc;
    o.N = N;
    o.integer = i.flag[0] != 0;
    o.scale = i.imm2;
    if (i.flag[0]) {
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
          const float f = row[k] * static_cast<float>(i.imm2);
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
  if (i.flag[0])
    multiply_bytes(Y, a, op->words, N);
  else {
    alignas(64) float A[16 * 16];
    widen_halves(reinterpret_cast<const u16*>(a), A, 256);
    for (auto& x : A) x *= static_cast<float>(i.imm);
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

namespace {

void wgmma(Warp& w, const Ins& i, u32 m) {
  if (m != ~0u) fail(w, i, lowest(~m), "wgmma without the whole warp (0x%08x)", m);
  const u32 group_warps = w.block->warp_count - static_cast<u32>(w.index) / 4 * 4;
  if (group_warps < 4) fail(w, i, 0, "wgmma in a warpgroup of %u warps", group_warps);
  if (!w.fenced) fail(w, i, 0, "wgmma with no wgmma.fence before");
  Wgmma p;
  p.ins = &i;
  p.group = ~0u;
  const auto desc = [&](const Src& s) {
    check(w, i, s, m);
    const u64* v = w.at<u64>(s);
    for (int l = 1; l < 32; ++l)
      if (v[l] != v[0])
        fail(w, i, l, "a descriptor of wgmma differs between the threads of a warp");
    return v[0];
  };
  const Src* d = &w.code->lists[i.first];
  const u32 n = i.width * 4u;
  if (i.flag[1])
    for (u32 k = 0; k < 4; ++k) std::memcpy(p.a_regs[k], use<u32>(w, i, d[n + k], m), 128);
  else
    p.a_desc = desc(i.s[0]);
  p.b_desc = desc(i.s[1]);
  const u32 scale = predicate(w, i, i.s[2], m);
  if (scale != 0 && scale != ~0u)
    fail(w, i, 0, "scale-d of wgmma differs between the threads of a warp");
  p.scale_d = scale != 0;
  if (!i.flag[1]) descriptor(w, i, p.a_desc, "A");
  descriptor(w, i, p.b_desc, "B");
  for (u32 k = 0; k < n; ++k) {
    if (w.wr[d[k].wr] != ~0u && p.scale_d) {
      bool flying = false;
      for (auto& q : w.products)
        if (w.code->lists[q.ins->first + k].wr == d[k].wr && q.ins->width == i.width) flying = true;
      if (!flying) undefined_use(w, i, d[k], m);
    }
  }
  for (u32 k = 0; k < n + (i.flag[1] ? 4u : 0u); ++k)
    if (w.dirty[d[k].wr])
      fail(w, i, 0,
           "register %s of a wgmma was written by another instruction since the last wgmma.fence",
           w.code->register_names[d[k].wr].c_str());
  for (u32 k = 0; k < n; ++k) w.wr[d[k].wr] = 0;  // in flight
  p.number = w.products_issued++;
  w.products.push_back(p);
  ++w.block->cluster->progress;
  Grid& g = *w.block->grid;
  if (g.machine.async == Machine::Async::early)
    run_wgmma(w, w.products.back());
  else if (g.machine.async == Machine::Async::random && g.next() % 3 == 0)
    for (auto& q : w.products) run_wgmma(w, q);
  if (g.machine.races) {
    // Read now for the sake of order; the data may be read later.
    if (!i.flag[1]) {
      const auto o = descriptor(w, i, p.a_desc, "A");
      for (u32 r = 0; r < 16; ++r)
        for (u32 c = 0; c < 2; ++c)
          race_read(w, i, 0, *w.block, o.at(static_cast<u32>(w.index % 4) * 16 + r, c), 16);
    }
    const auto o = descriptor(w, i, p.b_desc, "B");
    for (u32 r = 0; r < i.width * 8u; ++r)
      for (u32 c = 0; c < 2; ++c) race_read(w, i, 0, *w.block, o.at(r, c), 16);
    w.product_clocks.emplace_back(p.number, w.clock);
    if (w.product_clocks.size() > 256) w.product_clocks.pop_front();
    clock_tick(w);
  }
}
void wgmma_commit(Warp& w, const Ins&, u32) {
  for (auto& p : w.products)
    if (p.group == ~0u) p.group = w.product_groups;
  ++w.product_groups;
}
void wgmma_wait(Warp& w, const Ins& i, u32) {
  bool any = false;
  while (!w.products.empty() && w.products.front().group != ~0u &&
         static_cast<s64>(w.products.front().group) < static_cast<s64>(w.product_groups) - i.imm) {
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
    const Src* d = &w.code->lists[p.ins->first];
    for (u32 k = 0; k < p.ins->width * 4u; ++k) w.wr[d[k].wr] = ~0u;
    w.products.pop_front();
    any = true;
  }
  if (any)
    for (auto& p : w.products) {  // what is still in flight
      const Src* d = &w.code->lists[p.ins->first];
      for (u32 k = 0; k < p.ins->width * 4u; ++k) w.wr[d[k].wr] = 0;
    }
}
void wgmma_fence(Warp& w, const Ins&, u32) {
  w.fenced = true;
  std::fill(w.fence_dirty.begin(), w.fence_dirty.end(), u8{0});
}

bool decode_wgmma(Decoder& d, const Statement& s, Ins& i) {
  d.code().asynchronous = true;
  d.code().has_wgmma = true;
  i.kind = Kind::aligned;
  if (s.op == "wgmma.fence.sync.aligned") {
    i.fn = wgmma_fence;
    return true;
  }
  if (s.op == "wgmma.commit_group.sync.aligned") {
    i.fn = wgmma_commit;
    return true;
  }
  if (s.op == "wgmma.wait_group.sync.aligned") {
    i.fn = wgmma_wait;
    i.imm = s.arg.at(0).value;
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
  i.flag[0] = integer;
  i.width = static_cast<u8>(n / 8);
  auto v = d.vector(s.arg.at(0), half ? Type::f32 : Type::s32_, true);
  if (static_cast<int>(v.size()) != n / 2) return false;
  i.flag[1] = s.arg.at(1).what == Operand::vector;
  i.listed = static_cast<u32>(v.size());
  if (i.flag[1]) {
    const auto a = d.vector(s.arg[1], Type::b32, false);
    if (a.size() != 4) return false;
    v.insert(v.end(), a.begin(), a.end());
  } else
    i.s[0] = d.value(s.arg[1], Type::b64);
  i.first = d.list(v);
  i.s[1] = d.value(s.arg.at(2), Type::b64);
  i.s[2] = d.predicate(s.arg.at(3));
  i.imm = i.imm2 = 1;
  if (half) {
    i.imm = s.arg.at(4).value;
    i.imm2 = s.arg.at(5).value;
    if ((i.imm != 1 && i.imm != -1) || (i.imm2 != 1 && i.imm2 != -1)) return false;
    const std::size_t first = 6;
    for (std::size_t x = first; x < s.arg.size(); ++x)
      if (s.arg[x].value != 0) return false;  // MN-major operands are not modelled
    if (s.arg.size() != (i.flag[1] ? 7u : 8u)) return false;
  } else if (s.arg.size() != 4)
    return false;
  i.fn = wgmma;
  return true;
}

}  // namespace

void add_tensor(std::unordered_map<std::string, Decode>& t) {
  t["ldmatrix"] = decode_ldmatrix;
  t["stmatrix"] = decode_ldmatrix;
  t["mma"] = decode_mma;
  t["movmatrix"] = decode_movmatrix;
  t["wgmma"] = decode_wgmma;
}

}  // namespace roofproof::ptx
