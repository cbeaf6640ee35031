// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/decode/model_workload.h"

#include <cstddef>

#include "kernels/cuda/runtime/error.h"
#include "kernels/float16.h"
#include "kernels/reference.h"

namespace roofproof::cuda::decode {

std::string model_unsupported(const Problem& problem, const Device& device) {
  const LayerShape shape = shape_of(problem);
  std::string reason = layer::shape_unsupported(shape);
  if (!reason.empty()) return reason;
  return plan_memory(memory_need(shape, 1), device.memory_bytes, device.last_level_cache_bytes)
      .reason;
}

std::int64_t distinct_layers(const Problem& problem, const Device& device,
                             const Preparation& preparation) {
  ROOFPROOF_CUDA_CHECK(cudaSetDevice(device.ordinal));
  std::size_t free = 0;
  std::size_t total = 0;
  ROOFPROOF_CUDA_CHECK(cudaMemGetInfo(&free, &total));
  const MemoryPlan plan =
      plan_memory(memory_need(shape_of(problem), preparation.copies),
                  static_cast<std::int64_t>(free), device.last_level_cache_bytes);
  if (plan.distinct == 0) throw CudaError(cudaErrorMemoryAllocation, plan.reason);
  return plan.distinct;
}

Check check_beginning(const StepPlan& plan, const LayerShape& shape, Tensors& tensors,
                      const Preparation& preparation, cudaStream_t stream) {
  for (const char* tensor :
       {"hidden_a", "hidden_b", "query", "attention", "middle", "gated", "logits", "next_tokens"}) {
    tensors.refill(tensor, 0, stream);
  }
  const auto check_layer_run = [&](std::int64_t layer) {
    return layer::check_layer_tensors(shape, tensors, layer_prefix(plan.resident(layer)), 0,
                                      StepPlan::input_of(layer), StepPlan::input_of(layer + 1),
                                      preparation.seed);
  };
  plan.embed(tensors, true, stream);
  plan.layer(tensors, 0, 0, true, stream);
  ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
  Check result = check_layer_run(0);

  const Model& model = shape.model;
  const auto tokens = tensors.download_range<std::int32_t>("tokens", 0, 0, shape.batch);
  const Element embedded =
      layer::downloaded(tensors, StepPlan::input_of(0), 0, shape.batch, model.hidden, shape.fp32());
  Comparison rows;
  for (const auto& [sequence, column] :
       sample_positions(shape.batch, model.hidden, preparation.seed)) {
    const auto at = static_cast<std::uint64_t>(
        std::int64_t{tokens[static_cast<std::size_t>(sequence)]} * model.hidden + column);
    const float value = tensors.input("embedding", 0).uniform(at);
    const double expected = shape.fp32() ? value : to_float(to_float16(value));
    rows.add(
        [s = sequence, c = column] {
          return "embedding row " + std::to_string(s) + ", " + std::to_string(c);
        },
        embedded(sequence, column), {expected, 0});
  }
  result = worse(result, rows.result());
  return result;
}

}  // namespace roofproof::cuda::decode
