// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Guards, branches, special registers, variables, and what the machine refuses to read or to run.

#include <bit>

#include "tests/ptx/program.h"

namespace roofproof::ptx {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using u32 = std::uint32_t;

// Stores %r9 of every thread of the first block at p0.
const std::string store = R"(
  mul.wide.u32 %d30, %t, 4; add.u64 %d30, %a0, %d30; st.global.b32 [%d30], %r9;)";

class PtxControl : public PtxMachine {};

TEST_F(PtxControl, ThreadsOfAWarpTakeBothSidesOfABranch) {
  const Program program(R"(
    and.b32 %r0, %t, 3;
    setp.eq.u32 %p0, %r0, 0;
    @%p0 bra FOUR;
    setp.lt.u32 %p1, %t, 16;
    @!%p1 bra HIGH;
    mov.u32 %r9, 1;
    bra END;
  HIGH:
    mov.u32 %r9, 2;
    bra END;
  FOUR:
    mov.u32 %r9, 3;
  END:
    activemask.b32 %r1;
    shl.b32 %r1, %r1, 0;
    setp.ne.b32 %p2, %r1, 0xffffffff;
    @%p2 mov.u32 %r9, 99;  // they have met again
  )" + store);
  in_every_mode([&] {
    Buffer<u32> out(64);
    program.run({out}, {.block = {64}});
    for (u32 t = 0; t < 64; ++t) EXPECT_EQ(out[t], t % 4 == 0 ? 3u : t < 16 ? 1u : 2u) << t;
  });
}
// Lane t goes t + 1 times around, and leaves when others still turn.
TEST_F(PtxControl, ThreadsLeaveALoopOneByOne) {
  const Program program(R"(
    mov.u32 %r0, 0; mov.u32 %r9, 0;
  LOOP:
    add.u32 %r9, %r9, %r0;
    add.u32 %r0, %r0, 1;
    setp.le.u32 %p0, %r0, %t;
    @%p0 bra.uni LOOP;
  )" + store);
  in_every_mode([&] {
    Buffer<u32> out(48);
    program.run({out}, {.block = {48}});
    for (u32 t = 0; t < 48; ++t) EXPECT_EQ(out[t], t * (t + 1) / 2) << t;
  });
}
TEST_F(PtxControl, ThreadsThatReturnAreOutOfTheWarp) {
  const Program program(R"(
    mov.u32 %r9, 7;
    setp.ge.u32 %p0, %t, 5;
    @%p0 ret;
    setp.eq.u32 %p0, %t, 2;
    @%p0 exit;
    activemask.b32 %r9;
    bar.sync 0;
  )" + store);
  Buffer<u32> out(32);
  program.run({out});
  for (u32 t = 0; t < 32; ++t) EXPECT_EQ(out[t], t < 5 && t != 2 ? 0b11011u : 0u) << t;
}
// A thread spins until another of its own warp has stored: independent thread scheduling.
TEST_F(PtxControl, AThreadWaitsForAnotherOfItsWarp) {
  const Program program(R"(
    setp.eq.u32 %p0, %t, 0;
    @%p0 bra SET;
  SPIN:
    ld.volatile.global.u32 %r9, [%a1];
    setp.eq.u32 %p1, %r9, 0;
    @%p1 bra SPIN;
    bra END;
  SET:
    mov.u32 %r9, 5;
    st.volatile.global.u32 [%a1], %r9;
  END:
  )" + store);
  in_every_mode([&] {
    Buffer<u32> out(32), flag(1);
    program.run({out, flag});
    EXPECT_THAT(out, Each(5u));
  });
}
TEST_F(PtxControl, LabelsAndRegistersOfInnerScopesAreTheirOwn) {
  const Program program(R"(
    mov.u32 %r9, 0; .reg .u32 x; mov.u32 x, 10;
    { .reg .u32 x; mov.u32 x, 1; bra HERE; add.u32 %r9, %r9, 100; HERE: add.u32 %r9, %r9, x; }
    { .reg .u32 x; mov.u32 x, 2; bra HERE; add.u32 %r9, %r9, 100; HERE: add.u32 %r9, %r9, x; }
    add.u32 %r9, %r9, x;
  )" + store);
  Buffer<u32> out(32);
  program.run({out});
  EXPECT_THAT(out, Each(13u));
}

// 2 x 3 x 2 blocks of 4 x 3 x 5 threads: every register against the count of the thread.
TEST_F(PtxControl, SpecialRegistersNameThreadAndBlock) {
  const char* const names[] = {"tid.x",       "tid.y",       "tid.z",       "ntid.x",
                               "ntid.y",      "ntid.z",      "ctaid.x",     "ctaid.y",
                               "ctaid.z",     "nctaid.x",    "nctaid.y",    "nctaid.z",
                               "laneid",      "warpid",      "nwarpid",     "lanemask_lt",
                               "lanemask_le", "lanemask_eq", "lanemask_gt", "lanemask_ge"};
  std::string body = R"(
    mov.u32 %r0, %tid.y; mov.u32 %r1, %tid.z; mad.lo.u32 %r2, %r1, 3, %r0; mad.lo.u32 %r2, %r2, 4, %t;
    mov.u32 %r3, %ctaid.x; mov.u32 %r4, %ctaid.y; mov.u32 %r5, %ctaid.z;
    mad.lo.u32 %r6, %r5, 3, %r4; mad.lo.u32 %r6, %r6, 2, %r3; mad.lo.u32 %r2, %r6, 60, %r2;
    mul.wide.u32 %d0, %r2, 80; add.u64 %d0, %a0, %d0;)";
  int at = 0;
  for (const char* name : names) {
    body += "mov.u32 %r10, %" + std::string(name) + "; st.global.u32 [%d0+" + std::to_string(at) +
            "], %r10;\n";
    at += 4;
  }
  Buffer<u32> out(12 * 60 * 20);
  Program(body).run({out}, {.grid = {2, 3, 2}, .block = {4, 3, 5}});
  for (u32 block = 0; block < 12; ++block)
    for (u32 thread = 0; thread < 60; ++thread) {
      const u32* x = &out[(block * 60 + thread) * 20];
      const u32 lane = thread % 32;
      const std::vector<u32> got(x, x + 20);
      EXPECT_THAT(
          got,
          ElementsAre(thread % 4, thread / 4 % 3, thread / 12, 4, 3, 5, block % 2, block / 2 % 3,
                      block / 6, 2, 3, 2, lane, thread / 32, 2, (1u << lane) - 1,
                      static_cast<u32>((std::uint64_t{2} << lane) - 1), 1u << lane,
                      ~static_cast<u32>((std::uint64_t{2} << lane) - 1), ~((1u << lane) - 1)));
    }
}
TEST_F(PtxControl, ClocksDoNotGoBack) {
  Buffer<std::uint64_t> out(5);
  const Program program(R"(
    mov.u64 %d0, %globaltimer; mov.u64 %d1, %clock64; mov.u32 %r0, %clock;
    mov.u64 %d2, %clock64; mov.u64 %d3, %globaltimer;
    st.global.u64 [%a0], %d0; st.global.u64 [%a0+8], %d1; st.global.u64 [%a0+16], %d2; st.global.u64 [%a0+24], %d3;
    cvt.u64.u32 %d4, %r0; st.global.u64 [%a0+32], %d4;)");
  program.run({out}, {.block = {1}});
  EXPECT_GT(out[2], out[1]);
  EXPECT_GT(out[3], out[0]);
  EXPECT_EQ(static_cast<u32>(out[2] - out[4]) >> 16, 0u);  // %clock: the lower half of %clock64
  const auto before = out[3];
  program.run({out}, {.block = {1}});
  EXPECT_GE(out[0], before);
}
TEST_F(PtxControl, VariablesOfTheModuleHaveTheirInitialValues) {
  const Program program(
      "ld.global.u32 %r0, [table+4]; mov.u64 %d0, table; ld.global.u32 %r1, [%d0+12];"
      "ld.const.f32 %f0, [number]; mov.b32 %r2, %f0; add.u32 %r9, %r0, %r1; add.u32 %r9, %r9, %r2;"
      "ld.global.u8 %r3, [rest+2]; add.u32 %r9, %r9, %r3; st.global.u32 [table], %r9;" +
          store,
      ".global .align 4 .b32 table[4] = {1, 2, 3, 0x40};\n.const .f32 number = 0f3F800000;\n"
      ".global .align 1 .b8 rest[3] = {7};\n");
  Buffer<u32> out(32);
  program.run({out});
  EXPECT_THAT(out, Each(0x3f800042u));
  std::size_t bytes = 0;
  const auto* table = static_cast<const u32*>(program.module().variable("table", &bytes));
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(bytes, 16u);
  EXPECT_EQ(table[0], 0x3f800042u);
  EXPECT_EQ(program.module().variable("nothing", &bytes), nullptr);
}
TEST_F(PtxControl, ParametersHaveTheirOffsets) {
  const auto module = Module::parse(R"(
.version 8.0
.target sm_80
.address_size 64
.visible .entry two(.param .u8 a, .param .u64 b, .param .align 64 .b8 c[128], .param .f32 d)
.maxntid 96, 1, 1
{ .shared .align 16 .b8 place[48]; .reg .u64 x; mov.u64 x, place; ret; }
.visible .entry other() { ret; }
)");
  ASSERT_EQ(module->kernels().size(), 2u);
  const Kernel* kernel = module->find("two");
  ASSERT_NE(kernel, nullptr);
  ASSERT_EQ(kernel->parameters.size(), 4u);
  EXPECT_EQ(kernel->parameters[1].offset, 8u);
  EXPECT_EQ(kernel->parameters[2].offset, 64u);
  EXPECT_EQ(kernel->parameters[3].offset, 192u);
  EXPECT_EQ(kernel->parameter_bytes, 196u);
  EXPECT_EQ(kernel->static_shared, 48u);
  EXPECT_EQ(kernel->max_threads, 96);
  EXPECT_EQ(module->find("third"), nullptr);
}
TEST_F(PtxControl, StatisticsCountWarpsAndLanes) {
  Buffer<u32> out(64);
  const Statistics of =
      Program("st.global.u32 [%a0], %t;").run({out}, {.grid = {3}, .block = {48}});
  EXPECT_EQ(of.global_bytes_written, 3u * 48 * 4);
  EXPECT_EQ(of.warp_instructions % 6, 0u);
  EXPECT_EQ(of.lanes, of.warp_instructions * 24);  // warps of 32 and of 16
}

// ---- refusals

struct Refusal {
  const char *name, *text, *says;
};
void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

// Not modelled: known before the run to nobody but the lint, a fault when it is reached.
class PtxUnknown : public ::testing::TestWithParam<Refusal> {};
TEST_P(PtxUnknown, InstructionIsAFaultWhenItIsReached) {
  machine() = Machine{};
  const std::string setup =
      "mov.u32 %r0, 1; mov.f32 %f0, 0f3F800000; mov.b64 %d0, 0; mov.b16 %h0, 0;";
  EXPECT_THAT(Program(setup + GetParam().text).fault({}), HasSubstr("unknown instruction"));
  EXPECT_EQ(Program(setup + "bra END;" + GetParam().text + "END:").fault({}), "");
}
INSTANTIATE_TEST_SUITE_P(
    , PtxUnknown,
    ::testing::Values(Refusal{"no such word", "frobnicate.b32 %r9, %r0;", ""},
                      Refusal{"set", "set.lt.u32.f32 %r9, %f0, %f0;", ""},
                      Refusal{"slct", "slct.s32.s32 %r9, %r0, %r0, %r0;", ""},
                      Refusal{"towards zero", "add.rz.f32 %f9, %f0, %f0;", ""},
                      Refusal{"down", "fma.rm.f32 %f9, %f0, %f0, %f0;", ""},
                      Refusal{"up", "div.rp.f32 %f9, %f0, %f0;", ""},
                      Refusal{"carry", "add.cc.u32 %r9, %r0, %r0;", ""},
                      Refusal{"satfinite", "cvt.rn.satfinite.f16.f32 %h9, %f0;", ""},
                      Refusal{"relu of a conversion", "cvt.rn.relu.f16.f32 %h9, %f0;", ""},
                      Refusal{"tf32", "cvt.rna.tf32.f32 %r9, %f0;", ""},
                      Refusal{"f8", "cvt.rn.satfinite.e4m3x2.f32 %h9, %f0, %f0;", ""},
                      Refusal{"call", "call f, ();", ""},
                      Refusal{"mode of prmt", "prmt.b32.f4e %r9, %r0, %r0, %r0;", ""},
                      Refusal{"mma of bf16",
                              "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 "
                              "{%f9,%f9,%f9,%f9}, {%r0,%r0}, {%r0}, {%f0,%f0,%f0,%f0};",
                              ""},
                      Refusal{"reducing barrier", "bar.red.popc.u32 %r9, 0, %p0;", ""},
                      Refusal{"arrival of cp.async", "cp.async.mbarrier.arrive.shared.b64 [%r0];",
                              ""},
                      Refusal{"vote of activity", "vote.ballot.b32 %r9, %p0;", ""},
                      Refusal{"load of 128 bits", "ld.global.b128 %d9, [%a0];", ""}),
    printed_name);

class PtxUnreadable : public ::testing::TestWithParam<Refusal> {};
TEST_P(PtxUnreadable, TextIsAFaultThatNamesTheLine) {
  try {
    Program program(GetParam().text);
    FAIL() << "it was read";
  } catch (const Fault& fault) {
    EXPECT_THAT(fault.what(), HasSubstr("PTX line "));
    EXPECT_THAT(fault.what(), HasSubstr(GetParam().says));
  }
}
INSTANTIATE_TEST_SUITE_P(
    , PtxUnreadable,
    ::testing::Values(Refusal{"label", "bra NOWHERE;", "unknown label NOWHERE"},
                      Refusal{"register", "mov.u32 %q1, 0;", "unknown register %q1"},
                      Refusal{"name", "mov.u64 %d0, nothing;", "unknown name nothing"},
                      Refusal{"type", ".reg .u31 x;", "unknown type"},
                      Refusal{"directive", ".frob 3;", "unknown directive"},
                      Refusal{"semicolon", "mov.u32 %r0, 1 mov.u32 %r1, 2;", "expected ';'"},
                      Refusal{"operands", "cvta.to.global.u64 %d0;", "too few operands"},
                      Refusal{"predicate", "@%r0 ret;", "expected a predicate"},
                      Refusal{"brackets", "ld.global.u32 %r0, %d0;", "expected an address"}),
    printed_name);

// What the driver refuses of a launch.
struct BadShape {
  const char* name;
  Shape shape;
  const char *directives, *says;
};
void PrintTo(const BadShape& bad, std::ostream* out) { *out << bad.name; }
class PtxLaunch : public ::testing::TestWithParam<BadShape> {};
TEST_P(PtxLaunch, IsRefused) {
  machine() = Machine{};
  EXPECT_THAT(Program("", "", GetParam().directives).fault({}, GetParam().shape),
              HasSubstr(GetParam().says));
}
INSTANTIATE_TEST_SUITE_P(
    , PtxLaunch,
    ::testing::Values(
        BadShape{"no threads", {.block = {0}}, "", "a block of 0 threads"},
        BadShape{"threads", {.block = {1025}}, "", "a block of 1025 threads"},
        BadShape{"maxntid", {.block = {65}}, ".maxntid 64", "more than .maxntid 64"},
        BadShape{"no blocks", {.grid = {0}}, "", "an empty grid"},
        BadShape{"cluster", {.grid = {3}, .cluster = {2}}, "", "no multiple of the cluster"},
        BadShape{"17 blocks", {.grid = {17}, .cluster = {17}}, "", "a cluster of 17"},
        BadShape{"required",
                 {.grid = {4}, .cluster = {4}},
                 ".reqnctapercluster 2, 1, 1",
                 "another cluster"},
        BadShape{"shared memory", {.dynamic_shared = 232449}, "", "232449 bytes of shared memory"},
        BadShape{"registers", {.block = {1024}, .registers = 128}, "", "does not fit"}),
    printed_name);

}  // namespace
}  // namespace roofproof::ptx
