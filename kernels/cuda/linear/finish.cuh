// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Epilogues: what becomes of the two sums of a pair of rows. The kind is a run-time value: it is
// looked at once per output, and one instantiation per kind would multiply the kernels.
#pragma once

#include "kernels/cuda/linear/job.h"
#include "kernels/cuda/ptx/ptx.cuh"

namespace roofproof::cuda::linear {

__device__ __forceinline__ float as_float(float value) { return value; }
__device__ __forceinline__ float as_float(Half value) { return ptx::cvt_f32_f16(value); }

// From global memory, past L1: the kernel before may have written it while this one was starting.
template <class T>
__device__ __forceinline__ float load_value(const T* values, std::int64_t i) {
  return as_float(__ldcg(values + i));
}
template <class T>
__device__ __forceinline__ void store_value(T* values, std::int64_t i, float value) {
  if constexpr (std::is_same_v<T, float>) {
    values[i] = value;
  } else {
    values[i] = ptx::cvt_rn_f16_f32(value);
  }
}

template <class T>
__device__ __forceinline__ void finish_rotate(const LinearJob& job, int pair, int sequence,
                                              float v0, float v1) {
  const AttentionRows& rows = job.attention;
  const int half = rows.head_dim / 2;
  int head = pair / half;
  const int i = pair % half;
  const int all_heads = rows.heads + 2 * rows.kv_heads;
  if (head >= all_heads) return;
  const bool is_value = head >= rows.heads + rows.kv_heads;
  if (!is_value) {
    const float* const rotation = rows.rotation + sequence * rows.rotation_step + 2 * i;
    const float cosine = rotation[0];
    const float sine = rotation[1];
    const float rotated = v0 * cosine - v1 * sine;
    v1 = v1 * cosine + v0 * sine;
    v0 = rotated;
  }
  if (head < rows.heads) {
    const std::int64_t at =
        (static_cast<std::int64_t>(sequence) * rows.heads + head) * rows.head_dim + i;
    store_value(static_cast<T*>(job.y), at, v0);
    store_value(static_cast<T*>(job.y), at + half, v1);
    return;
  }
  head -= is_value ? rows.heads + rows.kv_heads : rows.heads;
  const int token = sequence * rows.cache_step + head * rows.cache_tokens;
  const std::int64_t at = static_cast<std::int64_t>(token) * rows.head_dim + i;
  Half* const cache = is_value ? rows.values : rows.keys;
  store_value(cache, at, v0);
  store_value(cache, at + half, v1);
}

// v0 and v1: the whole sums of rows g and g + 8 of `tile`, without the row scales of INT8.
template <WeightFormat Format>
__device__ __forceinline__ void finish_pair(const LinearJob& job, int tile, int g, int sequence,
                                            float v0, float v1) {
  using T = Activation<Format>;
  if constexpr (Format == WeightFormat::int8) {
    v0 *= __ldg(job.row_scales + tile * tile_rows + g);
    v1 *= __ldg(job.row_scales + tile * tile_rows + g + 8);
  }
  const int pair = tile * 8 + g;
  if (job.finish == Finish::rotate) {
    finish_rotate<T>(job, pair, sequence, v0, v1);
    return;
  }
  if (job.finish == Finish::gate) {
    const int width = job.n / 2;
    if (pair >= width) return;
    const float gated = v0 * ptx::rcp_approx(1.0f + ptx::ex2_approx(v0 * -1.44269504f)) * v1;
    store_value(static_cast<T*>(job.y), static_cast<std::int64_t>(sequence) * width + pair, gated);
    return;
  }
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = tile * tile_rows + g + 8 * half;
    if (row >= job.n) return;
    const std::int64_t at = static_cast<std::int64_t>(sequence) * job.n + row;
    float value = half == 0 ? v0 : v1;
    if (job.finish == Finish::store_fp32) {
      static_cast<float*>(job.y)[at] = value;
      continue;
    }
    if (job.finish == Finish::add) value += load_value(static_cast<const T*>(job.residual), at);
    if (job.finish == Finish::scale_add) {
      value *= job.alpha;
      if (job.beta != 0) value += job.beta * load_value(static_cast<const T*>(job.y), at);
    }
    store_value(static_cast<T*>(job.y), at, value);
  }
}

}  // namespace roofproof::cuda::linear
