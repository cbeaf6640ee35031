// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the tiled GEMM kernels use of kernels/cuda/gemm/tiled/ptx.cuh, in plain C++: named by
// ROOFPROOF_SIMT_EMULATION when a test compiles them for the CPU. CUDA C++ itself, asynchronous
// copies and FP16 matrix products are those of cuda.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tests/simt/cuda.h"

struct alignas(8) int2 {
  int x, y;
};
struct alignas(16) int4 {
  int x, y, z, w;
};

template <class T>
void __stcg(T* address, T value) {
  roofproof::cuda::gemv::must_align(address, sizeof(T));
  *address = value;
}

namespace roofproof::cuda {

using gemv::copies_arrived;
using gemv::copies_committed;
using gemv::copy_16_bytes;
using gemv::copy_groups;
using gemv::float_to_half;
using gemv::half_to_float;
using gemv::late_copies;
using gemv::load_matrices;
using gemv::multiply_matrices;
using gemv::must_align;
using gemv::pack_halves;
using gemv::shared_memory;

inline int opaque(int value) { return value; }

// Addresses in shared memory count from its beginning, where it is aligned enough.
inline std::uint32_t shared_base() { return 0; }
inline unsigned char* at_shared(std::uint32_t address) { return shared_memory() + address; }

inline void store_shared(std::uint32_t address, uint4 value) {
  must_align(at_shared(address), 16);
  std::memcpy(at_shared(address), &value, sizeof value);
}
inline float4 load_shared(std::uint32_t address) {
  must_align(at_shared(address), 16);
  float4 value;
  std::memcpy(&value, at_shared(address), sizeof value);
  return value;
}
inline void load_matrices(std::uint32_t (&r)[4], std::uint32_t address) {
  load_matrices(r, at_shared(address));
}

inline void copy_chunk_async(std::uint32_t shared, const std::byte* global, bool exists) {
  copy_16_bytes(at_shared(shared), global, exists);
}
inline void commit_copies() { copies_committed(); }
template <int Pending>
void wait_for_copies() {
  copies_arrived<Pending>();
}

inline void mma_m16n8k16(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2]) {
  multiply_matrices<16>(d, a, b);
}
inline void mma_m16n8k8(float (&d)[4], std::uint32_t a0, std::uint32_t a1, std::uint32_t b) {
  const std::uint32_t a[2] = {a0, a1};
  multiply_matrices<8>(d, a, &b);
}

// d[rows x 8] += a[rows x depth] b[depth x 8] in bytes: with g = lane / 4 and t = lane % 4,
// register r of A holds row g + 8 (r % (rows / 8)) and bytes 4 t to 4 t + 3 of its 16-byte part r /
// (rows / 8); of B column g and the same bytes of part r; d[i] is row g + 8 (i / 2), column 2 t + i
// % 2.
template <int Rows, int Depth>
void multiply_bytes(std::int32_t (&d)[Rows / 4], const std::uint32_t* a, const std::uint32_t* b) {
  constexpr int row_groups = Rows / 8;
  constexpr int parts = Depth / 16;
  struct Operands {
    std::uint32_t a[row_groups * parts];
    std::uint32_t b[parts];
  } mine;
  std::copy_n(a, row_groups * parts, mine.a);
  std::copy_n(b, parts, mine.b);
  const std::byte* all = simt::warp_exchange(&mine, sizeof mine);
  const auto byte = [](std::uint32_t packed, int i) {
    return static_cast<int>(static_cast<std::int8_t>(packed >> (8 * i)));
  };
  const int g = static_cast<int>(simt::lane()) / 4;
  const int t = static_cast<int>(simt::lane()) % 4;
  for (int i = 0; i < Rows / 4; ++i) {
    const int row = g + 8 * (i / 2);
    const int column = 2 * t + i % 2;
    auto sum = static_cast<std::uint32_t>(d[i]);
    for (int k = 0; k < Depth; ++k) {
      const auto from_a = simt::from_lane<Operands>(all, row % 8 * 4 + k % 16 / 4);
      const auto from_b = simt::from_lane<Operands>(all, column * 4 + k % 16 / 4);
      sum += static_cast<std::uint32_t>(byte(from_a.a[row / 8 + row_groups * (k / 16)], k % 4) *
                                        byte(from_b.b[k / 16], k % 4));
    }
    d[i] = static_cast<std::int32_t>(sum);
  }
}
inline void mma_m16n8k32(std::int32_t (&d)[4], const std::uint32_t (&a)[4],
                         const std::uint32_t (&b)[2]) {
  multiply_bytes<16, 32>(d, a, b);
}
inline void mma_m8n8k16(std::int32_t& d0, std::int32_t& d1, std::uint32_t a, std::uint32_t b) {
  std::int32_t d[2] = {d0, d1};
  multiply_bytes<8, 16>(d, &a, &b);
  d0 = d[0];
  d1 = d[1];
}

inline std::uint32_t floats_to_halves(float low, float high) { return pack_halves(low, high); }

inline void store_if(bool condition, void* address, uint4 value) {
  if (!condition) return;
  must_align(address, 16);
  std::memcpy(address, &value, sizeof value);
}

// What a test wants to do when a block raises its flag, and when another has seen it.
inline std::function<void(const unsigned*)> flag_raised;
inline std::function<void(const unsigned*)> flag_seen;
inline void raise_flag(unsigned* flag) {
  if (flag_raised) flag_raised(flag);
  *flag = 1;
}
// Blocks run one after another: a flag that is not up yet never will be.
inline void wait_for_flag(const unsigned* flag) {
  if (*flag == 0) throw std::logic_error("simt: a block waits for a later one");
  if (flag_seen) flag_seen(flag);
}

}  // namespace roofproof::cuda
