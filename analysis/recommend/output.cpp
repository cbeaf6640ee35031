// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The two forms of a recommendation.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/quantity.h"
#include "analysis/recommend/recommend.h"
#include "analysis/text_table.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {
namespace {

// "31.0 to 44.2", "31.0" where both ends are the same to a reader.
std::string span_text(const Interval& range) {
  const std::string low = significant(range.low);
  const std::string high = significant(range.high);
  return low == high ? low : low + " to " + high;
}

double spare_bytes(const Recommendation& one) {
  return one.memory_bytes * one.gpus - one.needed_bytes;
}

std::string fit_text(const Recommendation& one) {
  if (one.fits) return quantity_text(spare_bytes(one), "B") + " free";
  return fmt::format("{} short: {}", quantity_text(-spare_bytes(one), "B"), one.why_not);
}

// "46.70 billion parameters, 12.88 billion active"
std::string parameters_text(const ModelLayout& model) {
  const auto all = static_cast<double>(parameters(model));
  const auto active = static_cast<double>(active_parameters(model));
  std::string text = fmt::format("{:.2f} billion parameters", all / 1e9);
  if (active < all) text += fmt::format(", {:.2f} billion active", active / 1e9);
  return text;
}

std::string crossover_text(const Prediction& prediction) {
  if (std::isinf(prediction.ridge_flop_per_byte)) return "unknown";  // no peak is known
  const std::optional<double> batch = first_compute_batch(prediction);
  return batch ? fmt::format("{:.0f}", *batch) : "never";
}

std::string gpus_text(const Recommendation& one) {
  return one.gpus == 1 ? "1" : fmt::format("{} (upper bound)", one.gpus);
}

// "162 (78.1 to 210)"; of several GPUs "at most 95.3".
std::string expected_text(const Recommendation& one) {
  if (!one.expected) return "-";
  const auto& [value, range] = *one.expected;
  if (!value) return range ? span_text(*range) : "-";
  const std::string text = significant(*value);
  if (range) return fmt::format("{} ({})", text, span_text(*range));
  return one.gpus > 1 ? "at most " + text : text;
}

// "13.6 (10.5 to 28.1)"; by the bound alone, and of several GPUs, "at least 8.45".
std::string cost_text(const Recommendation& one) {
  if (!one.cost) return "-";
  const Cost& cost = *one.cost;
  if (!cost.expected) return "at least " + significant(cost.least);
  const std::string text = significant(*cost.expected);
  if (cost.range) return fmt::format("{} ({})", text, span_text(*cost.range));
  return one.gpus > 1 ? "at least " + text : text;
}

std::string age_text(const Offer& offer) {
  if (!offer.age_days) return offer.given ? "as given" : "";
  std::string text = fmt::format("{}, {} days old", offer.as_of, *offer.age_days);
  if (offer.is_stale()) text += ", stale";
  return offer.confirmed ? text : text + ", unconfirmed";
}

std::string offer_text(const std::optional<Cost>& cost) {
  if (!cost) return "no price of a machine that holds it";
  const Offer& offer = cost->offer;
  return fmt::format("{} ({} GPU{}) at {} USD/h, {}", offer.machine, offer.gpus,
                     offer.gpus == 1 ? "" : "s", significant(offer.usd_per_hour, 4),
                     age_text(offer));
}

// "70.1 to 75.0 (vLLM)"
std::string published_text(const Recommendation& one) {
  if (one.published.empty()) return "-";
  Interval range = {one.published.front().tokens_per_s, one.published.front().tokens_per_s};
  std::string engines;
  for (const EngineRate& rate : one.published) {
    range = {std::min(range.low, rate.tokens_per_s), std::max(range.high, rate.tokens_per_s)};
    if (engines.find(rate.engine) == std::string::npos) {
      engines += (engines.empty() ? "" : ", ") + rate.engine;
    }
  }
  std::string text = fmt::format("{} ({})", span_text(range), engines);
  if (one.cost) {
    const double dollars = one.cost->least * one.prediction.tokens_per_s;
    text += fmt::format(": {} USD/Mtoken", span_text({dollars / range.high, dollars / range.low}));
  }
  return text;
}

std::string measured_text(const Recommendation& one) {
  if (!one.measured) return "-";
  std::string text = span_text(one.measured->tokens_per_s);
  if (const std::optional<double>& energy = one.measured->energy_per_token_j) {
    text += fmt::format(", {} J/token", significant(*energy));
  }
  return fmt::format("{}: {}", text, one.measured->source);
}

// A column, shown where any row has something in it.
struct Column {
  std::string head;
  char alignment;
  std::string (*cell)(const Recommendation& one);
  bool (*is_filled)(const Recommendation& one);
};

const Column columns[] = {
    {"GPU", 'l', [](const Recommendation& one) { return one.gpu->name; }, nullptr},
    {"GPUs", 'l', gpus_text, nullptr},
    {"memory", 'l', fit_text, nullptr},
    {"at most", 'r',
     [](const Recommendation& one) { return significant(one.prediction.tokens_per_s); }, nullptr},
    {"expected tokens/s", 'r', expected_text,
     [](const Recommendation& one) {
       return one.expected && (one.expected->tokens_per_s || one.expected->range);
     }},
    {"our kernels", 'l', measured_text,
     [](const Recommendation& one) { return one.measured.has_value(); }},
    {"bound", 'l',
     [](const Recommendation& one) { return std::string(name(one.prediction.step.bound)); },
     nullptr},
    {"crossover", 'r', [](const Recommendation& one) { return crossover_text(one.prediction); },
     nullptr},
    {"USD/Mtoken", 'r', cost_text, nullptr},
    {"published tokens/s", 'l', published_text,
     [](const Recommendation& one) { return !one.published.empty(); }},
    {"machine", 'l', [](const Recommendation& one) { return offer_text(one.cost); }, nullptr},
};

std::string table_text(const std::vector<Recommendation>& all) {
  std::vector<const Column*> shown;
  std::string alignment;
  std::vector<std::string> head;
  for (const Column& column : columns) {
    if (column.is_filled && std::none_of(all.begin(), all.end(), column.is_filled)) continue;
    shown.push_back(&column);
    alignment += column.alignment;
    head.push_back(column.head);
  }
  TextTable table(alignment);
  table.add(head);
  for (const Recommendation& one : all) {
    std::vector<std::string> cells;
    for (const Column* column : shown) cells.push_back(column->cell(one));
    table.add(std::move(cells));
  }
  return table.text();
}

Json json_of(const std::optional<Interval>& range) {
  if (!range) return nullptr;
  Json json;
  json["low"] = range->low;
  json["high"] = range->high;
  return json;
}

Json json_of(const std::optional<Cost>& cost) {
  if (!cost) return nullptr;
  const Offer& offer = cost->offer;
  Json json;
  json["least_usd_per_million_tokens"] = cost->least;
  json["expected_usd_per_million_tokens"] = nullable(cost->expected);
  json["usd_per_million_tokens"] = json_of(cost->range);
  json["machine"] = offer.machine;
  json["provider"] = offer.provider.empty() ? Json(nullptr) : Json(offer.provider);
  json["gpus_of_machine"] = offer.gpus;
  json["copies"] = cost->copies;
  json["usd_per_hour"] = offer.usd_per_hour;
  json["price_given"] = offer.given;
  json["price_as_of"] = offer.as_of.empty() ? Json(nullptr) : Json(offer.as_of);
  json["price_age_days"] = nullable(offer.age_days);
  json["price_stale"] = offer.is_stale();
  json["price_confirmed"] = offer.confirmed;
  json["price_region"] = offer.region.empty() ? Json(nullptr) : Json(offer.region);
  json["price_source"] = offer.source.empty() ? Json(nullptr) : Json(offer.source);
  return json;
}

Json json_of(const EngineRate& rate) {
  Json json;
  json["engine"] = rate.engine;
  json["version"] = rate.version;
  json["context"] = rate.context;
  json["tokens_per_s"] = rate.tokens_per_s;
  json["source"] = rate.source;
  json["as_of"] = rate.as_of;
  return json;
}

Json json_of(const std::optional<MeasuredRate>& measured) {
  if (!measured) return nullptr;
  Json json = json_of(std::optional(measured->tokens_per_s));
  json["source"] = measured->source;
  json["energy_per_token_j"] = nullable(measured->energy_per_token_j);
  return json;
}

Json json_of(const Recommendation& one) {
  Json json;
  json["gpu"] = one.gpu->name;
  json["gpus"] = one.gpus;
  json["fits"] = one.fits;
  json["memory_needed_bytes"] = one.needed_bytes;
  json["memory_bytes"] = one.memory_bytes;
  json["spare_bytes"] = spare_bytes(one);
  json["interconnect_modelled"] = false;
  json["upper_bound_tokens_per_s"] = one.prediction.tokens_per_s;
  json["expected_tokens_per_s"] =
      one.expected ? nullable(one.expected->tokens_per_s) : Json(nullptr);
  json["tokens_per_s"] = json_of(one.expected ? one.expected->range : std::nullopt);
  json["measured_tokens_per_s"] = json_of(one.measured);
  json["published"] = Json::array();
  for (const EngineRate& rate : one.published) json["published"].push_back(json_of(rate));
  json["bound"] = name(one.prediction.step.bound);
  const std::optional<double> crossover = first_compute_batch(one.prediction);
  json["crossover_batch"] = nullable(crossover);
  json["cost"] = json_of(one.cost);
  return json;
}

bool is_ranked_by_law(const std::vector<Recommendation>& all) {
  return std::ranges::any_of(
      all, [](const Recommendation& one) { return one.cost && one.cost->expected; });
}

std::string order_words(const std::vector<Recommendation>& all, const RecommendRemarks& remarks) {
  if (is_ranked_by_law(all))
    return "Ranked by what the law of the engine expects: " + remarks.law + ".\n";
  const std::string bound = "Ranked by the bound 'at most': a board far from it ranks too high.\n";
  return remarks.law.empty() ? bound + "--engine ranks by what an engine is expected to reach.\n"
                             : bound + remarks.law + ".\n";
}

}  // namespace

std::string recommend_text(const RecommendRequest& request, const std::vector<Recommendation>& all,
                           const std::vector<ArticleChoice>& choices,
                           const RecommendRemarks& remarks) {
  std::string text;
  for (const std::string& notice : remarks.notices) text += notice + '\n';
  const auto& [weights, cache, batch, context] = request.step;
  text +=
      fmt::format("{}, {} · {} weights · {} KV cache · batch {} · context {}", request.model.name,
                  parameters_text(request.model), weights.name, cache.name, batch, context);
  const MemoryNeed memory = memory_need(request);
  text += fmt::format(
      " · {} in memory ({} weights, {} KV cache, {} activations)\n\n",
      quantity_text(memory.total_bytes(), "B"), quantity_text(memory.weights_bytes, "B"),
      quantity_text(memory.kv_cache_bytes, "B"), quantity_text(memory.activation_bytes, "B"));
  text += table_text(all) + '\n' + order_words(all, remarks);
  text += fmt::format(
      "'at most' is the datasheet roofline. Several GPUs of one machine are an upper bound: their\n"
      "links are left out. Costs assume that every GPU of a machine is always in use. Prices are "
      "on\n"
      "demand; older than {} days they are stale: --price and --prices state yours.\n{}\n"
      "\nTHE ARTICLE'S CHOICES\n",
      stale_days, remarks.score);
  TextTable article("ll");
  for (const ArticleChoice& choice : choices) article.add({choice.says, choice.found});
  return text + article.text();
}

std::string recommend_json(const RecommendRequest& request, const std::vector<Recommendation>& all,
                           const std::vector<ArticleChoice>& choices,
                           const RecommendRemarks& remarks) {
  Json json;
  json["notices"] = remarks.notices;
  json["model"] = request.model.name;
  json["parameters"] = parameters(request.model);
  json["active_parameters"] = active_parameters(request.model);
  json["weights"] = request.step.weights.name;
  json["kv"] = request.step.cache.name;
  json["batch"] = request.step.batch;
  json["context"] = request.step.context;
  json["engine"] = request.engine.empty() ? Json(nullptr) : Json(request.engine);
  json["ranked_by"] = is_ranked_by_law(all) ? "law" : "bound";
  json["score"] = remarks.score;
  const MemoryNeed memory = memory_need(request);
  json["memory"]["weights_bytes"] = memory.weights_bytes;
  json["memory"]["kv_cache_bytes"] = memory.kv_cache_bytes;
  json["memory"]["activation_bytes"] = memory.activation_bytes;
  json["gpus"] = Json::array();
  for (const Recommendation& one : all) json["gpus"].push_back(json_of(one));
  json["article"] = Json::array();
  for (const ArticleChoice& choice : choices) {
    Json entry;
    entry["says"] = choice.says;
    entry["found"] = choice.found;
    json["article"].push_back(entry);
  }
  return print_json(json, 2) + '\n';
}

}  // namespace roofproof::analysis
