// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the kernels use of CUDA C++, in plain C++.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>
#include <stdexcept>

#include "tests/simt/block.h"

#define __global__
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __maxnreg__(...)
#define __grid_constant__
#define threadIdx (::simt::thread_index())
#define blockIdx (::simt::block_index())
#define blockDim (::simt::block_dim())
#define gridDim (::simt::grid_dim())

struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(8) int2 {
  int x, y;
};
struct alignas(16) int4 {
  int x, y, z, w;
};
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

inline void __syncthreads() { simt::block_barrier(); }
inline void __syncwarp() { simt::warp_barrier(); }
inline void __threadfence() {}
template <class T>
T __shfl_xor_sync(unsigned, T value, unsigned mask) {
  return simt::from_lane<T>(simt::warp_exchange(&value, sizeof value), simt::lane() ^ mask);
}
template <class T>
T __shfl_sync(unsigned, T value, unsigned from) {
  return simt::from_lane<T>(simt::warp_exchange(&value, sizeof value), from % 32);
}
inline unsigned atomicAdd(unsigned* address, unsigned value) {
  const unsigned old = *address;
  *address += value;
  return old;
}
namespace simt {
inline void must_align(const void* address, std::size_t bytes) {
  if (reinterpret_cast<std::uintptr_t>(address) % bytes != 0) {
    throw std::logic_error("simt: misaligned access");
  }
}
// Where a kernel may load from, begins and ends, once a test has named it.
inline std::map<const void*, const void*> readable;
inline void must_be_readable(const void* address, std::size_t bytes) {
  if (readable.empty()) return;
  const auto after = readable.upper_bound(address);
  if (after == readable.begin() ||
      static_cast<const std::byte*>(address) + bytes > std::prev(after)->second) {
    throw std::logic_error("simt: reads beyond its operands");
  }
}
}  // namespace simt

template <class T>
T __ldcg(const T* address) {
  simt::must_align(address, sizeof(T));
  simt::must_be_readable(address, sizeof(T));
  return *address;
}
template <class T>
T __ldg(const T* address) {
  return __ldcg(address);
}
template <class T>
void __stcg(T* address, T value) {
  simt::must_align(address, sizeof(T));
  *address = value;
}
inline float __uint_as_float(unsigned bits) { return __builtin_bit_cast(float, bits); }
inline float fmaxf(float a, float b) { return std::fmax(a, b); }
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
using std::max;
using std::min;
