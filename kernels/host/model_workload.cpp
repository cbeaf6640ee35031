// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/model_workload.h"

#include <algorithm>
#include <cstring>

#include "kernels/host/device.h"

namespace roofproof::host {
namespace {

std::vector<TensorSpec> tensors_of(const LayerPlan& plan, std::int64_t distinct,
                                   const std::string& out) {
  std::vector<TensorSpec> specs = model_tensors(plan.shape, distinct);
  for (TensorSpec& spec : state_tensors(plan, "")) specs.push_back(std::move(spec));
  if (out.empty()) return specs;
  for (TensorSpec& spec : state_tensors(plan, out)) specs.push_back(std::move(spec));
  return specs;
}

// At least one layer: what is missing then is named by Tensors.
std::int64_t layers_that_fit(const Problem& problem, const Device& device,
                             const Preparation& preparation) {
  return std::max<std::int64_t>(1, distinct_layers(layer_shape(problem), device.processors,
                                                   preparation.copies, available_memory_bytes()));
}

// What a launch writes: its own state, and the caches where that is the one it reads.
std::vector<std::string> written(const std::vector<TensorSpec>& specs, const std::string& out) {
  std::vector<std::string> names = written_tensors(specs);
  if (out.empty()) return names;
  std::erase_if(names, [&](const std::string& name) { return !name.starts_with(out); });
  return names;
}

}  // namespace

ModelWorkload::ModelWorkload(const Problem& problem, const Device& device,
                             const Preparation& preparation, const std::string& out)
    : ModelWorkload(problem, device, preparation, out,
                    layers_that_fit(problem, device, preparation)) {}

ModelWorkload::ModelWorkload(const Problem& problem, const Device& device,
                             const Preparation& preparation, const std::string& out,
                             std::int64_t distinct)
    : HostWorkload(
          problem, device, preparation,
          written(tensors_of({layer_shape(problem), device.processors}, distinct, out), out),
          tensors_of({layer_shape(problem), device.processors}, distinct, out)),
      plan_(layer_shape(problem), device.processors),
      distinct_(distinct),
      in_(buffers(), "", plan_.shape) {
  auto* const tokens = buffers().as<std::int32_t>("tokens", 0);
  const InputStream random = buffers().input("tokens", 0);
  for (std::int64_t j = 0; j < plan_.shape.batch; ++j) {
    tokens[j] = static_cast<std::int32_t>(random.bits(static_cast<std::uint64_t>(j)) %
                                          static_cast<std::uint64_t>(plan_.shape.model.vocab));
  }
  if (!out.empty()) {
    // What the operations find when none waits for another.
    run_in_order(Step(plan_, buffers(), 0, distinct_, in_, in_).all(), threads());
    out_.emplace_back(buffers(), out, plan_.shape);
  }
  for (int copy = 0; copy < preparation.copies; ++copy) {
    operations_.push_back(Step(plan_, buffers(), copy, distinct_, in_, this->out()).all());
  }
}

std::string ModelWorkload::label() const {
  return std::string("highway ") + plan_.kernel.simd + ", " + std::to_string(distinct_) + " of " +
         std::to_string(plan_.shape.model.layers) + " layers distinct";
}

std::map<std::string, double> ModelWorkload::counters() const {
  auto counters = step_counters(problem().precision, parallel_regions(operations(0)));
  counters["distinct_layers"] = static_cast<double>(distinct_);
  return counters;
}

std::string model_unsupported(const Problem& problem, const Device& device) {
  const LayerShape shape = layer_shape(problem);
  std::string reason = layer_shape_unsupported(shape);
  if (!reason.empty()) return reason;
  if (distinct_layers(shape, device.processors, 1, device.memory_bytes) < 1) {
    return "not even one layer with its cache, the LM head and the embedding table fit into " +
           std::to_string(device.memory_bytes) + " bytes of memory";
  }
  return {};
}

}  // namespace roofproof::host
