// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Claims about the rates of a device: its peaks, its bandwidth, and their ratios.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/article.h"
#include "analysis/claims/table.h"
#include "analysis/peak_shares.h"
#include "analysis/quantity.h"
#include "analysis/roofline.h"

namespace roofproof::analysis {
namespace {

// A peak further below than this is out of the device's reach: SMs x clock x operations.
constexpr double reach_tolerance = 0.05;

// Printed figures are rounded; further apart they are two figures.
constexpr double same_figure = 0.01;

struct PeakColumn {
  Precision precision;
  Arithmetic arithmetic;
  double ArticleRow::*claimed_per_s;
};
constexpr PeakColumn peak_columns[] = {
    {Precision::fp32, Arithmetic::fp32, &ArticleRow::fp32_flop_per_s},
    {Precision::fp16, Arithmetic::fp16, &ArticleRow::fp16_flop_per_s},
    {Precision::int8, Arithmetic::int8, &ArticleRow::int8_op_per_s},
};

bool agrees(const ArticleRow& row, const GpuSpec& gpu) {
  for (const PeakColumn& column : peak_columns) {
    const std::optional<double>& datasheet = gpu.peak_per_s(column.arithmetic).value;
    if (datasheet && !(std::abs(*datasheet / row.*column.claimed_per_s - 1) <= same_figure)) {
      return false;
    }
  }
  return true;
}

std::string triple(double fp32_per_s, double fp16_per_s, double int8_per_s) {
  return significant(fp32_per_s / 1e12) + " / " + significant(fp16_per_s / 1e12) + " / " +
         significant(int8_per_s / 1e12);
}

std::string claimed_triple(const ArticleRow& row) {
  return triple(row.fp32_flop_per_s, row.fp16_flop_per_s, row.int8_op_per_s);
}

std::string datasheet_triple(const GpuSpec& gpu) {
  const auto peak = [&](Arithmetic arithmetic) {
    return gpu.peak_per_s(arithmetic).value.value_or(0);
  };
  return triple(peak(Arithmetic::fp32), peak(Arithmetic::fp16), peak(Arithmetic::int8));
}

std::string unconfirmed_figures(const GpuSpec& gpu) {
  std::string names;
  for (const PeakColumn& column : peak_columns) {
    if (gpu.peak_per_s(column.arithmetic).status != FigureStatus::unconfirmed) continue;
    names += (names.empty() ? "" : ", ") + std::string(name(column.arithmetic));
  }
  return names.empty() ? "" : " (unconfirmed: " + names + ")";
}

// The other GPU whose figures the row really has.
const GpuSpec* owner_of(const ArticleRow& row, const SpecTable& specs) {
  for (const GpuSpec& gpu : specs.gpus()) {
    if (agrees(row, gpu)) return &gpu;
  }
  return nullptr;
}

std::string percent_of(const std::optional<double>& share, std::string_view of) {
  return share ? fmt::format(", {:.0f} % of {}", 100 * *share, of) : "";
}

// FP16 over FP32 as the article's row has it, else as the datasheet has it.
std::optional<double> predicted_speedup(const GpuSpec& gpu) {
  if (const ArticleRow* row = find_article_row(gpu.name)) {
    return row->fp16_flop_per_s / row->fp32_flop_per_s;
  }
  const std::optional<double>& fp16 = gpu.peak_per_s(Arithmetic::fp16).value;
  const std::optional<double>& fp32 = gpu.peak_per_s(Arithmetic::fp32).value;
  if (!fp16 || !fp32) return std::nullopt;
  return *fp16 / *fp32;
}

// The best FP16 GEMM of which the same shape was measured in FP32 too, each by its best maker.
struct GemmPair {
  const Series* fp16 = nullptr;
  const Series* fp32 = nullptr;
};
std::optional<GemmPair> same_shape_gemms(const ResultsView& view) {
  std::optional<GemmPair> best;
  for (Problem problem : view.problems(Op::gemm, Precision::fp16)) {
    const Series* fp16 = view.fastest(problem);
    problem.precision = Precision::fp32;
    const Series* fp32 = view.fastest(problem);
    if (!fp32) continue;
    if (!best || estimate(rate(*fp16)).value > estimate(rate(*best->fp16)).value) {
      best = GemmPair{fp16, fp32};
    }
  }
  return best;
}

std::string why_no_gemm_pair(const Run& run) {
  const bool fp16 = run.view.gemm_roof(Precision::fp16) != nullptr;
  const bool fp32 = run.view.gemm_roof(Precision::fp32) != nullptr;
  if (fp16 && fp32) return "no shape was measured both in FP16 and in FP32";
  return run.view.why_absent(Op::gemm, fp16 ? Precision::fp32 : Precision::fp16);
}

void test_one_peak(const Run& run, const ArticleRow& row, const PeakColumn& column,
                   Decision& decision) {
  const std::string kind = std::string(name(column.precision)) + " peak";
  const double claimed_per_s = row.*column.claimed_per_s;
  if (const std::optional<double> derived = run.peaks.peak_per_s(column.arithmetic)) {
    const bool circular = run.spec()->rate(column.arithmetic).circular;
    decision.require(
        run, {.what = kind + " by SMs x clock x operations",
              .unit = "FLOP/s",
              .predicted = {claimed_per_s, unlimited},
              .found = Estimate{*derived, std::nullopt, 0},
              .remark = circular ? "the rate per SM was itself deduced from a datasheet" : "",
              .tolerance = reach_tolerance});
  }
  std::vector<const Series*> from;
  const Series* highest = nullptr;
  for (const Series* series : {run.view.best(Op::gemm, column.precision, Maker::hand),
                               run.view.best(Op::gemm, column.precision, Maker::library),
                               run.view.best(Op::peak, column.precision)}) {
    if (!series) continue;
    from.push_back(series);
    if (!highest || estimate(rate(*series)).value > estimate(rate(*highest)).value) {
      highest = series;
    }
  }
  if (!highest) {
    decision.missing(run, run.view.why_absent(Op::gemm, column.precision));
    return;
  }
  const PeakShares shares = peak_shares(*highest, run.record().device, run.peaks);
  const Estimate reached = estimate(rate(*highest));
  decision.compare(
      run, {.what = kind,
            .unit = "FLOP/s",
            .predicted = {0, claimed_per_s},
            .found = reached,
            .from = std::move(from),
            .remark = fmt::format("an upper bound: {:.0f} % of it was reached by {}{}{}{}",
                                  100 * reached.value / claimed_per_s, highest->name,
                                  percent_of(shares.datasheet, "datasheet"),
                                  percent_of(shares.derived, "device-derived"),
                                  percent_of(shares.at_clock, "the peak at the measured clock"))});
}

void find_wrong_peaks(const SpecTable& specs, Decision& decision) {
  for (const ArticleRow& row : article_peaks) {
    for (const GpuSpec& gpu : specs.gpus()) {
      if (find_article_row(gpu.name) != &row || agrees(row, gpu)) continue;
      const GpuSpec* owner = owner_of(row, specs);
      decision.find(
          FindingKind::datasheet,
          fmt::format("the {} row is not the {}'s{}: it claims {}, the {}'s figures are {}{}",
                      row.gpu, gpu.name, owner ? " but the " + owner->name + "'s" : "",
                      claimed_triple(row), gpu.name, datasheet_triple(gpu),
                      unconfirmed_figures(gpu)));
    }
  }
}

void test_peaks(const Run& run, Decision& decision) {
  const ArticleRow* row = run.spec() ? find_article_row(run.spec()->name) : nullptr;
  if (!row) {
    decision.missing(run, "the article's table has no row for " + run.record().device.name);
    return;
  }
  for (const PeakColumn& column : peak_columns) test_one_peak(run, *row, column, decision);
}

void find_t4_bandwidth(const SpecTable& specs, Decision& decision) {
  const GpuSpec& t4 = *specs.choose("T4").gpu;
  const double printed = *t4.memory_bandwidth_bytes_per_s.value;
  const double clock_hz = *t4.memory_clock_hz.value;
  const double bus_bits = *t4.memory_bus_bits.value;
  decision.find(
      FindingKind::datasheet,
      fmt::format("the product brief specifies {} ({} MHz x 2 x {} bit / 8 = {}), not {}; sources "
                  "conflict, and 300 is nearer to what a T4 delivers",
                  quantity_text(printed, "B/s"), clock_hz / 1e6, bus_bits,
                  quantity_text(bus_bytes_per_s(clock_hz, bus_bits), "B/s"),
                  quantity_text(article_t4_bandwidth_bytes_per_s, "B/s")));
}

void test_t4_bandwidth(const Run& run, Decision& decision) {
  if (!run.spec() || run.spec()->name != "T4") {
    decision.missing(run, run.record().device.name + " is not a T4");
    return;
  }
  const Series* read = run.view.read_roof();
  if (!read) {
    decision.missing(run, run.view.why_absent(Op::read, Precision::fp32));
    return;
  }
  decision.compare(
      run, {.what = "read bandwidth",
            .unit = "B/s",
            .predicted = {article_t4_bandwidth_bytes_per_s, article_t4_bandwidth_bytes_per_s},
            .found = estimate(read->bytes_per_s()),
            .from = {read}});
}

void compute_speedup(const SpecTable& specs, Decision& decision) {
  const ArticleRow& t4 = *find_article_row("T4");
  decision.compute("FP16 over FP32 peak of a T4 by the article's table", "ratio",
                   {article_fp16_speedup, article_fp16_speedup},
                   t4.fp16_flop_per_s / t4.fp32_flop_per_s);
  std::string ratios;
  for (const ArticleRow& row : article_peaks) {
    ratios += fmt::format("{}{} {:.1f}", ratios.empty() ? "" : ", ", row.gpu,
                          row.fp16_flop_per_s / row.fp32_flop_per_s);
  }
  std::string text = "8x is the T4's figure, not a rule: by the article's table " + ratios;
  const GpuSpec& a10g = *specs.choose("A10G").gpu;
  const std::optional<double>& fp16 = a10g.peak_per_s(Arithmetic::fp16).value;
  const std::optional<double>& fp32 = a10g.peak_per_s(Arithmetic::fp32).value;
  if (fp16 && fp32) {
    text += fmt::format("; the A10G's own figures give {:.1f}", *fp16 / *fp32);
  }
  decision.find(FindingKind::note, text);
}

void test_speedup(const Run& run, Decision& decision) {
  const std::optional<GemmPair> pair = same_shape_gemms(run.view);
  if (!pair) {
    decision.missing(run, why_no_gemm_pair(run));
    return;
  }
  const std::optional<double> predicted =
      run.spec() ? predicted_speedup(*run.spec()) : std::nullopt;
  if (!predicted) {
    decision.missing(run, "neither the article nor the spec table has FP16 and FP32 peaks of " +
                              run.record().device.name);
    return;
  }
  decision.compare(run, {.what = "FP16 over FP32 GEMM rate, same shape",
                         .unit = "ratio",
                         .predicted = {*predicted, *predicted},
                         .found = paired_ratio(pair->fp16->flop_per_s(), pair->fp32->flop_per_s()),
                         .from = {pair->fp16, pair->fp32}});
}

void find_waste(const SpecTable&, Decision& decision) {
  std::string shares;
  int outside = 0;
  int count = 0;
  for (const ArticleRow& row : article_peaks) {
    const double waste = 1 - row.fp32_flop_per_s / row.fp16_flop_per_s;
    outside += waste >= article_fp32_waste.low && waste <= article_fp32_waste.high ? 0 : 1;
    ++count;
    shares += fmt::format("{}{} {:.1f} %", shares.empty() ? "" : ", ", row.gpu, 100 * waste);
  }
  if (outside == 0) return;
  decision.find(FindingKind::own_arithmetic,
                fmt::format("by its own table {} of {} GPUs lie outside {}: {}", outside, count,
                            range_text(article_fp32_waste, "share"), shares));
}

void test_waste(const Run& run, Decision& decision) {
  const std::optional<GemmPair> pair = same_shape_gemms(run.view);
  if (!pair) {
    decision.missing(run, why_no_gemm_pair(run));
    return;
  }
  const std::optional<Estimate> used =
      paired_ratio(pair->fp32->flop_per_s(), pair->fp16->flop_per_s());
  decision.compare(run, {.what = "share of the FP16 GEMM rate that FP32 leaves unused",
                         .unit = "share",
                         .predicted = article_fp32_waste,
                         .found = used ? std::optional(complement(*used)) : std::nullopt,
                         .from = {pair->fp32, pair->fp16}});
}

void test_unit_scale(const Run& run, Decision& decision) {
  const Series* gemm = run.view.gemm_roof(Precision::fp32);
  if (!gemm) {
    decision.missing(run, run.view.why_absent(Op::gemm, Precision::fp32));
    return;
  }
  const Interval level = run.on_host() ? Interval{1e9, 1e12} : Interval{1e12, 1e15};
  decision.compare(run, {.what = run.on_host() ? "FP32 GEMM of a CPU" : "FP32 GEMM of one GPU",
                         .unit = "FLOP/s",
                         .predicted = level,
                         .found = estimate(gemm->flop_per_s()),
                         .from = {gemm}});
}

void compute_ridges(const SpecTable& specs, Decision& decision) {
  std::string ridges;
  double lowest = unlimited;
  for (const char* words : article_boards) {
    const GpuSpec& gpu = *specs.choose(words).gpu;
    const double bandwidth = *gpu.memory_bandwidth_bytes_per_s.value;
    const double ridge = *gpu.peak_per_s(Arithmetic::fp16).value / bandwidth;
    lowest = std::min(lowest, ridge);
    ridges += fmt::format("{}{} {:.0f} and {:.0f}", ridges.empty() ? "" : ", ", gpu.name, ridge,
                          *gpu.peak_per_s(Arithmetic::fp32).value / bandwidth);
  }
  decision.compute("lowest FP16 ridge of T4, A10G, A100 and H100 by datasheet", "FLOP/byte",
                   {article_ridge_flop_per_byte, unlimited}, lowest);
  decision.find(FindingKind::note,
                "true of tensor cores only; ridges by datasheet, FP16 and FP32: " + ridges);
}

void test_ridge(const Run& run, Decision& decision) {
  if (decision.is_no_gpu(run)) return;
  const Series* gemm = run.view.gemm_roof(Precision::fp16);
  const Series* read = run.view.read_roof();
  if (!gemm || !read) {
    decision.missing(run, gemm ? run.view.why_absent(Op::read, Precision::fp32)
                               : run.view.why_absent(Op::gemm, Precision::fp16));
    return;
  }
  decision.compare(run, {.what = "measured ridge: FP16 GEMM rate over read bandwidth",
                         .unit = "FLOP/byte",
                         .predicted = {article_ridge_flop_per_byte, unlimited},
                         .found = paired_ratio(gemm->flop_per_s(), read->bytes_per_s()),
                         .from = {gemm, read}});
}

constexpr Claim table[] = {
    {.id = "peak-table",
     .statement = "The dense peaks of T4, A10G, A100 and H100 in FP32, FP16 and INT8 are as the "
                  "article's table has them",
     .what = "FP16 peak of a T4",
     .unit = "FLOP/s",
     .predicted = {0, article_t4_fp16_flop_per_s},
     .tolerance = 0.02,
     .tolerance_reason = "a peak is an upper bound: refuted when a measurement exceeds it by more "
                         "than the error of a clock, or when SMs x clock x operations fall short "
                         "of it by more than 5 %",
     .tested_by = "the best GEMM of each precision and the peak loop on a GPU of the table",
     .needs = "a T4, A10G, A100 or H100",
     .by_arithmetic = find_wrong_peaks,
     .on_run = test_peaks},
    {.id = "t4-bandwidth",
     .statement = "A T4 has 300 GB/s",
     .what = "read bandwidth of a T4",
     .unit = "B/s",
     .predicted = exactly(article_t4_bandwidth_bytes_per_s),
     .tolerance = other_board,
     .tolerance_reason = why_other_board,
     .tested_by = "read bandwidth measured on a T4",
     .needs = "a T4",
     .by_arithmetic = find_t4_bandwidth,
     .on_run = test_t4_bandwidth},
    {.id = "fp16-speedup",
     .statement =
         "FP16 gives 8x FP32: a T4's figure; other GPUs are compared with the ratio of their "
         "own peaks",
     .what = "FP16 over FP32 peak of a T4",
     .unit = "ratio",
     .predicted = exactly(65.0 / 8.1),
     .tolerance = gemm_rate,
     .tolerance_reason = why_gemm_rate,
     .tested_by = "the best FP16 GEMM and the FP32 GEMM of the same shape and sessions",
     .needs = any_gpu,
     .by_arithmetic = compute_speedup,
     .on_run = test_speedup},
    {.id = "fp32-waste",
     .statement = "Running FP32 leaves 80 to 90 % of the capability unused",
     .what = "share of the FP16 rate that FP32 leaves unused",
     .unit = "share",
     .predicted = article_fp32_waste,
     .tolerance = 0.01,
     .tolerance_reason = "the spread of GEMM rates, 5 % of the share that FP32 uses, is 1 % of the "
                         "share that it does not",
     .tested_by = "the best FP16 GEMM and the FP32 GEMM of the same shape and sessions",
     .needs = any_gpu,
     .by_arithmetic = find_waste,
     .on_run = test_waste},
    {.id = "unit-scale",
     .statement = "GFLOPS is the level of a CPU, TFLOPS of one GPU, PFLOPS of a cluster",
     .what = "FP32 GEMM of one GPU",
     .unit = "FLOP/s",
     .predicted = {1e12, 1e15},
     .tolerance = 0,
     .tolerance_reason = "the claim is the range of the unit prefix",
     .tested_by = "the best FP32 GEMM of the device",
     .needs = any_gpu,
     .on_run = test_unit_scale},
    {.id = "designed-100plus",
     .statement = "Modern GPUs are built for an intensity of 100 and more",
     .what = "ridge",
     .unit = "FLOP/byte",
     .predicted = {article_ridge_flop_per_byte, unlimited},
     .tolerance = gemm_rate,
     .tolerance_reason = why_gemm_rate,
     .tested_by = "measured FP16 GEMM rate over measured read bandwidth",
     .needs = any_gpu,
     .by_arithmetic = compute_ridges,
     .on_run = test_ridge},
};

}  // namespace

std::span<const Claim> peak_claims() { return table; }

}  // namespace roofproof::analysis
