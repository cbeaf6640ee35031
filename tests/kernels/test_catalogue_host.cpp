// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Every kernel of the host backend against plain loops, on every instruction set of this CPU.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/host/device.h"
#include "kernels/host/simd.h"
#include "tests/kernels/catalogue_names.h"
#include "tests/kernels/naive.h"

namespace roofproof {
namespace {

using Bytes = std::vector<std::byte>;

const std::vector<Precision>& all_precisions() {
  static const std::vector<Precision> all = {Precision::fp32, Precision::fp16,  Precision::int8,
                                             Precision::int4, Precision::w8a16, Precision::w4a16};
  return all;
}

// Sizes of 1, primes, one less and one more than tiles and vectors, tall, wide, deep.
std::vector<Shape> awkward_shapes(Op op) {
  std::vector<Shape> shapes;
  switch (op) {
    case Op::peak:
      return {{}};
    case Op::read:
    case Op::copy:
    case Op::triad:
      for (const std::int64_t count :
           {1, 2, 3, 15, 16, 17, 63, 64, 65, 1023, 1024, 1025, 4099, 3 * 1024, 100003}) {
        shapes.push_back({.bytes = 4 * count});
      }
      return shapes;
    case Op::gemm:
      for (const auto& [m, n, k] : std::vector<std::array<std::int64_t, 3>>{
               {1, 1, 1},     {1, 2, 3},    {2, 1, 1},     {3, 1, 17},    {4, 12, 4},
               {5, 13, 5},    {3, 11, 7},   {12, 32, 8},   {11, 31, 9},   {13, 33, 64},
               {24, 24, 24},  {23, 25, 23}, {16, 16, 127}, {17, 15, 129}, {127, 1, 257},
               {1, 257, 127}, {503, 3, 41}, {3, 503, 41},  {5, 7, 2003},  {97, 701, 811},
               {211, 97, 499}}) {
        shapes.push_back({.m = m, .n = n, .k = k});
      }
      return shapes;
    case Op::gemv:
      for (const auto& [n, k, batch] : std::vector<std::array<std::int64_t, 3>>{
               {1, 1, 1},     {2, 1, 2},     {1, 2, 1},     {3, 3, 3},     {5, 15, 1},
               {4, 16, 4},    {7, 17, 5},    {15, 31, 2},   {16, 32, 8},   {17, 33, 7},
               {31, 127, 1},  {64, 128, 16}, {65, 129, 17}, {63, 255, 3},  {67, 256, 1},
               {129, 257, 6}, {3, 4099, 1},  {1, 1000, 32}, {211, 640, 1}, {131, 383, 31},
               {33, 130, 64}, {19, 131, 200}}) {
        shapes.push_back({.n = n, .k = k, .batch = batch});
      }
      return shapes;
    default:
      return {};
  }
}

// Everything of one copy that a launch reads or writes.
std::map<std::string, Bytes> download_all(const Workload& workload, int copy) {
  std::map<std::string, Bytes> contents;
  for (const TensorInfo& tensor : workload.tensors()) {
    contents[tensor.name] = workload.download(tensor.name, copy);
  }
  return contents;
}

// W [n, k] as real numbers, from the canonical formats.
std::vector<double> canonical_weights(const Problem& problem,
                                      const std::map<std::string, Bytes>& tensors) {
  const auto n = static_cast<std::size_t>(problem.shape.n);
  const auto k = static_cast<std::size_t>(problem.shape.k);
  const Bytes& bytes = tensors.at("w");
  if (problem.precision == Precision::fp32) return naive::doubles_of_floats(bytes);
  if (problem.precision == Precision::fp16) return naive::doubles_of_halves(bytes);
  std::vector<double> weights;
  if (problem.precision == Precision::int8) {
    const auto scales = naive::doubles_of_floats(tensors.at("scales"));
    const auto values = naive::elements<std::int8_t>(bytes);
    for (std::size_t i = 0; i < n * k; ++i) weights.push_back(scales[i / k] * values[i]);
    return weights;
  }
  const auto scales = naive::doubles_of_halves(tensors.at("scales"));
  const std::size_t row_bytes = (k + 1) / 2;
  const std::size_t row_groups = (k + 127) / 128;
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t column = 0; column < k; ++column) {
      const auto pair = static_cast<unsigned>(bytes[row * row_bytes + column / 2]);
      const int q = static_cast<int>(column % 2 == 0 ? pair % 16 : pair / 16) - 8;
      weights.push_back(q * scales[row * row_groups + column / 128]);
    }
  }
  return weights;
}

// Compares what a launch left in `after` with what follows from the operands in `before`.
void expect_right(const Problem& problem, const Preparation& preparation,
                  const std::map<std::string, Bytes>& before,
                  const std::map<std::string, Bytes>& after) {
  const Shape& shape = problem.shape;
  const auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
  switch (problem.op) {
    case Op::peak:
      for (const float value : naive::elements<float>(after.at("out"))) {
        ASSERT_TRUE(std::isfinite(value));
      }
      return;
    case Op::read: {
      std::uint32_t sum = 0;
      for (const std::uint32_t value : naive::elements<std::uint32_t>(before.at("a"))) sum += value;
      EXPECT_EQ(naive::elements<std::uint32_t>(after.at("sum")).at(0), sum);
      return;
    }
    case Op::copy:
      EXPECT_EQ(after.at("c"), before.at("a"));
      return;
    case Op::triad: {
      const auto a = naive::doubles_of_floats(before.at("a"));
      const auto b = naive::doubles_of_floats(before.at("b"));
      const auto c = naive::doubles_of_floats(after.at("c"));
      ASSERT_EQ(c.size(), a.size());
      for (std::size_t i = 0; i < c.size(); ++i) {
        const double tolerance = 0x1p-23 * (std::abs(a[i]) + std::abs(3 * b[i]));
        ASSERT_TRUE(std::abs(c[i] - (a[i] + 3 * b[i])) <= tolerance) << i;
      }
      return;
    }
    case Op::gemm: {
      const auto c =
          preparation.beta == 0 ? std::vector<double>() : naive::doubles_of_floats(before.at("c"));
      naive::expect_product(naive::doubles_of_floats(after.at("c")),
                            naive::product(size(shape.m), size(shape.n), size(shape.k),
                                           naive::doubles_of_floats(before.at("a")),
                                           naive::doubles_of_floats(before.at("b")),
                                           static_cast<float>(preparation.alpha),
                                           static_cast<float>(preparation.beta), c),
                            size(shape.k), /*half_output=*/false);
      return;
    }
    case Op::gemv: {
      const bool half = problem.precision != Precision::fp32;
      const auto numbers = half ? naive::doubles_of_halves : naive::doubles_of_floats;
      naive::expect_product(
          numbers(after.at("y")),
          naive::product(size(shape.batch), size(shape.n), size(shape.k), numbers(before.at("x")),
                         canonical_weights(problem, before)),
          size(shape.k), half);
      return;
    }
    default:
      FAIL() << "no reference for " << name(problem.op);
  }
}

// The tensor that a launch writes.
std::string output_of(Op op) {
  switch (op) {
    case Op::peak:
      return "out";
    case Op::read:
      return "sum";
    case Op::gemv:
      return "y";
    default:
      return "c";
  }
}

struct Row {
  const CatalogueEntry* entry;
  std::string simd;
};

std::string name_of(const Row& row) { return test_name(*row.entry) + "_" + row.simd; }
void PrintTo(const Row& row, std::ostream* out) { *out << name_of(row); }

// Rows that compute something, once per instruction set; a library brings its own.
std::vector<Row> working_rows() {
  const Device device = host::describe_device();
  std::vector<Row> rows;
  for (const CatalogueEntry& entry : catalogue()) {
    if (entry.backend != Backend::host) continue;
    const std::vector<Shape> shapes = awkward_shapes(entry.op);
    if (shapes.empty() ||
        !entry.unsupported({entry.op, entry.precision, shapes[0]}, device).empty())
      continue;
    for (const std::string& simd : host::simd_targets()) {
      rows.push_back({&entry, simd});
      if (is_library(entry.implementation)) break;
    }
  }
  return rows;
}

class HostKernel : public testing::TestWithParam<Row> {
 protected:
  void SetUp() override { host::use_simd_target(GetParam().simd); }
  void TearDown() override { host::use_simd_target(""); }

  // One thread, one per tile, more threads than rows: they take turns over the shapes.
  static Device device_with(int threads) {
    Device device = host::describe_device();
    device.processors = threads;
    return device;
  }
  static std::vector<Preparation> preparations(Op op) {
    std::vector<Preparation> all = {{.seed = 7, .copies = 2}};
    if (op == Op::gemm) {
      all.push_back({.seed = 8, .copies = 2, .alpha = 1.5, .beta = 0.5});
      all.push_back({.seed = 9, .copies = 2, .alpha = -0.25, .beta = 1});
    }
    return all;
  }
};

TEST_P(HostKernel, ComputesAwkwardShapesOnEveryCopy) {
  const CatalogueEntry& entry = *GetParam().entry;
  int threads = 0;
  for (const Shape& shape : awkward_shapes(entry.op)) {
    const Problem problem{entry.op, entry.precision, shape};
    threads = threads % 5 + 1;
    const Device device = device_with(threads);
    for (const Preparation& preparation : preparations(entry.op)) {
      SCOPED_TRACE(benchmark_name(problem, entry.implementation) + " alpha " +
                   std::to_string(preparation.alpha) + " beta " + std::to_string(preparation.beta) +
                   " threads " + std::to_string(threads));
      const auto workload = entry.prepare(problem, device, preparation);
      const std::string output = output_of(entry.op);
      for (const int copy : {1, 0}) {
        const auto before = download_all(*workload, copy);
        if (preparation.beta == 0 && copy == 1) {
          const Bytes& poisoned = before.at(output);
          ASSERT_TRUE(std::all_of(poisoned.begin(), poisoned.end(),
                                  [](std::byte byte) { return byte == std::byte{0xff}; }));
        }
        workload->launch(nullptr, copy + 2);
        auto after = download_all(*workload, copy);
        ASSERT_NO_FATAL_FAILURE(expect_right(problem, preparation, before, after));
        // Inputs are as they were.
        for (const auto& [tensor, contents] : before) {
          EXPECT_TRUE(tensor == output || after.at(tensor) == contents) << tensor;
        }
      }
      EXPECT_TRUE(workload->guards_intact());
      const Check check = workload->check(nullptr);
      EXPECT_TRUE(check.ok) << check.message;
      EXPECT_LE(check.worst, 1);
    }
  }
}

TEST_P(HostKernel, TwoRunsAreBitwiseEqual) {
  const CatalogueEntry& entry = *GetParam().entry;
  for (const Shape& shape : awkward_shapes(entry.op)) {
    const Problem problem{entry.op, entry.precision, shape};
    const Device device = device_with(3);
    const auto first = entry.prepare(problem, device, {.seed = 5});
    const auto second = entry.prepare(problem, device, {.seed = 5});
    first->launch(nullptr, 0);
    second->launch(nullptr, 0);
    second->launch(nullptr, 1);
    const std::string output = output_of(entry.op);
    EXPECT_EQ(first->download(output, 0), second->download(output, 0))
        << benchmark_name(problem, entry.implementation);
  }
}

TEST_P(HostKernel, CountsWhatTheProblemCounts) {
  const CatalogueEntry& entry = *GetParam().entry;
  const Problem problem{entry.op, entry.precision, awkward_shapes(entry.op).back()};
  const auto workload = entry.prepare(problem, device_with(2), {});
  EXPECT_FALSE(workload->label().empty());
  if (!is_library(entry.implementation)) {
    EXPECT_NE(workload->label().find(GetParam().simd), std::string::npos) << workload->label();
  }
  EXPECT_EQ(workload->bytes(), compulsory_bytes(problem));
  if (entry.op == Op::peak) {
    EXPECT_GT(workload->flop(), 0);
  } else {
    EXPECT_EQ(workload->flop(), flop(problem));
  }
}

// Stands in for a kernel that leaves out the last step of every sum, or gets one operand wrong by a
// little: the operands are not what the reference takes them to be.
TEST_P(HostKernel, AWrongResultIsFoundByTheCheck) {
  const CatalogueEntry& entry = *GetParam().entry;
  if (entry.op == Op::peak) GTEST_SKIP() << "has no inputs";
  for (const Shape& shape : awkward_shapes(entry.op)) {
    const Problem problem{entry.op, entry.precision, shape};
    SCOPED_TRACE(benchmark_name(problem, entry.implementation));
    const auto workload = entry.prepare(problem, device_with(2), {.seed = 3});
    const std::string operand = entry.op == Op::gemv ? "w" : "a";
    Bytes bytes = workload->download(operand, 0);
    const Bytes right = bytes;
    switch (entry.op) {
      case Op::gemm:
      case Op::gemv: {
        // The last column of the operand, in all rows.
        const std::size_t rows = static_cast<std::size_t>(entry.op == Op::gemm ? shape.m : shape.n);
        const std::size_t row_bytes = bytes.size() / rows;
        const std::size_t last = static_cast<std::size_t>(shape.k) - 1;
        for (std::size_t row = 0; row < rows; ++row) {
          std::byte* const begin = bytes.data() + row * row_bytes;
          switch (entry.precision) {
            case Precision::fp32:
              begin[4 * last + 3] ^= std::byte{0x80};  // sign
              break;
            case Precision::fp16:
              begin[2 * last + 1] ^= std::byte{0x80};
              break;
            case Precision::int8:
              begin[last] ^= std::byte{0x80};
              break;
            default:
              begin[last / 2] ^= last % 2 == 0 ? std::byte{0x08} : std::byte{0x80};
          }
        }
        break;
      }
      default:
        bytes.back() ^= std::byte{1};  // one bit of the last element
        bytes[bytes.size() - 2] ^= std::byte{0x80};
    }
    workload->upload(operand, 0, bytes);
    const Check check = workload->check(nullptr);
    EXPECT_FALSE(check.ok);
    EXPECT_GT(check.worst, 1);
    EXPECT_FALSE(check.message.empty());
    workload->upload(operand, 0, right);
    EXPECT_TRUE(workload->check(nullptr).ok);
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, HostKernel, testing::ValuesIn(working_rows()),
                         [](const auto& row) { return name_of(row.param); });

// A family that can run nothing, and says which kernel it was asked for.
std::vector<CatalogueEntry> entries_of_kernels(std::vector<Kernel> kernels) {
  return entries_of(
      std::vector<KernelFamily>{{{Op::read, Op::copy},
                                 {Precision::fp32, Precision::fp16},
                                 Implementation::hand,
                                 std::move(kernels),
                                 Backend::cuda,
                                 [](std::string_view kernel, const Problem&, const Device&) {
                                   return "asked for " + std::string(kernel);
                                 }}});
}

TEST(CatalogueFamilies, HaveAnEntryForEachOperationPrecisionAndKernel) {
  std::vector<std::string> all;
  for (const CatalogueEntry& entry : entries_of_kernels({{"new"}, {"old"}})) {
    all.push_back(std::string(name(entry.op)) + " " + std::string(name(entry.precision)) + " " +
                  std::string(entry.kernel.name));
    EXPECT_EQ(entry.unsupported({}, {}), "asked for " + std::string(entry.kernel.name));
  }
  EXPECT_EQ(all, (std::vector<std::string>{"read fp32 new", "read fp32 old", "read fp16 new",
                                           "read fp16 old", "copy fp32 new", "copy fp32 old",
                                           "copy fp16 new", "copy fp16 old"}));
  EXPECT_EQ(entries_of_kernels({}).size(), 4u);
}

TEST(CatalogueFamilies, CheckTheComputeCapabilityBeforeTheyAreAsked) {
  const auto entries = entries_of_kernels({{"newer", 80}, {"alone", 90, 90}, {"some", 90, 110}});
  const auto reason = [&](int kernel, int compute_capability) {
    Device device;
    device.compute_capability = compute_capability;
    return entries[static_cast<std::size_t>(kernel)].unsupported({}, device);
  };
  EXPECT_EQ(reason(0, 75), "needs compute capability 8.0 or newer, this is 7.5");
  EXPECT_EQ(reason(0, 80), "asked for newer");
  EXPECT_EQ(reason(0, 120), "asked for newer");
  EXPECT_EQ(reason(1, 89), "needs compute capability 9.0, this is 8.9");
  EXPECT_EQ(reason(1, 90), "asked for alone");
  EXPECT_EQ(reason(1, 100), "needs compute capability 9.0, this is 10.0");
  EXPECT_EQ(reason(2, 89), "needs compute capability 9.0 to 11.0, this is 8.9");
  EXPECT_EQ(reason(2, 110), "asked for some");
  EXPECT_EQ(reason(2, 120), "needs compute capability 9.0 to 11.0, this is 12.0");
}

// What a GPU runs by itself of products with packed weights: 12.x has not the shared memory that
// Hopper's code is made for.
TEST(CatalogueFamilies, TheNewestKernelForAGpuIsNotAlwaysThatOfTheNewestGpu) {
  Problem gemv{Op::gemv, Precision::int4, {}};
  gemv.shape.n = gemv.shape.k = 4096;
  gemv.shape.batch = 1;
  const auto preferred = [&](int compute_capability) -> std::string {
    Device device;
    device.backend = Backend::cuda;
    device.compute_capability = compute_capability;
    for (const CatalogueEntry* entry :
         candidates(catalogue(), gemv, Implementation::hand, Backend::cuda)) {
      if (entry->unsupported(gemv, device).empty()) return std::string(entry->kernel.name);
    }
    return "";
  };
  if (preferred(75).empty()) GTEST_SKIP() << "a build without CUDA";
  EXPECT_EQ(preferred(75), "mma_sm75");
  EXPECT_EQ(preferred(89), "mma_sm80");
  EXPECT_EQ(preferred(90), "bulk_sm90");
  EXPECT_EQ(preferred(103), "bulk_sm90");
  EXPECT_EQ(preferred(120), "mma_sm80");
}

// Arrays beyond the last-level cache are written around it.
TEST(HostStreams, NonTemporalStoresWriteTheSame) {
  Device device = host::describe_device();
  device.last_level_cache_bytes = 0;
  device.processors = 3;
  for (const std::string& simd : host::simd_targets()) {
    host::use_simd_target(simd);
    for (const Op op : {Op::copy, Op::triad}) {
      for (const Shape& shape : awkward_shapes(op)) {
        const Problem problem{op, Precision::fp32, shape};
        const CatalogueEntry& entry =
            *candidates(catalogue(), problem, Implementation::hand, Backend::host).at(0);
        const auto workload = entry.prepare(problem, device, {});
        EXPECT_NE(workload->label().find("non-temporal"), std::string::npos);
        const auto before = download_all(*workload, 0);
        workload->launch(nullptr, 0);
        expect_right(problem, {}, before, download_all(*workload, 0));
        EXPECT_TRUE(workload->guards_intact());
      }
    }
  }
  host::use_simd_target("");
}

TEST(HostCatalogue, SaysWhyForWhatACpuHasNoTypeFor) {
  const Device device = host::describe_device();
  const Shape shape{.m = 8, .n = 8, .k = 8};
  int unsupported = 0;
  for (const CatalogueEntry& entry : catalogue()) {
    if (entry.backend != Backend::host || !entry.kernel.name.empty()) continue;
    ++unsupported;
    const Problem problem{entry.op, entry.precision, shape};
    EXPECT_NE(entry.unsupported(problem, device), "");
    EXPECT_THROW(entry.prepare(problem, device, {}), std::invalid_argument);
  }
  EXPECT_EQ(unsupported, 6);  // peak fp16, int8; gemm fp16, int8, w8a16, w4a16
}

TEST(HostCatalogue, RefusesShapesThatItCannotRun) {
  const Device device = host::describe_device();
  const auto reason = [&](const Problem& problem) {
    return candidates(catalogue(), problem, Implementation::hand, Backend::host)
        .at(0)
        ->unsupported(problem, device);
  };
  EXPECT_EQ(reason({Op::gemv, Precision::fp16, {.n = 8, .k = 8, .batch = 256}}), "");
  EXPECT_NE(reason({Op::gemv, Precision::fp16, {.n = 8, .k = 8, .batch = 257}}), "");
  EXPECT_NE(reason({Op::gemv, Precision::fp16, {.n = 8, .k = 0, .batch = 1}}), "");
  EXPECT_NE(reason({Op::gemm, Precision::fp32, {.m = 8, .n = 8}}), "");
  EXPECT_NE(reason({Op::read, Precision::fp32, {.bytes = 6}}), "");
  EXPECT_EQ(reason({Op::read, Precision::fp32, {.bytes = 8}}), "");
}

TEST(HostCatalogue, ReadsAllPrecisionsOfTheGemv) {
  int found = 0;
  for (const Precision precision : all_precisions()) {
    const Problem problem{Op::gemv, precision, {.n = 1, .k = 1, .batch = 1}};
    found += static_cast<int>(
        candidates(catalogue(), problem, Implementation::hand, Backend::host).size());
  }
  EXPECT_EQ(found, 4);
}

}  // namespace
}  // namespace roofproof
