// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/export.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/csv.h"
#include "analysis/disturbance.h"
#include "analysis/quantity.h"
#include "results/record/json_text.h"
#include "results/record/record_json.h"

namespace roofproof::analysis {
namespace {

// What a row is followed by, the larger the better. The unit is fixed: a chart over months must not
// change its scale with a figure.
struct Throughput {
  SessionValues values;
  const char* unit;  // as charted
  double scale;      // of that unit, in the SI one
  const char* si_unit;
};

Throughput throughput(const Series& series) {
  if (series.problem.op == Op::decode) {
    const auto batch = static_cast<double>(series.problem.shape.batch);
    return {divided(batch, series.time_s()), "tokens/s", 1, "tokens/s"};
  }
  if (is_arithmetic(series.problem.op)) return {rate(series), "GFLOP/s", 1e9, "FLOP/s"};
  return {rate(series), "GB/s", 1e9, "B/s"};
}

// Of the samples of all sessions: the fastest, and what 95 of 100 do not exceed.
struct Spread {
  double min_s = 0;
  double p95_s = 0;
};

Spread spread_of(const Series& series) {
  std::vector<double> samples_s;
  for (const Row* row : series.rows) {
    samples_s.insert(samples_s.end(), row->samples_s.begin(), row->samples_s.end());
    if (row->samples_s.empty()) samples_s.push_back(row->time_s);
  }
  std::sort(samples_s.begin(), samples_s.end());
  const std::size_t rank = (95 * samples_s.size() + 99) / 100;
  return {samples_s.front(), samples_s[rank - 1]};
}

}  // namespace

std::vector<const Series*> exported_series(const ResultsView& view) {
  const Disturbance disturbance(view);
  std::vector<const Series*> exported;
  for (const Series& series : view.series()) {
    if (disturbance.may_decide(series)) exported.push_back(&series);
  }
  return exported;
}

std::string export_gbench(const ResultsView& view) {
  const Record& record = view.record();
  Json json;
  Json& context = json["context"];
  write_google_context(context, record);
  // Google Benchmark's own custom context has texts only.
  context["device"] = record.device.name;
  context["synthetic"] = record.synthetic ? "true" : "false";
  json["benchmarks"] = Json::array();
  for (const Series* exported : exported_series(view)) {
    const Series& series = *exported;
    Row whole;
    whole.name = series.name;
    whole.sessions = 1;
    whole.label = series.label();
    whole.time_s = estimate(series.time_s()).value;
    whole.cpu_time_s = series.mean(&Row::cpu_time_s);
    std::int64_t iterations = 0;
    for (const Row* row : series.rows) iterations += total_launches(*row);
    write_google_row(json["benchmarks"].emplace_back(), whole, iterations);
  }
  return print_json(json, 2) + '\n';
}

std::string export_bigger_is_better(const ResultsView& view) {
  const std::string origin = fmt::format("{}{}, {}", view.record().synthetic ? "SYNTHETIC, " : "",
                                         view.record().device.name, view.record().date);
  Json json = Json::array();
  for (const Series* exported : exported_series(view)) {
    const Series& series = *exported;
    const Throughput figure = throughput(series);
    const Estimate mean = estimate(figure.values);
    Json row;
    row["name"] = series.name;
    row["unit"] = figure.unit;
    row["value"] = mean.value / figure.scale;
    if (mean.interval) {
      const double half = (mean.interval->high - mean.interval->low) / 2 / figure.scale;
      row["range"] = "± " + significant(half);
    }
    row["extra"] = fmt::format("{}\n{} sessions\n{}", origin, mean.sessions, series.label());
    json.push_back(row);
  }
  return print_json(json, 2) + '\n';
}

std::string export_csv(const ResultsView& view) {
  std::string text = csv_line({"name", "op", "precision", "implementation", "device", "date",
                               "synthetic", "unit", "value", "low", "high", "sessions", "time_s",
                               "min_time_s", "p95_time_s", "flop", "bytes", "label"});
  const Record& record = view.record();
  for (const Series* exported : exported_series(view)) {
    const Series& series = *exported;
    const Throughput figure = throughput(series);
    const Estimate mean = estimate(figure.values);
    const Spread spread = spread_of(series);
    text += csv_line({series.name, std::string(name(series.problem.op)),
                      std::string(name(series.problem.precision)),
                      std::string(name(series.implementation)), record.device.name, record.date,
                      record.synthetic ? "true" : "false", figure.si_unit, csv_number(mean.value),
                      mean.interval ? csv_number(mean.interval->low) : "",
                      mean.interval ? csv_number(mean.interval->high) : "",
                      fmt::format("{}", mean.sessions), csv_number(estimate(series.time_s()).value),
                      csv_number(spread.min_s), csv_number(spread.p95_s), csv_number(series.flop()),
                      csv_number(series.bytes()), series.label()});
  }
  return text;
}

}  // namespace roofproof::analysis
