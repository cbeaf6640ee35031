// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// From global memory into the stages of a BlockTile: one thread's share of a tile's rows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/gemm/tiled/arguments.h"
#include "kernels/cuda/gemm/tiled/block_tile.h"
#include "kernels/cuda/ptx/ptx.cuh"

namespace roofproof::cuda {

// Walks along K from k-block k_begin to k_end. Rows beyond M or N and bytes beyond K or k_end count
// as zeros.
template <class Tile>
class TileSource {
 public:
  __device__ TileSource(const GemmArguments& arguments, TileIndex tile, int k_begin, int k_end,
                        int thread)
      : row_(Tile::copy_row(thread)),
        pass_stride_(static_cast<std::int64_t>(Tile::rows_per_pass) * arguments.row_bytes) {
    const int first_a = tile.row * Tile::tile_m + row_;
    const int first_b = tile.column * Tile::tile_n + row_;
    const int k_first = k_begin * Tile::row_bytes + Tile::copy_chunk(thread) * chunk_bytes;
    a_ = arguments.a + static_cast<std::int64_t>(first_a) * arguments.row_bytes + k_first;
    b_ = arguments.b + static_cast<std::int64_t>(first_b) * arguments.row_bytes + k_first;
    k_left_ = min(k_end * Tile::row_bytes, arguments.row_bytes) - k_first;
#pragma unroll
    for (int pass = 0; pass < Tile::passes; ++pass) {
      const bool exists = Tile::copies_a(pass) ? first_a + Tile::pass_row(pass) < arguments.m
                                               : first_b + Tile::pass_row(pass) < arguments.n;
      if (exists) rows_ |= 1 << pass;
    }
    drop_missing();
  }

  // To the next stage's bytes.
  __device__ void advance() {
    a_ += Tile::row_bytes;
    b_ += Tile::row_bytes;
    k_left_ -= Tile::row_bytes;
    drop_missing();
  }

  // Whether this thread copies anything in `pass`, be it zeros.
  __device__ bool takes_part(int pass) const {
    return !Tile::pass_is_partial(pass) || Tile::pass_has_row(pass, row_);
  }
  __device__ const std::byte* address(int pass) const {
    const std::byte* base = Tile::copies_a(pass) ? a_ : b_;
    return base + (Tile::copies_a(pass) ? pass : pass - Tile::a_passes) * pass_stride_;
  }
  // Whether there is any of the chunk; all of it for rows of whole chunks.
  __device__ bool exists(int pass) const { return (rows_ & 1 << pass) != 0; }
  // How many of the chunk's bytes there are.
  __device__ int bytes(int pass) const { return exists(pass) ? min(k_left_, chunk_bytes) : 0; }

 private:
  // Opaque, so that the mask stays one register: the compiler would keep each of its bits in one.
  __device__ void drop_missing() { rows_ = ptx::opaque(k_left_ > 0 ? rows_ : 0); }

  const std::byte* a_;
  const std::byte* b_;
  int row_;
  int k_left_;  // bytes from the thread's chunk to the end
  std::int64_t pass_stride_;
  int rows_ = 0;  // bit p: the row of pass p exists, and the chunk too
};

// The 16 bytes at `address`, or zeros.
__device__ inline uint4 load_chunk(const std::byte* address, bool exists) {
  return exists ? __ldg(reinterpret_cast<const uint4*>(address)) : uint4{};
}

// The first `bytes` of the 16 at `address`, zeros after them, for addresses that are aligned to an
// element of `Size` bytes only: one load each.
template <int Size>
__device__ uint4 gather_chunk(const std::byte* address, int bytes) {
  constexpr int per_word = 4 / Size;
  std::uint32_t words[4] = {};
#pragma unroll
  for (int i = 0; i < chunk_bytes / Size; ++i) {
    if (i * Size >= bytes) continue;
    std::uint32_t value;
    if constexpr (Size == 1) {
      value = __ldg(reinterpret_cast<const std::uint8_t*>(address) + i);
    } else if constexpr (Size == 2) {
      value = __ldg(reinterpret_cast<const std::uint16_t*>(address) + i);
    } else {
      value = __ldg(reinterpret_cast<const std::uint32_t*>(address) + i);
    }
    words[i / per_word] |= value << (i % per_word * Size * 8);
  }
  return {words[0], words[1], words[2], words[3]};
}

}  // namespace roofproof::cuda
