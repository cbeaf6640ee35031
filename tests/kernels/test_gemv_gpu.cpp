// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// GEMV on a GPU: each row of the catalogue, at the batches where kernels change and at ragged
// sizes, each output against a plain loop over the weights that are on the device: a library's as
// they are, those of hand-written kernels by the layout's second description.
#include "tests/cuda_fixture.h"
#include "tests/kernels/gpu_sizes.h"
#include "tests/kernels/naive.h"
#include "tests/kernels/packed_weights.h"

namespace roofproof {
namespace {

cuda::linear::WeightFormat format_of(Precision precision) {
  return static_cast<cuda::linear::WeightFormat>(weight_bits(precision));
}

class GemvGpu : public CudaTest, public testing::WithParamInterface<const CatalogueEntry*> {
 protected:
  void SetUp() override {
    CudaTest::SetUp();
    if (!IsSkipped()) stream_ = std::make_unique<cuda::Stream>();
  }

  std::vector<double> activations(const Workload& workload, const char* tensor) const {
    return GetParam()->precision == Precision::fp32
               ? naive::doubles_of_floats(workload.download(tensor, 0))
               : naive::doubles_of_halves(workload.download(tensor, 0));
  }

  // Null where the device cannot.
  std::unique_ptr<Workload> prepare(const Problem& problem, int copies) {
    if (!GetParam()->unsupported(problem, device_).empty()) return nullptr;
    Preparation preparation;
    preparation.seed = 11;
    preparation.copies = copies;
    preparation.stream = stream_->get();
    return GetParam()->prepare(problem, device_, preparation);
  }

  std::vector<double> weights(const Workload& workload, const GemvSize& size, int copy) const {
    const std::vector<std::byte> bytes = workload.download("w", copy);
    if (is_library(GetParam()->implementation)) return naive::doubles_of_halves(bytes);
    const cuda::linear::PackedShape shape{format_of(GetParam()->precision), size.n, size.k};
    std::vector<float> row_scales;
    if (shape.format == cuda::linear::WeightFormat::int8) {
      row_scales = download<float>(workload, "row_scales", copy);
    }
    return cuda::linear::unpacked(shape, bytes, row_scales);
  }

  Problem problem(std::int64_t n, std::int64_t k, std::int64_t batch) const {
    Problem problem{Op::gemv, GetParam()->precision, {}};
    problem.shape.n = n;
    problem.shape.k = k;
    problem.shape.batch = batch;
    return problem;
  }

  std::unique_ptr<cuda::Stream> stream_;
};

TEST_P(GemvGpu, EveryOutputIsTheProduct) {
  for (const GemvSize& size : gpu_sizes(device_).gemv.products) {
    for (const std::int64_t batch : gpu_sizes(device_).gemv.batches) {
      SCOPED_TRACE(testing::Message() << "n " << size.n << " k " << size.k << " batch " << batch);
      const auto workload = prepare(problem(size.n, size.k, batch), 2);
      if (!workload) GTEST_SKIP() << "not for this GPU";
      for (int copy = 0; copy < 2; ++copy) {
        workload->launch(stream_->get(), copy);
        stream_->synchronize();
        naive::expect_product(
            activations(*workload, "y"),
            naive::product(static_cast<std::size_t>(batch), static_cast<std::size_t>(size.n),
                           static_cast<std::size_t>(size.k), activations(*workload, "x"),
                           weights(*workload, size, copy)),
            static_cast<std::size_t>(size.k), GetParam()->precision != Precision::fp32);
      }
      EXPECT_TRUE(workload->guards_intact());
    }
  }
}

TEST_P(GemvGpu, ChecksItself) {
  const auto [n, k] = gpu_sizes(device_).gemv.checked;
  for (const std::int64_t batch : {1, 20}) {
    const auto workload = prepare(problem(n, k, batch), 1);
    if (!workload) GTEST_SKIP() << "not for this GPU";
    const Check check = workload->check(stream_->get());
    EXPECT_TRUE(check.ok) << check.message;
    EXPECT_GT(check.worst, 0);
  }
}

// A weight that is not what the reference thinks is noticed.
TEST_P(GemvGpu, WrongWeightsFailTheCheck) {
  const auto workload = prepare(problem(64, 512, 1), 1);
  if (!workload) GTEST_SKIP() << "not for this GPU";
  workload->upload("w", 0, cuda::linear::damaged(workload->download("w", 0)));
  EXPECT_FALSE(workload->check(stream_->get()).ok);
}

TEST_P(GemvGpu, TwoRunsAreBitwiseEqual) {
  const auto [n, k] = gpu_sizes(device_).gemv.repeated;
  for (const std::int64_t batch : gpu_sizes(device_).gemv.batches) {
    const auto workload = prepare(problem(n, k, batch), 1);
    if (!workload) GTEST_SKIP() << "not for this GPU";
    workload->launch(stream_->get(), 0);
    stream_->synchronize();
    const auto first = workload->download("y", 0);
    // Many at once: on sm_90 they overlap.
    for (int i = 0; i < 20; ++i) workload->launch(stream_->get(), i);
    stream_->synchronize();
    EXPECT_EQ(workload->download("y", 0), first) << "batch " << batch;
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, GemvGpu, testing::ValuesIn(cuda_rows({Op::gemv})), row_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GemvGpu);

}  // namespace
}  // namespace roofproof
