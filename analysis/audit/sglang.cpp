// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// SGLang: bench_serving, whose records are appended line by line, and bench_one_batch.

#include <algorithm>
#include <utility>

#include "analysis/audit/readers.h"
#include "analysis/audit/records.h"
#include "analysis/audit/serving.h"

namespace roofproof::analysis {
namespace {

// --kv-cache-dtype; "auto" is the model's own, of which nothing is said.
std::optional<double> cache_bits(const std::string& type) {
  constexpr std::pair<std::string_view, double> types[] = {
      {"bf16", 16}, {"bfloat16", 16}, {"fp8_e5m2", 8}, {"fp8_e4m3", 8}};
  const auto* known = std::ranges::find(types, type, &std::pair<std::string_view, double>::first);
  return known == std::end(types) ? std::nullopt : std::optional(known->second);
}

// What newer versions add: the arguments of the server.
void read_server(const Fields& fields, ServingRun& run) {
  const std::optional<Fields> server = fields.object("server_info");
  if (!server) return;
  const auto count = [&](const char* key) -> std::optional<int> {
    const std::optional<double> number = server->positive(key);
    if (!number) return std::nullopt;
    return static_cast<int>(std::min(std::max(*number, 1.0), 1e5));
  };
  run.model = server->text_of({"model_path", "served_model_name"});
  run.weights = server->text("quantization");
  run.cache_bits = cache_bits(server->text("kv_cache_dtype"));
  // Of stages it is not known how many work at a time.
  if (count("pp_size").value_or(1) == 1) run.gpus = count("tp_size");
  // With attention in parallel the groups share out the GPUs of one, and its experts; without it
  // each is a copy of the whole.
  if (!server->flag("enable_dp_attention")) run.replicas = count("dp_size").value_or(1);
  run.speculative = !server->text("speculative_algorithm").empty();
}

void check_rate(const Fields& fields, const char* key, double expected, ReportedFigure& figure) {
  if (const auto rate = fields.positive(key)) check_stated(figure, key, *rate, expected);
}

}  // namespace

std::vector<ReportedFigure> read_sglang_serving(std::string_view text, const std::string& file) {
  std::vector<ReportedFigure> figures;
  for (const PlacedRecord& placed : json_records(text, file)) {
    const Fields fields(placed.record, file, placed.place);
    ServingRun run;
    run.engine = "SGLang";
    read_server(fields, run);
    if (run.model.empty()) run.model = fields.text_of({"model", "model_id"});
    run.speculative = run.speculative || fields.positive("accept_length").has_value();
    run.in_flight = fields.positive("concurrency");
    for (ReportedFigure& figure : serving_figures(fields, run)) figures.push_back(figure);
  }
  return figures;
}

std::vector<ReportedFigure> read_sglang_batch(std::string_view text, const std::string& file) {
  std::vector<ReportedFigure> figures;
  for (const PlacedRecord& placed : json_records(text, file)) {
    const Fields fields(placed.record, file, placed.place);
    const double batch = fields.needed("batch_size");
    const double inputs = fields.needed("input_len");
    const double outputs = fields.needed("output_len");
    ReportedFigure figure;
    figure.place = placed.place;
    figure.engine = "SGLang";
    figure.batch = batch;
    figure.prompt_tokens = inputs;
    check_rate(fields, "prefill_throughput", batch * inputs / fields.needed("prefill_latency"),
               figure);
    if (const auto total = fields.positive("total_latency")) {
      check_rate(fields, "overall_throughput", batch * (inputs + outputs) / *total, figure);
    }
    const std::optional<double> step = fields.positive("median_decode_latency");
    if (step) check_rate(fields, "median_decode_throughput", batch / *step, figure);

    ReportedFigure prefill = figure;
    prefill.label = "prefill_throughput";
    prefill.quantity = Quantity::prefill_rate;
    prefill.value = fields.needed("prefill_throughput");
    prefill.context = inputs / 2;
    figures.push_back(std::move(prefill));
    if (!step) continue;  // one token has no decode
    figure.label = "median_decode_latency";
    figure.quantity = Quantity::step_time;
    figure.value = *step;
    figure.context = inputs + outputs / 2;
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace roofproof::analysis
