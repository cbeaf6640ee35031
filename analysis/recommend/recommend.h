// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Which machine for a decode: how many of its GPUs hold the model, how fast they are, what a
// million tokens cost. The roofline by the datasheet is the upper bound; the law of an engine
// (engines/law.h) or a run of ours says what of it to expect.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/claims/claims.h"
#include "analysis/engines/law.h"
#include "analysis/machines.h"
#include "analysis/predict.h"
#include "analysis/spec.h"

namespace roofproof::analysis {

struct RecommendRequest {
  ModelLayout model;
  StepRequest step = {};
  std::optional<Arithmetic> math = {};  // multiplied in where a GPU can; else what engines do
  std::string engine = {};              // as find_engine() spells it; "": none
  std::string cloud = {};               // machines of this provider alone; "": of all
  // By the name of a machine, or by that of a GPU for each one; where a board has one of something
  // that holds the model, only such are offered.
  GivenPrices prices = {};
  std::chrono::sys_days today = {};
};

// What the sequences of a request occupy together.
struct MemoryNeed {
  double weights_bytes = 0;
  double kv_cache_bytes = 0;
  double activation_bytes = 0;

  double total_bytes() const { return weights_bytes + kv_cache_bytes + activation_bytes; }
};
MemoryNeed memory_need(const RecommendRequest& request);

// What can be rented.
struct Offer {
  std::string machine;   // its type, or the GPU where the user states what one GPU costs
  std::string provider;  // "" of a GPU
  int gpus = 1;
  double usd_per_hour = 0;
  bool given = false;  // by the user; else from the list of machines
  std::string as_of;   // "" where the user does not say
  std::string region;  // "" where the user gave the price
  std::string source;  // "" where the user gave the price
  bool confirmed = true;
  std::optional<int> age_days;

  bool is_stale() const { return age_days && *age_days > stale_days; }
};

// Every GPU of the machine at work: as many copies of the model as it holds.
struct Cost {
  Offer offer;
  int copies = 1;
  double least = 0;                // USD per million tokens, at the upper bound of so many GPUs
  std::optional<double> expected;  // at the rate that the engine's law gives
  std::optional<Interval> range;
};

// What our kernels reached on this GPU, applied to this step.
struct MeasuredRate {
  Interval tokens_per_s;
  std::string source;  // in words: the row and its file
  std::string file;
  std::optional<double> energy_per_token_j;  // of this very step
};

struct Recommendation {
  const GpuSpec* gpu = nullptr;
  int gpus = 1;             // that hold one copy of the model and share out its heads
  bool fits = false;        // so many are in one machine, or one is enough
  std::string why_not;      // it does not fit, in words
  double memory_bytes = 0;  // of one GPU
  double needed_bytes = 0;  // of all of `gpus` together
  Prediction prediction;    // by the datasheet: an upper bound, on several GPUs without their links
  std::optional<Expected> expected;      // of the engine
  std::optional<MeasuredRate> measured;  // on one GPU, where one holds the model
  std::vector<EngineRate> published;     // of this very step: of the engine, else of any
  std::optional<Cost> cost;              // of the cheapest offer
};

// One entry per GPU of the table, with the offer and the number of GPUs at which a token costs
// least; without an offer with the fewest GPUs that hold the model. First those that hold the model
// and have a price, by cost: at the expected rate where the engine's law tells of the step, else at
// the upper bound. Then those without a price, by tokens/s; last those that do not hold it. Throws
// InputError on a price for an unknown name.
std::vector<Recommendation> recommend(const RecommendRequest& request, const SpecTable& specs,
                                      std::span<const Machine> machines,
                                      const std::vector<RunFile>& runs,
                                      std::span<const ScoredRate> published);

// A line each on the given prices that can change nothing, with the reason.
std::vector<std::string> unused_prices(const RecommendRequest& request, const SpecTable& specs,
                                       std::span<const Machine> machines);

// A row of the article's table of choices, held against these figures.
struct ArticleChoice {
  std::string says;
  std::string found;
};
std::vector<ArticleChoice> check_article_choices(const RecommendRequest& request,
                                                 const SpecTable& specs,
                                                 const std::vector<Recommendation>& all);

// What the forms below say besides.
struct RecommendRemarks {
  std::vector<std::string> notices;
  std::string law;    // law_words() of the engine; "" without
  std::string score;  // one line: how good predictions are
};

std::string recommend_text(const RecommendRequest& request, const std::vector<Recommendation>& all,
                           const std::vector<ArticleChoice>& choices,
                           const RecommendRemarks& remarks);
std::string recommend_json(const RecommendRequest& request, const std::vector<Recommendation>& all,
                           const std::vector<ArticleChoice>& choices,
                           const RecommendRemarks& remarks);

}  // namespace roofproof::analysis
