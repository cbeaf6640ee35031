// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/summary/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "analysis/article.h"
#include "analysis/article_law.h"
#include "analysis/batch_sweep.h"
#include "analysis/decode_steps.h"
#include "analysis/disturbance.h"
#include "analysis/input_error.h"
#include "analysis/ladder.h"
#include "analysis/measured_ceilings.h"
#include "analysis/peak_shares.h"
#include "analysis/predict.h"
#include "analysis/quantity.h"
#include "analysis/text_table.h"

namespace roofproof::analysis {
namespace {

using Cells = std::vector<std::string>;

constexpr Precision weight_formats[] = {Precision::fp32, Precision::fp16, Precision::int8,
                                        Precision::int4};

// Headings first. Columns that have nothing below their heading are left out.
std::string table_text(std::string_view alignment, const std::vector<Cells>& rows) {
  std::vector<std::size_t> kept;
  for (std::size_t column = 0; column < alignment.size(); ++column) {
    const bool filled = std::any_of(rows.begin() + 1, rows.end(),
                                    [&](const Cells& row) { return !row[column].empty(); });
    if (filled) kept.push_back(column);
  }
  std::string kept_alignment;
  for (const std::size_t column : kept) kept_alignment += alignment[column];
  TextTable table(kept_alignment);
  for (const Cells& row : rows) {
    Cells cells;
    for (const std::size_t column : kept) cells.push_back(row[column]);
    table.add(std::move(cells));
  }
  return table.text();
}

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.0f} %", 100 * *share) : "";
}

std::string percent(const std::optional<Estimate>& share) {
  return share ? percent(std::optional(share->value)) : "";
}

std::string rate_text(const Series* series) {
  if (!series) return "";
  return quantity_text(estimate(rate(*series)).value,
                       is_arithmetic(series->problem.op) ? "FLOP/s" : "B/s");
}

// The same problem by both makers; one of them may be missing.
struct Makers {
  const Series* hand = nullptr;
  const Series* library = nullptr;

  const Series* any() const { return hand ? hand : library; }
  double best_rate() const {
    double best = 0;
    for (const Series* series : {hand, library}) {
      if (series) best = std::max(best, estimate(rate(*series)).value);
    }
    return best;
  }
};

// The problem with the highest rate, among those that both makers have where there are any. A GEMV
// is one for one user.
Makers best_problem(const ResultsView& view, Op op, Precision precision) {
  Makers best;
  for (const Problem& problem : view.problems(op, precision)) {
    if (op == Op::gemv && problem.shape.batch != 1) continue;
    const Makers makers = {view.fastest(problem, Maker::hand),
                           view.fastest(problem, Maker::library)};
    const std::pair rank(makers.hand && makers.library, makers.best_rate());
    if (!best.any() || rank > std::pair(best.hand && best.library, best.best_rate())) {
      best = makers;
    }
  }
  return best;
}

// GEMM and prefill against the highest rate of computing, streams against reading; nothing of what
// is such a roof itself.
std::optional<Estimate> share_of_measured(const ResultsView& view, const Series& series) {
  if (series.problem.op == Op::peak || series.problem.op == Op::read) return std::nullopt;
  if (!is_arithmetic(series.problem.op)) return share_of_read(view, series);
  const Series* roof = compute_roof(view, loop_precision(view, series.problem));
  return roof && roof != &series ? paired_ratio(rate(series), rate(*roof)) : std::nullopt;
}

std::string array_words(std::int64_t bytes) {
  constexpr std::int64_t mib = std::int64_t{1} << 20;
  constexpr std::int64_t gib = std::int64_t{1} << 30;
  if (bytes % gib == 0) return fmt::format("{} GiB", bytes / gib);
  return bytes % mib == 0 ? fmt::format("{} MiB", bytes / mib) : fmt::format("{} B", bytes);
}

// "4096 x 4096 x 4096" as m, n, k; "14336 x 4096, batch 1"; "1 GiB"
std::string shape_words(const Problem& problem) {
  const Shape& shape = problem.shape;
  if (problem.op == Op::gemm) return fmt::format("{} x {} x {}", shape.m, shape.n, shape.k);
  if (problem.op == Op::gemv) {
    return fmt::format("{} x {}, batch {}", shape.n, shape.k, shape.batch);
  }
  return problem.op == Op::peak ? "" : array_words(shape.bytes);
}

// "1 GiB, disturbed", "disturbed" where there is nothing before it.
std::string marked(const std::string& words, const std::string& mark) {
  return words.empty() && !mark.empty() ? mark.substr(mark.find_first_not_of(", ")) : words + mark;
}

std::string what_words(const ResultsView& view, const Series& series) {
  if (!Disturbance(view).mark({&series, view.read_roof()}).empty()) return "disturbed";
  const std::optional<Estimate> share = share_of_read(view, series);
  return share ? roof_words(roof_position(*share), view.record().device) : "";
}

// "mistral-7b fp16, context 1024"
std::string step_label(const Problem& problem) {
  std::string label = fmt::format("{} {}", problem.shape.model, name(problem.precision));
  if (problem.shape.context > 0) label += fmt::format(", context {}", problem.shape.context);
  return problem.shape.batch > 1 ? label + fmt::format(", batch {}", problem.shape.batch) : label;
}

std::string rate_of_article(const GpuSpec* spec, const Problem& problem) {
  if (!spec) return "";
  return significant(article_rate(*spec, problem).tokens_per_s);
}

// "" where the run and the spec table together have too few ceilings.
std::string rate_of_ceilings(const ResultsView& view, const GpuSpec* spec, const std::string& file,
                             const Problem& problem) {
  try {
    Ceilings ceilings = measured_ceilings(view, file, problem.precision, spec);
    ModelWorkload workload = count_model(find_model(problem.shape.model), problem.precision,
                                         problem.shape.batch, problem.shape.context);
    add_measured_launches(view, ceilings, workload);
    return significant(predict(ceilings, workload).tokens_per_s);
  } catch (const InputError&) {
    return "";
  }
}

}  // namespace

std::string ceilings_table(const ResultsView& view, const SpecTable& specs) {
  constexpr std::pair<Op, Precision> lines[] = {
      {Op::read, Precision::fp32},  {Op::copy, Precision::fp32},  {Op::triad, Precision::fp32},
      {Op::peak, Precision::fp32},  {Op::gemm, Precision::fp32},  {Op::peak, Precision::fp16},
      {Op::gemm, Precision::fp16},  {Op::peak, Precision::int8},  {Op::gemm, Precision::int8},
      {Op::gemm, Precision::w8a16}, {Op::gemm, Precision::w4a16}, {Op::gemv, Precision::fp16},
  };
  const DeviceRecord& device = view.record().device;
  const DevicePeaks peaks = device_peaks(device, specs);
  const Disturbance disturbance(view);
  std::vector<Cells> rows = {
      {"", "hand", "library", "ratio", "datasheet", "device", "at clock", "measured", "size"}};
  for (const auto& [op, precision] : lines) {
    const Makers makers = best_problem(view, op, precision);
    const Series* shown = makers.any();
    if (!shown) continue;
    // What no library computes stands in projection_table() alone.
    if (op == Op::gemv && !makers.library) continue;
    std::string ratio;
    if (makers.hand && makers.library) {
      const auto value = paired_ratio(rate(*makers.hand), rate(*makers.library));
      if (value) ratio = fmt::format("{:.2f}", value->value);
    }
    const PeakShares shares = peak_shares(*shown, device, peaks);
    rows.push_back({fmt::format("{} {}", name(op), name(precision)), rate_text(makers.hand),
                    rate_text(makers.library), ratio, percent(shares.datasheet),
                    percent(shares.derived), percent(shares.at_clock),
                    percent(share_of_measured(view, *shown)),
                    marked(shape_words(shown->problem), disturbance.mark({shown}))});
  }
  return rows.size() > 1 ? table_text("lrrrrrrrl", rows) : "";
}

std::string projection_table(const ResultsView& view) {
  // The largest projection measured in any format.
  Shape shape;
  for (const Problem& problem : view.problems(Op::gemv)) {
    if (problem.shape.batch == 1 && problem.shape.n * problem.shape.k > shape.n * shape.k) {
      shape = problem.shape;
    }
  }
  std::vector<Cells> rows = {
      {fmt::format("gemv {} x {}, batch 1", shape.n, shape.k), "time", "bandwidth", "of read", ""}};
  for (const Precision weights : weight_formats) {
    const Series* series = find_step(view, {Op::gemv, weights, shape});
    if (!series) continue;
    rows.push_back({std::string(name(weights)), estimate_text(estimate(series->time_s()), "s"),
                    rate_text(series), percent(share_of_read(view, *series)),
                    what_words(view, *series)});
  }
  return rows.size() > 1 ? table_text("lrrrl", rows) : "";
}

std::string decode_table(const ResultsView& view, const SpecTable& specs, const std::string& file) {
  const GpuSpec* spec = device_peaks(view.record().device, specs).spec;
  std::vector<Cells> rows = {{"decode, batch 1", "article", "predicted", "measured tokens/s [95 %]",
                              "of read", "per token", "energy", "weight SNR", ""}};
  for (const Problem& problem : view.problems(Op::decode)) {
    if (problem.shape.batch != 1) continue;
    const Series& series = *view.fastest(problem);
    // The article knows no cache.
    const std::string article = problem.shape.context > 0 ? "" : rate_of_article(spec, problem);
    const std::optional<double> energy_j = series.mean(&Row::energy_j);
    const std::optional<double> snr_db = series.mean_extra(weight_snr_counter);
    rows.push_back({step_label(problem), article, rate_of_ceilings(view, spec, file, problem),
                    estimate_text(estimate(divided(1, series.time_s())), ""),
                    percent(share_of_read(view, series)),
                    quantity_text(estimate(series.time_s()).value, "s"),
                    energy_j ? quantity_text(*energy_j, "J") : "",
                    snr_db ? fmt::format("{:.0f} dB", *snr_db) : "", what_words(view, series)});
  }
  return rows.size() > 1 ? table_text("lrrrrrrrl", rows) : "";
}

std::string ladder_lines(const ResultsView& view) {
  std::string lines;
  for (const Problem& problem : view.problems(Op::decode)) {
    const std::optional<Ladder> found = ladder(view, problem);
    if (found) lines += step_label(problem) + ' ' + ladder_text(*found) + '\n';
  }
  return lines;
}

std::string batch_table(const ResultsView& view) {
  const Disturbance disturbance(view);
  std::vector<Cells> rows = {{"", "compute-bound from batch", "predicted crossover", "article says",
                              "tokens/s", "per user", "at batch 1"}};
  for (const Precision weights : weight_formats) {
    const std::optional<BatchSweep> sweep = batch_sweep(view, weights);
    if (!sweep || !is_whole_model(*sweep->steps.front())) continue;
    const Series& one = *sweep->steps.front();
    const Series& most = *sweep->steps.back();
    const std::int64_t batch = most.problem.shape.batch;
    if (rows.front().front().empty()) rows.front().front() = step_words(one) + ", by batch";
    const double step_s = estimate(most.time_s()).value;
    rows.push_back(
        {std::string(name(weights)) +
             disturbance.mark({&one, view.read_roof(), view.gemm_roof(step_gemm(view, weights))}),
         sweep->departure ? fmt::format("{}", *sweep->departure) : fmt::format("above {}", batch),
         sweep->crossing ? fmt::format("{:.0f}", *sweep->crossing) : "",
         fmt::format("from batch {}", article_batch),
         fmt::format("{} at {}", significant(static_cast<double>(batch) / step_s), batch),
         significant(1 / step_s), significant(1 / estimate(one.time_s()).value)});
  }
  return rows.size() > 1 ? table_text("lrrrrrr", rows) : "";
}

std::string prefill_table(const ResultsView& view, const SpecTable& specs) {
  const DeviceRecord& device = view.record().device;
  const DevicePeaks peaks = device_peaks(device, specs);
  const Disturbance disturbance(view);
  std::vector<Cells> rows = {{"prefill, one layer", "tokens/s [95 %]", "", "datasheet", "device",
                              "at clock", "measured", "FLOP/byte"}};
  for (const Problem& problem : view.problems(Op::prefill)) {
    const Series& series = *view.fastest(problem);
    const auto tokens = static_cast<double>(problem.shape.m);
    const PeakShares shares = peak_shares(series, device, peaks);
    rows.push_back({fmt::format("{} {}, {} tokens{}", problem.shape.model, name(problem.precision),
                                problem.shape.m, disturbance.mark({&series})),
                    estimate_text(estimate(divided(tokens, series.time_s())), ""),
                    rate_text(&series), percent(shares.datasheet), percent(shares.derived),
                    percent(shares.at_clock), percent(share_of_measured(view, series)),
                    significant(series.flop() / series.bytes())});
  }
  return rows.size() > 1 ? table_text("lrrrrrrr", rows) : "";
}

std::string predictions_table(const SpecTable& specs) {
  std::vector<Cells> rows = {{"predicted tokens/s", "bandwidth", "fp16", "int8", "int4"}};
  for (const char* words : {"T4", "A10G", "A100", "H100"}) {
    const GpuSpec& gpu = *specs.choose(words).gpu;
    Cells cells = {gpu.name, quantity_text(*gpu.memory_bandwidth_bytes_per_s.value, "B/s")};
    for (const Precision weights : {Precision::fp16, Precision::int8, Precision::int4}) {
      const Prediction prediction = predict(datasheet_ceilings(gpu, weights),
                                            count_model(find_model("mistral-7b"), weights, 1, 0));
      cells.push_back(fmt::format("{:.1f}", prediction.tokens_per_s));
    }
    rows.push_back(std::move(cells));
  }
  return "No GPU was measured. Upper bounds from datasheets, Mistral-7B, one user:\n" +
         table_text("lrrrr", rows);
}

}  // namespace roofproof::analysis
