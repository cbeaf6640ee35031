// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Barriers of blocks, of memory and of clusters; registers that move between warps; launches that
// depend on each other.

#include "tests/ptx/program.h"

namespace roofproof::ptx {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

// %d30: the cell of the thread in p0; %r30: in the shared array `cells`.
const std::string cells = R"(
  .shared .align 16 .b8 cells[4096]; .shared .align 8 .b64 bar0; .shared .align 8 .b64 bar1;
  mul.wide.u32 %d30, %t, 4; add.u64 %d30, %a0, %d30; mov.u32 %r30, cells; mad.lo.u32 %r30, %t, 4, %r30;
  setp.eq.u32 %p30, %t, 0; shr.u32 %r31, %t, 5;)";

class PtxBarrier : public PtxMachine {};

TEST_F(PtxBarrier, OfTheBlockOrdersAllItsThreads) {
  for (const std::string barrier :
       {"bar.sync 0;", "barrier.sync.aligned 3;", "barrier.cta.sync.aligned 0, 256;",
        "bar.cta.sync 0;", "bar.sync 15, 256;"}) {
    SCOPED_TRACE(barrier);
    const Program program(cells + "add.u32 %r0, %t, 7; st.shared.u32 [%r30], %r0;" + barrier +
                          "xor.b32 %r1, %t, 255; mov.u32 %r2, cells; mad.lo.u32 %r2, %r1, 4, %r2; "
                          "ld.shared.u32 %r3, [%r2]; st.global.u32 [%d30], %r3;");
    in_every_mode([&] {
      Buffer<u32> out(256);
      program.run({out}, {.block = {256}});
      for (u32 t = 0; t < 256; ++t) EXPECT_EQ(out[t], (t ^ 255) + 7);
    });
  }
}
TEST_F(PtxBarrier, DoesNotWaitForWarpsThatHaveEnded) {
  const Program program(cells +
                        "setp.ge.u32 %p0, %t, 64; @%p0 ret; st.shared.u32 [%r30], %t; bar.sync 0; "
                        "xor.b32 %r1, %t, 32;"
                        "mov.u32 %r2, cells; mad.lo.u32 %r2, %r1, 4, %r2; ld.shared.u32 %r3, "
                        "[%r2]; st.global.u32 [%d30], %r3;");
  in_every_mode([&] {
    Buffer<u32> out(128);
    program.run({out}, {.block = {128}});
    for (u32 t = 0; t < 64; ++t) EXPECT_EQ(out[t], t ^ 32);
  });
}
// Two warps produce and two consume, over a pair of named barriers, in five rounds.
TEST_F(PtxBarrier, WithANameLetsProducersArriveAndConsumersWait) {
  const Program program(cells + R"(
    mov.u32 %r0, 0; mov.u32 %r9, 0; and.b32 %r10, %t, 63; mov.u32 %r11, cells; mad.lo.u32 %r12, %r10, 4, %r11;
    xor.b32 %r13, %r10, 63; mad.lo.u32 %r13, %r13, 4, %r11;
    setp.ge.u32 %p0, %t, 64; @%p0 bra CONSUMER;
  PRODUCE:
    setp.eq.u32 %p1, %r0, 0; @%p1 bra FIRST; bar.sync 2, 128;
  FIRST:
    mad.lo.u32 %r1, %r0, 100, %r10; st.shared.u32 [%r12], %r1; bar.arrive 1, 128;
    add.u32 %r0, %r0, 1; setp.lt.u32 %p1, %r0, 5; @%p1 bra PRODUCE;
    ret;
  CONSUMER:
    bar.sync 1, 128; ld.shared.u32 %r1, [%r13]; add.u32 %r9, %r9, %r1;
    setp.eq.u32 %p1, %r0, 4; @%p1 bra LAST; bar.arrive 2, 128;
  LAST:
    add.u32 %r0, %r0, 1; setp.lt.u32 %p1, %r0, 5; @%p1 bra CONSUMER;
    st.global.u32 [%d30+-256], %r9;)");
  in_every_mode([&] {
    Buffer<u32> out(64);
    program.run({out}, {.block = {128}});
    for (u32 t = 0; t < 64; ++t) EXPECT_EQ(out[t], 1000 + 5 * (t ^ 63)) << t;
  });
}

// ---- mbarriers

const std::string init =
    R"(@%p30 mbarrier.init.shared.b64 [bar0], 64; fence.mbarrier_init.release.cluster; bar.sync 0;)";

TEST_F(PtxBarrier, OfMemoryChangesItsPhaseWithTheLastArrival) {
  // The phase completes with the 64th arrival: parity 0 is seen complete, parity 1 is not yet.
  Buffer<u32> out(64);
  Program(cells + init + R"(
    mbarrier.test_wait.parity.shared.b64 %p0, [bar0], 0; mbarrier.test_wait.parity.shared.b64 %p1, [bar0], 1; bar.sync 0;
    mbarrier.arrive.shared.b64 %d0, [bar0]; bar.sync 0;
    mbarrier.test_wait.parity.shared::cta.b64 %p2, [bar0], 0; mbarrier.try_wait.parity.shared.b64 %p3, [bar0], 1; mbarrier.test_wait.shared.b64 %p4, [bar0], %d0;
    mbarrier.arrive.release.cta.shared::cta.b64 %d1, [bar0]; bar.sync 0; mbarrier.try_wait.parity.shared.b64 %p5, [bar0], 1; mbarrier.test_wait.shared.b64 %p6, [bar0], %d1;
    mov.u32 %r9, 0; @%p0 or.b32 %r9, %r9, 1; @%p1 or.b32 %r9, %r9, 2; @%p2 or.b32 %r9, %r9, 4; @%p3 or.b32 %r9, %r9, 8;
    @%p4 or.b32 %r9, %r9, 16; @%p5 or.b32 %r9, %r9, 32; @%p6 or.b32 %r9, %r9, 64; st.global.u32 [%d30], %r9;)")
      .run({out}, {.block = {64}});
  EXPECT_THAT(out, Each(2u + 4 + 16 + 32 + 64));
}
TEST_F(PtxBarrier, OfMemoryCountsSeveralArrivalsAtOnceAndBytes) {
  Buffer<u32> in(8), out(32);
  for (u32 k = 0; k < 8; ++k) in[k] = 50 + k;
  // 64 arrivals in three steps; then a phase of one thread's 64 arrivals, which 32 bytes have to
  // follow.
  const Program program(cells + init + R"(
    mov.u32 %r0, 60; @!%p30 bra END;
    mbarrier.arrive.shared.b64 _, [bar0], %r0; mbarrier.test_wait.parity.shared.b64 %p0, [bar0], 0; @%p0 trap;
    mbarrier.arrive.shared.b64 _, [bar0], 3; mbarrier.arrive.shared.b64 _, [bar0]; mbarrier.test_wait.parity.shared.b64 %p0, [bar0], 0; @!%p0 trap;
    mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [bar0], 16;
    mbarrier.arrive.shared.b64 _, [bar0], 63; mbarrier.arrive.expect_tx.shared.b64 _, [bar0], 16; mbarrier.test_wait.parity.shared.b64 %p0, [bar0], 1; @%p0 trap;
    cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [cells], [%a1], 32, [bar0];
  WAIT: mbarrier.try_wait.parity.shared.b64 %p0, [bar0], 1; @!%p0 bra WAIT;
    ld.shared.v2.u32 {%r1, %r2}, [cells+24]; st.global.v2.u32 [%a0], {%r1, %r2};
    mbarrier.inval.shared.b64 [bar0]; mbarrier.init.shared.b64 [bar0], 5;
  END:)");
  in_every_mode([&] {
    program.run({out, in});
    EXPECT_EQ(out[0], 56u);
    EXPECT_EQ(out[1], 57u);
  });
}

// A producer warp and a consumer warp, seven rounds over one cell for each lane.
TEST_F(PtxBarrier, OfMemoryCarriesAValueToAndFro) {
  const Program program(cells + R"(
    @%p30 mbarrier.init.shared.b64 [bar0], 32; @%p30 mbarrier.init.shared.b64 [bar1], 32; bar.sync 0;
    mov.u32 %r0, 0; mov.u32 %r9, 0; and.b32 %r10, %t, 31; mov.u32 %r11, cells; mad.lo.u32 %r12, %r10, 4, %r11; xor.b32 %r13, %r10, 31; mad.lo.u32 %r13, %r13, 4, %r11;
    setp.ge.u32 %p0, %t, 32; @%p0 bra CONSUMER;
  PRODUCER:
    and.b32 %r1, %r0, 1; xor.b32 %r1, %r1, 1;
  EMPTY: mbarrier.try_wait.parity.shared.b64 %p1, [bar1], %r1; @!%p1 bra EMPTY;
    mad.lo.u32 %r2, %r0, 100, %r10; st.shared.u32 [%r12], %r2; mbarrier.arrive.shared.b64 %d0, [bar0];
    add.u32 %r0, %r0, 1; setp.lt.u32 %p1, %r0, 7; @%p1 bra PRODUCER; ret;
  CONSUMER:
    and.b32 %r1, %r0, 1;
  FULL: mbarrier.try_wait.parity.shared.b64 %p1, [bar0], %r1; @!%p1 bra FULL;
    ld.shared.u32 %r2, [%r13]; add.u32 %r0, %r0, 1; mad.lo.u32 %r9, %r2, %r0, %r9; mbarrier.arrive.shared.b64 %d0, [bar1];
    setp.lt.u32 %p1, %r0, 7; @%p1 bra CONSUMER;
    st.global.u32 [%d30+-128], %r9;)");
  in_every_mode([&] {
    Buffer<u32> out(32);
    program.run({out}, {.block = {64}});
    for (u32 lane = 0; lane < 32; ++lane) {
      u32 sum = 0;
      for (u32 r = 0; r < 7; ++r) sum += (r * 100 + 31 - lane) * (r + 1);
      EXPECT_EQ(out[lane], sum);
    }
  });
}

// ---- clusters

const std::string cluster_barrier =
    "barrier.cluster.arrive.release.aligned; barrier.cluster.wait.acquire.aligned;";

TEST_F(PtxBarrier, OfAClusterLetsBlocksReadEachOthersMemory) {
  const Program program(cells + R"(
    mov.u32 %r0, %ctaid.x; mad.lo.u32 %r1, %r0, 100, %t; st.shared.u32 [%r30], %r1;)" +
                        cluster_barrier + R"(
    mov.u32 %r2, %cluster_ctarank; mov.u32 %r3, %cluster_nctarank; add.u32 %r4, %r2, 1; rem.u32 %r4, %r4, %r3;
    mapa.shared::cluster.u32 %r5, %r30, %r4; ld.shared::cluster.u32 %r6, [%r5]; getctarank.shared::cluster.u32 %r7, %r5; setp.ne.u32 %p0, %r7, %r4; @%p0 trap;
    mov.u64 %d0, cells; cvta.shared.u64 %d1, %d0; mapa.u64 %d2, %d1, %r4; mul.wide.u32 %d3, %t, 4; add.u64 %d2, %d2, %d3; ld.u32 %r8, [%d2]; setp.ne.u32 %p0, %r8, %r6; @%p0 trap;
    mad.lo.u32 %r9, %r0, 64, %t; mul.wide.u32 %d4, %r9, 4; add.u64 %d4, %a0, %d4; st.global.u32 [%d4], %r6;
    barrier.cluster.arrive.relaxed.aligned; barrier.cluster.wait.aligned;)");
  in_every_mode([&] {
    Buffer<u32> out(8 * 64);
    program.run({out}, {.grid = {8}, .block = {64}, .cluster = {4}});
    for (u32 block = 0; block < 8; ++block)
      for (u32 t = 0; t < 64; ++t)
        EXPECT_EQ(out[block * 64 + t], (block / 4 * 4 + (block + 1) % 4) * 100 + t);
  });
}
TEST_F(PtxBarrier, OfAClusterOrdersAtomicsAndRemoteArrivals) {
  // Every thread adds to the cell of rank 0 and then arrives on its mbarrier; rank 0 waits.
  const Program program(cells + R"(
    mov.u32 %r1, 0; st.shared.u32 [%r30], %r1; mov.u32 %r0, %cluster_ctarank; @%p30 mbarrier.init.shared.b64 [bar0], 128; fence.mbarrier_init.release.cluster;)" +
                        cluster_barrier + R"(
    mov.u32 %r2, cells; mapa.shared::cluster.u32 %r3, %r2, 0; atom.shared::cluster.add.u32 %r4, [%r3], 2;
    mov.u32 %r5, bar0; mapa.shared::cluster.u32 %r6, %r5, 0; mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%r6];
    setp.ne.u32 %p0, %r0, 0; @%p0 bra END;
  WAIT: mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 %p1, [bar0], 0; @!%p1 bra WAIT;
    ld.shared.u32 %r7, [cells]; st.global.u32 [%d30], %r7;
  END:)" + cluster_barrier);
  in_every_mode([&] {
    Buffer<u32> out(64);
    program.run({out}, {.grid = {2}, .block = {64}, .cluster = {2}});
    EXPECT_THAT(out, Each(256u));
  });
}
TEST_F(PtxBarrier, SpecialRegistersNameTheBlockInItsCluster) {
  // 4 x 4 blocks in clusters of 2 x 2
  const char* const names[] = {"cluster_ctaid.x",  "cluster_ctaid.y",  "cluster_ctaid.z",
                               "cluster_nctaid.x", "cluster_nctaid.y", "clusterid.x",
                               "clusterid.y",      "nclusterid.x",     "nclusterid.y",
                               "cluster_ctarank",  "cluster_nctarank", "cluster_nctaid.z"};
  std::string body =
      "mov.u32 %r0, %ctaid.x; mov.u32 %r1, %ctaid.y; mad.lo.u32 %r2, %r1, 4, %r0; mul.wide.u32 "
      "%d0, %r2, 48; add.u64 %d0, %a0, %d0;";
  for (int k = 0; k < 12; ++k)
    body += "mov.u32 %r3, %" + std::string(names[k]) + "; st.global.u32 [%d0+" +
            std::to_string(4 * k) + "], %r3;";
  Buffer<u32> out(16 * 12);
  Program(body, "", ".explicitcluster .reqnctapercluster 2, 2, 1")
      .run({out}, {.grid = {4, 4}, .block = {1}});
  for (u32 y = 0; y < 4; ++y)
    for (u32 x = 0; x < 4; ++x) {
      const std::vector<u32> got(&out[(y * 4 + x) * 12], &out[(y * 4 + x) * 12] + 12);
      EXPECT_THAT(got, ::testing::ElementsAre(x % 2, y % 2, 0, 2, 2, x / 2, y / 2, 2, 2,
                                              y % 2 * 2 + x % 2, 4, 1));
    }
}

// ---- registers

// Of 64 registers in eight warps: four give 40 of each thread back, four then take 40 more.
TEST_F(PtxBarrier, RegistersGivenBackAreTakenByOtherWarps) {
  const Program program(cells +
                        "setp.ge.u32 %p0, %t, 128; @%p0 bra TAKE; setmaxnreg.dec.sync.aligned.u32 "
                        "24; bra END; TAKE: setmaxnreg.inc.sync.aligned.u32 104; END:"
                        "mov.u32 %r0, 3; st.global.u32 [%d30], %r0;");
  in_every_mode([&] {
    Buffer<u32> out(256);
    program.run({out}, {.block = {256}, .registers = 64});
    EXPECT_THAT(out, Each(3u));
  });
}

// ---- dependent launches

class PtxDependent : public PtxMachine {
 protected:
  void SetUp() override {
    PtxMachine::SetUp();
    machine().dependents = true;
  }
  // p0: an input that nobody writes; p1: what the launch before has written; p2: what this one
  // writes.
  static Program program(const std::string& before_wait, const std::string& after_wait,
                         bool waits = true) {
    return Program("griddepcontrol.launch_dependents; ld.global.u32 %r0, [%a0]; mov.u32 %r1, 1;" +
                   before_wait + (waits ? "griddepcontrol.wait;" : "") + after_wait);
  }
  const std::string read = "ld.global.u32 %r1, [%a1];",
                    write = "add.u32 %r1, %r1, %r0; st.global.u32 [%a2], %r1;";
  Buffer<u32> fixed{1}, a{1}, b{1};
};
TEST_F(PtxDependent, LaunchesMayReadAndWriteAfterTheWait) {
  fixed[0] = 5;
  const Program good = program("", read + write);
  EXPECT_EQ(good.fault({fixed, a, b}), "");
  EXPECT_EQ(good.fault({fixed, b, a}, {.dependent = true}), "");
  EXPECT_EQ(good.fault({fixed, a, b}, {.dependent = true}), "");
  EXPECT_EQ(b[0], 15u);
}
TEST_F(PtxDependent, LaunchesMayReadBeforeTheWaitWhatNobodyWrites) {
  program("", read + write).run({fixed, a, b});
  EXPECT_EQ(program("", write, true).fault({fixed, b, a}, {.dependent = true}), "");
}
TEST_F(PtxDependent, LaunchThatReadsBeforeTheWaitIsTold) {
  program("", read + write).run({fixed, a, b});
  EXPECT_THAT(program(read, write).fault({fixed, b, a}, {.dependent = true}),
              HasSubstr("reads global address"));
}
TEST_F(PtxDependent, LaunchThatReadsBeforeTheWaitWhatTheOneBeforeLastWroteIsTold) {
  program("", read + write).run({fixed, a, b});
  program("", read + write).run({fixed, fixed, a}, {.dependent = true});
  EXPECT_THAT(program(read, write).fault({fixed, b, a}, {.dependent = true}),
              HasSubstr("reads global address"));
}
// Its memory must be read-only for as long as the launch runs, which began before the wait.
TEST_F(PtxDependent, LaunchThatReadsThroughTheCacheOfConstantsIsTold) {
  const std::string read_constant = "ld.global.nc.u32 %r1, [%a1];";
  program("", read + write).run({fixed, a, b});
  EXPECT_THAT(program("", read_constant + write).fault({fixed, b, a}, {.dependent = true}),
              HasSubstr("by ld.global.nc"));
  EXPECT_EQ(program("", read_constant + write).fault({fixed, fixed, a}, {.dependent = true}), "");
  EXPECT_EQ(program("", read_constant + write).fault({fixed, b, a}), "");
}
TEST_F(PtxDependent, LaunchThatWritesBeforeTheWaitIsTold) {
  program("", read + write).run({fixed, a, b});
  EXPECT_THAT(program(write, read).fault({fixed, b, a}, {.dependent = true}),
              HasSubstr("writes global memory before griddepcontrol.wait"));
  EXPECT_THAT(program("", write, false).fault({fixed, b, a}, {.dependent = true}),
              HasSubstr("writes global memory before griddepcontrol.wait"));
}
TEST_F(PtxDependent, OrdinaryLaunchNeedsNoWait) {
  program("", read + write).run({fixed, a, b});
  EXPECT_EQ(program(read, write, false).fault({fixed, b, a}), "");
}
// Who has met a thread that waited has waited, too.
TEST_F(PtxDependent, WaitIsPassedOnByBarriers) {
  const std::string wait_in_warp_0 = "setp.lt.u32 %p0, %t, 32; @%p0 griddepcontrol.wait;";
  const Shape shape{.block = {64}, .dependent = true};
  program("", read + write).run({fixed, a, b});
  EXPECT_EQ(
      program(wait_in_warp_0 + "bar.sync 0;", read + write, false).fault({fixed, b, a}, shape), "");
  EXPECT_THAT(program(wait_in_warp_0, read + write, false).fault({fixed, b, a}, shape),
              HasSubstr("before griddepcontrol.wait"));
  const std::string by_mbarrier =
      ".shared .align 8 .b64 bar0; setp.eq.u32 %p30, %t, 0; @%p30 mbarrier.init.shared.b64 [bar0], "
      "32; bar.sync 0;" +
      wait_in_warp_0 +
      "@%p0 mbarrier.arrive.shared.b64 %d0, [bar0]; WAIT: mbarrier.try_wait.parity.shared.b64 %p1, "
      "[bar0], 0; @!%p1 bra WAIT;";
  EXPECT_EQ(program(by_mbarrier, read + write, false).fault({fixed, b, a}, shape), "");
}

}  // namespace
}  // namespace roofproof::ptx
