// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Claims about one token for one user.

#include <fmt/format.h>

#include "analysis/article.h"
#include "analysis/article_law.h"
#include "analysis/claims/steps.h"
#include "analysis/claims/table.h"
#include "analysis/quantity.h"
#include "kernels/problem/model.h"

namespace roofproof::analysis {
namespace {

constexpr double article_flop_per_token = 2 * article_parameters;
constexpr double article_weight_bytes = 2 * article_parameters;

// As the article has it, else as the datasheet has it.
std::optional<double> claimed_fp16_peak(const GpuSpec& gpu) {
  if (const ArticleRow* row = find_article_row(gpu.name)) return row->fp16_flop_per_s;
  return gpu.peak_per_s(Arithmetic::fp16).value;
}

void compute_weights_per_token(const SpecTable&, Decision& decision) {
  const double rate = article_t4_bandwidth_bytes_per_s / article_weight_bytes;
  decision.compute("tokens/s of 300 GB/s over 14 GB", "tokens/s",
                   {article_fp16_tokens_per_s, article_fp16_tokens_per_s}, rate);
  decision.compute("time of one token", "s", {article_time_per_token_s, article_time_per_token_s},
                   1 / rate);
  const Model& model = find_model("mistral-7b");
  decision.find(
      FindingKind::note,
      fmt::format("Mistral-7B has {:.2f}e9 parameters ({} in FP16), of which a step reads {}: only "
                  "one row of its embedding table per token",
                  static_cast<double>(parameters(model)) / 1e9,
                  quantity_text(2 * static_cast<double>(parameters(model)), "B"),
                  quantity_text(step_work(model, Precision::fp16, 0).bytes(1), "B")));
}

void test_weights_per_token(const Run& run, Decision& decision) {
  const Series* step = first_step(run.view, Precision::fp16, 1);
  if (!step) {
    decision.missing(run, why_no_step(run, Precision::fp16, 1));
    return;
  }
  note_ladder(run, *step, decision);
  const bool predicted = run.spec() && is_whole_model(*step);
  if (predicted) {
    const ArticleRate law = article_rate(*run.spec(), step->problem);
    const std::string elsewhere =
        fmt::format("the article's law with {} and {} of weights",
                    quantity_text(law.bytes_per_s, "B/s"), quantity_text(law.weight_bytes, "B"));
    decision.compare(run, {.what = step_words(*step) + ", FP16 weights, batch 1",
                           .unit = "tokens/s",
                           .predicted = {law.tokens_per_s, law.tokens_per_s},
                           .found = estimate(divided(1, step->time_s())),
                           .from = {step},
                           .remark = law.as_printed ? "" : elsewhere});
  }
  const std::optional<Estimate> share = share_of_read(run.view, *step);
  if (!share) {
    if (!predicted) decision.missing(run, run.view.why_absent(Op::read, Precision::fp32));
    return;
  }
  Measured law = {.what = step_words(*step) + ", FP16 weights: share of measured read bandwidth",
                  .unit = "share",
                  .predicted = {1, 1},
                  .found = share,
                  .from = {step, run.view.read_roof()},
                  .remark = off_the_roof(run, *step)};
  if (predicted) {
    decision.show(run, std::move(law));
  } else {
    decision.compare(run, std::move(law));
  }
}

void compute_token_flop(const SpecTable&, Decision& decision) {
  decision.compute("14e9 FLOP at the claimed peak of a T4", "s",
                   {article_compute_time_s, article_compute_time_s},
                   article_flop_per_token / article_t4_fp16_flop_per_s);
}

void test_compute_time(const Run& run, Decision& decision) {
  const Series* gemm = run.view.gemm_roof(Precision::fp16);
  if (!gemm) {
    decision.missing(run, run.view.why_absent(Op::gemm, Precision::fp16));
    return;
  }
  const std::optional<double> peak = run.spec() ? claimed_fp16_peak(*run.spec()) : std::nullopt;
  if (!peak) {
    decision.missing(run, "no FP16 peak of " + run.record().device.name + " in the spec table");
    return;
  }
  const double claimed_s = article_flop_per_token / *peak;
  decision.compare(run, {.what = "arithmetic of one token at the measured FP16 GEMM rate",
                         .unit = "s",
                         .predicted = {claimed_s, claimed_s},
                         .found = estimate(divided(article_flop_per_token, gemm->flop_per_s())),
                         .from = {gemm}});
}

void find_waiting(const SpecTable&, Decision& decision) {
  const double compute_s = article_flop_per_token / article_t4_fp16_flop_per_s;
  const double read_s = article_weight_bytes / article_t4_bandwidth_bytes_per_s;
  decision.find(
      FindingKind::own_arithmetic,
      fmt::format("{:.3f} ms / {:.2f} ms = {:.2f} %, so the GPU waits {:.1f} %, not {:.1f} %: that "
                  "comes from the rounded {:.1f} / {:.0f}",
                  1e3 * compute_s, 1e3 * read_s, 100 * compute_s / read_s,
                  100 * (1 - compute_s / read_s), 100 * article_waiting_share,
                  1e3 * article_compute_time_s, 1e3 * article_time_per_token_s));
}

void test_waiting(const Run& run, Decision& decision) {
  if (decision.is_no_gpu(run)) return;
  const Series* gemm = run.view.gemm_roof(Precision::fp16);
  const Series* step = first_step(run.view, Precision::fp16, 1);
  if (!gemm || !step) {
    decision.missing(run, gemm ? why_no_step(run, Precision::fp16, 1)
                               : run.view.why_absent(Op::gemm, Precision::fp16));
    return;
  }
  const std::optional<Estimate> computing =
      paired_ratio(divided(step->flop(), gemm->flop_per_s()), step->time_s());
  decision.compare(
      run, {.what = step_words(*step) +
                    ": share of its time beyond what its FLOP take at the measured GEMM rate",
            .unit = "share",
            .predicted = {article_waiting_share, article_waiting_share},
            .found = computing ? std::optional(complement(*computing)) : std::nullopt,
            .from = {gemm, step}});
}

void compute_intensity(const SpecTable&, Decision& decision) {
  const auto intensity = [](Precision weights) {
    const Problem problem = {Op::gemv, weights, {.n = 14336, .k = 4096, .batch = 1}};
    return flop(problem) / compulsory_bytes(problem);
  };
  decision.compute("FP16 weights, batch 1, one projection 14336 x 4096", "FLOP/byte", {1, 1},
                   intensity(Precision::fp16));
  decision.find(FindingKind::note,
                fmt::format("holds for FP16 only: counted bytes give FP32 {:.2f}, INT8 {:.2f} and "
                            "INT4 with its scales {:.2f} FLOP/byte",
                            intensity(Precision::fp32), intensity(Precision::int8),
                            intensity(Precision::int4)));
}

constexpr Claim table[] = {
    {.id = "weights-per-token",
     .statement = "A 7B model in FP16 reads 14 GB per token: 47 ms and 21 tokens/s on a T4",
     .what = "tokens/s of a 7B model in FP16 on a T4",
     .unit = "tokens/s",
     .predicted = exactly(article_t4_bandwidth_bytes_per_s / article_weight_bytes),
     .tolerance = other_board,
     .tolerance_reason = why_other_board,
     .tested_by = "the whole decode at batch 1, else one projection against read bandwidth",
     .needs = any_gpu,
     .by_arithmetic = compute_weights_per_token,
     .on_run = test_weights_per_token},
    {.id = "compute-time",
     .statement = "The 14e9 FLOP of one token take a T4 0.2 ms",
     .what = "arithmetic of one token on a T4",
     .unit = "s",
     .predicted = exactly(article_flop_per_token / article_t4_fp16_flop_per_s),
     .tolerance = other_board,
     .tolerance_reason = why_other_board,
     .tested_by = "the best FP16 GEMM rate",
     .needs = any_gpu,
     .by_arithmetic = compute_token_flop,
     .on_run = test_compute_time},
    {.id = "waiting",
     .statement = "The GPU waits 99.6 % of the time and computes 0.4 %",
     .what = "share of the time that the GPU waits",
     .unit = "share",
     .predicted = exactly(article_waiting_share),
     .tolerance = 0.005,
     .tolerance_reason = "half a percentage point: nearly all of the time is still waiting",
     .tested_by = "FLOP of a decode step at the measured GEMM rate, over its measured time",
     .needs = any_gpu,
     .by_arithmetic = find_waiting,
     .on_run = test_waiting},
    {.id = "intensity-batch1",
     .statement = "At batch 1 the arithmetic intensity is about 1",
     .what = "FLOP per byte at batch 1",
     .unit = "FLOP/byte",
     .predicted = exactly(1),
     .tolerance = 0.10,
     .tolerance_reason = "\"about\", and a tenth still rounds to 1",
     .tested_by = "counted bytes",
     .by_arithmetic = compute_intensity},
};

}  // namespace

std::span<const Claim> one_user_claims() { return table; }

}  // namespace roofproof::analysis
