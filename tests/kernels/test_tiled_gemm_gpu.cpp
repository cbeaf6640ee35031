// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The tiled GEMM kernels on a GPU: every tile configuration, not only the one that a shape would
// choose, with whole tiles and with shared ones. test_cuda_gemm.cpp has each kernel's own choice.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/gemm/tiled_gemm.h"
#include "kernels/cuda/gemm/workload.h"
#include "tests/cuda_fixture.h"
#include "tests/kernels/gpu_sizes.h"
#include "tests/kernels/naive.h"

namespace roofproof {
namespace {

namespace tiled = cuda::tiled_gemm;

using Size = GemmSize;

std::string text(const Size& size) {
  return std::to_string(size.m) + " x " + std::to_string(size.n) + " x " + std::to_string(size.k);
}

class TiledGemmGpu : public CudaTest, public testing::WithParamInterface<const CatalogueEntry*> {
 protected:
  void SetUp() override {
    CudaTest::SetUp();
    if (IsSkipped()) return;
    const std::string why = GetParam()->unsupported({Op::gemm, precision(), {}}, device_);
    if (!why.empty()) GTEST_SKIP() << why;
    stream_ = std::make_unique<cuda::Stream>();
    tiles_ = tiled::tiles(kernel(), precision());
  }

  std::string_view kernel() const { return GetParam()->kernel.name; }
  Precision precision() const { return GetParam()->precision; }
  int element_bytes() const { return weight_bits(precision()) / 8; }

  // Calls action(choice) for each configuration that can run the size: with whole tiles, and with
  // all tiles shared by 2 and by about 7 blocks each.
  template <class Action>
  void for_each_choice(const Size& size, const Action& action) const {
    const std::int64_t row_bytes = size.k * element_bytes();
    for (std::size_t i = 0; i < tiles_.kernels.size(); ++i) {
      const cuda::TileShape& shape = tiles_.kernels[i].shape;
      if (tiles_.resident[i] == 0 || (shape.aligned && row_bytes % 16 != 0)) continue;
      cuda::TileChoice choice =
          cuda::plan_tile(shape, static_cast<int>(i), tiles_.resident[i], size.m, size.n, row_bytes,
                          {device_.processors, 1024});
      const int tiles = choice.work.tiles;
      const int k_blocks = choice.work.k_blocks;
      const int slots = device_.processors * tiles_.resident[i];
      for (const int shares : {1, 2, 7}) {
        choice.work = {std::min(tiles * shares, slots), tiles, k_blocks, shares == 1 ? 0 : tiles};
        if (shares > k_blocks) continue;
        action(choice);
      }
    }
  }

  std::unique_ptr<Workload> prepare(const Size& size, const cuda::TileChoice& choice,
                                    double alpha = 1, double beta = 0) {
    Problem problem{Op::gemm, precision(), {}};
    problem.shape.m = size.m;
    problem.shape.n = size.n;
    problem.shape.k = size.k;
    Preparation preparation;
    preparation.seed = 13;
    preparation.alpha = alpha;
    preparation.beta = beta;
    preparation.stream = stream_->get();
    return cuda::make_gemm_workload(
        problem, device_, preparation,
        cuda::GemmFactory([&](const cuda::GemmOperands& operands, cudaStream_t stream) {
          return tiled::make_launch(kernel(), precision(), operands, tiles_, choice,
                                    tiled::make_workspace(stream));
        }));
  }

  std::vector<double> values(const Workload& workload, std::string_view tensor) const {
    const auto widen = [](const auto& from) {
      return std::vector<double>(from.begin(), from.end());
    };
    if (precision() == Precision::fp32) return widen(download<float>(workload, tensor, 0));
    if (precision() == Precision::fp16) {
      return naive::doubles_of_halves(workload.download(tensor, 0));
    }
    return tensor == "c" ? widen(download<std::int32_t>(workload, tensor, 0))
                         : widen(download<std::int8_t>(workload, tensor, 0));
  }

  void launch(Workload& workload) {
    workload.launch(stream_->get(), 0);
    stream_->synchronize();
  }

  // All of c after one launch on what the device holds, against a plain loop: exactly for INT8.
  void expect_all(Workload& workload, const Size& size, double alpha, double beta) {
    const naive::Product product = naive::product(
        static_cast<std::size_t>(size.m), static_cast<std::size_t>(size.n),
        static_cast<std::size_t>(size.k), values(workload, "a"), values(workload, "b"), alpha, beta,
        beta == 0 ? std::vector<double>() : values(workload, "c"));
    launch(workload);
    const std::vector<double> got = values(workload, "c");
    SCOPED_TRACE(testing::Message() << text(size) << " by " << workload.label());
    if (precision() == Precision::int8) {
      for (std::size_t i = 0; i < got.size(); ++i) {
        const auto wanted = static_cast<std::int32_t>(
            static_cast<std::uint32_t>(static_cast<std::int64_t>(product.values[i])));
        ASSERT_EQ(got[i], wanted) << "output " << i;
      }
    } else {
      // Tensor cores cut off where others round: twice the roundings.
      naive::expect_product(got, product, static_cast<std::size_t>(2 * size.k),
                            precision() == Precision::fp16);
    }
    EXPECT_TRUE(workload.guards_intact());
  }

  std::unique_ptr<cuda::Stream> stream_;
  tiled::Tiles tiles_;
};

std::vector<const CatalogueEntry*> tiled_rows() {
  std::vector<const CatalogueEntry*> rows = cuda_rows({Op::gemm});
  std::erase_if(rows, [](const CatalogueEntry* row) {
    const bool packed = row->precision == Precision::w8a16 || row->precision == Precision::w4a16;
    return is_library(row->implementation) || packed || row->kernel.name == "wgmma_sm90";
  });
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Kernels, TiledGemmGpu, testing::ValuesIn(tiled_rows()), row_name);

TEST_P(TiledGemmGpu, EveryConfigurationMatchesAPlainLoop) {
  for (const Size& size : gpu_sizes(device_).tiled.products) {
    for_each_choice(size, [&](const cuda::TileChoice& choice) {
      expect_all(*prepare(size, choice), size, 1, 0);
    });
  }
}

TEST_P(TiledGemmGpu, EveryConfigurationScalesAndAdds) {
  const Size size = gpu_sizes(device_).tiled.scaled;
  const std::vector<std::pair<double, double>> scalars =
      precision() == Precision::int8
          ? std::vector<std::pair<double, double>>{{2, -3}, {-1, 0}, {1, 1}, {0, 1}}
          : std::vector<std::pair<double, double>>{{1.5, -0.5}, {-0.75, 0}, {1, 1}, {0, 2}};
  for_each_choice(size, [&](const cuda::TileChoice& choice) {
    for (const auto& [alpha, beta] : scalars) {
      SCOPED_TRACE(testing::Message() << "alpha " << alpha << " beta " << beta);
      expect_all(*prepare(size, choice, alpha, beta), size, alpha, beta);
    }
  });
}

TEST_P(TiledGemmGpu, SharedTilesRepeatBitForBit) {
  const Size size = gpu_sizes(device_).tiled.repeated;
  for_each_choice(size, [&](const cuda::TileChoice& choice) {
    const auto workload = prepare(size, choice);
    launch(*workload);
    const auto first = workload->download("c", 0);
    // Flags must be down again after each launch, or a later one would read too early.
    for (int repeat = 0; repeat < 20; ++repeat) {
      launch(*workload);
      ASSERT_EQ(workload->download("c", 0), first) << workload->label();
    }
  });
}

TEST_P(TiledGemmGpu, SmallestInt8EverywhereIsExact) {
  if (precision() != Precision::int8) GTEST_SKIP() << "INT8 only";
  const Size size = gpu_sizes(device_).tiled.smallest_int8;
  for_each_choice(size, [&](const cuda::TileChoice& choice) {
    const auto workload = prepare(size, choice);
    upload(*workload, "a", 0,
           std::vector<std::int8_t>(static_cast<std::size_t>(size.m * size.k), -128));
    upload(*workload, "b", 0,
           std::vector<std::int8_t>(static_cast<std::size_t>(size.n * size.k), -128));
    launch(*workload);
    for (const std::int32_t value : download<std::int32_t>(*workload, "c", 0)) {
      ASSERT_EQ(value, 128 * 128 * size.k) << workload->label();
    }
  });
}

// 1 + 2^-12 is one of FP32's numbers and none of TF32's, which has 10 bits of fraction. Of 256
// products the sum is 256 (1 + 2^-12)^2 = 256.125; of operands cut to TF32 it is 256.
TEST_P(TiledGemmGpu, Fp32IsNotTf32) {
  if (precision() != Precision::fp32) GTEST_SKIP() << "FP32 only";
  const Size size = gpu_sizes(device_).tiled.not_tf32;
  ASSERT_EQ(size.k, 256);
  for_each_choice(size, [&](const cuda::TileChoice& choice) {
    const auto workload = prepare(size, choice);
    upload(*workload, "a", 0,
           std::vector<float>(static_cast<std::size_t>(size.m * size.k), 1 + 0x1p-12f));
    upload(*workload, "b", 0,
           std::vector<float>(static_cast<std::size_t>(size.n * size.k), 1 + 0x1p-12f));
    launch(*workload);
    const double wanted = 256 * (1 + 0x1p-12) * (1 + 0x1p-12);
    for (const float value : download<float>(*workload, "c", 0)) {
      ASSERT_TRUE(std::abs(value - wanted) <= 259 * 0x1p-24 * wanted)
          << value << " by " << workload->label();
    }
  });
}

TEST_P(TiledGemmGpu, ItsOwnChoiceIsRightForTheShapesThatAreMeasured) {
  for (const Size& size : gpu_sizes(device_).tiled.own_choice) {
    const cuda::TileChoice choice =
        tiled::choose(kernel(), precision(), tiles_, size.m, size.n, size.k, device_);
    const auto workload = prepare(size, choice);
    const Check check = workload->check(stream_->get());
    EXPECT_TRUE(check.ok) << text(size) << " by " << workload->label() << ": " << check.message;
  }
}

TEST_P(TiledGemmGpu, FractionsAreNoScalarsForInt8) {
  if (precision() != Precision::int8) GTEST_SKIP() << "INT8 only";
  const Size size{16, 16, 16};
  const cuda::TileChoice choice =
      tiled::choose(kernel(), precision(), tiles_, size.m, size.n, size.k, device_);
  EXPECT_THROW(prepare(size, choice, 1.5, 0), std::invalid_argument);
  EXPECT_THROW(prepare(size, choice, 1, 0.5), std::invalid_argument);
}

}  // namespace
}  // namespace roofproof
