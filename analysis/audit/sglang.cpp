// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// SGLang: bench_serving, whose records are appended line by line, and bench_one_batch.

#include <fmt/format.h>

#include <cmath>

#include "analysis/audit/readers.h"
#include "analysis/audit/records.h"
#include "analysis/audit/serving.h"

namespace roofproof::analysis {
namespace {

// What newer versions add: the arguments of the server.
void read_server(const Fields& fields, ServingRun& run) {
  const std::optional<Fields> server = fields.object("server_info");
  if (!server) return;
  run.model = server->text_of({"model_path", "served_model_name"});
  run.weights = server->text("quantization");
  if (const auto gpus = server->positive("tp_size"))
    run.gpus = static_cast<int>(std::min(*gpus, 1e5));
  if (const auto groups = server->positive("dp_size")) {
    run.replicas = static_cast<int>(std::min(std::max(*groups, 1.0), 1e5));
  }
  run.speculative = !server->text("speculative_algorithm").empty();
}

void check_rate(const Fields& fields, const char* key, double expected, ReportedFigure& figure) {
  const std::optional<double> rate = fields.positive(key);
  if (!rate || std::abs(*rate / expected - 1) <= 0.01) return;
  figure.contradictions.push_back(
      fmt::format("{}: {:.5g} is stated, {:.5g} follows from the rest", key, *rate, expected));
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
