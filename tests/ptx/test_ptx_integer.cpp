// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Integer and bit instructions. Answers are literals worked out from the PTX ISA manual, or the
// manual's own loops over single bits.

#include <algorithm>

#include "tests/ptx/program.h"

namespace roofproof::ptx {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;
using s64 = std::int64_t;

class PtxInteger : public ::testing::TestWithParam<Operation> {};
class PtxIntegerOfOne : public PtxInteger {};
class PtxIntegerOfThree : public PtxInteger {};

TEST_P(PtxInteger, HasTheAnswerOfTheManual) { expect_rows(GetParam(), 2); }
TEST_P(PtxIntegerOfOne, HasTheAnswerOfTheManual) { expect_rows(GetParam(), 1); }
TEST_P(PtxIntegerOfThree, HasTheAnswerOfTheManual) { expect_rows(GetParam(), 3); }

constexpr u64 m1 = 0xffffffff;    // -1 of 32 bits
constexpr u64 low = 0x80000000;   // the least of 32 bits
constexpr u64 high = 0x7fffffff;  // the greatest
constexpr u64 m1l = ~u64{0};      // -1 of 64 bits
constexpr u64 lowl = u64{1} << 63;

INSTANTIATE_TEST_SUITE_P(
    Arithmetic, PtxInteger,
    ::testing::Values(
        Operation{"add.s32 %r9, %r0, %r1;", {{1, 2, 3}, {high, 1, low}, {m1, m1, 0xfffffffe}}},
        Operation{"add.u16 %h9, %h0, %h1;", {{0xffff, 2, 1}, {0x1234, 0x1111, 0x2345}}},
        Operation{"add.s64 %d9, %d0, %d1;", {{m1, 1, u64{1} << 32}, {m1l, 5, 4}}},
        Operation{"add.sat.s32 %r9, %r0, %r1;",
                  {{high, 1, high}, {low, m1, low}, {5, m1, 4}, {high, low, m1}}},
        Operation{"sub.s32 %r9, %r0, %r1;", {{1, 2, m1}, {low, 1, high}}},
        Operation{"sub.u64 %d9, %d0, %d1;", {{0, 1, m1l}, {u64{1} << 32, 1, m1}}},
        Operation{"sub.sat.s32 %r9, %r0, %r1;",
                  {{low, 1, low}, {high, m1, high}, {7, 9, 0xfffffffe}}},
        Operation{"mul.lo.s32 %r9, %r0, %r1;", {{m1, 7, 0xfffffff9}, {0x10001, 0x10001, 0x20001}}},
        Operation{"mul.lo.u16 %h9, %h0, %h1;", {{0xffff, 0xffff, 1}, {300, 300, 24464}}},
        Operation{"mul.lo.u64 %d9, %d0, %d1;",
                  {{m1, m1, 0xfffffffe00000001}, {u64{1} << 40, u64{1} << 30, 0}}},
        Operation{"mul.hi.u32 %r9, %r0, %r1;", {{m1, m1, 0xfffffffe}, {0x10000, 0x30000, 3}}},
        Operation{"mul.hi.s32 %r9, %r0, %r1;", {{m1, 7, m1}, {low, low, 0x40000000}, {low, 2, m1}}},
        Operation{"mul.hi.u16 %h9, %h0, %h1;", {{0xffff, 0xffff, 0xfffe}, {300, 300, 1}}},
        Operation{"mul.hi.s16 %h9, %h0, %h1;", {{0xffff, 2, 0xffff}, {0x8000, 0x8000, 0x4000}}},
        Operation{"mul.hi.u64 %d9, %d0, %d1;",
                  {{m1l, m1l, m1l - 1}, {u64{1} << 40, u64{1} << 30, 64}}},
        Operation{"mul.hi.s64 %d9, %d0, %d1;", {{m1l, 3, m1l}, {lowl, lowl, u64{1} << 62}}},
        Operation{"mul.wide.u32 %d9, %r0, %r1;", {{m1, m1, 0xfffffffe00000001}, {3, 5, 15}}},
        Operation{"mul.wide.s32 %d9, %r0, %r1;",
                  {{m1, m1, 1}, {m1, 5, m1l - 4}, {low, 2, m1l << 32}}},
        Operation{"mul.wide.u16 %r9, %h0, %h1;", {{0xffff, 0xffff, 0xfffe0001}}},
        Operation{"mul.wide.s16 %r9, %h0, %h1;",
                  {{0xffff, 3, 0xfffffffd}, {0x8000, 0x8000, 0x40000000}}},
        Operation{"div.s32 %r9, %r0, %r1;",
                  {{7, 2, 3}, {0xfffffff9, 2, 0xfffffffd}, {7, 0xfffffffe, 0xfffffffd}}},
        Operation{"div.u32 %r9, %r0, %r1;", {{0xfffffff9, 2, 0x7ffffffc}, {5, 9, 0}}},
        Operation{"div.s16 %h9, %h0, %h1;", {{0xfff9, 2, 0xfffd}}},
        Operation{"div.s64 %d9, %d0, %d1;",
                  {{m1l - 6, 2, m1l - 2}, {u64{1} << 40, 3, 366503875925}}},
        Operation{"div.u64 %d9, %d0, %d1;", {{m1l, 10, 1844674407370955161}}},
        Operation{"rem.s32 %r9, %r0, %r1;", {{7, 3, 1}, {0xfffffff9, 3, m1}, {7, 0xfffffffd, 1}}},
        Operation{"rem.u32 %r9, %r0, %r1;", {{m1, 10, 5}}},
        Operation{"rem.u64 %d9, %d0, %d1;", {{m1l, 10, 5}}},
        Operation{"min.s32 %r9, %r0, %r1;", {{m1, 1, m1}, {low, high, low}}},
        Operation{"min.u32 %r9, %r0, %r1;", {{m1, 1, 1}, {low, high, high}}},
        Operation{"max.s32 %r9, %r0, %r1;", {{m1, 1, 1}, {low, high, high}}},
        Operation{"max.u32 %r9, %r0, %r1;", {{m1, 1, m1}, {low, high, low}}},
        Operation{"max.s16 %h9, %h0, %h1;", {{0xffff, 1, 1}}},
        Operation{"min.s64 %d9, %d0, %d1;", {{m1l, 1, m1l}}},
        Operation{"max.u64 %d9, %d0, %d1;", {{m1l, 1, m1l}}}),
    printed_name);

INSTANTIATE_TEST_SUITE_P(
    Bits, PtxInteger,
    ::testing::Values(
        Operation{"and.b32 %r9, %r0, %r1;", {{0xff00ff00, 0x0ff00ff0, 0x0f000f00}}},
        Operation{"or.b32 %r9, %r0, %r1;", {{0xff00ff00, 0x0ff00ff0, 0xfff0fff0}}},
        Operation{"xor.b64 %d9, %d0, %d1;", {{m1l, 0x123456789abcdef0, 0xedcba9876543210f}}},
        Operation{"and.b16 %h9, %h0, %h1;", {{0xf0f0, 0xff00, 0xf000}}},
        Operation{"and.pred %p9, %p0, %p1;", {{0, 0, 0}, {0, 1, 0}, {1, 0, 0}, {1, 1, 1}}},
        Operation{"or.pred %p9, %p0, %p1;", {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}}},
        Operation{"xor.pred %p9, %p0, !%p1;", {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}, {1, 1, 1}}},
        // Amounts over the width are clamped to it.
        Operation{"shl.b32 %r9, %r0, %r1;",
                  {{1, 31, low}, {3, 32, 0}, {3, 0, 3}, {m1, 200, 0}, {1, 0x100000001, 2}}},
        Operation{"shr.u32 %r9, %r0, %r1;", {{low, 31, 1}, {m1, 32, 0}, {m1, m1, 0}}},
        Operation{"shr.s32 %r9, %r0, %r1;",
                  {{low, 31, m1}, {low, 77, m1}, {high, 77, 0}, {low, 4, 0xf8000000}}},
        Operation{"shr.b32 %r9, %r0, %r1;", {{low, 4, 0x08000000}}},
        Operation{"shl.b16 %h9, %h0, %r1;", {{0x8001, 1, 2}, {1, 16, 0}}},
        Operation{"shr.s16 %h9, %h0, %r1;", {{0x8000, 4, 0xf800}, {0x8000, 99, 0xffff}}},
        Operation{"shr.u16 %h9, %h0, %r1;", {{0x8000, 4, 0x0800}, {0x8000, 16, 0}}},
        Operation{"shl.b64 %d9, %d0, %r1;", {{1, 63, lowl}, {1, 64, 0}, {5, 33, u64{5} << 33}}},
        Operation{"shr.u64 %d9, %d0, %r1;", {{lowl, 63, 1}, {m1l, 64, 0}}},
        Operation{"shr.s64 %d9, %d0, %r1;", {{lowl, 63, m1l}, {lowl, 100, m1l}}}),
    printed_name);

INSTANTIATE_TEST_SUITE_P(
    Bits, PtxIntegerOfOne,
    ::testing::Values(
        Operation{"not.b32 %r9, %r0;", {{0x0f0f0f0f, 0xf0f0f0f0}}},
        Operation{"not.b64 %d9, %d0;", {{5, m1l - 5}}},
        Operation{"not.b16 %h9, %h0;", {{1, 0xfffe}}},
        Operation{"not.pred %p9, %p0;", {{0, 1}, {1, 0}}},
        Operation{"cnot.b32 %r9, %r0;", {{0, 1}, {7, 0}}},
        Operation{"neg.s32 %r9, %r0;", {{1, m1}, {low, low}, {0, 0}}},
        Operation{"neg.s64 %d9, %d0;", {{1, m1l}, {5, m1l - 4}}},
        Operation{"neg.s16 %h9, %h0;", {{1, 0xffff}}},
        Operation{"abs.s32 %r9, %r0;", {{m1, 1}, {5, 5}, {0x80000001, high}}},
        Operation{"abs.s64 %d9, %d0;", {{m1l, 1}, {9, 9}}},
        Operation{"abs.s16 %h9, %h0;", {{0xfffe, 2}}},
        Operation{"popc.b32 %r9, %r0;", {{0, 0}, {m1, 32}, {0x80000001, 2}}},
        Operation{"popc.b64 %r9, %d0;", {{m1l, 64}, {0x8000000180000001, 4}}},
        Operation{"clz.b32 %r9, %r0;", {{0, 32}, {1, 31}, {low, 0}, {0x00010000, 15}}},
        Operation{"clz.b64 %r9, %d0;", {{0, 64}, {1, 63}, {u64{1} << 40, 23}}},
        Operation{"brev.b32 %r9, %r0;", {{1, low}, {0x12345678, 0x1e6a2c48}}},
        Operation{"brev.b64 %d9, %d0;", {{1, lowl}, {6, 0x6000000000000000}}},
        Operation{"bfind.u32 %r9, %r0;", {{0, m1}, {1, 0}, {0x00010000, 16}, {low, 31}}},
        Operation{"bfind.s32 %r9, %r0;",
                  {{m1, m1}, {0, m1}, {0xfffffffe, 0}, {0xfff0ffff, 19}, {8, 3}}},
        Operation{"bfind.u64 %r9, %d0;", {{0, m1}, {u64{1} << 40, 40}}},
        Operation{"bfind.s64 %r9, %d0;", {{m1l - 4, 2}, {9, 3}}},
        Operation{"bfind.shiftamt.u32 %r9, %r0;", {{1, 31}, {low, 0}, {0, m1}}},
        Operation{"mov.b32 %r9, %r0;", {{0x12345678, 0x12345678}}},
        Operation{"mov.pred %p9, %p0;", {{0, 0}, {1, 1}}},
        Operation{"mov.b32 {%h9, %h8}, %r0;", {{0x12345678, 0x5678}}},
        Operation{"mov.b32 {%h8, %h9}, %r0;", {{0x12345678, 0x1234}}},
        Operation{"mov.b64 {%r8, %r9}, %d0;", {{0x123456789abcdef0, 0x12345678}}},
        Operation{"mov.b64 {%r9, _}, %d0;", {{0x123456789abcdef0, 0x9abcdef0}}},
        Operation{"mov.b64 {%h8, %h7, %h9, %h6}, %d0;", {{0x123456789abcdef0, 0x5678}}},
        // Immediates: signed, hexadecimal, and as an operand of 16 bits
        Operation{"add.s32 %r9, %r0, -3;", {{1, 0xfffffffe}}},
        Operation{"add.s16 %h9, %h0, -3;", {{1, 0xfffe}}},
        Operation{"add.s64 %d9, %d0, -3;", {{1, m1l - 1}}},
        Operation{"xor.b32 %r9, %r0, 0x80000000U;", {{1, 0x80000001}}}),
    printed_name);

INSTANTIATE_TEST_SUITE_P(
    ThreeOperands, PtxIntegerOfThree,
    ::testing::Values(
        Operation{"mad.lo.s32 %r9, %r0, %r1, %r2;",
                  {{3, 5, 7, 22}, {m1, 5, 7, 2}, {0x10000, 0x10000, 9, 9}}},
        Operation{"mad.lo.u16 %h9, %h0, %h1, %h2;", {{0xffff, 0xffff, 5, 6}}},
        Operation{"mad.lo.u64 %d9, %d0, %d1, %d2;", {{m1, m1, 1, 0xfffffffe00000002}}},
        Operation{"mad.hi.u32 %r9, %r0, %r1, %r2;", {{m1, m1, 3, 1}, {0x10000, 0x30000, 4, 7}}},
        Operation{"mad.hi.s32 %r9, %r0, %r1, %r2;", {{m1, 7, 3, 2}}},
        Operation{"mad.wide.u32 %d9, %r0, %r1, %d2;", {{m1, m1, 1, 0xfffffffe00000002}}},
        Operation{"mad.wide.s32 %d9, %r0, %r1, %d2;", {{m1, 5, 1, m1l - 3}}},
        Operation{"mad.wide.u16 %r9, %h0, %h1, %r2;", {{0xffff, 0xffff, 1, 0xfffe0002}}},
        Operation{"mad.wide.s16 %r9, %h0, %h1, %r2;", {{0xffff, 3, 1, 0xfffffffe}}},
        Operation{"sad.s32 %r9, %r0, %r1, %r2;", {{m1, 2, 10, 13}, {2, m1, 10, 13}}},
        Operation{"sad.u32 %r9, %r0, %r1, %r2;", {{m1, 2, 10, 7}, {2, 9, 1, 8}}},
        // Truth tables by the manual: ta = 0xf0, tb = 0xcc, tc = 0xaa.
        Operation{"lop3.b32 %r9, %r0, %r1, %r2, 0x80;", {{0xf0f0, 0xcccc, 0xaaaa, 0x8080}}},
        Operation{"lop3.b32 %r9, %r0, %r1, %r2, 0x96;", {{0xf0f0, 0xcccc, 0xaaaa, 0x9696}}},
        Operation{"lop3.b32 %r9, %r0, %r1, %r2, 0xe2;", {{0xf0f0, 0xcccc, 0xaaaa, 0xe2e2}}},
        Operation{"lop3.b32 %r9, %r0, %r1, %r2, 0x1b;", {{0xf0, 0xcc, 0xaa, 0x1b | 0xffffff00}}},
        Operation{"prmt.b32 %r9, %r0, %r1, %r2;",
                  {{0x33221100, 0x77665544, 0x3210, 0x33221100},
                   {0x33221100, 0x77665544, 0x7531, 0x77553311},
                   {0x80221100, 0x77665590, 0x8bc4, 0x00ffff90},  // the sign of a byte, replicated
                   {0x33221100, 0x77665544, 0xffff0444, 0x00444444}}},
        Operation{"shf.l.wrap.b32 %r9, %r0, %r1, %r2;",
                  {{0x80000000, 1, 4, 0x18},
                   {0x12345678, 0x9abcdef0, 32, 0x9abcdef0},
                   {0x80000000, 1, 33, 3}}},
        Operation{"shf.l.clamp.b32 %r9, %r0, %r1, %r2;",
                  {{0x80000000, 1, 4, 0x18},
                   {0x12345678, 0x9abcdef0, 32, 0x12345678},
                   {0x12345678, 1, 33, 0x12345678}}},
        Operation{"shf.r.wrap.b32 %r9, %r0, %r1, %r2;",
                  {{0x10, 3, 4, 0x30000001}, {0x12345678, 0x9abcdef0, 32, 0x12345678}}},
        Operation{"shf.r.clamp.b32 %r9, %r0, %r1, %r2;",
                  {{0x10, 3, 4, 0x30000001}, {0x12345678, 0x9abcdef0, 50, 0x9abcdef0}}},
        Operation{"dp4a.s32.s32 %r9, %r0, %r1, %r2;",
                  {{0xff020304, 0x01020304, 100, 128}, {0x80808080, 0x80808080, 0, 65536}}},
        Operation{"dp4a.u32.u32 %r9, %r0, %r1, %r2;", {{0xff020304, 0x01020304, 100, 384}}},
        Operation{"dp4a.u32.s32 %r9, %r0, %r1, %r2;", {{0xff000000, 0xff000000, 5, 0xffffff06}}},
        Operation{"dp4a.s32.u32 %r9, %r0, %r1, %r2;", {{0xff000000, 0xff000000, 5, 0xffffff06}}}),
    printed_name);

// bfe and bfi by the manual's loops, for positions and lengths around every edge.
u64 extracted(u64 a, u32 b, u32 c, int msb, bool is_signed) {
  const int position = static_cast<int>(b & 0xff), length = static_cast<int>(c & 0xff);
  u64 sign = 0;
  if (is_signed && length > 0) sign = a >> std::min(position + length - 1, msb) & 1;
  u64 answer = 0;
  for (int bit = 0; bit <= msb; ++bit) {
    const u64 value = bit < length && position + bit <= msb ? a >> (position + bit) & 1 : sign;
    answer |= value << bit;
  }
  return answer;
}
u64 inserted(u64 a, u64 b, u32 c, u32 d, int msb) {
  const int position = static_cast<int>(c & 0xff), length = static_cast<int>(d & 0xff);
  u64 answer = b;
  for (int bit = 0; bit < length && position + bit <= msb; ++bit) {
    answer &= ~(u64{1} << (position + bit));
    answer |= (a >> bit & 1) << (position + bit);
  }
  return answer;
}
constexpr u32 edges[] = {0, 1, 5, 16, 31, 32, 33, 63, 64, 65, 255};

class PtxBitField : public PtxMachine {};

TEST_F(PtxBitField, IsExtractedByTheLoopOfTheManual) {
  const struct {
    const char* text;
    int msb;
    bool is_signed;
  } forms[] = {{"bfe.u32 %r9, %r0, %r1, %r2;", 31, false},
               {"bfe.s32 %r9, %r0, %r1, %r2;", 31, true},
               {"bfe.u64 %d9, %d0, %r1, %r2;", 63, false},
               {"bfe.s64 %d9, %d0, %r1, %r2;", 63, true}};
  for (const auto& form : forms) {
    for (const u32 position : edges) {
      Operation operation{form.text, {}};
      for (const u32 length : edges)
        for (const u64 a : {u64{0x8a5c3f01d2e4b697}, u64{0x7123456778abcdef}})
          operation.rows.push_back(
              {a, position, length, extracted(a, position, length, form.msb, form.is_signed)});
      expect_rows(operation, 3);
    }
  }
}
TEST_F(PtxBitField, IsInsertedByTheLoopOfTheManual) {
  for (const u32 position : edges) {
    Operation narrow{"bfi.b32 %r9, %r0, 0x5a5a1234, %r1, %r2;", {}};
    Operation wide{"bfi.b64 %d9, %d0, 0x5a5a12345a5a1234, %r1, %r2;", {}};
    for (const u32 length : edges) {
      const u64 a = 0x8a5c3f01d2e4b697;
      narrow.rows.push_back({a, position, length, inserted(a, 0x5a5a1234, position, length, 31)});
      wide.rows.push_back(
          {a, position, length, inserted(a, 0x5a5a12345a5a1234, position, length, 63)});
    }
    expect_rows(narrow, 3);
    expect_rows(wide, 3);
  }
}
TEST_F(PtxBitField, OfSeveralRegistersMakesOneRegister) {
  expect_rows({"mov.b32 %r9, {%h0, %h1};", {{0x1111, 0x2222, 0x22221111}}}, 2);
  expect_rows({"mov.b64 %d9, {%r0, %r1};", {{0x11111111, 0x22222222, 0x2222222211111111}}}, 2);
  expect_rows({"mov.b64 %d9, {%h0, %h1, %h2, %h0};", {{1, 2, 3, 0x0001000300020001}}}, 3);
}

}  // namespace
}  // namespace roofproof::ptx
