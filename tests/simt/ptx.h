// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What kernels/cuda/ptx/ptx.cuh has, in plain C++: named by ROOFPROOF_SIMT_EMULATION when a test
// compiles kernels for the CPU. Tensor-core and matrix instructions follow the fragment layouts of
// the PTX ISA, element by element. Asynchronous copies happen as early as they can or, with
// `late_copies`, as late as they may. k16 steps are those of sm_80; `mma_depth` 8 does them in two
// of Turing's.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "kernels/float16.h"
#include "tests/simt/cuda.h"

namespace roofproof::cuda::ptx {

using simt::must_align;

inline int mma_depth = 16;
inline bool late_copies = false;

inline int ctaid_x() { return static_cast<int>(blockIdx.x); }
inline int laneid() { return static_cast<int>(threadIdx.x % 32); }
inline int opaque(int value) { return value; }
inline int tid_x() { return static_cast<int>(threadIdx.x); }
inline unsigned char* shared_memory() { return simt::shared_memory(); }
inline std::uint64_t createpolicy_evict_first() { return 0; }
inline uint4 ld_global_nc_no_allocate(const void* address, std::uint64_t) {
  must_align(address, 16);
  uint4 value;
  std::memcpy(&value, address, sizeof value);
  return value;
}
inline uint2 ld_global_nc_v2(const void* address) {
  must_align(address, 8);
  uint2 value;
  std::memcpy(&value, address, sizeof value);
  return value;
}
using Copies = std::vector<std::function<void()>>;
inline std::map<unsigned, std::deque<Copies>> copy_groups;  // by thread; the last one is open
inline void cp_async(void* shared, const void* global, bool valid) {
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
// As of the GPU that `mma_depth` says: Turing holds what it loads in registers.
template <int Count>
class SplitCopies {
 public:
  void start(int i, void* shared, const void* global, bool valid) {
    if (mma_depth != 8) return cp_async(shared, global, valid);
    uint4& held = held_[static_cast<std::size_t>(i)];
    held = uint4{};
    if (!valid) return;
    must_align(global, 16);
    simt::must_be_readable(global, 16);
    std::memcpy(&held, global, sizeof held);
  }
  void store(int i, void* shared) const {
    if (mma_depth != 8) return;
    must_align(shared, 16);
    std::memcpy(shared, &held_[static_cast<std::size_t>(i)], 16);
  }

 private:
  std::vector<uint4> held_ = std::vector<uint4>(Count);
};
inline void cp_async_commit_group() {
  auto& groups = copy_groups[threadIdx.x];
  if (groups.empty()) groups.emplace_back();
  groups.emplace_back();
}
// Of what has to have arrived, the copy that was asked for first arrives last: they keep no order.
template <int Later>
void cp_async_wait_group() {
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
inline std::uint32_t sub_f16x2(std::uint32_t a, std::uint32_t b) {
  return pack_halves(static_cast<double>(low_half(a)) - low_half(b),
                     static_cast<double>(high_half(a)) - high_half(b));
}
inline std::uint32_t fma_rn_f16x2(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return pack_halves(static_cast<double>(low_half(a)) * low_half(b) + low_half(c),
                     static_cast<double>(high_half(a)) * high_half(b) + high_half(c));
}
inline float2 cvt_f32_f16x2(std::uint32_t x) { return {low_half(x), high_half(x)}; }
inline std::uint32_t cvt_rn_f16x2_f32(float low, float high) { return pack_halves(low, high); }
inline float cvt_f32_f16(std::uint16_t bits) { return to_float(bits); }
inline std::uint16_t cvt_rn_f16_f32(float value) { return to_float16(value); }
inline std::uint32_t prmt(std::uint32_t a, std::uint32_t b, std::uint32_t selector) {
  const std::uint64_t bytes = a | static_cast<std::uint64_t>(b) << 32;
  std::uint32_t result = 0;
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t which = selector >> (4 * i) & 7;
    result |= static_cast<std::uint32_t>(bytes >> (8 * which) & 255) << (8 * i);
  }
  return result;
}
inline std::uint32_t lop3_and_or(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return (a & b) | c;
}
inline float rcp_approx(float x) { return 1.0f / x; }
inline float ex2_approx(float x) { return std::exp2(x); }

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
inline void mma_m16n8k16(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0,
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
inline void ldmatrix_x4(std::uint32_t (&out)[4], const void* row) { load_four(out, row, false); }
inline void ldmatrix_x4_trans(std::uint32_t (&out)[4], const void* row) {
  load_four(out, row, true);
}
inline std::uint32_t movmatrix_trans(std::uint32_t row_pair) {
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
inline void mbarrier_init(std::uint64_t* word, unsigned arrivals) {
  must_align(word, 8);
  *word = 0;
  barriers[word] = {arrivals, arrivals, 0};
}
inline void fence_proxy_async() {}
inline void mbarrier_arrive_expect_tx(std::uint64_t* word, unsigned bytes) {
  Barrier& barrier = barriers.at(word);
  if (barrier.missing == 0) throw std::logic_error("simt: more arrive than the barrier counts");
  barrier.bytes += bytes;
  --barrier.missing;
  complete_phase(word);
}
inline std::map<std::uint64_t*, Copies> bulk_copies;  // by barrier
inline void mbarrier_wait_parity(std::uint64_t* word, unsigned parity) {
  for (const auto& copy : std::exchange(bulk_copies[word], {})) copy();
  while (*word % 2 != (parity ^ 1)) simt::pause();
}
inline void cp_async_bulk_load(void* shared, const void* global, unsigned bytes,
                               std::uint64_t* barrier, std::uint64_t) {
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
inline void griddepcontrol_wait() {
  if (!unfinished_predecessor) return;
  simt::block_barrier();
  const auto run = std::exchange(unfinished_predecessor, {});
  if (!run) return;
  auto groups = std::exchange(copy_groups, {});  // by thread, of this block
  run();
  copy_groups = std::move(groups);
}
inline void griddepcontrol_launch_dependents() {}

// Addresses in shared memory count from its beginning, where it is aligned enough.
inline std::uint32_t shared_address(const void* pointer) {
  return static_cast<std::uint32_t>(static_cast<const unsigned char*>(pointer) - shared_memory());
}
inline unsigned char* at_shared(std::uint32_t address) { return shared_memory() + address; }

inline void st_shared(std::uint32_t address, uint4 value) {
  must_align(at_shared(address), 16);
  std::memcpy(at_shared(address), &value, sizeof value);
}
inline float4 ld_shared_v4(std::uint32_t address) {
  must_align(at_shared(address), 16);
  float4 value;
  std::memcpy(&value, at_shared(address), sizeof value);
  return value;
}
inline void ldmatrix_x4(std::uint32_t (&out)[4], std::uint32_t row) {
  ldmatrix_x4(out, at_shared(row));
}
inline void cp_async(std::uint32_t shared, const void* global, bool valid) {
  cp_async(at_shared(shared), global, valid);
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
inline void mma_m16n8k32(std::int32_t (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0,
                         std::uint32_t b1) {
  const std::uint32_t b[2] = {b0, b1};
  multiply_bytes<16, 32>(d, a, b);
}
inline void mma_m8n8k16(std::int32_t& d0, std::int32_t& d1, std::uint32_t a, std::uint32_t b) {
  std::int32_t d[2] = {d0, d1};
  multiply_bytes<8, 16>(d, &a, &b);
  d0 = d[0];
  d1 = d[1];
}

inline void st_global_if(bool condition, void* address, uint4 value) {
  if (!condition) return;
  must_align(address, 16);
  std::memcpy(address, &value, sizeof value);
}

// What a test wants to do when a block raises its flag, and when another has seen it.
inline std::function<void(const unsigned*)> flag_raised;
inline std::function<void(const unsigned*)> flag_seen;
template <unsigned value>
void st_release_gpu(unsigned* flag) {
  if (flag_raised) flag_raised(flag);
  *flag = value;
}
// Blocks run one after another: a flag that is not up yet never will be.
inline unsigned ld_acquire_gpu(const unsigned* flag) {
  if (*flag == 0) throw std::logic_error("simt: a block waits for a later one");
  if (flag_seen) flag_seen(flag);
  return *flag;
}

}  // namespace roofproof::cuda::ptx
