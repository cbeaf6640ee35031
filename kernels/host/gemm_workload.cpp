// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <limits>

#include "kernels/host/device.h"
#include "kernels/host/gemm.h"
#include "kernels/host/openblas.h"
#include "kernels/host/workload.h"
#include "kernels/host/workloads.h"
#include "kernels/reference.h"

namespace roofproof::host {
namespace {

// What the kernel of this project and the library have in common.
class GemmWorkload : public HostWorkload {
 public:
 protected:
  GemmWorkload(const Problem& problem, const Device& device, const Preparation& preparation)
      : HostWorkload(problem, device, preparation, {"c"},
                     {{"a", ElementType::fp32, problem.shape.m * problem.shape.k, Fill::random},
                      {"b", ElementType::fp32, problem.shape.n * problem.shape.k, Fill::random},
                      {"c", ElementType::fp32, problem.shape.m * problem.shape.n,
                       preparation.beta != 0 ? Fill::random : Fill::poison}}) {}

 private:
  virtual void multiply(float* c, const float* a, const float* b, float alpha, float beta) = 0;

  void run(int copy) override {
    multiply(buffers().as<float>("c", copy), buffers().as<float>("a", copy),
             buffers().as<float>("b", copy), static_cast<float>(preparation().alpha),
             static_cast<float>(preparation().beta));
  }

  Check compare() const override {
    const Shape& shape = problem().shape;
    const auto element = [&](const char* tensor, std::int64_t columns) {
      return [input = buffers().input(tensor, 0), columns](std::int64_t i, std::int64_t j) {
        return static_cast<double>(input.uniform(static_cast<std::uint64_t>(i * columns + j)));
      };
    };
    const MatrixProduct product{.m = shape.m,
                                .n = shape.n,
                                .k = shape.k,
                                .a = element("a", shape.k),
                                .b = element("b", shape.k),
                                .c = element("c", shape.n),
                                .alpha = static_cast<float>(preparation().alpha),
                                .beta = static_cast<float>(preparation().beta),
                                .output = ElementType::fp32};
    const float* const c = buffers().as<float>("c", 0);
    return check_product(product, "c", preparation().seed,
                         [&](std::int64_t i, std::int64_t j) { return c[i * shape.n + j]; });
  }
};

class HandGemmWorkload final : public GemmWorkload {
 public:
  HandGemmWorkload(const Problem& problem, const Device& device, const Preparation& preparation)
      : GemmWorkload(problem, device, preparation),
        gemm_(problem.shape.m, problem.shape.n, problem.shape.k, device.processors, caches()) {}

  std::string label() const override { return gemm_.label(); }

 private:
  void multiply(float* c, const float* a, const float* b, float alpha, float beta) override {
    gemm_.run(c, a, b, alpha, beta);
  }

  Gemm gemm_;
};

class OpenblasWorkload final : public GemmWorkload {
 public:
  OpenblasWorkload(const Problem& problem, const Device& device, const Preparation& preparation)
      : GemmWorkload(problem, device, preparation) {}

  std::string label() const override { return openblas_label(); }

 private:
  void multiply(float* c, const float* a, const float* b, float alpha, float beta) override {
    const Shape& shape = problem().shape;
    openblas_gemm(c, a, b, shape.m, shape.n, shape.k, alpha, beta, threads());
  }
};

}  // namespace

std::string gemm_unsupported(std::string_view, const Problem& problem, const Device&) {
  const Shape& shape = problem.shape;
  for (const std::int64_t size : {shape.m, shape.n, shape.k}) {
    if (size < 1) return "sizes must be at least 1";
    if (size > std::numeric_limits<std::int32_t>::max()) return "sizes are 32-bit integers";
  }
  return {};
}

std::unique_ptr<Workload> prepare_gemm(std::string_view, const Problem& problem,
                                       const Device& device, const Preparation& preparation) {
  return std::make_unique<HandGemmWorkload>(problem, device, preparation);
}

std::unique_ptr<Workload> prepare_openblas_gemm(std::string_view, const Problem& problem,
                                                const Device& device,
                                                const Preparation& preparation) {
  return std::make_unique<OpenblasWorkload>(problem, device, preparation);
}

}  // namespace roofproof::host
