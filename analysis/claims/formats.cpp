// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Claims about weight formats: what fewer bytes per weight bring.

#include <fmt/format.h>

#include "analysis/article.h"
#include "analysis/claims/steps.h"
#include "analysis/claims/table.h"
#include "analysis/predict.h"

namespace roofproof::analysis {
namespace {

std::string words(Precision precision) {
  std::string text(name(precision));
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return text;
}

std::string join(const std::string& a, const std::string& b) {
  return a + (a.empty() || b.empty() ? "" : ", ") + b;
}

// Speed-up at batch 1 of the format with fewer bytes.
void test_doubling(const Run& run, Precision fewer, Precision more, double claimed,
                   Decision& decision) {
  const std::optional<StepPair> pair = same_step(run.view, fewer, more, 1);
  if (!pair) {
    const bool has_fewer = first_step(run.view, fewer, 1) != nullptr;
    decision.missing(run, why_no_step(run, has_fewer ? more : fewer, 1));
    return;
  }
  note_ladder(run, *pair->a, decision);
  note_ladder(run, *pair->b, decision);
  const std::string where = join(off_the_roof(run, *pair->a), off_the_roof(run, *pair->b));
  const std::string bytes =
      fmt::format("its bytes are {:.2f} times fewer", pair->b->bytes() / pair->a->bytes());
  decision.compare(run, {.what = fmt::format("{} over {} weights at batch 1, {}", words(fewer),
                                             words(more), step_words(*pair->a)),
                         .unit = "ratio",
                         .predicted = {claimed, claimed},
                         .found = paired_ratio(pair->b->time_s(), pair->a->time_s()),
                         .from = {pair->a, pair->b},
                         .remark = join(bytes, where)});
}

// The article's tokens/s on its own GPU, beside the ratio that decides.
void show_article_rate(const Run& run, Precision weights, double tokens_per_s, Decision& decision) {
  const Series* step = first_step(run.view, weights, 1);
  if (!step || step->problem.shape.model != "mistral-7b" || !run.spec() ||
      run.spec()->name != "T4") {
    return;
  }
  decision.show(run, {.what = step_words(*step) + ", " + words(weights) + " weights, batch 1",
                      .unit = "tokens/s",
                      .predicted = {tokens_per_s, tokens_per_s},
                      .found = estimate(divided(1, step->time_s())),
                      .from = {step}});
}

// A problem that computes rather than waits, with quantised and with FP16 weights.
struct ComputeBoundPair {
  const Series* quantised = nullptr;
  const Series* fp16 = nullptr;
  std::int64_t tokens = 0;
};

// Tokens at which FP16 weights are read in less than the time that their arithmetic takes on any
// GPU of the table: the highest ridge there is about 300 FLOP/byte.
constexpr std::int64_t compute_bound_tokens = 512;

// The GEMM with the most tokens; by hand both, as no library has quantised weights.
std::optional<ComputeBoundPair> compute_bound_gemm(const ResultsView& view, Precision gemm) {
  std::optional<ComputeBoundPair> best;
  for (Problem problem : view.problems(Op::gemm, gemm)) {
    if (problem.shape.m < compute_bound_tokens) continue;
    const Series* quantised = view.find(problem, Implementation::hand);
    problem.precision = Precision::fp16;
    const Series* fp16 = view.find(problem, Implementation::hand);
    if (!quantised || !fp16 || (best && best->tokens >= problem.shape.m)) continue;
    best = ComputeBoundPair{quantised, fp16, problem.shape.m};
  }
  return best;
}

// Else the step with the largest batch, where FP16 has left the memory roof there.
std::optional<ComputeBoundPair> compute_bound_step(const ResultsView& view, Precision weights) {
  std::optional<ComputeBoundPair> best;
  for (const Op op : {Op::decode, Op::gemv}) {
    for (const Problem& problem : view.problems(op, weights)) {
      const std::int64_t batch = problem.shape.batch;
      const std::optional<StepPair> pair = same_step(view, weights, Precision::fp16, batch);
      if (!pair || (best && best->tokens >= batch)) continue;
      const std::optional<Estimate> share = share_of_read(view, *pair->b);
      if (!share || roof_position(*share) != RoofPosition::off) continue;
      best = ComputeBoundPair{pair->a, pair->b, batch};
    }
  }
  return best;
}

void test_compute_bound(const Run& run, Precision weights, Precision gemm, Decision& decision) {
  std::optional<ComputeBoundPair> pair = compute_bound_gemm(run.view, gemm);
  if (!pair) pair = compute_bound_step(run.view, weights);
  if (!pair) {
    decision.missing(run, fmt::format("no compute-bound case with {} weights: no GEMM of {} tokens "
                                      "in both formats, no batch at which FP16 leaves the memory "
                                      "roof",
                                      words(weights), compute_bound_tokens));
    return;
  }
  decision.compare(
      run, {.what = fmt::format(
                "{} over FP16 weights, compute-bound: {}, {} tokens at once", words(weights),
                pair->quantised->problem.op == Op::gemm ? "GEMM" : step_words(*pair->quantised),
                pair->tokens),
            .unit = "ratio",
            .predicted = {0, 1},
            .found = paired_ratio(pair->fp16->time_s(), pair->quantised->time_s()),
            .from = {pair->quantised, pair->fp16}});
}

// Speed-up over the ratio of bytes: 1 where bytes explain all of it.
void test_byte_ratio(const Run& run, Precision weights, Decision& decision) {
  const std::optional<StepPair> pair = same_step(run.view, weights, Precision::fp16, 1);
  if (!pair) {
    decision.missing(run, why_no_step(run, weights, 1));
    return;
  }
  decision.compare(
      run, {.what = fmt::format("speed-up of {} over FP16 weights at batch 1, over the ratio of "
                                "their bytes, {}",
                                words(weights), step_words(*pair->a)),
            .unit = "ratio",
            .predicted = {1, 1},
            .found = paired_ratio(pair->a->bytes_per_s(), pair->b->bytes_per_s()),
            .from = {pair->a, pair->b},
            .remark = join(off_the_roof(run, *pair->a), off_the_roof(run, *pair->b))});
}

void compute_fp16_bytes(const SpecTable&, Decision& decision) {
  const auto bytes = [](Precision weights) {
    return compulsory_bytes({Op::gemv, weights, {.n = 14336, .k = 4096, .batch = 1}});
  };
  decision.compute("bytes with FP32 over FP16 weights, one projection 14336 x 4096", "ratio",
                   {2, 2}, bytes(Precision::fp32) / bytes(Precision::fp16));
}

void test_fp16_against_fp32(const Run& run, Decision& decision) {
  test_doubling(run, Precision::fp16, Precision::fp32, 2, decision);
}

void compute_int8_rate(const SpecTable&, Decision& decision) {
  decision.compute("tokens/s of 300 GB/s over 7 GB", "tokens/s",
                   {article_int8_tokens_per_s, article_int8_tokens_per_s},
                   article_t4_bandwidth_bytes_per_s / article_parameters);
}

void test_int8_against_fp16(const Run& run, Decision& decision) {
  test_doubling(run, Precision::int8, Precision::fp16, 2, decision);
  show_article_rate(run, Precision::int8, article_int8_tokens_per_s, decision);
}

void find_int4_rounding(const SpecTable&, Decision& decision) {
  const double plain = article_t4_bandwidth_bytes_per_s / (article_parameters / 2);
  const double int8_time_s = 23e-3;  // as the article prints it
  const double scale_bytes = 2.0 / int4_group_size;
  const double with_scales = article_parameters * (0.5 + scale_bytes);
  decision.find(
      FindingKind::own_arithmetic,
      fmt::format("300 GB/s over 3.5 GB is {:.1f} tokens/s, not {:.0f}: that is 2 x 1000 / {:.0f}, "
                  "a rounding carried on",
                  plain, article_int4_tokens_per_s, 1e3 * int8_time_s));
  decision.find(FindingKind::note,
                fmt::format("with one FP16 scale per {} weights it is {:.2f} GB and {:.0f} "
                            "tokens/s: scales are bytes too",
                            int4_group_size, with_scales / 1e9,
                            article_t4_bandwidth_bytes_per_s / with_scales));
}

void test_int4_against_int8(const Run& run, Decision& decision) {
  test_doubling(run, Precision::int4, Precision::int8, 2, decision);
  show_article_rate(run, Precision::int4, article_int4_tokens_per_s, decision);
}

void test_bytes_not_math(const Run& run, Decision& decision) {
  test_byte_ratio(run, Precision::int8, decision);
  test_byte_ratio(run, Precision::int4, decision);
  test_compute_bound(run, Precision::int8, Precision::w8a16, decision);
  test_compute_bound(run, Precision::int4, Precision::w4a16, decision);
}

void test_quality(const Run& run, Decision& decision) {
  decision.missing(run, "random weights cannot show a loss of quality");
  for (const Precision weights : {Precision::fp16, Precision::int8, Precision::int4}) {
    const Series* step = first_step(run.view, weights, 1);
    if (!step) continue;
    const std::optional<double> ratio_db = step->mean_extra(weight_snr_counter);
    if (!ratio_db) continue;
    decision.find(FindingKind::note,
                  fmt::format("{}: {} weights keep a signal-to-noise ratio of {:.1f} dB", run.file,
                              words(weights), *ratio_db));
  }
}

constexpr Claim table[] = {
    {.id = "fp16-halves-bytes",
     .statement = "FP16 also halves the pressure on memory bandwidth",
     .what = "FP16 over FP32 weights at batch 1",
     .unit = "ratio",
     .predicted = exactly(2),
     .tolerance = launch_bound,
     .tolerance_reason = why_launch_bound,
     .tested_by = "a decode step or GEMV with FP32 and with FP16 weights, batch 1",
     .needs = any_gpu,
     .by_arithmetic = compute_fp16_bytes,
     .on_run = test_fp16_against_fp32},
    {.id = "int8-doubles",
     .statement = "INT8 weights double the tokens/s of FP16: 43 on a T4",
     .what = "INT8 over FP16 weights at batch 1",
     .unit = "ratio",
     .predicted = exactly(2),
     .tolerance = launch_bound,
     .tolerance_reason = why_launch_bound,
     .tested_by = "a decode step or GEMV with FP16 and with INT8 weights, batch 1",
     .needs = any_gpu,
     .by_arithmetic = compute_int8_rate,
     .on_run = test_int8_against_fp16},
    {.id = "int4-doubles",
     .statement = "INT4 weights double them again: 87 on a T4",
     .what = "INT4 over INT8 weights at batch 1",
     .unit = "ratio",
     .predicted = exactly(2),
     .tolerance = launch_bound,
     .tolerance_reason = why_launch_bound,
     .tested_by = "a decode step or GEMV with INT8 and with INT4 weights, batch 1",
     .needs = any_gpu,
     .by_arithmetic = find_int4_rounding,
     .on_run = test_int4_against_int8},
    {.id = "bytes-not-math",
     .statement = "Quantisation helps because fewer bytes move, not because integer maths is "
                  "faster",
     .what = "speed-up at batch 1 over the ratio of bytes",
     .unit = "ratio",
     .predicted = exactly(1),
     .tolerance = launch_bound,
     .tolerance_reason = why_launch_bound,
     .tested_by = "steps with INT8 and INT4 against FP16 weights, at batch 1 and compute-bound",
     .needs = any_gpu,
     .on_run = test_bytes_not_math},
    {.id = "quality-floor",
     .statement = "Halving the precision pays until quality degrades; FP16 against FP32 is "
                  "negligible",
     .what = "quality",
     .unit = "",
     .predicted = {},
     .tolerance = 0,
     .tolerance_reason = "nothing is measured",
     .tested_by = "no measurement: random weights cannot show a loss of quality",
     .needs = "trained weights",
     .on_run = test_quality},
};

}  // namespace

std::span<const Claim> format_claims() { return table; }

}  // namespace roofproof::analysis
