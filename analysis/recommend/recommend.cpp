// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/recommend/recommend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
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

// The share of the roofline that our kernels reached in the nearest row, of this step's roofline.
std::optional<MeasuredRate> measured_rate(const GpuSpec& gpu, const RecommendRequest& request,
                                          const ModelWorkload& workload, const Evidence& evidence) {
  if (!evidence.series) return std::nullopt;
  const Problem& problem = evidence.series->problem;
  const Shape& shape = problem.shape;
  const Prediction same_step = upper_bound(
      gpu, count_model(find_model(shape.model), problem.precision, shape.batch, shape.context), 1);
  const Estimate share = estimate(divided(same_step.time_per_token_s, evidence.series->time_s()));
  const Interval range = share.interval.value_or(Interval{share.value, share.value});
  const double at_most = upper_bound(gpu, workload, 1, request.math).tokens_per_s;
  MeasuredRate measured = {
      .tokens_per_s = {range.low * at_most, range.high * at_most},
      .source = fmt::format("{} of {}", evidence.series->name, evidence.run->file),
      .file = evidence.run->file};
  const std::optional<double> energy_j = evidence.series->mean(&Row::energy_j);
  if (energy_j && evidence.distance == std::tuple(false, false, false)) {
    measured.energy_per_token_j = *energy_j / static_cast<double>(request.step.batch);
  }
  return measured;
}

// Machines with this GPU. What the user pays counts, whatever others paid once.
std::vector<Offer> offers_of(const GpuSpec& gpu, const RecommendRequest& request,
                             std::span<const Machine> machines) {
  std::vector<Offer> offers;
  const auto give = [&](const std::string& name, int gpus) {
    const auto given = request.prices.find(name);
    if (given == request.prices.end()) return false;
    const auto& [usd_per_hour, as_of] = given->second;
    offers.push_back({.machine = name,
                      .gpus = gpus,
                      .usd_per_hour = usd_per_hour,
                      .given = true,
                      .as_of = as_of});
    return true;
  };
  for (const Machine& machine : machines) {
    if (machine.gpu != gpu.name) continue;
    if (!request.cloud.empty() && machine.provider != request.cloud) continue;
    if (give(machine.name, machine.gpus) || !machine.usd_per_hour) continue;
    offers.push_back({.machine = machine.name,
                      .gpus = machine.gpus,
                      .usd_per_hour = *machine.usd_per_hour,
                      .as_of = machine.as_of,
                      .region = machine.region,
                      .confirmed = machine.status == FigureStatus::read});
  }
  give(gpu.name, 1);
  const bool any_given =
      std::any_of(offers.begin(), offers.end(), [](const Offer& offer) { return offer.given; });
  if (any_given) std::erase_if(offers, [](const Offer& offer) { return !offer.given; });
  for (Offer& offer : offers) offer.age_days = days_since(offer.as_of, request.today);
  return offers;
}

Cost cost_at(const Offer& offer, const Recommendation& one) {
  Cost cost = {.offer = offer, .copies = offer.gpus / one.gpus};
  const auto usd_per_million = [&](double tokens_per_s) {
    return offer.usd_per_hour * million / (cost.copies * tokens_per_s * seconds_per_hour);
  };
  cost.least = usd_per_million(one.prediction.tokens_per_s);
  if (!one.expected) return cost;
  if (one.expected->tokens_per_s) cost.expected = usd_per_million(*one.expected->tokens_per_s);
  if (const std::optional<Interval>& range = one.expected->range) {
    cost.range = Interval{usd_per_million(range->high), usd_per_million(range->low)};
  }
  return cost;
}

// Of two that cost the same the one whose price is younger.
std::optional<Cost> cheapest(const std::vector<Offer>& offers, const Recommendation& one) {
  std::optional<Cost> best;
  const auto key = [](const Cost& cost) {
    return std::tuple(cost.least, cost.offer.age_days.value_or(0));
  };
  for (const Offer& offer : offers) {
    if (offer.gpus < one.gpus) continue;
    const Cost cost = cost_at(offer, one);
    if (!best || key(cost) < key(*best)) best = cost;
  }
  return best;
}

// Most GPUs of this kind in one machine, whatever its price; 1 where no machine is known.
int most_gpus(const GpuSpec& gpu, const RecommendRequest& request,
              std::span<const Machine> machines) {
  int most = 1;
  for (const Machine& machine : machines) {
    if (machine.gpu != gpu.name) continue;
    if (!request.cloud.empty() && machine.provider != request.cloud) continue;
    most = std::max(most, machine.gpus);
  }
  return most;
}

double needed_on(int gpus, const RecommendRequest& request) {
  const MemoryNeed need = memory_need(request);
  return need.weights_bytes + need.activation_bytes +
         need.kv_cache_bytes * static_cast<double>(holders_of_a_key(request.model, gpus));
}

// The least number of GPUs that hold the model together and share out its heads.
void choose_degree(const RecommendRequest& request, int most, Recommendation& one) {
  for (int gpus = 1; gpus <= most; ++gpus) {
    if (!why_heads_do_not_divide(request.model, gpus).empty()) continue;
    one.gpus = gpus;
    one.needed_bytes = needed_on(gpus, request);
    one.fits = one.needed_bytes <= gpus * one.memory_bytes;
    if (one.fits) return;
  }
  one.why_not = most == 1 ? "no machine with several is known"
                          : fmt::format("nor do {} in one machine", one.gpus);
}

// The same step within a tenth of its bytes: contexts of published rates are not exact.
constexpr double same_step_bytes = 0.1;

std::vector<EngineRate> published_of(const RecommendRequest& request, const Recommendation& one,
                                     std::span<const ScoredRate> published) {
  std::vector<EngineRate> of_engine, of_others;
  for (const ScoredRate& scored : published) {
    const EngineRate& rate = scored.rate;
    if (rate.gpu != one.gpu->name || rate.gpus != one.gpus || rate.model != request.model.name ||
        rate.batch != request.step.batch || rate.kind != RateKind::decode ||
        rate.request().weights.bits != request.step.weights.bits ||
        std::abs(scored.bound->prediction.bytes / one.prediction.bytes - 1) > same_step_bytes) {
      continue;
    }
    (rate.engine == request.engine ? of_engine : of_others).push_back(rate);
  }
  return of_engine.empty() ? of_others : of_engine;
}

void require_known_prices(const RecommendRequest& request, const SpecTable& specs,
                          std::span<const Machine> machines) {
  for (const auto& [name, price] : request.prices) require_priceable(name, machines, specs);
}

const Recommendation& find(const std::vector<Recommendation>& all, std::string_view gpu) {
  return *std::find_if(all.begin(), all.end(),
                       [&](const Recommendation& one) { return one.gpu->name == gpu; });
}

std::string fit_words(const Recommendation& one) {
  if (!one.fits) return "does not hold this model in any machine";
  return one.gpus == 1 ? "holds this model"
                       : fmt::format("needs {} of one machine for this model", one.gpus);
}

}  // namespace

MemoryNeed memory_need(const RecommendRequest& request) {
  const ModelWorkload workload = count_model(request.model, request.step);
  const auto batch = static_cast<double>(request.step.batch);
  return {workload.resident_weight_bytes, batch * workload.kv_cache_bytes,
          batch * workload.activation_bytes};
}

std::vector<Recommendation> recommend(const RecommendRequest& request, const SpecTable& specs,
                                      std::span<const Machine> machines,
                                      const std::vector<RunFile>& runs,
                                      std::span<const ScoredRate> published) {
  require_known_prices(request, specs, machines);
  std::vector<ResultsView> views;
  for (const RunFile& run : runs) views.emplace_back(*run.record);
  const ModelWorkload workload = count_model(request.model, request.step);
  std::optional<EngineLaw> law;
  if (!request.engine.empty()) law = engine_law(published, request.engine);
  std::vector<Recommendation> all;
  for (const GpuSpec& gpu : specs.gpus()) {
    Recommendation one = {.gpu = &gpu, .memory_bytes = *gpu.usable_memory_bytes().value};
    choose_degree(request, most_gpus(gpu, request, machines), one);
    one.prediction = upper_bound(gpu, workload, one.gpus, request.math);
    if (law) one.expected = expect(*law, one.prediction, workload, one.gpus);
    Evidence nearest;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const Evidence evidence = nearest_decode(gpu, workload, runs[i], views[i], specs);
      if (!evidence.series) continue;
      if (!nearest.series || evidence.distance < nearest.distance) nearest = evidence;
    }
    one.measured = measured_rate(gpu, request, workload, nearest);
    one.published = published_of(request, one, published);
    if (one.fits) one.cost = cheapest(offers_of(gpu, request, machines), one);
    all.push_back(std::move(one));
  }
  const auto key = [](const Recommendation& one) {
    const double cost = one.cost ? one.cost->expected.value_or(one.cost->least) : 0;
    return std::tuple(!one.fits, !one.cost, cost, -one.prediction.tokens_per_s);
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
