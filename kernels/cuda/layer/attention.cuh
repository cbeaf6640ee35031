// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// y[sequence, head] = softmax(scale q K^T) V for one token per sequence: attention of a decode step
// with grouped query heads, split over the tokens of the cache (flash-decoding, T. Dao et al.,
// 2023) and put together with the maxima of the parts (log-sum-exp). Bytes: the cache once, 4
// head_dim per token and key/value head; FLOP 4 heads head_dim per token.
//
// The query heads that share a key head are the 8 columns of tensor-core products, so that every
// byte of the cache is used for all of them at the cost of an MMA: 32 instructions of arithmetic
// for 8 KiB of cache where FP32 FMAs would need 16 times as many.
//
//   S^T [16 tokens x 8 heads] = K [16 x head_dim] q^T: keys straight from global memory. A 16-byte
//       load of lane 4 g + t, dims 32 i + 8 t to + 7 of token g, is the A operand of two k16 steps,
//       the dims being taken in whatever order lanes hold them, those of q likewise.
//   P   = exp2(S^T - maximum), FP16, transposed in registers (movmatrix): tokens become k.
//   O^T [head_dim x 8 heads] += V^T [head_dim x 16 tokens] P: values by way of a ring in shared
//       memory, transposed by ldmatrix.
//
// A warp takes every fourth step of 16 tokens of the block's part. Keys are fetched a step ahead in
// registers, values two, before sm_80 the first of them in registers. Cached tokens do not depend
// on the kernel before (but for the last one), so on sm_90 the first are asked for before waiting
// for it.
#pragma once

#include "kernels/cuda/layer/attention_job.h"
#include "kernels/cuda/linear/finish.cuh"
#include "kernels/cuda/ptx/ptx.cuh"

namespace roofproof::cuda::layer {

using namespace linear;  // load_value(), store_value()

inline constexpr float minus_infinity = -__builtin_huge_valf();

// The largest and the sum over the lanes that hold the same columns (same t, all g).
__device__ __forceinline__ float largest_of_rows(float value) {
#pragma unroll
  for (int lanes = 4; lanes < 32; lanes *= 2) {
    value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, lanes));
  }
  return value;
}
__device__ __forceinline__ float sum_of_rows(float value) {
#pragma unroll
  for (int lanes = 4; lanes < 32; lanes *= 2) {
    value += __shfl_xor_sync(0xffffffffu, value, lanes);
  }
  return value;
}

// Where piece `piece` (16 bytes) of row `row` lies in a slot of values: eight rows of one piece,
// and the pieces of one row, are in different banks.
template <int Dim>
__device__ __forceinline__ int value_offset(int row, int piece) {
  return row * Dim * 2 + (piece ^ row % 8) * 16;
}

// One warp's softmax and weighted sum over its steps.
template <int Dim>
class AttentionSums {
 public:
  __device__ __forceinline__ AttentionSums() {
#pragma unroll
    for (int j = 0; j < Dim / 16; ++j) {
#pragma unroll
      for (int i = 0; i < 4; ++i) sum_[j][i] = 0;
    }
  }

  // Lane 4 g + t: head g's dims 32 i + 8 t to + 7 in query[i]; tokens g and g + 8 of the step in
  // keys[i][0] and keys[i][1]. `left`: tokens of the step that count. `values`: the slot.
  __device__ __forceinline__ void add(const uint4 (&query)[Dim / 32],
                                      const uint4 (&keys)[Dim / 32][2], const unsigned char* values,
                                      int left, float scale) {
    const int lane = threadIdx.x % 32;
    const int g = lane / 4;
    float score[4] = {};
#pragma unroll
    for (int i = 0; i < Dim / 32; ++i) {
      const uint4& low = keys[i][0];
      const uint4& high = keys[i][1];
      const std::uint32_t first[4] = {low.x, high.x, low.y, high.y};
      const std::uint32_t second[4] = {low.z, high.z, low.w, high.w};
      ptx::mma_m16n8k16(score, first, query[i].x, query[i].y);
      ptx::mma_m16n8k16(score, second, query[i].z, query[i].w);
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      score[i] = g + i / 2 * 8 < left ? score[i] * scale : minus_infinity;
    }
    std::uint32_t probability[2];
    float factor[2];
#pragma unroll
    for (int h = 0; h < 2; ++h) {  // heads 2 t and 2 t + 1
      const float maximum = fmaxf(maximum_[h], largest_of_rows(fmaxf(score[h], score[h + 2])));
      factor[h] = ptx::ex2_approx(maximum_[h] - maximum);
      maximum_[h] = maximum;
      score[h] = ptx::ex2_approx(score[h] - maximum);
      score[h + 2] = ptx::ex2_approx(score[h + 2] - maximum);
      total_[h] = total_[h] * factor[h] + score[h] + score[h + 2];
    }
    probability[0] = ptx::movmatrix_trans(ptx::cvt_rn_f16x2_f32(score[0], score[1]));
    probability[1] = ptx::movmatrix_trans(ptx::cvt_rn_f16x2_f32(score[2], score[3]));
#pragma unroll
    for (int j = 0; j < Dim / 16; ++j) {
#pragma unroll
      for (int i = 0; i < 4; ++i) sum_[j][i] *= factor[i % 2];
      // Matrix lane / 8: tokens 8 (m / 2) + lane % 8, dims 16 j + 8 (m % 2).
      std::uint32_t v[4];
      ptx::ldmatrix_x4_trans(
          v, values + value_offset<Dim>(lane / 16 * 8 + lane % 8, 2 * j + lane / 8 % 2));
      ptx::mma_m16n8k16(sum_[j], v, probability[0], probability[1]);
    }
  }

  // [8 heads][Dim + 2]: sums, then maximum and total.
  __device__ __forceinline__ void store(float* result) const {
    const int lane = threadIdx.x % 32;
    const int g = lane / 4;
    const int t = lane % 4;
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      float* const head = result + (2 * t + h) * (Dim + 2);
#pragma unroll
      for (int j = 0; j < Dim / 16; ++j) {
        head[16 * j + g] = sum_[j][h];
        head[16 * j + g + 8] = sum_[j][h + 2];
      }
      const float total = sum_of_rows(total_[h]);
      if (g == 0) {
        head[Dim] = maximum_[h];
        head[Dim + 1] = total;
      }
    }
  }

 private:
  float sum_[Dim / 16][4];  // dims 16 j + g and + 8, heads 2 t and 2 t + 1
  float maximum_[2] = {minus_infinity, minus_infinity};
  float total_[2] = {0, 0};  // of this lane's tokens
};

// Puts `count` results of [8][Dim + 2] at distance `stride` together: dim `i` of head `head`. Gives
// the sum, and maximum and total of the whole in the others.
template <int Dim, class Load>
__device__ __forceinline__ float merged(int count, int head, int i, float& maximum, float& total,
                                        const Load& load) {
  maximum = minus_infinity;
  for (int part = 0; part < count; ++part) {
    maximum = fmaxf(maximum, load(part, head * (Dim + 2) + Dim));
  }
  total = 0;
  float sum = 0;
  for (int part = 0; part < count; ++part) {
    const float factor = ptx::ex2_approx(load(part, head * (Dim + 2) + Dim) - maximum);
    total += factor * load(part, head * (Dim + 2) + Dim + 1);
    sum += factor * load(part, head * (Dim + 2) + i);
  }
  return sum;
}

template <int Dim, class T>
__global__ void __launch_bounds__(attention_threads)
    attention_kernel(const __grid_constant__ AttentionJob job) {
  constexpr int slot_bytes = attention_tokens * Dim * 2;
  const int lane = threadIdx.x % 32;
  const int warp = threadIdx.x / 32;
  const int g = lane / 4;
  const int t = lane % 4;
  const int split = ptx::ctaid_x() % job.splits;
  const int unit = ptx::ctaid_x() / job.splits;
  const int group = unit % job.head_groups();
  const int kv_head = unit / job.head_groups() % job.kv_heads;
  const int sequence = unit / job.head_groups() / job.kv_heads;
  const int shared_heads = job.heads / job.kv_heads;
  const int first_head = kv_head * shared_heads + group * attention_heads;
  const int heads = min(attention_heads, shared_heads - group * attention_heads);

  const int begin = split * job.split_tokens;
  const int end = min(begin + job.split_tokens, job.tokens);
  const std::int64_t cache =
      (static_cast<std::int64_t>(sequence) * job.kv_heads + kv_head) * job.cache_tokens * Dim;
  unsigned char* const ring = ptx::shared_memory() + warp * attention_slots * slot_bytes;

  const auto fetch_keys = [&](int token, uint4(&keys)[Dim / 32][2]) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = min(token + g + 8 * half, end - 1);
      const Half* const from = job.keys + cache + static_cast<std::int64_t>(row) * Dim + 8 * t;
#pragma unroll
      for (int i = 0; i < Dim / 32; ++i) {
        keys[i][half] = __ldcg(reinterpret_cast<const uint4*>(from + 32 * i));
      }
    }
  };
  constexpr int pieces = Dim / 8;
  constexpr int copies = attention_tokens * pieces / 32;
  ptx::SplitCopies<copies> values;
  const auto fetch_values = [&](int token, int slot) {
#pragma unroll
    for (int i = 0; i < copies; ++i) {
      const int row = (i * 32 + lane) / pieces;
      const int piece = (i * 32 + lane) % pieces;
      const bool valid = token + row < end;
      const Half* const from = job.values + cache +
                               static_cast<std::int64_t>(valid ? token + row : begin) * Dim +
                               8 * piece;
      values.start(i, ring + slot * slot_bytes + value_offset<Dim>(row, piece), from, valid);
    }
  };
  const auto store_values = [&](int slot) {
#pragma unroll
    for (int i = 0; i < copies; ++i) {
      values.store(i, ring + slot * slot_bytes +
                          value_offset<Dim>((i * 32 + lane) / pieces, (i * 32 + lane) % pieces));
    }
  };

  // The newest token is the predecessor's; what a warp starts with may do without it. Until the
  // wait nothing is sure to be there of any kernel of the chain of dependent launches, since each
  // lets its successor start before it has waited itself. The older tokens are right because no
  // kernel of a chain writes them: every step of a benchmark has the same newest position. With
  // steps that grow, the token before the newest would be an earlier step's: then fetch after the
  // wait.
  constexpr int step = attention_warps * attention_tokens;
  int token = begin + warp * attention_tokens;
  const bool early = token + step + attention_tokens < job.tokens;
  uint4 keys[Dim / 32][2];
  const auto fetch_first = [&] {
    if (token < end) {
      fetch_keys(token, keys);
      fetch_values(token, 0);
      store_values(0);
    }
    ptx::cp_async_commit_group();
    if (token + step < end) fetch_values(token + step, 1);
    ptx::cp_async_commit_group();
  };
  if (early) fetch_first();
  ptx::griddepcontrol_launch_dependents();
  ptx::griddepcontrol_wait();
  if (!early) fetch_first();

  uint4 query[Dim / 32];
#pragma unroll
  for (int i = 0; i < Dim / 32; ++i) {
    query[i] = make_uint4(0, 0, 0, 0);
    if (g < heads) {
      const std::int64_t at =
          (static_cast<std::int64_t>(sequence) * job.heads + first_head + g) * Dim + 32 * i + 8 * t;
      if constexpr (std::is_same_v<T, float>) {
        const float* const from = static_cast<const float*>(job.query) + at;
        const float4 low = __ldcg(reinterpret_cast<const float4*>(from));
        const float4 high = __ldcg(reinterpret_cast<const float4*>(from + 4));
        query[i] = make_uint4(
            ptx::cvt_rn_f16x2_f32(low.x, low.y), ptx::cvt_rn_f16x2_f32(low.z, low.w),
            ptx::cvt_rn_f16x2_f32(high.x, high.y), ptx::cvt_rn_f16x2_f32(high.z, high.w));
      } else {
        query[i] = __ldcg(reinterpret_cast<const uint4*>(static_cast<const Half*>(job.query) + at));
      }
    }
  }

  AttentionSums<Dim> sums;
  int slot = 0;
#pragma unroll 1
  for (; token < end; token += step) {
    if (token + step < end) store_values(slot == attention_slots - 1 ? 0 : slot + 1);
    // The slot of the step before this one is free.
    const int next_slot = slot == 0 ? attention_slots - 1 : slot - 1;
    if (token + 2 * step < end) fetch_values(token + 2 * step, next_slot);
    ptx::cp_async_commit_group();
    uint4 next[Dim / 32][2];
    if (token + step < end) fetch_keys(token + step, next);
    ptx::cp_async_wait_group<2>();
    __syncwarp();
    sums.add(query, keys, ring + slot * slot_bytes, end - token, job.scale);
    __syncwarp();
#pragma unroll
    for (int i = 0; i < Dim / 32; ++i) {
      keys[i][0] = next[i][0];
      keys[i][1] = next[i][1];
    }
    if (++slot == attention_slots) slot = 0;
  }

  __syncthreads();  // the rings are free
  float* const results = reinterpret_cast<float*>(ptx::shared_memory());
  constexpr int result_floats = attention_heads * (Dim + 2);
  sums.store(results + warp * result_floats);
  __syncthreads();

  const auto load_shared = [&](int part, int at) { return results[part * result_floats + at]; };
  const auto finish = [&](int head, int i, float value) {
    store_value(static_cast<T*>(job.y),
                (static_cast<std::int64_t>(sequence) * job.heads + first_head + head) * Dim + i,
                value);
  };
  float* const partial = job.partial + static_cast<std::int64_t>(unit) * job.splits * result_floats;
  for (int i = threadIdx.x; i < heads * Dim; i += attention_threads) {
    float maximum;
    float total;
    const float sum = merged<Dim>(attention_warps, i / Dim, i % Dim, maximum, total, load_shared);
    if (job.splits == 1) {
      finish(i / Dim, i % Dim, sum / total);
      continue;
    }
    float* const head = partial + split * result_floats + i / Dim * (Dim + 2);
    head[i % Dim] = sum;
    if (i % Dim == 0) {
      head[Dim] = maximum;
      head[Dim + 1] = total;
    }
  }
  if (job.splits == 1) return;

  __threadfence();
  __syncthreads();
  int* const last = reinterpret_cast<int*>(ptx::shared_memory());
  if (threadIdx.x == 0) {
    *last = atomicAdd(job.arrivals + unit, 1u) == static_cast<unsigned>(job.splits - 1);
    if (*last) job.arrivals[unit] = 0;
  }
  __syncthreads();
  if (!*last) return;
  __threadfence();
  const auto load_partial = [&](int part, int at) {
    return __ldcg(partial + part * result_floats + at);
  };
  for (int i = threadIdx.x; i < heads * Dim; i += attention_threads) {
    float maximum;
    float total;
    const float sum = merged<Dim>(job.splits, i / Dim, i % Dim, maximum, total, load_partial);
    finish(i / Dim, i % Dim, sum / total);
  }
}

}  // namespace roofproof::cuda::layer
