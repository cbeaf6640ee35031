// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The forms of a score: a line, a text, JSON.

#include <fmt/format.h>

#include "analysis/engines/score.h"
#include "analysis/quantity.h"
#include "analysis/text_table.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {
namespace {

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

std::string coverage_words(const Score& score) {
  return fmt::format("{} of {} in their {} range", score.covered, score.held_out.size(),
                     percent(nominal_coverage));
}

std::string rate_words(const EngineRate& rate) {
  const std::string count = rate.gpus > 1 ? fmt::format("{} x ", rate.gpus) : "";
  const std::string batch = rate.batch ? fmt::format(", batch {}", *rate.batch) : "";
  return fmt::format("{}{}, {} {}{}", count, rate.gpu, rate.model, rate.weights, batch);
}

std::string engine_words(const EngineRate& rate) {
  return rate.version.empty() ? rate.engine : rate.engine + ' ' + rate.version;
}

std::string engines_text(const Score& score) {
  TextTable table("lrrrrrrr");
  table.add({"engine", "rates", "boards", "share", "per layer", "mean error", "one efficiency",
             "in range"});
  for (const EngineScore& engine : score.engines) {
    const std::optional<StepLaw>& law = engine.law.law;
    const auto row = [&](const std::string& name, const std::optional<MeanErrors>& errors,
                         bool is_whole) {
      table.add({name, std::to_string(errors ? errors->rates : engine.law.rates),
                 is_whole ? std::to_string(engine.law.boards) : "",
                 is_whole && law ? percent(law->share)
                 : is_whole      ? "-"
                                 : "",
                 is_whole && law ? si_text(law->overhead_per_layer_s, "s", 2)
                 : is_whole      ? "-"
                                 : "",
                 errors ? percent(errors->by_law) : "-",
                 errors ? percent(errors->by_one_share) : "-",
                 is_whole ? fmt::format("{} of {}", engine.covered, engine.law.rates) : ""});
    };
    row(engine.law.engine, engine.all, true);
    if (engine.one_user) row("  of them one user", engine.one_user, false);
  }
  return table.text();
}

std::string ranks_text(const CostRanks& ranks) {
  const auto correlation = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.2f}", *value) : "none";
  };
  std::string text = fmt::format(
      "\nCOST of {} in 16 bits for one user, {}, at prices of {}: rank correlation with the "
      "published\ncost {} by the law, {} by bandwidth per price; {} boards decide little\n",
      ranks.model, ranks.engine, ranks.provider, correlation(ranks.by_law),
      correlation(ranks.by_bandwidth_per_price), ranks.boards.size());
  TextTable table("lllrrr");
  table.add({"board", "machine", "price of", "USD/GPU-hour", "published USD/Mtoken", "predicted"});
  for (const BoardCost& board : ranks.boards) {
    table.add({board.board, board.machine, board.as_of, significant(board.usd_per_gpu_hour),
               significant(board.published), significant(board.predicted)});
  }
  return text + table.text(2);
}

std::string rates_text(const Score& score) {
  TextTable table("llrrrl");
  table.add({"published", "engine", "tokens/s", "expected", "range", ""});
  for (const HeldOutRate& held_out : score.held_out) {
    const Expected& expected = held_out.expected;
    table.add({rate_words(held_out.rate), engine_words(held_out.rate),
               significant(held_out.rate.tokens_per_s),
               expected.tokens_per_s ? significant(*expected.tokens_per_s) : "-",
               significant(expected.range->low) + " to " + significant(expected.range->high),
               held_out.is_covered() ? "" : "outside"});
  }
  return table.text(2);
}

std::string excluded_text(const Score& score) {
  TextTable table("llrl");
  for (const ScoredRate& scored : score.rates) {
    if (scored.excluded.empty()) continue;
    table.add({rate_words(scored.rate), engine_words(scored.rate),
               significant(scored.rate.tokens_per_s), std::string(scored.excluded)});
  }
  return table.text(2);
}

Json json_of(const Interval& range) {
  Json json;
  json["low"] = range.low;
  json["high"] = range.high;
  return json;
}

Json json_of(const std::optional<MeanErrors>& errors) {
  if (!errors) return nullptr;
  Json json;
  json["rates"] = errors->rates;
  json["mean_error"] = errors->by_law;
  json["mean_error_of_one_efficiency"] = errors->by_one_share;
  return json;
}

Json json_of(const EngineRate& rate) {
  Json json;
  json["gpu"] = rate.gpu;
  json["gpus"] = rate.gpus;
  json["model"] = rate.model;
  json["weights"] = rate.weights;
  json["batch"] = nullable(rate.batch);
  json["context"] = rate.context;
  json["engine"] = rate.engine;
  json["version"] = rate.version;
  json["source"] = rate.source;
  json["as_of"] = rate.as_of;
  json["published_tokens_per_s"] = rate.tokens_per_s;
  return json;
}

Json json_of(const EngineScore& engine) {
  Json json;
  json["engine"] = engine.law.engine;
  json["rates"] = engine.law.rates;
  json["boards"] = engine.law.boards;
  json["share"] = engine.law.law ? Json(engine.law.law->share) : Json(nullptr);
  json["overhead_per_layer_s"] =
      engine.law.law ? Json(engine.law.law->overhead_per_layer_s) : Json(nullptr);
  json["covered"] = engine.covered;
  json["all"] = json_of(engine.all);
  json["one_user"] = json_of(engine.one_user);
  return json;
}

Json json_of(const CostRanks& ranks) {
  Json json;
  json["engine"] = ranks.engine;
  json["model"] = ranks.model;
  json["provider"] = ranks.provider;
  json["rank_correlation"] = nullable(ranks.by_law);
  json["rank_correlation_of_bandwidth_per_price"] = nullable(ranks.by_bandwidth_per_price);
  json["boards"] = Json::array();
  for (const BoardCost& board : ranks.boards) {
    Json entry;
    entry["gpu"] = board.board;
    entry["machine"] = board.machine;
    entry["price_as_of"] = board.as_of;
    entry["usd_per_gpu_hour"] = board.usd_per_gpu_hour;
    entry["published_usd_per_million_tokens"] = board.published;
    entry["predicted_usd_per_million_tokens"] = board.predicted;
    json["boards"].push_back(entry);
  }
  return json;
}

}  // namespace

std::string score_line(const Score& score) {
  std::string line =
      fmt::format("Score: {} of {} published rates above 'at most'", score.above, score.bounded);
  for (const EngineScore& engine : score.engines) {
    if (!engine.all) continue;
    line += fmt::format(
        "; {} on boards held out: mean error {} (one efficiency: {}), {} of {} rates in the range",
        engine.law.engine, percent(engine.all->by_law), percent(engine.all->by_one_share),
        engine.covered, engine.law.rates);
  }
  return line + fmt::format("; all engines {} of {}.", score.covered, score.held_out.size());
}

std::string score_text(const Score& score) {
  std::string text = fmt::format(
      "SCORE of predictions on published rates, each predicted without the rates of its board\n\n"
      "at most   {} of {} rates are above it, the closest reaches {}\n"
      "range     {} (pooled; 95 % interval of that share {} to {})\n\n",
      score.above, score.bounded, percent(score.closest), coverage_words(score),
      percent(score.coverage.low), percent(score.coverage.high));
  text += engines_text(score);
  text += fmt::format(
      "\nThe error is that of the time per token. Engines with rates of fewer than {} boards have "
      "no law:\n"
      "their range is that of all engines' shares of the roofline.\n",
      least_boards);
  for (const CostRanks& ranks : score.ranks) text += ranks_text(ranks);
  text += "\nHELD OUT\n" + rates_text(score);
  return text + "\nEXCLUDED from law and range\n" + excluded_text(score);
}

std::string score_json(const Score& score) {
  Json json;
  json["line"] = score_line(score);
  json["bounded"] = score.bounded;
  json["above"] = score.above;
  json["closest_share"] = score.closest;
  json["nominal_coverage"] = nominal_coverage;
  json["covered"] = score.covered;
  json["held_out"] = score.held_out.size();
  json["coverage"] = json_of(score.coverage);
  json["engines"] = Json::array();
  for (const EngineScore& engine : score.engines) json["engines"].push_back(json_of(engine));
  json["cost"] = Json::array();
  for (const CostRanks& ranks : score.ranks) json["cost"].push_back(json_of(ranks));
  json["rates"] = Json::array();
  for (const HeldOutRate& held_out : score.held_out) {
    Json entry = json_of(held_out.rate);
    entry["expected_tokens_per_s"] = nullable(held_out.expected.tokens_per_s);
    entry["tokens_per_s"] = json_of(*held_out.expected.range);
    entry["covered"] = held_out.is_covered();
    json["rates"].push_back(entry);
  }
  json["excluded"] = Json::array();
  for (const ScoredRate& scored : score.rates) {
    if (scored.excluded.empty()) continue;
    Json entry = json_of(scored.rate);
    entry["reason"] = scored.excluded;
    json["excluded"].push_back(entry);
  }
  return print_json(json, 2) + '\n';
}

}  // namespace roofproof::analysis
