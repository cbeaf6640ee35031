// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A warp's share of a tile on tensor cores: ldmatrix and mma.sync.
//
// Both generations and both types load the same fragments and end with the same accumulators;
// Turing's instructions are halves and quarters of Ampere's.
#pragma once

#include <cstdint>

#include "kernels/cuda/gemm/swizzle.h"
#include "kernels/cuda/gemm/tiled/fragment.h"
#include "kernels/cuda/gemm/tiled/mma_types.h"
#include "kernels/cuda/gemm/tiled/tensor_store.cuh"
#include "kernels/cuda/ptx/ptx.cuh"

namespace roofproof::cuda {

// 16 rows of A, 8 columns of B, 32 bytes of K: acc += a b^T.
template <Generation G>
__device__ void multiply_tile(float (&acc)[4], const std::uint32_t (&a)[4],
                              const std::uint32_t (&b)[2]) {
  if constexpr (G == Generation::sm80) {
    ptx::mma_m16n8k16(acc, a, b[0], b[1]);
  } else {
    ptx::mma_m16n8k8(acc, a[0], a[1], b[0]);
    ptx::mma_m16n8k8(acc, a[2], a[3], b[1]);
  }
}
template <Generation G>
__device__ void multiply_tile(std::int32_t (&acc)[4], const std::uint32_t (&a)[4],
                              const std::uint32_t (&b)[2]) {
  if constexpr (G == Generation::sm80) {
    ptx::mma_m16n8k32(acc, a, b[0], b[1]);
  } else {  // a[0], a[2]: rows 0 to 7; a[1], a[3]: rows 8 to 15
    ptx::mma_m8n8k16(acc[0], acc[1], a[0], b[0]);
    ptx::mma_m8n8k16(acc[2], acc[3], a[1], b[0]);
    ptx::mma_m8n8k16(acc[0], acc[1], a[2], b[1]);
    ptx::mma_m8n8k16(acc[2], acc[3], a[3], b[1]);
  }
}

template <Generation G, class Type, class BlockTile>
class TensorMath {
 public:
  using Tile = BlockTile;
  using Accumulator = typename Type::Accumulator;
  using Output = typename Type::Output;
  static constexpr int element_bytes = Type::element_bytes;
  static constexpr int steps = Tile::row_bytes / tensor_layout::step_bytes;
  static constexpr int m_tiles = Tile::warp_m / 16;
  static constexpr int n_tiles = Tile::warp_n / 8;
  static constexpr int accumulators = m_tiles * n_tiles * 4;
  static_assert(Tile::warp_m % 16 == 0 && Tile::warp_n % 16 == 0, "fragments of ldmatrix.x4");
  static_assert(steps % 2 == 0, "fragment buffers alternate within a stage");

  // Of this step and the next.
  struct Fragments {
    std::uint32_t a[2][m_tiles][4];
    std::uint32_t b[2][n_tiles / 2][4];
  };

  __device__ explicit TensorMath(int thread) {
    const int warp = thread / 32;
    const int lane = thread % 32;
    a_offset_ = swizzled_offset<Tile::row_bytes>(Tile::warp_row(warp) + tensor_layout::a_row(lane),
                                                 tensor_layout::a_chunk(lane));
    b_offset_ = swizzled_offset<Tile::row_bytes>(
        Tile::tile_m + Tile::warp_column(warp) + tensor_layout::b_row(lane),
        tensor_layout::b_chunk(lane));
  }

  __device__ void begin(Accumulator (&)[accumulators], Fragments& fragments,
                        std::uint32_t stage) const {
    load(fragments, 0, stage, 0);
  }

  // The next step's fragments are under way while this step's are multiplied.
  template <class Copy, class Enter>
  __device__ void step(Accumulator (&acc)[accumulators], Fragments& fragments, std::uint32_t,
                       int step, std::uint32_t next_stage, int next_step, const Copy& copy,
                       const Enter& enter_next) const {
    enter_next();
    const int buffer = step % 2;
    load(fragments, 1 - buffer, next_stage, next_step);
    copy();
#pragma unroll
    for (int i = 0; i < m_tiles; ++i) {
#pragma unroll
      for (int column = 0; column < n_tiles; ++column) {
        // To and fro, so that neighbouring instructions share an operand.
        const int j = i % 2 == 0 ? column : n_tiles - 1 - column;
        multiply_tile<G>(
            reinterpret_cast<Accumulator(&)[4]>(acc[(i * n_tiles + j) * 4]), fragments.a[buffer][i],
            reinterpret_cast<const std::uint32_t(&)[2]>(fragments.b[buffer][j / 2][j % 2 * 2]));
      }
    }
  }

  // C = alpha acc + beta C.
  __device__ static void store(const GemmArguments& arguments, TileIndex tile, int thread,
                               Accumulator (&acc)[accumulators]) {
    scale_tensor_tile<TensorMath>(arguments, tile, thread, acc);
    store_tensor_tile<TensorMath>(arguments, tile, thread, acc);
  }

 private:
  __device__ void load(Fragments& fragments, int buffer, std::uint32_t stage, int step) const {
    const std::uint32_t a = (stage + a_offset_) ^ tensor_layout::step_bits(step);
    const std::uint32_t b = (stage + b_offset_) ^ tensor_layout::step_bits(step);
#pragma unroll
    for (int i = 0; i < m_tiles; ++i) {
      ptx::ldmatrix_x4(fragments.a[buffer][i], a + i * 16 * Tile::row_bytes);
    }
#pragma unroll
    for (int j = 0; j < n_tiles / 2; ++j) {
      ptx::ldmatrix_x4(fragments.b[buffer][j], b + j * 16 * Tile::row_bytes);
    }
  }

  std::uint32_t a_offset_;  // of the lane's ldmatrix address in a stage, step 0
  std::uint32_t b_offset_;
};

}  // namespace roofproof::cuda
