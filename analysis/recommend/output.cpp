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

std::string fit_text(const Recommendation& one) {
  const double spare = one.memory_bytes * one.gpus - one.prediction.memory_needed_bytes;
  if (one.fits) return quantity_text(spare, "B") + " free";
  return fmt::format("{} short: needs {} GPUs",
                     quantity_text(one.prediction.memory_needed_bytes - one.memory_bytes, "B"),
                     one.gpus);
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

std::string price_text(const Recommendation& one) {
  if (!one.cost) return "";
  const Price& price = one.cost->price;
  const std::string count =
      one.cost->instances == 1 ? "" : fmt::format("{} x ", one.cost->instances);
  return fmt::format("{}{} at {} USD/h, {}", count, price.instance,
                     significant(price.usd_per_hour, 4),
                     price.given ? "as given" : "of " + price.as_of);
}

bool any_energy(const std::vector<Recommendation>& all) {
  return std::any_of(all.begin(), all.end(),
                     [](const Recommendation& one) { return one.energy_per_token_j.has_value(); });
}

Json json_of(const Interval& range) {
  Json json;
  json["low"] = range.low;
  json["high"] = range.high;
  return json;
}

Json json_of(const std::optional<Cost>& cost) {
  if (!cost) return nullptr;
  Json json;
  json["usd_per_million_tokens"] = json_of(cost->usd_per_million_tokens);
  json["instance"] = cost->price.instance;
  json["instances"] = cost->instances;
  json["gpus_per_instance"] = cost->price.gpus;
  json["usd_per_hour"] = cost->price.usd_per_hour;
  json["price_given"] = cost->price.given;
  json["price_as_of"] = cost->price.given ? Json(nullptr) : Json(cost->price.as_of);
  json["price_region"] = cost->price.given ? Json(nullptr) : Json(cost->price.region);
  return json;
}

Json json_of(const Recommendation& one) {
  Json json;
  json["gpu"] = one.gpu->name;
  json["fits"] = one.fits;
  json["memory_needed_bytes"] = one.prediction.memory_needed_bytes;
  json["memory_bytes"] = one.memory_bytes;
  json["spare_bytes"] = one.memory_bytes - one.prediction.memory_needed_bytes;
  json["gpus_needed"] = one.gpus;
  json["interconnect_modelled"] = false;
  json["upper_bound_tokens_per_s"] = one.prediction.tokens_per_s;
  json["efficiency"] = json_of(one.efficiency.range);
  json["efficiency_basis"] = name(one.efficiency.basis);
  json["efficiency_source"] = one.efficiency.source;
  json["tokens_per_s"] = json_of(one.tokens_per_s);
  json["bound"] = name(one.prediction.step.bound);
  const std::optional<double> crossover = first_compute_batch(one.prediction);
  json["crossover_batch"] = nullable(crossover);
  json["energy_per_token_j"] = nullable(one.energy_per_token_j);
  json["cost"] = json_of(one.cost);
  return json;
}

}  // namespace

std::string recommend_text(const RecommendRequest& request, const std::vector<Recommendation>& all,
                           const std::vector<ArticleChoice>& choices,
                           const std::vector<std::string>& notices) {
  std::string text;
  for (const std::string& notice : notices) text += notice + '\n';
  const auto& [weights, cache, batch, context] = request.step;
  text +=
      fmt::format("{}, {} · {} weights · {} KV cache · batch {} · context {}", request.model.name,
                  parameters_text(request.model), weights.name, cache.name, batch, context);
  const MemoryNeed memory = memory_need(request);
  text += fmt::format(
      " · {} in memory ({} weights, {} KV cache, {} activations)\n\n",
      quantity_text(memory.total_bytes(), "B"), quantity_text(memory.weights_bytes, "B"),
      quantity_text(memory.kv_cache_bytes, "B"), quantity_text(memory.activation_bytes, "B"));
  const bool energy = any_energy(all);
  std::vector<std::string> head = {"GPU",   "memory",    "tokens/s",   "at most",
                                   "bound", "crossover", "USD/Mtoken", "price"};
  if (energy) head.push_back("J/token");
  head.push_back("efficiency");
  TextTable aligned(energy ? "llrrlrrlrl" : "llrrlrrll");
  aligned.add(head);
  for (const Recommendation& one : all) {
    std::vector<std::string> cells = {one.gpu->name,
                                      fit_text(one),
                                      span_text(one.tokens_per_s),
                                      significant(one.prediction.tokens_per_s),
                                      std::string(name(one.prediction.step.bound)),
                                      crossover_text(one.prediction),
                                      one.cost ? span_text(one.cost->usd_per_million_tokens) : "-",
                                      price_text(one)};
    if (energy) {
      cells.push_back(one.energy_per_token_j ? significant(*one.energy_per_token_j) : "-");
    }
    cells.push_back(span_text({100 * one.efficiency.range.low, 100 * one.efficiency.range.high}) +
                    " %, " + one.efficiency.source);
    aligned.add(std::move(cells));
  }
  text += aligned.text();
  text +=
      "\n'at most' is the datasheet roofline. Figures for several GPUs are upper bounds: the\n"
      "interconnect is not modelled. Prices without --price come from the spec files, with their\n"
      "date. Costs assume that every GPU of an instance is always in use.\n"
      "\nTHE ARTICLE'S CHOICES\n";
  TextTable article("ll");
  for (const ArticleChoice& choice : choices) article.add({choice.says, choice.found});
  return text + article.text();
}

std::string recommend_json(const RecommendRequest& request, const std::vector<Recommendation>& all,
                           const std::vector<ArticleChoice>& choices,
                           const std::vector<std::string>& notices) {
  Json json;
  json["notices"] = notices;
  json["model"] = request.model.name;
  json["parameters"] = parameters(request.model);
  json["active_parameters"] = active_parameters(request.model);
  json["weights"] = request.step.weights.name;
  json["kv"] = request.step.cache.name;
  json["batch"] = request.step.batch;
  json["context"] = request.step.context;
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
