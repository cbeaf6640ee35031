// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/layer.h"
#include "kernels/host/weight_tensors.h"
#include "kernels/host/workload.h"
#include "kernels/host/workloads.h"

namespace roofproof::host {
namespace {

std::vector<TensorSpec> tensors_of(const LayerPlan& plan) {
  const LayerShape& shape = plan.shape;
  const ElementType activation = activation_type(shape.weights);
  const std::int64_t hidden = shape.rows() * shape.model.hidden;
  std::vector<TensorSpec> specs = layer_tensors(shape, "");
  specs.push_back({"input", activation, hidden, Fill::random, /*rotated=*/false});
  specs.push_back({"output", activation, hidden, Fill::poison, /*rotated=*/false});
  for (TensorSpec& spec : step_tensors(plan, "")) specs.push_back(std::move(spec));
  return specs;
}

class LayerWorkload final : public HostWorkload {
 public:
  LayerWorkload(const Problem& problem, const Device& device, const Preparation& preparation)
      : LayerWorkload(problem, device, preparation,
                      tensors_of({layer_shape(problem), device.processors})) {}

  std::string label() const override {
    return std::string("highway ") + plan_.kernel.simd + ", " +
           std::to_string(parallel_regions(operations_[0])) + " parallel regions";
  }

  std::map<std::string, double> counters() const override {
    return step_counters(problem().precision, parallel_regions(operations_[0]));
  }

 private:
  LayerWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
                const std::vector<TensorSpec>& specs)
      : HostWorkload(problem, device, preparation, written_tensors(specs), specs),
        plan_(layer_shape(problem), device.processors) {
    const StepBuffers step(buffers(), "");
    for (int copy = 0; copy < preparation.copies; ++copy) {
      const LayerData data(buffers(), "", copy, plan_.shape);
      add_layer(operations_.emplace_back(), plan_, data, step, step, data.newest(plan_.shape),
                buffers().data("input", 0), buffers().data("output", 0));
    }
  }

  void run(int copy) override {
    run_in_order(operations_[static_cast<std::size_t>(copy)], threads());
  }

  Check compare() const override {
    return check_layer_tensors(plan_.shape, buffers(), "", 0, "input", "output", preparation());
  }

  LayerPlan plan_;
  std::vector<Operations> operations_;  // of each copy
};

}  // namespace

std::string layer_unsupported(std::string_view, const Problem& problem, const Device&) {
  return layer_shape_unsupported(layer_shape(problem));
}

std::unique_ptr<Workload> prepare_layer(std::string_view, const Problem& problem,
                                        const Device& device, const Preparation& preparation) {
  return std::make_unique<LayerWorkload>(problem, device, preparation);
}

}  // namespace roofproof::host
