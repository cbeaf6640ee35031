// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// GEMM on a GPU: each fp32, fp16 and int8 row of the catalogue, hand-written or library, at awkward
// sizes, each element against a plain host loop over the bytes that are on the device.

#include <algorithm>
#include <cmath>

#include "tests/cuda_fixture.h"
#include "tests/kernels/gpu_sizes.h"
#include "tests/kernels/naive.h"

namespace roofproof {
namespace {

using Size = GemmSize;

// What the device holds, exactly.
std::vector<double> values(const Workload& workload, std::string_view tensor, int copy) {
  for (const TensorInfo& info : workload.tensors()) {
    if (info.name != tensor) continue;
    const auto widen = [](const auto& from) {
      return std::vector<double>(from.begin(), from.end());
    };
    switch (info.type) {
      case ElementType::fp32:
        return widen(download<float>(workload, tensor, copy));
      case ElementType::int8:
        return widen(download<std::int8_t>(workload, tensor, copy));
      case ElementType::int32:
        return widen(download<std::int32_t>(workload, tensor, copy));
      default:
        return naive::doubles_of_halves(workload.download(tensor, copy));
    }
  }
  ADD_FAILURE() << "no tensor " << tensor;
  return {};
}

naive::Product multiply(const Size& size, const Workload& workload, int copy, double alpha,
                        double beta) {
  return naive::product(static_cast<std::size_t>(size.m), static_cast<std::size_t>(size.n),
                        static_cast<std::size_t>(size.k), values(workload, "a", copy),
                        values(workload, "b", copy), alpha, beta, values(workload, "c", copy));
}

// The certain bound of a sum in FP32, however it is ordered and split: each of the k products and
// sums within 2^-23 (tensor cores cut off where others round), relative to the magnitudes. Then
// what rounding to FP16 adds.
double tolerance(Precision precision, double value, double magnitude, std::int64_t k) {
  if (precision == Precision::int8) return 0;
  const double sum = 0x1p-23 * static_cast<double>(k + 3) * magnitude;
  if (precision == Precision::fp32) return sum;
  return sum + 0x1p-11 * (std::abs(value) + sum) + 0x1p-25;
}

class CudaGemm : public CudaTest, public testing::WithParamInterface<const CatalogueEntry*> {
 protected:
  Problem problem(const Size& size) const {
    Problem problem{GetParam()->op, GetParam()->precision, {}};
    problem.shape.m = size.m;
    problem.shape.n = size.n;
    problem.shape.k = size.k;
    return problem;
  }

  // Null where the row does not do this size.
  std::unique_ptr<Workload> prepare(const Size& size, double alpha = 1, double beta = 0) {
    if (!GetParam()->unsupported(problem(size), device_).empty()) return nullptr;
    if (!stream_) stream_ = std::make_unique<cuda::Stream>();
    Preparation preparation;
    preparation.seed = 7;
    preparation.copies = 2;
    preparation.alpha = alpha;
    preparation.beta = beta;
    preparation.stream = stream_->get();
    return GetParam()->prepare(problem(size), device_, preparation);
  }

  void launch(Workload& workload, int copy) {
    workload.launch(stream_->get(), copy);
    stream_->synchronize();
  }

  // Launches `copy` once on what it holds and compares all of c.
  void expect_result(Workload& workload, const Size& size, int copy, double alpha, double beta) {
    const naive::Product reference = multiply(size, workload, copy, alpha, beta);
    launch(workload, copy);
    const std::vector<double> got = values(workload, "c", copy);
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double allowed =
          tolerance(GetParam()->precision, reference.values[i], reference.magnitudes[i], size.k);
      ASSERT_TRUE(std::abs(got[i] - reference.values[i]) <= allowed)
          << "c[" << static_cast<std::int64_t>(i) / size.n << ", "
          << static_cast<std::int64_t>(i) % size.n << "] is " << got[i] << ", expected "
          << reference.values[i] << " +- " << allowed << " by " << workload.label();
    }
    EXPECT_TRUE(workload.guards_intact()) << workload.label();
  }

  bool integer() const { return GetParam()->precision == Precision::int8; }
  cuda::Stream& stream() { return *stream_; }

 private:
  std::unique_ptr<cuda::Stream> stream_;
};

std::string text(const Size& size) {
  return std::to_string(size.m) + " x " + std::to_string(size.n) + " x " + std::to_string(size.k);
}

TEST_P(CudaGemm, MatchesReferenceAtAwkwardSizes) {
  const std::vector<Size>& sizes = gpu_sizes(device_).gemm.products;
  int done = 0;
  for (const Size& size : sizes) {
    SCOPED_TRACE(text(size));
    const auto workload = prepare(size);
    if (workload == nullptr) continue;
    ++done;
    for (const int copy : {0, 1}) expect_result(*workload, size, copy, 1, 0);
    const Check check = workload->check(stream().get());
    EXPECT_TRUE(check.ok) << check.message;
  }
  if (done == 0) GTEST_SKIP() << GetParam()->unsupported(problem(sizes[0]), device_);
}

TEST_P(CudaGemm, ScalesAndAdds) {
  if (integer()) GTEST_SKIP() << "INT8: alpha 1, beta 0";
  for (const Size& size : gpu_sizes(device_).gemm.scaled) {
    for (const auto& [alpha, beta] : {std::pair{1.5, 0.5}, {-0.75, 0.0}, {0.0, 2.0}, {1.0, 1.0}}) {
      SCOPED_TRACE(testing::Message() << text(size) << " alpha " << alpha << " beta " << beta);
      const auto workload = prepare(size, alpha, beta);
      if (workload == nullptr) continue;
      expect_result(*workload, size, 0, alpha, beta);
      const Check check = workload->check(stream().get());
      EXPECT_TRUE(check.ok) << check.message;
    }
  }
}

// A row of A selects one column of B, whose entries tell where they stand: any swap of rows,
// columns or steps of k shows, exactly.
TEST_P(CudaGemm, PositionsAreNotSwapped) {
  for (const Size& size : gpu_sizes(device_).gemm.positions) {
    SCOPED_TRACE(text(size));
    const auto workload = prepare(size);
    if (workload == nullptr) continue;
    const auto selected = [&](std::int64_t i) { return i * 7 % size.k; };
    const auto coded = [](std::int64_t j, std::int64_t k) {
      return static_cast<int>((j * 31 + k * 17) % 251) - 125;
    };
    const auto fill = [&](std::string_view tensor, std::int64_t rows, const auto& value) {
      // One, zero and small integers: exact in every operand type.
      if (integer()) {
        std::vector<std::int8_t> data;
        for (std::int64_t i = 0; i < rows * size.k; ++i) {
          data.push_back(static_cast<std::int8_t>(value(i / size.k, i % size.k)));
        }
        upload(*workload, tensor, 0, data);
      } else if (GetParam()->precision == Precision::fp32) {
        std::vector<float> data;
        for (std::int64_t i = 0; i < rows * size.k; ++i) {
          data.push_back(static_cast<float>(value(i / size.k, i % size.k)));
        }
        upload(*workload, tensor, 0, data);
      } else {
        std::vector<std::uint16_t> data;
        for (std::int64_t i = 0; i < rows * size.k; ++i) {
          const int integer_value = value(i / size.k, i % size.k);
          int exponent = 0;
          const double fraction = std::frexp(std::abs(integer_value), &exponent);
          const int bits =
              integer_value == 0
                  ? 0
                  : (exponent + 14) << 10 | static_cast<int>(std::ldexp(fraction, 11) - 1024);
          data.push_back(static_cast<std::uint16_t>(bits | (integer_value < 0 ? 0x8000 : 0)));
        }
        upload(*workload, tensor, 0, data);
      }
    };
    fill("a", size.m, [&](std::int64_t i, std::int64_t k) { return k == selected(i) ? 1 : 0; });
    fill("b", size.n, coded);
    launch(*workload, 0);
    const std::vector<double> got = values(*workload, "c", 0);
    for (std::int64_t i = 0; i < size.m; ++i) {
      for (std::int64_t j = 0; j < size.n; ++j) {
        ASSERT_EQ(got[static_cast<std::size_t>(i * size.n + j)], coded(j, selected(i)))
            << "c[" << i << ", " << j << "] by " << workload->label();
      }
    }
  }
}

TEST_P(CudaGemm, SmallestInt8EverywhereIsExact) {
  if (!integer()) GTEST_SKIP() << "INT8 only";
  for (const Size& size : gpu_sizes(device_).gemm.smallest_int8) {
    SCOPED_TRACE(text(size));
    const auto workload = prepare(size);
    if (workload == nullptr) continue;
    upload(*workload, "a", 0,
           std::vector<std::int8_t>(static_cast<std::size_t>(size.m * size.k), -128));
    upload(*workload, "b", 0,
           std::vector<std::int8_t>(static_cast<std::size_t>(size.n * size.k), -128));
    launch(*workload, 0);
    for (const double value : values(*workload, "c", 0)) {
      ASSERT_EQ(value, 16384.0 * static_cast<double>(size.k)) << workload->label();
    }
  }
}

// Operands in [1, 2), all of one sign so that errors add up, whose fraction ends in a zero and
// twelve ones: TF32 has no place for those 13 bits, and whether it rounds or cuts off, it loses
// almost 2^-11 of each operand, 2^-11 to 2^-10 of the sum. FP32 loses at most 256 x 2^-24 = 2^-16
// of it, in any order. The line is between.
TEST_P(CudaGemm, Fp32IsNotTf32) {
  if (GetParam()->precision != Precision::fp32) GTEST_SKIP() << "FP32 only";
  for (const Size& size : gpu_sizes(device_).gemm.not_tf32) {
    SCOPED_TRACE(text(size));
    const auto workload = prepare(size);
    if (workload == nullptr) continue;
    const auto operand = [&](std::int64_t rows, int step) {
      std::vector<float> data;
      for (std::int64_t i = 0; i < rows * size.k; ++i) {
        const auto high = static_cast<float>((i * step) % 1024) * 0x1p-10f;
        data.push_back(1 + high + 0xfff * 0x1p-23f);
      }
      return data;
    };
    upload(*workload, "a", 0, operand(size.m, 37));
    upload(*workload, "b", 0, operand(size.n, 101));
    const naive::Product reference = multiply(size, *workload, 0, 1, 0);
    launch(*workload, 0);
    const std::vector<double> got = values(*workload, "c", 0);
    double worst = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double error = std::abs(got[i] - reference.values[i]) / reference.values[i];
      ASSERT_FALSE(std::isnan(error));
      worst = std::max(worst, error);
    }
    EXPECT_LE(worst, 0x1p-14) << workload->label();
  }
}

TEST_P(CudaGemm, TwoRunsAreEqual) {
  for (const Size& size : gpu_sizes(device_).gemm.repeated) {
    SCOPED_TRACE(text(size));
    const auto workload = prepare(size);
    if (workload == nullptr) continue;
    launch(*workload, 0);
    const auto first = workload->download("c", 0);
    for (int run = 0; run < 3; ++run) {
      launch(*workload, 1);
      launch(*workload, 0);
      ASSERT_EQ(workload->download("c", 0), first) << workload->label();
    }
  }
}

TEST_P(CudaGemm, OutputsStartPoisonedAndCheckFindsWrongResults) {
  const Size size{128, 256, 64};
  const auto workload = prepare(size);
  if (workload == nullptr) GTEST_SKIP() << GetParam()->unsupported(problem(size), device_);
  for (const int copy : {0, 1}) {
    for (const std::byte byte : workload->download("c", copy)) ASSERT_EQ(byte, std::byte{0xff});
  }
  ASSERT_TRUE(workload->check(stream().get()).ok);
  auto a = workload->download("a", 0);
  for (std::byte& byte : a) byte ^= std::byte{0x10};
  workload->upload("a", 0, a);
  const Check check = workload->check(stream().get());
  EXPECT_FALSE(check.ok);
  EXPECT_FALSE(check.message.empty());
}

INSTANTIATE_TEST_SUITE_P(Rows, CudaGemm, testing::ValuesIn([] {
                           auto rows = cuda_rows({Op::gemm});
                           std::erase_if(rows, [](const CatalogueEntry* row) {
                             return weight_bits(row->precision) != 32 &&
                                    row->precision != Precision::fp16 &&
                                    row->precision != Precision::int8;
                           });
                           return rows;
                         }()),
                         row_name);

}  // namespace
}  // namespace roofproof
