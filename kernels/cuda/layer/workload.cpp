// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/layer/workload.h"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "kernels/cuda/layer/layer.h"
#include "kernels/cuda/linear/workload.h"
#include "kernels/cuda/workload.h"

namespace roofproof::cuda::layer {
namespace {

LayerShape shape_of(const Problem& problem) {
  LayerShape shape;
  shape.model = find_model(problem.shape.model);
  shape.format = linear::weight_format(problem.precision);
  if (problem.op == Op::prefill) {
    shape.batch = 1;
    shape.new_tokens = static_cast<int>(problem.shape.m);
    return shape;
  }
  shape.batch = static_cast<int>(problem.shape.batch);
  shape.context = static_cast<int>(problem.shape.context);
  return shape;
}

std::vector<TensorSpec> tensors_of(const LayerShape& shape) {
  std::vector<TensorSpec> specs = layer_tensors(shape, "", /*rotated=*/true);
  const std::int64_t hidden = shape.rows() * shape.model.hidden;
  specs.push_back({"input", shape.activation(), hidden, Fill::random, /*rotated=*/false});
  specs.push_back({"output", shape.activation(), hidden, Fill::poison, /*rotated=*/false});
  for (TensorSpec& spec : activation_tensors(shape)) specs.push_back(std::move(spec));
  return specs;
}

class LayerWorkload final : public CudaWorkload {
 public:
  LayerWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
                Variant variant)
      : CudaWorkload(problem, device, preparation, tensors_of(shape_of(problem))),
        shape_(shape_of(problem)),
        plan_(shape_, variant, device) {
    const auto stream = static_cast<cudaStream_t>(preparation.stream);
    plan_.allocate({}, stream);
    for (int copy = 0; copy < preparation.copies; ++copy) {
      fill_layer(tensors_, "", copy, shape_, stream);
    }
    ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
  }

  void launch(StreamHandle stream, std::int64_t i) override {
    plan_.launch(layer_pointers(tensors_, "", static_cast<int>(i % preparation_.copies), shape_),
                 activation_pointers(tensors_), tensors_.data("input", 0),
                 tensors_.data("output", 0), /*dependent=*/true, static_cast<cudaStream_t>(stream));
  }

  Check check(StreamHandle handle) override {
    const auto stream = static_cast<cudaStream_t>(handle);
    for (const char* activation : {"query", "attention", "middle", "gated"}) {
      tensors_.refill(activation, 0, stream);
    }
    launch_afresh("output", stream);
    return with_guards(
        check_layer_tensors(shape_, tensors_, "", 0, "input", "output", preparation_.seed), stream);
  }

  std::string label() const override { return plan_.label(); }

  std::map<std::string, double> counters() const override {
    return step_counters(problem_.precision, plan_.launches());
  }

 private:
  LayerShape shape_;
  LayerPlan plan_;
};

}  // namespace

std::string layer_unsupported(std::string_view, const Problem& problem, const Device& device) {
  const LayerShape shape = shape_of(problem);
  std::string reason = shape_unsupported(shape);
  if (!reason.empty()) return reason;
  const std::int64_t needed = tensor_bytes(tensors_of(shape));
  if (needed <= device.memory_bytes) return {};
  return "needs " + std::to_string(needed) + " bytes of the device's " +
         std::to_string(device.memory_bytes);
}

std::unique_ptr<Workload> prepare_layer(std::string_view kernel, const Problem& problem,
                                        const Device& device, const Preparation& preparation) {
  return std::make_unique<LayerWorkload>(problem, device, preparation, linear::variant_of(kernel));
}

std::string no_fp32_prefill(std::string_view, const Problem&, const Device&) {
  return "no FP32 prefill: FP32 layers read their weights again for every 8 tokens";
}

}  // namespace roofproof::cuda::layer
