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
#include "kernels/problem/model.h"

namespace roofproof::analysis {

// What a device can do at most, and in words where each ceiling is from.
struct Ceilings {
  std::string device;
  Roofs roofs;
  Arithmetic arithmetic = Arithmetic::fp16;  // that flop_per_s is of
  double launch_gap_s = 0;                   // per kernel; 0 where it is left out
  std::optional<double> memory_bytes;        // that a program can use
  std::string compute_source;
  std::string bandwidth_source;
  std::string launch_source;  // empty where launch_gap_s is left out
  std::string memory_source;
  bool disturbed = false;  // a ceiling was measured while something else ran; its source says which
};

// One decode step, counted: see kernels/problem/model.h for the rules.
struct ModelWorkload {
  std::string model;
  double parameters = 0;
  Precision weights = Precision::fp16;
  std::int64_t batch = 1;
  std::int64_t context = 0;          // tokens in the cache of each sequence
  double weight_bytes = 0;           // read once per step
  double embedding_bytes = 0;        // read per sequence
  double kv_bytes = 0;               // read and written per sequence
  double flop = 0;                   // per sequence
  double resident_weight_bytes = 0;  // in memory
  double kv_cache_bytes = 0;         // in memory, per sequence, the new token included
  double activation_bytes = 0;       // in memory, per sequence
  double launches = 0;               // kernels per step; 0 where they are left out
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

// Which peak a step computes at: weights in FP32 multiply in FP32; all others are expanded to FP16
// and multiply with FP16 activations.
Arithmetic step_arithmetic(Precision weights);

// The printed figures, and the memory that CUDA is known to report.
Ceilings datasheet_ceilings(const GpuSpec& gpu, Precision weights);

ModelWorkload count_model(const Model& model, Precision weights, std::int64_t batch,
                          std::int64_t context);

// The article's own arithmetic: every parameter is a weight of 32, 16, 8 or 4 bits without scales,
// read once per step, 2 FLOP each; no cache, no activations.
ModelWorkload count_parameters(double parameters, Precision weights, std::int64_t batch);

Prediction predict(const Ceilings& ceilings, const ModelWorkload& workload);

}  // namespace roofproof::analysis
