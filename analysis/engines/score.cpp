// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/engines/score.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace roofproof::analysis {
namespace {

// Costs of one model are compared where the context, which differs from row to row, hardly weighs:
// 4096 tokens of Llama-3-8B are 3 % of its weights.
constexpr std::int64_t short_context = 4096;

double share_of_bound(const ScoredRate& scored) {
  return scored.rate.tokens_per_s / scored.bound->prediction.tokens_per_s;
}

HeldOutRate hold_out(const std::vector<ScoredRate>& rates, const ScoredRate& scored) {
  const EngineRate& rate = scored.rate;
  const Prediction& prediction = scored.bound->prediction;
  const EngineLaw law = engine_law(rates, rate.engine, rate.gpu);
  HeldOutRate result = {rate, expect_timed(law, prediction, scored.bound->workload)};
  if (law.law) {
    const StepLaw share = fit_share(without(timed_steps(rates, rate.engine), rate.gpu));
    result.by_one_share = static_cast<double>(*rate.batch) /
                          share.time_s(prediction.time_per_token_s, scored.bound->workload.layers);
  }
  return result;
}

template <class Counts>
std::optional<MeanErrors> mean_errors(const std::vector<HeldOutRate>& rates, Counts counts) {
  MeanErrors errors;
  for (const HeldOutRate& held_out : rates) {
    if (!held_out.expected.tokens_per_s || !counts(held_out.rate)) continue;
    const double published = held_out.rate.tokens_per_s;
    ++errors.rates;
    errors.by_law += std::abs(published / *held_out.expected.tokens_per_s - 1);
    errors.by_one_share += std::abs(published / held_out.by_one_share - 1);
  }
  if (errors.rates == 0) return std::nullopt;
  errors.by_law /= errors.rates;
  errors.by_one_share /= errors.rates;
  return errors;
}

EngineScore score_engine(const Score& score, const std::string& engine) {
  EngineScore result = {.law = engine_law(score.rates, engine)};
  const auto is_of = [&](const EngineRate& rate) { return rate.engine == engine; };
  for (const HeldOutRate& held_out : score.held_out) {
    if (is_of(held_out.rate) && held_out.is_covered()) ++result.covered;
  }
  result.all = mean_errors(score.held_out, is_of);
  result.one_user = mean_errors(
      score.held_out, [&](const EngineRate& rate) { return is_of(rate) && rate.batch == 1; });
  return result;
}

double usd_per_gpu_hour(const Machine& machine) { return *machine.usd_per_hour / machine.gpus; }

// The machine of this cloud that offers one GPU at the least; nullptr where none does.
const Machine* cheapest(const std::string& gpu, const std::string& provider,
                        std::span<const Machine> machines) {
  const Machine* least = nullptr;
  for (const Machine& machine : machines) {
    if (machine.gpu != gpu || machine.provider != provider || !machine.usd_per_hour) continue;
    const double saved = least ? usd_per_gpu_hour(*least) - usd_per_gpu_hour(machine) : 0;
    if (!least || saved > 0 || (saved == 0 && machine.as_of > least->as_of)) least = &machine;
  }
  return least;
}

std::vector<BoardCost> board_costs(const Score& score, const std::string& engine,
                                   const std::string& model, const std::string& provider,
                                   const SpecTable& specs, std::span<const Machine> machines) {
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> rates;
  for (const HeldOutRate& held_out : score.held_out) {
    const EngineRate& rate = held_out.rate;
    if (rate.engine != engine || rate.model != model || rate.batch != 1 ||
        rate.context > short_context || rate.request().weights.bits != 16) {
      continue;
    }
    rates[rate.gpu].first.push_back(rate.tokens_per_s);
    rates[rate.gpu].second.push_back(*held_out.expected.tokens_per_s);
  }
  std::vector<BoardCost> costs;
  for (const auto& [board, both] : rates) {
    const Machine* machine = cheapest(board, provider, machines);
    if (!machine) continue;
    const double usd = usd_per_gpu_hour(*machine);
    const auto cost = [&](const std::vector<double>& tokens_per_s) {
      return usd_per_million_tokens(usd, geometric_mean(tokens_per_s));
    };
    const GpuSpec& gpu = *specs.choose(board).gpu;
    costs.push_back({board, machine->name, machine->as_of, usd, cost(both.first), cost(both.second),
                     usd / *gpu.memory_bandwidth_bytes_per_s.value});
  }
  return costs;
}

// Of the model and the cloud with the most boards: prices of two clouds rank the clouds.
CostRanks cost_ranks(const Score& score, const std::string& engine, const SpecTable& specs,
                     std::span<const Machine> machines) {
  CostRanks ranks = {.engine = engine};
  std::set<std::string> models;
  for (const HeldOutRate& held_out : score.held_out) {
    if (held_out.rate.engine == engine) models.insert(held_out.rate.model);
  }
  std::set<std::string> providers;
  for (const Machine& machine : machines) providers.insert(machine.provider);
  for (const std::string& model : models) {
    for (const std::string& provider : providers) {
      std::vector<BoardCost> costs = board_costs(score, engine, model, provider, specs, machines);
      if (costs.size() <= ranks.boards.size()) continue;
      ranks.model = model;
      ranks.provider = provider;
      ranks.boards = std::move(costs);
    }
  }
  std::sort(ranks.boards.begin(), ranks.boards.end(),
            [](const BoardCost& a, const BoardCost& b) { return a.published < b.published; });
  std::vector<double> published, predicted, by_bandwidth;
  for (const BoardCost& board : ranks.boards) {
    published.push_back(board.published);
    predicted.push_back(board.predicted);
    by_bandwidth.push_back(board.usd_hour_per_bandwidth);
  }
  ranks.by_law = rank_correlation(published, predicted);
  ranks.by_bandwidth_per_price = rank_correlation(published, by_bandwidth);
  return ranks;
}

}  // namespace

bool HeldOutRate::is_covered() const {
  return expected.range->low <= rate.tokens_per_s && rate.tokens_per_s <= expected.range->high;
}

Score score(const std::vector<EngineRate>& rates, const SpecTable& specs,
            std::span<const Machine> machines) {
  Score result;
  result.rates = scored_rates(rates, specs);
  std::set<std::string> engines;
  for (const ScoredRate& scored : result.rates) {
    if (scored.bound) {
      ++result.bounded;
      const double share = share_of_bound(scored);
      result.closest = std::max(result.closest, share);
      if (!(share <= 1)) ++result.above;
    }
    if (!scored.excluded.empty()) continue;
    engines.insert(scored.rate.engine);
    result.held_out.push_back(hold_out(result.rates, scored));
    if (result.held_out.back().is_covered()) ++result.covered;
  }
  result.coverage = binomial_interval(result.covered, static_cast<int>(result.held_out.size()));
  for (const std::string& engine : engines) {
    result.engines.push_back(score_engine(result, engine));
    if (result.engines.back().law.law) {
      result.ranks.push_back(cost_ranks(result, engine, specs, machines));
    }
  }
  std::stable_sort(
      result.engines.begin(), result.engines.end(),
      [](const EngineScore& a, const EngineScore& b) { return a.law.rates > b.law.rates; });
  return result;
}

}  // namespace roofproof::analysis
