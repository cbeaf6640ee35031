// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/audit/readings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "kernels/models/find.h"
#include "kernels/models/lower.h"

namespace roofproof::analysis {
namespace {

// A format's word in the name of a checkpoint.
constexpr std::pair<std::string_view, const char*> format_words[] = {
    {"nvfp4", "nvfp4"}, {"mxfp4", "mxfp4"},   {"w4a", "int4"},     {"fp4", "nvfp4"},
    {"fp8", "fp8"},     {"int4", "int4"},     {"4bit", "int4"},    {"awq", "int4"},
    {"w8a8", "int8"},   {"w8a16", "int8"},    {"int8", "int8"},    {"8bit", "int8"},
    {"bf16", "bf16"},   {"bfloat16", "bf16"}, {"float16", "fp16"}, {"fp16", "fp16"},
};
// No words of a format, in a field for one.
constexpr std::string_view no_format[] = {"", "none", "null"};
// Those that say that a checkpoint is quantised, but not in how many bits.
constexpr std::string_view quantised_words[] = {"gptq", "gguf", "exl2", "bnb", "quant"};

// The fewest that people serve with: GGUF and EXL2 of 2 bits.
constexpr double fewest_weight_bits = 2;

constexpr double least_bits = 0.5;
constexpr double most_bits = 64;
constexpr double most_batch = 1e6;
constexpr double most_context = 1e8;

bool says(std::string_view text, std::string_view word) { return text.find(word) != text.npos; }

bool is_dress(std::string_view part) {
  const std::string low = lower(part);
  return !format_in_name(low).empty() ||
         std::any_of(std::begin(quantised_words), std::end(quantised_words),
                     [&](std::string_view word) { return says(low, word); });
}

// As the file counts them: some hold a tied matrix twice.
bool has_parameters(const ModelLayout& layout, double stated) {
  const auto count = static_cast<double>(parameters(layout));
  double head = 0;
  for (const Weights& one : layout.weights) {
    if (one.role == Role::head) head += static_cast<double>(one.elements());
  }
  const auto is_near = [&](double value) { return std::abs(stated / value - 1) <= 0.01; };
  return is_near(count) || (layout.tied && is_near(count + head));
}

// The most that the input embedding can be of a file whose model is not known: vocabularies reach
// 262144, and small models are narrow.
double most_embedding_share(double parameters) { return parameters < 2e9 ? 0.25 : 0.12; }

struct Format {
  WeightFormat weights;
  bool is_assumed = false;
};

// Throws std::invalid_argument where a name is of no format.
std::optional<Format> choose_format(const ReportedFigure& figure, const Stated& stated,
                                    const ModelLayout& layout, std::vector<std::string>& missing) {
  if (stated.weights) return Format{stated.weights(layout)};
  if (figure.weight_bytes) {
    if (!figure.parameters)
      return Format{format_of_file(layout, *figure.weight_bytes, FileKind::gguf)};
    return Format{average_format(*figure.weight_bytes * 8 / *figure.parameters)};
  }
  for (const std::string& field : {figure.weights, figure.model}) {
    const std::string named = format_in_name(field);
    if (!named.empty()) return Format{find_weight_format(named)};
  }
  const bool is_silent = std::ranges::find(no_format, lower(figure.weights)) != std::end(no_format);
  const std::string low = lower(figure.model);
  const auto is_said = [&](std::string_view word) { return says(low, word); };
  if (!is_silent || std::ranges::any_of(quantised_words, is_said) ||
      !layout.why_not_stored.empty()) {
    missing.emplace_back("the format of the weights (--weights)");
    return std::nullopt;
  }
  return Format{layout.stored.value_or(WeightFormat::of(Precision::fp16)), true};
}

double head_elements(const ModelLayout& layout) {
  double sum = 0;
  for (const Weights& one : layout.weights) {
    if (one.role == Role::head) sum += static_cast<double>(one.elements());
  }
  return sum;
}

StepRequest request_of(const ReportedFigure& figure, const Stated& stated,
                       const ModelLayout& layout, const WeightFormat& weights) {
  StepRequest request;
  request.weights = weights;
  request.cache = stated.cache.value_or(layout.cache.value_or(CacheFormat{}));
  if (!stated.cache && figure.cache_bits) request.cache = {"as stored", *figure.cache_bits};
  request.batch = std::max<std::int64_t>(1, std::llround(figure.batch.value_or(1)));
  request.context = static_cast<std::int64_t>(figure.context.value_or(0));
  return request;
}

std::optional<Readings> of_layout(const ModelLayout& layout, const ReportedFigure& figure,
                                  const Stated& stated, std::vector<std::string>& missing) {
  const std::optional<Format> format = choose_format(figure, stated, layout, missing);
  if (!format) return std::nullopt;
  if (!(format->weights.bits >= least_bits && format->weights.bits <= most_bits)) {
    missing.push_back(fmt::format("a size that fits the model: {:.3g} bits per weight is no format",
                                  format->weights.bits));
    return std::nullopt;
  }
  Readings readings;
  std::vector<std::string> least;
  const StepRequest request = request_of(figure, stated, layout, format->weights);
  readings.likely = count_model(layout, request);
  readings.layers = static_cast<std::int64_t>(layout.attention.size());
  StepRequest fewest = request;
  if (format->is_assumed) {
    readings.notes.push_back(
        fmt::format("Weights are taken in {}, as the model's config.json has "
                    "them; --weights states another format.",
                    format->weights.name));
    if (format->weights.bits > fewest_weight_bits) {
      fewest.weights = average_format(fewest_weight_bits);
      least.push_back(fmt::format("weights of {} bits", fewest_weight_bits));
    }
  }
  const CacheFormat narrow = find_cache_format("int4");
  if (!stated.cache && !figure.cache_bits && request.cache.bits > narrow.bits) {
    fewest.cache = narrow;
    if (request.context > 0) least.emplace_back("an INT4 cache");
  }
  if (figure.quantity == Quantity::step_time && request.batch > 1) {
    fewest.batch = 1;
    least.emplace_back("one sequence");
  }
  readings.least = count_model(layout, fewest);
  if (layout.experts > 0 && fewest.batch > 1) {
    readings.least.weight_bytes =
        step_weight_bytes(layout, fewest.weights, static_cast<double>(layout.experts_per_token));
    least.emplace_back("all tokens with the same experts");
  }
  readings.least_is = fmt::format("{}", fmt::join(least, ", "));
  // The head multiplies the last token of a prompt alone.
  readings.prompt_flop = readings.likely.flop - 2 * head_elements(layout);
  readings.least_prompt_flop = readings.prompt_flop;
  if (layout.experts > 0) {
    readings.notes.push_back(fmt::format("Of {} experts per layer a step reads {:.3g}.",
                                         layout.experts, readings.likely.experts_read));
  }
  return readings;
}

std::optional<Readings> of_parameters(double parameters, const ReportedFigure& figure,
                                      const Stated& stated, std::vector<std::string>& missing) {
  const std::size_t missing_before = missing.size();
  const std::optional<double> active = stated.active ? stated.active : figure.active;
  if (figure.has_experts && !active) {
    missing.emplace_back(
        "how much of the mixture of experts a token reads (--model, or --parameters and --active)");
  }
  if (stated.cache || stated.context) {
    missing.emplace_back("the model, whose cache --kv and --context are of (--model)");
  }
  std::optional<WeightFormat> weights;
  if (stated.weights) {
    weights = stated.weights({});
  } else if (figure.weight_bytes) {
    weights = average_format(*figure.weight_bytes * 8 / parameters);
  } else {
    missing.emplace_back("the format of the weights (--weights)");
  }
  if (missing.size() > missing_before) return std::nullopt;
  if (!(weights->bits >= least_bits && weights->bits <= most_bits) ||
      (active && *active > parameters)) {
    missing.emplace_back("a size, parameters and active ones that fit together");
    return std::nullopt;
  }
  Readings readings;
  const auto batch = std::max<std::int64_t>(1, std::llround(figure.batch.value_or(1)));
  readings.likely = count_parameters(parameters, active, *weights, batch);
  readings.least = readings.likely;
  if (figure.weight_bytes && !stated.parameters) {
    const double embedding = most_embedding_share(parameters);
    readings.least.weight_bytes *= 1 - embedding;
    readings.least.flop *= 1 - embedding;
    readings.least_is = fmt::format("an input embedding of {:.0f} % of the file", 100 * embedding);
    readings.notes.push_back(fmt::format(
        "The input embedding is in the file's {:.4g} GB, though a step reads one row of it; KV "
        "cache left out: --model states both.",
        *figure.weight_bytes / 1e9));
  }
  if (active) {
    readings.notes.push_back(fmt::format("{:.3g} of {:.3g} billion parameters are active.",
                                         *active / 1e9, parameters / 1e9));
  }
  readings.prompt_flop = readings.likely.flop;
  readings.least_prompt_flop = readings.likely.flop * (1 - most_embedding_share(parameters));
  return readings;
}

}  // namespace

std::string format_in_name(const std::string& model) {
  const std::string low = lower(model);
  for (const auto& [word, format] : format_words) {
    if (says(low, word)) return format;
  }
  return "";
}

std::optional<ModelLayout> named_model(const ReportedFigure& figure) {
  constexpr int most_parts = 8;
  std::string name = figure.model;
  for (int part = 0; part < most_parts && !name.empty() && name.size() < 200; ++part) {
    const std::optional<ModelLayout> layout = find_named_layout(name);
    if (layout) {
      if (figure.parameters && !has_parameters(*layout, *figure.parameters)) return std::nullopt;
      return layout;
    }
    const std::size_t dash = name.find_last_of(figure.parameters ? "-._" : "-");
    if (dash == std::string::npos) break;
    // Without a number of parameters to check it by, only what says a format is left out.
    if (!figure.parameters && !is_dress(std::string_view(name).substr(dash + 1))) break;
    name.erase(dash);
  }
  return std::nullopt;
}

std::optional<Readings> count_readings(const ReportedFigure& figure, const Stated& stated,
                                       std::vector<std::string>& missing) {
  if (figure.batch.value_or(1) > most_batch || figure.context.value_or(0) > most_context) {
    missing.emplace_back("a batch up to 1e6 and a context up to 1e8");
    return std::nullopt;
  }
  const std::optional<double> count = stated.parameters ? stated.parameters : figure.parameters;
  if (stated.active && !count) {
    missing.emplace_back("of how many parameters --active is a part (--parameters)");
    return std::nullopt;
  }
  const bool is_by_count = stated.parameters || stated.active;
  const std::optional<ModelLayout> layout = is_by_count     ? std::nullopt
                                            : stated.layout ? stated.layout
                                                            : named_model(figure);
  if (layout) return of_layout(*layout, figure, stated, missing);
  if (count) return of_parameters(*count, figure, stated, missing);
  missing.push_back(figure.model.empty()
                        ? std::string("the model (--model)")
                        : fmt::format("the model: '{}' is not known by name (--model takes its "
                                      "config.json)",
                                      figure.model));
  return std::nullopt;
}

}  // namespace roofproof::analysis
