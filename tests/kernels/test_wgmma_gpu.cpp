// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Every configuration of wgmma_sm90 on a Hopper GPU, also those that its choice by shape would not
// take: at the edges of tiles, clusters, splits and stages. test_cuda_gemm.cpp runs the kernel as
// the catalogue has it.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/gemm/wgmma_sm90.h"
#include "kernels/cuda/gemm/workload.h"
#include "tests/cuda_fixture.h"
#include "tests/kernels/gpu_sizes.h"
#include "tests/kernels/naive.h"

namespace roofproof {
namespace {

namespace wgmma = cuda::wgmma_sm90;

using Size = GemmSize;

class WgmmaGpu : public CudaTest, public testing::WithParamInterface<Precision> {
 protected:
  void SetUp() override {
    CudaTest::SetUp();
    if (IsSkipped()) return;
    if (device_.compute_capability != 90) GTEST_SKIP() << "not a Hopper GPU: " << device_.name;
    stream_ = std::make_unique<cuda::Stream>();
    capacity_ = wgmma::device_capacity(GetParam(), device_.processors);
  }

  bool integer() const { return GetParam() == Precision::int8; }
  int input_bytes() const { return integer() ? 1 : 2; }
  std::vector<wgmma::Choice> choices(std::int64_t k) const {
    return wgmma::all_choices(k, input_bytes(), capacity_);
  }

  std::unique_ptr<Workload> prepare(const Size& size, const wgmma::Choice& choice, double alpha = 1,
                                    double beta = 0) {
    Problem problem{Op::gemm, GetParam(), {}};
    problem.shape.m = size.m;
    problem.shape.n = size.n;
    problem.shape.k = size.k;
    Preparation preparation;
    preparation.seed = 11;
    preparation.alpha = alpha;
    preparation.beta = beta;
    preparation.stream = stream_->get();
    return cuda::make_gemm_workload(
        problem, device_, preparation, [&](const cuda::GemmOperands& operands, cudaStream_t) {
          return wgmma::make_launch(GetParam(), operands, choice, capacity_);
        });
  }

  void expect_check(Workload& workload, const Size& size) {
    const Check check = workload.check(stream_->get());
    EXPECT_TRUE(check.ok) << workload.label() << " at " << size.m << " x " << size.n << " x "
                          << size.k << ": " << check.message;
  }

  std::vector<double> values(const Workload& workload, std::string_view tensor) const {
    if (tensor == "c" && integer()) {
      const auto c = download<std::int32_t>(workload, tensor, 0);
      return {c.begin(), c.end()};
    }
    if (integer()) {
      const auto operand = download<std::int8_t>(workload, tensor, 0);
      return {operand.begin(), operand.end()};
    }
    return naive::doubles_of_halves(workload.download(tensor, 0));
  }

  // All of c after one launch, against a plain loop.
  void expect_all(Workload& workload, const Size& size, double alpha, double beta) {
    const naive::Product product = naive::product(
        static_cast<std::size_t>(size.m), static_cast<std::size_t>(size.n),
        static_cast<std::size_t>(size.k), values(workload, "a"), values(workload, "b"), alpha, beta,
        beta == 0 ? std::vector<double>() : values(workload, "c"));
    launch(workload, 1);
    const std::vector<double> got = values(workload, "c");
    SCOPED_TRACE(workload.label());
    if (integer()) {
      for (std::size_t i = 0; i < got.size(); ++i) {
        // The result wraps around.
        const auto wanted = static_cast<std::int32_t>(
            static_cast<std::uint32_t>(static_cast<std::int64_t>(product.values[i])));
        ASSERT_EQ(got[i], wanted) << "c[" << static_cast<std::int64_t>(i) / size.n << ", "
                                  << static_cast<std::int64_t>(i) % size.n << "]";
      }
    } else {
      naive::expect_product(got, product, static_cast<std::size_t>(2 * size.k), true);
    }
    EXPECT_TRUE(workload.guards_intact());
  }

  void launch(Workload& workload, int times) {
    for (int i = 0; i < times; ++i) workload.launch(stream_->get(), 0);
    stream_->synchronize();
  }

  wgmma::Capacity capacity_ = {};
  std::unique_ptr<cuda::Stream> stream_;
};

INSTANTIATE_TEST_SUITE_P(Types, WgmmaGpu, testing::Values(Precision::fp16, Precision::int8),
                         [](const testing::TestParamInfo<Precision>& row) {
                           return std::string(name(row.param));
                         });

TEST_P(WgmmaGpu, EveryConfigurationRunsHere) {
  for (const int clusters : capacity_.tile) EXPECT_GT(clusters, 0);
  for (const auto& row : capacity_.skinny) {
    for (const int clusters : row) EXPECT_GT(clusters, 0);
  }
}

TEST_P(WgmmaGpu, EveryConfigurationMatchesAPlainLoop) {
  for (const Size& size : gpu_sizes(device_).wgmma.products) {
    for (const wgmma::Choice& choice : choices(size.k)) {
      expect_all(*prepare(size, choice), size, 1, 0);
    }
  }
}

TEST_P(WgmmaGpu, EveryConfigurationTakesEdgesOfItsTiles) {
  for (const Size& size : gpu_sizes(device_).wgmma.edges) {
    for (const wgmma::Choice& choice : choices(size.k)) expect_check(*prepare(size, choice), size);
  }
}

TEST_P(WgmmaGpu, TileConfigurationsTakeSeveralWavesOfFewAndManyStages) {
  for (const Size& size : gpu_sizes(device_).wgmma.waves) {
    for (const wgmma::Choice& choice : choices(size.k)) {
      if (!choice.skinny) expect_check(*prepare(size, choice), size);
    }
  }
}

TEST_P(WgmmaGpu, EveryConfigurationScalesAndAdds) {
  const Size size = gpu_sizes(device_).wgmma.scaled;
  const std::vector<std::pair<double, double>> scalars =
      integer() ? std::vector<std::pair<double, double>>{{2, -3}, {-1, 0}, {1, 1}, {0, 1}}
                : std::vector<std::pair<double, double>>{{1.5, -0.5}, {-0.75, 0}, {1, 1}, {0, 2}};
  for (const wgmma::Choice& choice : choices(size.k)) {
    for (const auto& [alpha, beta] : scalars) {
      SCOPED_TRACE(testing::Message() << "alpha " << alpha << " beta " << beta);
      expect_all(*prepare(size, choice, alpha, beta), size, alpha, beta);
    }
  }
}

TEST_P(WgmmaGpu, EveryConfigurationRepeatsItselfBitForBit) {
  const Size size = gpu_sizes(device_).wgmma.repeated;
  for (const wgmma::Choice& choice : choices(size.k)) {
    const auto workload = prepare(size, choice);
    launch(*workload, 1);
    const auto first = workload->download("c", 0);
    for (int repeat = 0; repeat < 5; ++repeat) {
      launch(*workload, 3);
      ASSERT_EQ(workload->download("c", 0), first) << workload->label();
    }
  }
}

// A kernel may start before the one ahead of it has finished: with beta 1 each adds to what the one
// before it left, so that one that does not wait shows.
TEST_P(WgmmaGpu, LaunchesInARowWaitForEachOther) {
  if (!integer()) GTEST_SKIP() << "exact in INT8";
  constexpr int launches = 20;
  for (const Size& size : gpu_sizes(device_).wgmma.in_a_row) {
    for (const wgmma::Choice& choice : choices(size.k)) {
      const auto workload = prepare(size, choice, 1, 1);
      const auto before = download<std::uint32_t>(*workload, "c", 0);
      launch(*workload, 1);
      const auto once = download<std::uint32_t>(*workload, "c", 0);
      launch(*workload, launches - 1);
      const auto after = download<std::uint32_t>(*workload, "c", 0);
      for (std::size_t i = 0; i < after.size(); ++i) {
        ASSERT_EQ(after[i], before[i] + launches * (once[i] - before[i]))
            << workload->label() << " at " << i;
      }
    }
  }
}

TEST_P(WgmmaGpu, ItsOwnChoiceIsRightForTheShapesThatAreMeasured) {
  const int output_bytes = integer() ? 4 : 2;
  for (const Size& size : gpu_sizes(device_).wgmma.own_choice) {
    const auto choice =
        wgmma::select({size.m, size.n, size.k, input_bytes(), output_bytes}, capacity_);
    expect_check(*prepare(size, choice), size);
  }
}

TEST_P(WgmmaGpu, RefusesScalarsThatInt8CannotHold) {
  if (!integer()) GTEST_SKIP() << "INT8 only";
  EXPECT_THROW(prepare({16, 16, 16}, choices(16).front(), 1.5, 0), std::invalid_argument);
  EXPECT_THROW(prepare({16, 16, 16}, choices(16).front(), 1, 0.5), std::invalid_argument);
}

}  // namespace
}  // namespace roofproof
