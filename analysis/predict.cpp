// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/predict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/models/find.h"

namespace roofproof::analysis {
namespace {

// "datasheet, verified"; the reason goes along where the figure may be wrong.
std::string describe(const Figure& figure, std::string_view what) {
  if (!figure.value) return std::string(words(figure.status));
  std::string text = std::string(what) + ", " + std::string(words(figure.status));
  const bool doubtful =
      figure.status == FigureStatus::unconfirmed || figure.status == FigureStatus::conflict;
  return doubtful ? text + ": " + figure.note : text;
}

}  // namespace

Arithmetic step_arithmetic(Precision weights) {
  return weights == Precision::fp32 ? Arithmetic::fp32 : Arithmetic::fp16;
}

Arithmetic step_arithmetic(const WeightFormat& weights, const GpuSpec& gpu) {
  const auto unless_unsupported = [&](Arithmetic arithmetic) {
    return gpu.supports(arithmetic) ? arithmetic : Arithmetic::fp16;
  };
  switch (weights.element) {
    case Element::fp32:
      return Arithmetic::fp32;
    case Element::bf16:
      return unless_unsupported(Arithmetic::bf16);
    case Element::fp8:
      return unless_unsupported(Arithmetic::fp8);
    default:
      return Arithmetic::fp16;
  }
}

Ceilings datasheet_ceilings(const GpuSpec& gpu, Precision weights) {
  return datasheet_ceilings(gpu, step_arithmetic(weights));
}

Ceilings datasheet_ceilings(const GpuSpec& gpu, Arithmetic arithmetic) {
  const Figure& peak = gpu.peak_per_s(arithmetic);
  const Figure& bandwidth = gpu.memory_bandwidth_bytes_per_s;
  Ceilings ceilings;
  ceilings.device = gpu.name;
  ceilings.arithmetic = arithmetic;
  ceilings.roofs = {peak.value.value_or(std::numeric_limits<double>::infinity()), *bandwidth.value};
  ceilings.memory_bytes = gpu.usable_memory_bytes().value;
  ceilings.compute_source = describe(peak, "datasheet");
  ceilings.bandwidth_source = describe(bandwidth, "datasheet");
  ceilings.memory_source = gpu.memory_visible_bytes.value
                               ? describe(gpu.memory_visible_bytes, "reported by CUDA")
                               : describe(gpu.memory_bytes, "on the board");
  return ceilings;
}

Ceilings times(Ceilings ceilings, int gpus) {
  ceilings.roofs.flop_per_s *= gpus;
  ceilings.roofs.bytes_per_s *= gpus;
  if (ceilings.memory_bytes) *ceilings.memory_bytes *= gpus;
  return ceilings;
}

std::string why_heads_do_not_divide(const ModelLayout& layout, int gpus) {
  const auto words = [&](std::int64_t heads, const char* what) {
    return fmt::format("{} has {} {}heads, which {} GPUs cannot share evenly", layout.name, heads,
                       what, gpus);
  };
  if (layout.heads % gpus != 0) return words(layout.heads, "");
  const std::int64_t kv = layout.kv_heads;
  return kv > 0 && kv % gpus != 0 && gpus % kv != 0 ? words(kv, "key and value ") : "";
}

std::int64_t holders_of_a_key(const ModelLayout& layout, int gpus) {
  const std::int64_t kv = std::max<std::int64_t>(layout.kv_heads, 1);
  return gpus > kv ? gpus / kv : 1;
}

ModelWorkload count_model(const Model& model, Precision weights, std::int64_t batch,
                          std::int64_t context) {
  return count_model(layout_of(model), {WeightFormat::of(weights), {}, batch, context});
}

ModelWorkload count_model(const ModelLayout& layout, const StepRequest& request) {
  const WeightFormat& weights = request.weights;
  const std::int64_t tokens = request.context + 1;
  const auto all_experts = static_cast<double>(layout.experts);
  ModelWorkload workload;
  workload.model = layout.name;
  workload.measured_as = kernel_model_name(layout).value_or("");
  workload.parameters = static_cast<double>(parameters(layout));
  workload.active_parameters = static_cast<double>(active_parameters(layout));
  workload.weights = weights;
  workload.cache = request.cache;
  workload.batch = request.batch;
  workload.context = request.context;
  workload.experts = all_experts;
  workload.experts_read = experts_read(layout, request.batch);
  workload.weight_bytes = step_weight_bytes(layout, weights, workload.experts_read);
  workload.weight_bytes_of_all_experts = step_weight_bytes(layout, weights, all_experts);
  workload.embedding_bytes = row_bytes(layout, weights);
  workload.kv_bytes = step_cache_bytes(layout, request.cache, tokens);
  workload.flop = step_flop(layout, tokens);
  workload.resident_weight_bytes = resident_weight_bytes(layout, weights);
  workload.file_weight_bytes = file_weight_bytes(layout, weights);
  workload.kv_cache_bytes = cache_bytes(layout, request.cache, tokens);
  workload.activation_bytes =
      static_cast<double>(layout.activation_elements) * weights.plain_bits / 8;
  workload.layers = static_cast<double>(layout.attention.size());
  return workload;
}

ModelWorkload count_parameters(double parameters, std::optional<double> active,
                               const WeightFormat& weights, std::int64_t batch) {
  ModelWorkload workload;
  workload.parameters = parameters;
  workload.active_parameters = active.value_or(parameters);
  workload.weights = weights;
  workload.batch = batch;
  workload.weight_bytes = workload.active_parameters * weights.bits / 8;
  workload.weight_bytes_of_all_experts = parameters * weights.bits / 8;
  workload.flop = 2 * workload.active_parameters;
  workload.resident_weight_bytes = parameters * weights.bits / 8;
  workload.resident_is_known = active.has_value();
  workload.file_weight_bytes = workload.resident_weight_bytes;
  return workload;
}

Prediction predict(const Ceilings& ceilings, const ModelWorkload& workload) {
  const auto batch = static_cast<double>(workload.batch);
  StepWork work = {workload.weight_bytes, workload.embedding_bytes + workload.kv_bytes,
                   workload.flop};
  Prediction prediction;
  prediction.flop = work.flop(batch);
  prediction.bytes = work.bytes(batch);
  prediction.intensity_flop_per_byte = prediction.flop / prediction.bytes;
  prediction.ridge_flop_per_byte = ridge_flop_per_byte(ceilings.roofs);
  prediction.step = roof_time({prediction.flop, prediction.bytes, workload.launches},
                              ceilings.roofs, ceilings.launch_gap_s);
  prediction.time_per_token_s = prediction.step.total_s();
  prediction.tokens_per_s = batch / prediction.time_per_token_s;
  work.fixed_bytes = workload.weight_bytes_of_all_experts;
  prediction.crossover_batch = crossover_batch(ceilings.roofs, work);
  prediction.memory_needed_bytes = workload.resident_weight_bytes +
                                   batch * (workload.kv_cache_bytes + workload.activation_bytes);
  if (ceilings.memory_bytes) {
    const bool fits = prediction.memory_needed_bytes <= *ceilings.memory_bytes;
    if (workload.resident_is_known || !fits) prediction.fits = fits;
  }
  return prediction;
}

std::optional<double> first_compute_batch(const Prediction& prediction) {
  if (!prediction.crossover_batch) return std::nullopt;
  return std::floor(*prediction.crossover_batch) + 1;
}

}  // namespace roofproof::analysis
