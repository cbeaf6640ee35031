// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/engines/law.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analysis/input_error.h"
#include "analysis/names.h"

namespace roofproof::analysis {
namespace {

// Why a rate says nothing of a step on one GPU; the first that holds counts.
struct Exclusion {
  std::string_view reason;
  bool (*holds)(const EngineRate& rate);
};

constexpr Exclusion exclusions[] = {
    {"the engine chose the batch: no step to predict",
     [](const EngineRate& rate) { return !rate.batch.has_value(); }},
    {"several GPUs: the time of their links is not modelled",
     [](const EngineRate& rate) { return rate.gpus > 1; }},
    {"its time has the prefill in it",
     [](const EngineRate& rate) { return rate.kind == RateKind::output; }},
    {"tokens of one sequence, several per step: a prompt that is read",
     [](const EngineRate& rate) { return rate.kind == RateKind::microbatch; }},
};

std::string_view why_excluded(const EngineRate& rate) {
  for (const Exclusion& exclusion : exclusions) {
    if (exclusion.holds(rate)) return exclusion.reason;
  }
  return "";
}

TimedStep timed_step(const ScoredRate& scored) {
  return {scored.rate.gpu, scored.bound->prediction.time_per_token_s, scored.bound->workload.layers,
          scored.time_s()};
}

// Of this engine, or of all where it is "".
Reach reach_of(std::span<const ScoredRate> rates, std::string_view engine) {
  Reach reach;
  for (const ScoredRate& scored : rates) {
    if (!scored.excluded.empty()) continue;
    if (!engine.empty() && scored.rate.engine != engine) continue;
    reach.batch = std::max(reach.batch, *scored.rate.batch);
    reach.context = std::max(reach.context, scored.rate.context);
    reach.layers = std::max(reach.layers, scored.bound->workload.layers);
  }
  return reach;
}

// Time over the roofline's, of every engine.
std::vector<double> pooled_ratios(std::span<const ScoredRate> rates, const std::string& board) {
  std::vector<double> ratios;
  for (const ScoredRate& scored : rates) {
    if (!scored.excluded.empty() || scored.rate.gpu == board) continue;
    ratios.push_back(scored.time_s() / scored.bound->prediction.time_per_token_s);
  }
  return ratios;
}

int count_boards(std::span<const TimedStep> steps) {
  std::set<std::string> boards;
  for (const TimedStep& step : steps) boards.insert(step.board);
  return static_cast<int>(boards.size());
}

}  // namespace

std::vector<ScoredRate> scored_rates(const std::vector<EngineRate>& rates, const SpecTable& specs) {
  std::vector<ScoredRate> scored;
  for (const EngineRate& rate : rates) {
    scored.push_back({rate, {}, why_excluded(rate)});
    if (rate.batch) scored.back().bound = bound_of(rate, specs);
  }
  return scored;
}

std::string find_engine(std::span<const ScoredRate> rates, std::string_view words) {
  std::set<std::string> known;
  for (const ScoredRate& scored : rates) {
    if (plain_name(scored.rate.engine) == plain_name(words)) return scored.rate.engine;
    known.insert(scored.rate.engine);
  }
  std::string names;
  for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
  throw InputError(
      fmt::format("no published rates of the engine '{}'; there are some of {}", words, names));
}

std::vector<TimedStep> timed_steps(std::span<const ScoredRate> rates, const std::string& engine) {
  std::vector<TimedStep> steps;
  for (const ScoredRate& scored : rates) {
    if (scored.excluded.empty() && scored.rate.engine == engine) {
      steps.push_back(timed_step(scored));
    }
  }
  return steps;
}

EngineLaw engine_law(std::span<const ScoredRate> rates, const std::string& engine,
                     const std::string& without_board) {
  const std::vector<TimedStep> all = timed_steps(rates, engine);
  EngineLaw result = {
      .engine = engine, .rates = static_cast<int>(all.size()), .boards = count_boards(all)};
  if (result.boards < least_boards) {
    result.reach = reach_of(rates, "");
    result.ratio = ratio_range(pooled_ratios(rates, without_board), nominal_coverage);
    return result;
  }
  result.reach = reach_of(rates, engine);
  const std::vector<TimedStep> steps = without(all, without_board);
  result.law = fit_step_law(steps);
  result.ratio = ratio_range(held_out_ratios(steps, fit_step_law), nominal_coverage);
  return result;
}

Expected expect_timed(const EngineLaw& law, const Prediction& prediction,
                      const ModelWorkload& workload) {
  const double roof_s = prediction.time_per_token_s;
  const double time_s = law.law ? law.law->time_s(roof_s, workload.layers) : roof_s;
  const auto batch = static_cast<double>(workload.batch);
  // No rate is above the roofline.
  const auto rate = [&](double ratio) { return batch / std::max(roof_s, time_s * ratio); };
  Expected expected = {.range = Interval{rate(law.ratio.high), rate(law.ratio.low)}};
  if (law.law) expected.tokens_per_s = batch / time_s;
  return expected;
}

Expected expect(const EngineLaw& law, const Prediction& prediction, const ModelWorkload& workload,
                int gpus) {
  if (workload.batch > law.reach.batch || !prediction.fits.value_or(true)) return {};
  Expected expected = expect_timed(law, prediction, workload);
  if (gpus > 1 || !beyond_words(law, workload).empty()) expected.range.reset();
  return expected;
}

std::vector<std::string> beyond_words(const EngineLaw& law, const ModelWorkload& workload) {
  const std::string whose = law.law ? law.engine : "all engines";
  if (workload.batch > law.reach.batch) {
    return {fmt::format(
        "Rates of {} are of batches up to {}: nothing but the bound is known of batch {}.", whose,
        law.reach.batch, workload.batch)};
  }
  std::vector<std::string> sentences;
  if (workload.context > law.reach.context) {
    sentences.push_back(
        fmt::format("Rates of {} are of contexts up to {}: no range is known of context {}.", whose,
                    law.reach.context, workload.context));
  }
  if (workload.layers > law.reach.layers) {
    sentences.push_back(fmt::format(
        "Rates of {} are of models of up to {:.0f} layers: no range is known of {:.0f}.", whose,
        law.reach.layers, workload.layers));
  }
  return sentences;
}

std::string law_words(const EngineLaw& law) {
  if (law.law) {
    return fmt::format(
        "{}: {:.0f} % of the roofline and {:.0f} µs per layer, fitted to {} rates "
        "of {} boards",
        law.engine, 100 * law.law->share, 1e6 * law.law->overhead_per_layer_s, law.rates,
        law.boards);
  }
  return fmt::format("{}: no law, rates of {} of the {} boards that it takes", law.engine,
                     law.boards, least_boards);
}

}  // namespace roofproof::analysis
