// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/recommend/recommend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>
#include <tuple>

#include "analysis/disturbance.h"
#include "analysis/input_error.h"
#include "analysis/quantity.h"
#include "analysis/results_view.h"

namespace roofproof::analysis {
namespace {

constexpr double seconds_per_hour = 3600;
constexpr double million = 1e6;

// By the datasheet, on `gpus` of them: no time for the link between.
Prediction upper_bound(const GpuSpec& gpu, const ModelWorkload& workload, int gpus,
                       std::optional<Arithmetic> math = std::nullopt) {
  const bool can = math && gpu.supports(*math);
  const Arithmetic arithmetic = can ? *math : step_arithmetic(workload.weights, gpu);
  return predict(times(datasheet_ceilings(gpu, arithmetic), gpus), workload);
}

// A file may speak of models that this version does not know.
bool is_known_model(std::string_view model) {
  try {
    find_model(model);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

void widen(std::optional<Interval>& range, double value) {
  if (!range) range = Interval{value, value};
  range->low = std::min(range->low, value);
  range->high = std::max(range->high, value);
}

// A decode row that tells how much of the roofline a GPU reaches.
struct Evidence {
  const Series* series = nullptr;
  const RunFile* run = nullptr;
  std::tuple<bool, bool, bool> distance;  // from the request: model, batch, context
};

// The row nearest to what is asked for, of this GPU and these weights, that may decide.
Evidence nearest_decode(const GpuSpec& gpu, const ModelWorkload& wanted, const RunFile& run,
                        const ResultsView& view, const SpecTable& specs) {
  Evidence nearest;
  const std::optional<Precision> weights = wanted.weights.measured_as;
  if (!weights || specs.match_device(run.record->device).whole() != &gpu) return nearest;
  if (!Disturbance(view).of(Kind(Op::decode, *weights)).empty()) return nearest;
  for (const Problem& problem : view.problems(Op::decode, *weights)) {
    if (!is_known_model(problem.shape.model)) continue;
    const std::tuple distance(problem.shape.model != wanted.measured_as,
                              problem.shape.batch != wanted.batch,
                              problem.shape.context != wanted.context);
    if (nearest.series && !(distance < nearest.distance)) continue;
    nearest = {view.fastest(problem), &run, distance};
  }
  return nearest;
}

Efficiency measured_efficiency(const GpuSpec& gpu, const Evidence& evidence) {
  const Problem& problem = evidence.series->problem;
  const Shape& shape = problem.shape;
  const Prediction prediction = upper_bound(
      gpu, count_model(find_model(shape.model), problem.precision, shape.batch, shape.context), 1);
  const Estimate share = estimate(divided(prediction.time_per_token_s, evidence.series->time_s()));
  return {share.interval.value_or(Interval{share.value, share.value}), EfficiencyBasis::measured,
          fmt::format("measured: {} of {}", evidence.series->name, evidence.run->file)};
}

// Prices of the spec file, with those given in their place.
std::vector<Price> prices_of(const GpuSpec& gpu, const RecommendRequest& request) {
  std::vector<Price> prices;
  for (const Offer& offer : gpu.offers) {
    const auto given = request.usd_per_hour.find(offer.instance);
    if (given != request.usd_per_hour.end()) {
      prices.push_back({offer.instance, offer.gpus, given->second, true, "", ""});
    } else if (offer.usd_per_hour.value) {
      prices.push_back({offer.instance, offer.gpus, *offer.usd_per_hour.value, false, offer.as_of,
                        offer.region});
    }
  }
  const auto given = request.usd_per_hour.find(gpu.name);
  if (given != request.usd_per_hour.end())
    prices.push_back({gpu.name, 1, given->second, true, "", ""});
  // What the user pays counts, whatever others paid once.
  const bool any_given =
      std::any_of(prices.begin(), prices.end(), [](const Price& price) { return price.given; });
  if (any_given) std::erase_if(prices, [](const Price& price) { return !price.given; });
  return prices;
}

Cost cost_at(const Price& price, int gpus, const Interval& tokens_per_s) {
  Cost cost{price, (gpus + price.gpus - 1) / price.gpus, {}};
  const int copies = cost.instances * price.gpus / gpus;
  const auto usd_per_million = [&](double rate) {
    return cost.instances * price.usd_per_hour * million / (copies * rate * seconds_per_hour);
  };
  cost.usd_per_million_tokens = {usd_per_million(tokens_per_s.high),
                                 usd_per_million(tokens_per_s.low)};
  return cost;
}

std::optional<Cost> cheapest(const std::vector<Price>& prices, int gpus,
                             const Interval& tokens_per_s) {
  std::optional<Cost> best;
  for (const Price& price : prices) {
    const Cost cost = cost_at(price, gpus, tokens_per_s);
    if (!best || cost.usd_per_million_tokens.low < best->usd_per_million_tokens.low) best = cost;
  }
  return best;
}

void require_known_prices(const RecommendRequest& request, const SpecTable& specs) {
  std::set<std::string> known;
  for (const GpuSpec& gpu : specs.gpus()) {
    known.insert(gpu.name);
    for (const Offer& offer : gpu.offers) known.insert(offer.instance);
  }
  for (const auto& [instance, price] : request.usd_per_hour) {
    if (known.count(instance)) continue;
    std::string names;
    for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
    throw InputError("--price: unknown instance or GPU '" + instance + "'; known: " + names);
  }
}

Recommendation recommend_gpu(const GpuSpec& gpu, const RecommendRequest& request,
                             const ModelWorkload& workload, const SpecTable& specs,
                             const std::vector<RunFile>& runs,
                             const std::vector<ResultsView>& views,
                             const std::vector<PublishedDecode>& published) {
  Recommendation result;
  result.gpu = &gpu;
  result.memory_bytes = *gpu.usable_memory_bytes().value;
  const double needed = upper_bound(gpu, workload, 1, request.math).memory_needed_bytes;
  result.fits = needed <= result.memory_bytes;
  result.gpus = static_cast<int>(std::ceil(needed / result.memory_bytes));
  result.prediction = upper_bound(gpu, workload, result.gpus, request.math);
  Evidence nearest;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Evidence evidence = nearest_decode(gpu, workload, runs[i], views[i], specs);
    if (!evidence.series) continue;
    if (!nearest.series || evidence.distance < nearest.distance) nearest = evidence;
  }
  if (nearest.series) {
    result.efficiency = measured_efficiency(gpu, nearest);
    result.files = {nearest.run->file};
    const std::optional<double> energy_j = nearest.series->mean(&Row::energy_j);
    if (energy_j && nearest.distance == std::tuple(false, false, false)) {
      result.energy_per_token_j = *energy_j / static_cast<double>(request.step.batch);
    }
  } else {
    result.efficiency = published_efficiency(published, gpu, request.step.weights, specs);
  }
  result.tokens_per_s = {result.efficiency.range.low * result.prediction.tokens_per_s,
                         result.efficiency.range.high * result.prediction.tokens_per_s};
  result.cost = cheapest(prices_of(gpu, request), result.gpus, result.tokens_per_s);
  return result;
}

const Recommendation& find(const std::vector<Recommendation>& all, std::string_view gpu) {
  return *std::find_if(all.begin(), all.end(),
                       [&](const Recommendation& one) { return one.gpu->name == gpu; });
}

std::string fit_words(const Recommendation& one) {
  return one.fits ? "holds this model" : fmt::format("needs {} for this model", one.gpus);
}

}  // namespace

std::string_view name(EfficiencyBasis basis) {
  switch (basis) {
    case EfficiencyBasis::measured:
      return "measured";
    case EfficiencyBasis::published_for_gpu:
      return "published_for_gpu";
    case EfficiencyBasis::published_for_format:
      return "published_for_format";
    case EfficiencyBasis::published:
      return "published";
  }
  throw std::logic_error("name: unknown basis");
}

MemoryNeed memory_need(const RecommendRequest& request) {
  const ModelWorkload workload = count_model(request.model, request.step);
  const auto batch = static_cast<double>(request.step.batch);
  return {workload.resident_weight_bytes, batch * workload.kv_cache_bytes,
          batch * workload.activation_bytes};
}

Efficiency published_efficiency(const std::vector<PublishedDecode>& published, const GpuSpec& gpu,
                                const WeightFormat& weights, const SpecTable& specs) {
  std::optional<Interval> of_gpu, of_format, of_all;
  std::size_t count_gpu = 0, count_format = 0, count_all = 0;
  for (const PublishedDecode& decode : published) {
    const GpuSpec& other = *specs.choose(decode.gpu).gpu;
    const Prediction prediction =
        upper_bound(other, count_model(find_model(decode.model), decode.weights, 1, 0), 1);
    const double share = decode.tokens_per_s / prediction.tokens_per_s;
    widen(of_all, share);
    ++count_all;
    if (decode.weights != weights.measured_as) continue;
    widen(of_format, share);
    ++count_format;
    if (&other != &gpu) continue;
    widen(of_gpu, share);
    ++count_gpu;
  }
  if (count_gpu >= least_published) {
    return {*of_gpu, EfficiencyBasis::published_for_gpu,
            fmt::format("published: {} of {} on this GPU", count_gpu, name(*weights.measured_as))};
  }
  if (count_format >= least_published) {
    return {
        *of_format, EfficiencyBasis::published_for_format,
        fmt::format("published: {} of {} on other GPUs", count_format, name(*weights.measured_as))};
  }
  if (!of_all) throw InputError("no published efficiency: give a result of this GPU");
  return {*of_all, EfficiencyBasis::published,
          fmt::format("published: {} of all formats", count_all)};
}

std::vector<Recommendation> recommend(const RecommendRequest& request, const SpecTable& specs,
                                      const std::vector<RunFile>& runs,
                                      const std::vector<PublishedDecode>& published) {
  require_known_prices(request, specs);
  std::vector<ResultsView> views;
  for (const RunFile& run : runs) views.emplace_back(*run.record);
  std::vector<Recommendation> all;
  const ModelWorkload workload = count_model(request.model, request.step);
  for (const GpuSpec& gpu : specs.gpus()) {
    all.push_back(recommend_gpu(gpu, request, workload, specs, runs, views, published));
  }
  const auto key = [](const Recommendation& one) {
    return std::tuple(!one.fits, !one.cost, one.cost ? one.cost->usd_per_million_tokens.low : 0.0,
                      -one.tokens_per_s.high);
  };
  std::stable_sort(all.begin(), all.end(), [&](const Recommendation& a, const Recommendation& b) {
    return key(a) < key(b);
  });
  return all;
}

std::vector<ArticleChoice> check_article_choices(const RecommendRequest& request,
                                                 const SpecTable& specs,
                                                 const std::vector<Recommendation>& all) {
  const Recommendation& t4 = find(all, specs.choose("T4").gpu->name);
  const Recommendation& l4 = find(all, specs.choose("L4").gpu->name);
  const Recommendation& a10g = find(all, specs.choose("A10G").gpu->name);
  const Recommendation& a100 = find(all, specs.choose("A100 40GB SXM4").gpu->name);
  const Recommendation& h100 = find(all, specs.choose("H100").gpu->name);
  // Of single GPUs: a step on several T4s is no comparison of the boards.
  const ModelWorkload workload = count_model(request.model, request.step);
  const double t4_rate = upper_bound(*t4.gpu, workload, 1).tokens_per_s;
  const auto times_t4 = [&](const Recommendation& one) {
    return upper_bound(*one.gpu, workload, 1).tokens_per_s / t4_rate;
  };
  const auto against_t4 = [&](const Recommendation& one) {
    return fmt::format("{} {}x a T4{}", one.gpu->name, significant(times_t4(one)),
                       times_t4(one) <= 1 ? ", no faster" : "");
  };
  std::string holders;
  const ModelWorkload large =
      count_model(layout_of(find_model("llama-2-70b")), {.weights = request.step.weights});
  for (const GpuSpec& gpu : specs.gpus()) {
    if (upper_bound(gpu, large, 1).fits.value_or(false)) {
      holders += (holders.empty() ? "" : ", ") + gpu.name;
    }
  }
  return {{"T4 for prototyping", fmt::format("{}, {} tokens/s by its roofline", fit_words(t4),
                                             significant(t4.prediction.tokens_per_s))},
          {"L4 or A10G for one user",
           fmt::format("by the roofline {}; {}", against_t4(l4), against_t4(a10g))},
          {"A100 or H100 for throughput",
           fmt::format("by the roofline {}; {}", against_t4(a100), against_t4(h100))},
          {"H100 cluster for training", "not testable on one GPU: interconnect is not modelled"},
          {"several GPUs for 70B and more",
           fmt::format("70B in {} is {}: {}", request.step.weights.name,
                       quantity_text(large.resident_weight_bytes, "B"),
                       holders.empty() ? "no single GPU here holds it"
                                       : "one GPU holds it where it is one of " + holders)}};
}

}  // namespace roofproof::analysis
