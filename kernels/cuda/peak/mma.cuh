// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The mma.sync peak loop: registers only.
#pragma once

#include <cstdint>

#include "kernels/cuda/gemm/tiled/tensor_math.cuh"
#include "kernels/cuda/peak/mma.h"

namespace roofproof::cuda::peak_mma {

// 4 bytes of an operand from byte 4 `word` of its row on; element(k) in `unit`s.
template <class Type, class Element>
__device__ std::uint32_t pack(int word, float unit, const Element& element) {
  constexpr int elements = 4 / Type::element_bytes;
  std::uint32_t packed = 0;
#pragma unroll
  for (int i = 0; i < elements; ++i) {
    const int value = element(word * elements + i);
    const auto bits = Type::element_bytes == 2
                          ? std::uint32_t{ptx::cvt_rn_f16_f32(static_cast<float>(value) * unit)}
                          : static_cast<std::uint8_t>(value);
    packed |= bits << (i * 8 * Type::element_bytes);
  }
  return packed;
}

__device__ inline std::uint32_t whole(float sum) {
  return static_cast<std::uint32_t>(static_cast<int>(sum * (1 / (a_unit * b_unit))));
}
__device__ inline std::uint32_t whole(std::int32_t sum) { return static_cast<std::uint32_t>(sum); }

template <Generation G, class Type>
__global__ void __launch_bounds__(threads, blocks_per_sm)
    peak_mma_kernel(InputStream input, int count, std::int32_t* out) {
  const int thread = static_cast<int>(threadIdx.x);
  const int group = thread % 32 / 4;  // of lanes, which hold the same row of A or column of B
  const int word = thread % 4;

  // Registers as mma takes them (kernels/cuda/gemm/tiled/fragment.h): of A rows 0 and 8 of the
  // first 16 bytes of K, then of the second; of B a column of each.
  std::uint32_t a[m_tiles][4];
#pragma unroll
  for (int i = 0; i < m_tiles; ++i) {
#pragma unroll
    for (int r = 0; r < 4; ++r) {
      const int row = (thread / 32 * m_tiles + i) * 16 + group + r % 2 * 8;
      a[i][r] = pack<Type>(word + r / 2 * 4, a_unit,
                           [&](int k) { return a_element<Type::element_bytes>(input, row, k); });
    }
  }
  std::uint32_t b[steps][n_tiles][2];
#pragma unroll
  for (int step = 0; step < steps; ++step) {
#pragma unroll
    for (int j = 0; j < n_tiles; ++j) {
#pragma unroll
      for (int r = 0; r < 2; ++r) {
        b[step][j][r] = pack<Type>(word + r * 4, b_unit, [&](int k) {
          return b_element<Type::element_bytes>(input, step, j * 8 + group, k);
        });
      }
    }
  }

  typename Type::Accumulator acc[m_tiles][n_tiles][4] = {};
#pragma unroll 1
  for (int iteration = 0; iteration < count; ++iteration) {
#pragma unroll
    for (int step = 0; step < steps; ++step) {
#pragma unroll
      for (int i = 0; i < m_tiles; ++i) {
#pragma unroll
        for (int column = 0; column < n_tiles; ++column) {
          // To and fro, so that neighbouring instructions share an operand.
          const int j = i % 2 == 0 ? column : n_tiles - 1 - column;
          multiply_tile<G>(acc[i][j], a[i], b[step][j]);
        }
      }
    }
  }

  std::uint32_t folded = 0;
#pragma unroll
  for (int i = 0; i < sums; ++i) {
    folded = fold(folded, whole(acc[i / 4 / n_tiles][i / 4 % n_tiles][i % 4]));
  }
  out[static_cast<std::size_t>(blockIdx.x) * threads + threadIdx.x] =
      static_cast<std::int32_t>(folded);
}

}  // namespace roofproof::cuda::peak_mma
