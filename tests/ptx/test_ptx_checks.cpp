// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Every check of the machine, by the smallest program that it has to tell of; wgmma's are in
// test_ptx_wgmma.cpp, races in test_ptx_races.cpp.

#include "tests/ptx/program.h"

namespace roofproof::ptx {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

// p0: 64 numbers of 32 bits, 0; p1: a tensor map over 64 x 4 bytes of them, p2: 1.
struct alignas(64) Map {
  u8 bytes[128];
};
class PtxCheckBase : public PtxMachine {
 protected:
  PtxCheckBase() : numbers(64, "numbers"), map(1, "map") {
    TensorMapRequest request{};
    request.data_type = 2;
    request.rank = 2;
    request.address = numbers.data();
    request.dims[0] = 16;
    request.dims[1] = 4;
    request.strides[0] = 64;
    request.box[0] = 16;
    request.box[1] = 2;
    request.element_strides[0] = request.element_strides[1] = 1;
    encode_tensor_map(&map[0], request);
  }
  std::string fault(const std::string& body, const Shape& shape = {}) {
    return Program(variables + body).fault({numbers, &map[0], 1}, shape);
  }
  // cells: 256 bytes of shared memory, of which 128 are written; full: an mbarrier of one arrival
  const std::string variables = R"(
    .shared .align 128 .b8 cells[256]; .shared .align 8 .b64 full; .shared .align 8 .b64 raw; .local .align 8 .b8 home[16]; .reg .b32 never; .reg .pred maybe; .reg .b64 never64;
    mov.u32 %r30, cells; mad.lo.u32 %r31, %t, 4, %r30; and.b32 %r32, %t, 31; mad.lo.u32 %r32, %r32, 4, %r30; mov.u32 %r33, 0; setp.lt.u32 %p29, %t, 32; @%p29 st.shared.u32 [%r32], %r33; setp.eq.u32 %p30, %t, 0;
    @%p30 mbarrier.init.shared.b64 [full], 1; fence.mbarrier_init.release.cluster; bar.sync 0;)";
  Buffer<u32> numbers;
  Buffer<Map> map;
};

struct Flaw {
  const char* name;
  std::string body;
  const char* says;
  Shape shape{};
};
void PrintTo(const Flaw& flaw, std::ostream* out) { *out << flaw.name; }

// Told in every timing.
class PtxCheck : public PtxCheckBase, public ::testing::WithParamInterface<Flaw> {};
TEST_P(PtxCheck, FiresInEveryTiming) {
  in_every_mode([&] {
    EXPECT_THAT(fault(GetParam().body, GetParam().shape),
                AllOf(HasSubstr(GetParam().says), HasSubstr("kernel k, block (0,0,0)")));
  });
}
INSTANTIATE_TEST_SUITE_P(
    Bounds, PtxCheck,
    ::testing::Values(
        Flaw{"global read behind the end", "ld.global.u32 %r0, [%a0+256];",
             "nearest: 0 bytes behind the end of 'numbers' (256 bytes)"},
        Flaw{"global read over the end", "ld.global.v4.u32 {%r0, %r1, %r2, %r3}, [%a0+256];",
             "out of bounds"},
        Flaw{"global read before the start", "ld.global.u32 %r0, [%a0+-4];", "out of bounds"},
        Flaw{"global write behind the end", "st.global.u8 [%a0+256], %r33;",
             "write of 1 bytes of global memory out of bounds"},
        Flaw{"one lane out of bounds",
             "mul.wide.u32 %d0, %t, 8; add.u64 %d0, %a0, %d0; add.u64 %d0, %d0, 8; st.global.u64 "
             "[%d0], %d0;",
             "lane 31"},
        Flaw{"generic read behind the end", "ld.u32 %r0, [%a0+256];", "out of bounds"},
        Flaw{"generic write behind the end", "st.u32 [%a0+256], %r33;", "out of bounds"},
        Flaw{"atomic behind the end", "atom.global.add.u32 %r0, [%a0+256], 1;", "out of bounds"},
        Flaw{"null", "ld.global.u32 %r0, [0];", "out of bounds"},
        Flaw{"global read off its alignment", "ld.global.u32 %r0, [%a0+2];",
             "not aligned to 4 bytes"},
        Flaw{"vector off its alignment", "ld.global.v2.u32 {%r0, %r1}, [%a0+4];",
             "not aligned to 8 bytes"},
        Flaw{"write off its alignment", "st.global.u64 [%a0+4], %d0;", "not aligned to 8 bytes"},
        Flaw{"atomic off its alignment", "atom.global.add.u64 %d0, [%a0+4], 1;",
             "not aligned to 8 bytes"},
        Flaw{"shared read behind the end", "ld.shared.u32 %r0, [cells+272];",
             "shared memory out of bounds: 4 bytes at offset 272 of 272"},
        Flaw{"shared read before the start", "ld.shared.u32 %r0, [cells+-4];",
             "shared memory out of bounds"},
        Flaw{"shared write behind the end", "st.shared.v2.u32 [cells+272], {%r33, %r33};",
             "out of bounds"},
        Flaw{"shared atomic behind the end", "atom.shared.add.u32 %r0, [cells+272], 1;",
             "out of bounds"},
        Flaw{"shared read off its alignment", "ld.shared.u32 %r0, [cells+2];",
             "not aligned to 4 bytes"},
        Flaw{"shared vector off its alignment",
             "st.shared.v4.u32 [cells+8], {%r33, %r33, %r33, %r33};", "not aligned to 16 bytes"},
        Flaw{"matrix off its alignment",
             "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r0}, [cells+8];",
             "not aligned to 16 bytes"},
        Flaw{"matrix out of bounds", "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r0}, [cells+272];",
             "out of bounds"},
        Flaw{"stored matrix out of bounds",
             "stmatrix.sync.aligned.m8n8.x1.shared.b16 [cells+272], {%r33};", "out of bounds"},
        Flaw{"parameter out of bounds", "ld.param.u64 %d0, [p3+8];", "parameter out of bounds"},
        Flaw{"parameter off its alignment", "ld.param.u64 %d0, [p0+4];",
             "parameter offset 4 is not aligned to 8"},
        Flaw{"generic parameter out of bounds",
             "mov.u64 %d0, p3; cvta.param.u64 %d0, %d0; ld.u64 %d1, [%d0+8];", "out of bounds"},
        Flaw{"local read behind the end", "ld.local.u32 %r0, [home+16];",
             "local memory out of bounds"},
        Flaw{"local write off its alignment", "st.local.u32 [home+2], %r33;",
             "local memory out of bounds or misaligned"},
        Flaw{"no shared address", "cvta.to.shared.u64 %d0, %a0;", "is no shared address"},
        Flaw{"cp.async from behind the end",
             "@%p30 cp.async.cg.shared.global [cells], [%a0+256], 16;", "out of bounds"},
        Flaw{"cp.async from off its alignment",
             "@%p30 cp.async.cg.shared.global [cells], [%a0+4], 16;", "not aligned to 16 bytes"},
        Flaw{"cp.async to off its alignment",
             "@%p30 cp.async.ca.shared.global [cells+4], [%a0], 8;", "not aligned to 8 bytes"},
        Flaw{"cp.async to behind the end",
             "@%p30 cp.async.cg.shared.global [cells+272], [%a0], 16;", "out of bounds"},
        Flaw{"cp.async of too many bytes",
             "@%p30 cp.async.cg.shared.global [cells], [%a0], 16, 17;",
             "cp.async reads 17 bytes for 16"}),
    printed_name);

INSTANTIATE_TEST_SUITE_P(
    Undefined, PtxCheck,
    ::testing::Values(
        Flaw{"register as an address", "ld.global.u32 %r0, [never64];",
             "register never64 is used but was never written"},
        Flaw{"register as a predicate", "@maybe ld.shared.u32 %r0, [cells];",
             "register maybe is used but"},
        Flaw{"register of a branch", "@!maybe bra END; END:", "register maybe is used but"},
        Flaw{"register stored", "st.global.u32 [%a0], never;", "register never is used but"},
        Flaw{"register of an atomic", "red.global.add.u32 [%a0], never;",
             "register never is used but"},
        Flaw{"number of a barrier", "bar.sync never;", "register never is used but"},
        Flaw{"predicate that was computed", "setp.eq.u32 %p0, never, 1; @%p0 bra END; END:",
             "the last computation with something undefined: line"},
        Flaw{"number that was computed",
             "add.u32 %r0, never, 1; mul.lo.u32 %r1, %r0, 3; st.global.u32 [%a0], %r1;",
             "register %r1 is used but"},
        Flaw{"number that was converted", "cvt.rn.f32.s32 %f0, never; st.global.f32 [%a0], %f0;",
             "register %f0 is used but"},
        Flaw{"half of a pair",
             "mov.b64 %d0, {%r33, never}; mov.b64 {%r1, %r2}, %d0; st.global.u32 [%a0], %r2;",
             "register %r2 is used but"},
        Flaw{"lane that did not run",
             "setp.lt.u32 %p0, %t, 31; @%p0 mov.u32 never, 1; st.global.u32 [%a0], never;",
             "lane 31"},
        Flaw{"number from another lane",
             "shfl.sync.down.b32 %r0, never, 1, 31, -1; st.global.u32 [%a0], %r0;",
             "register %r0 is used but"},
        Flaw{"transposed number",
             "setp.ne.u32 %p0, %t, 0; @%p0 mov.u32 never, 1; movmatrix.sync.aligned.m8n8.trans.b16 "
             "%r0, never; st.global.u32 [%a0], %r0;",
             "register %r0 is used but"},
        Flaw{"shared memory that was never written",
             "ld.shared.u32 %r0, [cells+132]; st.global.u32 [%a0], %r0;",
             "the last load of unwritten shared memory"},
        Flaw{"shared memory with an undefined number",
             "st.shared.u32 [cells+132], never; bar.warp.sync -1; ld.shared.u32 %r0, [cells+132]; "
             "st.global.u32 [%a0], %r0;",
             "register %r0 is used but"},
        Flaw{"matrix of an undefined number",
             "stmatrix.sync.aligned.m8n8.x1.shared.b16 [cells+128], {never}; bar.warp.sync -1; "
             "ld.shared.u32 %r0, [cells+128]; st.global.u32 [%a0], %r0;",
             "register %r0 is used but"},
        Flaw{"atomic on shared memory that was never written",
             "atom.shared.add.u32 %r0, [cells+132], 1;",
             "an atomic on shared memory that was never written"},
        Flaw{"generic read of shared memory that was never written",
             "mov.u64 %d0, cells; cvta.shared.u64 %d0, %d0; ld.u32 %r0, [%d0+132];",
             "is read but was never written"}),
    printed_name);

// What may be done with it: copied, and computed with if nothing comes of it.
TEST_F(PtxCheckBase, UndefinedNumbersMayBeCopiedAndComputedWith) {
  const std::string legal =
      "mov.u32 %r0, never; add.u32 %r1, %r0, 1; mov.b64 %d0, {%r0, %r1}; st.shared.u32 "
      "[cells+132], %r0; setp.eq.u32 %p0, %r33, 0;"
      "selp.b32 %r3, %r33, %r0, %p0; st.global.u32 [%a0], %r3;";
  in_every_mode([&] { EXPECT_EQ(fault(legal), ""); });
  machine().poison_strict = true;
  EXPECT_THAT(fault("add.u32 %r0, never, 1;"),
              HasSubstr("register never is used but was never written"));
  machine() = Machine{};
  machine().poison = false;
  EXPECT_EQ(
      fault(
          "st.global.u32 [%a0], never; ld.shared.u32 %r0, [cells+132]; st.global.u32 [%a0], %r0;"),
      "");
}

const std::string load =
    "@%p30 mbarrier.arrive.expect_tx.shared.b64 _, [full], 128; @%p30 "
    "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [cells], [%a0], 128, "
    "[full];";

INSTANTIATE_TEST_SUITE_P(
    Copies, PtxCheck,
    ::testing::Values(
        Flaw{"bulk copy of no multiple of 16 bytes",
             "@%p30 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [cells], "
             "[%a0], 24, [full];",
             "a bulk copy of 24 bytes, no multiple of 16"},
        Flaw{"bulk copy of no bytes",
             "@%p30 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [cells], "
             "[%a0], 0, [full];",
             "a bulk copy of no bytes"},
        Flaw{"bulk copy from off its alignment",
             "@%p30 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [cells], "
             "[%a0+8], 16, [full];",
             "not aligned to 16 bytes"},
        Flaw{"bulk copy to off its alignment",
             "@%p30 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [cells+8], "
             "[%a0], 16, [full];",
             "not aligned to 16 bytes"},
        Flaw{"bulk copy from behind the end",
             "@%p30 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [cells], "
             "[%a0+240], 32, [full];",
             "it runs 16 bytes over the end of 'numbers'"},
        Flaw{"bulk copy to behind the end",
             "@%p30 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [cells+256], "
             "[%a0], 32, [full];",
             "out of bounds"},
        Flaw{"bulk copy with no mbarrier",
             "@%p30 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [cells], "
             "[%a0], 16, [raw];",
             "no mbarrier was initialised"},
        Flaw{"bulk store to behind the end",
             "@%p30 cp.async.bulk.global.shared::cta.bulk_group [%a0+240], [cells], 32;",
             "out of bounds"},
        Flaw{"bulk store to off its alignment",
             "@%p30 cp.async.bulk.global.shared::cta.bulk_group [%a0+4], [cells], 16;",
             "not aligned to 16 bytes"},
        Flaw{"bulk store with no proxy fence",
             "@%p30 cp.async.bulk.global.shared::cta.bulk_group [%a0], [cells], 128; @%p30 "
             "cp.async.bulk.commit_group; @%p30 cp.async.bulk.wait_group 0;",
             "a bulk store reads shared offset 0, which warp 0 wrote with no fence.proxy.async "
             "since"},
        Flaw{"tensor store with no proxy fence",
             "@%p30 cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%a1, {0, 0}], [cells]; "
             "@%p30 cp.async.bulk.commit_group; @%p30 cp.async.bulk.wait_group 0;",
             "a tensor store reads shared offset 0, which warp 0 wrote with no fence.proxy.async "
             "since"},
        Flaw{"bulk store of what was never written",
             "fence.proxy.async; @%p30 cp.async.bulk.global.shared::cta.bulk_group [%a0], [cells], "
             "144; @%p30 cp.async.bulk.commit_group; @%p30 cp.async.bulk.wait_group 0;",
             "shared offset 128, which was never written"},
        Flaw{"tensor copy to off 128 bytes",
             "@%p30 cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes "
             "[cells+64], [%a1, {0, 0}], [full];",
             "not aligned to 128 bytes"},
        Flaw{"tensor copy of another rank",
             "@%p30 cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes "
             "[cells], [%a1, {0, 0, 0}], [full];",
             "a tensor map of rank 2 in an instruction of rank 3"},
        Flaw{"tensor copy with no map",
             "@%p30 cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes "
             "[cells], [%a0, {0, 0}], [full];",
             "this is no tensor map"},
        Flaw{"tensor map off its alignment",
             "@%p30 cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes "
             "[cells], [%a1+32, {0, 0}], [full];",
             "not aligned to 64 bytes"},
        Flaw{"multicast beyond the cluster",
             "mov.u16 %h0, 2; @%p30 "
             "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster "
             "[cells], [%a0], 16, [full], %h0;",
             "a multicast to ranks 0x2 of a cluster of 1"}),
    printed_name);

INSTANTIATE_TEST_SUITE_P(
    Mbarriers, PtxCheck,
    ::testing::Values(
        Flaw{"arrival where there is none", "@%p30 mbarrier.arrive.shared.b64 %d0, [raw];",
             "no mbarrier was initialised at shared offset 264"},
        Flaw{"wait where there is none", "mbarrier.try_wait.parity.shared.b64 %p0, [raw], 0;",
             "no mbarrier was initialised"},
        Flaw{"more arrivals than it counts",
             "mov.u32 %r0, 2; @%p30 mbarrier.arrive.shared.b64 %d0, [full], %r0;",
             "2 arrive, but only 1 more are expected"},
        Flaw{"count of 0", "@%p30 mbarrier.init.shared.b64 [raw], 0;",
             "mbarrier.init with count 0"},
        Flaw{"count of 2^20", "@%p30 mbarrier.init.shared.b64 [raw], 1048576;",
             "mbarrier.init with count 1048576"},
        Flaw{"off its alignment", "@%p30 mbarrier.init.shared.b64 [raw+4], 1;",
             "not aligned to 8 bytes"},
        Flaw{"a parity of 2", "mbarrier.try_wait.parity.shared.b64 %p0, [full], 2;",
             "a phase parity of 2"},
        Flaw{"initialised again in a phase",
             "@%p30 mbarrier.init.shared.b64 [raw], 2; @%p30 mbarrier.arrive.shared.b64 %d0, "
             "[raw]; @%p30 mbarrier.init.shared.b64 [raw], 2;",
             "initialised again while a phase is under way"},
        Flaw{"initialised again with bytes expected",
             "@%p30 mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [full], 16; @%p30 "
             "mbarrier.init.shared.b64 [full], 1;",
             "initialised again while a phase is under way"},
        Flaw{"too many bytes at once",
             "@%p30 mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [full], 1048576;",
             "expect_tx of 1048576 bytes"},
        Flaw{"too many bytes in all",
             "@%p30 mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [full], 1048575; @%p30 "
             "mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [full], 1;",
             "runs over its range"},
        Flaw{
            "use after it was invalidated",
            "@%p30 mbarrier.inval.shared.b64 [full]; @%p30 mbarrier.arrive.shared.b64 %d0, [full];",
            "no mbarrier was initialised"}),
    printed_name);

INSTANTIATE_TEST_SUITE_P(
    Barriers, PtxCheck,
    ::testing::Values(
        Flaw{"counts that differ",
             "setp.lt.u32 %p0, %t, 32; @%p0 bar.sync 1, 64; @!%p0 bar.sync 1, 96;",
             "with count",
             {.block = {96}}},
        Flaw{"arriving twice",
             "setp.lt.u32 %p0, %t, 32; @%p0 bar.arrive 1, 96; @%p0 bar.arrive 1, 96;",
             "warp 0 arrives twice at barrier 1",
             {.block = {96}}},
        Flaw{"incomplete at the end",
             "setp.lt.u32 %p0, %t, 32; @%p0 bar.arrive 1, 64;",
             "the block ends with barrier 1 incomplete (32 of 64 threads)",
             {.block = {64}}},
        Flaw{"more threads than the block has",
             "bar.sync 1, 96;",
             "waits for 96 threads",
             {.block = {64}}},
        Flaw{"no multiple of 32",
             "bar.sync 1, 48;",
             "the count 48 is no multiple of 32",
             {.block = {64}}},
        Flaw{"barrier 16", "bar.sync 16;", "there is no barrier 16"},
        Flaw{"numbers that differ in a warp", "bar.sync %t;",
             "the number of the barrier differs between the threads of a warp"},
        Flaw{"a part of a warp", "setp.lt.u32 %p0, %t, 7; @%p0 bar.sync 0;",
             "an .aligned instruction is executed by part of a warp"},
        Flaw{"a part of a warp in a branch",
             "setp.lt.u32 %p0, %t, 7; @!%p0 bra OVER; bar.sync 0; bra END; OVER: bar.sync 1; END:",
             "the warp cannot converge"},
        Flaw{"members that do not come",
             "setp.lt.u32 %p0, %t, 7; @!%p0 bra END; shfl.sync.idx.b32 %r0, %r33, 0, 31, -1; ret; "
             "END: bar.warp.sync 0xffffff80; bar.sync 0;",
             "cannot converge"},
        Flaw{"a mask without the thread itself", "bar.warp.sync 1;",
             "does not name the thread itself"},
        Flaw{
            "masks that differ",
            "setp.eq.u32 %p0, %t, 3; selp.b32 %r0, 0xfffffffe, 0xffffffff, %p0; bar.warp.sync %r0;",
            "member masks differ"},
        Flaw{"shuffle from a lane that takes no part",
             "setp.lt.u32 %p0, %t, 8; @%p0 shfl.sync.idx.b32 %r0, %r33, 9, 31, 0xff;",
             "reads lane 9, which does not take part"},
        Flaw{"trap", "@%p30 trap;", "trap"}),
    printed_name);

INSTANTIATE_TEST_SUITE_P(
    Clusters, PtxCheck,
    ::testing::Values(Flaw{"wait without an arrival", "barrier.cluster.wait.aligned;",
                           "barrier.cluster.wait without an arrive"},
                      Flaw{"two arrivals",
                           "barrier.cluster.arrive.aligned; barrier.cluster.arrive.aligned;",
                           "a second barrier.cluster.arrive"},
                      Flaw{"rank beyond the cluster", "mapa.shared::cluster.u32 %r0, %r30, 1;",
                           "rank 1 is not in the cluster"},
                      Flaw{"address beyond the cluster",
                           "mov.u32 %r0, 0x3000400; ld.shared::cluster.u32 %r1, [%r0];",
                           "belongs to no block of this cluster"}),
    printed_name);

// Blocks with other places than (0,0,0), and deadlocks, which are of no one block.
class PtxCheckElsewhere : public PtxCheckBase, public ::testing::WithParamInterface<Flaw> {};
TEST_P(PtxCheckElsewhere, FiresInEveryTiming) {
  in_every_mode(
      [&] { EXPECT_THAT(fault(GetParam().body, GetParam().shape), HasSubstr(GetParam().says)); });
}
const std::string second_leaves =
    "mov.u32 %r0, %cluster_ctarank; setp.ne.u32 %p0, %r0, 0; barrier.cluster.arrive.aligned; "
    "barrier.cluster.wait.aligned; @%p0 ret; mov.u32 %r5, 0;"
    "SPIN: add.u32 %r5, %r5, 1; setp.lt.u32 %p1, %r5, 20000; @%p1 bra SPIN; "
    "mapa.shared::cluster.u32 %r1, %r30, 1;";
const std::string of_the_other =
    "barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned; mov.u32 %r0, %cluster_ctarank; "
    "xor.b32 %r2, %r0, 1; mapa.shared::cluster.u32 %r1, %r30, %r2;";
INSTANTIATE_TEST_SUITE_P(
    , PtxCheckElsewhere,
    ::testing::Values(
        Flaw{"load of another block's memory as of one's own",
             of_the_other + "ld.shared::cta.u32 %r3, [%r1];",
             "is another block's",
             {.grid = {2}, .cluster = {2}}},
        Flaw{"store to another block's memory as to one's own",
             of_the_other + "st.shared.u32 [%r1], %r0;",
             "is another block's",
             {.grid = {2}, .cluster = {2}}},
        Flaw{"atomic on another block's memory as on one's own",
             of_the_other + "red.shared.add.u32 [%r1], 1;",
             "is another block's",
             {.grid = {2}, .cluster = {2}}},
        Flaw{"memory of a block that has ended",
             second_leaves + "ld.shared::cluster.u32 %r2, [%r1];",
             "is touched after that block has ended",
             {.grid = {2}, .cluster = {2}}},
        Flaw{"arrival at a block that has ended",
             second_leaves + "mbarrier.arrive.shared::cluster.b64 _, [%r1+256];",
             "is touched after that block has ended",
             {.grid = {2}, .cluster = {2}}},
        Flaw{"multicast to a block that has ended",
             second_leaves + "mov.u16 %h0, 3; @%p30 "
                             "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes."
                             "multicast::cluster [cells], [%a0], 16, [full], %h0;",
             "whose block has ended",
             {.grid = {2}, .cluster = {2}}},
        Flaw{"st.async to the block itself",
             of_the_other + "mapa.shared::cluster.u32 %r1, %r30, %r0; @%p30 "
                            "st.async.shared::cluster.mbarrier::complete_tx::bytes.b32 [%r1], %r0, "
                            "[%r1+256];",
             "to the block's own shared memory",
             {.grid = {2}, .cluster = {2}}},
        Flaw{"st.async with an mbarrier elsewhere",
             of_the_other +
                 "@%p30 st.async.shared::cluster.mbarrier::complete_tx::bytes.b32 [%r1], "
                 "%r0, [full];",
             "in another block than its target",
             {.grid = {2}, .cluster = {2}}},
        Flaw{"st.async off its alignment",
             of_the_other + "@%p30 st.async.shared::cluster.mbarrier::complete_tx::bytes.v4.b32 "
                            "[%r1+8], {%r0, %r0, %r0, %r0}, [%r1+256];",
             "align",
             {.grid = {2}, .cluster = {2}}},
        Flaw{"mbarrier in another block than the target",
             "mov.u32 %r0, %cluster_ctarank; xor.b32 %r0, %r0, 1; mapa.shared::cluster.u32 %r1, "
             "%r30, %r0;"
             "barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned; @%p30 "
             "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%r1], [%a0], 16, "
             "[full];"
             "barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned;",
             "lies in another block than its target",
             {.grid = {2}, .cluster = {2}}},
        Flaw{"wait for another block's mbarrier",
             "mov.u32 %r0, %cluster_ctarank; xor.b32 %r0, %r0, 1; mov.u32 %r1, full; "
             "mapa.shared::cluster.u32 %r1, %r1, %r0;"
             "barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned; "
             "mbarrier.try_wait.parity.shared::cta.b64 %p0, [%r1], 0; "
             "barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned;",
             "a wait for the mbarrier of another block",
             {.grid = {2}, .cluster = {2}}},
        Flaw{"deadlock at an mbarrier",
             "WAIT: mbarrier.try_wait.parity.shared.b64 %p0, [full], 0; @!%p0 bra WAIT;",
             "deadlock in kernel k: every warp waits"},
        Flaw{"deadlock at a barrier",
             "setp.lt.u32 %p0, %t, 32; @%p0 bar.sync 1, 64; @!%p0 bar.sync 2, 64;",
             "warp 1: PTX line",
             {.block = {64}}},
        Flaw{"deadlock at the barrier of a cluster",
             "mov.u32 %r0, %cluster_ctarank; setp.eq.u32 %p0, %r0, 0; @%p0 bra WAIT; "
             "barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned; ret;"
             "WAIT: mbarrier.try_wait.parity.shared.b64 %p1, [full], 0; @!%p1 bra WAIT;",
             "block (1,0,0) warp 0: PTX line",
             {.grid = {2}, .cluster = {2}}},
        Flaw{"deadlock over bytes that do not come",
             "@%p30 mbarrier.arrive.expect_tx.shared.b64 _, [full], 256; @%p30 "
             "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [cells], [%a0], "
             "128, [full];"
             "WAIT: mbarrier.try_wait.parity.shared.b64 %p0, [full], 0; @!%p0 bra WAIT;",
             "deadlock"},
        Flaw{"deadlock over registers",
             "setmaxnreg.inc.sync.aligned.u32 104;",
             "deadlock",
             {.block = {128}, .registers = 64}},
        Flaw{"fewer registers by inc",
             "setmaxnreg.inc.sync.aligned.u32 32;",
             "setmaxnreg.inc to 32 from 64 registers",
             {.block = {128}, .registers = 64}},
        Flaw{"more registers by dec",
             "setmaxnreg.dec.sync.aligned.u32 96;",
             "setmaxnreg.dec to 96 from 64 registers",
             {.block = {128}, .registers = 64}}),
    printed_name);

TEST_F(PtxCheckBase, LoopWithoutEndIsToldByTheLimit) {
  machine().instruction_limit = 100000;
  EXPECT_THAT(fault("FOR_EVER: bra FOR_EVER;"), HasSubstr("hang: "));
  EXPECT_EQ(fault(""), "");
}

// ---- copies in flight: told in late; early has done the copy before, random may have.

class PtxInFlight : public PtxCheckBase, public ::testing::WithParamInterface<Flaw> {};
TEST_P(PtxInFlight, IsToldLateAndNotEarly) {
  const std::string end =
      "WAIT: mbarrier.try_wait.parity.shared.b64 %p0, [full], 0; @!%p0 bra WAIT;";
  for (const bool async : {false, true}) {
    std::string body = async
                           ? "@%p30 cp.async.cg.shared.global [cells], [%a0], 16; bar.warp.sync -1;"
                           : load + "bar.warp.sync -1;";
    body += GetParam().body;
    body += async ? "cp.async.wait_all;" : end;
    if (async && GetParam().body.find("bulk") != std::string::npos) continue;
    machine() = Machine{};
    EXPECT_THAT(fault(body), HasSubstr(GetParam().says)) << body;
    machine().async = Machine::Async::early;
    EXPECT_EQ(fault(body), "") << body;
  }
}
INSTANTIATE_TEST_SUITE_P(
    Load, PtxInFlight,
    ::testing::Values(
        Flaw{"read", "ld.shared.u32 %r0, [cells+12];",
             "shared offset 12 is read while an asynchronous copy may still write it"},
        Flaw{"read of a byte", "ld.shared.u8 %r0, [cells+3];",
             "shared offset 3 is read while an asynchronous copy"},
        Flaw{"write", "@%p30 st.shared.u32 [cells+8], %r33;",
             "shared offset 8 is written while an asynchronous copy may still write it"},
        Flaw{"read of a matrix", "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r0}, [cells];",
             "is read while an asynchronous copy"},
        Flaw{"write of a matrix", "stmatrix.sync.aligned.m8n8.x1.shared.b16 [cells], {%r33};",
             "is written while an asynchronous copy"},
        Flaw{"another copy",
             "@%p30 mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [full], 0; @%p30 "
             "cp.async.ca.shared.global [cells+4], [%a0+4], 4;",
             "two copies in flight write shared offset 4"}),
    printed_name);

class PtxStoreInFlight : public PtxCheckBase {
 protected:
  const std::string store =
      "fence.proxy.async; bar.warp.sync -1; @%p30 cp.async.bulk.global.shared::cta.bulk_group "
      "[%a0], [cells], 128; @%p30 cp.async.bulk.commit_group; bar.warp.sync -1;";
  const std::string tensor_store =
      "fence.proxy.async; bar.warp.sync -1; @%p30 "
      "cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%a1, {0, 0}], [cells]; @%p30 "
      "cp.async.bulk.commit_group; bar.warp.sync -1;";
  const std::string wait_read = "@%p30 cp.async.bulk.wait_group.read 0; bar.warp.sync -1;",
                    wait = "@%p30 cp.async.bulk.wait_group 0;";
};
TEST_F(PtxStoreInFlight, OverwrittenIsTold) {
  for (const std::string& s : {store, tensor_store}) {
    EXPECT_THAT(fault(s + "@%p30 st.shared.u32 [cells+64], %r33;" + wait),
                HasSubstr("shared offset 64 is written while an asynchronous store"));
    EXPECT_THAT(fault(s + "stmatrix.sync.aligned.m8n8.x1.shared.b16 [cells], {%r33};" + wait),
                HasSubstr("is written while an asynchronous store"));
    EXPECT_THAT(fault(s + load + wait), HasSubstr("is written while an asynchronous store"));
    EXPECT_EQ(
        fault(s + "ld.shared.u32 %r0, [cells+64]; @%p30 st.shared.u32 [cells+128], %r33;" + wait),
        "");
    EXPECT_EQ(fault(s + wait_read + "@%p30 st.shared.u32 [cells+64], %r33;" + wait), "");
  }
}
TEST_F(PtxStoreInFlight, ThatOutlivesItsBlockIsTold) {
  for (const std::string& s : {store, tensor_store}) {
    EXPECT_THAT(fault(s),
                HasSubstr("the block ends while this store may still read its shared memory"));
    EXPECT_EQ(fault(s + wait_read), "");
    EXPECT_EQ(fault(s + wait), "");
  }
}
TEST_F(PtxStoreInFlight, OfWhatIsLoadedNonCoherentlyIsTold) {
  machine().races = true;
  for (const std::string& s : {store, tensor_store}) {
    EXPECT_THAT(fault("ld.global.nc.u32 %r0, [%a0+124];" + s + wait),
                HasSubstr("ld.global.nc of global address"));
    EXPECT_EQ(fault("ld.global.nc.u32 %r0, [%a0+128];" + s + wait), "");
  }
}
TEST_F(PtxStoreInFlight, IsWaitedForByItsOwnThreadAlone) {
  const std::string other =
      "setp.eq.u32 %p1, %t, 1; @%p1 cp.async.bulk.wait_group.read 0; bar.warp.sync -1;";
  EXPECT_THAT(fault(store + other + "@%p30 st.shared.u32 [cells], %r33;" + wait),
              HasSubstr("is written while an asynchronous store"));
}
TEST_F(PtxStoreInFlight, GroupsAreWaitedForInOrder) {
  const std::string second =
      "@%p30 cp.async.bulk.global.shared::cta.bulk_group [%a0+128], [cells+16], 16; @%p30 "
      "cp.async.bulk.commit_group;";
  EXPECT_EQ(
      fault(store + second +
            "@%p30 cp.async.bulk.wait_group.read 1; @%p30 st.shared.u32 [cells], %r33;" + wait),
      "");
  EXPECT_THAT(
      fault(store + second +
            "@%p30 cp.async.bulk.wait_group.read 1; @%p30 st.shared.u32 [cells+16], %r33;" + wait),
      HasSubstr("is written while an asynchronous store"));
  EXPECT_THAT(
      fault(store + second +
            "@%p30 cp.async.bulk.wait_group.read 2; @%p30 st.shared.u32 [cells], %r33;" + wait),
      HasSubstr("is written while an asynchronous store"));
}
TEST_F(PtxStoreInFlight, WritesAtTheWaitAndNotBefore) {
  const std::string body = "mov.u32 %r1, 7; st.shared.u32 [%r32], %r1;" + store + wait_read +
                           "ld.global.u32 %r2, [%a0]; @%p30 st.global.u32 [%a0+240], %r2;" + wait +
                           "ld.global.u32 %r2, [%a0]; @%p30 st.global.u32 [%a0+244], %r2;";
  EXPECT_EQ(fault(body), "");
  EXPECT_EQ(numbers[60], 0u);
  EXPECT_EQ(numbers[61], 7u);
  machine().async = Machine::Async::early;
  numbers[0] = 0;
  EXPECT_EQ(fault(body), "");
  EXPECT_EQ(numbers[60], 7u);
}
TEST_F(PtxStoreInFlight, LoadThatOutlivesItsBlockIsTold) {
  EXPECT_THAT(fault(load),
              HasSubstr("block rank 0 ends while this copy may still write its shared memory"));
}

// Generic stores and atomics go past the check, and generic reads are said to be of unwritten
// memory.
class PtxInFlightUnseen : public PtxCheckBase, public ::testing::WithParamInterface<Flaw> {};
TEST_P(PtxInFlightUnseen, DISABLED_IsTold) {
  EXPECT_THAT(fault("mov.u64 %d0, cells; cvta.shared.u64 %d0, %d0;" + load + "bar.warp.sync -1;" +
                    GetParam().body +
                    "WAIT: mbarrier.try_wait.parity.shared.b64 %p0, [full], 0; @!%p0 bra WAIT;"),
              HasSubstr(GetParam().says));
}
INSTANTIATE_TEST_SUITE_P(
    , PtxInFlightUnseen,
    ::testing::Values(Flaw{"generic write", "@%p30 st.u32 [%d0+8], %r33;",
                           "is written while an asynchronous copy may still write it"},
                      Flaw{"generic read", "ld.u32 %r0, [%d0+8];",
                           "is read while an asynchronous copy may still write it"},
                      Flaw{"atomic", "@%p30 atom.shared.add.u32 %r0, [cells+8], 1;",
                           "while an asynchronous copy may still write it"}),
    printed_name);
TEST_F(PtxCheckBase, DISABLED_GenericParameterOffItsAlignmentIsTold) {
  EXPECT_THAT(fault("mov.u64 %d0, p0; cvta.param.u64 %d0, %d0; ld.u64 %d1, [%d0+4];"),
              HasSubstr("aligned"));
}

// A fault says which kernel, block, thread and line.
TEST_F(PtxCheckBase, FaultNamesItsPlace) {
  EXPECT_THAT(
      fault(
          "mov.u32 %r0, %ctaid.y; setp.ne.u32 %p0, %r0, 1; @%p0 ret; setp.eq.u32 %p1, %t, 1; "
          "mov.u32 %r1, %tid.y; setp.eq.u32 %p2, %r1, 33; and.pred %p1, %p1, %p2;\n   @%p1 trap;\n",
          {.grid = {1, 2}, .block = {2, 40}}),
      HasSubstr("trap\n  in kernel k, block (0,1,0), thread (1,33,0) [warp 2, lane 3], PTX line 16 "
                "'@%p1 trap;'"));
}

}  // namespace
}  // namespace roofproof::ptx
