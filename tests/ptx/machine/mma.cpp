// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// mma.sync (PTX ISA, 9.7.14.5). Fragments as in matrix.cpp; of an accumulator, the registers 2 j
// and 2 j + 1 hold columns 2 t and 2 t + 1 of row g.
#include "tests/ptx/machine/decode.h"
#include "tests/ptx/machine/formats.h"
#include "tests/ptx/machine/operands.h"

namespace roofproof::ptx {

namespace {

// The list: d, a, b, c. Blocks of rows: R (8 rows each); blocks of 16 bytes in k: K.
// Register order of A: row block first, then k. Sums are taken in float, k ascending.
// Which elements of the result depend on what was never written: undefined lanes of d[2 r] and d[2
// r + 1].
template <int R, int K>
void mma_undefined(Warp& w, const Instruction& i, const Slot* a, const Slot* b, const Slot* c,
                   u32* u) {
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
void mma_f16(Warp& w, const Instruction& i, u32 m) {
  if (m != ~0u) fail(w, i, lowest(~m), "a matrix instruction without the whole warp (0x%08x)", m);
  const Slot* s = operand_list(w, i);
  const Slot *d = s, *a = s + 2 * R, *b = a + R * K, *c = b + K;
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
    w.written[d[2 * r].id] = ~undefined[2 * r];
    w.written[d[2 * r + 1].id] = ~undefined[2 * r + 1];
  }
  ++w.block->grid->stats.mma;
}

template <int R, int K>
void mma_s8(Warp& w, const Instruction& i, u32 m) {
  if (m != ~0u) fail(w, i, lowest(~m), "a matrix instruction without the whole warp (0x%08x)", m);
  const Slot* s = operand_list(w, i);
  const Slot *d = s, *a = s + 2 * R, *b = a + R * K, *c = b + K;
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
    w.written[d[2 * r].id] = ~undefined[2 * r];
    w.written[d[2 * r + 1].id] = ~undefined[2 * r + 1];
  }
  ++w.block->grid->stats.mma;
}

bool decode_mma(Decoder& d, const Statement& s, Instruction& i) {
  int R, K;
  Type t = Type::f32;
  if (s.op == "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32") {
    R = 2;
    K = 1;
    i.execute = mma_f16<2, 1>;
  } else if (s.op == "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32") {
    R = 2;
    K = 2;
    i.execute = mma_f16<2, 2>;
  } else if (s.op == "mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32") {
    R = 1;
    K = 1;
    t = Type::s32_;
    i.execute = mma_s8<1, 1>;
  } else if (s.op == "mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32") {
    R = 2;
    K = 1;
    t = Type::s32_;
    i.execute = mma_s8<2, 1>;
  } else if (s.op == "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32") {
    R = 2;
    K = 2;
    t = Type::s32_;
    i.execute = mma_s8<2, 2>;
  } else
    return false;
  std::vector<Slot> all;
  const int counts[] = {2 * R, R * K, K, 2 * R};
  for (int k = 0; k < 4; ++k) {
    const auto v =
        d.vector(s.arg.at(static_cast<std::size_t>(k)), k == 0 || k == 3 ? t : Type::b32, k == 0);
    if (static_cast<int>(v.size()) != counts[k]) return false;
    all.insert(all.end(), v.begin(), v.end());
  }
  i.list = d.add_list(all);
  i.list_size = static_cast<u32>(all.size());
  i.kind = Kind::aligned;
  return true;
}

}  // namespace

void add_mma(Decoders& t) { t["mma"] = decode_mma; }

}  // namespace roofproof::ptx
