// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Loads, stores, atomics and addresses in every space.

#include <numeric>
#include <set>
#include <utility>

#include "tests/ptx/program.h"

namespace roofproof::ptx {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

class PtxMemory : public PtxMachine {
 protected:
  PtxMemory() : in(64), out(64) { std::iota(in.begin(), in.end(), u8{0xd0}); }
  Buffer<u8> in, out;
};

// What one load makes of the bytes d0, d1, ... : the registers' low bits, widened by the type's
// sign.
struct Load {
  const char* type;
  int bytes;
  bool is_signed;
  const char* letter;
};
constexpr Load loads[] = {{"u8", 1, false, "%h"},  {"s8", 1, true, "%h"},   {"b8", 1, false, "%r"},
                          {"s8", 1, true, "%r"},   {"u8", 1, false, "%d"},  {"u16", 2, false, "%h"},
                          {"s16", 2, true, "%r"},  {"u16", 2, false, "%r"}, {"s16", 2, true, "%d"},
                          {"u32", 4, false, "%r"}, {"s32", 4, true, "%d"},  {"u32", 4, false, "%d"},
                          {"b64", 8, false, "%d"}, {"f32", 4, false, "%f"}, {"f64", 8, false, "%g"},
                          {"b16", 2, false, "%h"}};

u64 bytes_at(Buffer<u8>& memory, int at, int bytes, bool is_signed) {
  u64 value = 0;
  for (int k = 0; k < bytes; ++k)
    value |= static_cast<u64>(memory[static_cast<std::size_t>(at + k)]) << (8 * k);
  if (is_signed && bytes < 8 && value >> (8 * bytes - 1)) value |= ~u64{0} << (8 * bytes);
  return value;
}

// Global, shared, local and generic memory alike: the bytes go there by 64 bits, come back as the
// type says, and each register goes out whole.
TEST_F(PtxMemory, EveryWidthIsLoadedFromEverySpace) {
  const struct {
    const char *suffix, *to, *base;
  } spaces[] = {{".global", "", "%a0"},
                {".shared", "st.shared.b64", "place"},
                {".local", "st.local.b64", "home"},
                {"", "", "%a0"},
                {".volatile.global", "", "%a0"},
                {".relaxed.gpu.global", "", "%a0"},
                {".acquire.gpu.global", "", "%a0"},
                {".global.nc.L1::no_allocate", "", "%a0"},
                {".volatile.shared", "st.shared.b64", "place"}};
  for (const auto& space : spaces) {
    std::string fill;
    if (*space.to) {
      fill = ".shared .align 16 .b8 place[64]; .local .align 16 .b8 home[64];";
      for (int at = 0; at < 64; at += 8)
        fill += "ld.global.b64 %d20, [%a0+" + std::to_string(at) + "]; " + space.to + " [" +
                space.base + "+" + std::to_string(at) + "], %d20;\n";
    }
    for (const Load& load : loads)
      for (const int count : {1, 2, 4}) {
        if (load.bytes * count > 16) continue;
        SCOPED_TRACE(std::string("ld") + space.suffix + ".v" + std::to_string(count) + "." +
                     load.type + " to " + load.letter);
        const std::string r = load.letter;
        const int width = r == "%h" ? 2 : r == "%r" || r == "%f" ? 4 : 8;
        std::string list, stores;
        for (int k = 0; k < count; ++k) {
          list += (k ? ", " : "") + r + std::to_string(k + 1);
          stores += "st.global.b" + std::to_string(8 * width) + " [%a1+" + std::to_string(8 * k) +
                    "], " + r + std::to_string(k + 1) + ";\n";
        }
        const std::string vector = count == 1 ? "" : ".v" + std::to_string(count);
        std::fill(out.begin(), out.end(), u8{0});
        Program(fill + "ld" + space.suffix + vector + "." + load.type + " " +
                (count == 1 ? list : "{" + list + "}") + ", [" + space.base + "+16];\n" + stores)
            .run({in, out}, {.block = {1}});
        for (int k = 0; k < count; ++k) {
          const u64 right = bytes_at(in, 16 + k * load.bytes, load.bytes, load.is_signed);
          const u64 mask = width == 8 ? ~u64{0} : (u64{1} << (8 * width)) - 1;
          EXPECT_EQ(bytes_at(out, 8 * k, width, false), right & mask) << "element " << k;
        }
      }
  }
}
TEST_F(PtxMemory, EveryWidthIsStoredAndNothingBeside) {
  const char* const spaces[] = {
      ".global", ".shared", ".local", "", ".volatile.global", ".release.gpu.global", ".wt.global"};
  for (const std::string space : spaces)
    for (const Load& store : loads)
      for (const int count : {1, 2, 4}) {
        if (store.bytes * count > 16) continue;
        SCOPED_TRACE("st" + space + ".v" + std::to_string(count) + "." + store.type + " of " +
                     store.letter);
        const bool own = space == ".shared" || space == ".local";
        const std::string base = space == ".shared"  ? "place"
                                 : space == ".local" ? "home"
                                                     : "%a1",
                          r = store.letter;
        std::string body =
                        ".shared .align 16 .b8 place[64]; .local .align 16 .b8 home[64]; mov.b64 "
                        "%d20, 0;\n",
                    list;
        if (own)
          for (int at = 0; at < 64; at += 8)
            body += "st" + space + ".b64 [" + base + "+" + std::to_string(at) + "], %d20;\n";
        body +=
            "ld.global.v2.b64 {%d1, %d2}, [%a0]; mov.b64 {%r1, %r2}, %d1; mov.b64 {%r3, %r4}, %d2;"
            "mov.b64 {%h1, %h2, %h3, %h4}, %d1; mov.b32 %f1, %r1; mov.b32 %f2, %r2; mov.b32 %f3, "
            "%r3; mov.b32 %f4, %r4;"
            "mov.b64 %g1, %d1; mov.b64 %g2, %d2; not.b64 %d3, %d1; not.b64 %d4, %d2;";
        for (int k = 0; k < count; ++k) list += (k ? ", " : "") + r + std::to_string(k + 1);
        body += "st" + space + (count == 1 ? "" : ".v" + std::to_string(count)) + "." + store.type +
                " [" + base + "+16], " + (count == 1 ? list : "{" + list + "}") + ";\n";
        if (own)
          for (int at = 0; at < 64; at += 8)
            body += "ld" + space + ".b64 %d20, [" + base + "+" + std::to_string(at) +
                    "]; st.global.b64 [%a1+" + std::to_string(at) + "], %d20;\n";
        std::fill(out.begin(), out.end(), u8{0});
        Program(body).run({in, out}, {.block = {1}});
        const int width = r == "%h" ? 2 : r == "%r" || r == "%f" ? 4 : 8;
        for (int at = 0; at < 64; ++at) {
          const int element = (at - 16) / store.bytes, byte = (at - 16) % store.bytes;
          const bool inside = at >= 16 && element < count;
          u8 right = 0;
          if (inside)
            right =
                element * width < 16
                    ? in[static_cast<std::size_t>(element * width + byte)]
                    : static_cast<u8>(~in[static_cast<std::size_t>(element * width + byte - 16)]);
          EXPECT_EQ(out[static_cast<std::size_t>(at)], right) << "byte " << at;
        }
      }
}
TEST_F(PtxMemory, ParametersAreReadInPieces) {
  Program(
      "ld.param.u32 %r1, [p2]; ld.param.u32 %r2, [p2+4]; ld.param.u16 %h1, [p2+6]; ld.param.v2.u32 "
      "{%r3, %r4}, [p2];"
      "ld.param.s8 %r5, [p2+7]; st.global.v4.u32 [%a1], {%r1, %r2, %r3, %r4}; st.global.u16 "
      "[%a1+16], %h1; st.global.u32 [%a1+20], %r5;")
      .run({in, out, u64{0x8877665544332211}});
  EXPECT_EQ(bytes_at(out, 0, 8, false), 0x8877665544332211u);
  EXPECT_EQ(bytes_at(out, 8, 8, false), 0x8877665544332211u);
  EXPECT_EQ(bytes_at(out, 16, 2, false), 0x8877u);
  EXPECT_EQ(bytes_at(out, 20, 4, false), 0xffffff88u);
}
TEST_F(PtxMemory, LocalMemoryIsAThreadsOwn) {
  Buffer<u32> result(96);
  Program(
      ".local .align 4 .b8 home[16]; st.local.u32 [home+8], %t; bar.sync 0; ld.local.u32 %r0, "
      "[home+8];"
      "mul.wide.u32 %d0, %t, 4; add.u64 %d0, %a0, %d0; st.global.u32 [%d0], %r0;")
      .run({result}, {.block = {96}});
  for (u32 t = 0; t < 96; ++t) EXPECT_EQ(result[t], t);
}
TEST_F(PtxMemory, GenericAddressesLeadToTheirSpace) {
  Buffer<u32> result(8);
  Program(R"(
    .shared .align 8 .b8 place[16]; .local .align 8 .b8 home[16];
    mov.u32 %r0, 11; mov.u32 %r1, 22; mov.u32 %r2, 33;
    mov.u64 %d0, place; cvta.shared.u64 %d1, %d0; mov.u64 %d2, home; cvta.local.u64 %d3, %d2;
    cvta.global.u64 %d4, %a0; cvta.to.global.u64 %d5, %d4;
    st.u32 [%d1+4], %r0; st.u32 [%d3+4], %r1; st.u32 [%d4+4], %r2;
    ld.shared.u32 %r3, [place+4]; ld.local.u32 %r4, [home+4]; ld.global.u32 %r5, [%d5+4];
    st.global.u32 [%a0+8], %r3; st.global.u32 [%a0+12], %r4; st.global.u32 [%a0+16], %r5;
    cvta.to.shared.u64 %d6, %d1; ld.shared.u32 %r6, [%d6+4]; st.global.u32 [%a0+20], %r6;
    isspacep.shared %p0, %d1; isspacep.global %p1, %d1; isspacep.global %p2, %d4; isspacep.local %p3, %d3; isspacep.shared %p4, %d3;
    selp.u32 %r7, 1, 0, %p0; selp.u32 %r8, 2, 0, %p1; selp.u32 %r9, 4, 0, %p2; selp.u32 %r10, 8, 0, %p3; selp.u32 %r11, 16, 0, %p4;
    or.b32 %r7, %r7, %r8; or.b32 %r7, %r7, %r9; or.b32 %r7, %r7, %r10; or.b32 %r7, %r7, %r11; st.global.u32 [%a0+24], %r7;
    mov.u64 %d7, p1; cvta.param.u64 %d8, %d7; ld.param.u32 %r12, [p1]; st.global.u32 [%a0+28], %r12;)")
      .run({result, 77}, {.block = {1}});
  EXPECT_THAT(std::vector<u32>(result.begin(), result.end()),
              ::testing::ElementsAre(0, 33, 11, 22, 33, 11, 13, 77));
}
TEST_F(PtxMemory, AddressesMayBeOf32BitsAndNegativeOffsets) {
  Buffer<u32> result(4);
  Program(
      ".shared .align 8 .b8 place[32]; mov.u32 %r0, place; add.u32 %r0, %r0, 16; mov.u32 %r1, 5; "
      "st.shared.u32 [%r0+-8], %r1;"
      "ld.shared.u32 %r2, [place+8]; add.u64 %d0, %a0, 8; st.global.u32 [%d0-8], %r2;")
      .run({result});
  EXPECT_EQ(result[0], 5u);
}
TEST_F(PtxMemory, DynamicSharedMemoryLiesBehindStatic) {
  Buffer<u32> result(4);
  Program(
      ".shared .align 4 .b8 fixed[20]; mov.u32 %r0, 5; st.shared.u32 [fixed+16], %r0; mov.u32 %r1, "
      "6; mov.u32 %r6, more; st.shared.u32 [more+60], %r1;"
      "ld.shared.u32 %r2, [fixed+16]; ld.shared.u32 %r3, [more+60]; mov.u32 %r4, "
      "%dynamic_smem_size; mov.u32 %r5, fixed; sub.u32 %r5, %r6, %r5;"
      "st.global.v4.u32 [%a0], {%r2, %r3, %r4, %r5};",
      ".extern .shared .align 16 .b8 more[];\n")
      .run({result}, {.dynamic_shared = 64});
  EXPECT_THAT(std::vector<u32>(result.begin(), result.end()), ::testing::ElementsAre(5, 6, 64, 32));
}

// ---- atomics: of one cell by one thread, what is there before and after

struct Atomic {
  const char *name, *operands;
  u64 before, after;
};
void PrintTo(const Atomic& atomic, std::ostream* out) {
  *out << atomic.name << " " << atomic.operands << " of " << (atomic.before & 0xffffffff)
       << (atomic.before >> 32 != 0 ? " and more" : "");
}
class PtxAtomic : public ::testing::TestWithParam<Atomic> {};
TEST_P(PtxAtomic, ReturnsTheOldAndLeavesTheNew) {
  machine() = Machine{};
  const std::string name = GetParam().name;
  const bool wide = name.find("64") != std::string::npos,
             is_float = name.find('f') != std::string::npos;
  const std::string r = wide ? (is_float ? "%g9" : "%d9") : is_float ? "%f9" : "%r9";
  const std::string bits = wide ? "64" : "32";
  for (const std::string space : {".global", ".shared", ""})
    for (const bool red : {false, true}) {
      if (red && (name.find("exch") == 0 || name.find("cas") == 0)) continue;
      SCOPED_TRACE((red ? "red" : "atom") + space + "." + name);
      Buffer<u64> cell(2);
      cell[0] = GetParam().before;
      const std::string base = space == ".shared" ? "place" : "%a0";
      std::string body =
          ".shared .align 8 .b8 place[8]; ld.global.b64 %d1, [%a0]; st.shared.b64 [place], %d1;\n";
      body += red ? "red" + space + "." + name + " [" + base + "], " + GetParam().operands + ";"
                  : "atom" + space + "." + name + " " + r + ", [" + base + "], " +
                        GetParam().operands + "; st.global.b" + bits + " [%a0+8], " + r + ";";
      if (space == ".shared") body += "ld.shared.b64 %d2, [place]; st.global.b64 [%a0], %d2;";
      Program(body).run({cell}, {.block = {1}});
      EXPECT_EQ(cell[0], GetParam().after);
      EXPECT_EQ(cell[1], red ? 0 : wide ? GetParam().before : GetParam().before & 0xffffffff);
    }
}
constexpr u64 upper = 0x1234567800000000;  // beside a cell of 32 bits: stays
INSTANTIATE_TEST_SUITE_P(
    , PtxAtomic,
    ::testing::Values(
        Atomic{"add.u32", "5", upper | 7, upper | 12},
        Atomic{"add.s32", "-5", upper | 3, upper | 0xfffffffe},
        Atomic{"add.u64", "5", 0xffffffff, 0x100000004},
        Atomic{"add.f32", "0f3F800000", upper | 0x3f800000, upper | 0x40000000},
        Atomic{"add.f64", "0d3FF0000000000000", 0x3ff0000000000000, 0x4000000000000000},
        Atomic{"min.s32", "-5", upper | 3, upper | 0xfffffffb},
        Atomic{"min.u32", "-5", upper | 3, upper | 3},
        Atomic{"max.s32", "-5", upper | 3, upper | 3},
        Atomic{"max.u32", "-5", upper | 3, upper | 0xfffffffb}, Atomic{"min.s64", "-5", 3, ~u64{4}},
        Atomic{"max.u64", "-5", 3, ~u64{4}},
        Atomic{"and.b32", "0x0ff0", upper | 0xff00, upper | 0x0f00},
        Atomic{"or.b32", "0x0ff0", upper | 0xff00, upper | 0xfff0},
        Atomic{"xor.b32", "0x0ff0", upper | 0xff00, upper | 0xf0f0},
        Atomic{"or.b64", "1", upper, upper | 1}, Atomic{"exch.b32", "9", upper | 7, upper | 9},
        Atomic{"exch.b64", "9", upper | 7, 9}, Atomic{"cas.b32", "7, 9", upper | 7, upper | 9},
        Atomic{"cas.b32", "8, 9", upper | 7, upper | 7}, Atomic{"cas.b64", "7, 9", 7, 9},
        Atomic{"cas.b64", "7, 9", upper | 7, upper | 7},
        // inc: to 0 from the bound on; dec: to the bound from 0 and from above it
        Atomic{"inc.u32", "9", upper | 8, upper | 9}, Atomic{"inc.u32", "9", upper | 9, upper},
        Atomic{"inc.u32", "9", upper | 20, upper}, Atomic{"dec.u32", "9", upper | 8, upper | 7},
        Atomic{"dec.u32", "9", upper, upper | 9}, Atomic{"dec.u32", "9", upper | 20, upper | 9},
        Atomic{"relaxed.gpu.add.u32", "1", 0, 1}, Atomic{"acq_rel.sys.add.u32", "1", 0, 1}),
    printed_name);

// By the manual atom.add.f32 flushes subnormal numbers in global memory, and not in shared memory.
TEST_F(PtxMemory, DISABLED_AtomicsOnGlobalMemoryFlushSubnormalFloats) {
  Buffer<u32> cell(1);
  cell[0] = 1;
  Program("red.global.add.f32 [%a0], 0f00000001;").run({cell}, {.block = {1}});
  EXPECT_EQ(cell[0], 0u);
}
TEST_F(PtxMemory, AtomicsOfAllThreadsTakeEffectOneByOne) {
  Buffer<u32> counter(1), seen(6 * 64);
  const Program program(
      "atom.global.add.u32 %r0, [%a0], 1; mul.wide.u32 %d0, %r0, 4; add.u64 %d0, %a1, %d0; "
      "atom.global.add.u32 %r1, [%d0], 1;");
  in_every_mode([&] {
    counter[0] = 0;
    std::fill(seen.begin(), seen.end(), 0u);
    program.run({counter, seen}, {.grid = {6}, .block = {64}});
    EXPECT_EQ(counter[0], 6u * 64);
    EXPECT_THAT(seen, Each(1u));
  });
}
TEST_F(PtxMemory, ConflictsOfBanksAreCounted) {
  // A stride of 4 bytes: none; of 8: every bank twice; of 128: one bank 32 times; one word for all:
  // none.
  const struct {
    int stride;
    u64 extra;
  } cases[] = {{4, 0}, {8, 1}, {128, 31}, {0, 0}};
  for (const auto& c : cases) {
    const Statistics of =
        Program(".shared .align 4 .b8 place[4096]; mov.u32 %r0, place; mad.lo.u32 %r0, %t, " +
                std::to_string(c.stride) + ", %r0; st.shared.u32 [%r0], %t;")
            .run({});
    EXPECT_EQ(of.shared_conflicts, c.extra) << c.stride;
  }
  const Statistics wide = Program(
                              ".shared .align 16 .b8 place[512]; mov.u32 %r0, place; mad.lo.u32 "
                              "%r0, %t, 16, %r0; st.shared.v4.u32 [%r0], {%t, %t, %t, %t};")
                              .run({});
  EXPECT_EQ(wide.shared_conflicts, 0u);
}

// ---- where shared memory lies

template <class Check>
void in_random_and_races(Check check) {
  using Async = Machine::Async;
  for (const auto& [async, races] :
       {std::pair{Async::random, false}, {Async::random, true}, {Async::late, true}})
    for (unsigned seed = 1; seed <= 4; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed) + (races ? ", races" : ""));
      machine() = Machine{};
      machine().async = async;
      machine().seed = seed;
      machine().races = races;
      check();
    }
}

// Behind a static variable of 8 bytes; the launch asks for 256 bytes of `place`.
Program with_place(int alignment, const std::string& body) {
  return Program(
      ".shared .align 8 .b8 fixed[16]; mov.u32 %r0, fixed; mov.u32 %r1, place; mov.u64 "
      "%d0, place; mov.u32 %r9, 1024;" +
          body,
      ".extern .shared .align " + std::to_string(alignment) + " .b8 place[];");
}
const Shape with_256{.block = {1}, .dynamic_shared = 256};

TEST_F(PtxMemory, OfABlockThatIsDynamicLiesOffDoubleItsAlignment) {
  const Program program = with_place(128, R"(
    st.global.v2.u32 [%a0], {%r0, %r1}; st.global.u64 [%a0+8], %d0; st.global.u32 [%a0+16], %r9;)");
  Buffer<u32> at(8);
  std::set<u32> places;
  in_random_and_races([&] {
    program.run({at}, with_256);
    EXPECT_EQ(at[1] % 256, 128u);
    EXPECT_EQ(at[1] - at[0], 128u);
    EXPECT_EQ(at[2], at[1]);
    EXPECT_EQ(at[4], 1024u);  // a number is no address
    places.insert(at[1]);
  });
  EXPECT_EQ(places.size(), 2u);
}
TEST_F(PtxMemory, OfABlockEndsWhereTheLaunchSays) {
  const auto fault = [](const std::string& body) {
    return with_place(128, body).fault({}, with_256);
  };
  in_random_and_races([&] {
    EXPECT_EQ(fault("st.shared.u32 [place+252], %r9; ld.shared.u32 %r2, [place+252];"), "");
    EXPECT_THAT(fault("st.shared.u32 [place+256], %r9;"), HasSubstr("at offset 384 of 384"));
    EXPECT_THAT(fault("st.shared.u32 [fixed+-4], %r9;"), HasSubstr("at offset -4 of 384"));
    EXPECT_THAT(fault("mov.u32 %r2, %total_smem_size; setp.eq.u32 %p0, %r2, 384; @%p0 trap;"),
                HasSubstr("trap"));
  });
}
TEST_F(PtxMemory, OfABlockIsAlignedAsDeclaredAndNoMore) {
  const std::string load = "ld.shared.v4.u32 {%r2, %r3, %r4, %r5}, [%r1];";
  in_random_and_races([&] {
    EXPECT_THAT(with_place(8, load).fault({}, with_256), HasSubstr("not aligned to 16 bytes"));
    EXPECT_EQ(with_place(16, load).fault({}, with_256), "");
    EXPECT_EQ(
        with_place(8, "add.u32 %r1, %r1, 15; and.b32 %r1, %r1, -16;" + load).fault({}, with_256),
        "");
  });
}

}  // namespace
}  // namespace roofproof::ptx
