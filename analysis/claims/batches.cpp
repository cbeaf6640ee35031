// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Claims about many tokens at once: batches, prefill, training.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "analysis/article.h"
#include "analysis/batch_sweep.h"
#include "analysis/claims/steps.h"
#include "analysis/claims/table.h"
#include "analysis/quantity.h"

namespace roofproof::analysis {
namespace {

// "Starting to be compute": off the memory roof, but not twice as slow as it.
constexpr Interval starting_to_compute = {roof_departure, 2};

double fp16_ridge(const GpuSpec& gpu) {
  return *gpu.peak_per_s(Arithmetic::fp16).value / *gpu.memory_bandwidth_bytes_per_s.value;
}

constexpr Precision weight_formats[] = {Precision::fp32, Precision::fp16, Precision::int8,
                                        Precision::int4};

// "fp16 leaves the memory roof at batch 64 (the measured roofs cross at 71)"
void note_departure(const Run& run, Precision weights, Decision& decision) {
  const std::optional<BatchSweep> sweep = batch_sweep(run.view, weights);
  if (!sweep) return;
  const std::int64_t largest = sweep->steps.back()->problem.shape.batch;
  std::string text = sweep->departure
                         ? fmt::format("stops being memory-bound at batch {}", *sweep->departure)
                         : fmt::format("is memory-bound up to batch {}", largest);
  if (sweep->departure == 1) text = "is not memory-bound even at batch 1";
  if (sweep->crossing) {
    text += fmt::format(" (predicted crossover: batch {:.0f})", *sweep->crossing);
  }
  decision.find(FindingKind::note,
                fmt::format("{}: {}, {} weights: {}", run.record().device.name,
                            step_words(*sweep->steps.front()), name(weights), text));
}

// A GEMM with so many tokens as a prefill or a training step has.
constexpr std::int64_t least_prefill_tokens = 512;
constexpr std::int64_t most_prefill_tokens = 8192;

// The largest product among those of the article's kind.
const Series* prefill_gemm(const ResultsView& view, Precision precision) {
  const Series* largest = nullptr;
  for (const Problem& problem : view.problems(Op::gemm, precision)) {
    const std::int64_t m = problem.shape.m;
    if (m < least_prefill_tokens || m > most_prefill_tokens) continue;
    const Series* series = view.fastest(problem);
    if (!largest || series->flop() > largest->flop()) largest = series;
  }
  return largest;
}

// A whole layer, attention and all, with the most tokens that were measured.
const Series* prefill_layer(const ResultsView& view) {
  const Series* largest = nullptr;
  for (const Problem& problem : view.problems(Op::prefill, Precision::fp16)) {
    const Series* series = view.fastest(problem);
    if (!largest || series->flop() > largest->flop()) largest = series;
  }
  return largest;
}

// Which of the two roofs takes the larger part of the time.
std::array<Measured, 2> shares_of_time(const std::string& whose, const Series& series,
                                       const Series& read, const Series& peak) {
  return {{{.what = fmt::format("share of the {} time that its bytes take at the measured read "
                                "bandwidth",
                                whose),
            .unit = "share",
            .predicted = {0, 0.5},
            .found = paired_ratio(series.bytes_per_s(), read.bytes_per_s()),
            .from = {&series, &read}},
           {.what = fmt::format("share of the {} time that its FLOP take at the measured "
                                "arithmetic ceiling",
                                whose),
            .unit = "share",
            .predicted = {0.5, unlimited},
            .found = paired_ratio(series.flop_per_s(), peak.flop_per_s()),
            .from = {&series, &peak}}}};
}

void note_batch_intensity(const SpecTable& specs, Decision& decision) {
  std::string intensities;
  for (const Precision weights : {Precision::fp16, Precision::int8, Precision::int4}) {
    const Problem problem = {Op::gemv, weights, {.n = 14336, .k = 4096, .batch = article_batch}};
    const double intensity = flop(problem) / compulsory_bytes(problem);
    double lowest = unlimited;
    double highest = 0;
    for (const char* words : article_boards) {
      const double ridge = fp16_ridge(*specs.choose(words).gpu);
      lowest = std::min(lowest, intensity / ridge);
      highest = std::max(highest, intensity / ridge);
    }
    intensities += fmt::format("{}{} {:.1f} ({:.0f} to {:.0f} % of the ridge)",
                               intensities.empty() ? "" : ", ", name(weights), intensity,
                               100 * lowest, 100 * highest);
  }
  decision.find(FindingKind::note,
                "FLOP/byte at batch 32, and what that is of the ridges of T4, A10G, A100 and "
                "H100: " +
                    intensities + "; FP16 is still memory-bound by the model");
}

void test_batch32(const Run& run, Decision& decision) {
  for (const Precision weights : weight_formats) note_departure(run, weights, decision);
  if (decision.is_no_gpu(run)) return;
  const std::optional<StepPair> pair = two_batches(run.view, Precision::fp16, 1, article_batch);
  if (!pair) {
    decision.missing(run, why_no_step(run, Precision::fp16, article_batch));
    return;
  }
  decision.compare(run, {.what = step_words(*pair->a) +
                                 ", FP16 weights: time at batch 32 over what its bytes explain",
                         .unit = "ratio",
                         .predicted = starting_to_compute,
                         .found = excess_time(*pair->a, *pair->b),
                         .from = {pair->a, pair->b}});
}

void compute_batch_throughput(const SpecTable&, Decision& decision) {
  const auto bytes = [](int batch) {
    return compulsory_bytes({Op::gemv, Precision::fp16, {.n = 14336, .k = 4096, .batch = batch}});
  };
  decision.compute(
      "tokens/s of batch 32 over one after another, on the memory roof, FP16 weights, one "
      "projection 14336 x 4096",
      "ratio", {1, unlimited}, article_batch * bytes(1) / bytes(article_batch));
}

void test_batch_throughput(const Run& run, Decision& decision) {
  bool any = false;
  for (const Precision weights : weight_formats) {
    const std::optional<BatchSweep> sweep = batch_sweep(run.view, weights);
    if (!sweep) continue;
    const Series* one = sweep->steps.front();
    const auto above =
        std::find_if(sweep->steps.begin(), sweep->steps.end(),
                     [](const Series* step) { return step->problem.shape.batch > article_batch; });
    const Series* many = *std::prev(above);
    if (many == one) continue;
    const auto users = static_cast<double>(many->problem.shape.batch);
    any = true;
    decision.compare(
        run, {.what = fmt::format("{}, {} weights: tokens/s of batch {} over one after another",
                                  step_words(*one), name(weights), users),
              .unit = "ratio",
              .predicted = {1, unlimited},
              .found = paired_ratio(multiplied(users, one->time_s()), many->time_s()),
              .from = {one, many}});
  }
  if (!any) decision.missing(run, "no step was measured both at batch 1 and at a larger one");
}

void compute_prefill(const SpecTable& specs, Decision& decision) {
  const Problem problem = {Op::gemm, Precision::fp16, {.m = 2048, .n = 14336, .k = 4096}};
  const double intensity = flop(problem) / compulsory_bytes(problem);
  double highest_ridge = 0;
  for (const char* words : article_boards) {
    highest_ridge = std::max(highest_ridge, fp16_ridge(*specs.choose(words).gpu));
  }
  decision.compute(
      "highest share of a GEMM's time that its bytes take on T4, A10G, A100 and H100 by datasheet",
      "share", {0, 0.5}, highest_ridge / intensity);
  decision.find(
      FindingKind::note,
      fmt::format("2048 tokens through a 4096 x 14336 projection: {:.0f} FLOP/byte", intensity));
}

void test_prefill(const Run& run, Decision& decision) {
  const Precision precision = step_gemm(run.view, Precision::fp16);
  const Series* gemm = prefill_gemm(run.view, precision);
  const Series* read = run.view.read_roof();
  const Series* peak = compute_roof(run.view, precision);
  if (!gemm || !read || !peak) {
    decision.missing(run, gemm ? run.view.why_absent(Op::read, Precision::fp32)
                               : fmt::format("no {} GEMM with {} to {} tokens", name(precision),
                                             least_prefill_tokens, most_prefill_tokens));
    return;
  }
  for (Measured& share : shares_of_time("GEMM's", *gemm, *read, *peak)) {
    decision.compare(run, std::move(share));
  }
  // Beside it, not instead: what else a layer does is no matter of the two roofs.
  if (const Series* layer = prefill_layer(run.view)) {
    const std::string whose = fmt::format("whole layer's ({} tokens)", layer->problem.shape.m);
    for (Measured& share : shares_of_time(whose, *layer, *read, *peak)) {
      decision.show(run, std::move(share));
    }
  }
}

constexpr double training_flop = 6 * article_parameters * article_training_tokens;
constexpr double seconds_per_year = 365.25 * 24 * 3600;

// At the GEMM rate that was reached, not the peak. The article speaks of an A100: elsewhere it is
// only shown.
void test_training_years(const Run& run, Decision& decision) {
  const Series* gemm = run.view.gemm_roof(Precision::fp16);
  if (!gemm) return;
  Measured years = {
      .what = "years on one such GPU at its measured FP16 GEMM rate",
      .unit = "years",
      .predicted = {article_training_years, unlimited},
      .found = estimate(divided(training_flop / seconds_per_year, gemm->flop_per_s())),
      .from = {gemm}};
  if (run.spec() && run.spec()->name.starts_with("A100 ")) {
    decision.compare(run, std::move(years));
  } else {
    decision.show(run, std::move(years));
  }
}

void compute_training(const SpecTable&, Decision& decision) {
  const double a100_flop_per_s = find_article_row("A100 40GB SXM4")->fp16_flop_per_s;
  decision.compute("training FLOP, 6 N D", "FLOP", {article_training_flop, article_training_flop},
                   training_flop);
  decision.compute("years on one A100 at its claimed peak", "years",
                   {article_training_years, unlimited},
                   training_flop / a100_flop_per_s / seconds_per_year);
  decision.find(FindingKind::note, "the 8e12 tokens are the article's and unsourced");
}

// dX[M,K] = dY W and dW[N,K] = dY^T X are GEMMs of the forward one's size with its dimensions
// exchanged.
void test_training(const Run& run, Decision& decision) {
  test_training_years(run, decision);
  for (const Precision precision : {Precision::fp16, Precision::fp32}) {
    for (const Problem& forward : run.view.problems(Op::gemm, precision)) {
      const Shape& s = forward.shape;
      if (s.m == s.n && s.n == s.k) continue;
      const Series* y = run.view.fastest(forward);
      const Series* dx = run.view.fastest({Op::gemm, precision, {.m = s.m, .n = s.k, .k = s.n}});
      const Series* dw = run.view.fastest({Op::gemm, precision, {.m = s.n, .n = s.k, .k = s.m}});
      if (!dx || !dw) continue;
      decision.compare(
          run, {.what = fmt::format("input- and weight-gradient GEMM over the forward one, {} "
                                    "tokens, {} x {}",
                                    s.m, s.n, s.k),
                .unit = "ratio",
                .predicted = {2, 2},
                .found = paired_ratio(sum(dx->time_s(), dw->time_s()), y->time_s()),
                .from = {y, dx, dw}});
      return;
    }
  }
  decision.missing(run, "no forward, input-gradient and weight-gradient GEMM of one layer");
}

constexpr Claim table[] = {
    {.id = "batch32",
     .statement = "Batch 32 has an intensity of about 32 and is starting to be compute-bound",
     .what = "time at batch 32 over what its bytes explain",
     .unit = "ratio",
     .predicted = {1.2, 2},
     .tolerance = 0.05,
     .tolerance_reason = "a quarter of the slowdown that counts as compute-bound",
     .tested_by = "one step at batch 1 and at batch 32, FP16 weights",
     .needs = any_gpu,
     .by_arithmetic = note_batch_intensity,
     .on_run = test_batch32},
    {.id = "batch-throughput",
     .statement = "Batching loads the weights once for many users: more throughput",
     .what = "tokens/s of a batch over one user after another",
     .unit = "ratio",
     .predicted = {1, unlimited},
     .tolerance = 0,
     .tolerance_reason = why_threshold,
     .tested_by = "one step at batch 1 and at the largest batch up to 32",
     .needs = any_gpu,
     .by_arithmetic = compute_batch_throughput,
     .on_run = test_batch_throughput},
    {.id = "prefill-compute",
     .statement = "Prefill and training, with intensities of 100 and more, are compute-bound",
     .what = "share of a prefill GEMM's time that its bytes take",
     .unit = "share",
     .predicted = {0, 0.5},
     .tolerance = gemm_rate,
     .tolerance_reason = why_gemm_rate,
     .tested_by = "a GEMM of 512 to 8192 tokens against both measured roofs",
     .needs = any_gpu,
     .by_arithmetic = compute_prefill,
     .on_run = test_prefill},
    {.id = "training-flops",
     .statement = "Training takes 6 FLOP per parameter and token (forward 2, backward 4): 3.4e23 "
                  "for 7e9 parameters and 8e12 tokens, over 30 years on one A100",
     .what = "training FLOP",
     .unit = "FLOP",
     .predicted = exactly(article_training_flop),
     .tolerance = gemm_rate,
     .tolerance_reason = "figures printed with two digits, and the spread of GEMM rates",
     .tested_by = "arithmetic; both gradient GEMMs against the forward one, where they were "
                  "measured",
     .needs = any_gpu,
     .by_arithmetic = compute_training,
     .on_run = test_training},
};

}  // namespace

std::span<const Claim> batch_claims() { return table; }

}  // namespace roofproof::analysis
