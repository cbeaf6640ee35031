// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/gemm_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/host/gemm_kernel.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once per instruction set.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace roofproof::host {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Rows x vectors of C that stay in registers: as many accumulators as the register file has room
// for beside one step of B and a broadcast element of A. Multiples of 4 rows, for pack().
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr int tile_rows = 12;
constexpr int tile_vectors = 2;
#else
constexpr int tile_rows = 4;
constexpr int tile_vectors = 3;
#endif

using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;

#if HWY_TARGET != HWY_SCALAR
// panel[k * width + i] = rows[i * stride + k] for 4 i and 4 k.
HWY_INLINE void transpose_4x4(float* panel, std::int64_t width, const float* rows,
                              std::int64_t stride) {
  const hn::FixedTag<float, 4> d;
  const hn::Repartition<double, decltype(d)> pairs;
  const auto row0 = hn::LoadU(d, rows);
  const auto row1 = hn::LoadU(d, rows + stride);
  const auto row2 = hn::LoadU(d, rows + 2 * stride);
  const auto row3 = hn::LoadU(d, rows + 3 * stride);
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, row0, row1));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, row2, row3));
  const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, row0, row1));
  const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, row2, row3));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, panel);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d, panel + width);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d, panel + 2 * width);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d, panel + 3 * width);
}
#endif

void pack(float* panel, std::int64_t width, const float* rows, std::int64_t stride,
          std::int64_t count, std::int64_t depth) {
  std::int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  for (; i + 4 <= count; i += 4) {
    std::int64_t k = 0;
    for (; k + 4 <= depth; k += 4) {
      transpose_4x4(panel + k * width + i, width, rows + i * stride + k, stride);
    }
    for (; k < depth; ++k) {
      for (std::int64_t j = i; j < i + 4; ++j) panel[k * width + j] = rows[j * stride + k];
    }
  }
#endif
  for (; i < width; ++i) {
    for (std::int64_t k = 0; k < depth; ++k) {
      panel[k * width + i] = i < count ? rows[i * stride + k] : 0;
    }
  }
}

// c = alpha sum + beta c for one whole tile.
HWY_INLINE void update(float* c, std::int64_t stride, const Vector (&sum)[tile_rows][tile_vectors],
                       float alpha, float beta) {
  const Tag d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const Vector alphas = hn::Set(d, alpha);
  const Vector betas = hn::Set(d, beta);
#pragma GCC unroll 12
  for (int i = 0; i < tile_rows; ++i) {
#pragma GCC unroll 3
    for (int j = 0; j < tile_vectors; ++j) {
      float* const at = c + i * stride + j * lanes;
      const Vector product = hn::Mul(alphas, sum[i][j]);
      hn::StoreU(beta == 0 ? product : hn::MulAdd(betas, hn::LoadU(d, at), product), d, at);
    }
  }
}

void multiply(float* c, std::int64_t stride, std::int64_t m, std::int64_t n, const float* a,
              const float* b, std::int64_t depth, float alpha, float beta) {
  const Tag d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  Vector sum[tile_rows][tile_vectors];
#pragma GCC unroll 12
  for (int i = 0; i < tile_rows; ++i) {
#pragma GCC unroll 3
    for (int j = 0; j < tile_vectors; ++j) sum[i][j] = hn::Zero(d);
  }
  for (std::int64_t k = 0; k < depth; ++k) {
    Vector b_step[tile_vectors];
#pragma GCC unroll 3
    for (int j = 0; j < tile_vectors; ++j) b_step[j] = hn::Load(d, b + j * lanes);
#pragma GCC unroll 12
    for (int i = 0; i < tile_rows; ++i) {
      const Vector a_step = hn::Set(d, a[i]);
#pragma GCC unroll 3
      for (int j = 0; j < tile_vectors; ++j) sum[i][j] = hn::MulAdd(a_step, b_step[j], sum[i][j]);
    }
    a += tile_rows;
    b += tile_vectors * lanes;
  }
  const std::int64_t columns = tile_vectors * lanes;
  if (m == tile_rows && n == columns) {
    update(c, stride, sum, alpha, beta);
    return;
  }
  // At the edge of C: by way of a whole tile elsewhere, of which only what exists is touched.
  HWY_ALIGN float tile[tile_rows * tile_vectors * hn::MaxLanes(Tag())];
  update(tile, columns, sum, alpha, 0);
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      float& at = c[i * stride + j];
      at = beta == 0 ? tile[i * columns + j] : beta * at + tile[i * columns + j];
    }
  }
}

GemmKernel make_gemm_kernel() {
  return {hwy::TargetName(HWY_TARGET), tile_rows,
          tile_vectors * static_cast<std::int64_t>(hn::Lanes(Tag())), pack, multiply};
}

}  // namespace HWY_NAMESPACE
}  // namespace roofproof::host
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace roofproof::host {

HWY_EXPORT(make_gemm_kernel);

GemmKernel gemm_kernel() { return HWY_DYNAMIC_DISPATCH(make_gemm_kernel)(); }

}  // namespace roofproof::host
#endif
