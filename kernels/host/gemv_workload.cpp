// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/gemv_kernel.h"
#include "kernels/host/parallel.h"
#include "kernels/host/workload.h"
#include "kernels/host/workloads.h"
#include "kernels/reference.h"
#include "kernels/weights.h"

namespace roofproof::host {
namespace {

// Rows whose results fill a cache line of FP32: shares are counted in these.
constexpr std::int64_t rows_grain = 16;

ElementType activation_type(Precision weights) {
  return weights == Precision::fp32 ? ElementType::fp32 : ElementType::fp16;
}

// Weights rotate, activations stay in cache, as they do in a decode.
std::vector<TensorSpec> gemv_tensors(const Problem& problem) {
  const auto [n, k, batch] = std::tuple(problem.shape.n, problem.shape.k, problem.shape.batch);
  const ElementType activation = activation_type(problem.precision);
  std::vector<TensorSpec> specs;
  switch (problem.precision) {
    case Precision::fp32:
    case Precision::fp16:
      specs.push_back({"w", activation, n * k, Fill::random});
      break;
    case Precision::int8:
      specs.push_back({"w", ElementType::int8, n * k, Fill::random});
      specs.push_back({"scales", ElementType::fp32, n, Fill::scales});
      break;
    default:
      specs.push_back({"w", ElementType::uint8, n * ((k + 1) / 2), Fill::random});
      specs.push_back({"scales", ElementType::fp16,
                       n * ((k + int4_group_size - 1) / int4_group_size), Fill::scales});
  }
  specs.push_back({"x", activation, batch * k, Fill::random, /*rotated=*/false});
  specs.push_back({"y", activation, batch * n, Fill::poison, /*rotated=*/false});
  return specs;
}

class GemvWorkload final : public HostWorkload {
 public:
  GemvWorkload(const Problem& problem, const Device& device, const Preparation& preparation)
      : HostWorkload(problem, device, preparation, "y", gemv_tensors(problem)),
        kernel_(gemv_kernel(problem.precision)),
        x_stride_(kernel_.prepared_size(problem.shape.k)),
        prepared_x_(allocate_array<float>(problem.shape.batch * x_stride_)) {}

  std::string label() const override { return std::string("highway ") + kernel_.simd; }

 private:
  void run(int copy) override {
    const Shape& shape = problem().shape;
    const Tensors& data = buffers();
    const bool scaled =
        problem().precision == Precision::int8 || problem().precision == Precision::int4;
    const GemvOperands operands{.n = shape.n,
                                .k = shape.k,
                                .batch = shape.batch,
                                .weights = data.data("w", copy),
                                .scales = scaled ? data.data("scales", copy) : nullptr,
                                .x = prepared_x_.get(),
                                .y = data.data("y", copy)};
    const std::byte* const x = data.data("x", copy);
    const std::int64_t x_bytes = shape.k * element_bytes(activation_type(problem().precision));
    parallel_shares(threads(), shape.batch, 1, [&](Share share) {
      for (std::int64_t j = share.begin; j < share.end; ++j) {
        kernel_.prepare_x(prepared_x_.get() + j * x_stride_, x + j * x_bytes, shape.k);
      }
    });
    parallel_shares(threads(), shape.n, rows_grain,
                    [&](Share share) { kernel_.multiply(operands, share); });
  }

  Check compare() const override {
    const auto [n, k, batch] =
        std::tuple(problem().shape.n, problem().shape.k, problem().shape.batch);
    const double nonzero = preparation().zeros ? 0 : 1;
    const bool fp32 = problem().precision == Precision::fp32;
    const InputStream x = buffers().input("x", 0);
    RandomWeights weights{.bits = weight_bits(problem().precision),
                          .k = static_cast<std::uint64_t>(k),
                          .values = buffers().input("w", 0)};
    if (weights.bits < 16) weights.scales = buffers().input("scales", 0);
    const MatrixProduct product{
        .m = batch,
        .n = n,
        .k = k,
        .a =
            [&](std::int64_t j, std::int64_t column) {
              const float value = x.uniform(static_cast<std::uint64_t>(j * k + column));
              return nonzero * (fp32 ? value : to_float(to_float16(value)));
            },
        .b =
            [&](std::int64_t row, std::int64_t column) {
              return nonzero * weights.at(static_cast<std::uint64_t>(row),
                                          static_cast<std::uint64_t>(column));
            },
        .output = activation_type(problem().precision)};
    const std::byte* const y = buffers().data("y", 0);
    return check_product(product, "y", preparation().seed, [&](std::int64_t j, std::int64_t row) {
      const std::int64_t index = j * n + row;
      return fp32 ? reinterpret_cast<const float*>(y)[index]
                  : to_float(reinterpret_cast<const std::uint16_t*>(y)[index]);
    });
  }

  GemvKernel kernel_;
  std::int64_t x_stride_;
  AlignedArray<float> prepared_x_;
};

}  // namespace

std::string gemv_unsupported(const Problem& problem, const Device&) {
  const Shape& shape = problem.shape;
  if (shape.n < 1 || shape.k < 1 || shape.batch < 1) return "sizes are 1 at least";
  if (shape.batch > gemv_most_batch) {
    return "the host's gemv takes batches up to " + std::to_string(gemv_most_batch);
  }
  return {};
}

std::unique_ptr<Workload> prepare_gemv(const Problem& problem, const Device& device,
                                       const Preparation& preparation) {
  return std::make_unique<GemvWorkload>(problem, device, preparation);
}

}  // namespace roofproof::host
