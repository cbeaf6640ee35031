// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the machine once got wrong about programs that run on GPUs, and pipelines that were broken
// on purpose: which timing tells of which break.

#include <algorithm>
#include <numeric>

#include "tests/ptx/program.h"

namespace roofproof::ptx {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using Async = Machine::Async;

struct alignas(64) Map {
  u8 bytes[128];
};
TensorMapRequest request_of(Buffer<u32>& memory, int rank, std::initializer_list<u64> dims,
                            std::initializer_list<u64> strides, std::initializer_list<u32> box) {
  TensorMapRequest r{};
  r.data_type = 2;
  r.rank = rank;
  r.address = memory.data();
  std::copy(dims.begin(), dims.end(), r.dims);
  std::copy(strides.begin(), strides.end(), r.strides);
  std::copy(box.begin(), box.end(), r.box);
  std::fill(r.element_strides, r.element_strides + 5, 1u);
  return r;
}
void replace(std::string& text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what;
  text.replace(at, what.size(), by);
}

class PtxCalibration : public PtxMachine {};

// A: a wgmma is one operation of the warpgroup. The warp that has waited for it may release the
// stage that the others' parts read, and does so before they have waited.
TEST_F(PtxCalibration, OneWarpReleasesTheStageOfItsWarpgroup) {
  // 64 x 16 halves of A, 8 x 16 of B, no swizzle, all 1; warp 0 overwrites them when it has waited.
  const std::string ones =
      ".shared .align 1024 .b8 place[2304]; mov.u32 %y0, %t; FILL: mov.u32 %y1, place; mad.lo.u32 "
      "%y1, %y0, 4, %y1; mov.u32 %y2, 0x3c003c00; st.shared.u32 [%y1], %y2;"
      "add.u32 %y0, %y0, 128; setp.lt.u32 %z, %y0, 576; @%z bra FILL; fence.proxy.async; bar.sync "
      "0;";
  const Program program(".reg .b32 %y<4>; .reg .pred %z;" + ones + R"(
    mov.f32 %f0, 0f00000000; mov.f32 %f1, %f0; mov.f32 %f2, %f0; mov.f32 %f3, %f0;
    mov.u64 %d0, place; shr.u64 %d0, %d0, 4; or.b64 %d1, %d0, 0x1000080000; add.u64 %d2, %d1, 128; setp.eq.u32 %p0, %t, %t;
    wgmma.fence.sync.aligned; wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {%f0, %f1, %f2, %f3}, %d1, %d2, %p0, 1, 1, 0, 0; wgmma.commit_group.sync.aligned;
    wgmma.wait_group.sync.aligned 0; setp.ge.u32 %p1, %t, 32; @%p1 bra OVER; mov.u32 %r1, 0; mov.u32 %r2, %t; CLEAR: mov.u32 %r3, place; mad.lo.u32 %r3, %r2, 4, %r3; st.shared.u32 [%r3], %r1;
    add.u32 %r2, %r2, 32; setp.lt.u32 %p2, %r2, 576; @%p2 bra CLEAR;
  OVER: mul.wide.u32 %d4, %t, 4; add.u64 %d4, %a0, %d4; add.f32 %f0, %f0, %f1; add.f32 %f0, %f0, %f2; add.f32 %f0, %f0, %f3; st.global.f32 [%d4], %f0;)");
  for (u64 seed = 1; seed <= 8; ++seed)
    in_every_mode([&] {
      machine().seed += 10 * seed;
      Buffer<float> out(128);
      program.run({out}, {.block = {128}});
      EXPECT_THAT(out, Each(64.0f));
    });
}
// B: strides that do not ascend, and a stride of 0 for a dimension of 1, are encoded.
TEST_F(PtxCalibration, TensorMapsMayHaveStridesInAnyOrder) {
  Buffer<u32> memory(256);
  Map map;
  EXPECT_NO_THROW(encode_tensor_map(&map, request_of(memory, 3, {8, 4, 2}, {64, 32}, {8, 1, 1})));
  EXPECT_NO_THROW(encode_tensor_map(&map, request_of(memory, 3, {8, 4, 1}, {32, 0}, {8, 1, 1})));
}
// C: kept; test_ptx_wgmma.cpp has Machine::loose_swizzle.
// D: of a box over the tensor's edge only what lies inside is stored, and has to be written.
TEST_F(PtxCalibration, TensorStoreReadsOnlyWhatLiesInTheTensor) {
  Buffer<u32> memory(6 * 8, "tensor"), out(1);
  Buffer<Map> map(1);
  encode_tensor_map(&map[0], request_of(memory, 2, {6, 3}, {32}, {8, 4}));
  const auto text = [](const char* unwritten) {
    return ".shared .align 128 .b8 place[128]; and.b32 %r2, %t, 7; shr.u32 %r3, %t, 3; mov.u32 "
           "%r0, place; mad.lo.u32 %r0, %t, 4, %r0; add.u32 %r1, %t, 5;" +
           std::string(unwritten) +
           "@%p0 st.shared.u32 [%r0], %r1; fence.proxy.async; bar.warp.sync -1; setp.eq.u32 %p1, "
           "%t, 0;"
           "@%p1 cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%a0, {0, 0}], [place]; "
           "@%p1 cp.async.bulk.commit_group; @%p1 cp.async.bulk.wait_group 0;";
  };
  const Program outside(
      text("setp.lt.u32 %p2, %r2, 6; setp.lt.u32 %p3, %r3, 3; and.pred %p0, %p2, %p3;")),
      inside(text("setp.ne.u32 %p0, %t, 21;"));
  in_every_mode([&] {
    EXPECT_EQ(outside.fault({&map[0]}), "");
    EXPECT_THAT(inside.fault({&map[0]}),
                HasSubstr("a tensor store reads shared offset 84, which was never written"));
  });
  for (u32 k = 0; k < 24; ++k) EXPECT_EQ(memory[k], k % 8 < 6 ? k + 5 : 0);
}
// E: warps that write different bytes of a word do not race.
TEST_F(PtxCalibration, WarpsMayWriteBytesOfOneWord) {
  machine().races = true;
  Buffer<u32> out(32);
  EXPECT_EQ(Program(".shared .align 4 .b8 cells[128]; mov.u32 %r0, cells; and.b32 %r1, %t, 31; "
                    "mad.lo.u32 %r0, %r1, 4, %r0; shr.u32 %r2, %t, 5; add.u32 %r0, %r0, %r2; "
                    "st.shared.u8 [%r0], %r2; bar.sync 0;"
                    "mov.u32 %r3, cells; mad.lo.u32 %r3, %r1, 4, %r3; ld.shared.u32 %r4, [%r3]; "
                    "mul.wide.u32 %d0, %r1, 4; add.u64 %d0, %a0, %d0; st.global.u32 [%d0], %r4;")
                .fault({out}, {.block = {128}}),
            "");
  EXPECT_THAT(out, Each(0x03020100u));
}
// F: all threads may add 0 for a while; who ends it computes first.
TEST_F(PtxCalibration, LoopsOfAtomicsThatAddNothingAreNoDeadlock) {
  const Program program(R"(
    setp.ge.u32 %p0, %t, 32; @%p0 bra POLL; mov.u32 %r0, 0;
  COUNT: atom.global.add.u32 %r2, [%a1], 0; add.u32 %r0, %r0, 1; setp.lt.u32 %p1, %r0, 3000; @%p1 bra COUNT;
    atom.global.exch.b32 %r1, [%a0], 1; ret;
  POLL: atom.global.add.u32 %r1, [%a0], 0; setp.eq.u32 %p1, %r1, 0; @%p1 bra POLL;)");
  in_every_mode([&] {
    Buffer<u32> flag(1), other(1);
    EXPECT_EQ(program.fault({flag, other}, {.grid = {2}, .block = {64}}), "");
  });
}
TEST_F(PtxCalibration, LoopsOfAtomicsWithoutEndAreADeadlock) {
  Buffer<u32> flag(1);
  EXPECT_THAT(
      Program(".shared .align 4 .b32 cell; mov.u32 %r0, 0; st.shared.u32 [cell], %r0; POLL: "
              "atom.shared.add.u32 %r1, [cell], 0; setp.eq.u32 %p1, %r1, 0; @%p1 bra POLL;")
          .fault({flag}),
      HasSubstr("deadlock"));
}
// G: deadlocks are found at random, too; two cp.async in flight to one byte are told.
TEST_F(PtxCalibration, DeadlockIsFoundAtRandom) {
  machine().async = Async::random;
  for (machine().seed = 1; machine().seed <= 8; ++machine().seed)
    EXPECT_THAT(
        Program(
            ".shared .align 8 .b64 full; setp.eq.u32 %p30, %t, 0; @%p30 mbarrier.init.shared.b64 "
            "[full], 2; bar.sync 0; @%p30 mbarrier.arrive.shared.b64 %d0, [full];"
            "WAIT: mbarrier.try_wait.parity.shared.b64 %p0, [full], 0; @!%p0 bra WAIT;")
            .fault({}, {.block = {1024}}),
        HasSubstr("deadlock"));
}
TEST_F(PtxCalibration, TwoCopiesInFlightToOneByteAreTold) {
  Buffer<u32> in(64);
  EXPECT_THAT(Program(".shared .align 16 .b8 cells[32]; setp.lt.u32 %p0, %t, 2; @!%p0 bra END; "
                      "cp.async.ca.shared.global [cells], [%a0], 16; END: cp.async.wait_all;")
                  .fault({in}),
              HasSubstr("two copies in flight write shared offset 0"));
  EXPECT_EQ(Program(".shared .align 16 .b8 cells[32]; setp.eq.u32 %p0, %t, 0; @!%p0 bra END; "
                    "cp.async.ca.shared.global [cells], [%a0], 16; cp.async.wait_all; "
                    "cp.async.ca.shared.global [cells], [%a0], 16; END: cp.async.wait_all;")
                .fault({in}),
            "");
}
// H: a call fails where it is executed; WARP_SZ is 32.
TEST_F(PtxCalibration, CallsAreReadAndFailWhenExecuted) {
  const std::string outside =
      ".extern .func (.param .b32 result) vprintf (.param .b64 text, .param .b64 values);\n";
  const std::string call =
      "{ .param .b64 param0; st.param.b64 [param0], %d0; .param .b64 param1; st.param.b64 "
      "[param1], %d0; .param .b32 retval0;\n"
      "call.uni (retval0), vprintf, (param0, param1);\n ld.param.b32 %r1, [retval0]; }\n";
  Buffer<u32> out(1);
  EXPECT_EQ(Program("mov.u64 %d0, 0; setp.ne.u32 %p0, %t, %t; @!%p0 bra END;" + call +
                        "END: mov.u32 %r2, WARP_SZ; st.global.u32 [%a0], %r2;",
                    outside)
                .fault({out}),
            "");
  EXPECT_EQ(out[0], 32u);
  EXPECT_THAT(Program("mov.u64 %d0, 0;" + call, outside).fault({out}),
              HasSubstr("unknown instruction"));
}

// ---- pipelines

// One way a program is broken, and the timings of which at least one seed of eight tells: by a
// fault or by wrong numbers. In the others every seed is silent.
struct Break {
  const char *name, *what, *by;
  bool early, late, random;
};
void PrintTo(const Break& b, std::ostream* out) { *out << b.name; }
constexpr u64 seeds = 8;

// A producer's thread keeps two stages of 512 bytes filled by bulk copies, 64 consumers add up what
// they read, turned round, and give the stage back; their sums go out by a bulk store in each
// round.
const std::string pipeline = R"(
  .shared .align 128 .b8 stage[1024]; .shared .align 128 .b8 result[256]; .shared .align 8 .b64 full[2]; .shared .align 8 .b64 empty[2];
  mov.u32 %r20, stage; mov.u32 %r21, full; mov.u32 %r22, empty; mov.u32 %r23, result; mov.u32 %r0, 0; setp.ge.u32 %p0, %t, 64;
  setp.eq.u32 %p30, %t, 0; @!%p30 bra READY;
  mbarrier.init.shared.b64 [full], 1; mbarrier.init.shared.b64 [full+8], 1; mbarrier.init.shared.b64 [empty], 64; mbarrier.init.shared.b64 [empty+8], 64;
  fence.mbarrier_init.release.cluster;
READY:
  bar.sync 0; // initialised
  @!%p0 bra CONSUME; setp.ne.u32 %p1, %t, 64; @%p1 ret;
PRODUCE:
  and.b32 %r1, %r0, 1; shr.u32 %r2, %r0, 1; and.b32 %r2, %r2, 1; xor.b32 %r2, %r2, 1; // producer's parity
  mad.lo.u32 %r3, %r1, 8, %r22; mad.lo.u32 %r4, %r1, 8, %r21; mad.lo.u32 %r5, %r1, 512, %r20; mul.wide.u32 %d0, %r0, 512; add.u64 %d0, %a1, %d0;
EMPTY: mbarrier.try_wait.parity.shared.b64 %p2, [%r3], %r2; @!%p2 bra EMPTY;
  mbarrier.arrive.expect_tx.shared.b64 _, [%r4], 512;
  cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%r5], [%d0], 512, [%r4];
  add.u32 %r0, %r0, 1; setp.lt.u32 %p2, %r0, 6; @%p2 bra PRODUCE; ret;
CONSUME:
  and.b32 %r1, %r0, 1; shr.u32 %r2, %r0, 1; and.b32 %r2, %r2, 1; // consumer's parity
  mad.lo.u32 %r3, %r1, 8, %r22; mad.lo.u32 %r4, %r1, 8, %r21; mad.lo.u32 %r5, %r1, 512, %r20; xor.b32 %r6, %t, 63; mad.lo.u32 %r6, %r6, 8, %r5;
FULL: mbarrier.try_wait.parity.shared.b64 %p2, [%r4], %r2; @!%p2 bra FULL; // filled
  ld.shared.v2.u32 {%r7, %r8}, [%r6]; add.u32 %r9, %r7, %r8;
  mbarrier.arrive.shared.b64 %d1, [%r3]; // given back
  @%p30 cp.async.bulk.wait_group.read 0; // the store has read
  bar.sync 1, 64; // may be written
  mad.lo.u32 %r10, %t, 4, %r23; st.shared.u32 [%r10], %r9;
  fence.proxy.async.shared::cta; // for the store
  bar.sync 1, 64; // is written
  mul.wide.u32 %d2, %r0, 256; add.u64 %d2, %a0, %d2; @%p30 cp.async.bulk.global.shared::cta.bulk_group [%d2], [result], 256; @%p30 cp.async.bulk.commit_group;
  add.u32 %r0, %r0, 1; setp.lt.u32 %p2, %r0, 6; @%p2 bra CONSUME;
  @%p30 cp.async.bulk.wait_group 0; // before the end
)";

class PtxPipeline : public ::testing::TestWithParam<Break> {
 protected:
  PtxPipeline() : in(6 * 128), out(6 * 64) { std::iota(in.begin(), in.end(), 1u); }
  bool right() {
    for (u32 round = 0; round < 6; ++round)
      for (u32 t = 0; t < 64; ++t)
        if (out[round * 64 + t] !=
            in[round * 128 + 2 * (t ^ 63)] + in[round * 128 + 2 * (t ^ 63) + 1])
          return false;
    return true;
  }
  // Empty: it runs and is right.
  std::string verdict(const Program& program, Async async, u64 seed, bool races) {
    machine() = Machine{};
    machine().async = async;
    machine().seed = seed;
    machine().races = races;
    machine().instruction_limit = 10000000;
    std::fill(out.begin(), out.end(), 0u);
    const std::string fault = program.fault({out, in}, {.block = {96}});
    return !fault.empty() ? fault : right() ? "" : "wrong sums";
  }
  Buffer<u32> in, out;
};
TEST_P(PtxPipeline, ThatIsBrokenIsTold) {
  const Break& broken = GetParam();
  std::string text = pipeline;
  replace(text, broken.what, broken.by);
  const Program program(text);
  for (const auto& [async, told] : {std::pair{Async::early, broken.early},
                                    {Async::late, broken.late},
                                    {Async::random, broken.random}}) {
    u64 seen = 0;
    for (u64 seed = 1; seed <= seeds; ++seed) seen += !verdict(program, async, seed, false).empty();
    EXPECT_EQ(seen > 0, told) << static_cast<int>(async);
  }
}
INSTANTIATE_TEST_SUITE_P(
    , PtxPipeline,
    ::testing::Values(
        Break{"no proxy fence before the store", "fence.proxy.async.shared::cta; // for the store",
              "", true, true, true},
        Break{"no fence after mbarrier.init", "fence.mbarrier_init.release.cluster;", "", true,
              true, true},
        Break{"no barrier after mbarrier.init", "bar.sync 0; // initialised", "", true, true, true},
        Break{"the consumer's parity", "and.b32 %r2, %r2, 1; // consumer's parity",
              "and.b32 %r2, %r2, 1; xor.b32 %r2, %r2, 1;", true, true, true},
        Break{"the producer's parity", "xor.b32 %r2, %r2, 1; // producer's parity", "", true, true,
              true},
        Break{"too few bytes expected", "[%r4], 512;\n  cp", "[%r4], 496;\n  cp", true, true, true},
        Break{"too many bytes expected", "[%r4], 512;\n  cp", "[%r4], 528;\n  cp", true, true,
              true},
        Break{"one arrival too many expected", "[empty], 64;", "[empty], 65;", true, true, true},
        Break{"a stage that is not given back",
              "mbarrier.arrive.shared.b64 %d1, [%r3]; // given back", "", true, true, true},
        Break{"a stage that is not waited for", "@!%p2 bra FULL; // filled", "", true, true, true},
        Break{"a stage given back before it is filled", "FULL: mbarrier",
              "mbarrier.arrive.shared.b64 %d1, [%r3]; FULL: mbarrier", true, true, true},
        Break{"no barrier before the store", "bar.sync 1, 64; // is written", "", true, true, true},
        Break{"no bulk wait before the result is written again",
              "@%p30 cp.async.bulk.wait_group.read 0; // the store has read", "", false, true,
              true},
        Break{"no bulk wait before the end", "@%p30 cp.async.bulk.wait_group 0; // before the end",
              "", false, true, true}),
    printed_name);

TEST_F(PtxPipeline, ThatIsRightIsRightInEveryTiming) {
  const Program program(pipeline);
  for (const bool races : {false, true})
    for (u64 seed = 1; seed <= seeds; ++seed)
      for (const Async async : {Async::early, Async::late, Async::random})
        EXPECT_EQ(verdict(program, async, seed, races), "") << seed;
}

// Two blocks of a cluster: rank 0 sends a line to both when both have asked for it, and each tells
// the other that it has read it.
const std::string cluster_program = R"(
  .shared .align 128 .b8 line[128]; .shared .align 8 .b64 full; .shared .align 8 .b64 asked; .shared .align 8 .b64 told;
  mov.u32 %r0, %cluster_ctarank; setp.eq.u32 %p30, %t, 0; setp.eq.u32 %p1, %r0, 0; @!%p30 bra READY;
  mbarrier.init.shared.b64 [full], 1; mbarrier.init.shared.b64 [asked], 2; mbarrier.init.shared.b64 [told], 1; fence.mbarrier_init.release.cluster;
READY:
  barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned; // initialised
  @!%p30 bra READ; mbarrier.arrive.expect_tx.shared.b64 _, [full], 128; mov.u32 %r1, asked; mapa.shared::cluster.u32 %r2, %r1, 0;
  mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%r2];
  @!%p1 bra READ;
ASKED: mbarrier.try_wait.parity.shared.b64 %p2, [asked], 0; @!%p2 bra ASKED;
  mov.u16 %h0, 3; cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [line], [%a1], 128, [full], %h0;
READ:
  bar.warp.sync -1;
FULL: mbarrier.try_wait.parity.shared.b64 %p2, [full], 0; @!%p2 bra FULL;
  mov.u32 %r3, line; mad.lo.u32 %r3, %t, 4, %r3; ld.shared.u32 %r4, [%r3]; mad.lo.u32 %r5, %r0, 32, %t; mul.wide.u32 %d0, %r5, 4; add.u64 %d0, %a0, %d0; st.global.u32 [%d0], %r4;
  bar.warp.sync -1; xor.b32 %r6, %r0, 1; mov.u32 %r7, told; mapa.shared::cluster.u32 %r8, %r7, %r6; @%p30 mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%r8];
  barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned; // before the end
)";
class PtxClusterPipeline : public ::testing::TestWithParam<Break> {
 protected:
  static std::string verdict(const Program& program, Async async, u64 seed) {
    machine() = Machine{};
    machine().async = async;
    machine().seed = seed;
    Buffer<u32> in(32), out(64);
    std::iota(in.begin(), in.end(), 40u);
    const std::string fault = program.fault({out, in}, {.grid = {2}, .cluster = {2}});
    if (!fault.empty()) return fault;
    for (u32 k = 0; k < 64; ++k)
      if (out[k] != 40 + k % 32) return "wrong line";
    return "";
  }
};
TEST_P(PtxClusterPipeline, ThatIsBrokenIsTold) {
  const Break& broken = GetParam();
  std::string text = cluster_program;
  replace(text, broken.what, broken.by);
  const Program program(text);
  for (const auto& [async, told] : {std::pair{Async::early, broken.early},
                                    {Async::late, broken.late},
                                    {Async::random, broken.random}}) {
    u64 seen = 0;
    for (u64 seed = 1; seed <= seeds; ++seed) seen += !verdict(program, async, seed).empty();
    EXPECT_EQ(seen > 0, told) << static_cast<int>(async);
  }
}
INSTANTIATE_TEST_SUITE_P(
    , PtxClusterPipeline,
    ::testing::Values(
        Break{"a multicast without rank 1", "mov.u16 %h0, 3;", "mov.u16 %h0, 1;", true, true, true},
        Break{"one asker too few", "[asked], 2;", "[asked], 1;", true, true, true},
        Break{"no barrier after mbarrier.init",
              "barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned; // initialised", "",
              true, true, true},
        Break{"no barrier before the end",
              "barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned; // before the end", "",
              true, true, true}),
    printed_name);
TEST_F(PtxClusterPipeline, ThatIsRightIsRightInEveryTiming) {
  const Program program(cluster_program);
  for (u64 seed = 1; seed <= seeds; ++seed)
    for (const Async async : {Async::early, Async::late, Async::random})
      EXPECT_EQ(verdict(program, async, seed), "") << seed;
}

// A tile that is written and read round after round: without the second barrier the next round's
// numbers may overtake the reader, which the search for races tells in every order.
TEST_F(PtxCalibration, MissingSecondBarrierIsToldByTheSearchForRaces) {
  const auto text = [](const char* second) {
    return R"(
      .shared .align 4 .b8 tile[256]; mov.u32 %r0, tile; mad.lo.u32 %r1, %t, 4, %r0; xor.b32 %r2, %t, 63; mad.lo.u32 %r2, %r2, 4, %r0; mov.u32 %r3, 0; mov.u32 %r9, 0;
    ROUND: add.u32 %r4, %r3, %t; st.shared.u32 [%r1], %r4; bar.sync 0; ld.shared.u32 %r5, [%r2]; add.u32 %r9, %r9, %r5;)" +
           std::string(second) + R"(
      add.u32 %r3, %r3, 1; setp.lt.u32 %p0, %r3, 4; @%p0 bra ROUND; mul.wide.u32 %d0, %t, 4; add.u64 %d0, %a0, %d0; st.global.u32 [%d0], %r9;)";
  };
  const Program good(text("bar.sync 0;")), broken(text(""));
  Buffer<u32> out(64);
  machine().races = true;
  for (machine().seed = 1; machine().seed <= seeds; ++machine().seed) {
    EXPECT_EQ(good.fault({out}, {.block = {64}}), "");
    EXPECT_THAT(broken.fault({out}, {.block = {64}}), HasSubstr("race: shared offset"));
  }
  machine().races = false;
  good.run({out}, {.block = {64}});
  for (u32 t = 0; t < 64; ++t) EXPECT_EQ(out[t], 6 + 4 * (63 - t));
}

}  // namespace
}  // namespace roofproof::ptx
