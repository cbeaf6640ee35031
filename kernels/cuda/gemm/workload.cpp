// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemm/workload.h"

#include <cstring>
#include <stdexcept>
#include <vector>

#include "kernels/cuda/product.h"
#include "kernels/cuda/runtime/error.h"
#include "kernels/cuda/workload.h"
#include "kernels/float16.h"
#include "kernels/reference.h"

namespace roofproof::cuda {
namespace {

struct ElementTypes {
  ElementType operand;
  ElementType result;
};

ElementTypes element_types(Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return {ElementType::fp32, ElementType::fp32};
    case Precision::fp16:
      return {ElementType::fp16, ElementType::fp16};
    case Precision::int8:
      return {ElementType::int8, ElementType::int32};
    default:
      throw std::invalid_argument("kernels/cuda/gemm/workload.cpp: no GEMM operands for " +
                                  std::string(name(precision)));
  }
}

std::vector<TensorSpec> tensors_of(const Problem& problem, const Preparation& preparation) {
  const Shape& shape = problem.shape;
  const ElementTypes types = element_types(problem.precision);
  const auto [x, w, y, batch, rotated] = product_names(problem);
  return {{x, types.operand, batch * shape.k, Fill::random, rotated},
          {w, types.operand, shape.n * shape.k, Fill::random},
          {y, types.result, batch * shape.n, preparation.beta == 0 ? Fill::poison : Fill::random,
           rotated}};
}

// What fill_random() gave a tensor [rows, columns], as exact values.
Element random_element(ElementType type, InputStream input, std::int64_t columns) {
  const auto with_index = [columns](auto value) -> Element {
    return [=](std::int64_t row, std::int64_t column) {
      return static_cast<double>(value(static_cast<std::uint64_t>(row * columns + column)));
    };
  };
  switch (type) {
    case ElementType::fp32:
      return with_index([input](std::uint64_t i) { return input.uniform(i); });
    case ElementType::fp16:
      return with_index(
          [input](std::uint64_t i) { return to_float(to_float16(input.uniform(i))); });
    case ElementType::int8:
      return with_index([input](std::uint64_t i) { return input.int8(i); });
    case ElementType::int32:
      return with_index(
          [input](std::uint64_t i) { return static_cast<std::int32_t>(input.bits(i)); });
    default:
      throw std::logic_error("kernels/cuda/gemm/workload.cpp: no such GEMM operand");
  }
}

// An accessor of downloaded values [rows, columns].
Element downloaded_element(ElementType type, std::vector<std::byte> bytes, std::int64_t columns) {
  return [=, bytes = std::move(bytes)](std::int64_t row, std::int64_t column) {
    const auto load = [&](auto value) {
      std::memcpy(&value, bytes.data() + (row * columns + column) * sizeof value, sizeof value);
      return value;
    };
    switch (type) {
      case ElementType::fp32:
        return static_cast<double>(load(float{}));
      case ElementType::fp16:
        return static_cast<double>(to_float(load(std::uint16_t{})));
      case ElementType::int32:
        return static_cast<double>(load(std::int32_t{}));
      default:
        throw std::logic_error("kernels/cuda/gemm/workload.cpp: no such GEMM result");
    }
  };
}

class GemmWorkload : public CudaWorkload {
 public:
  GemmWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
               const GemmSetFactory& factory)
      : CudaWorkload(problem, device, preparation, tensors_of(problem, preparation)),
        names_(product_names(problem)) {
    std::vector<GemmOperands> copies(static_cast<std::size_t>(preparation.copies));
    for (int copy = 0; copy < preparation.copies; ++copy) {
      GemmOperands& operands = copies[static_cast<std::size_t>(copy)];
      operands.m = names_.batch;
      operands.n = problem.shape.n;
      operands.k = problem.shape.k;
      operands.a = tensors_.data(names_.x, copy);
      operands.b = tensors_.data(names_.w, copy);
      operands.c = tensors_.data(names_.y, copy);
      operands.alpha = static_cast<float>(preparation.alpha);
      operands.beta = static_cast<float>(preparation.beta);
    }
    const auto stream = static_cast<cudaStream_t>(preparation.stream);
    launches_ = factory(copies, stream);
    for (int copy = 0; copy < preparation.copies; ++copy) tensors_.refill(names_.y, copy, stream);
    ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
  }

  void launch(StreamHandle stream, std::int64_t i) override {
    launches_[static_cast<std::size_t>(i) % launches_.size()]->launch(
        static_cast<cudaStream_t>(stream));
  }

  Check check(StreamHandle handle) override {
    const auto stream = static_cast<cudaStream_t>(handle);
    launch_afresh(names_.y, stream);
    const Shape& shape = problem_.shape;
    const auto [operand_type, result_type] = element_types(problem_.precision);
    MatrixProduct product;
    product.m = names_.batch;
    product.n = shape.n;
    product.k = shape.k;
    product.a = input_element(names_.x, operand_type, shape.k);
    product.b = input_element(names_.w, operand_type, shape.k);
    product.c = input_element(names_.y, result_type, shape.n);
    product.alpha = static_cast<float>(preparation_.alpha);
    product.beta = static_cast<float>(preparation_.beta);
    product.output = result_type;
    return with_guards(
        check_product(product, names_.y, preparation_.seed,
                      downloaded_element(result_type, tensors_.download(names_.y, 0), shape.n)),
        stream);
  }

  std::string label() const override { return launches_.front()->label(); }

 private:
  // What a random tensor of copy 0 held at first.
  Element input_element(std::string_view tensor, ElementType type, std::int64_t columns) const {
    return random_element(type, tensors_.input(tensor, 0), columns);
  }

  ProductNames names_;
  std::vector<std::unique_ptr<GemmLaunch>> launches_;  // one per copy
};

}  // namespace

std::unique_ptr<Workload> make_gemm_workload(const Problem& problem, const Device& device,
                                             const Preparation& preparation,
                                             const GemmFactory& factory) {
  return make_gemm_workload(
      problem, device, preparation,
      GemmSetFactory([&](const std::vector<GemmOperands>& copies, cudaStream_t stream) {
        std::vector<std::unique_ptr<GemmLaunch>> launches;
        for (const GemmOperands& operands : copies) launches.push_back(factory(operands, stream));
        return launches;
      }));
}

std::unique_ptr<Workload> make_gemm_workload(const Problem& problem, const Device& device,
                                             const Preparation& preparation,
                                             const GemmSetFactory& factory) {
  return std::make_unique<GemmWorkload>(problem, device, preparation, factory);
}

}  // namespace roofproof::cuda
