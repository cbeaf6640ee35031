// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/engines/rates.h"

#include <array>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "analysis/embedded.h"
#include "analysis/published.h"
#include "kernels/models/find.h"
#include "results/record/json_place.h"

namespace roofproof::analysis {
namespace {

constexpr std::string_view rates_file = "engines.json";

constexpr std::array<std::pair<std::string_view, RateKind>, 3> kinds = {{
    {"decode", RateKind::decode},
    {"output", RateKind::output},
    {"microbatch", RateKind::microbatch},
}};

std::string text_at(const Place& row, const char* key) {
  std::string text;
  row.at(key).get(text);
  if (text.empty()) row.at(key).fail("must not be empty");
  return text;
}

template <class Number>
Number number_at(const Place& row, const char* key, Number least) {
  Number value = 0;
  row.at(key).get(value);
  if (!(value >= least)) row.at(key).fail("is too small");
  return value;
}

RateKind kind_at(const Place& row) {
  const std::string word = text_at(row, "kind");
  for (const auto& [name, kind] : kinds) {
    if (word == name) return kind;
  }
  row.at("kind").fail("must be decode, output or microbatch");
}

// What stands in a row must be what find_*() take: said here, with its place.
void check(const Place& row, const EngineRate& rate) {
  try {
    (void)find_layout(rate.model);
    (void)rate.request();
  } catch (const std::invalid_argument& error) {
    row.fail(error.what());
  }
}

EngineRate parse_rate(const Place& row) {
  EngineRate rate;
  rate.gpu = text_at(row, "gpu");
  rate.gpus = number_at(row, "gpus", 1);
  rate.model = text_at(row, "model");
  rate.weights = text_at(row, "weights");
  if (row.has("bits_per_weight")) rate.bits_per_weight = number_at(row, "bits_per_weight", 0.5);
  if (row.has("kv")) rate.kv = text_at(row, "kv");
  if (row.has("batch")) rate.batch = number_at(row, "batch", std::int64_t{1});
  rate.context = number_at(row, "context", std::int64_t{0});
  rate.tokens_per_s = number_at(row, "tokens_per_s", 1e-3);
  rate.kind = kind_at(row);
  rate.engine = text_at(row, "engine");
  if (row.has("version")) rate.version = text_at(row, "version");
  rate.source = text_at(row, "source");
  rate.as_of = text_at(row, "as_of");
  if (row.has("note")) rate.note = text_at(row, "note");
  check(row, rate);
  return rate;
}

// "gpt-fast, BF16"
EngineRate rate_of(const PublishedDecode& decode) {
  const Publication& publication = decode.publication;
  const std::size_t comma = publication.software.find(',');
  EngineRate rate;
  rate.gpu = decode.gpu;
  rate.model = decode.model;
  rate.weights = name(decode.weights);
  rate.batch = 1;
  rate.tokens_per_s = decode.tokens_per_s;
  rate.engine = publication.software.substr(0, comma);
  rate.source = publication.source;
  rate.as_of = publication.as_of;
  rate.note = comma == std::string::npos ? "" : publication.software.substr(comma + 2);
  return rate;
}

}  // namespace

StepRequest EngineRate::request() const {
  return {
      .weights = bits_per_weight ? average_format(*bits_per_weight) : find_weight_format(weights),
      .cache = find_cache_format(kv),
      .batch = batch.value_or(1),
      .context = context};
}

std::vector<EngineRate> parse_engine_rates(std::string_view text, const std::string& file) {
  const JsonDocument document(text, file);
  const Place root(document);
  std::vector<EngineRate> rates;
  root.at("rows").visit_items([&](const Place& row) { rates.push_back(parse_rate(row)); });
  return rates;
}

std::vector<EngineRate> engine_rates() {
  std::vector<EngineRate> rates;
  for (const EmbeddedFile& file : embedded_published()) {
    if (file.name == rates_file) rates = parse_engine_rates(file.bytes, std::string(file.name));
  }
  for (const PublishedDecode& decode : published_decodes()) rates.push_back(rate_of(decode));
  return rates;
}

std::vector<RatePair> same_steps(const std::vector<EngineRate>& rates, std::string_view gpu_a,
                                 std::string_view gpu_b) {
  // FP16 and BF16 are the same bytes: a T4 has the first alone.
  const auto step = [](const EngineRate& rate) {
    return std::tuple(rate.engine, rate.version, rate.model, rate.request().weights.bits, rate.kv,
                      rate.batch, rate.context, rate.gpus, rate.kind);
  };
  std::vector<RatePair> pairs;
  for (const EngineRate& a : rates) {
    if (a.gpu != gpu_a || a.gpus != 1 || !a.batch || a.kind != RateKind::decode) continue;
    for (const EngineRate& b : rates) {
      if (b.gpu == gpu_b && step(a) == step(b)) pairs.push_back({a, b});
    }
  }
  return pairs;
}

RateBound bound_of(const EngineRate& rate, const SpecTable& specs) {
  if (!rate.batch) throw std::logic_error("bound_of: a rate without a batch");
  RateBound bound;
  bound.gpu = specs.choose(rate.gpu).gpu;
  bound.workload = count_model(find_layout(rate.model), rate.request());
  const Arithmetic arithmetic = step_arithmetic(bound.workload.weights, *bound.gpu);
  bound.prediction =
      predict(times(datasheet_ceilings(*bound.gpu, arithmetic), rate.gpus), bound.workload);
  return bound;
}

}  // namespace roofproof::analysis
