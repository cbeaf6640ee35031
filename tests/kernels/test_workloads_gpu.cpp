// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What is made of the GEMV's kernels, on a GPU: each row of the catalogue at the batches where
// kernels change and at ragged sizes, by its own check against the double-precision reference.
#include <cstddef>
#include <memory>
#include <vector>

#include "kernels/played.h"
#include "tests/cuda_fixture.h"

namespace roofproof {
namespace {

Problem product(Precision precision, std::int64_t m, std::int64_t n, std::int64_t k) {
  Problem problem{Op::gemm, precision, {}};
  problem.shape.m = m;
  problem.shape.n = n;
  problem.shape.k = k;
  return problem;
}

Problem step(Op op, Precision weights, const char* model, std::int64_t batch,
             std::int64_t context) {
  Problem problem{op, weights, {}};
  problem.shape.model = model;
  problem.shape.batch = batch;
  problem.shape.context = context;
  return problem;
}

Problem prefill(Precision weights, const char* model, std::int64_t m) {
  Problem problem{Op::prefill, weights, {}};
  problem.shape.model = model;
  problem.shape.m = m;
  return problem;
}

// `small`: for compute-sanitizer and the PTX machine, where every access costs a hundredfold. Rungs
// leave out the batches that they do not do.
std::vector<Problem> problems(const CatalogueEntry& entry, bool small) {
  constexpr const char* ragged = "3x136x200x6x2x64x300";
  const Precision weights = entry.precision;
  if (entry.op == Op::gemm) {
    if (small) return {product(weights, 3, 90, 130), product(weights, 70, 90, 130)};
    std::vector<Problem> all;
    for (const std::int64_t m : {1, 3, 8, 17, 64, 200, 2048}) {
      all.push_back(product(weights, m, 300, 1000));
      all.push_back(product(weights, m, 4096, 4096));
    }
    return all;
  }
  if (entry.op == Op::prefill) {
    if (small) return {prefill(weights, ragged, 3), prefill(weights, ragged, 150)};
    std::vector<Problem> all;
    for (const std::int64_t m : {1, 3, 17, 63, 64, 65, 127, 128, 130, 300, 2048}) {
      all.push_back(prefill(weights, ragged, m));
      all.push_back(prefill(weights, "1x512x1408x8x2x128x300", m));
    }
    all.push_back(prefill(weights, "1x4096x1024x32x8x128x300", 4096));
    return all;
  }
  if (small) {
    return {step(entry.op, weights, ragged, 1, 70), step(entry.op, weights, ragged, 20, 2)};
  }
  std::vector<Problem> all;
  for (const std::int64_t batch : {1, 3, 8, 17, 64, 200}) {
    for (const std::int64_t context : {1, 127, 4096}) {
      if (batch * context > 80000) continue;  // gigabytes, and nothing new
      all.push_back(step(entry.op, weights, ragged, batch, context));
      all.push_back(step(entry.op, weights, "tiny", batch, context));
    }
  }
  return all;
}

class WorkloadsGpu : public CudaTest, public testing::WithParamInterface<const CatalogueEntry*> {
 protected:
  void SetUp() override {
    CudaTest::SetUp();
    if (!IsSkipped()) stream_ = std::make_unique<cuda::Stream>();
  }

  // Calls check(workload) for each problem that the GPU can do; skips where there is none.
  template <class Check>
  void for_each_problem(bool small, int copies, const Check& check) {
    int done = 0;
    for (const Problem& problem : problems(*GetParam(), small)) {
      if (!GetParam()->unsupported(problem, device_).empty()) continue;
      SCOPED_TRACE(benchmark_name(problem, GetParam()->implementation));
      Preparation preparation;
      preparation.seed = 11;
      preparation.copies = copies;
      preparation.stream = stream_->get();
      const auto workload = GetParam()->prepare(problem, device_, preparation);
      check(*workload);
      EXPECT_TRUE(workload->guards_intact());
      ++done;
    }
    if (done == 0) GTEST_SKIP() << "not for this GPU";
  }

  void expect_ok(Workload& workload) {
    const Check check = workload.check(stream_->get());
    EXPECT_TRUE(check.ok) << workload.label() << ": " << check.message;
  }

  std::unique_ptr<cuda::Stream> stream_;
};

TEST_P(WorkloadsGpu, SmallOnesCheckThemselves) {
  for_each_problem(true, 1, [&](Workload& workload) { expect_ok(workload); });
}

TEST_P(WorkloadsGpu, CheckThemselves) {
  if (is_played(device_.name)) GTEST_SKIP() << "the PTX machine bears the small ones alone";
  for_each_problem(false, 1, [&](Workload& workload) { expect_ok(workload); });
}

// Every tensor, so every intermediate result too, after many launches at once.
TEST_P(WorkloadsGpu, TwoRunsAreBitwiseEqual) {
  if (GetParam()->rung) GTEST_SKIP() << "a rung's operations do not wait for one another";
  if (is_played(device_.name)) GTEST_SKIP() << "ptx_cases does so in every mode";
  for_each_problem(false, 1, [&](Workload& workload) {
    workload.launch(stream_->get(), 0);
    stream_->synchronize();
    std::vector<std::vector<std::byte>> first;
    for (const TensorInfo& tensor : workload.tensors()) {
      first.push_back(workload.download(tensor.name, 0));
    }
    for (int i = 0; i < 10; ++i) workload.launch(stream_->get(), i);
    stream_->synchronize();
    std::size_t at = 0;
    for (const TensorInfo& tensor : workload.tensors()) {
      EXPECT_EQ(workload.download(tensor.name, 0), first[at++]) << tensor.name;
    }
  });
}

// The other formats' gemm is tested by test_cuda_gemm.
std::vector<const CatalogueEntry*> rows() {
  auto found = cuda_rows({Op::gemm, Op::layer, Op::prefill, Op::decode});
  std::erase_if(found, [](const CatalogueEntry* row) {
    return row->op == Op::gemm && row->precision != Precision::w8a16 &&
           row->precision != Precision::w4a16;
  });
  return found;
}
INSTANTIATE_TEST_SUITE_P(Catalogue, WorkloadsGpu, testing::ValuesIn(rows()), row_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(WorkloadsGpu);

}  // namespace
}  // namespace roofproof
