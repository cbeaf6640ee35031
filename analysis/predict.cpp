// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/predict.h"

#include <stdexcept>

namespace roofproof::analysis {
namespace {

// "datasheet, verified"; the reason goes along where the figure may be wrong.
std::string describe(const Figure& figure, std::string_view what) {
  std::string text = std::string(what) + ", " + std::string(words(figure.status));
  const bool doubtful =
      figure.status == FigureStatus::unconfirmed || figure.status == FigureStatus::conflict;
  return doubtful ? text + ": " + figure.note : text;
}

// The vectors that one sequence needs at the same time at most: the residual stream and its norm,
// queries, keys and values, attention output, both halves of the gated block, and the logits.
double activation_bytes_per_sequence(const Model& model, Precision weights) {
  const std::int64_t elements = 2 * model.hidden +
                                (2 * model.heads + 2 * model.kv_heads) * model.head_dim +
                                2 * model.ffn + model.vocab;
  return static_cast<double>(elements) * (weights == Precision::fp32 ? 4 : 2);
}

}  // namespace

Arithmetic step_arithmetic(Precision weights) {
  return weights == Precision::fp32 ? Arithmetic::fp32 : Arithmetic::fp16;
}

Ceilings datasheet_ceilings(const GpuSpec& gpu, Precision weights) {
  const Figure& peak = gpu.peak_per_s(step_arithmetic(weights));
  const Figure& bandwidth = gpu.memory_bandwidth_bytes_per_s;
  if (!peak.value) {
    throw std::invalid_argument("the spec of the " + gpu.name + " has no " +
                                std::string(name(step_arithmetic(weights))) + " peak");
  }
  Ceilings ceilings;
  ceilings.device = gpu.name;
  ceilings.arithmetic = step_arithmetic(weights);
  ceilings.roofs = {*peak.value, *bandwidth.value};
  ceilings.memory_bytes = gpu.usable_memory_bytes().value;
  ceilings.compute_source = describe(peak, "datasheet");
  ceilings.bandwidth_source = describe(bandwidth, "datasheet");
  ceilings.memory_source = gpu.memory_visible_bytes.value
                               ? describe(gpu.memory_visible_bytes, "reported by CUDA")
                               : describe(gpu.memory_bytes, "on the board");
  return ceilings;
}

ModelWorkload count_model(const Model& model, Precision weights, std::int64_t batch,
                          std::int64_t context) {
  ModelWorkload workload;
  workload.model = model.name;
  workload.parameters = static_cast<double>(parameters(model));
  workload.weights = weights;
  workload.batch = batch;
  workload.context = context;
  workload.weight_bytes = step_weight_bytes(model, weights);
  workload.embedding_bytes = embedding_row_bytes(model, weights);
  workload.kv_bytes = static_cast<double>(context + 1) * kv_bytes_per_token(model);
  workload.flop = step_flop(model, 1, context);
  workload.resident_weight_bytes = resident_weight_bytes(model, weights);
  workload.kv_cache_bytes = workload.kv_bytes;
  workload.activation_bytes = activation_bytes_per_sequence(model, weights);
  return workload;
}

ModelWorkload count_parameters(double parameters, Precision weights, std::int64_t batch) {
  ModelWorkload workload;
  workload.parameters = parameters;
  workload.weights = weights;
  workload.batch = batch;
  workload.weight_bytes = parameters * weight_bits(weights) / 8;
  workload.flop = 2 * parameters;
  workload.resident_weight_bytes = workload.weight_bytes;
  return workload;
}

Prediction predict(const Ceilings& ceilings, const ModelWorkload& workload) {
  const auto batch = static_cast<double>(workload.batch);
  const double sequence_bytes = workload.embedding_bytes + workload.kv_bytes;
  Prediction prediction;
  prediction.flop = batch * workload.flop;
  prediction.bytes = workload.weight_bytes + batch * sequence_bytes;
  prediction.intensity_flop_per_byte = prediction.flop / prediction.bytes;
  prediction.ridge_flop_per_byte = ridge_flop_per_byte(ceilings.roofs);
  prediction.step = roof_time({prediction.flop, prediction.bytes, workload.launches},
                              ceilings.roofs, ceilings.launch_gap_s);
  prediction.time_per_token_s = prediction.step.total_s();
  prediction.tokens_per_s = batch / prediction.time_per_token_s;
  prediction.crossover_batch =
      crossover_batch(ceilings.roofs, workload.weight_bytes, sequence_bytes, workload.flop);
  prediction.memory_needed_bytes = workload.resident_weight_bytes +
                                   batch * (workload.kv_cache_bytes + workload.activation_bytes);
  if (ceilings.memory_bytes) {
    prediction.fits = prediction.memory_needed_bytes <= *ceilings.memory_bytes;
  }
  return prediction;
}

}  // namespace roofproof::analysis
