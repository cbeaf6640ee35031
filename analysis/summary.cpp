// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "analysis/banner.h"
#include "analysis/claims.h"
#include "analysis/claims_output.h"
#include "analysis/peak_shares.h"
#include "analysis/predict.h"
#include "analysis/quantity.h"
#include "analysis/results_view.h"
#include "analysis/text_table.h"

namespace roofproof::analysis {
namespace {

constexpr Precision weight_formats[] = {Precision::fp32, Precision::fp16, Precision::int8,
                                        Precision::int4};

std::string duration_text(double time_s) {
  const auto seconds = static_cast<long>(time_s + 0.5);
  return seconds < 60 ? fmt::format("{}s", seconds)
                      : fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
}

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.0f}%", *share * 100) : "";
}

std::string header(const Record& record) {
  const DeviceRecord& device = record.device;
  std::string text = "roofproof · " + device.name;
  if (device.backend == "host") {
    text += fmt::format(" (CPU) · {} cores", device.processors.value_or(0));
    if (device.simd) text += " · " + *device.simd;
  }
  if (device.power_limit_w) text += fmt::format(" · {:.0f} W", *device.power_limit_w);
  if (device.ecc) text += *device.ecc ? " · ECC on" : " · ECC off";
  text += fmt::format(" · {}, {} sessions", record.protocol.profile, record.protocol.sessions);
  if (record.duration_s) text += ", " + duration_text(*record.duration_s);
  return text + '\n';
}

// What was observed beside the figures, each with the number of rows that it concerns.
std::string warnings(const Record& record) {
  std::map<std::string, int> rows_with;
  for (const Row& row : record.rows) {
    // What stands behind a colon is the row's own.
    for (const std::string& reason : row.reasons) ++rows_with[reason.substr(0, reason.find(':'))];
  }
  std::string text;
  for (const auto& [reason, count] : rows_with) {
    text += fmt::format("! {}, in {} of {} rows\n", reason, count, record.rows.size());
  }
  return text;
}

// One line of the table of ceilings.
struct CeilingRow {
  const Series* hand = nullptr;
  const Series* library = nullptr;  // of the same problem
};

CeilingRow ceiling_row(const ResultsView& view, Op op, Precision precision) {
  CeilingRow row;
  row.hand = view.best(op, precision, Maker::hand);
  const Series* best = row.hand ? row.hand : view.best(op, precision, Maker::library);
  if (best) row.library = view.fastest(best->problem, Maker::library);
  return row;
}

bool counts_flop(Op op) { return op == Op::peak || op == Op::gemm; }

std::string rate_text(const Series* series) {
  if (!series) return "";
  return quantity_text(estimate(rate(*series)).value,
                       counts_flop(series->problem.op) ? "FLOP/s" : "B/s");
}

// Of the loop that only computes for GEMM, of reading for the other streams.
std::optional<double> share_of_roof(const ResultsView& view, const Series& series) {
  const Series* roof = series.problem.op == Op::gemm
                           ? view.best(Op::peak, series.problem.precision, Maker::hand)
                           : view.read_roof();
  if (series.problem.op == Op::peak || !roof || roof == &series) return std::nullopt;
  const std::optional<Estimate> share = paired_ratio(rate(series), rate(*roof));
  if (!share) return std::nullopt;
  return share->value;
}

std::string ceilings_table(const ResultsView& view, const SpecTable& specs) {
  constexpr std::pair<Op, Precision> lines[] = {
      {Op::read, Precision::fp32}, {Op::copy, Precision::fp32}, {Op::triad, Precision::fp32},
      {Op::peak, Precision::fp32}, {Op::gemm, Precision::fp32}, {Op::peak, Precision::fp16},
      {Op::gemm, Precision::fp16}, {Op::peak, Precision::int8}, {Op::gemm, Precision::int8}};
  const DeviceRecord& device = view.record().device;
  const DevicePeaks peaks = device_peaks(device, specs);
  const bool host = device.backend == "host";
  TextTable table("lrrrrrrr");
  table.add({"", "hand", "library", "ratio", "of roof", host ? "" : "datasheet",
             host ? "" : "device", host ? "" : "at clock"});
  for (const auto& [op, precision] : lines) {
    const CeilingRow row = ceiling_row(view, op, precision);
    const Series* shown = row.hand ? row.hand : row.library;
    if (!shown) continue;
    std::string ratio;
    if (row.hand && row.library) {
      if (const auto value = paired_ratio(rate(*row.hand), rate(*row.library))) {
        ratio = fmt::format("{:.2f}", value->value);
      }
    }
    const PeakShares shares = host ? PeakShares{} : peak_shares(*shown, device, peaks);
    table.add({fmt::format("{} {}", name(op), name(precision)), rate_text(row.hand),
               rate_text(row.library), ratio, percent(share_of_roof(view, *shown)),
               percent(shares.datasheet), percent(shares.derived), percent(shares.at_clock)});
  }
  return table.text();
}

// A weight format that does not keep up with memory is named, not hidden.
std::string bound_words(const std::optional<Estimate>& share) {
  if (!share) return "";
  return share->value >= memory_bound_share ? "memory-bound" : "compute-bound";
}

// One projection of a decode step at batch 1: the same law as for a whole model, kernel by kernel.
std::string projection_table(const ResultsView& view) {
  TextTable table("lrrrl");
  Shape shown;
  for (const Precision format : weight_formats) {
    for (const Problem& problem : view.problems(Op::gemv, format)) {
      if (problem.shape.batch != 1 || problem.shape.n < shown.n) continue;
      shown = problem.shape;
    }
  }
  for (const Precision format : weight_formats) {
    const Series* series = view.fastest({Op::gemv, format, shown}, Maker::hand);
    if (!series) continue;
    const std::optional<Estimate> share = share_of_read(view, *series);
    table.add({std::string(name(format)), estimate_text(estimate(series->time_s()), "s"),
               quantity_text(estimate(series->bytes_per_s()).value, "B/s"),
               share ? percent(share->value) + " of read" : "", bound_words(share)});
  }
  const std::string rows = table.text(2);
  return rows.empty()
             ? ""
             : fmt::format("GEMV {} x {}, batch 1, by weight format\n{}", shown.n, shown.k, rows);
}

// Whole models at batch 1 without a context: predicted from the datasheet and measured.
std::string decode_table(const ResultsView& view, const SpecTable& specs) {
  const DevicePeaks peaks = device_peaks(view.record().device, specs);
  TextTable table("llrrr");
  for (const Problem& problem : view.problems(Op::decode)) {
    if (problem.shape.batch != 1 || problem.shape.context != 0) continue;
    const Series* series = view.fastest(problem, Maker::hand);
    if (!series) continue;
    const std::optional<Estimate> share = share_of_read(view, *series);
    const std::string predicted =
        peaks.bytes_per_s ? fmt::format("{:.1f} by datasheet", *peaks.bytes_per_s / series->bytes())
                          : "";
    table.add({problem.shape.model, std::string(name(problem.precision)), predicted,
               estimate_text(estimate(divided(1, series->time_s())), "tokens/s"),
               share ? percent(share->value) + " of read" : ""});
  }
  const std::string rows = table.text(2);
  return rows.empty() ? "" : "Decode, batch 1\n" + rows;
}

// What the GPUs of the article would do, for whoever has none here.
std::string predictions_table(const SpecTable& specs) {
  const Model& model = find_model("mistral-7b");
  TextTable table("lrrrr");
  table.add({"", "bandwidth", "FP16", "INT8", "INT4"});
  for (const char* words : {"T4", "A10G", "A100", "H100"}) {
    const GpuSpec& gpu = *specs.choose(words).gpu;
    std::vector<std::string> cells = {gpu.name};
    cells.push_back(quantity_text(gpu.memory_bandwidth_bytes_per_s.value.value_or(0), "B/s"));
    for (const Precision format : {Precision::fp16, Precision::int8, Precision::int4}) {
      const Prediction prediction =
          predict(datasheet_ceilings(gpu, format), count_model(model, format, 1, 0));
      cells.push_back(fmt::format("{:.1f}", prediction.tokens_per_s));
    }
    table.add(cells);
  }
  return "Mistral-7B on the article's GPUs, tokens/s at batch 1 as the roofline predicts (no GPU "
         "was "
         "measured)\n" +
         table.text(2);
}

// The verdicts that were reached.
std::string claims_block(const Record& record, const std::string& file, const SpecTable& specs) {
  const RunFile run{file, &record};
  const std::vector<ClaimResult> results = decide_claims({&run, 1}, specs);
  std::string text = fmt::format("CLAIMS  {}\n", count_verdicts(results));
  for (const ClaimResult& result : results) {
    if (result.verdict != Verdict::not_testable_here) text += claim_line(result) + '\n';
  }
  return text;
}

std::string not_measured_block(const Record& record) {
  std::map<std::string, std::set<std::string>> names_by_cause;
  for (const NotMeasured& entry : record.not_measured) {
    names_by_cause[entry.status + ": " + entry.reason].insert(entry.name);
  }
  std::string text;
  for (const auto& [cause, names] : names_by_cause) {
    const std::string more = names.size() > 1 ? fmt::format(" and {} more", names.size() - 1) : "";
    text += fmt::format("  {}{}, {}\n", *names.begin(), more, cause);
  }
  return text.empty() ? "" : "Not measured\n" + text;
}

void add_block(std::string& text, const std::string& block) {
  if (!block.empty()) text += '\n' + block;
}

}  // namespace

std::string summary_text(const Record& record, const std::string& file, const SpecTable& specs) {
  const ResultsView view(record);
  std::string text;
  for (const std::string& banner : banners(record, file)) text += banner + '\n';
  text += header(record);
  text += warnings(record);
  add_block(text, ceilings_table(view, specs));
  add_block(text, projection_table(view));
  add_block(text, decode_table(view, specs));
  if (record.device.backend == "host") add_block(text, predictions_table(specs));
  add_block(text, claims_block(record, file, specs));
  add_block(text, not_measured_block(record));
  add_block(text,
            fmt::format("saved {}\nnext: roofproof claims {} | predict | specs\n", file, file));
  return text;
}

}  // namespace roofproof::analysis
