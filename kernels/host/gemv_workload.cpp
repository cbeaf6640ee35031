// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/float16.h"
#include "kernels/host/gemv_kernel.h"
#include "kernels/host/parallel.h"
#include "kernels/host/weight_tensors.h"
#include "kernels/host/workload.h"
#include "kernels/host/workloads.h"
#include "kernels/reference.h"

namespace roofproof::host {
namespace {

// Rows whose results fill a cache line of FP32: shares are counted in these.
constexpr std::int64_t rows_grain = 16;

const MatrixName w = {"w", "scales"};

// Weights rotate, activations stay in cache, as they do in a decode.
std::vector<TensorSpec> gemv_tensors(const Problem& problem) {
  const auto [n, k, batch] = std::tuple(problem.shape.n, problem.shape.k, problem.shape.batch);
  const ElementType activation = activation_type(problem.precision);
  std::vector<TensorSpec> specs;
  add_weights(specs, w, n, k, problem.precision);
  specs.push_back({"x", activation, batch * k, Fill::random, /*rotated=*/false});
  specs.push_back({"y", activation, batch * n, Fill::poison, /*rotated=*/false});
  return specs;
}

class GemvWorkload final : public HostWorkload {
 public:
  GemvWorkload(const Problem& problem, const Device& device, const Preparation& preparation)
      : HostWorkload(problem, device, preparation, {"y"}, gemv_tensors(problem)),
        kernel_(gemv_kernel(problem.precision)),
        x_stride_(kernel_.prepared_size(problem.shape.k)),
        prepared_x_(allocate_array<float>(problem.shape.batch * x_stride_)) {}

  std::string label() const override { return std::string("highway ") + kernel_.simd; }

 private:
  void run(int copy) override {
    const Shape& shape = problem().shape;
    const Tensors& data = buffers();
    GemvOperands operands = weight_operands(data, w, copy, shape.n, shape.k, problem().precision);
    operands.batch = shape.batch;
    operands.x = prepared_x_.get();
    operands.y = data.data("y", copy);
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
    const bool fp32 = problem().precision == Precision::fp32;
    const InputStream x = buffers().input("x", 0);
    const MatrixProduct product{.m = batch,
                                .n = n,
                                .k = k,
                                .a =
                                    [&](std::int64_t j, std::int64_t column) {
                                      const float value =
                                          x.uniform(static_cast<std::uint64_t>(j * k + column));
                                      return fp32 ? value : to_float(to_float16(value));
                                    },
                                .b = weight_values(buffers(), w, 0, k, problem().precision),
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

std::string gemv_unsupported(std::string_view, const Problem& problem, const Device&) {
  const Shape& shape = problem.shape;
  if (shape.n < 1 || shape.k < 1 || shape.batch < 1) return "sizes must be at least 1";
  if (shape.batch > gemv_most_batch) {
    return "the host's gemv takes batches up to " + std::to_string(gemv_most_batch);
  }
  return {};
}

std::unique_ptr<Workload> prepare_gemv(std::string_view, const Problem& problem,
                                       const Device& device, const Preparation& preparation) {
  return std::make_unique<GemvWorkload>(problem, device, preparation);
}

}  // namespace roofproof::host
