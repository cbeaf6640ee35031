// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstddef>

#include "kernels/cuda/fill.h"
#include "kernels/cuda/runtime/error.h"
#include "kernels/weights.h"

namespace roofproof::cuda {
namespace {

constexpr int threads = 256;

// Enough blocks to fill any GPU; the loops stride by the grid.
int blocks_for(std::int64_t count) {
  return static_cast<int>(std::clamp<std::int64_t>((count + threads - 1) / threads, 1, 1 << 14));
}

__device__ std::int64_t first_index() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ std::int64_t stride() { return static_cast<std::int64_t>(gridDim.x) * blockDim.x; }

struct RandomValue {
  InputStream input;
  __device__ void operator()(float& out, std::uint64_t i) const { out = input.uniform(i); }
  __device__ void operator()(__half& out, std::uint64_t i) const {
    out = __float2half_rn(input.uniform(i));
  }
  __device__ void operator()(std::int8_t& out, std::uint64_t i) const { out = input.int8(i); }
  __device__ void operator()(std::uint8_t& out, std::uint64_t i) const {
    out = random_int4_pair(input, i);
  }
  __device__ void operator()(std::uint32_t& out, std::uint64_t i) const { out = input.bits(i); }
};

template <class T, class Value>
__global__ void fill_kernel(T* data, std::int64_t count, Value value) {
  for (std::int64_t i = first_index(); i < count; i += stride()) value(data[i], i);
}

template <class T, class Value>
void fill(T* data, std::int64_t count, Value value, cudaStream_t stream) {
  if (count == 0) return;
  fill_kernel<<<blocks_for(count), threads, 0, stream>>>(data, count, value);
  ROOFPROOF_CUDA_CHECK_LAUNCH(fill_kernel);
}

// 8 bytes of a guard: 0xFF80'FE01 with 15 free bits each, NaN as one FP32 and as two FP16.
__device__ std::uint64_t guard_pattern(std::int64_t index, std::uint64_t salt) {
  return 0xff80fe01ff80fe01u | (mix_bits(salt + index) & 0x007f01fe007f01feu);
}

// Acts on each byte of [first, last) and what belongs there; a thread has 8 neighbours at a time.
template <class Action>
__device__ void for_each_guard_byte(std::int64_t first, std::int64_t last, std::uint64_t salt,
                                    const Action& action) {
  for (std::int64_t i = first / 8 + first_index(); 8 * i < last; i += stride()) {
    const std::uint64_t pattern = guard_pattern(i, salt);
#pragma unroll
    for (int byte = 0; byte < 8; ++byte) {
      const std::int64_t at = 8 * i + byte;
      if (first <= at && at < last) action(at, static_cast<std::byte>(pattern >> (8 * byte)));
    }
  }
}

__global__ void fill_guard_kernel(std::byte* base, std::int64_t first, std::int64_t last,
                                  std::uint64_t salt) {
  for_each_guard_byte(first, last, salt,
                      [&](std::int64_t at, std::byte value) { base[at] = value; });
}

__global__ void count_damage_kernel(const std::byte* base, std::int64_t first, std::int64_t last,
                                    std::uint64_t salt, unsigned* damaged) {
  for_each_guard_byte(first, last, salt, [&](std::int64_t at, std::byte value) {
    if (base[at] != value) atomicAdd(damaged, 1u);
  });
}

int guard_blocks(std::int64_t first, std::int64_t last) {
  return blocks_for(last / 8 - first / 8 + 1);
}

}  // namespace

void fill_random(float* data, std::int64_t count, InputStream input, cudaStream_t stream) {
  fill(data, count, RandomValue{input}, stream);
}
void fill_random(__half* data, std::int64_t count, InputStream input, cudaStream_t stream) {
  fill(data, count, RandomValue{input}, stream);
}
void fill_random(std::int8_t* data, std::int64_t count, InputStream input, cudaStream_t stream) {
  fill(data, count, RandomValue{input}, stream);
}
void fill_random(std::uint8_t* data, std::int64_t count, InputStream input, cudaStream_t stream) {
  fill(data, count, RandomValue{input}, stream);
}
void fill_random(std::uint32_t* data, std::int64_t count, InputStream input, cudaStream_t stream) {
  fill(data, count, RandomValue{input}, stream);
}

void fill_guard(std::byte* base, std::int64_t first, std::int64_t last, std::uint64_t salt,
                cudaStream_t stream) {
  if (first == last) return;
  fill_guard_kernel<<<guard_blocks(first, last), threads, 0, stream>>>(base, first, last, salt);
  ROOFPROOF_CUDA_CHECK_LAUNCH(fill_guard_kernel);
}

void count_damage(const std::byte* base, std::int64_t first, std::int64_t last, std::uint64_t salt,
                  unsigned* damaged, cudaStream_t stream) {
  if (first == last) return;
  count_damage_kernel<<<guard_blocks(first, last), threads, 0, stream>>>(base, first, last, salt,
                                                                         damaged);
  ROOFPROOF_CUDA_CHECK_LAUNCH(count_damage_kernel);
}

}  // namespace roofproof::cuda
