// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What an engine is expected to reach of a step that nobody timed here, by the published rates of
// it: see step_law.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/engines/rates.h"
#include "analysis/engines/step_law.h"

namespace roofproof::analysis {

// A law over fewer boards says more of them than of the engine.
inline constexpr int least_boards = 10;

// Of the ranges below: how often a rate of another board is to fall into them.
inline constexpr double nominal_coverage = 0.9;

struct ScoredRate {
  EngineRate rate;
  std::optional<RateBound> bound;  // nothing without a batch
  std::string_view excluded;       // why no law is fitted to it; "" where one may be

  double time_s() const { return static_cast<double>(*rate.batch) / rate.tokens_per_s; }
};
std::vector<ScoredRate> scored_rates(const std::vector<EngineRate>& rates, const SpecTable& specs);

// The greatest of the steps that rates are of.
struct Reach {
  std::int64_t batch = 0;
  std::int64_t context = 0;
  double layers = 0;
};

struct EngineLaw {
  std::string engine;
  int rates = 0;               // of this engine, not excluded
  int boards = 0;              // of them
  Reach reach;                 // of the rates of the law; without one, of those of all engines
  std::optional<StepLaw> law;  // of an engine with least_boards
  // Time over what the law says, each board by the law of the others; of an engine without a law
  // time over the roofline's, of the rates of all engines: nominal_coverage of them.
  Interval ratio;
};

// In the engine's own spelling; throws InputError that lists the engines there are rates of.
std::string find_engine(std::span<const ScoredRate> rates, std::string_view words);

// The law of an engine, as it would be without the rates of one board.
EngineLaw engine_law(std::span<const ScoredRate> rates, const std::string& engine,
                     const std::string& without_board = "");

// The steps of an engine that a law is fitted to.
std::vector<TimedStep> timed_steps(std::span<const ScoredRate> rates, const std::string& engine);

// Tokens/s of a whole batch.
struct Expected {
  std::optional<double> tokens_per_s;  // by the law
  std::optional<Interval> range;
};

// Nothing of a step that does not fit in memory or has a greater batch than any rate: a scheduler
// and arithmetic of which no rate tells. No range where context or layers are beyond the rates, or
// on several GPUs: there the law leaves out the time of their links, which no rate here tells
// apart, and is an upper bound, as the prediction is. `prediction` is of so many GPUs.
Expected expect(const EngineLaw& law, const Prediction& prediction, const ModelWorkload& workload,
                int gpus);

// The same of a step that somebody timed on one GPU: with a range, whatever our counts say of it.
Expected expect_timed(const EngineLaw& law, const Prediction& prediction,
                      const ModelWorkload& workload);

// A sentence each on what expect() leaves out because the step is beyond the rates.
std::vector<std::string> beyond_words(const EngineLaw& law, const ModelWorkload& workload);

// "vLLM: 85 % of the roofline and 77 µs per layer, fitted to 27 rates of 14 boards", or why there
// is no law.
std::string law_words(const EngineLaw& law);

}  // namespace roofproof::analysis
