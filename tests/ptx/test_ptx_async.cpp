// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Asynchronous copies: cp.async, bulk copies, tensor copies.

#include <algorithm>
#include <array>
#include <numeric>

#include "tests/ptx/program.h"

namespace roofproof::ptx {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

class PtxAsync : public PtxMachine {};

const std::string addresses = R"(
  .shared .align 128 .b8 cells[4096]; .shared .align 8 .b64 full;
  mul.wide.u32 %d30, %t, 4; add.u64 %d30, %a0, %d30; mul.wide.u32 %d31, %t, 16; add.u64 %d31, %a1, %d31;
  mov.u32 %r30, cells; mad.lo.u32 %r31, %t, 16, %r30; setp.eq.u32 %p30, %t, 0;)";

// 4, 8 and 16 bytes; what the source does not give is zero.
TEST_F(PtxAsync, CopiesTakeTheirBytesAndFillWithZeros) {
  const struct {
    const char *text, *operands;
    int bytes, taken;
  } forms[] = {{"ca", ", 4", 4, 4},      {"ca", ", 8", 8, 8},      {"ca", ", 16", 16, 16},
               {"cg", ", 16", 16, 16},   {"cg", ", 16, 5", 16, 5}, {"ca", ", 8, %r0", 8, 3},
               {"cg", ", 16, 0", 16, 0}, {"ca", ", 4, %p1", 4, 0}, {"cg", ", 16, %p2", 16, 16}};
  for (const auto& form : forms) {
    SCOPED_TRACE(std::string(form.text) + form.operands);
    const Program program(
        addresses +
        "mov.u32 %r0, 3; setp.eq.u32 %p1, %r0, 3; setp.ne.u32 %p2, %r0, 3; mov.u32 %r1, "
        "0x77777777; st.shared.v4.u32 [%r31], {%r1, %r1, %r1, %r1};"
        "cp.async." +
        form.text + ".shared.global.L2::128B [%r31], [%d31]" + form.operands +
        "; cp.async.wait_all; ld.shared.v4.u32 {%r1, %r2, %r3, %r4}, [%r31]; mul.wide.u32 %d0, %t, "
        "16; add.u64 %d0, %a0, %d0; st.global.v4.u32 [%d0], {%r1, %r2, %r3, %r4};");
    in_every_mode([&] {
      Buffer<u8> in(512), out(512);
      std::iota(in.begin(), in.end(), u8{1});
      program.run({out, in});
      for (int k = 0; k < 512; ++k)
        EXPECT_EQ(out[static_cast<u32>(k)], k % 16 < form.taken   ? static_cast<u8>(k + 1)
                                            : k % 16 < form.bytes ? 0
                                                                  : 0x77)
            << k;
    });
  }
}
// Nothing is read beyond what is taken: the source ends there.
TEST_F(PtxAsync, CopiesReadNoMoreThanTheyTake) {
  Buffer<u8> in(4), out(512);
  EXPECT_EQ(Program(addresses +
                    "@%p30 cp.async.cg.shared.global [%r30], [%a1], 16, 4; cp.async.wait_all;")
                .fault({out, in}),
            "");
  EXPECT_THAT(Program(addresses +
                      "@%p30 cp.async.cg.shared.global [%r30], [%a1], 16, 5; cp.async.wait_all;")
                  .fault({out, in}),
              HasSubstr("out of bounds"));
  EXPECT_EQ(Program(addresses + "mov.u64 %d0, 16; @%p30 cp.async.cg.shared.global [%r30], [%d0], "
                                "16, 0; cp.async.wait_all;")
                .fault({out, in}),
            "");
}
// wait_group N leaves the N latest groups: the copies of older ones may be read, others not.
TEST_F(PtxAsync, GroupsAreWaitedForInOrder) {
  Buffer<u32> in(256), out(32);
  const auto text = [](int wait, int read) {
    std::string s = addresses;
    for (int group = 0; group < 3; ++group)
      s += "cp.async.ca.shared.global [%r31+" + std::to_string(512 * group) +
           "], [%d31], 4; cp.async.commit_group;";
    return s + "cp.async.wait_group " + std::to_string(wait) + "; ld.shared.u32 %r0, [%r31+" +
           std::to_string(512 * read) + "]; st.global.u32 [%d30], %r0; cp.async.wait_all;";
  };
  for (int wait = 0; wait < 4; ++wait)
    for (int read = 0; read < 3; ++read) {
      machine() = Machine{};
      const std::string fault = Program(text(wait, read)).fault({out, in});
      if (read < 3 - wait)
        EXPECT_EQ(fault, "") << wait << ", " << read;
      else
        EXPECT_THAT(fault, HasSubstr("is read while an asynchronous copy may still write it"))
            << wait << ", " << read;
      machine().async = Machine::Async::early;
      EXPECT_EQ(Program(text(wait, read)).fault({out, in}), "");
    }
  // What was never committed no wait_group waits for; wait_all does.
  const std::string copy = addresses + "cp.async.ca.shared.global [%r31], [%d31], 4;",
                    read = "ld.shared.u32 %r0, [%r31];";
  machine() = Machine{};
  EXPECT_THAT(Program(copy + "cp.async.wait_group 0;" + read).fault({out, in}),
              HasSubstr("asynchronous copy"));
  EXPECT_EQ(Program(copy + "cp.async.wait_all;" + read).fault({out, in}), "");
  EXPECT_EQ(
      Program(copy + "cp.async.commit_group; cp.async.commit_group; cp.async.wait_group 1;" + read)
          .fault({out, in}),
      "");
}

const std::string wait_full =
    "WAIT: mbarrier.try_wait.parity.shared.b64 %p0, [full], 0; @!%p0 bra WAIT;";

TEST_F(PtxAsync, BulkCopiesGoInAndOut) {
  const Program program(addresses +
                        "@%p30 mbarrier.init.shared.b64 [full], 1; "
                        "fence.mbarrier_init.release.cluster; bar.sync 0; @!%p30 bra IN; "
                        "mbarrier.arrive.expect_tx.shared.b64 _, [full], 1024;"
                        "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes "
                        "[cells], [%a1], 512, [full];"
                        "add.u64 %d0, %a1, 512; "
                        "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.L2::"
                        "cache_hint [cells+512], [%d0], 512, [full], %d0; IN:" +
                        wait_full + R"(
    mov.u32 %r0, cells; mad.lo.u32 %r0, %t, 4, %r0; ld.shared.u32 %r1, [%r0]; add.u32 %r1, %r1, 1; st.shared.u32 [%r0], %r1; fence.proxy.async.shared::cta; bar.sync 0;
    @!%p30 bra END; cp.async.bulk.global.shared::cta.bulk_group [%a0], [cells], 1024; cp.async.bulk.commit_group; cp.async.bulk.wait_group 0;
  END:)");
  in_every_mode([&] {
    Buffer<u32> in(256), out(256);
    std::iota(in.begin(), in.end(), 77u);
    program.run({out, in}, {.block = {256}});
    for (u32 k = 0; k < 256; ++k) EXPECT_EQ(out[k], 78 + k);
  });
}
TEST_F(PtxAsync, BulkCopiesReachAnotherBlockAndAllBlocks) {
  // Rank 0 sends a line to both blocks, then rank 1 hands it to rank 0 by way of shared memory.
  const Program program(addresses + R"(
    .shared .align 8 .b64 second; mov.u32 %r0, %cluster_ctarank; setp.eq.u32 %p1, %r0, 0; @%p30 mbarrier.init.shared.b64 [full], 1; @%p30 mbarrier.init.shared.b64 [second], 1;
    fence.mbarrier_init.release.cluster; @%p30 mbarrier.arrive.expect_tx.shared.b64 _, [full], 128; and.pred %p3, %p30, %p1; @%p3 mbarrier.arrive.expect_tx.shared.b64 _, [second], 128;
    barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned; mov.u16 %h0, 3;
    @%p3 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [cells], [%a1], 128, [full], %h0;)" +
                        wait_full + R"(
    mov.u32 %r1, cells; add.u32 %r1, %r1, 256; mapa.shared::cluster.u32 %r2, %r1, 0; mov.u32 %r3, second; mapa.shared::cluster.u32 %r4, %r3, 0; setp.ne.u32 %p4, %r0, 0; and.pred %p4, %p4, %p30;
    @%p4 cp.async.bulk.shared::cluster.shared::cta.mbarrier::complete_tx::bytes [%r2], [cells], 128, [%r4];
    @!%p1 bra END; SECOND: mbarrier.try_wait.parity.shared.b64 %p0, [second], 0; @!%p0 bra SECOND; mov.u32 %r6, cells; mad.lo.u32 %r6, %t, 4, %r6; ld.shared.u32 %r5, [%r6+256]; st.global.u32 [%d30], %r5;
  END: barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned;)");
  in_every_mode([&] {
    Buffer<u32> in(32), out(32);
    std::iota(in.begin(), in.end(), 900u);
    program.run({out, in}, {.grid = {2}, .cluster = {2}});
    for (u32 k = 0; k < 32; ++k) EXPECT_EQ(out[k], 900 + k);
  });
}

// Each thread's 16 bytes go to the same place of the next block, which waits for all of them.
TEST_F(PtxAsync, StoresReachAnotherBlock) {
  const struct {
    const char *text, *values;
    int bytes;
  } forms[] = {{"b32", "%r1", 4},
               {"v2.s32", "{%r1, %r2}", 8},
               {"v4.f32", "{%f1, %f2, %f3, %f4}", 16},
               {"u64", "%d1", 8},
               {"v2.b64", "{%d1, %d2}", 16}};
  for (const auto& form : forms) {
    SCOPED_TRACE(form.text);
    const Program program(addresses + R"(
    mov.u32 %r0, %cluster_ctarank; mad.lo.u32 %r1, %r0, 1000, %t; add.u32 %r1, %r1, 1; add.u32 %r2, %r1, 100; add.u32 %r3, %r1, 200; add.u32 %r4, %r1, 300;
    mov.b32 %f1, %r1; mov.b32 %f2, %r2; mov.b32 %f3, %r3; mov.b32 %f4, %r4; mov.b64 %d1, {%r1, %r2}; mov.b64 %d2, {%r3, %r4};
    mov.u32 %r5, 0; st.shared.v4.u32 [%r31], {%r5, %r5, %r5, %r5}; @%p30 mbarrier.init.shared.b64 [full], 1; @%p30 fence.mbarrier_init.release.cluster; @%p30 mbarrier.arrive.expect_tx.shared.b64 _, [full], )" +
                          std::to_string(64 * form.bytes) + R"(;
    barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned; add.u32 %r6, %r0, 1; rem.u32 %r6, %r6, 3; mapa.shared::cluster.u32 %r7, %r31, %r6; mov.u32 %r8, full; mapa.shared::cluster.u32 %r9, %r8, %r6;
    st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.)" +
                          form.text + " [%r7], " + form.values + ", [%r9];" + wait_full + R"(
    ld.shared.v4.u32 {%r10, %r11, %r12, %r13}, [%r31]; mad.lo.u32 %r14, %r0, 64, %t; mul.wide.u32 %d3, %r14, 16; add.u64 %d3, %a0, %d3; st.global.v4.u32 [%d3], {%r10, %r11, %r12, %r13};)");
    in_every_mode([&] {
      Buffer<u32> out(3 * 64 * 4);
      program.run({out}, {.grid = {3}, .block = {64}, .cluster = {3}});
      for (u32 k = 0; k < out.size(); ++k) {
        const u32 rank = k / 256, thread = k / 4 % 64, element = k % 4;
        EXPECT_EQ(out[k], element * 4 < static_cast<u32>(form.bytes)
                              ? (rank + 2) % 3 * 1000 + thread + 1 + 100 * element
                              : 0)
            << k;
      }
    });
  }
}

// ---- tensor maps

struct alignas(64) Map {
  u8 bytes[128];
};
// Of 16-bit elements, dense but for 16 bytes behind each row.
struct Tensor {
  int rank;
  std::array<int, 5> dims, box;
  int swizzle;
  u64 stride(int d) const {  // of dimension d, bytes
    u64 bytes = static_cast<u64>(dims[0]) * 2 + 16;
    for (int k = 1; k < d; ++k) bytes *= static_cast<u64>(dims[static_cast<std::size_t>(k)]);
    return bytes;
  }
  TensorMapRequest request(void* address) const {
    TensorMapRequest r{};
    r.data_type = 1;
    r.rank = rank;
    r.address = address;
    for (int d = 0; d < rank; ++d) {
      const auto at = static_cast<std::size_t>(d);
      r.dims[d] = static_cast<u64>(dims[at]);
      r.box[d] = static_cast<u32>(box[at]);
      r.element_strides[d] = 1;
      if (d) r.strides[d - 1] = stride(d);
    }
    r.swizzle = swizzle;
    return r;
  }
  int box_elements() const {
    int n = 1;
    for (int d = 0; d < rank; ++d) n *= box[static_cast<std::size_t>(d)];
    return n;
  }
};
std::string coordinates(const std::vector<int>& at) {
  std::string list;
  for (const int x : at) list += (list.empty() ? "" : ", ") + std::to_string(x);
  return "{" + list + "}";
}
// Where a byte of a box lies: the manual permutes the 16-byte pieces of a span by exclusive or with
// the number of the 128-byte line (a span of 64 bytes: of two lines' worth, of 32: four).
int swizzled(int byte, int swizzle) {
  if (!swizzle) return byte;
  const int span = 16 << swizzle, pieces = span / 16, line = byte / 128 % 8;
  return byte / span * span + (byte % span / 16 ^ line % pieces) * 16 + byte % 16;
}

struct Box {
  Tensor tensor;
  std::vector<int> at;
};
void PrintTo(const Box& box, std::ostream* out) {
  *out << box.tensor.rank << "d swizzle " << box.tensor.swizzle << " at "
       << ::testing::PrintToString(box.at);
}
class PtxTensorMap : public ::testing::TestWithParam<Box> {};

TEST_P(PtxTensorMap, BoxGoesInSwizzledAndOutAgain) {
  const auto& [tensor, at] = GetParam();
  const int elements = tensor.box_elements(), bytes = 2 * elements;
  const std::string rank = std::to_string(tensor.rank);
  // p0: the map of the source, p1: of the target, p2: the shared memory as it was
  const Program program(
      ".shared .align 8 .b64 full; setp.eq.u32 %p30, %t, 0; @%p30 mbarrier.init.shared.b64 [full], "
      "1; fence.mbarrier_init.release.cluster; bar.sync 0; @!%p30 bra IN; "
      "mbarrier.arrive.expect_tx.shared.b64 _, [full], " +
          std::to_string(bytes) + "; prefetch.tensormap [%a0]; cp.async.bulk.tensor." + rank +
          "d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [place], [%a0, " +
          coordinates(at) + "], [full]; IN:" + wait_full +
          "mov.u32 %r0, %t; COPY: setp.ge.u32 %p1, %r0, " + std::to_string(elements) +
          "; @%p1 bra COPIED; mov.u32 %r1, place; mad.lo.u32 %r1, %r0, 2, %r1; ld.shared.u16 %h0, "
          "[%r1]; mul.wide.u32 %d0, %r0, 2; add.u64 %d0, %a2, %d0;"
          "st.global.u16 [%d0], %h0; add.u32 %r0, %r0, 64; bra COPY; COPIED: @!%p30 bra END; "
          "cp.async.bulk.tensor." +
          rank + "d.global.shared::cta.tile.bulk_group [%a1, " + coordinates(at) +
          "], [place]; cp.async.bulk.commit_group; cp.async.bulk.wait_group 0; END:",
      ".extern .shared .align 1024 .b8 place[];\n");
  const u64 memory = tensor.stride(tensor.rank) / 2;
  Buffer<u16> from(memory, "from"), to(memory, "to"), raw(static_cast<std::size_t>(elements)),
      right(memory);
  for (std::size_t k = 0; k < memory; ++k) from[k] = static_cast<u16>(k * 40503 + 1);
  Buffer<Map> maps(2);
  encode_tensor_map(&maps[0], tensor.request(from.data()));
  encode_tensor_map(&maps[1], tensor.request(to.data()));
  in_every_mode([&] {
    std::fill(to.begin(), to.end(), u16{0xeeee});
    std::fill(right.begin(), right.end(), u16{0xeeee});
    program.run({&maps[0], &maps[1], raw},
                {.block = {64}, .dynamic_shared = static_cast<std::size_t>(bytes)});
    for (int element = 0; element < elements; ++element) {
      int rest = element;
      u64 where = 0;
      bool inside = true;
      for (int d = 0; d < tensor.rank; ++d) {
        const auto k = static_cast<std::size_t>(d);
        const int x = at[k] + rest % tensor.box[k];
        rest /= tensor.box[k];
        inside = inside && x >= 0 && x < tensor.dims[k];
        where += static_cast<u64>(x) * (d ? tensor.stride(d) / 2 : 1);
      }
      ASSERT_EQ(raw[static_cast<std::size_t>(swizzled(2 * element, tensor.swizzle) / 2)],
                inside ? from[where] : 0)
          << element;
      if (inside) right[where] = from[where];
    }
    EXPECT_TRUE(std::equal(to.begin(), to.end(), right.begin()));
  });
}
std::vector<Box> boxes() {
  std::vector<Box> all = {{{1, {100}, {24}, 0}, {40}},
                          {{1, {100}, {24}, 0}, {-3}},
                          {{1, {100}, {24}, 0}, {90}},
                          {{3, {24, 5, 4}, {8, 3, 2}, 0}, {-2, 3, 3}},
                          {{3, {24, 5, 4}, {16, 4, 4}, 1}, {10, -1, -1}},
                          {{4, {16, 4, 3, 3}, {8, 2, 2, 2}, 0}, {4, 3, -1, 2}},
                          {{5, {16, 3, 3, 2, 3}, {8, 2, 2, 2, 2}, 0}, {-1, 2, 1, -1, 2}},
                          {{5, {16, 3, 3, 2, 3}, {16, 2, 2, 2, 2}, 1}, {0, 1, 1, 0, 1}}};
  for (int swizzle = 0; swizzle < 4; ++swizzle)
    for (const auto& at :
         {std::vector{0, 0}, {8, 12}, {24, 15}, {-5, -3}, {39, 19}, {40, 0}, {200, 200}})
      all.push_back({{2, {40, 20}, {swizzle ? 8 << swizzle : 32, 16}, swizzle}, at});
  return all;
}
INSTANTIATE_TEST_SUITE_P(, PtxTensorMap, ::testing::ValuesIn(boxes()), printed_name);

TEST_F(PtxAsync, TensorCopyIsMulticastToTheRanksOfTheMask) {
  // Rank 1 of three loads for ranks 0 and 2; rank 1 keeps what it had.
  const Program program(R"(
    .shared .align 128 .b8 place[128]; .shared .align 8 .b64 full; setp.eq.u32 %p30, %t, 0; mov.u32 %r0, %cluster_ctarank; setp.eq.u32 %p1, %r0, 1;
    mov.u32 %r30, place; mad.lo.u32 %r30, %t, 4, %r30; mov.u32 %r9, 9; @%p1 st.shared.u32 [%r30], %r9;
    @%p30 mbarrier.init.shared.b64 [full], 1; @%p30 mbarrier.arrive.expect_tx.shared.b64 _, [full], 128; fence.mbarrier_init.release.cluster;
    barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned; and.pred %p2, %p1, %p30;
    @%p2 cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [place], [%a1, {0, 0}], [full], 5;
    @%p1 bra END;)" + wait_full +
                        R"(
  END: ld.shared.u32 %r1, [%r30]; mad.lo.u32 %r2, %r0, 32, %t; mul.wide.u32 %d0, %r2, 4; add.u64 %d0, %a0, %d0; st.global.u32 [%d0], %r1;
    barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned;)");
  Buffer<u32> in(64), out(96);
  std::iota(in.begin(), in.end(), 500u);
  Buffer<Map> map(1);
  TensorMapRequest request{};
  request.data_type = 2;
  request.rank = 2;
  request.address = in.data();
  request.dims[0] = 8;
  request.dims[1] = 4;
  request.strides[0] = 64;
  request.box[0] = 8;
  request.box[1] = 4;
  request.element_strides[0] = request.element_strides[1] = 1;
  encode_tensor_map(&map[0], request);
  in_every_mode([&] {
    program.run({out, &map[0]}, {.grid = {3}, .cluster = {3}});
    for (u32 k = 0; k < 96; ++k)
      EXPECT_EQ(out[k], k / 32 == 1 ? 9u : 500 + k % 32 / 8 * 16 + k % 8) << k;
  });
}
TEST_F(PtxAsync, TensorMapOfFloatsMayFillWithNaN) {
  const Program program(
      ".shared .align 128 .b8 place[128]; .shared .align 8 .b64 full; mbarrier.init.shared.b64 "
      "[full], 1; fence.mbarrier_init.release.cluster; mbarrier.arrive.expect_tx.shared.b64 _, "
      "[full], 32;"
      "cp.async.bulk.tensor.1d.shared::cluster.global.mbarrier::complete_tx::bytes [place], [%a1, "
      "{4}], [full];" +
      wait_full + "ld.shared.v2.f32 {%f0, %f1}, [place+8]; st.global.v2.f32 [%a0], {%f0, %f1};");
  Buffer<float> in(8), out(2);
  in[7] = 3;
  Buffer<Map> map(1);
  TensorMapRequest request{};
  request.data_type = 7;
  request.rank = 1;
  request.address = in.data();
  request.dims[0] = 7;
  request.box[0] = 8;
  request.element_strides[0] = 1;
  request.fill = 1;
  in[6] = 2;
  encode_tensor_map(&map[0], request);
  program.run({out, &map[0]}, {.block = {1}});
  EXPECT_EQ(out[0], 2);
  EXPECT_NE(out[1], out[1]);
}

// ---- what the driver refuses to encode

struct Encoding {
  const char* name;
  void (*change)(TensorMapRequest&);
  const char* says;
};
void PrintTo(const Encoding& encoding, std::ostream* out) { *out << encoding.name; }
class PtxEncode : public ::testing::TestWithParam<Encoding> {
 protected:
  PtxEncode() {
    request.data_type = 6;
    request.rank = 3;
    request.address = reinterpret_cast<void*>(0x10000);
    for (int d = 0; d < 3; ++d)
      request.dims[d] = 64, request.box[d] = 32, request.element_strides[d] = 1;
    request.strides[0] = 128;
    request.strides[1] = 8192;
    request.swizzle = 2;
  }
  TensorMapRequest request{};
  Map map;
};
TEST_P(PtxEncode, IsRefused) {
  EXPECT_NO_THROW(encode_tensor_map(&map, request));
  GetParam().change(request);
  try {
    encode_tensor_map(&map, request);
    FAIL() << "it was encoded";
  } catch (const Fault& fault) {
    EXPECT_THAT(fault.what(), HasSubstr(GetParam().says));
  }
}
using Request = TensorMapRequest;
INSTANTIATE_TEST_SUITE_P(
    , PtxEncode,
    ::testing::Values(
        Encoding{"rank 0", [](Request& r) { r.rank = 0; }, "rank 0"},
        Encoding{"rank 6", [](Request& r) { r.rank = 6; }, "rank 6"},
        Encoding{"type", [](Request& r) { r.data_type = 13; }, "data type 13"},
        Encoding{"address", [](Request& r) { r.address = reinterpret_cast<void*>(0x10008); },
                 "not aligned to 16"},
        Encoding{"stride", [](Request& r) { r.strides[0] = 136; }, "stride 136"},
        Encoding{"far stride", [](Request& r) { r.strides[1] = u64{1} << 40; },
                 "stride 1099511627776"},
        Encoding{"no elements", [](Request& r) { r.dims[1] = 0; }, "dimension 1 is 0"},
        Encoding{"elements", [](Request& r) { r.dims[2] = (u64{1} << 32) + 1; }, "dimension 2"},
        Encoding{"no box", [](Request& r) { r.box[1] = 0; }, "box 1 is 0"},
        Encoding{"box", [](Request& r) { r.box[2] = 257; }, "box 2 is 257"},
        Encoding{"no element stride", [](Request& r) { r.element_strides[0] = 0; },
                 "element stride"},
        Encoding{"element stride", [](Request& r) { r.element_strides[1] = 9; }, "element stride"},
        Encoding{"inner box", [](Request& r) { r.box[0] = 12; }, "24 bytes, no multiple of 16"},
        Encoding{"span", [](Request& r) { r.box[0] = 40; }, "larger than the swizzle"},
        Encoding{"span of 32", [](Request& r) { r.swizzle = 1; }, "larger than the swizzle"},
        Encoding{"fill of integers", [](Request& r) { r.data_type = 1, r.fill = 1; },
                 "NaN fill of integers"},
        Encoding{"swizzle", [](Request& r) { r.swizzle = 4; }, "swizzle 4"},
        Encoding{"interleave", [](Request& r) { r.interleave = 1; }, "interleave"},
        Encoding{"promotion", [](Request& r) { r.promotion = 4; }, "promotion"}),
    printed_name);
TEST_F(PtxEncode, NeedsAMapAlignedTo64Bytes) {
  alignas(64) u8 bytes[192];
  EXPECT_NO_THROW(encode_tensor_map(bytes + 64, request));
  EXPECT_THROW(encode_tensor_map(bytes + 32, request), Fault);
}
TEST_F(PtxEncode, TakesTheGreatestOfEverything) {
  request.swizzle = 0;
  request.dims[0] = u64{1} << 32;
  for (u32& x : request.box) x = 256;
  request.strides[1] = (u64{1} << 40) - 16;
  EXPECT_NO_THROW(encode_tensor_map(&map, request));
}

}  // namespace
}  // namespace roofproof::ptx
