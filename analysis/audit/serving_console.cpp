// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What vLLM's `bench serve` and SGLang's bench_serving print: the record of their JSON as labelled
// lines, rounded.

#include <utility>

#include "analysis/audit/readers.h"
#include "analysis/audit/records.h"
#include "analysis/audit/serving.h"
#include "kernels/models/lower.h"

namespace roofproof::analysis {
namespace {

// What both consoles print, in lower case, and the keys of the JSON.
constexpr std::pair<const char*, const char*> console_labels[] = {
    {"successful requests", "completed"},
    {"benchmark duration (s)", "duration"},
    {"total input tokens", "total_input_tokens"},
    {"total generated tokens", "total_output_tokens"},
    {"max request concurrency", "max_concurrency"},
    {"maximum request concurrency", "max_concurrency"},
    {"request throughput (req/s)", "request_throughput"},
    {"input token throughput (tok/s)", "input_throughput"},
    {"output token throughput (tok/s)", "output_throughput"},
    {"peak output token throughput (tok/s)", "max_output_tokens_per_s"},
    {"total token throughput (tok/s)", "total_token_throughput"},
    {"mean ttft (ms)", "mean_ttft_ms"},
    {"median ttft (ms)", "median_ttft_ms"},
    {"p99 ttft (ms)", "p99_ttft_ms"},
    {"mean tpot (ms)", "mean_tpot_ms"},
    {"median tpot (ms)", "median_tpot_ms"},
    {"p99 tpot (ms)", "p99_tpot_ms"},
    {"mean itl (ms)", "mean_itl_ms"},
    {"median itl (ms)", "median_itl_ms"},
    {"p99 itl (ms)", "p99_itl_ms"},
    {"mean e2e latency (ms)", "mean_e2e_latency_ms"},
    {"mean e2el (ms)", "mean_e2el_ms"},
    {"accept length", "accept_length"},      // SGLang's
    {"acceptance length", "accept_length"},  // vLLM's
};

}  // namespace

std::vector<ReportedFigure> read_serving_console(std::string_view text, const std::string& file) {
  std::vector<ReportedFigure> figures;
  for (const PlacedRecord& placed : labelled_records(text, file, "Serving Benchmark Result")) {
    ForeignJson record = ForeignJson::object();
    for (const auto& [words, value] : placed.record.items()) {
      for (const auto& [label, key] : console_labels) {
        if (lower(words) == label) record[key] = value;
      }
    }
    const Fields fields(record, file, placed.place);
    ServingRun run;
    run.speculative = fields.positive("accept_length").has_value();
    for (ReportedFigure& figure : serving_figures(fields, run)) figures.push_back(figure);
  }
  return figures;
}

}  // namespace roofproof::analysis
