// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include "analysis/predict.h"
#include "analysis/quantity.h"
#include "analysis/report/figures.h"
#include "analysis/report/parts.h"

namespace roofproof::analysis {
namespace {

struct NamedRoofs {
  std::string kind;  // "datasheet", "device", "measured"
  Roofs roofs;
  std::string source;
};

// Which peak is over a kernel. A CPU without FP16 arithmetic expands everything to FP32.
Arithmetic bounded_by(const ReportRun& run, const Problem& problem) {
  return run.on_host() ? Arithmetic::fp32 : arithmetic_of(problem.op, problem.precision);
}

const Series* measured_compute(const ReportRun& run, Arithmetic arithmetic) {
  for (const Precision precision : {Precision::fp32, Precision::fp16, Precision::int8}) {
    if (arithmetic_of(Op::peak, precision) == arithmetic) return compute_roof(run.view, precision);
  }
  return nullptr;
}

std::vector<NamedRoofs> roofs_of(const ReportRun& run, Arithmetic arithmetic) {
  std::vector<NamedRoofs> all;
  if (const GpuSpec* spec = run.peaks.spec) {
    const std::optional<double> peak = spec->peak_per_s(arithmetic).value;
    const std::optional<double> bandwidth = spec->memory_bandwidth_bytes_per_s.value;
    if (peak && bandwidth) all.push_back({"datasheet", {*peak, *bandwidth}, spec->name});
  }
  if (run.peaks.peak_per_s(arithmetic) && run.peaks.bytes_per_s) {
    all.push_back(
        {"device", {*run.peaks.peak_per_s(arithmetic), *run.peaks.bytes_per_s}, run.peaks.basis});
  }
  const Series* compute = measured_compute(run, arithmetic);
  const Series* read = run.view.read_roof();
  if (compute && read) {
    all.push_back({"measured",
                   {estimate(compute->flop_per_s()).value, estimate(read->bytes_per_s()).value},
                   compute->name + " and " + read->name + run.disturbance.mark({compute, read})});
  }
  return all;
}

// Beyond any chart on both sides of the ridge.
Json line_of(const Roofs& roofs) {
  Json line = Json::array();
  for (const double share_of_ridge : {1e-6, 1.0, 1e6}) {
    const double intensity = share_of_ridge * ridge_flop_per_byte(roofs);
    line.push_back({{"x", drawn(intensity)}, {"y", drawn(roof_flop_per_s(roofs, intensity))}});
  }
  return line;
}

Json roof_json(const NamedRoofs& named) {
  return {{"kind", named.kind},
          {"flop_per_s", drawn(named.roofs.flop_per_s)},
          {"bytes_per_s", drawn(named.roofs.bytes_per_s)},
          {"line", line_of(named.roofs)},
          {"text", fmt::format("{} and {}", quantity_text(named.roofs.flop_per_s, "FLOP/s"),
                               quantity_text(named.roofs.bytes_per_s, "B/s"))},
          {"ridge_text", significant(ridge_flop_per_byte(named.roofs)) + " FLOP/byte"},
          {"source", named.source}};
}

Json point_json(const ReportRun& run, const Series& series, const std::vector<NamedRoofs>& roofs) {
  const double intensity = series.flop() / series.bytes();
  const Estimate reached = estimate(series.flop_per_s());
  Json json = figure(reached, "FLOP/s", run.disturbance.mark({&series}));
  json["name"] = series.name;
  json["kernel"] = series.label();
  json["op"] = name(series.problem.op);
  json["library"] = is_library(series.implementation);
  json["intensity"] = drawn(intensity);
  json["intensity_text"] = significant(intensity) + " FLOP/byte";
  json["shares"] = Json::array();
  for (const NamedRoofs& named : roofs) {
    const double roof = roof_flop_per_s(named.roofs, intensity);
    json["shares"].push_back(
        fmt::format("{} of the {} roof", share_text(reached.value / roof), named.kind));
  }
  return json;
}

}  // namespace

Json rooflines_part(const ReportRun& run) {
  Json part = Json::array();
  for (const Arithmetic arithmetic : {Arithmetic::fp16, Arithmetic::fp32, Arithmetic::int8}) {
    const std::vector<NamedRoofs> roofs = roofs_of(run, arithmetic);
    Json points = Json::array();
    for (const Series& series : run.view.series()) {
      // What computes nothing, or moves nothing, is a roof and no point below it.
      if (!(series.flop() > 0) || !(series.bytes() > 0)) continue;
      if (bounded_by(run, series.problem) == arithmetic)
        points.push_back(point_json(run, series, roofs));
    }
    if (points.empty()) continue;
    Json json;
    json["arithmetic"] = name(arithmetic);
    json["roofs"] = Json::array();
    for (const NamedRoofs& named : roofs) json["roofs"].push_back(roof_json(named));
    json["points"] = std::move(points);
    part.push_back(std::move(json));
  }
  return part;
}

}  // namespace roofproof::analysis
