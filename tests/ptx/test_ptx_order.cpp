// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Order that no timing hides: between the blocks of a cluster, and behind cp.async.

#include "tests/ptx/program.h"

namespace roofproof::ptx {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using u32 = std::uint32_t;

// %p30: thread 0; %r20: rank; %r21: the other block's `bar`, %r22: the other block's `cells`.
const std::string prologue = R"(
  .shared .align 16 .b8 cells[256]; .shared .align 8 .b64 bar;
  setp.eq.u32 %p30, %t, 0; mov.u32 %r20, %cluster_ctarank; xor.b32 %r23, %r20, 1;
  mov.u32 %r24, bar; mapa.shared::cluster.u32 %r21, %r24, %r23;
  mov.u32 %r24, cells; mapa.shared::cluster.u32 %r22, %r24, %r23;)";
const std::string init = "@%p30 mbarrier.init.shared.b64 [bar], 1;";
const std::string fence = "@%p30 fence.mbarrier_init.release.cluster;";
const std::string barrier = "barrier.cluster.arrive.aligned; barrier.cluster.wait.acquire.aligned;";
const std::string relaxed_barrier =
    "barrier.cluster.arrive.relaxed.aligned; barrier.cluster.wait.acquire.aligned;";
const std::string arrive = "@%p30 mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%r21];";
const std::string wait = R"(
  WAIT: mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 %p1, [bar], 0; @!%p1 bra WAIT;)";

class PtxOrder : public PtxMachine {
 protected:
  static std::string of_a_cluster(const std::string& body) {
    return Program(prologue + body).fault({}, {.grid = {2}, .block = {64}, .cluster = {2}});
  }
};

TEST_F(PtxOrder, OfAClusterIsKeptByItsBarrierOrByAWait) {
  in_every_mode([&] {
    EXPECT_EQ(of_a_cluster(init + barrier + arrive + barrier), "");
    EXPECT_EQ(of_a_cluster(init + fence + relaxed_barrier + arrive + barrier), "");
    EXPECT_EQ(of_a_cluster(init + fence + barrier + arrive + wait), "");
    EXPECT_EQ(of_a_cluster(barrier + "@%p30 st.shared::cluster.u32 [%r22], %t;" + barrier), "");
  });
}

TEST_F(PtxOrder, AnotherBlockMayNotHaveStarted) {
  in_every_mode([&] {
    for (const std::string& touch :
         {std::string("ld.shared::cluster.u32 %r0, [%r22];"),
          std::string("@%p30 st.shared::cluster.u32 [%r22], %t;"),
          std::string("@%p30 atom.shared::cluster.add.u32 %r0, [%r22], 1;"), arrive})
      EXPECT_THAT(of_a_cluster(init + fence + "bar.sync 0;" + touch + barrier),
                  AnyOf(HasSubstr("may not have started"), HasSubstr("never written")))
          << touch;
  });
}

TEST_F(PtxOrder, AnotherBlocksMbarrierMayNotBeInitialised) {
  in_every_mode([&] {
    for (const std::string& before :
         {barrier + init + fence + "bar.sync 0;", init + relaxed_barrier,
          std::string("barrier.cluster.arrive.aligned;") + init + fence +
              "barrier.cluster.wait.acquire.aligned;"})
      EXPECT_THAT(
          of_a_cluster(before + arrive + barrier),
          AnyOf(HasSubstr("may not be initialised yet"), HasSubstr("no mbarrier was initialised")))
          << before;
  });
}

TEST_F(PtxOrder, ABlockMayEndTooEarlyForOthers) {
  in_every_mode([&] {
    for (const std::string& last :
         {arrive, std::string("@%p30 st.shared::cluster.u32 [%r22], %t;")})
      EXPECT_THAT(of_a_cluster(init + fence + barrier + last),
                  AnyOf(HasSubstr("ends though nothing orders that behind the access"),
                        HasSubstr("touched after that block has ended")))
          << last;
    // An arrival that is waited for orders what lay before it, not what follows.
    EXPECT_EQ(of_a_cluster(init + fence + barrier + "@%p30 st.shared::cluster.u32 [%r22], %t;" +
                           arrive + wait),
              "");
    EXPECT_NE(of_a_cluster(init + fence + barrier + arrive +
                           "@%p30 st.shared::cluster.u32 [%r22], %t;" + wait),
              "");
  });
}

const std::string expect = "@%p30 mbarrier.arrive.expect_tx.shared.b64 _, [bar], 4;";
const std::string store_async =
    "@%p30 st.async.shared::cluster.mbarrier::complete_tx::bytes.b32 [%r22], %t, [%r21];";

// What a block stores asynchronously in another is there when that has waited for its bytes.
TEST_F(PtxOrder, AnAsynchronousStoreIsOrderedByTheWaitForItsBytes) {
  in_every_mode([&] {
    EXPECT_EQ(of_a_cluster(init + fence + expect + barrier + store_async + wait +
                           "ld.shared.u32 %r1, [cells];"),
              "");
    EXPECT_THAT(of_a_cluster(init + fence + expect + "bar.sync 0;" + store_async + wait),
                HasSubstr("may not have started"));
    EXPECT_THAT(
        of_a_cluster(barrier + init + fence + expect + "bar.sync 0;" + store_async + wait),
        AnyOf(HasSubstr("may not be initialised yet"), HasSubstr("no mbarrier was initialised")));
    EXPECT_THAT(of_a_cluster(init + fence + expect + barrier + store_async),
                AnyOf(HasSubstr("ends though nothing orders that behind the access"),
                      HasSubstr("ends while this copy may still write"),
                      HasSubstr("touched after that block has ended")));
    Buffer<u32> out(4);
    EXPECT_THAT(Program(prologue + init + fence + expect + barrier + store_async + wait +
                        "@%p30 cp.async.bulk.global.shared::cta.bulk_group [%a0], [cells], 16; "
                        "cp.async.bulk.commit_group; cp.async.bulk.wait_group 0;")
                    .fault({out}, {.grid = {2}, .block = {64}, .cluster = {2}}),
                HasSubstr("with no fence.proxy.async since"));
  });
  machine().async = Machine::Async::late;
  EXPECT_THAT(of_a_cluster(init + fence + expect + barrier + store_async +
                           "ld.shared.u32 %r1, [cells];" + wait),
              HasSubstr("while an asynchronous copy may still write it"));
  machine().async = Machine::Async::early;
  machine().races = true;
  EXPECT_THAT(of_a_cluster(init + fence + expect + barrier + store_async +
                           "ld.shared.u32 %r1, [cells];" + wait),
              HasSubstr("race"));
}

// Thread 0 initialises an mbarrier; after `order`, thread 32 copies with it.
std::string copied_with_an_mbarrier(const std::string& order) {
  Buffer<u32> from(4);
  return Program(R"(.shared .align 16 .b8 cells[16]; .shared .align 8 .b64 bar;
    setp.eq.u32 %p30, %t, 0; setp.eq.u32 %p31, %t, 32;)" +
                 order + R"(
    @%p31 mbarrier.arrive.expect_tx.shared.b64 _, [bar], 16;
    @%p31 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [cells], [%a0], 16, [bar];)" +
                 wait)
      .fault({from}, {.block = {64}});
}

TEST_F(PtxOrder, ACopyKnowsAnMbarrierBehindAFence) {
  in_every_mode([&] {
    for (const std::string& order :
         {init + fence + "bar.sync 0;", init + "@%p30 fence.proxy.async; bar.sync 0;",
          init + "bar.sync 0; @%p31 fence.proxy.async.shared::cta;"})
      EXPECT_EQ(copied_with_an_mbarrier(order), "") << order;
    for (const std::string& order :
         {init + "bar.sync 0;", fence + init + "bar.sync 0;",
          init + "fence.acq_rel.gpu; bar.sync 0;",
          init + "bar.sync 0; @%p31 fence.mbarrier_init.release.cluster;", init + barrier,
          init + fence + init + "bar.sync 0;"})
      EXPECT_THAT(copied_with_an_mbarrier(order),
                  HasSubstr("with no fence.mbarrier_init or fence.proxy.async since"))
          << order;
  });
}

// Warp 0 copies 16 bytes per thread; warp 1 reads them.
std::string copied(const std::string& order) {
  const Program program(R"(
    .shared .align 16 .b8 cells[512];
    setp.lt.u32 %p0, %t, 32; and.b32 %r0, %t, 31; mov.u32 %r1, cells; mad.lo.u32 %r1, %r0, 16, %r1;
    mul.wide.u32 %d0, %r0, 16; add.u64 %d0, %a1, %d0; mul.wide.u32 %d1, %r0, 4; add.u64 %d1, %a0, %d1;
    @!%p0 bra ORDER;
    cp.async.cg.shared.global [%r1], [%d0], 16; cp.async.commit_group;
  ORDER:
    )" + order + R"(
    @%p0 ret;
    ld.shared.u32 %r2, [%r1]; st.global.u32 [%d1], %r2;)");
  Buffer<u32> from(128), to(32);
  for (u32 k = 0; k < 128; ++k) from[k] = k;
  const auto fault = program.fault({to, from}, {.block = {64}});
  if (fault.empty()) {
    for (u32 k = 0; k < 32; ++k) EXPECT_EQ(to[k], 4 * k);
  }
  return fault;
}

TEST_F(PtxOrder, ACopyIsWrittenAtTheWaitThatRequiresIt) {
  in_every_mode([&] { EXPECT_EQ(copied("cp.async.wait_group 0; bar.sync 0;"), ""); });
  using Async = Machine::Async;
  for (const auto async : {Async::early, Async::late, Async::random})
    for (unsigned seed = 1; seed < 9; ++seed) {
      machine().async = async;
      machine().seed = seed;
      machine().races = true;
      for (const std::string order :
           {"bar.sync 0; cp.async.wait_group 0;", "bar.sync 0;", "cp.async.wait_group 0;",
            "cp.async.wait_group 1; bar.sync 0;"})
        EXPECT_NE(copied(order), "") << order << " seed " << seed;
    }
}

TEST_F(PtxOrder, ASpecialRegisterThatIsNotModelledIsAFaultWhereItIsRead) {
  for (const std::string name : {"%envreg2", "%reserved_smem_offset_begin"}) {
    const Program program("setp.eq.u64 %p0, %a0, 0; @%p0 bra END; mov.u32 %r0, " + name +
                          ";\n END: ret;");
    EXPECT_EQ(program.fault({0}), "");
    EXPECT_THAT(program.fault({1}), HasSubstr("unknown instruction"));
  }
  EXPECT_THROW(Program("mov.u32 %r0, %nonsense;"), Fault);
}

}  // namespace
}  // namespace roofproof::ptx
