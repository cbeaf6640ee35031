// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The machine instructions that the tiled kernels use, one function each and nothing else (PTX ISA
// has their definitions). Tests run the kernels on the CPU: ROOFPROOF_SIMT_EMULATION then names a
// header that defines the same functions, and whatever of CUDA C++ the kernels use, in plain C++.
#pragma once

#ifdef ROOFPROOF_SIMT_EMULATION
#include ROOFPROOF_SIMT_EMULATION
#else

#include <cuda_fp16.h>

#include <cstddef>
#include <cstdint>

namespace roofproof::cuda {

// `value`, of which the compiler knows nothing: what is computed from it cannot be computed before.
__device__ __forceinline__ int opaque(int value) {
  asm volatile("" : "+r"(value));
  return value;
}

// ---- shared memory, by its 32-bit addresses ----

// Where the block's dynamic shared memory begins: a multiple of 128.
__device__ __forceinline__ std::uint32_t shared_base() {
  extern __shared__ __align__(128) std::byte memory[];
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(memory));
}
__device__ __forceinline__ void store_shared(std::uint32_t address, uint4 value) {
  asm volatile("st.shared.v4.u32 [%0], {%1, %2, %3, %4};" ::"r"(address), "r"(value.x),
               "r"(value.y), "r"(value.z), "r"(value.w)
               : "memory");
}
__device__ __forceinline__ float4 load_shared(std::uint32_t address) {
  float4 value;
  asm volatile("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4];"
               : "=f"(value.x), "=f"(value.y), "=f"(value.z), "=f"(value.w)
               : "r"(address)
               : "memory");
  return value;
}
__device__ __forceinline__ void load_matrices(std::uint32_t (&r)[4], std::uint32_t address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
}

// sm_80 and newer: 16 bytes, or zeros, past the registers and L1. Stages narrower than 128 bytes
// share cache lines with their neighbours: L2 fetches them whole.
__device__ __forceinline__ void copy_chunk_async(std::uint32_t shared, const std::byte* global,
                                                 bool exists) {
  asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16, %2;" ::"r"(shared), "l"(global),
               "r"(exists ? 16 : 0)
               : "memory");
}
__device__ __forceinline__ void commit_copies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}
// Waits until at most `Pending` of the groups committed last are under way.
template <int Pending>
__device__ __forceinline__ void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
}

// ---- tensor cores: d += a b^T. Turing has the products of half and a quarter of the size ----

__device__ __forceinline__ void mma_m16n8k16(float (&d)[4], const std::uint32_t (&a)[4],
                                             const std::uint32_t (&b)[2]) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
__device__ __forceinline__ void mma_m16n8k8(float (&d)[4], std::uint32_t a0, std::uint32_t a1,
                                            std::uint32_t b) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, "
      "{%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a0), "r"(a1), "r"(b));
}
__device__ __forceinline__ void mma_m16n8k32(std::int32_t (&d)[4], const std::uint32_t (&a)[4],
                                             const std::uint32_t (&b)[2]) {
  asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
__device__ __forceinline__ void mma_m8n8k16(std::int32_t& d0, std::int32_t& d1, std::uint32_t a,
                                            std::uint32_t b) {
  asm("mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%0, %1}, {%2}, {%3}, {%0, %1};"
      : "+r"(d0), "+r"(d1)
      : "r"(a), "r"(b));
}

// ---- half precision by its bits ----

__device__ __forceinline__ float half_to_float(std::uint16_t bits) {
  return __half2float(__ushort_as_half(bits));
}
__device__ __forceinline__ std::uint16_t float_to_half(float value) {
  return __half_as_ushort(__float2half_rn(value));
}
// `low` in the lower half.
__device__ __forceinline__ std::uint32_t floats_to_halves(float low, float high) {
  const __half2 pair = __floats2half2_rn(low, high);
  return reinterpret_cast<const std::uint32_t&>(pair);
}

// ---- global memory ----

// A predicated store: no branch, so that the warp stays together for the next exchange.
__device__ __forceinline__ void store_if(bool condition, void* address, uint4 value) {
  asm volatile(
      "{\n\t.reg .pred p;\n\tsetp.ne.b32 p, %0, 0;\n\t"
      "@p st.global.v4.u32 [%1], {%2, %3, %4, %5};\n\t}" ::"r"(static_cast<int>(condition)),
      "l"(address), "r"(value.x), "r"(value.y), "r"(value.z), "r"(value.w)
      : "memory");
}

// What the block wrote before a barrier is seen by whoever sees the flag up.
__device__ __forceinline__ void raise_flag(unsigned* flag) {
  asm volatile("st.release.gpu.global.u32 [%0], 1;" ::"l"(flag) : "memory");
}
__device__ __forceinline__ void wait_for_flag(const unsigned* flag) {
  unsigned value;
  do {
    asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(value) : "l"(flag) : "memory");
  } while (value == 0);
}

}  // namespace roofproof::cuda

#endif  // ROOFPROOF_SIMT_EMULATION
