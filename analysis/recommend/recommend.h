// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Which GPU for a decode: whether it fits, how fast it will be, what a million tokens cost. The
// roofline by the datasheet is the upper bound; an efficiency, measured or published, brings it
// down to what to expect.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/claims/claims.h"
#include "analysis/predict.h"
#include "analysis/published.h"
#include "analysis/spec.h"

namespace roofproof::analysis {

struct RecommendRequest {
  ModelLayout model;
  StepRequest step = {};
  std::optional<Arithmetic> math;  // multiplied in where a GPU can; else what engines do
  // USD per hour of an instance, or of a GPU of the spec table, by its name; replaces the dated
  // price of the spec files.
  std::map<std::string, double> usd_per_hour;
};

// What the sequences of a request occupy together.
struct MemoryNeed {
  double weights_bytes = 0;
  double kv_cache_bytes = 0;
  double activation_bytes = 0;

  double total_bytes() const { return weights_bytes + kv_cache_bytes + activation_bytes; }
};
MemoryNeed memory_need(const RecommendRequest& request);

// Tokens/s over what the datasheet's roofline gives for the same step.
enum class EfficiencyBasis { measured, published_for_gpu, published_for_format, published };
std::string_view name(EfficiencyBasis basis);

struct Efficiency {
  Interval range;  // both ends the same without an interval
  EfficiencyBasis basis = EfficiencyBasis::published;
  std::string source;  // in words: the row, or which published figures
};

struct Price {
  std::string instance;
  int gpus = 1;
  double usd_per_hour = 0;
  bool given = false;  // by the user; else from the spec file, as of:
  std::string as_of;
  std::string region;
};

struct Cost {
  Price price;
  int instances = 1;                // that hold one copy of the model
  Interval usd_per_million_tokens;  // all GPUs of the instances at work
};

struct Recommendation {
  const GpuSpec* gpu = nullptr;
  Prediction prediction;  // by the datasheet, on `gpus` of them: an upper bound
  double memory_bytes = 0;
  bool fits = false;  // on one
  int gpus = 1;       // that hold it by their memory alone
  Efficiency efficiency;
  Interval tokens_per_s;
  std::optional<Cost> cost;                  // the cheapest of the known prices
  std::optional<double> energy_per_token_j;  // measured, of this very step
  std::vector<std::string> files;            // results that were used
};

// One or two published figures are no range.
inline constexpr std::size_t least_published = 3;

// Published rates as shares of the datasheet's roofline: the range of this GPU and format where
// there are least_published, else of the format on all GPUs where there are as many, else of all.
Efficiency published_efficiency(const std::vector<PublishedDecode>& published, const GpuSpec& gpu,
                                const WeightFormat& weights, const SpecTable& specs);

// One entry per GPU of the table: those that hold the model on one first, by cost where it is
// known, then by tokens/s. Throws InputError on a price for an unknown name.
std::vector<Recommendation> recommend(const RecommendRequest& request, const SpecTable& specs,
                                      const std::vector<RunFile>& runs,
                                      const std::vector<PublishedDecode>& published);

// A row of the article's table of choices, held against these figures.
struct ArticleChoice {
  std::string says;
  std::string found;
};
std::vector<ArticleChoice> check_article_choices(const RecommendRequest& request,
                                                 const SpecTable& specs,
                                                 const std::vector<Recommendation>& all);

std::string recommend_text(const RecommendRequest& request, const std::vector<Recommendation>& all,
                           const std::vector<ArticleChoice>& choices,
                           const std::vector<std::string>& notices);
std::string recommend_json(const RecommendRequest& request, const std::vector<Recommendation>& all,
                           const std::vector<ArticleChoice>& choices,
                           const std::vector<std::string>& notices);

}  // namespace roofproof::analysis
