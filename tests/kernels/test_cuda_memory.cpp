// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// read, copy, triad and peak on a GPU: each catalogue row at awkward sizes, each element compared.

#include <cmath>
#include <numeric>

#include "tests/cuda_fixture.h"
#include "tests/kernels/gpu_sizes.h"

namespace roofproof {
namespace {

class CudaMemory : public CudaTest, public testing::WithParamInterface<const CatalogueEntry*> {
 protected:
  Problem problem(std::int64_t elements) const {
    Problem problem{GetParam()->op, GetParam()->precision, {}};
    problem.shape.bytes = 4 * elements;
    return problem;
  }
  std::unique_ptr<Workload> prepare(std::int64_t elements) {
    Preparation preparation;
    preparation.seed = 5;
    preparation.copies = 2;
    preparation.stream = stream().get();
    return GetParam()->prepare(problem(elements), device_, preparation);
  }
  void SetUp() override {
    CudaTest::SetUp();
    if (IsSkipped()) return;
    const std::string reason = GetParam()->unsupported(problem(1024), device_);
    if (!reason.empty()) GTEST_SKIP() << reason;
  }
  // Made in the test, not before SetUp() has seen a device.
  cuda::Stream& stream() {
    if (!stream_) stream_ = std::make_unique<cuda::Stream>();
    return *stream_;
  }

 private:
  std::unique_ptr<cuda::Stream> stream_;
};

// Of copy `copy`, from the bytes that are on the device.
void expect_result(const Workload& workload, Op op, int copy) {
  if (op == Op::read) {
    const auto a = download<std::uint32_t>(workload, "a", copy);
    const auto sums = download<std::uint32_t>(workload, "sums", copy);
    EXPECT_EQ(std::accumulate(sums.begin(), sums.end(), std::uint32_t{0}),
              std::accumulate(a.begin(), a.end(), std::uint32_t{0}));
  } else if (op == Op::copy) {
    EXPECT_EQ(workload.download("c", copy), workload.download("a", copy));
  } else {
    const auto a = download<float>(workload, "a", copy);
    const auto b = download<float>(workload, "b", copy);
    const auto c = download<float>(workload, "c", copy);
    for (std::size_t i = 0; i < c.size(); ++i) {
      const double product = 0.4f * double{b[i]};
      const double expected = a[i] + product;
      const double tolerance = 0x1p-24 * (std::abs(expected) + std::abs(product));
      ASSERT_TRUE(std::abs(c[i] - expected) <= tolerance)
          << "c[" << i << "] is " << c[i] << ", expected " << expected;
    }
  }
}

// Around the tiles and chunks of every kernel, with 1 to 3 elements beyond the last vector.
TEST_P(CudaMemory, MatchesReferenceAtAwkwardSizes) {
  for (const std::int64_t elements : gpu_sizes(device_).memory.arrays) {
    SCOPED_TRACE(testing::Message() << elements << " elements");
    const auto workload = prepare(elements);
    for (const int copy : {1, 0}) {
      workload->launch(stream().get(), copy);
      stream().synchronize();
      expect_result(*workload, GetParam()->op, copy);
    }
    EXPECT_TRUE(workload->guards_intact());
    const Check check = workload->check(stream().get());
    EXPECT_TRUE(check.ok) << check.message;
  }
}

TEST_P(CudaMemory, LaunchWritesItsOwnCopyOnly) {
  const auto workload = prepare(gpu_sizes(device_).memory.own_copy);
  const std::string output = GetParam()->op == Op::read ? "sums" : "c";
  const auto untouched = workload->download(output, 0);
  for (const std::byte byte : untouched) ASSERT_EQ(byte, std::byte{0xff}) << "not poisoned";
  workload->launch(stream().get(), 1);
  EXPECT_EQ(workload->download(output, 0), untouched);
  EXPECT_NE(workload->download(output, 1), untouched);
}

TEST_P(CudaMemory, CheckFindsWrongResults) {
  const std::int64_t elements = gpu_sizes(device_).memory.checked;
  const auto workload = prepare(elements);
  ASSERT_TRUE(workload->check(stream().get()).ok);
  // Another input than the one whose results are expected.
  auto a = download<std::uint32_t>(*workload, "a", 0);
  for (std::uint32_t& value : a) value ^= 0x00400001;
  upload(*workload, "a", 0, a);
  const Check check = workload->check(stream().get());
  EXPECT_FALSE(check.ok);
  EXPECT_FALSE(check.message.empty());
}

TEST_P(CudaMemory, TwoRunsAreEqual) {
  const auto workload = prepare(gpu_sizes(device_).memory.repeated);
  const std::string output = GetParam()->op == Op::read ? "sums" : "c";
  workload->launch(stream().get(), 0);
  const auto first = workload->download(output, 0);
  workload->launch(stream().get(), 0);
  EXPECT_EQ(workload->download(output, 0), first);
}

TEST_P(CudaMemory, OddByteCountIsRefused) {
  Problem odd = problem(1);
  odd.shape.bytes = 6;
  EXPECT_NE(GetParam()->unsupported(odd, device_), "");
}

INSTANTIATE_TEST_SUITE_P(Rows, CudaMemory,
                         testing::ValuesIn(cuda_rows({Op::read, Op::copy, Op::triad})), row_name);

class CudaPeak : public CudaTest, public testing::WithParamInterface<const CatalogueEntry*> {};

TEST_P(CudaPeak, ComputesWhatItCounts) {
  const Problem problem{Op::peak, GetParam()->precision, {}};
  const std::string reason = GetParam()->unsupported(problem, device_);
  if (!reason.empty()) GTEST_SKIP() << reason;
  const cuda::Stream stream;
  Preparation preparation;
  preparation.stream = stream.get();
  Device device = device_;
  if (is_played(device.name)) device.processors = 1;  // all do the same, for long
  const auto workload = GetParam()->prepare(problem, device, preparation);
  const Check check = workload->check(stream.get());
  EXPECT_TRUE(check.ok) << check.message;
  EXPECT_GT(workload->flop(), 0);
  EXPECT_TRUE(workload->guards_intact());
}

INSTANTIATE_TEST_SUITE_P(Rows, CudaPeak, testing::ValuesIn(cuda_rows({Op::peak})), row_name);

}  // namespace
}  // namespace roofproof
