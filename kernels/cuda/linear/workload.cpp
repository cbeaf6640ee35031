// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/linear/workload.h"

#include <stdexcept>

#include "kernels/cuda/linear/device_pack.h"
#include "kernels/cuda/linear/linear.h"
#include "kernels/cuda/product.h"
#include "kernels/cuda/workload.h"
#include "kernels/float16.h"
#include "kernels/reference.h"
#include "kernels/weights.h"

namespace roofproof::cuda::linear {
namespace {

ElementType activation_type(WeightFormat format) {
  return format == WeightFormat::fp32 ? ElementType::fp32 : ElementType::fp16;
}

PackedShape packed_shape(const Problem& problem) {
  return {weight_format(problem.precision), problem.shape.n, problem.shape.k};
}

std::vector<TensorSpec> tensors_of(const Problem& problem, const Preparation& preparation) {
  const PackedShape shape = packed_shape(problem);
  const auto [x, w, y, batch, rotated] = product_names(problem);
  const ElementType activation = activation_type(shape.format);
  std::vector<TensorSpec> specs = {{w, ElementType::uint8, shape.bytes(), Fill::poison}};
  if (shape.row_scales() > 0) {
    specs.push_back({"row_scales", ElementType::fp32, shape.row_scales(), Fill::poison});
  }
  specs.push_back({x, activation, batch * shape.k, Fill::random, rotated});
  specs.push_back({y, activation, batch * shape.n,
                   preparation.beta == 0 ? Fill::poison : Fill::random, rotated});
  return specs;
}

// An accessor of an activation tensor [rows, columns] that was filled at random.
Element random_activation(InputStream input, bool fp32, std::int64_t columns) {
  return [=](std::int64_t row, std::int64_t column) {
    const float value = input.uniform(static_cast<std::uint64_t>(row * columns + column));
    return static_cast<double>(fp32 ? value : to_float(to_float16(value)));
  };
}

class PackedWorkload final : public CudaWorkload {
 public:
  PackedWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
                 Variant variant)
      : CudaWorkload(problem, device, preparation, tensors_of(problem, preparation)),
        shape_(packed_shape(problem)),
        names_(product_names(problem)),
        plan_(shape_, static_cast<int>(names_.batch), /*norm=*/false, variant, device),
        buffers_(plan_.workspace()) {
    const auto stream = static_cast<cudaStream_t>(preparation.stream);
    for (int copy = 0; copy < preparation.copies; ++copy) {
      pack_random_weights(shape_, weights(copy), tensors_.data(names_.w, copy), row_scales(copy),
                          stream);
    }
    buffers_.clear(stream);
    ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
  }

  void launch(StreamHandle stream, std::int64_t i) override {
    const int copy = static_cast<int>(i % preparation_.copies);
    LinearJob job;
    job.weights = tensors_.as<unsigned char>(names_.w, copy);
    job.row_scales = row_scales(copy);
    job.x = tensors_.data(names_.x, copy);
    job.y = tensors_.data(names_.y, copy);
    if (preparation_.alpha != 1 || preparation_.beta != 0) job.finish = Finish::scale_add;
    job.alpha = static_cast<float>(preparation_.alpha);
    job.beta = static_cast<float>(preparation_.beta);
    plan_.launch(job, buffers_.view(), /*dependent=*/true, static_cast<cudaStream_t>(stream));
  }

  Check check(StreamHandle handle) override {
    const auto stream = static_cast<cudaStream_t>(handle);
    launch_afresh(names_.y, stream);
    const bool fp32 = shape_.format == WeightFormat::fp32;
    const RandomWeights w = weights(0);
    MatrixProduct product;
    product.m = names_.batch;
    product.n = shape_.n;
    product.k = shape_.k;
    product.a = random_activation(tensors_.input(names_.x, 0), fp32, shape_.k);
    product.b = [&](std::int64_t row, std::int64_t column) {
      return w.at(static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(column));
    };
    product.c = random_activation(tensors_.input(names_.y, 0), fp32, shape_.n);
    product.alpha = static_cast<float>(preparation_.alpha);
    product.beta = static_cast<float>(preparation_.beta);
    product.output = activation_type(shape_.format);
    const std::int64_t outputs = product.m * product.n;
    const auto compare = [&](const auto& y) {
      return check_product(
          product, names_.y, preparation_.seed, [&](std::int64_t sequence, std::int64_t row) {
            return static_cast<double>(y(static_cast<std::size_t>(sequence * shape_.n + row)));
          });
    };
    if (fp32) {
      const auto y = tensors_.download_range<float>(names_.y, 0, 0, outputs);
      return with_guards(compare([&](std::size_t i) { return y[i]; }), stream);
    }
    const auto y = tensors_.download_range<std::uint16_t>(names_.y, 0, 0, outputs);
    return with_guards(compare([&](std::size_t i) { return to_float(y[i]); }), stream);
  }

  std::string label() const override { return plan_.label(); }

 private:
  RandomWeights weights(int copy) const {
    RandomWeights random;
    random.bits = weight_bits(shape_.format);
    random.k = static_cast<std::uint64_t>(shape_.k);
    random.values = tensors_.input(names_.w, copy);
    // The scales of INT4 have no tensor of their own, so no stream that belongs to one.
    random.scales = input_stream(preparation_.seed, 's', static_cast<std::uint64_t>(copy));
    return random;
  }
  float* row_scales(int copy) const {
    return shape_.row_scales() > 0 ? tensors_.as<float>("row_scales", copy) : nullptr;
  }

  PackedShape shape_;
  ProductNames names_;
  LinearPlan plan_;
  LinearBuffers buffers_;
};

}  // namespace

WeightFormat weight_format(Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return WeightFormat::fp32;
    case Precision::fp16:
      return WeightFormat::fp16;
    case Precision::int8:
    case Precision::w8a16:
      return WeightFormat::int8;
    case Precision::int4:
    case Precision::w4a16:
      return WeightFormat::int4;
  }
  throw std::logic_error("weight_format: unknown precision");
}

std::string linear_unsupported(std::string_view, const Problem& problem, const Device&) {
  const Shape& shape = problem.shape;
  if (shape.n < 1 || shape.k < 1 || product_names(problem).batch < 1)
    return "sizes must be at least 1";
  return {};
}

std::unique_ptr<Workload> prepare_linear(std::string_view kernel, const Problem& problem,
                                         const Device& device, const Preparation& preparation) {
  return std::make_unique<PackedWorkload>(problem, device, preparation, variant_of(kernel));
}

}  // namespace roofproof::cuda::linear
