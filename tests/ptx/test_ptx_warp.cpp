// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the threads of a warp exchange: shuffles, votes, matches, reductions.

#include <algorithm>

#include "tests/ptx/program.h"

namespace roofproof::ptx {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using u32 = std::uint32_t;

const std::string place =
    "mul.wide.u32 %d30, %t, 4; add.u64 %d30, %a0, %d30; add.u64 %d31, %a1, %d30; sub.u64 %d31, "
    "%d31, %a0;";

class PtxWarp : public PtxMachine {
 protected:
  PtxWarp() : in(32), out(32), flag(32) {
    for (u32 k = 0; k < 32; ++k) in[k] = 1000 + 7 * k;
  }
  Buffer<u32> in, out, flag;
};

// Lane j that lane `lane` reads, as the manual has it; false: out of range, it reads itself.
bool source_of(const std::string& mode, int lane, int b, int c, int* j) {
  const int clamp = c & 31, segment = c >> 8 & 31;
  const int last = (lane & segment) | (clamp & ~segment), first = lane & segment;
  bool inside = false;
  if (mode == "up") {
    *j = lane - b;
    inside = *j >= last;
  } else if (mode == "down") {
    *j = lane + b;
    inside = *j <= last;
  } else if (mode == "bfly") {
    *j = lane ^ b;
    inside = *j <= last;
  } else {
    *j = first | (b & ~segment);
    inside = *j <= last;
  }
  if (!inside) *j = lane;
  return inside;
}
TEST_F(PtxWarp, ShufflesMoveValuesAndTellOfTheRange) {
  for (const std::string mode : {"up", "down", "bfly", "idx"})
    for (const int width : {32, 16, 8, 4})
      for (const int b : {0, 1, 3, 8, 15, 31}) {
        const int c = (32 - width) << 8 | (mode == "up" ? 0 : 31);
        SCOPED_TRACE(mode + " by " + std::to_string(b) + " in " + std::to_string(width));
        std::copy(in.begin(), in.end(), out.begin());
        Program(place + "ld.global.u32 %r0, [%d30]; shfl.sync." + mode + ".b32 %r1|%p0, %r0, " +
                std::to_string(b) + ", " + std::to_string(c) +
                ", 0xffffffff; st.global.u32 [%d30], %r1; selp.u32 %r2, 1, 0, %p0; st.global.u32 "
                "[%d31], %r2;")
            .run({out, flag});
        for (int lane = 0; lane < 32; ++lane) {
          int j = 0;
          const bool inside = source_of(mode, lane, b, c, &j);
          EXPECT_EQ(out[static_cast<u32>(lane)], 1000u + 7 * static_cast<u32>(j)) << lane;
          EXPECT_EQ(flag[static_cast<u32>(lane)], inside) << lane;
        }
      }
}
// Literals beside the formula: __shfl_up_sync(x, 3, 8) and __shfl_xor_sync(x, 8).
TEST_F(PtxWarp, ShufflesOfCuda) {
  std::copy(in.begin(), in.end(), out.begin());
  Program(place +
          "ld.global.u32 %r0, [%d30]; shfl.sync.up.b32 %r1, %r0, 3, 0x1800, -1; shfl.sync.bfly.b32 "
          "%r2, %r0, 8, 31, -1;"
          "st.global.u32 [%d30], %r1; st.global.u32 [%d31], %r2;")
      .run({out, flag});
  for (u32 t = 0; t < 32; ++t) {
    EXPECT_EQ(out[t], in[t % 8 < 3 ? t : t - 3]);
    EXPECT_EQ(flag[t], in[t ^ 8]);
  }
}
TEST_F(PtxWarp, MembersAloneTakePart) {
  // The lower and the upper half vote apart, at different places of the program.
  const Program program(place + R"(
    setp.lt.u32 %p0, %t, 16; setp.eq.u32 %p1, %t, 3; setp.eq.u32 %p4, %t, 20;
    or.pred %p1, %p1, %p4;
    @%p0 bra LOW;
    vote.sync.ballot.b32 %r9, %p1, 0xffff0000;
    bra END;
  LOW:
    vote.sync.ballot.b32 %r9, %p1, 0x0000ffff;
  END:
    st.global.u32 [%d30], %r9;)");
  in_every_mode([&] {
    program.run({out, flag});
    for (u32 t = 0; t < 32; ++t) EXPECT_EQ(out[t], t < 16 ? 1u << 3 : 1u << 20);
  });
}
TEST_F(PtxWarp, VotesCountTheMembers) {
  const struct {
    const char* predicate;  // of %t
    u32 any, all, uniform, ballot;
  } cases[] = {{"setp.ge.u32 %p0, %t, 0;", 1, 1, 1, 0xffffffff},
               {"setp.gt.u32 %p0, %t, 99;", 0, 0, 1, 0},
               {"setp.gt.u32 %p0, %t, 29;", 1, 0, 0, 0xc0000000}};
  for (const auto& c : cases) {
    Program(place + std::string(c.predicate) +
            "vote.sync.any.pred %p1, %p0, -1; vote.sync.all.pred %p2, %p0, -1; vote.sync.uni.pred "
            "%p3, %p0, -1; vote.sync.ballot.b32 %r4, %p0, -1;"
            "selp.u32 %r1, 1, 0, %p1; selp.u32 %r2, 2, 0, %p2; selp.u32 %r3, 4, 0, %p3; or.b32 "
            "%r1, %r1, %r2; or.b32 %r1, %r1, %r3;"
            "vote.sync.ballot.b32 %r5, !%p0, -1; xor.b32 %r4, %r4, 0; not.b32 %r5, %r5; "
            "setp.ne.b32 %p5, %r4, %r5; @%p5 mov.u32 %r1, 99;"
            "st.global.u32 [%d30], %r1; st.global.u32 [%d31], %r4;")
        .run({out, flag});
    EXPECT_THAT(out, Each(c.any + 2 * c.all + 4 * c.uniform)) << c.predicate;
    EXPECT_THAT(flag, Each(c.ballot)) << c.predicate;
  }
}
TEST_F(PtxWarp, MatchesNameTheLanesOfOneValue) {
  Program(place +
          "rem.u32 %r0, %t, 5; match.any.sync.b32 %r1, %r0, -1; st.global.u32 [%d30], %r1; "
          "cvt.u64.u32 %d0, %r0; shl.b64 %d0, %d0, 40;"
          "match.any.sync.b64 %r2, %d0, -1; st.global.u32 [%d31], %r2;")
      .run({out, flag});
  for (u32 t = 0; t < 32; ++t) {
    u32 same = 0;
    for (u32 j = t % 5; j < 32; j += 5) same |= 1u << j;
    EXPECT_EQ(out[t], same);
    EXPECT_EQ(flag[t], same);
  }
  Program(place +
          "mov.u32 %r0, 7; match.all.sync.b32 %r1|%p0, %r0, -1; st.global.u32 [%d30], %r1; "
          "match.all.sync.b32 %r2|%p1, %t, -1;"
          "selp.u32 %r3, 1, 0, %p0; selp.u32 %r4, 2, 0, %p1; or.b32 %r3, %r3, %r4; add.u32 %r3, "
          "%r3, %r2; st.global.u32 [%d31], %r3;")
      .run({out, flag});
  EXPECT_THAT(out, Each(0xffffffffu));
  EXPECT_THAT(flag, Each(1u));
}
TEST_F(PtxWarp, ReductionsAreOfAllMembers) {
  const struct {
    const char* name;
    u32 answer;  // of 13 ... 28, in the upper half alone
  } cases[] = {{"add.s32", 328}, {"add.u32", 328}, {"min.s32", 13}, {"max.s32", 28},
               {"and.b32", 0},   {"or.b32", 31},   {"xor.b32", 16}};
  for (const auto& c : cases) {
    Program(place +
            "add.u32 %r0, %t, -3; mov.u32 %r9, 4; setp.ge.u32 %p0, %t, 16; @%p0 redux.sync." +
            c.name + " %r9, %r0, 0xffff0000; st.global.u32 [%d30], %r9;")
        .run({out, flag});
    for (u32 t = 0; t < 32; ++t) EXPECT_EQ(out[t], t < 16 ? 4u : c.answer) << c.name;
  }
  Program(place +
          "add.u32 %r0, %t, -3; redux.sync.min.s32 %r1, %r0, -1; redux.sync.max.u32 %r2, %r0, -1; "
          "st.global.u32 [%d30], %r1; st.global.u32 [%d31], %r2;")
      .run({out, flag});
  EXPECT_THAT(out, Each(0xfffffffdu));
  EXPECT_THAT(flag, Each(0xffffffffu));
}
TEST_F(PtxWarp, OneMemberIsElected) {
  Program(place +
          "mov.u32 %r9, 5; mov.u32 %r1, 0; setp.ge.u32 %p0, %t, 6; @!%p0 bra END; elect.sync "
          "%r9|%p1, 0xffffffc0; selp.u32 %r1, 1, 0, %p1; END:"
          "st.global.u32 [%d30], %r9; st.global.u32 [%d31], %r1;")
      .run({out, flag});
  for (u32 t = 0; t < 32; ++t) {
    EXPECT_EQ(out[t], t < 6 ? 5u : 6u);
    EXPECT_EQ(flag[t], t == 6);
  }
}
// A value goes through shared memory from each lane to its neighbour; the warp's barrier stands in
// both branches.
TEST_F(PtxWarp, ABarrierOfTheWarpMayBeWaitedForInTwoPlaces) {
  const Program program(place + R"(
    .shared .align 4 .b8 cells[128];
    mov.u32 %r0, cells; mad.lo.u32 %r1, %t, 4, %r0; xor.b32 %r2, %t, 1; mad.lo.u32 %r2, %r2, 4, %r0;
    and.b32 %r3, %t, 1; setp.eq.u32 %p0, %r3, 0;
    @%p0 bra EVEN;
    add.u32 %r4, %t, 100; st.shared.u32 [%r1], %r4; bar.warp.sync 0xffffffff;
    bra END;
  EVEN:
    add.u32 %r4, %t, 200; st.shared.u32 [%r1], %r4; bar.warp.sync 0xffffffff;
  END:
    ld.shared.u32 %r5, [%r2]; st.global.u32 [%d30], %r5;)");
  in_every_mode([&] {
    program.run({out, flag});
    for (u32 t = 0; t < 32; ++t) EXPECT_EQ(out[t], (t ^ 1) + (t % 2 ? 200 : 100));
  });
}

}  // namespace
}  // namespace roofproof::ptx
