// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What inference engines were seen to reach: the rows of results/published/ that predictions are
// scored on. Never this project's measurements and never part of a verdict.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/predict.h"
#include "analysis/spec.h"

namespace roofproof::analysis {

// What the time behind a rate is of.
enum class RateKind {
  decode,      // steps that decode
  output,      // the whole output, with the prefill
  microbatch,  // a prompt that is read so many tokens at a time: one sequence's cache
};

struct EngineRate {
  std::string gpu;  // a name of the spec table
  int gpus = 1;
  std::string model;    // as find_layout() takes it
  std::string weights;  // "bf16", or the words of a format that is known by its bits
  std::optional<double> bits_per_weight;
  std::string kv = "fp16";
  std::optional<std::int64_t> batch;  // nothing: the engine chose it
  std::int64_t context = 0;           // tokens in the cache of each sequence, about
  double tokens_per_s = 0;
  RateKind kind = RateKind::decode;
  std::string engine;   // "vLLM"
  std::string version;  // "" where the source has none
  std::string source;
  std::string as_of;  // ISO 8601 date, or "unknown"
  std::string note;

  StepRequest request() const;
};

// engines.json; throws RecordError naming the file and the row.
std::vector<EngineRate> parse_engine_rates(std::string_view text, const std::string& file);

// Those of engines.json, and those of decode.json: batch 1, of no stated context, which is counted
// as none.
std::vector<EngineRate> engine_rates();

// One of two boards each at the same decode step with the same version of an engine.
struct RatePair {
  EngineRate a;
  EngineRate b;
};
std::vector<RatePair> same_steps(const std::vector<EngineRate>& rates, std::string_view gpu_a,
                                 std::string_view gpu_b);

// The roofline of a rate's step by the datasheet.
struct RateBound {
  const GpuSpec* gpu = nullptr;
  ModelWorkload workload;
  Prediction prediction;
};
// Of a rate with a batch.
RateBound bound_of(const EngineRate& rate, const SpecTable& specs);

}  // namespace roofproof::analysis
