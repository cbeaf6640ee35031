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

// Eight neighbouring columns.
struct Eight {
  float value[8];
};

template <class T>
__device__ __forceinline__ Eight load_eight(const T* row, int column, int k, bool aligned) {
  Eight result;
  if (aligned && column + 8 <= k) {
    if constexpr (std::is_same_v<T, float>) {
      const float4 low = __ldcg(reinterpret_cast<const float4*>(row + column));
      const float4 high = __ldcg(reinterpret_cast<const float4*>(row + column + 4));
      result = {{low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w}};
    } else {
      const uint4 bits = __ldcg(reinterpret_cast<const uint4*>(row + column));
      const float2 a = ptx::cvt_f32_f16x2(bits.x);
      const float2 b = ptx::cvt_f32_f16x2(bits.y);
      const float2 c = ptx::cvt_f32_f16x2(bits.z);
      const float2 d = ptx::cvt_f32_f16x2(bits.w);
      result = {{a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y}};
    }
    return result;
  }
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
  __device__ __forceinline__ Eight load(int sequence, int column) const {
    Eight result;
    if constexpr (Sequences > 0) {
      const float* const from = lane_ordered(sequence, column);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const float2 two = *reinterpret_cast<const float2*>(from + 4 * i);
        result.value[2 * i] = two.x;
        result.value[2 * i + 1] = two.y;
      }
    } else {
      const uint4 bits = *packed(sequence, column);
      const float2 a = ptx::cvt_f32_f16x2(bits.x);
      const float2 b = ptx::cvt_f32_f16x2(bits.y);
      const float2 c = ptx::cvt_f32_f16x2(bits.z);
      const float2 d = ptx::cvt_f32_f16x2(bits.w);
      result = {{a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y}};
    }
    return result;
  }
};

// The norm's weights, which do not depend on the kernel before: to be called before waiting for it.
// Every thread stages what it will use itself, so that no barrier is needed.
template <class T>
__device__ __forceinline__ void stage_norm(const LinearJob& job, T* staged, int first,
                                           int columns) {
  const T* const norm = static_cast<const T*>(job.norm);
  const bool aligned = job.k % 8 == 0;
  for (int column = 8 * threadIdx.x; column < columns; column += 8 * blockDim.x) {
    const int from = first + column;
    if (aligned && from < job.k) {
#pragma unroll
      for (int i = 0; i < 8 * static_cast<int>(sizeof(T)) / 16; ++i) {
        reinterpret_cast<uint4*>(staged + column)[i] =
            __ldg(reinterpret_cast<const uint4*>(norm + from) + i);
      }
      continue;
    }
    for (int i = 0; i < 8; ++i) staged[column + i] = from + i < job.k ? norm[from + i] : T{};
  }
}

// Ends with a block barrier. `scratch`: fused_norm_batch floats for each warp.
template <class T, int Sequences>
__device__ __forceinline__ void stage_activations(const LinearJob& job,
                                                  const StagedX<Sequences>& staged,
                                                  const T* staged_norm, float* scratch, int first) {
  const T* const x = static_cast<const T*>(job.x);
  const bool aligned = job.k % 8 == 0;
  const int step = 8 * blockDim.x;
  const int mine = 8 * threadIdx.x;
  if (job.norm == nullptr) {
    for (int sequence = 0; sequence < job.batch; ++sequence) {
      const T* const row = x + static_cast<std::int64_t>(sequence) * job.k;
      for (int column = mine; column < staged.columns; column += step) {
        staged.store(sequence, column, load_eight(row, first + column, job.k, aligned));
      }
    }
    __syncthreads();
    return;
  }

  const int warps = blockDim.x / warp_lanes;
  for (int sequence = 0; sequence < job.batch; ++sequence) {
    const T* const row = x + static_cast<std::int64_t>(sequence) * job.k;
    float squares = 0;
    // The slice first: these columns are this thread's again below.
    for (int column = mine; column < staged.columns; column += step) {
      const Eight eight = load_eight(row, first + column, job.k, aligned);
      staged.store(sequence, column, eight);
      squares += sum_of_squares(eight);
    }
    const int beyond = first + staged.columns;
    for (int column = mine; column < job.k; column += step) {
      if (column >= first && column < beyond) continue;  // `first` is a multiple of 8
      squares += sum_of_squares(load_eight(row, column, job.k, aligned));
    }
#pragma unroll
    for (int lanes = 16; lanes > 0; lanes /= 2) {
      squares += __shfl_xor_sync(0xffffffffu, squares, lanes);
    }
    if (threadIdx.x % warp_lanes == 0) {
      scratch[sequence * warps + threadIdx.x / warp_lanes] = squares;
    }
  }
  __syncthreads();
  for (int sequence = 0; sequence < job.batch; ++sequence) {
    float sum = 0;
#pragma unroll 4
    for (int i = 0; i < warps; ++i) sum += scratch[sequence * warps + i];
    const float factor = rsqrtf(sum * job.inverse_k + job.epsilon);
    for (int column = mine; column < staged.columns; column += step) {
      Eight eight = staged.load(sequence, column);
#pragma unroll
      for (int i = 0; i < 8; ++i) {
        eight.value[i] *= factor * as_float(staged_norm[column + i]);
      }
      staged.store(sequence, column, eight);
    }
  }
  __syncthreads();
}

}  // namespace roofproof::cuda::linear
