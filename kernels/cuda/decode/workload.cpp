// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/decode/workload.h"

#include <map>

#include "kernels/cuda/decode/model_workload.h"
#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda::decode {
namespace {

class DecodeWorkload final : public ModelWorkload {
 public:
  DecodeWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
                 std::int64_t distinct, linear::Variant variant)
      : ModelWorkload(problem, device, preparation, distinct),
        plan_(shape_, distinct, variant, device) {
    plan_.allocate(capture_stream());
    capture([&](int copy) { plan_.launch(tensors_, copy, capture_stream()); });
  }

  Check check(StreamHandle handle) override {
    const auto stream = static_cast<cudaStream_t>(handle);
    const Check first = check_beginning(plan_, shape_, tensors_, preparation_, stream);
    launch(handle, 0);
    ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
    const std::int64_t last = shape_.model.layers - 1;
    const Check end =
        worse(layer::check_layer_tensors(shape_, tensors_, layer_prefix(plan_.resident(last)), 0,
                                         StepPlan::input_of(last), StepPlan::input_of(last + 1),
                                         preparation_.seed),
              check_end(shape_, tensors_, preparation_.seed));
    return with_guards(worse(first, end), stream);
  }

  std::string label() const override { return plan_.label(); }

  std::map<std::string, double> counters() const override {
    auto counters = layer::step_counters(problem_.precision, plan_.launches());
    counters["distinct_layers"] = static_cast<double>(distinct_);
    return counters;
  }

 private:
  StepPlan plan_;
};

}  // namespace

std::string decode_unsupported(std::string_view, const Problem& problem, const Device& device) {
  return model_unsupported(problem, device);
}

std::unique_ptr<Workload> prepare_decode(std::string_view kernel, const Problem& problem,
                                         const Device& device, const Preparation& preparation) {
  return std::make_unique<DecodeWorkload>(problem, device, preparation,
                                          distinct_layers(problem, device, preparation),
                                          linear::variant_of(kernel));
}

}  // namespace roofproof::cuda::decode
