// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the roofline says of one decode step: pure functions of a device's ceilings and a model's
// counts, whether the ceilings come from a datasheet or from a measurement.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "analysis/roofline.h"
#include "analysis/spec.h"
#include "kernels/models/layout.h"

namespace roofproof::analysis {

// What a device can do at most, and in words where each ceiling is from.
struct Ceilings {
  std::string device;
  Roofs roofs;  // flop_per_s is infinite where no peak is known: arithmetic is then left out
  Arithmetic arithmetic = Arithmetic::fp16;  // that flop_per_s is of
  double launch_gap_s = 0;                   // per kernel; 0 where it is left out
  std::optional<double> memory_bytes;        // that a program can use
  std::string compute_source;
  std::string bandwidth_source;
  std::string launch_source;  // empty where launch_gap_s is left out
  std::string memory_source;
  bool disturbed = false;  // a ceiling was measured while something else ran; its source says which
};

// What a step is asked for with.
struct StepRequest {
  WeightFormat weights = WeightFormat::of(Precision::fp16);
  CacheFormat cache = {};
  std::int64_t batch = 1;
  std::int64_t context = 0;  // tokens in the cache of each sequence
};

// One decode step, counted: see kernels/models/layout.h for the rules.
struct ModelWorkload {
  std::string model;
  std::string measured_as;  // its name in result files; empty: no kernel computes it
  double parameters = 0;
  double active_parameters = 0;  // that one token passes through
  WeightFormat weights = {};
  CacheFormat cache = {};
  std::int64_t batch = 1;
  std::int64_t context = 0;
  double weight_bytes = 0;                 // read once per step
  double weight_bytes_of_all_experts = 0;  // the same where the batch selects every expert
  double embedding_bytes = 0;              // read per sequence
  double kv_bytes = 0;                     // read and written per sequence
  double flop = 0;                         // per sequence
  double resident_weight_bytes = 0;        // in memory
  bool resident_is_known = true;           // else more may be in memory: experts that are not read
  double file_weight_bytes = 0;            // with what a step never reads
  double kv_cache_bytes = 0;               // in memory, per sequence, the new token included
  double activation_bytes = 0;             // in memory, per sequence
  double experts = 0;                      // routed experts of a layer; 0: none
  double experts_read = 0;                 // of them, expected
  double layers = 0;
  double launches = 0;  // kernels per step; 0 where they are left out
};

struct Prediction {
  double flop = 0;   // of the step
  double bytes = 0;  // of the step
  double intensity_flop_per_byte = 0;
  double ridge_flop_per_byte = 0;
  RoofTime step;
  double time_per_token_s = 0;  // what each sequence waits for a token: the time of the step
  double tokens_per_s = 0;      // for the whole batch
  std::optional<double> crossover_batch;  // nothing: memory-bound at every batch
  double memory_needed_bytes = 0;         // weights, KV cache and activations
  std::optional<bool> fits;               // nothing: the memory of the device is not known
};

// Which peak a step of the kernels computes at: weights in FP32 multiply in FP32; all others are
// expanded to FP16 and multiply with FP16 activations.
Arithmetic step_arithmetic(Precision weights);

// What engines multiply in: FP32 for FP32 weights, BF16 for BF16 and FP8 for FP8 where the GPU can,
// else FP16, to which narrower weights are expanded.
Arithmetic step_arithmetic(const WeightFormat& weights, const GpuSpec& gpu);

// The printed figures, and the memory that CUDA is known to report.
Ceilings datasheet_ceilings(const GpuSpec& gpu, Arithmetic arithmetic);
Ceilings datasheet_ceilings(const GpuSpec& gpu, Precision weights);

// As many of them, which split every matrix and exchange nothing: an upper bound.
Ceilings times(Ceilings ceilings, int gpus);

// Why so many GPUs cannot compute whole heads each: "llama-3-8b has 32 heads, which 3 GPUs cannot
// share evenly". "" where they can.
std::string why_heads_do_not_divide(const ModelLayout& layout, int gpus);

// So many of them hold a copy of each key where they share out the heads of every layer; one latent
// vector serves all heads.
std::int64_t holders_of_a_key(const ModelLayout& layout, int gpus);

ModelWorkload count_model(const ModelLayout& layout, const StepRequest& request);
ModelWorkload count_model(const Model& model, Precision weights, std::int64_t batch,
                          std::int64_t context);

// The article's own arithmetic: every parameter is a weight of so many bits without scales, read
// once per step, 2 FLOP each; no cache, no activations. `active` of them are read where the others
// are experts that a token does not select; without it nothing is known of such ones.
ModelWorkload count_parameters(double parameters, std::optional<double> active,
                               const WeightFormat& weights, std::int64_t batch);

Prediction predict(const Ceilings& ceilings, const ModelWorkload& workload);

// Batches are whole: the first at which computing takes longer than reading. Empty: never.
std::optional<double> first_compute_batch(const Prediction& prediction);

}  // namespace roofproof::analysis
