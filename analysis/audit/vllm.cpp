// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// vLLM: `bench serve`, `bench latency` and `bench throughput`. None says on which GPU, on how many,
// or in which format; --metadata adds keys that a person chose.

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <numeric>
#include <regex>

#include "analysis/audit/readers.h"
#include "analysis/audit/records.h"
#include "analysis/audit/serving.h"

namespace roofproof::analysis {
namespace {

constexpr double most_gpus = 1e5;

std::optional<int> count_of(const Fields& fields, std::initializer_list<std::string_view> keys) {
  const std::optional<double> count = fields.positive_of(keys);
  if (!count || !(*count <= most_gpus) || *count != std::floor(*count)) return std::nullopt;
  return static_cast<int>(*count);
}

// "4xNVIDIA_L40S": four of them, over all replicas.
void read_gpu(const Fields& fields, ServingRun& run) {
  static const std::regex counted(R"((\d{1,4}) ?x ?(.+))");
  run.gpu = fields.text_of({"gpu", "gpu_name", "gpu_type", "accelerator"});
  std::optional<int> total = count_of(fields, {"gpu_count", "num_gpus", "gpus"});
  std::smatch match;
  const std::string name = run.gpu;
  if (name.size() < 100 && std::regex_match(name, match, counted)) {
    total = std::atoi(match[1].str().c_str());
    run.gpu = match[2];
  }
  run.replicas = count_of(fields, {"decode_replicas", "replicas"}).value_or(1);
  run.gpus = count_of(fields, {"tensor_parallel_size", "tp_size", "tp"});
  const bool splits_phases = fields.positive("prefill_replicas").has_value();
  if (!run.gpus && total && !splits_phases && *total >= run.replicas) {
    run.gpus = *total / run.replicas;
  }
}

ReportedFigure batch_figure(const Fields& fields, const char* key) {
  ReportedFigure figure;
  figure.label = key;
  figure.place = fields.place();
  figure.engine = "vLLM";
  figure.quantity = Quantity::batch_time;
  figure.value = fields.needed(key);
  return figure;
}

}  // namespace

std::vector<ReportedFigure> read_vllm_serve(std::string_view text, const std::string& file) {
  std::vector<ReportedFigure> figures;
  for (const PlacedRecord& placed : json_records(text, file)) {
    const Fields fields(placed.record, file, placed.place);
    ServingRun run;
    run.engine = "vLLM";
    run.model = fields.text_of({"model_id", "model"});
    run.weights = fields.text_of({"quantization", "precision"});
    for (const auto& [key, value] : placed.record.items()) {
      run.speculative = run.speculative || (key.starts_with("spec_decode_") && !value.is_null());
    }
    read_gpu(fields, run);
    for (ReportedFigure& figure : serving_figures(fields, run)) figures.push_back(figure);
  }
  return figures;
}

std::vector<ReportedFigure> read_vllm_latency(std::string_view text, const std::string& file) {
  std::vector<ReportedFigure> figures;
  for (const PlacedRecord& placed : json_records(text, file)) {
    const Fields fields(placed.record, file, placed.place);
    ReportedFigure figure = batch_figure(fields, "avg_latency");
    const std::vector<double> runs = fields.numbers("latencies");
    if (!runs.empty()) {
      const double sum = std::accumulate(runs.begin(), runs.end(), 0.0);
      check_stated(figure, "avg_latency, the mean of latencies", figure.value,
                   sum / static_cast<double>(runs.size()));
    }
    if (const auto percentiles = fields.object("percentiles")) {
      const std::optional<double> low = percentiles->positive("10");
      const std::optional<double> high = percentiles->positive("90");
      if (low && high && *high < *low) {
        figure.contradictions.push_back(
            fmt::format("the 90th percentile, {:.5g}, is below the 10th, {:.5g}", *high, *low));
      }
    }
    figures.push_back(std::move(figure));
  }
  return figures;
}

std::vector<ReportedFigure> read_vllm_throughput(std::string_view text, const std::string& file) {
  std::vector<ReportedFigure> figures;
  for (const PlacedRecord& placed : json_records(text, file)) {
    const Fields fields(placed.record, file, placed.place);
    ReportedFigure figure = batch_figure(fields, "elapsed_time");
    figure.requests = fields.needed("num_requests");
    if (const auto rate = fields.positive("requests_per_second")) {
      check_stated(figure, "requests_per_second", *rate, *figure.requests / figure.value);
    }
    if (const auto rate = fields.positive("tokens_per_second")) {
      check_stated(figure, "tokens_per_second", *rate,
                   fields.needed("total_num_tokens") / figure.value);
    }
    figure.notes.push_back("tokens_per_second counts the prompts too and is not used.");
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace roofproof::analysis
