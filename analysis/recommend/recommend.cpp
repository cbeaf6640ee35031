// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/recommend/recommend.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "analysis/disturbance.h"
#include "analysis/input_error.h"
#include "analysis/quantity.h"
#include "analysis/results_view.h"

namespace roofproof::analysis {
namespace {

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

bool is_of_cloud(const Machine& machine, const RecommendRequest& request) {
  return request.cloud.empty() || machine.provider == request.cloud;
}

// Most GPUs of this kind in one machine, whatever its price; 1 where no machine is known.
int most_gpus(const GpuSpec& gpu, const RecommendRequest& request,
              std::span<const Machine> machines) {
  int most = 1;
  for (const Machine& machine : machines) {
    if (machine.gpu == gpu.name && is_of_cloud(machine, request)) {
      most = std::max(most, machine.gpus);
    }
  }
  return most;
}

// What a machine costs the user, or else anybody; nothing where neither is known.
std::optional<Offer> offer_of(const Machine& machine, const RecommendRequest& request) {
  Offer offer = {.machine = machine.name, .provider = machine.provider, .gpus = machine.gpus};
  if (const auto given = request.prices.find(machine.name); given != request.prices.end()) {
    offer.usd_per_hour = given->second.usd_per_hour;
    offer.given = true;
    offer.as_of = given->second.as_of;
    return offer;
  }
  if (!machine.usd_per_hour) return std::nullopt;
  offer.usd_per_hour = *machine.usd_per_hour;
  offer.as_of = machine.as_of;
  offer.region = machine.region;
  offer.source = machine.source;
  offer.confirmed = machine.status == FigureStatus::read;
  return offer;
}

// Machines with this GPU; where the user states what one GPU costs, also one and more of it, up to
// as many as a machine has.
std::vector<Offer> offers_of(const GpuSpec& gpu, const RecommendRequest& request,
                             std::span<const Machine> machines) {
  std::vector<Offer> offers;
  for (const Machine& machine : machines) {
    if (machine.gpu != gpu.name || !is_of_cloud(machine, request)) continue;
    if (std::optional<Offer> offer = offer_of(machine, request)) offers.push_back(*offer);
  }
  if (const auto given = request.prices.find(gpu.name); given != request.prices.end()) {
    for (int gpus = 1; gpus <= most_gpus(gpu, request, machines); ++gpus) {
      offers.push_back({.machine = gpu.name,
                        .gpus = gpus,
                        .usd_per_hour = gpus * given->second.usd_per_hour,
                        .given = true,
                        .as_of = given->second.as_of});
    }
  }
  for (Offer& offer : offers) offer.age_days = days_since(offer.as_of, request.today);
  return offers;
}

Cost cost_at(const Offer& offer, const Recommendation& one) {
  Cost cost = {.offer = offer, .copies = offer.gpus / one.gpus};
  const auto usd_per_million = [&](double tokens_per_s) {
    return usd_per_million_tokens(offer.usd_per_hour, cost.copies * tokens_per_s);
  };
  cost.least = usd_per_million(one.prediction.tokens_per_s);
  if (!one.expected) return cost;
  if (one.expected->tokens_per_s) cost.expected = usd_per_million(*one.expected->tokens_per_s);
  if (const std::optional<Interval>& range = one.expected->range) {
    cost.range = Interval{usd_per_million(range->high), usd_per_million(range->low)};
  }
  return cost;
}

double needed_on(int gpus, const RecommendRequest& request) {
  const MemoryNeed need = memory_need(request);
  return need.weights_bytes + need.activation_bytes +
         need.kv_cache_bytes * static_cast<double>(holders_of_a_key(request.model, gpus));
}

// What is asked for, of every board.
struct Asked {
  const RecommendRequest& request;
  ModelWorkload workload;
  std::optional<EngineLaw> law;
};

// The step on so many GPUs, without its cost.
Recommendation on(const GpuSpec& gpu, int gpus, const Asked& asked) {
  Recommendation one = {
      .gpu = &gpu, .gpus = gpus, .memory_bytes = *gpu.usable_memory_bytes().value};
  one.needed_bytes = needed_on(gpus, asked.request);
  one.fits = one.needed_bytes <= gpus * one.memory_bytes;
  one.prediction = upper_bound(gpu, asked.workload, gpus, asked.request.math);
  if (asked.law) {
    one.expected = one.fits ? expect(*asked.law, one.prediction, asked.workload, gpus) : Expected();
  }
  return one;
}

// Each number of up to `most` GPUs that shares out the heads.
std::vector<int> degrees(const ModelLayout& model, int most) {
  std::vector<int> found;
  for (int gpus = 1; gpus <= most; ++gpus) {
    if (why_heads_do_not_divide(model, gpus).empty()) found.push_back(gpus);
  }
  return found;
}

// On the least number of GPUs that hold the model together, else on the most there are.
Recommendation on_least(const GpuSpec& gpu, int most, const Asked& asked) {
  Recommendation one;
  for (const int gpus : degrees(asked.request.model, most)) {
    one = on(gpu, gpus, asked);
    if (one.fits) return one;
  }
  one.why_not = most == 1 ? "no machine with several is known"
                          : fmt::format("nor do {} in one machine", one.gpus);
  return one;
}

double ranked_by(const Cost& cost) { return cost.expected.value_or(cost.least); }

// What the user pays counts, whatever others paid once; then the cost. Of two that cost the same
// the one on fewer GPUs, whose links are left out, then the one whose price is younger.
bool is_better(const Recommendation& a, const Recommendation& b) {
  const Offer& offer_a = a.cost->offer;
  const Offer& offer_b = b.cost->offer;
  if (offer_a.given != offer_b.given) return offer_a.given;
  constexpr double rounding = 1e-9;
  const double saved = ranked_by(*b.cost) / ranked_by(*a.cost) - 1;
  if (std::abs(saved) > rounding) return saved > 0;
  const auto key = [](const Recommendation& one) {
    const Offer& offer = one.cost->offer;
    return std::tuple(one.gpus, offer.age_days.value_or(0), offer.gpus);
  };
  return key(a) < key(b);
}

// Of every offer with every number of its GPUs that shares out the heads and holds the model;
// nothing without an offer.
std::optional<Recommendation> cheapest(const GpuSpec& gpu, std::span<const Machine> machines,
                                       const Asked& asked) {
  std::optional<Recommendation> best;
  for (const Offer& offer : offers_of(gpu, asked.request, machines)) {
    for (const int gpus : degrees(asked.request.model, offer.gpus)) {
      Recommendation one = on(gpu, gpus, asked);
      if (!one.fits) continue;
      one.cost = cost_at(offer, one);
      if (!best || is_better(one, *best)) best = std::move(one);
    }
  }
  return best;
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

// Why the price of a machine or GPU of this name can change nothing; "" where it can.
std::string why_unused(const std::string& name, const RecommendRequest& request,
                       const SpecTable& specs, std::span<const Machine> machines) {
  const auto machine = std::ranges::find(machines, name, &Machine::name);
  const bool is_machine = machine != machines.end();
  if (is_machine && !is_of_cloud(*machine, request)) return "of another cloud";
  const std::string& board = is_machine ? machine->gpu : name;
  const auto gpu = std::ranges::find(specs.gpus(), board, &GpuSpec::name);
  if (gpu == specs.gpus().end()) return "of a GPU that the spec files lack";
  const int most = is_machine ? machine->gpus : most_gpus(*gpu, request, machines);
  return on_least(*gpu, most, {request, count_model(request.model, request.step), {}}).fits
             ? ""
             : "not enough GPUs to hold the model";
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

std::vector<std::string> unused_prices(const RecommendRequest& request, const SpecTable& specs,
                                       std::span<const Machine> machines) {
  std::map<std::string, std::vector<std::string>> names;
  for (const auto& [name, price] : request.prices) {
    names[why_unused(name, request, specs, machines)].push_back(name);
  }
  names.erase("");
  std::vector<std::string> lines;
  for (const auto& [why, of] : names) {
    lines.push_back(fmt::format("! Prices that were not used, {}: {}", why, fmt::join(of, ", ")));
  }
  return lines;
}

std::vector<Recommendation> recommend(const RecommendRequest& request, const SpecTable& specs,
                                      std::span<const Machine> machines,
                                      const std::vector<RunFile>& runs,
                                      std::span<const ScoredRate> published) {
  require_known_prices(request, specs, machines);
  std::vector<ResultsView> views;
  for (const RunFile& run : runs) views.emplace_back(*run.record);
  Asked asked = {request, count_model(request.model, request.step), {}};
  if (!request.engine.empty()) asked.law = engine_law(published, request.engine);
  std::vector<Recommendation> all;
  for (const GpuSpec& gpu : specs.gpus()) {
    std::optional<Recommendation> priced = cheapest(gpu, machines, asked);
    Recommendation one =
        priced ? *std::move(priced) : on_least(gpu, most_gpus(gpu, request, machines), asked);
    Evidence nearest;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const Evidence evidence = nearest_decode(gpu, asked.workload, runs[i], views[i], specs);
      if (!evidence.series) continue;
      if (!nearest.series || evidence.distance < nearest.distance) nearest = evidence;
    }
    if (on(gpu, 1, asked).fits) one.measured = measured_rate(gpu, request, asked.workload, nearest);
    one.published = published_of(request, one, published);
    all.push_back(std::move(one));
  }
  const auto key = [](const Recommendation& one) {
    return std::tuple(!one.fits, !one.cost, one.cost ? ranked_by(*one.cost) : 0,
                      -one.prediction.tokens_per_s);
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
