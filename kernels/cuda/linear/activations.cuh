// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The activations of a block in shared memory: the columns of its slice of K, zero beyond K,
// normalised on the way if the job says so.
//
//   tensor cores: FP16 [batch][columns + 8]. The 16 bytes of padding put the eight rows that one
//                 ldmatrix phase reads into different banks.
//   CUDA cores:   FP32 [columns / 16][sequences of the instantiation][16], each 16 columns in the
//                 order in which lanes use them: lane t's four (2t, 2t+1, 2t+8, 2t+9) are
//                 neighbours, one 128-bit load, and the sequences are at fixed distances.
#pragma once

#include "kernels/cuda/linear/finish.cuh"
#include "kernels/cuda/linear/job.h"
#include "kernels/cuda/linear/variant.h"
#include "kernels/cuda/ptx/ptx.cuh"

namespace roofproof::cuda::linear {

// Where column `column` (of 16) is stored for the CUDA cores.
ROOFPROOF_HOST_DEVICE constexpr int lane_order(int column) {
  return column % 8 / 2 * 4 + column / 8 * 2 + column % 2;
}

// Eight neighbouring columns: as they are in memory, and as numbers.
template <class T>
struct Piece {
  uint4 bits[sizeof(T) / 2];
};
struct Eight {
  float value[8];
};

__device__ __forceinline__ Eight eight_of(const Piece<float>& piece) {
  Eight result;
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    result.value[4 * i] = __uint_as_float(piece.bits[i].x);
    result.value[4 * i + 1] = __uint_as_float(piece.bits[i].y);
    result.value[4 * i + 2] = __uint_as_float(piece.bits[i].z);
    result.value[4 * i + 3] = __uint_as_float(piece.bits[i].w);
  }
  return result;
}
__device__ __forceinline__ Eight eight_of(const Piece<Half>& piece) {
  const float2 a = ptx::cvt_f32_f16x2(piece.bits[0].x);
  const float2 b = ptx::cvt_f32_f16x2(piece.bits[0].y);
  const float2 c = ptx::cvt_f32_f16x2(piece.bits[0].z);
  const float2 d = ptx::cvt_f32_f16x2(piece.bits[0].w);
  return {{a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y}};
}

// Of a row that begins at a multiple of 16 bytes, as rows of K % 8 == 0 do; zeros beyond K.
template <class T>
__device__ __forceinline__ Piece<T> load_piece(const T* row, int column, int k) {
  Piece<T> piece = {};
  if (column < k) {
#pragma unroll
    for (int i = 0; i < static_cast<int>(sizeof(T)) / 2; ++i) {
      piece.bits[i] = __ldcg(reinterpret_cast<const uint4*>(row + column) + i);
    }
  }
  return piece;
}
// Of any row.
template <class T>
__device__ __forceinline__ Eight load_eight(const T* row, int column, int k, bool aligned) {
  if (aligned) return eight_of(load_piece(row, column, k));
  Eight result;
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    result.value[i] = column + i < k ? load_value(row, column + i) : 0.0f;
  }
  return result;
}

__device__ __forceinline__ float sum_of_squares(const Eight& eight) {
  float sum = 0;
#pragma unroll
  for (int i = 0; i < 8; ++i) sum += eight.value[i] * eight.value[i];
  return sum;
}

// The block's staging area, in the order for `Sequences` sequences on CUDA cores or, where that is
// 0, on tensor cores. `columns` is a multiple of 16.
template <int Sequences>
struct StagedX {
  unsigned char* memory;
  int columns;

  // Of eight columns: floats in lane order, at distances of 4 by twos; or FP16 in their own order.
  __device__ __forceinline__ float* lane_ordered(int sequence, int column) const {
    return reinterpret_cast<float*>(memory) + (column / 16 * Sequences + sequence) * 16 +
           lane_order(column % 16);
  }
  __device__ __forceinline__ uint4* packed(int sequence, int column) const {
    return reinterpret_cast<uint4*>(reinterpret_cast<Half*>(memory) +
                                    sequence * (columns + tensor_core_x_padding) + column);
  }

  __device__ __forceinline__ void store(int sequence, int column, const Eight& eight) const {
    if constexpr (Sequences > 0) {
      float* const to = lane_ordered(sequence, column);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        *reinterpret_cast<float2*>(to + 4 * i) =
            make_float2(eight.value[2 * i], eight.value[2 * i + 1]);
      }
    } else {
      *packed(sequence, column) = make_uint4(ptx::cvt_rn_f16x2_f32(eight.value[0], eight.value[1]),
                                             ptx::cvt_rn_f16x2_f32(eight.value[2], eight.value[3]),
                                             ptx::cvt_rn_f16x2_f32(eight.value[4], eight.value[5]),
                                             ptx::cvt_rn_f16x2_f32(eight.value[6], eight.value[7]));
    }
  }
  template <class T>
  __device__ __forceinline__ void store(int sequence, int column, const Piece<T>& piece) const {
    if constexpr (Sequences > 0) {
      store(sequence, column, eight_of(piece));
    } else {
      *packed(sequence, column) = piece.bits[0];
    }
  }
  __device__ __forceinline__ Eight load(int sequence, int column) const {
    if constexpr (Sequences > 0) {
      Eight result;
      const float* const from = lane_ordered(sequence, column);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const float2 two = *reinterpret_cast<const float2*>(from + 4 * i);
        result.value[2 * i] = two.x;
        result.value[2 * i + 1] = two.y;
      }
      return result;
    } else {
      return eight_of(Piece<Half>{{*packed(sequence, column)}});
    }
  }
};

// A thread's way through the pieces of all sequences: every 512th, so that all threads have some
// whatever the number of columns, and of sequences.
class PieceWalk {
 public:
  __device__ __forceinline__ explicit PieceWalk(int columns)
      : pieces_(columns / 8),
        sequence_(static_cast<int>(threadIdx.x) / pieces_),
        piece_(static_cast<int>(threadIdx.x) % pieces_) {}
  __device__ __forceinline__ int sequence() const { return sequence_; }
  __device__ __forceinline__ int column() const { return 8 * piece_; }
  __device__ __forceinline__ void advance() {
    sequence_ += skinny_threads / pieces_;
    piece_ += skinny_threads % pieces_;
    if (piece_ < pieces_) return;
    piece_ -= pieces_;
    ++sequence_;
  }

 private:
  int pieces_;
  int sequence_;
  int piece_;
};

// Sends for the columns [first, first + staged.columns) of all sequences, for await_activations():
// one trip to L2 where they are copied, and as many as there are pieces_in_flight() in a thread's
// share where they are not.
template <Variant V, class T, bool Norm = false, int Sequences>
__device__ __forceinline__ void send_for_activations(const LinearJob& job,
                                                     const StagedX<Sequences>& staged, int first) {
  const T* const x = static_cast<const T*>(job.x) + first;
  const int k = job.k - first;
  const auto row = [&](int sequence) { return x + static_cast<std::int64_t>(sequence) * job.k; };
  PieceWalk next(staged.columns);
  if (job.k % 8 != 0) {
#pragma unroll 1
    for (; next.sequence() < job.batch; next.advance()) {
      staged.store(next.sequence(), next.column(),
                   load_eight(row(next.sequence()), next.column(), k, false));
    }
  } else if constexpr (copies_activations(V, Sequences == 0)) {
#pragma unroll 4
    for (; next.sequence() < job.batch; next.advance()) {
      ptx::cp_async(staged.packed(next.sequence(), next.column()),
                    row(next.sequence()) + next.column(), next.column() < k);
    }
    ptx::cp_async_commit_group();
  } else {
#pragma unroll 1
    while (next.sequence() < job.batch) {
      Piece<T> pieces[pieces_in_flight(V, sizeof(T), Norm)];
      PieceWalk ahead = next;
#pragma unroll
      for (Piece<T>& piece : pieces) {
        if (ahead.sequence() < job.batch) {
          piece = load_piece(row(ahead.sequence()), ahead.column(), k);
        }
        ahead.advance();
      }
#pragma unroll
      for (const Piece<T>& piece : pieces) {
        if (next.sequence() < job.batch) staged.store(next.sequence(), next.column(), piece);
        next.advance();
      }
    }
  }
}
__device__ __forceinline__ void await_activations() {
  ptx::cp_async_wait_group<0>();
  __syncthreads();
}

// The norm's weights of the columns that a thread normalises. They do not depend on the kernel
// before: to be loaded before waiting for it.
template <class T>
struct NormPieces {
  Piece<T> piece[fused_norm_pieces];

  static __device__ __forceinline__ int column(int i) {
    return 8 * (static_cast<int>(threadIdx.x) + i * skinny_threads);
  }
  __device__ __forceinline__ NormPieces(const LinearJob& job, int first, int columns) {
    const T* const norm = static_cast<const T*>(job.norm) + first;
#pragma unroll
    for (int i = 0; i < fused_norm_pieces; ++i) {
      piece[i] = load_piece(norm, column(i), min(columns, job.k - first));
    }
  }
};

// Adds the squares of each sequence's columns outside [first, beyond) to a thread's `squares`.
template <class T>
__device__ __forceinline__ void add_squares_outside(const LinearJob& job, int first, int beyond,
                                                    float (&squares)[fused_norm_batch]) {
  const T* const x = static_cast<const T*>(job.x);
  // All of them in one trip for FP16, whose piece is one register of 16 bytes, in two for FP32.
  constexpr int in_flight = sizeof(T) == 2 ? fused_norm_pieces : 1;
#pragma unroll 1
  for (int next = 0; next < fused_norm_pieces; next += in_flight) {
    Piece<T> pieces[in_flight][fused_norm_batch];
#pragma unroll
    for (int i = 0; i < in_flight; ++i) {
      const int column = NormPieces<T>::column(next + i);
      const bool outside = column < first || column >= beyond;
#pragma unroll
      for (int sequence = 0; sequence < fused_norm_batch; ++sequence) {
        const bool wanted = outside && sequence < job.batch;
        pieces[i][sequence] =
            load_piece(x + static_cast<std::int64_t>(sequence) * job.k, column, wanted ? job.k : 0);
      }
    }
#pragma unroll
    for (int i = 0; i < in_flight; ++i) {
#pragma unroll
      for (int sequence = 0; sequence < fused_norm_batch; ++sequence) {
        squares[sequence] += sum_of_squares(eight_of(pieces[i][sequence]));
      }
    }
  }
}

// Stages the columns of the slice as the norm makes them. `scratch`: fused_norm_batch floats for
// each warp.
template <Variant V, class T, int Sequences>
__device__ __forceinline__ void stage_normalised(const LinearJob& job,
                                                 const StagedX<Sequences>& staged, int first,
                                                 const NormPieces<T>& norm, float* scratch) {
  send_for_activations<V, T, true>(job, staged, first);
  float squares[fused_norm_batch] = {};
  if (job.slices > 1) add_squares_outside<T>(job, first, first + staged.columns, squares);
  await_activations();
#pragma unroll
  for (int sequence = 0; sequence < fused_norm_batch; ++sequence) {
    if (sequence >= job.batch) break;
#pragma unroll
    for (int i = 0; i < fused_norm_pieces; ++i) {
      const int column = norm.column(i);
      if (column < staged.columns) {
        squares[sequence] += sum_of_squares(staged.load(sequence, column));
      }
    }
#pragma unroll
    for (int lanes = 16; lanes > 0; lanes /= 2) {
      squares[sequence] += __shfl_xor_sync(0xffffffffu, squares[sequence], lanes);
    }
    if (threadIdx.x % warp_lanes == 0) {
      scratch[sequence * skinny_warps + threadIdx.x / warp_lanes] = squares[sequence];
    }
  }
  __syncthreads();
#pragma unroll 1
  for (int sequence = 0; sequence < job.batch; ++sequence) {
    float sum = 0;
#pragma unroll
    for (int i = 0; i < skinny_warps; ++i) sum += scratch[sequence * skinny_warps + i];
    const float factor = rsqrtf(sum * job.inverse_k + job.epsilon);
#pragma unroll
    for (int i = 0; i < fused_norm_pieces; ++i) {
      const int column = norm.column(i);
      if (column >= staged.columns) continue;
      const Eight weights = eight_of(norm.piece[i]);
      Eight eight = staged.load(sequence, column);
#pragma unroll
      for (int j = 0; j < 8; ++j) eight.value[j] *= factor * weights.value[j];
      staged.store(sequence, column, eight);
    }
  }
  __syncthreads();
}

}  // namespace roofproof::cuda::linear
