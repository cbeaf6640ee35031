// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The warpgroup matrix instruction of sm_90a (PTX ISA, "wgmma.mma_async"):
//
//   d[64, n] (+)= a[64, 32 bytes] * b[n, 32 bytes]^T
//
// for 4 consecutive warps, the first a multiple of 4; a and b lie in shared memory, K-major, where
// matrix_descriptor() says (wgmma_sm90_layout.h); d is spread over the registers of the warpgroup
// (accumulator_row(), accumulator_column() there). Asynchronous: d may not be touched, nor a and b
// overwritten, until wgmma_wait_group() says so. Device code.
#pragma once

#include <cstdint>

namespace roofproof::cuda::ptx {

// Before the first wgmma of a batch: orders it after what this warp did to the registers of d.
__device__ __forceinline__ void wgmma_fence() {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}

// Closes a batch.
__device__ __forceinline__ void wgmma_commit_group() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

// Until at most `pending` of the newest batches are unfinished.
template <int pending>
__device__ __forceinline__ void wgmma_wait_group() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(pending) : "memory");
}

// No instruction: keeps the compiler from moving uses of an accumulator across this place: it
// cannot know that the hardware still writes the register after the instruction that names it.
__device__ __forceinline__ void pin(float& d) { asm volatile("" : "+f"(d)::"memory"); }
__device__ __forceinline__ void pin(int& d) { asm volatile("" : "+r"(d)::"memory"); }

// One specialisation per width n. `accumulate` false: d is overwritten.
template <int n>
__device__ __forceinline__ void wgmma_fp16(float (&d)[n / 2], std::uint64_t a, std::uint64_t b,
                                           bool accumulate);
template <int n>
__device__ __forceinline__ void wgmma_int8(int (&d)[n / 2], std::uint64_t a, std::uint64_t b,
                                           bool accumulate);

// The n / 2 registers of d as text for the instruction ...
// clang-format off
#define ROOFPROOF_REGISTERS_4 \
  "%0,%1,%2,%3"
#define ROOFPROOF_REGISTERS_8 \
  ROOFPROOF_REGISTERS_4 ",%4,%5,%6,%7"
#define ROOFPROOF_REGISTERS_16 \
  ROOFPROOF_REGISTERS_8 ",%8,%9,%10,%11,%12,%13,%14,%15"
#define ROOFPROOF_REGISTERS_32 \
  ROOFPROOF_REGISTERS_16 ",%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27" \
  ",%28,%29,%30,%31"
#define ROOFPROOF_REGISTERS_64 \
  ROOFPROOF_REGISTERS_32 ",%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43" \
  ",%44,%45,%46,%47,%48,%49,%50,%51,%52,%53,%54,%55" \
  ",%56,%57,%58,%59,%60,%61,%62,%63"
#define ROOFPROOF_REGISTERS_96 \
  ROOFPROOF_REGISTERS_64 ",%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75" \
  ",%76,%77,%78,%79,%80,%81,%82,%83,%84,%85,%86,%87" \
  ",%88,%89,%90,%91,%92,%93,%94,%95"
#define ROOFPROOF_REGISTERS_128 \
  ROOFPROOF_REGISTERS_96 ",%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107" \
  ",%108,%109,%110,%111,%112,%113,%114,%115,%116,%117,%118,%119" \
  ",%120,%121,%122,%123,%124,%125,%126,%127"
// clang-format on

// ... and as operands of the asm statement.
#define ROOFPROOF_OPERANDS_4(C, i) C(d[i]), C(d[i + 1]), C(d[i + 2]), C(d[i + 3])
#define ROOFPROOF_OPERANDS_8(C, i) ROOFPROOF_OPERANDS_4(C, i), ROOFPROOF_OPERANDS_4(C, i + 4)
#define ROOFPROOF_OPERANDS_16(C, i) ROOFPROOF_OPERANDS_8(C, i), ROOFPROOF_OPERANDS_8(C, i + 8)
#define ROOFPROOF_OPERANDS_32(C, i) ROOFPROOF_OPERANDS_16(C, i), ROOFPROOF_OPERANDS_16(C, i + 16)
#define ROOFPROOF_OPERANDS_64(C, i) ROOFPROOF_OPERANDS_32(C, i), ROOFPROOF_OPERANDS_32(C, i + 32)
#define ROOFPROOF_OPERANDS_96(C, i) ROOFPROOF_OPERANDS_64(C, i), ROOFPROOF_OPERANDS_32(C, i + 64)
#define ROOFPROOF_OPERANDS_128(C, i) ROOFPROOF_OPERANDS_64(C, i), ROOFPROOF_OPERANDS_64(C, i + 64)

// `a`, `b`, `p`: the numbers of the operands after the registers; `tail`: what the instruction has
// after its scale-d predicate (fp16: operands not negated, not transposed).
#define ROOFPROOF_WGMMA(function, element, constraint, instruction, tail, n, registers, a_, b_, \
                        p_)                                                                     \
  template <>                                                                                   \
  __device__ __forceinline__ void function<n>(element(&d)[registers], std::uint64_t a,          \
                                              std::uint64_t b, bool accumulate) {               \
    asm volatile(                                                                               \
        "{\n"                                                                                   \
        ".reg .pred accumulate;\n"                                                              \
        "setp.ne.s32 accumulate, %" #p_                                                         \
        ", 0;\n"                                                                                \
        "wgmma.mma_async.sync.aligned.m64n" #n instruction " {" ROOFPROOF_REGISTERS_##registers \
        "}, %" #a_ ", %" #b_ ", accumulate" tail                                                \
        ";\n"                                                                                   \
        "}"                                                                                     \
        : ROOFPROOF_OPERANDS_##registers(constraint, 0)                                         \
        : "l"(a), "l"(b), "r"(static_cast<int>(accumulate)));                                   \
  }
#define ROOFPROOF_WGMMA_BOTH(n, registers, a, b, p)                                               \
  ROOFPROOF_WGMMA(wgmma_fp16, float, "+f", "k16.f32.f16.f16", ", 1, 1, 0, 0", n, registers, a, b, \
                  p)                                                                              \
  ROOFPROOF_WGMMA(wgmma_int8, int, "+r", "k32.s32.s8.s8", "", n, registers, a, b, p)

ROOFPROOF_WGMMA_BOTH(8, 4, 4, 5, 6)
ROOFPROOF_WGMMA_BOTH(16, 8, 8, 9, 10)
ROOFPROOF_WGMMA_BOTH(32, 16, 16, 17, 18)
ROOFPROOF_WGMMA_BOTH(64, 32, 32, 33, 34)
ROOFPROOF_WGMMA_BOTH(128, 64, 64, 65, 66)
ROOFPROOF_WGMMA_BOTH(192, 96, 96, 97, 98)
ROOFPROOF_WGMMA_BOTH(256, 128, 128, 129, 130)

#undef ROOFPROOF_WGMMA_BOTH
#undef ROOFPROOF_WGMMA
#undef ROOFPROOF_OPERANDS_4
#undef ROOFPROOF_OPERANDS_8
#undef ROOFPROOF_OPERANDS_16
#undef ROOFPROOF_OPERANDS_32
#undef ROOFPROOF_OPERANDS_64
#undef ROOFPROOF_OPERANDS_96
#undef ROOFPROOF_OPERANDS_128
#undef ROOFPROOF_REGISTERS_4
#undef ROOFPROOF_REGISTERS_8
#undef ROOFPROOF_REGISTERS_16
#undef ROOFPROOF_REGISTERS_32
#undef ROOFPROOF_REGISTERS_64
#undef ROOFPROOF_REGISTERS_96
#undef ROOFPROOF_REGISTERS_128

}  // namespace roofproof::cuda::ptx
