// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Matrix instructions of a warp. Where a fragment's elements lie is written as the formulas of the
// PTX ISA manual's tables for each shape.

#include <functional>
#include <random>

#include "tests/ptx/program.h"

namespace roofproof::ptx {
namespace {

using ::testing::HasSubstr;
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;

class PtxMatrix : public PtxMachine {};

// Four matrices of 8 x 8 halves, row by row; each row's address comes from its thread, here in an
// order that mixes them.
class PtxMatrixMove : public ::testing::TestWithParam<std::tuple<int, bool>> {
 protected:
  PtxMatrixMove() : tile(256), out(256) {
    machine() = Machine{};
    for (u32 k = 0; k < 256; ++k) tile[k] = static_cast<u16>(40503 * k + 7);
  }
  static u32 row(u32 lane) { return (lane * 5 + 3) % 32; }  // of the array, that lane names
  // %r1: the address of the thread's row; the array is filled.
  const std::string fill = R"(
    .shared .align 16 .b8 place[512]; mul.wide.u32 %d0, %t, 16; add.u64 %d1, %a0, %d0; mov.u32 %r0, place; mad.lo.u32 %r2, %t, 16, %r0;
    ld.global.v4.u32 {%r10, %r11, %r12, %r13}, [%d1]; st.shared.v4.u32 [%r2], {%r10, %r11, %r12, %r13}; bar.warp.sync -1;
    mad.lo.u32 %r3, %t, 5, 3; and.b32 %r3, %r3, 31; mad.lo.u32 %r1, %r3, 16, %r0; mul.wide.u32 %d2, %t, 16; add.u64 %d2, %a1, %d2;)";
  Buffer<u16> tile, out;
};
TEST_P(PtxMatrixMove, LoadsRowsOrColumns) {
  const auto [count, trans] = GetParam();
  const std::string list = count == 1   ? "{%r20}"
                           : count == 2 ? "{%r20, %r21}"
                                        : "{%r20, %r21, %r22, %r23}";
  const Program program(
      fill + "mov.u32 %r21, 0; mov.u32 %r22, 0; mov.u32 %r23, 0; ldmatrix.sync.aligned.m8n8.x" +
      std::to_string(count) + (trans ? ".trans" : "") + ".shared.b16 " + list +
      ", [%r1]; st.global.v4.u32 [%d2], {%r20, %r21, %r22, %r23};");
  in_every_mode([&] {
    program.run({tile, out});
    for (u32 lane = 0; lane < 32; ++lane)
      for (u32 j = 0; j < 4; ++j)
        for (u32 e = 0; e < 2; ++e) {
          // row lane / 4, columns 2 (lane % 4) and the next, or transposed
          const u32 r = trans ? 2 * (lane % 4) + e : lane / 4,
                    c = trans ? lane / 4 : 2 * (lane % 4) + e;
          const u16 right = static_cast<int>(j) < count ? tile[row(8 * j + r) * 8 + c] : 0;
          ASSERT_EQ(out[lane * 8 + 2 * j + e], right) << "lane " << lane << ", matrix " << j;
        }
  });
}
TEST_P(PtxMatrixMove, StoresRowsOrColumns) {
  const auto [count, trans] = GetParam();
  const std::string list = count == 1   ? "{%r10}"
                           : count == 2 ? "{%r10, %r11}"
                                        : "{%r10, %r11, %r12, %r13}";
  const Program program(fill +
                        "mov.u32 %r5, 0; st.shared.v4.u32 [%r2], {%r5, %r5, %r5, %r5}; "
                        "bar.warp.sync -1; stmatrix.sync.aligned.m8n8.x" +
                        std::to_string(count) + (trans ? ".trans" : "") + ".shared.b16 [%r1], " +
                        list +
                        "; bar.warp.sync -1; ld.shared.v4.u32 {%r20, %r21, %r22, %r23}, [%r2]; "
                        "st.global.v4.u32 [%d2], {%r20, %r21, %r22, %r23};");
  in_every_mode([&] {
    program.run({tile, out});
    std::vector<u16> right(256, 0);
    for (u32 lane = 0; lane < 32;
         ++lane)  // its register j is words 2 j, 2 j + 1 of its line of the tile
      for (u32 j = 0; j < static_cast<u32>(count); ++j)
        for (u32 e = 0; e < 2; ++e) {
          const u32 r = trans ? 2 * (lane % 4) + e : lane / 4,
                    c = trans ? lane / 4 : 2 * (lane % 4) + e;
          right[row(8 * j + r) * 8 + c] = tile[lane * 8 + 2 * j + e];
        }
    EXPECT_TRUE(std::equal(out.begin(), out.end(), right.begin()));
  });
}
INSTANTIATE_TEST_SUITE_P(, PtxMatrixMove,
                         ::testing::Combine(::testing::Values(1, 2, 4), ::testing::Bool()),
                         printed_name);

TEST_F(PtxMatrix, IsTransposedInRegisters) {
  Buffer<u16> in(64), out(64);
  for (u32 k = 0; k < 64; ++k) in[k] = static_cast<u16>(100 + k);
  Program(
      "mul.wide.u32 %d0, %t, 4; add.u64 %d1, %a0, %d0; add.u64 %d2, %a1, %d0; ld.global.u32 %r0, "
      "[%d1]; movmatrix.sync.aligned.m8n8.trans.b16 %r1, %r0; st.global.u32 [%d2], %r1;")
      .run({in, out});
  for (u32 r = 0; r < 8; ++r)
    for (u32 c = 0; c < 8; ++c) EXPECT_EQ(out[r * 8 + c], in[c * 8 + r]);
}

// ---- mma

struct Place {
  int row, column;
};
struct Shape8 {
  const char* name;
  int m, k, bytes;  // of an element of A and B; n is 8
  int a, b, c;      // elements in a thread
  Place (*of_a)(int lane, int i);
  Place (*of_b)(int lane, int i);  // row: k
};
void PrintTo(const Shape8& shape, std::ostream* out) { *out << shape.name; }

// The manual's groupID and threadID_in_group
int group(int lane) { return lane >> 2; }
int in_group(int lane) { return lane % 4; }
Place of_c(int lane, int i) {
  return {i < 2 ? group(lane) : group(lane) + 8, in_group(lane) * 2 + (i & 1)};
}

const Shape8 shapes[] = {
    {"m16n8k8.row.col.f32.f16.f16.f32", 16, 8, 2, 4, 2, 4,
     [](int l, int i) {
       return Place{i < 2 ? group(l) : group(l) + 8, in_group(l) * 2 + (i & 1)};
     },
     [](int l, int i) {
       return Place{in_group(l) * 2 + i, group(l)};
     }},
    {"m16n8k16.row.col.f32.f16.f16.f32", 16, 16, 2, 8, 4, 4,
     [](int l, int i) {
       return Place{i < 2 || (i >= 4 && i < 6) ? group(l) : group(l) + 8,
                    in_group(l) * 2 + (i & 1) + (i >= 4 ? 8 : 0)};
     },
     [](int l, int i) {
       return Place{in_group(l) * 2 + (i & 1) + (i >= 2 ? 8 : 0), group(l)};
     }},
    {"m8n8k16.row.col.s32.s8.s8.s32", 8, 16, 1, 4, 4, 2,
     [](int l, int i) {
       return Place{group(l), in_group(l) * 4 + i};
     },
     [](int l, int i) {
       return Place{in_group(l) * 4 + i, group(l)};
     }},
    {"m16n8k16.row.col.s32.s8.s8.s32", 16, 16, 1, 8, 4, 4,
     [](int l, int i) {
       return Place{i < 4 ? group(l) : group(l) + 8, in_group(l) * 4 + (i & 3)};
     },
     [](int l, int i) {
       return Place{in_group(l) * 4 + i, group(l)};
     }},
    {"m16n8k32.row.col.s32.s8.s8.s32", 16, 32, 1, 16, 8, 4,
     [](int l, int i) {
       return Place{i < 4 || (i >= 8 && i < 12) ? group(l) : group(l) + 8,
                    in_group(l) * 4 + (i & 3) + (i >= 8 ? 16 : 0)};
     },
     [](int l, int i) {
       return Place{in_group(l) * 4 + (i & 3) + (i >= 4 ? 16 : 0), group(l)};
     }}};

// Halves of small eighths, by their bits: exact in every sum here.
u16 half_bits(int eighths) {
  if (!eighths) return 0;
  const int magnitude = std::abs(eighths);
  int exponent = 0;
  while (magnitude >> (exponent + 1)) ++exponent;
  return static_cast<u16>((eighths < 0 ? 0x8000 : 0) | (exponent - 3 + 15) << 10 |
                          (magnitude << (10 - exponent) & 0x3ff));
}

class PtxMma : public ::testing::TestWithParam<Shape8> {
 protected:
  // d = a b + c; registers: a in %r0 ..., b in %r10 ..., c and d in %r20 ... and %r30 ... (or %f)
  static std::string text(const std::string& before) {
    const Shape8& s = GetParam();
    const bool halves = s.bytes == 2;
    const std::string r = halves ? "%f" : "%r", type = halves ? "f32" : "u32";
    std::string load, lists[4];
    const int per = 4 / s.bytes;
    const auto add = [](std::string& list, const std::string& name) {
      list += (list.empty() ? "" : ", ") + name;
    };
    for (int k = 0; k < s.a / per; ++k)
      add(lists[1], "%r" + std::to_string(k)),
          load += "ld.global.u32 %r" + std::to_string(k) + ", [%d0+" + std::to_string(4 * k) + "];";
    for (int k = 0; k < s.b / per; ++k)
      add(lists[2], "%r" + std::to_string(10 + k)),
          load +=
          "ld.global.u32 %r" + std::to_string(10 + k) + ", [%d1+" + std::to_string(4 * k) + "];";
    std::string store;
    for (int k = 0; k < s.c; ++k) {
      add(lists[3], r + std::to_string(20 + k));
      add(lists[0], r + std::to_string(30 + k));
      load += "ld.global." + type + " " + r + std::to_string(20 + k) + ", [%d2+" +
              std::to_string(4 * k) + "];";
      store += "st.global." + type + " [%d3+" + std::to_string(4 * k) + "], " + r +
               std::to_string(30 + k) + ";";
    }
    return "mul.wide.u32 %d9, %t, 16; add.u64 %d0, %a0, %d9; add.u64 %d1, %a1, %d9; add.u64 %d2, "
           "%a2, %d9; add.u64 %d3, %a3, %d9;" +
           load + before + "mma.sync.aligned." + s.name + " {" + lists[0] + "}, {" + lists[1] +
           "}, {" + lists[2] + "}, {" + lists[3] + "};" + store;
  }
};
TEST_P(PtxMma, MultipliesTheMatricesOfItsFragments) {
  const Shape8& s = GetParam();
  const auto M = static_cast<std::size_t>(s.m), K = static_cast<std::size_t>(s.k);
  std::mt19937 random(7);
  const int bound = s.bytes == 2 ? 40 : 128;
  std::uniform_int_distribution<int> element(-bound, bound - 1);
  std::vector<int> A(M * K), B(K * 8), C(M * 8);
  for (auto* matrix : {&A, &B})
    for (int& x : *matrix) x = element(random);
  for (int& x : C) x = element(random) * 64;
  Buffer<u8> a(512), b(512);
  Buffer<u32> c(128), d(128);
  const auto number = [&](int x) {
    return s.bytes == 2 ? bits_of(static_cast<float>(x) / 64) : static_cast<u32>(x);
  };
  for (int lane = 0; lane < 32; ++lane) {
    const auto put = [&](Buffer<u8>& to, int i, int x) {
      const u32 bits = s.bytes == 2 ? half_bits(x) : static_cast<u8>(x);
      std::memcpy(&to[static_cast<std::size_t>(lane * 16 + i * s.bytes)], &bits,
                  static_cast<std::size_t>(s.bytes));
    };
    for (int i = 0; i < s.a; ++i) {
      const Place p = s.of_a(lane, i);
      put(a, i, A[static_cast<std::size_t>(p.row * s.k + p.column)]);
    }
    for (int i = 0; i < s.b; ++i) {
      const Place p = s.of_b(lane, i);
      put(b, i, B[static_cast<std::size_t>(p.row * 8 + p.column)]);
    }
    for (int i = 0; i < s.c; ++i) {
      const Place p = of_c(lane, i);
      c[static_cast<std::size_t>(lane * 4 + i)] =
          number(C[static_cast<std::size_t>(p.row * 8 + p.column)]);
    }
  }
  const Program program(text(""));
  in_every_mode([&] {
    std::fill(d.begin(), d.end(), 0u);
    program.run({a, b, c, d});
    for (int lane = 0; lane < 32; ++lane)
      for (int i = 0; i < s.c; ++i) {
        const Place p = of_c(lane, i);
        int sum = C[static_cast<std::size_t>(p.row * 8 + p.column)];
        for (int k = 0; k < s.k; ++k)
          sum += A[static_cast<std::size_t>(p.row * s.k + k)] *
                 B[static_cast<std::size_t>(k * 8 + p.column)];
        ASSERT_EQ(d[static_cast<std::size_t>(lane * 4 + i)], number(sum))
            << "lane " << lane << ", element " << i;
      }
  });
}
// What was never written of A makes a row undefined, of B a column: nothing else.
TEST_P(PtxMma, PassesOnWhatIsUndefinedByRowsAndColumns) {
  machine() = Machine{};
  const Shape8& s = GetParam();
  Buffer<u8> a(512), b(512), c(512), d(512);
  // Of lane 9: row 2 of A, column 2 of B. Its own results hold neither column 2 nor another row;
  // lane 8's and lane 9's row 2 does.
  const std::string r = s.bytes == 2 ? "%f" : "%r";
  const auto undefined = [](const char* name) {
    return ".reg .b32 never; setp.eq.u32 %p0, %t, 9; @%p0 mov.b32 " + std::string(name) +
           ", never;";
  };
  const std::string full = text(undefined("%r0")), b_full = text(undefined("%r10"));
  const auto guarded = [&](std::string text, const std::string& guard) {  // only some lanes store
    const auto at = text.find("mma.sync");
    std::string stores = text.substr(text.find(';', at) + 1);
    std::string out = text.substr(0, text.find(';', at) + 1) + guard;
    for (std::size_t p = 0; p < stores.size();) {
      const auto end = stores.find(';', p);
      out += "@%p1 " + stores.substr(p, end - p + 1);
      p = end + 1;
    }
    return out;
  };
  const std::string row2 = "shr.u32 %r50, %t, 2; setp.eq.u32 %p1, %r50, 2;",
                    other_rows = "shr.u32 %r50, %t, 2; setp.ne.u32 %p1, %r50, 2;";
  const std::string column2 = "and.b32 %r50, %t, 3; setp.eq.u32 %p1, %r50, 1;",
                    other_columns = "and.b32 %r50, %t, 3; setp.ne.u32 %p1, %r50, 1;";
  EXPECT_THAT(Program(guarded(full, row2)).fault({a, b, c, d}), HasSubstr("never written"));
  EXPECT_EQ(Program(guarded(full, other_rows)).fault({a, b, c, d}), "");
  EXPECT_THAT(Program(guarded(b_full, column2)).fault({a, b, c, d}), HasSubstr("never written"));
  EXPECT_EQ(Program(guarded(b_full, other_columns)).fault({a, b, c, d}), "");
  EXPECT_EQ(Program(text("")).fault({a, b, c, d}), "");
}
TEST_P(PtxMma, WantsTheWholeWarp) {
  machine() = Machine{};
  Buffer<u8> a(512), b(512), c(512), d(512);
  EXPECT_THAT(Program(text("")).fault({a, b, c, d}, {.block = {24}}),
              HasSubstr("without the whole warp"));
  EXPECT_THAT(Program(text("setp.lt.u32 %p5, %t, 9; @%p5 ret;")).fault({a, b, c, d}),
              HasSubstr("without the whole warp"));
}
INSTANTIATE_TEST_SUITE_P(, PtxMma, ::testing::ValuesIn(shapes), printed_name);

TEST_F(PtxMatrix, UnwrittenRowsOfALoadAreUndefinedInTheirLanesAlone) {
  // Row 3 of the matrix was never written: lanes 12 to 15 have it; of the transposed one every lane
  // with column 3.
  const auto text = [](const std::string& form, const std::string& lanes) {
    return ".shared .align 16 .b8 place[128]; mov.u32 %r0, place; and.b32 %r1, %t, 7; mad.lo.u32 "
           "%r0, %r1, 16, %r0; mov.u32 %r2, 0; setp.ne.u32 %p0, %r1, 3;"
           "@%p0 st.shared.v4.u32 [%r0], {%r2, %r2, %r2, %r2}; bar.warp.sync -1; "
           "ldmatrix.sync.aligned.m8n8.x1" +
           form + ".shared.b16 {%r3}, [%r0];" + lanes + "@%p1 st.global.u32 [%a0], %r3;";
  };
  Buffer<u32> out(1);
  const std::string four = "shr.u32 %r4, %t, 2; ", two = "and.b32 %r4, %t, 3; ";
  EXPECT_THAT(Program(text("", four + "setp.eq.u32 %p1, %r4, 3;")).fault({out}),
              HasSubstr("never written"));
  EXPECT_EQ(Program(text("", four + "setp.ne.u32 %p1, %r4, 3;")).fault({out}), "");
  EXPECT_THAT(Program(text(".trans", two + "setp.eq.u32 %p1, %r4, 1;")).fault({out}),
              HasSubstr("never written"));
  EXPECT_EQ(Program(text(".trans", two + "setp.ne.u32 %p1, %r4, 1;")).fault({out}), "");
}

}  // namespace
}  // namespace roofproof::ptx
