// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Floating-point arithmetic. Answers are bits worked out by hand from IEEE 754: sums and products
// on a tie, just beside one, and where a second rounding would show.

#include <cmath>

#include "tests/ptx/program.h"

namespace roofproof::ptx {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

class PtxFloatOfOne : public ::testing::TestWithParam<Operation> {};
class PtxFloatOfTwo : public ::testing::TestWithParam<Operation> {};
class PtxFloatOfThree : public ::testing::TestWithParam<Operation> {};
TEST_P(PtxFloatOfOne, IsRoundedOnce) { expect_rows(GetParam(), 1); }
TEST_P(PtxFloatOfTwo, IsRoundedOnce) { expect_rows(GetParam(), 2); }
TEST_P(PtxFloatOfThree, IsRoundedOnce) { expect_rows(GetParam(), 3); }

// f32
constexpr u64 one = 0x3f800000, minus_one = 0xbf800000, one_up = 0x3f800001, half = 0x3f000000,
              two = 0x40000000, three = 0x40400000, third = 0x3eaaaaab, two_up = 0x3f800002,
              tie = 0x33800000,  // 2^-24, half a unit of 1
    tiny = 0x00000001,           // 2^-149
    subnormal = 0x00400000,      // 2^-127
    least = 0x00800000,          // 2^-126, the least normal
    infinity = 0x7f800000, minus_infinity = 0xff800000, nan32 = 0x7fc00000, minus_zero = 0x80000000;

INSTANTIATE_TEST_SUITE_P(
    F32, PtxFloatOfTwo,
    ::testing::Values(
        Operation{"add.f32 %f9, %f0, %f1;",
                  {{one, tie, one},
                   {one_up, tie, two_up},
                   {one, 0x33800001, one_up},
                   {subnormal, subnormal, least},
                   {infinity, minus_infinity, any_nan},
                   {nan32, one, any_nan}}},
        Operation{"add.rn.f32 %f9, %f0, %f1;", {{one_up, tie, two_up}}},
        Operation{"add.ftz.f32 %f9, %f0, %f1;",
                  {{subnormal, subnormal, 0},
                   {least, tiny, least},
                   {0x00800001, 0x80800000, 0},
                   {0x80400000, 0x80400000, minus_zero}}},
        Operation{"add.sat.f32 %f9, %f0, %f1;",
                  {{one, half, one},
                   {minus_one, half, 0},
                   {half, 0xbe800000, 0x3e800000},
                   {nan32, one, 0}}},
        Operation{"add.ftz.sat.f32 %f9, %f0, %f1;", {{subnormal, tiny, 0}, {two, one, one}}},
        Operation{
            "sub.f32 %f9, %f0, %f1;",
            {{one, 0x33000000, one}, {one, 0x33000001, 0x3f7fffff}, {least, tiny, 0x007fffff}}},
        Operation{"sub.ftz.f32 %f9, %f0, %f1;", {{0x00800001, least, 0}}},
        Operation{"mul.f32 %f9, %f0, %f1;",
                  {{one_up, one_up, two_up},
                   {least, half, subnormal},
                   {0x7f000000, 0x40000000, infinity},
                   {0, infinity, any_nan}}},
        Operation{"mul.ftz.f32 %f9, %f0, %f1;",
                  {{least, half, 0}, {subnormal, two, 0}, {least, 0xbf000000, minus_zero}}},
        Operation{"mul.sat.f32 %f9, %f0, %f1;", {{three, three, one}, {three, minus_one, 0}}},
        Operation{"div.rn.f32 %f9, %f0, %f1;",
                  {{one, three, third},
                   {two, three, 0x3f2aaaab},
                   {one, 0, infinity},
                   {0, 0, any_nan},
                   {least, two, subnormal}}},
        Operation{"div.rn.ftz.f32 %f9, %f0, %f1;", {{least, two, 0}, {one, subnormal, infinity}}},
        Operation{"div.full.f32 %f9, %f0, %f1;", {{three, two, 0x3fc00000}}},
        Operation{"div.approx.f32 %f9, %f0, %f1;", {{three, two, 0x3fc00000}}},
        // One NaN is not passed on, -0 is less than +0.
        Operation{"min.f32 %f9, %f0, %f1;",
                  {{one, two, one},
                   {nan32, two, two},
                   {one, nan32, one},
                   {nan32, nan32, any_nan},
                   {0, minus_zero, minus_zero},
                   {minus_zero, 0, minus_zero},
                   {minus_one, minus_infinity, minus_infinity}}},
        Operation{"max.f32 %f9, %f0, %f1;",
                  {{one, two, two},
                   {nan32, minus_one, minus_one},
                   {minus_one, nan32, minus_one},
                   {nan32, nan32, any_nan},
                   {0, minus_zero, 0},
                   {minus_zero, 0, 0}}},
        Operation{"min.NaN.f32 %f9, %f0, %f1;",
                  {{one, two, one}, {nan32, two, any_nan}, {one, nan32, any_nan}}},
        Operation{"max.NaN.f32 %f9, %f0, %f1;",
                  {{one, two, two}, {nan32, two, any_nan}, {one, nan32, any_nan}}},
        Operation{"max.ftz.f32 %f9, %f0, %f1;", {{subnormal, tiny, 0}, {subnormal, minus_one, 0}}},
        Operation{"min.ftz.f32 %f9, %f0, %f1;", {{0x80000001, one, minus_zero}}},
        // The sign of the first operand, the magnitude of the second
        Operation{"copysign.f32 %f9, %f0, %f1;",
                  {{minus_one, three, 0xc0400000}, {one, 0xc0400000, three}}}),
    printed_name);

INSTANTIATE_TEST_SUITE_P(F32, PtxFloatOfThree,
                         ::testing::Values(Operation{"fma.rn.f32 %f9, %f0, %f1, %f2;",
                                                     {{one_up, one_up, 0xbf800002,
                                                       0x28800000},  // 2^-46: lost by two roundings
                                                      {two, three, one, 0x40e00000},
                                                      {infinity, 0, one, any_nan},
                                                      {least, half, 0, subnormal}}},
                                           Operation{"fma.rn.ftz.f32 %f9, %f0, %f1, %f2;",
                                                     {{least, half, 0, 0},
                                                      {subnormal, two, one, one},
                                                      {one, one, subnormal, one},
                                                      {least, one, subnormal, least}}},
                                           Operation{"fma.rn.sat.f32 %f9, %f0, %f1, %f2;",
                                                     {{two, three, one, one},
                                                      {two, minus_one, one, 0},
                                                      {half, half, 0, 0x3e800000},
                                                      {nan32, one, one, 0}}},
                                           Operation{"fma.rn.ftz.sat.f32 %f9, %f0, %f1, %f2;",
                                                     {{two, three, one, one}, {least, half, 0, 0}}},
                                           Operation{"mad.rn.f32 %f9, %f0, %f1, %f2;",
                                                     {{one_up, one_up, 0xbf800002, 0x28800000}}}),
                         printed_name);

INSTANTIATE_TEST_SUITE_P(
    F32, PtxFloatOfOne,
    ::testing::Values(
        Operation{"sqrt.rn.f32 %f9, %f0;",
                  {{two, 0x3fb504f3},
                   {0x41100000, three},
                   {minus_one, any_nan},
                   {minus_zero, minus_zero}}},
        Operation{"sqrt.approx.f32 %f9, %f0;", {{0x41100000, three}}},
        Operation{"sqrt.rn.ftz.f32 %f9, %f0;", {{subnormal, 0}}},
        Operation{"rcp.rn.f32 %f9, %f0;",
                  {{three, third}, {0, infinity}, {minus_zero, minus_infinity}, {infinity, 0}}},
        Operation{"rcp.approx.ftz.f32 %f9, %f0;",
                  {{two, half}, {0x7e800000, least}, {0x7f000000, 0}, {subnormal, infinity}}},
        Operation{"rsqrt.approx.f32 %f9, %f0;", {{0x40800000, half}, {0, infinity}}},
        Operation{"ex2.approx.f32 %f9, %f0;",
                  {{three, 0x41000000}, {0xc0000000, 0x3e800000}, {minus_infinity, 0}, {0, one}}},
        Operation{"ex2.approx.ftz.f32 %f9, %f0;", {{0xc2fe0000, 0}, {three, 0x41000000}}},
        Operation{"lg2.approx.f32 %f9, %f0;",
                  {{0x41000000, three}, {0, minus_infinity}, {minus_one, any_nan}}},
        Operation{"sin.approx.f32 %f9, %f0;", {{0, 0}}},
        Operation{"cos.approx.f32 %f9, %f0;", {{0, one}}},
        Operation{"tanh.approx.f32 %f9, %f0;",
                  {{0, 0}, {0x42480000, one}, {minus_infinity, minus_one}}},
        Operation{"neg.f32 %f9, %f0;", {{one, minus_one}, {0, minus_zero}}},
        Operation{"neg.ftz.f32 %f9, %f0;", {{subnormal, minus_zero}}},
        Operation{"abs.f32 %f9, %f0;", {{minus_one, one}, {minus_zero, 0}}},
        Operation{"abs.ftz.f32 %f9, %f0;", {{0x80400000, 0}}},
        Operation{"add.f32 %f9, %f0, 0f40400000;", {{one, 0x40800000}}},
        Operation{"mul.f32 %f9, %f0, 0f3F000000;", {{one, half}}},
        Operation{"add.f32 %f9, %f0, 1.5;", {{one, 0x40200000}}}),
    printed_name);

// f64
constexpr u64 d_one = 0x3ff0000000000000, d_up = 0x3ff0000000000001, d_up2 = 0x3ff0000000000002,
              d_tie = 0x3ca0000000000000, d_two = 0x4000000000000000, d_three = 0x4008000000000000,
              d_nan = 0x7ff8000000000000, d_minus = u64{1} << 63;
INSTANTIATE_TEST_SUITE_P(
    F64, PtxFloatOfTwo,
    ::testing::Values(
        Operation{"add.f64 %g9, %g0, %g1;", {{d_one, d_tie, d_one}, {d_up, d_tie, d_up2}}},
        Operation{"sub.rn.f64 %g9, %g0, %g1;", {{d_three, d_two, d_one}}},
        Operation{"mul.f64 %g9, %g0, %g1;", {{d_up, d_up, d_up2}}},
        Operation{"div.rn.f64 %g9, %g0, %g1;", {{d_one, d_three, 0x3fd5555555555555}}},
        Operation{"min.f64 %g9, %g0, %g1;",
                  {{d_nan, d_two, d_two}, {d_one, d_two, d_one}, {0, d_minus, d_minus}}},
        Operation{"max.f64 %g9, %g0, %g1;",
                  {{d_one, d_nan, d_one}, {d_one, d_two, d_two}, {d_minus, 0, 0}}},
        Operation{"copysign.f64 %g9, %g0, %g1;", {{d_minus, d_three, d_three | d_minus}}}),
    printed_name);
INSTANTIATE_TEST_SUITE_P(
    F64, PtxFloatOfThree,
    ::testing::Values(Operation{"fma.rn.f64 %g9, %g0, %g1, %g2;",
                                {{d_up, d_up, d_up2 | d_minus, 0x3970000000000000}}},  // 2^-104
                      Operation{"mad.rn.f64 %g9, %g0, %g1, %g2;",
                                {{d_two, d_three, d_one, 0x401c000000000000}}}),
    printed_name);
INSTANTIATE_TEST_SUITE_P(
    F64, PtxFloatOfOne,
    ::testing::Values(Operation{"sqrt.rn.f64 %g9, %g0;", {{d_two, 0x3ff6a09e667f3bcd}}},
                      Operation{"rcp.rn.f64 %g9, %g0;", {{d_three, 0x3fd5555555555555}}},
                      Operation{"neg.f64 %g9, %g0;", {{d_one, d_one | d_minus}}},
                      Operation{"abs.f64 %g9, %g0;", {{d_one | d_minus, d_one}}},
                      Operation{"add.f64 %g9, %g0, 0d4008000000000000;",
                                {{d_one, 0x4010000000000000}}}),
    printed_name);

// f16 and pairs of them; bf16. Of pairs the upper half has other numbers than the lower.
INSTANTIATE_TEST_SUITE_P(
    Halves, PtxFloatOfTwo,
    ::testing::Values(
        Operation{"add.f16 %h9, %h0, %h1;",
                  {{0x3c00, 0x1000, 0x3c00},
                   {0x3c01, 0x1000, 0x3c02},
                   {0x7bff, 0x4c00, 0x7c00},
                   {0x0001, 0x0001, 0x0002},
                   {0x7c00, 0xfc00, any_nan}}},
        Operation{"sub.rn.f16 %h9, %h0, %h1;", {{0x4200, 0x4000, 0x3c00}}},
        Operation{"mul.f16 %h9, %h0, %h1;", {{0x3c01, 0x3c01, 0x3c02}, {0x0400, 0x3800, 0x0200}}},
        Operation{"min.f16 %h9, %h0, %h1;",
                  {{0x7e00, 0x4000, 0x4000}, {0x3c00, 0x4000, 0x3c00}, {0, 0x8000, 0x8000}}},
        Operation{"max.f16 %h9, %h0, %h1;",
                  {{0x7e00, 0x4000, 0x4000}, {0x3c00, 0x4000, 0x4000}, {0x8000, 0, 0}}},
        Operation{"add.f16x2 %r9, %r0, %r1;",
                  {{0x3c013c00, 0x10001000, 0x3c023c00}, {0x42003c00, 0x40004000, 0x45004200}}},
        Operation{"sub.f16x2 %r9, %r0, %r1;", {{0x42003c00, 0x40004000, 0x3c00bc00}}},
        Operation{"mul.f16x2 %r9, %r0, %r1;", {{0x42003c01, 0x40003c01, 0x46003c02}}},
        Operation{"min.f16x2 %r9, %r0, %r1;",
                  {{0x42003c00, 0x40004000, 0x40003c00}, {0x7e00bc00, 0x40007e00, 0x4000bc00}}},
        Operation{"max.f16x2 %r9, %r0, %r1;", {{0x42003c00, 0x40004000, 0x42004000}}},
        Operation{"add.bf16 %h9, %h0, %h1;", {{0x3f80, 0x3b80, 0x3f80}, {0x3f81, 0x3b80, 0x3f82}}},
        Operation{"sub.bf16 %h9, %h0, %h1;", {{0x4040, 0x4000, 0x3f80}}},
        Operation{"mul.bf16 %h9, %h0, %h1;", {{0x3f81, 0x3f81, 0x3f82}}},
        Operation{"add.bf16x2 %r9, %r0, %r1;", {{0x3f813f80, 0x3b803b80, 0x3f823f80}}},
        Operation{"sub.bf16x2 %r9, %r0, %r1;", {{0x40403f80, 0x40004000, 0x3f80bf80}}},
        Operation{"mul.bf16x2 %r9, %r0, %r1;", {{0x40403f81, 0x40003f81, 0x40c03f82}}}),
    printed_name);
INSTANTIATE_TEST_SUITE_P(
    Halves, PtxFloatOfThree,
    ::testing::Values(
        // (1 + 2^-10)^2 - (1 + 2^-9) = 2^-20; and 1025.5 - 2^-21, which rounds to 1026 by way of
        // f32
        Operation{"fma.rn.f16 %h9, %h0, %h1, %h2;",
                  {{0x3c01, 0x3c01, 0xbc02, 0x0010},
                   {0x3c01, 0x37fe, 0x6401, 0x6401},
                   {0x3c01, 0x37fe, 0xe401, 0xe401},
                   {0x3c00, 0x3800, 0x6401, 0x6402}}},
        Operation{"fma.rn.f16x2 %r9, %r0, %r1, %r2;",
                  {{0x3c013c01, 0x3c0137fe, 0xbc026401, 0x00106401},
                   {0x3c013c01, 0x37fe37fe, 0xe4016401, 0xe4016401},
                   {0x40003c00, 0x42003c00, 0x3c003c00, 0x47004000}}},
        Operation{"fma.rn.relu.f16 %h9, %h0, %h1, %h2;",
                  {{0x4000, 0xc200, 0x3c00, 0}, {0x4000, 0x4200, 0x3c00, 0x4700}}},
        Operation{"fma.rn.relu.f16x2 %r9, %r0, %r1, %r2;",
                  {{0x40004000, 0xc2004200, 0x3c003c00, 0x00004700}}},
        Operation{"fma.rn.bf16 %h9, %h0, %h1, %h2;", {{0x3f81, 0x3f81, 0xbf82, 0x3880}}},
        Operation{"fma.rn.bf16x2 %r9, %r0, %r1, %r2;",
                  {{0x3f814000, 0x3f814040, 0xbf823f80, 0x388040e0}}}),
    printed_name);
INSTANTIATE_TEST_SUITE_P(
    Halves, PtxFloatOfOne,
    ::testing::Values(Operation{"neg.f16 %h9, %h0;", {{0x3c00, 0xbc00}}},
                      Operation{"abs.f16 %h9, %h0;", {{0xbc00, 0x3c00}}},
                      Operation{"neg.f16x2 %r9, %r0;", {{0x3c00bc00, 0xbc003c00}}},
                      Operation{"abs.f16x2 %r9, %r0;", {{0xbc00bc00, 0x3c003c00}}},
                      Operation{"neg.bf16x2 %r9, %r0;", {{0x3f80bf80, 0xbf803f80}}},
                      Operation{"ex2.approx.f16 %h9, %h0;", {{0x4200, 0x4800}}},
                      Operation{"ex2.approx.f16x2 %r9, %r0;", {{0x4200bc00, 0x48003800}}},
                      Operation{"tanh.approx.f16 %h9, %h0;", {{0x7c00, 0x3c00}, {0, 0}}},
                      Operation{"tanh.approx.f16x2 %r9, %r0;", {{0x7c00fc00, 0x3c00bc00}}}),
    printed_name);

class PtxApproximation : public PtxMachine {};

// To a part in 2^20, which is less than the manual promises of any of them.
TEST_F(PtxApproximation, IsCloseToTheFunction) {
  const struct {
    const char* name;
    double x, y;
  } cases[] = {{"ex2", 0.5, 1.41421356237309505},  {"ex2", -3.25, 0.10511205190671431},
               {"lg2", 10.0, 3.32192809488736235}, {"rsqrt", 3.0, 0.57735026918962576},
               {"rcp", 7.0, 0.14285714285714286},  {"sqrt", 3.0, 1.73205080756887729},
               {"sin", 1.0, 0.84147098480789651},  {"cos", 1.0, 0.54030230586813972},
               {"tanh", 0.5, 0.46211715726000976}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Buffer<float> x(1), y(1);
    x[0] = static_cast<float>(c.x);
    Program("ld.global.f32 %f0, [%a0]; " + std::string(c.name) +
            ".approx.f32 %f1, %f0; st.global.f32 [%a1], %f1;")
        .run({x, y}, {.block = {1}});
    EXPECT_NEAR(static_cast<double>(y[0]), c.y, c.y / (1 << 20));
  }
}

// fma.relu of a NaN is the canonical NaN, by the manual.
TEST(PtxFloatFault, DISABLED_ReluKeepsNaN) {
  expect_rows({"fma.rn.relu.f16 %h9, %h0, %h1, %h2;", {{0x7c00, 0, 0x3c00, any_nan}}}, 3);
}

}  // namespace
}  // namespace roofproof::ptx
