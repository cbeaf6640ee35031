// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the decode kernels use of CUDA C++ and of kernels/cuda/gemv/ptx.cuh, in plain C++: named by
// ROOFPROOF_SIMT_EMULATION when a test compiles them for the CPU. Tensor-core and matrix
// instructions follow the fragment layouts of the PTX ISA, element by element. Asynchronous copies
// happen as early as they can or, with `late_copies`, as late as they may. k16 steps are those of
// sm_80; `mma_depth` 8 does them in two of Turing's.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "kernels/float16.h"
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
  if (reinterpret_cast<std::uintptr_t>(address) % sizeof(T) != 0) {
    throw std::logic_error("simt: misaligned load");
  }
  simt::must_be_readable(address, sizeof(T));
  return *address;
}
template <class T>
T __ldg(const T* address) {
  return __ldcg(address);
}
inline float __uint_as_float(unsigned bits) { return __builtin_bit_cast(float, bits); }
inline float fmaxf(float a, float b) { return std::fmax(a, b); }
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
using std::max;
using std::min;

namespace roofproof::cuda::gemv {

inline int mma_depth = 16;
inline bool late_copies = false;

inline int block_number() { return static_cast<int>(blockIdx.x); }
inline int lane_number() { return static_cast<int>(threadIdx.x % 32); }
inline int thread_number() { return static_cast<int>(threadIdx.x); }
inline unsigned char* shared_memory() { return simt::shared_memory(); }
inline void must_align(const void* address, std::size_t bytes) {
  if (reinterpret_cast<std::uintptr_t>(address) % bytes != 0) {
    throw std::logic_error("simt: misaligned access");
  }
}

inline std::uint64_t evict_first_policy() { return 0; }
inline uint4 load_once(const void* address, std::uint64_t) {
  must_align(address, 16);
  uint4 value;
  std::memcpy(&value, address, sizeof value);
  return value;
}
inline uint2 load_scales(const void* address) {
  must_align(address, 8);
  uint2 value;
  std::memcpy(&value, address, sizeof value);
  return value;
}
inline std::uint32_t load_scale_pair(const void* address) {
  return __ldg(static_cast<const std::uint32_t*>(address));
}
using Copies = std::vector<std::function<void()>>;
inline std::map<unsigned, std::deque<Copies>> copy_groups;  // by thread; the last one is open
inline void copy_16_bytes(void* shared, const void* global, bool valid) {
  must_align(shared, 16);
  if (valid) {
    must_align(global, 16);
    simt::must_be_readable(global, 16);
  }
  const auto copy = [=] {
    if (valid) {
      std::memcpy(shared, global, 16);
    } else {
      std::memset(shared, 0, 16);
    }
  };
  if (!late_copies) return copy();
  auto& groups = copy_groups[threadIdx.x];
  if (groups.empty()) groups.emplace_back();
  groups.back().push_back(copy);
}
inline void copies_committed() {
  auto& groups = copy_groups[threadIdx.x];
  if (groups.empty()) groups.emplace_back();
  groups.emplace_back();
}
// Of what has to have arrived, the copy that was asked for first arrives last: they keep no order.
template <int Later>
void copies_arrived() {
  auto& groups = copy_groups[threadIdx.x];
  if (groups.size() <= Later + 1) return;
  const auto end = groups.end() - (Later + 1);
  for (auto group = end; group != groups.begin();) {
    --group;
    for (auto copy = group->rbegin(); copy != group->rend(); ++copy) (*copy)();
  }
  groups.erase(groups.begin(), end);
}

inline float low_half(std::uint32_t x) { return to_float(static_cast<std::uint16_t>(x)); }
inline float high_half(std::uint32_t x) { return to_float(static_cast<std::uint16_t>(x >> 16)); }
inline std::uint32_t pack_halves(double low, double high) {
  // From double: exact for the operations below, whose results are rounded once.
  return to_float16(static_cast<float>(low)) |
         static_cast<std::uint32_t>(to_float16(static_cast<float>(high))) << 16;
}
inline std::uint32_t half2_sub(std::uint32_t a, std::uint32_t b) {
  return pack_halves(static_cast<double>(low_half(a)) - low_half(b),
                     static_cast<double>(high_half(a)) - high_half(b));
}
inline std::uint32_t half2_fma(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return pack_halves(static_cast<double>(low_half(a)) * low_half(b) + low_half(c),
                     static_cast<double>(high_half(a)) * high_half(b) + high_half(c));
}
inline float2 half2_to_floats(std::uint32_t x) { return {low_half(x), high_half(x)}; }
inline std::uint32_t floats_to_half2(float low, float high) { return pack_halves(low, high); }
inline float half_to_float(std::uint16_t bits) { return to_float(bits); }
inline std::uint16_t float_to_half(float value) { return to_float16(value); }
inline std::uint32_t permute_bytes(std::uint32_t a, std::uint32_t b, std::uint32_t selector) {
  const std::uint64_t bytes = a | static_cast<std::uint64_t>(b) << 32;
  std::uint32_t result = 0;
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t which = selector >> (4 * i) & 7;
    result |= static_cast<std::uint32_t>(bytes >> (8 * which) & 255) << (8 * i);
  }
  return result;
}
inline std::uint32_t and_or(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return (a & b) | c;
}
inline float reciprocal(float x) { return 1.0f / x; }
inline float exp2_approximate(float x) { return std::exp2(x); }

// d[16 x 8] += a[16 x Depth] b[Depth x 8], as the fragments of mma.m16n8k16 and m16n8k8 say.
template <int Depth>
void multiply_matrices(float (&d)[4], const std::uint32_t* a, const std::uint32_t* b) {
  constexpr int pairs = Depth / 8;  // of rows g and g + 8
  struct Operands {
    float a[2 * pairs][2];
    float b[pairs][2];
  } mine;
  for (int i = 0; i < 2 * pairs; ++i) {
    mine.a[i][0] = low_half(a[i]);
    mine.a[i][1] = high_half(a[i]);
  }
  for (int i = 0; i < pairs; ++i) {
    mine.b[i][0] = low_half(b[i]);
    mine.b[i][1] = high_half(b[i]);
  }
  const std::byte* all = simt::warp_exchange(&mine, sizeof mine);
  const auto operands = [all](int lane) -> const Operands& {
    return *reinterpret_cast<const Operands*>(all + static_cast<std::size_t>(lane) *
                                                        simt::exchange_stride);
  };
  const int g = static_cast<int>(simt::lane()) / 4;
  const int t = static_cast<int>(simt::lane()) % 4;
  for (int i = 0; i < 4; ++i) {
    const int row = g + 8 * (i / 2);
    const int column = 2 * t + i % 2;
    double sum = d[i];
    for (int k = 0; k < Depth; ++k) {
      const float x = operands(row % 8 * 4 + k % 8 / 2).a[row / 8 + 2 * (k / 8)][k % 2];
      const float y = operands(column * 4 + k % 8 / 2).b[k / 8][k % 2];
      sum += static_cast<double>(x) * y;
    }
    d[i] = static_cast<float>(sum);
  }
}
inline void mma_16x8x16(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0,
                        std::uint32_t b1) {
  const std::uint32_t b[2] = {b0, b1};
  if (mma_depth == 16) {
    multiply_matrices<16>(d, a, b);
  } else {
    multiply_matrices<8>(d, a, b);
    multiply_matrices<8>(d, a + 2, b + 1);
  }
}

// Element (row, column) of matrix `matrix`, given the row addresses of all lanes.
inline std::uint16_t matrix_element(const std::byte* rows, int matrix, int row, int column) {
  const auto* address = static_cast<const unsigned char*>(
      simt::from_lane<const void*>(rows, static_cast<unsigned>(8 * matrix + row)));
  std::uint16_t value;
  std::memcpy(&value, address + 2 * column, sizeof value);
  return value;
}
// The eight rows of a matrix are read at once where each lies in four banks of its own.
inline void must_not_collide(const std::byte* rows) {
  for (unsigned matrix = 0; matrix < 4; ++matrix) {
    std::set<const void*> addresses;
    std::set<std::uintptr_t> banks;
    for (unsigned row = 0; row < 8; ++row) {
      const auto* address = simt::from_lane<const void*>(rows, 8 * matrix + row);
      addresses.insert(address);
      banks.insert(reinterpret_cast<std::uintptr_t>(address) / 16 % 8);
    }
    if (banks.size() != addresses.size()) throw std::logic_error("simt: bank conflict");
  }
}
inline void load_four(std::uint32_t (&out)[4], const void* row, bool transposed) {
  must_align(row, 16);
  const std::byte* rows = simt::warp_exchange(&row, sizeof row);
  must_not_collide(rows);
  const int g = static_cast<int>(simt::lane()) / 4;
  const int t = static_cast<int>(simt::lane()) % 4;
  for (int matrix = 0; matrix < 4; ++matrix) {
    std::uint32_t packed = 0;
    for (int i = 0; i < 2; ++i) {
      const int r = transposed ? 2 * t + i : g;
      const int c = transposed ? g : 2 * t + i;
      packed |= static_cast<std::uint32_t>(matrix_element(rows, matrix, r, c)) << (16 * i);
    }
    out[matrix] = packed;
  }
  simt::warp_barrier();  // who lags behind must still find what the rows pointed to
}
inline void load_matrices(std::uint32_t (&out)[4], const void* row) { load_four(out, row, false); }
inline void load_matrices_transposed(std::uint32_t (&out)[4], const void* row) {
  load_four(out, row, true);
}
inline std::uint32_t transpose_matrix(std::uint32_t row_pair) {
  const std::byte* all = simt::warp_exchange(&row_pair, sizeof row_pair);
  const int g = static_cast<int>(simt::lane()) / 4;
  const int t = static_cast<int>(simt::lane()) % 4;
  std::uint32_t packed = 0;
  for (int i = 0; i < 2; ++i) {  // element (row g, column 2t + i) of the result
    const auto source =
        simt::from_lane<std::uint32_t>(all, static_cast<unsigned>((2 * t + i) * 4 + g / 2));
    packed |= (g % 2 == 0 ? source & 0xffffu : source >> 16) << (16 * i);
  }
  return packed;
}

// A barrier's word: how many phases are complete. A phase is when all have arrived and every byte
// that was announced is there, neither fewer nor more (PTX ISA, "mbarrier").
struct Barrier {
  unsigned arrivals = 0;  // of each phase
  unsigned missing = 0;
  std::int64_t bytes = 0;  // announced and not there yet
};
inline std::map<std::uint64_t*, Barrier> barriers;
inline void complete_phase(std::uint64_t* word) {
  Barrier& barrier = barriers.at(word);
  if (barrier.missing > 0 || barrier.bytes != 0) return;
  barrier.missing = barrier.arrivals;
  ++*word;
}
inline void barrier_init(std::uint64_t* word, unsigned arrivals) {
  must_align(word, 8);
  *word = 0;
  barriers[word] = {arrivals, arrivals, 0};
}
inline void barriers_initialised() {}
inline void barrier_expect(std::uint64_t* word, unsigned bytes) {
  Barrier& barrier = barriers.at(word);
  if (barrier.missing == 0) throw std::logic_error("simt: more arrive than the barrier counts");
  barrier.bytes += bytes;
  --barrier.missing;
  complete_phase(word);
}
inline std::map<std::uint64_t*, Copies> bulk_copies;  // by barrier
inline void barrier_wait(std::uint64_t* word, unsigned parity) {
  for (const auto& copy : std::exchange(bulk_copies[word], {})) copy();
  while (*word % 2 != (parity ^ 1)) simt::pause();
}
inline void copy_bulk(void* shared, const void* global, unsigned bytes, std::uint64_t* barrier,
                      std::uint64_t) {
  must_align(shared, 16);
  must_align(global, 16);
  if (bytes % 16 != 0) throw std::logic_error("simt: bulk copies are multiples of 16 bytes");
  const auto copy = [=] {
    std::memcpy(shared, global, bytes);
    barriers.at(barrier).bytes -= bytes;
    complete_phase(barrier);
  };
  if (late_copies) {
    bulk_copies[barrier].push_back(copy);
  } else {
    copy();
  }
}

// The launch before, not yet run, of one that may begin early. It runs when all threads of the
// block that comes first wait for it: what they did until then they did too early if it mattered.
inline std::function<void()> unfinished_predecessor;
inline void wait_for_predecessor() {
  if (!unfinished_predecessor) return;
  simt::block_barrier();
  const auto run = std::exchange(unfinished_predecessor, {});
  if (!run) return;
  auto groups = std::exchange(copy_groups, {});  // by thread, of this block
  run();
  copy_groups = std::move(groups);
}
inline void let_successor_start() {}

}  // namespace roofproof::cuda::gemv
