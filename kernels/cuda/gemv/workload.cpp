// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemv/workload.h"

#include <stdexcept>

#include "kernels/cuda/gemv/device_pack.h"
#include "kernels/cuda/gemv/linear.h"
#include "kernels/cuda/workload.h"
#include "kernels/float16.h"
#include "kernels/reference.h"
#include "kernels/weights.h"

namespace roofproof::cuda::gemv {
namespace {

ElementType activation_type(WeightFormat format) {
  return format == WeightFormat::fp32 ? ElementType::fp32 : ElementType::fp16;
}

PackedShape packed_shape(const Problem& problem) {
  return {weight_format(problem.precision), problem.shape.n, problem.shape.k};
}

std::vector<TensorSpec> gemv_tensors(const Problem& problem) {
  const PackedShape shape = packed_shape(problem);
  const std::int64_t batch = problem.shape.batch;
  const ElementType activation = activation_type(shape.format);
  std::vector<TensorSpec> specs = {{"w", ElementType::uint8, shape.bytes(), Fill::zeros}};
  if (shape.row_scales() > 0) {
    specs.push_back({"row_scales", ElementType::fp32, shape.row_scales(), Fill::zeros});
  }
  specs.push_back({"x", activation, batch * shape.k, Fill::random, /*rotated=*/false});
  specs.push_back({"y", activation, batch * shape.n, Fill::poison, /*rotated=*/false});
  return specs;
}

class GemvWorkload final : public CudaWorkload {
 public:
  GemvWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
               Variant variant)
      : CudaWorkload(problem, device, preparation, gemv_tensors(problem)),
        shape_(packed_shape(problem)),
        plan_(shape_, static_cast<int>(problem.shape.batch), /*norm=*/false, variant, device),
        buffers_(plan_.workspace()) {
    const auto stream = static_cast<cudaStream_t>(preparation.stream);
    for (int copy = 0; copy < preparation.copies; ++copy) {
      pack_random_weights(shape_, weights(copy), preparation.zeros, tensors_.data("w", copy),
                          row_scales(copy), stream);
    }
    buffers_.clear(stream);
    ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
  }

  void launch(StreamHandle stream, std::int64_t i) override {
    const int copy = static_cast<int>(i % preparation_.copies);
    LinearJob operands;
    operands.weights = tensors_.as<unsigned char>("w", copy);
    operands.row_scales = row_scales(copy);
    operands.x = tensors_.data("x", 0);
    operands.y = tensors_.data("y", 0);
    plan_.launch(operands, buffers_.view(), /*dependent=*/true, static_cast<cudaStream_t>(stream));
  }

  Check check(StreamHandle handle) override {
    const auto stream = static_cast<cudaStream_t>(handle);
    launch_afresh("y", stream);
    const bool fp32 = shape_.format == WeightFormat::fp32;
    const double nonzero = preparation_.zeros ? 0 : 1;
    const InputStream x = tensors_.input("x", 0);
    const RandomWeights w = weights(0);
    MatrixProduct product;
    product.m = problem_.shape.batch;
    product.n = shape_.n;
    product.k = shape_.k;
    product.a = [&](std::int64_t sequence, std::int64_t column) {
      const float value = x.uniform(static_cast<std::uint64_t>(sequence * shape_.k + column));
      return nonzero * (fp32 ? value : to_float(to_float16(value)));
    };
    product.b = [&](std::int64_t row, std::int64_t column) {
      return nonzero * w.at(static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(column));
    };
    product.output = activation_type(shape_.format);
    const std::int64_t outputs = product.m * product.n;
    const auto compare = [&](const auto& y) {
      return check_product(
          product, "y", preparation_.seed, [&](std::int64_t sequence, std::int64_t row) {
            return static_cast<double>(y(static_cast<std::size_t>(sequence * shape_.n + row)));
          });
    };
    if (fp32) {
      const auto y = tensors_.download_range<float>("y", 0, 0, outputs);
      return with_guards(compare([&](std::size_t i) { return y[i]; }), stream);
    }
    const auto y = tensors_.download_range<std::uint16_t>("y", 0, 0, outputs);
    return with_guards(compare([&](std::size_t i) { return to_float(y[i]); }), stream);
  }

  std::string label() const override { return plan_.label(); }

 private:
  RandomWeights weights(int copy) const {
    RandomWeights random;
    random.bits = weight_bits(shape_.format);
    random.k = static_cast<std::uint64_t>(shape_.k);
    random.values = tensors_.input("w", copy);
    // The scales of INT4 have no tensor of their own, so no stream that belongs to one.
    random.scales = input_stream(preparation_.seed, 's', static_cast<std::uint64_t>(copy));
    return random;
  }
  float* row_scales(int copy) const {
    return shape_.row_scales() > 0 ? tensors_.as<float>("row_scales", copy) : nullptr;
  }

  PackedShape shape_;
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

template <Variant V>
std::string gemv_unsupported(const Problem& problem, const Device& device) {
  const Shape& shape = problem.shape;
  if (shape.n < 1 || shape.k < 1 || shape.batch < 1) return "sizes are 1 at least";
  return variant_unsupported(V, weight_format(problem.precision), device);
}

template <Variant V>
std::unique_ptr<Workload> prepare_gemv(const Problem& problem, const Device& device,
                                       const Preparation& preparation) {
  return std::make_unique<GemvWorkload>(problem, device, preparation, V);
}

#define ROOFPROOF_INSTANTIATE(V)                                                    \
  template std::string gemv_unsupported<V>(const Problem&, const Device&);          \
  template std::unique_ptr<Workload> prepare_gemv<V>(const Problem&, const Device&, \
                                                     const Preparation&)
ROOFPROOF_INSTANTIATE(Variant::simt);
ROOFPROOF_INSTANTIATE(Variant::mma_sm75);
ROOFPROOF_INSTANTIATE(Variant::mma_sm80);
ROOFPROOF_INSTANTIATE(Variant::bulk_sm90);
#undef ROOFPROOF_INSTANTIATE

}  // namespace roofproof::cuda::gemv
