// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// wgmma: a warpgroup's multiplication out of shared memory, in every supported layout, and the
// checks of it.

#include <random>

#include "tests/ptx/program.h"

namespace roofproof::ptx {
namespace {

using ::testing::HasSubstr;
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

// Where 16 bytes lie: of row `row`, piece `chunk` of a K-major operand (PTX ISA, "Shared Memory
// Matrix Layout"). mode: the descriptor's, 0 none, 1 to 3 swizzles of 128, 64 and 32 bytes.
struct Layout {
  int mode;
  int span() const { return mode == 0 ? 16 : 256 >> mode; }
  int chunks() const { return mode == 0 ? 2 : span() / 16; }   // of a row that are stored
  int stride() const { return mode == 0 ? 256 : 8 * span(); }  // from 8 rows to the next
  int leading() const { return mode == 0 ? 128 : 16; }         // of no meaning with a swizzle
  int at(int row, int chunk) const {
    if (mode == 0) return row / 8 * stride() + chunk * leading() + row % 8 * 16;
    const int byte = row / 8 * stride() + row % 8 * span() + chunk * 16;
    const int line =
        byte / 128 % 8;  // the pieces of a span change places by the number of the line
    return byte ^ (line & (span() / 16 - 1)) << 4;
  }
  int bytes(int rows) const { return rows / 8 * stride(); }
  u64 descriptor() const {
    return static_cast<u64>(leading() / 16) << 16 | static_cast<u64>(stride() / 16) << 32 |
           static_cast<u64>(mode) << 62;
  }
};

std::string list_of(const std::string& letter, int first, int count) {
  std::string list;
  for (int k = 0; k < count; ++k) list += (k ? ", " : "") + letter + std::to_string(first + k);
  return "{" + list + "}";
}

// A program of one wgmma after another over A (64 rows) at %d40 and B (n rows) at %d41;
// accumulators %f0 ... or %r0 ....
struct Product {
  bool halves = true;
  int n = 16;
  Layout layout{1};
  bool a_in_registers = false;
  int chunk = 0;  // where k starts, in pieces of 16 bytes
  std::string scale = "1, 1";

  std::string letter() const { return halves ? "%f" : "%r"; }
  int accumulators() const { return n / 2; }
  std::string instruction(const std::string& a = "%d50", const std::string& b = "%d51",
                          const std::string& predicate = "%p29") const {
    const std::string shape = "wgmma.mma_async.sync.aligned.m64n" + std::to_string(n) +
                              (halves ? "k16.f32.f16.f16 " : "k32.s32.s8.s8 ");
    return shape + list_of(letter(), 0, accumulators()) + ", " +
           (a_in_registers ? "{%x0, %x1, %x2, %x3}" : a) + ", " + b + ", " + predicate +
           (halves ? ", " + scale + (a_in_registers ? ", 0" : ", 0, 0") : "") + ";\n";
  }
  int a_bytes() const { return (layout.bytes(64) + 1023) / 1024 * 1024; }
  // p0: the images of A and B, p1: the result, 128 threads by accumulators; p2: bits of the
  // accumulators before, p3: of A in registers
  std::string prologue() const {
    const int total = a_bytes() + layout.bytes(n);
    std::string s =
        ".reg .b32 %x<4>; .reg .b32 %y<4>; .reg .pred %z; mov.u32 %y0, %t;\nFILL: mul.wide.u32 "
        "%d0, %y0, 16; add.u64 %d1, %a0, %d0;"
        "ld.global.v2.b64 {%d2, %d3}, [%d1]; mov.u64 %d4, place; add.u64 %d4, %d4, %d0; "
        "st.shared.v2.b64 [%d4], {%d2, %d3};"
        "add.u32 %y0, %y0, 128; setp.lt.u32 %z, %y0, " +
        std::to_string(total / 16) + "; @%z bra FILL;\n";
    for (int k = 0; k < accumulators(); ++k)
      s += "ld.global.b32 " + letter() + std::to_string(k) + ", [%a2+" + std::to_string(4 * k) +
           "];\n";
    s += "mul.wide.u32 %d0, %t, 16; add.u64 %d0, %a3, %d0;\n";
    if (a_in_registers) s += "ld.global.v4.b32 {%x0, %x1, %x2, %x3}, [%d0];\n";
    s += "mov.u64 %d40, place; shr.u64 %d42, %d40, 4; add.u64 %d41, %d42, " +
         std::to_string(a_bytes() / 16) + ";\n";
    s += "or.b64 %d50, %d42, " + std::to_string(layout.descriptor()) + "U; or.b64 %d51, %d41, " +
         std::to_string(layout.descriptor()) + "U;\n";
    s += "add.u64 %d50, %d50, " + std::to_string(chunk * layout.leading() / 16) +
         "; add.u64 %d51, %d51, " + std::to_string(chunk * layout.leading() / 16) + ";\n";
    return s + "setp.eq.u32 %p29, %t, %t; setp.ne.u32 %p28, %t, %t;\n";
  }
  std::string store() const {
    std::string s = "mul.wide.u32 %d0, %t, " + std::to_string(4 * accumulators()) +
                    "; add.u64 %d0, %a1, %d0;\n";
    for (int k = 0; k < accumulators(); ++k)
      s += "st.global.b32 [%d0+" + std::to_string(4 * k) + "], " + letter() + std::to_string(k) +
           ";\n";
    return s;
  }
  static constexpr const char* order = "fence.proxy.async.shared::cta; bar.sync 0;\n";
  static constexpr const char* fence = "wgmma.fence.sync.aligned;\n";
  static constexpr const char* wait =
      "wgmma.commit_group.sync.aligned; wgmma.wait_group.sync.aligned 0;\n";
  Program program(const std::string& body) const {
    return Program(body, ".shared .align 1024 .b8 place[" +
                             std::to_string(a_bytes() + layout.bytes(n)) + "];\n");
  }
};
void PrintTo(const Product& p, std::ostream* out) {
  *out << (p.halves ? "halves" : "bytes") << " n" << p.n << " mode " << p.layout.mode << " chunk "
       << p.chunk << (p.a_in_registers ? " registers" : "");
}

u16 half_bits(int x) {  // of small integers
  if (!x) return 0;
  const int magnitude = std::abs(x);
  int exponent = 0;
  while (magnitude >> (exponent + 1)) ++exponent;
  return static_cast<u16>((x < 0 ? 0x8000 : 0) | (exponent + 15) << 10 |
                          (magnitude << (10 - exponent) & 0x3ff));
}

// Matrices of small integers, their images in shared memory, and the right answer.
struct Matrices {
  explicit Matrices(const Product& product)
      : p(product),
        k(p.layout.chunks() * 16 / bytes()),
        A(64 * k),
        B(p.n * k),
        image(static_cast<std::size_t>(p.a_bytes() + p.layout.bytes(p.n))),
        result(static_cast<std::size_t>(128 * p.accumulators())),
        before(static_cast<std::size_t>(p.accumulators())),
        registers(128 * 4) {
    std::mt19937 random(11);
    std::uniform_int_distribution<int> element(p.halves ? -30 : -128, p.halves ? 30 : 127);
    for (int& x : A) x = element(random);
    for (int& x : B) x = element(random);
    lay(0, 64, A);
    lay(p.a_bytes(), p.n, B);
    for (std::size_t i = 0; i < before.size(); ++i)
      before[i] = number(static_cast<int>(i) * 10 - 7);
    // The manual's fragment of A: rows group and group + 8, of k the bytes 4 t ... and 16 bytes on
    for (int t = 0; t < 128; ++t)
      for (int i = 0; i < 4; ++i)
        for (int e = 0; e < 4 / bytes(); ++e) {
          const int row = t / 32 * 16 + t % 32 / 4 + i % 2 * 8,
                    column = start() + (t % 4 * 4 + i / 2 * 16) / bytes() + e;
          const u32 bits = this->bits(A[static_cast<std::size_t>(row * k + column)]);
          registers[static_cast<std::size_t>(4 * t + i)] |= bits << (8 * bytes() * e);
        }
  }
  int bytes() const { return p.halves ? 2 : 1; }
  int start() const { return p.chunk * 16 / bytes(); }
  int depth() const { return 32 / bytes(); }
  u32 bits(int x) const { return p.halves ? half_bits(x) : static_cast<u8>(x); }
  u32 number(int x) const {
    return p.halves ? bits_of(static_cast<float>(x)) : static_cast<u32>(x);
  }
  void lay(int base, int rows, const std::vector<int>& matrix) {
    for (int row = 0; row < rows; ++row)
      for (int column = 0; column < k; ++column) {
        const u32 x = bits(matrix[static_cast<std::size_t>(row * k + column)]);
        const int byte = column * bytes();
        std::memcpy(
            &image[static_cast<std::size_t>(base + p.layout.at(row, byte / 16) + byte % 16)], &x,
            static_cast<std::size_t>(bytes()));
      }
  }
  // sign x A B times `times`, plus what was there before
  void expect_right(bool with_before, int times = 1) {
    for (int t = 0; t < 128; ++t)
      for (int i = 0; i < p.accumulators(); ++i) {
        const int row = t / 32 * 16 + t % 32 / 4 + (i % 4 >= 2 ? 8 : 0),
                  column = i / 4 * 8 + t % 4 * 2 + i % 2;
        int sum = 0;
        for (int x = start(); x < start() + depth(); ++x)
          sum += A[static_cast<std::size_t>(row * k + x)] *
                 B[static_cast<std::size_t>(column * k + x)];
        ASSERT_EQ(result[static_cast<std::size_t>(t * p.accumulators() + i)],
                  number(sum * times + (with_before ? i * 10 - 7 : 0)))
            << "thread " << t << ", accumulator " << i;
      }
  }
  const Product p;
  const int k;  // elements of a row
  std::vector<int> A, B;
  Buffer<u8> image;
  Buffer<u32> result, before, registers;
};

class PtxWgmma : public ::testing::TestWithParam<Product> {};
TEST_P(PtxWgmma, MultipliesInItsLayout) {
  const Product& p = GetParam();
  Matrices m(p);
  const Program program =
      p.program(p.prologue() + p.order + p.fence + p.instruction() + p.wait + p.store());
  in_every_mode([&] {
    std::fill(m.result.begin(), m.result.end(), 0u);
    program.run({m.image, m.result, m.before, m.registers}, {.block = {128}});
    m.expect_right(true);
  });
}
std::vector<Product> products() {
  std::vector<Product> all;
  for (const bool halves : {true, false}) {
    for (int mode = 0; mode < 4; ++mode) {
      for (const int n : {8, 24, 64}) all.push_back({halves, n, {mode}});
      all.push_back({halves, 16, {mode}, true});
    }
    for (const int chunk : {2, 4, 6}) all.push_back({halves, 16, {1}, false, chunk});
    all.push_back({halves, 16, {2}, false, 2});
    all.push_back({halves, 256, {1}});
  }
  return all;
}
INSTANTIATE_TEST_SUITE_P(, PtxWgmma, ::testing::ValuesIn(products()), printed_name);

class PtxWgmmaOrder : public PtxMachine {
 protected:
  PtxWgmmaOrder() : m(p) {}
  std::string fault(const std::string& body, u32 threads = 128) {
    return p.program(body).fault({m.image, m.result, m.before, m.registers}, {.block = {threads}});
  }
  Product p;
  Matrices m;
};

TEST_F(PtxWgmmaOrder, ScaleDOfFalseForgetsTheAccumulators) {
  EXPECT_EQ(fault(p.prologue() + p.order + p.fence + p.instruction("%d50", "%d51", "%p28") +
                  p.wait + p.store()),
            "");
  m.expect_right(false);
}
TEST_F(PtxWgmmaOrder, ScalesNegateTheOperands) {
  for (const auto& [scale, sign] : {std::pair{"-1, 1", -1}, {"1, -1", -1}, {"-1, -1", 1}}) {
    p.scale = scale;
    EXPECT_EQ(fault(p.prologue() + p.order + p.fence + p.instruction() + p.wait + p.store()), "");
    m.expect_right(true, sign);
  }
}
TEST_F(PtxWgmmaOrder, SeveralFollowEachOtherInOneAccumulator) {
  const Program program = p.program(p.prologue() + p.order + p.fence + p.instruction() +
                                    p.instruction() + p.instruction() + p.wait + p.store());
  in_every_mode([&] {
    program.run({m.image, m.result, m.before, m.registers}, {.block = {128}});
    m.expect_right(true, 3);
  });
}
TEST_F(PtxWgmmaOrder, WritesNothingBeforeItIsWaitedFor) {  // late: at the wait
  EXPECT_THAT(fault(p.prologue() + p.order + p.fence + p.instruction() + p.store() + p.wait),
              HasSubstr("is an accumulator of a wgmma that was not waited for"));
}

// ---- each check, by a program that is right but for one thing. Most of them in every timing.

struct Flaw {
  const char* name;
  std::string (*body)(const Product&);
  const char* says;
  u32 threads = 128;
};
void PrintTo(const Flaw& flaw, std::ostream* out) { *out << flaw.name; }
class PtxWgmmaFlaw : public ::testing::TestWithParam<Flaw> {};
TEST_P(PtxWgmmaFlaw, IsToldInEveryTiming) {
  const Product p;
  Matrices m(p);
  const Program program = p.program(GetParam().body(p));
  in_every_mode([&] {
    EXPECT_THAT(
        program.fault({m.image, m.result, m.before, m.registers}, {.block = {GetParam().threads}}),
        HasSubstr(GetParam().says));
  });
}
std::string with_a(const Product& p, const std::string& change) {
  return p.prologue() + p.order + p.fence + change + p.instruction() + p.wait + p.store();
}
INSTANTIATE_TEST_SUITE_P(
    , PtxWgmmaFlaw,
    ::testing::Values(
        Flaw{"accumulators read before the wait",
             [](const Product& p) {
               return p.prologue() + p.order + p.fence + p.instruction() +
                      "wgmma.commit_group.sync.aligned;" + p.store() + p.wait;
             },
             "not waited for"},
        Flaw{"a wait that leaves one group",
             [](const Product& p) {
               return p.prologue() + p.order + p.fence + p.instruction() +
                      "wgmma.commit_group.sync.aligned; wgmma.wait_group.sync.aligned 1;" +
                      p.store() + p.wait;
             },
             "not waited for"},
        Flaw{"a wait for what was not committed",
             [](const Product& p) {
               return p.prologue() + p.order + p.fence + p.instruction() +
                      "wgmma.wait_group.sync.aligned 0;" + p.store() + p.wait;
             },
             "not waited for"},
        Flaw{"an accumulator computed with",
             [](const Product& p) {
               return p.prologue() + p.order + p.fence + p.instruction() +
                      "add.f32 %f100, %f1, %f1;" + p.wait;
             },
             "not waited for"},
        Flaw{"no wait at all",
             [](const Product& p) {
               return p.prologue() + p.order + p.fence + p.instruction() +
                      "wgmma.commit_group.sync.aligned;";
             },
             "ends with a wgmma that was not waited for"},
        Flaw{"no wgmma.fence",
             [](const Product& p) {
               return p.prologue() + p.order + p.instruction() + p.wait + p.store();
             },
             "no wgmma.fence before"},
        Flaw{"an accumulator written after the fence",
             [](const Product& p) { return with_a(p, "mov.f32 %f3, 0f00000000;"); },
             "%f3 of a wgmma was written by another instruction since the last wgmma.fence"},
        Flaw{"no proxy fence",
             [](const Product& p) {
               return p.prologue() + "bar.sync 0;" + p.fence + p.instruction() + p.wait + p.store();
             },
             "with no fence.proxy.async since"},
        Flaw{"a proxy fence before the stores",
             [](const Product& p) {
               return "fence.proxy.async;" + p.prologue() + "bar.sync 0;" + p.fence +
                      p.instruction() + p.wait + p.store();
             },
             "with no fence.proxy.async since"},
        Flaw{"a bit that means nothing",
             [](const Product& p) { return with_a(p, "or.b64 %d50, %d50, 0x4000;"); },
             "bits set that mean nothing"},
        Flaw{"a base offset",
             [](const Product& p) { return with_a(p, "or.b64 %d51, %d51, 0x2000000000000;"); },
             "base offset in the descriptor of B"},
        Flaw{"a start off the period",
             [](const Product& p) { return with_a(p, "add.u64 %d50, %d50, 8;"); },
             "not on the swizzle's period of 1024"},
        Flaw{"a stride off the period",
             [](const Product& p) { return with_a(p, "add.u64 %d51, %d51, 0x100000000;"); },
             "no multiple of the swizzle's period"},
        Flaw{"descriptors that differ",
             [](const Product& p) {
               return with_a(p,
                             "cvt.u64.u32 %d60, %t; and.b64 %d60, %d60, 1; shl.b64 %d60, %d60, 1; "
                             "add.u64 %d50, %d50, %d60;");
             },
             "differs between the threads of a warp"},
        Flaw{"scale-d that differs",
             [](const Product& p) {
               return with_a(p, "and.b32 %r50, %t, 1; setp.eq.u32 %p29, %r50, 0;");
             },
             "scale-d of wgmma differs"},
        Flaw{"accumulators never written",
             [](const Product& p) {
               return p.prologue() + p.order + ".reg .f32 never; mov.f32 %f2, never;" + p.fence +
                      p.instruction() + p.wait + p.store();
             },
             "%f2 is used but was never written"},
        Flaw{"a part of a warpgroup",
             [](const Product& p) {
               return p.prologue() + p.order + p.fence + p.instruction() + p.wait + p.store();
             },
             "in a warpgroup of 3 warps", 96},
        Flaw{"a part of a warp",
             [](const Product& p) {
               return p.prologue() + p.order +
                      "and.b32 %r50, %t, 31; setp.eq.u32 %p1, %r50, 5; @%p1 bra END;" + p.fence +
                      p.instruction() + p.wait + "END:";
             },
             "without the whole warp"},
        Flaw{"a warp that takes no part",
             [](const Product& p) {
               return p.prologue() + p.order + "setp.ge.u32 %p1, %t, 96; @%p1 ret;" + p.fence +
                      p.instruction() + p.wait;
             },
             "different numbers of wgmma"}),
    printed_name);

// The machine has one exception: what an H100 takes.
TEST_F(PtxWgmmaOrder, LooseSwizzleTakesAStartOffThePeriod) {
  // 8 rows on, which is 1024 bytes: in place; 128 bytes on is off the period, and the pattern lies
  // on addresses.
  const std::string body = with_a(p, "add.u64 %d51, %d51, 8;");
  EXPECT_THAT(fault(body), HasSubstr("not on the swizzle's period"));
  machine().loose_swizzle = true;
  EXPECT_THAT(fault(body), ::testing::Not(HasSubstr("period")));
}
TEST_F(PtxWgmmaOrder, ReadsNoSharedMemoryThatWasNeverWritten) {
  std::string body = p.prologue();
  const std::string total = std::to_string((p.a_bytes() + p.layout.bytes(p.n)) / 16);
  const auto at = body.find("%y0, " + total);
  ASSERT_NE(at, std::string::npos);
  body.replace(at, 5 + total.size(),
               "%y0, " + std::to_string((p.a_bytes() + p.layout.bytes(p.n)) / 16 - 128));
  EXPECT_THAT(fault(body + p.order + p.fence + p.instruction() + p.wait),
              HasSubstr("which was never written"));
}
TEST_F(PtxWgmmaOrder, ReadsNothingBeyondSharedMemory) {
  EXPECT_THAT(fault(with_a(p, "add.u64 %d51, %d51, 4096;")),
              HasSubstr("reads shared memory out of bounds"));
}
// The search for races reads beyond its records before the bounds are looked at, and crashes.
TEST_F(PtxWgmmaOrder, DISABLED_ReadsNothingBeyondSharedMemoryWithRaces) {
  machine().races = true;
  EXPECT_THAT(fault(with_a(p, "add.u64 %d51, %d51, 4096;")),
              HasSubstr("reads shared memory out of bounds"));
}
// What no check can know is told by the sums: a tile that was not swizzled, strides of other tiles.
TEST_F(PtxWgmmaOrder, TileThatIsNotSwizzledGivesWrongSums) {
  const std::string body = p.prologue() + p.order + p.fence + p.instruction() + p.wait + p.store();
  EXPECT_EQ(fault(body), "");
  const std::vector<u32> right(m.result.begin(), m.result.end());
  for (int row = 0; row < 64; ++row)
    for (int column = 0; column < m.k; ++column) {
      const u16 x = half_bits(m.A[static_cast<std::size_t>(row * m.k + column)]);
      std::memcpy(&m.image[static_cast<std::size_t>(row * 128 + 2 * column)], &x, 2);
    }
  EXPECT_EQ(fault(body), "");
  EXPECT_FALSE(std::equal(right.begin(), right.end(), m.result.begin()));
}
TEST_F(PtxWgmmaOrder, StrideOfAnotherTileIsToldOrGivesWrongSums) {
  EXPECT_THAT(fault(with_a(p, "sub.u64 %d51, %d51, 0x2000000000;")),
              HasSubstr("no multiple of the swizzle's period"));  // 512
  EXPECT_THAT(fault(with_a(p, "add.u64 %d51, %d51, 0x4000000000;")),
              HasSubstr("out of bounds"));  // 2048
}
// An accumulator that is in flight may be accumulated on by the next wgmma of the same shape: no
// fence between.
TEST_F(PtxWgmmaOrder, InFlightAccumulatorsMayBeUsedByTheNext) {
  EXPECT_EQ(fault(p.prologue() + p.order + p.fence + p.instruction() +
                  "wgmma.commit_group.sync.aligned;" + p.instruction() + p.wait + p.store()),
            "");
  m.expect_right(true, 2);
}
// Proxy fence by the thread that wrote, or by one of the warp that reads: either will do.
TEST_F(PtxWgmmaOrder, ProxyFenceOfTheReadersWillDo) {
  EXPECT_EQ(fault(p.prologue() + "bar.sync 0; fence.proxy.async;" + p.fence + p.instruction() +
                  p.wait + p.store()),
            "");
  m.expect_right(true);
}

}  // namespace
}  // namespace roofproof::ptx
