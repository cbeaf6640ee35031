// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// y[token, head] = softmax(scale q K^T) V over tokens 0 to `token`, for all tokens of one sequence:
// causal attention of a prefill with grouped query heads, scores never in memory (FlashAttention-2,
// T. Dao, arXiv:2307.08691). Bytes: queries, keys, values and outputs once; FLOP 4 heads head_dim
// per pair of tokens.
//
// A block has 128 queries of one head, each of its 4 warps 32 of them, and goes through keys and
// values by tiles of 32 tokens up to its own last one:
//
//   S [32 queries x 32 tokens] = Q K^T: operands by ldmatrix from shared memory, those of K (and of
//       V below) for two row tiles at once.
//   P = exp2(scale (S - maximum)), FP16: the sums of one product are laid out as the left operand
//       of the next, so P stays in registers.
//   O [32 x head_dim] += P V, V transposed by ldmatrix.
//
// O alone takes 128 registers for heads of 128. Tiles of 48 tokens fit beside it too, with 252 of
// 255 registers in use; 64 spill (ptxas 13.0).
//
// One tile of keys and one of values lie in shared memory: values arrive while S is computed, the
// next keys while O is (before sm_80 to registers first), and two barriers per tile say both that
// the one is there and that the other is used up. Only tiles that the diagonal crosses are masked,
// and a warp skips those beyond it.
#pragma once

#include "kernels/cuda/layer/attention.cuh"

namespace roofproof::cuda::layer {

inline constexpr int causal_warp_queries = causal_queries / attention_warps;
inline constexpr int causal_row_tiles = causal_warp_queries / 16;

// Copies of rows of head_dim values, `stride` values apart in global memory, to where
// value_offset() says; zeros for those from `left` on. By all threads of the block. `shared` of
// store() is that of start().
template <int Dim, int Rows>
class RowCopies {
 public:
  __device__ __forceinline__ void start(unsigned char* shared, const Half* from, int stride,
                                        int left) {
    const int first = ptx::tid_x() / pieces;
    const int piece = ptx::tid_x() % pieces;
    unsigned char* const to = shared + value_offset<Dim>(first, piece);
#pragma unroll
    for (int i = 0; i < Rows / step; ++i) {
      const int row = first + i * step;
      const bool valid = row < left;
      copies_.start(i, to + i * step * Dim * 2, from + (valid ? row * stride : 0) + 8 * piece,
                    valid);
    }
  }
  __device__ __forceinline__ void store(unsigned char* shared) const {
    unsigned char* const to =
        shared + value_offset<Dim>(ptx::tid_x() / pieces, ptx::tid_x() % pieces);
#pragma unroll
    for (int i = 0; i < Rows / step; ++i) copies_.store(i, to + i * step * Dim * 2);
  }

 private:
  static constexpr int pieces = Dim / 8;
  static constexpr int step = attention_threads / pieces;
  static_assert(step % 8 == 0, "the permutation of pieces is that of the thread's first row");
  ptx::SplitCopies<Rows / step> copies_;
};

// A warp's queries and what has been summed up for them. Lane 4 g + t has, of row tile r, rows
// 16 r + g (registers 0 and 1) and + 8 (2 and 3), and of 8 columns 2 t and 2 t + 1.
template <int Dim>
class CausalSums {
 public:
  static constexpr int row_bytes = Dim * 2;

  __device__ __forceinline__ CausalSums() {
#pragma unroll
    for (int r = 0; r < causal_row_tiles; ++r) {
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        maximum_[r][h] = minus_infinity;
        total_[r][h] = 0;
      }
#pragma unroll
      for (int n = 0; n < Dim / 8; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) sum_[r][n][i] = 0;
      }
    }
  }

  // `queries`: the warp's rows.
  __device__ __forceinline__ void multiply_keys(const unsigned char* queries,
                                                const unsigned char* keys) {
    const int lane = ptx::tid_x() % 32;
    // Matrix lane / 8: of queries its low bit is the half of the rows, its high bit that of 16
    // dims; of keys the other way round.
    const unsigned char* const query = queries + lane % 16 * row_bytes;
    const unsigned char* const key = keys + (lane / 16 * 8 + lane % 8) * row_bytes;
    const int query_piece = lane / 16 ^ lane % 8;
    const int key_piece = lane / 8 % 2 ^ lane % 8;
#pragma unroll
    for (int r = 0; r < causal_row_tiles; ++r) {
#pragma unroll
      for (int n = 0; n < causal_tile / 8; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) score_[r][n][i] = 0;
      }
    }
#pragma unroll
    for (int k = 0; k < Dim / 16; ++k) {
      std::uint32_t a[causal_row_tiles][4];
#pragma unroll
      for (int r = 0; r < causal_row_tiles; ++r) {
        ptx::ldmatrix_x4(a[r], query + r * 16 * row_bytes + (query_piece ^ 2 * k) * 16);
      }
#pragma unroll
      for (int j = 0; j < causal_tile / 16; ++j) {
        std::uint32_t b[4];
        ptx::ldmatrix_x4(b, key + j * 16 * row_bytes + (key_piece ^ 2 * k) * 16);
#pragma unroll
        for (int r = 0; r < causal_row_tiles; ++r) {
          ptx::mma_m16n8k16(score_[r][2 * j], a[r], b[0], b[1]);
          ptx::mma_m16n8k16(score_[r][2 * j + 1], a[r], b[2], b[3]);
        }
      }
    }
  }

  // Takes out the tokens behind each query; the tile begins `offset` tokens behind the warp's
  // first one.
  __device__ __forceinline__ void mask(int offset) {
    const int lane = ptx::tid_x() % 32;
    const int over = offset + lane % 4 * 2 - lane / 4;
#pragma unroll
    for (int r = 0; r < causal_row_tiles; ++r) {
#pragma unroll
      for (int n = 0; n < causal_tile / 8; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          if (over + 8 * n + i % 2 > 16 * r + i / 2 * 8) score_[r][n][i] = minus_infinity;
        }
      }
    }
  }

  // From scores to probabilities, not yet divided by their total; what was summed before is
  // brought to the new maximum. Every query has at least one token in the first tile, so that no
  // maximum is infinite.
  __device__ __forceinline__ void exponentiate(float scale) {
#pragma unroll
    for (int r = 0; r < causal_row_tiles; ++r) {
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        float maximum = maximum_[r][h];
#pragma unroll
        for (int n = 0; n < causal_tile / 8; ++n) {
          maximum = fmaxf(maximum, fmaxf(score_[r][n][2 * h], score_[r][n][2 * h + 1]));
        }
        maximum = fmaxf(maximum, __shfl_xor_sync(0xffffffffu, maximum, 1));
        maximum = fmaxf(maximum, __shfl_xor_sync(0xffffffffu, maximum, 2));
        const float scaled = maximum * scale;
        const float factor = ptx::ex2_approx(maximum_[r][h] * scale - scaled);
        maximum_[r][h] = maximum;
        float total = total_[r][h] * factor;
#pragma unroll
        for (int n = 0; n < causal_tile / 8; ++n) {
#pragma unroll
          for (int i = 2 * h; i < 2 * h + 2; ++i) {
            score_[r][n][i] = ptx::ex2_approx(score_[r][n][i] * scale - scaled);
            total += score_[r][n][i];
          }
        }
        total_[r][h] = total;
#pragma unroll
        for (int n = 0; n < Dim / 8; ++n) {
          sum_[r][n][2 * h] *= factor;
          sum_[r][n][2 * h + 1] *= factor;
        }
      }
    }
  }

  __device__ __forceinline__ void multiply_values(const unsigned char* values) {
    const int lane = ptx::tid_x() % 32;
    // Matrix lane / 8: its low bit is the half of 16 tokens, its high bit that of 16 dims.
    const unsigned char* const value = values + lane % 16 * row_bytes;
    const int value_piece = lane / 16 ^ lane % 8;
#pragma unroll
    for (int k = 0; k < causal_tile / 16; ++k) {
      std::uint32_t a[causal_row_tiles][4];
#pragma unroll
      for (int r = 0; r < causal_row_tiles; ++r) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          const float(&columns)[4] = score_[r][2 * k + i / 2];
          a[r][i] = ptx::cvt_rn_f16x2_f32(columns[i % 2 * 2], columns[i % 2 * 2 + 1]);
        }
      }
#pragma unroll
      for (int j = 0; j < Dim / 16; ++j) {
        std::uint32_t b[4];
        ptx::ldmatrix_x4_trans(b, value + k * 16 * row_bytes + (value_piece ^ 2 * j) * 16);
#pragma unroll
        for (int r = 0; r < causal_row_tiles; ++r) {
          ptx::mma_m16n8k16(sum_[r][2 * j], a[r], b[0], b[1]);
          ptx::mma_m16n8k16(sum_[r][2 * j + 1], a[r], b[2], b[3]);
        }
      }
    }
  }

  // The outputs, to the warp's part of the queries, of which there is no more need.
  __device__ __forceinline__ void store(unsigned char* queries) const {
    const int lane = ptx::tid_x() % 32;
#pragma unroll
    for (int r = 0; r < causal_row_tiles; ++r) {
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        float total = total_[r][h];
        total += __shfl_xor_sync(0xffffffffu, total, 1);
        total += __shfl_xor_sync(0xffffffffu, total, 2);
        const float factor = ptx::rcp_approx(total);
        const int row = 16 * r + 8 * h + lane / 4;
#pragma unroll
        for (int n = 0; n < Dim / 8; ++n) {
          *reinterpret_cast<std::uint32_t*>(queries + value_offset<Dim>(row, n) + lane % 4 * 4) =
              ptx::cvt_rn_f16x2_f32(sum_[r][n][2 * h] * factor, sum_[r][n][2 * h + 1] * factor);
        }
      }
    }
  }

 private:
  float score_[causal_row_tiles][causal_tile / 8][4];
  float sum_[causal_row_tiles][Dim / 8][4];
  float maximum_[causal_row_tiles][2];
  float total_[causal_row_tiles][2];  // of this lane's tokens
};

template <int Dim>
__global__ void __launch_bounds__(attention_threads)
    causal_attention_kernel(const __grid_constant__ AttentionJob job) {
  const int warp = ptx::tid_x() / 32;
  const CausalBlock block = causal_block(job, ptx::ctaid_x());
  const int end = min(block.first + causal_queries, job.tokens);
  const int warp_first = block.first + warp * causal_warp_queries;
  // None of its queries where the sequence ends before them.
  const int warp_last = warp_first < end ? warp_first + causal_warp_queries - 1 : -1;

  const int row_values = job.heads * Dim;  // of queries and outputs
  const std::int64_t query = static_cast<std::int64_t>(block.first) * row_values + block.head * Dim;
  const std::int64_t cache =
      static_cast<std::int64_t>(block.head / (job.heads / job.kv_heads)) * job.cache_tokens * Dim;
  unsigned char* const queries = ptx::shared_memory();
  unsigned char* const keys = queries + causal_queries * Dim * 2;
  unsigned char* const values = keys + causal_tile * Dim * 2;
  unsigned char* const warp_queries = queries + warp * causal_warp_queries * Dim * 2;
  RowCopies<Dim, causal_tile> tile;  // of keys or of values
  const auto start_tile = [&](unsigned char* to, const Half* from, int first) {
    tile.start(to, from + cache + static_cast<std::int64_t>(first) * Dim, Dim, job.tokens - first);
    ptx::cp_async_commit_group();
  };
  const auto finish_tile = [&](unsigned char* to) {
    tile.store(to);
    ptx::cp_async_wait_group<0>();
    __syncthreads();
  };

  ptx::griddepcontrol_launch_dependents();
  ptx::griddepcontrol_wait();
  RowCopies<Dim, causal_queries> rows;
  rows.start(queries, static_cast<const Half*>(job.query) + query, row_values, end - block.first);
  start_tile(keys, job.keys, 0);
  rows.store(queries);
  CausalSums<Dim> sums;
#pragma unroll 1
  for (int first = 0; first < end; first += causal_tile) {
    const bool seen = first <= warp_last;
    finish_tile(keys);  // they are there, the values before are used up
    start_tile(values, job.values, first);
    if (seen) sums.multiply_keys(warp_queries, keys);
    finish_tile(values);  // they are there, keys are used up
    if (first + causal_tile < end) start_tile(keys, job.keys, first + causal_tile);
    if (!seen) continue;
    if (first + causal_tile > warp_first + 1) sums.mask(first - warp_first);
    sums.exponentiate(job.scale);
    sums.multiply_values(values);
  }
  if (warp_last < 0) return;

  __syncwarp();
  sums.store(warp_queries);
  __syncwarp();
  constexpr int pieces = Dim / 8;
  const int lane = ptx::tid_x() % 32;
  Half* const y = static_cast<Half*>(job.y) + query + warp * causal_warp_queries * row_values;
#pragma unroll
  for (int i = 0; i < causal_warp_queries * pieces / 32; ++i) {
    const int row = (i * 32 + lane) / pieces;
    const int piece = (i * 32 + lane) % pieces;
    if (warp_first + row >= end) break;
    *reinterpret_cast<uint4*>(y + row * row_values + 8 * piece) =
        *reinterpret_cast<const uint4*>(warp_queries + value_offset<Dim>(row, piece));
  }
}

}  // namespace roofproof::cuda::layer
