// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Claims about one GPU against another: several result files, or the spec table alone.

#include <fmt/format.h>

#include "analysis/article.h"
#include "analysis/claims/steps.h"
#include "analysis/claims/table.h"
#include "analysis/engines/rates.h"
#include "analysis/predict.h"
#include "analysis/quantity.h"
#include "kernels/problem/model.h"

namespace roofproof::analysis {
namespace {

double bandwidth(const GpuSpec& gpu) { return *gpu.memory_bandwidth_bytes_per_s.value; }

std::optional<double> fp16_peak(const GpuSpec& gpu) {
  return gpu.peak_per_s(Arithmetic::fp16).value;
}

// The runs of a GPU whose name starts like this.
std::vector<const Run*> runs_of(const Evidence& evidence, std::string_view spec_name) {
  std::vector<const Run*> found;
  for (const Run& run : evidence.runs) {
    if (run.spec() && run.spec()->name.substr(0, spec_name.size()) == spec_name) {
      found.push_back(&run);
    }
  }
  return found;
}

// The most telling step that both have, one user, FP16.
std::optional<StepPair> common_step(const Run& a, const Run& b) {
  for (const Series* step : steps(a.view, Precision::fp16, 1)) {
    if (const Series* other = find_step(b.view, step->problem)) return StepPair{step, other};
  }
  return std::nullopt;
}

// How many times the tokens/s of `b` the run `a` has.
void compare_runs(const Run& a, const Run& b, const Interval& predicted, const std::string& remark,
                  Decision& decision) {
  const std::optional<StepPair> pair = common_step(a, b);
  if (!pair) {
    decision.missing(a, "no decode or GEMV step in common with " + b.file);
    return;
  }
  Measured measured = {
      .what = fmt::format("tokens/s of {} over {}, {}, one user", a.record().device.name,
                          b.record().device.name, step_words(*pair->a)),
      .unit = "ratio",
      .predicted = predicted,
      .found = unpaired_ratio(pair->b->time_s(), pair->a->time_s()),
      .from = {pair->a, pair->b},
      .remark = remark};
  decision.compare(a, b, std::move(measured));
}

// What others published of the two at the same step, beside what is measured: it decides nothing.
void note_published(std::string_view a, std::string_view b, Decision& decision) {
  std::string text;
  for (const auto& [of_a, of_b] : same_steps(engine_rates(), a, b)) {
    text += fmt::format(
        "{}{}{} with {} at batch {}: {:.2f} times ({} tokens/s in {} against {} in {})",
        text.empty() ? "" : "; ", of_a.engine, of_a.version.empty() ? "" : ' ' + of_a.version,
        of_a.model, *of_a.batch, of_a.tokens_per_s / of_b.tokens_per_s,
        significant(of_a.tokens_per_s), of_a.weights, significant(of_b.tokens_per_s), of_b.weights);
  }
  if (text.empty()) return;
  decision.find(FindingKind::note,
                fmt::format("† published, decides nothing: {} over {}: {}", a, b, text));
}

void find_a100_ratio(const SpecTable& specs, Decision& decision) {
  const double specified_t4 = bandwidth(*specs.choose("T4").gpu);
  std::string by_article;
  std::string by_datasheet;
  bool contradicted = false;
  for (const char* words : {"A100 40GB SXM4", "A100 80GB SXM4"}) {
    const GpuSpec& a100 = *specs.choose(words).gpu;
    const double article_ratio = bandwidth(a100) / article_t4_bandwidth_bytes_per_s;
    const double ratio = bandwidth(a100) / specified_t4;
    contradicted = contradicted || article_ratio >= article_a100_over_t4;
    const char* separator = by_article.empty() ? "" : ", ";
    by_article += fmt::format("{}{:.2f} ({})", separator, article_ratio, a100.name);
    by_datasheet += fmt::format("{}{:.2f} ({}: {})", separator, ratio, a100.name,
                                ratio < article_a100_over_t4 ? "holds" : "contradicted");
  }
  if (contradicted) {
    decision.find(FindingKind::own_arithmetic,
                  "with the article's 300 GB/s its own model gives, as a ratio of bandwidths, " +
                      by_article + ": not less than 5x");
  }
  decision.find(FindingKind::datasheet,
                fmt::format("with the T4's specified {} it is {}",
                            quantity_text(specified_t4, "B/s"), by_datasheet));
}

void test_a100_ratio(const Evidence& evidence, Decision& decision) {
  const std::vector<const Run*> t4_runs = runs_of(evidence, "T4");
  const std::vector<const Run*> a100_runs = runs_of(evidence, "A100 ");
  for (const Run* t4 : t4_runs) {
    for (const Run* a100 : a100_runs) {
      compare_runs(*a100, *t4, {0, article_a100_over_t4}, "", decision);
    }
  }
}

void compute_bandwidth_pairs(const SpecTable& specs, Decision& decision) {
  constexpr const char* pairs[][2] = {
      {"A10G", "L4"}, {"A100 80GB SXM4", "L40S"}, {"H200 SXM", "H100 SXM5"}};
  std::string text;
  for (const auto& [wide_words, fast_words] : pairs) {
    const GpuSpec& wide = *specs.choose(wide_words).gpu;
    const GpuSpec& fast = *specs.choose(fast_words).gpu;
    decision.compute(
        fmt::format("tokens/s of {} over {} by the article's law", wide.name, fast.name), "ratio",
        {1, unlimited}, bandwidth(wide) / bandwidth(fast));
    text += fmt::format("{}{} against {}: {:.2f} of its FP16 TFLOPS, {:.2f} of its bandwidth",
                        text.empty() ? "" : "; ", wide.name, fast.name,
                        *fp16_peak(wide) / *fp16_peak(fast), bandwidth(wide) / bandwidth(fast));
  }
  decision.find(FindingKind::note, "by datasheet, " + text);
  for (const auto& [wide, fast] : pairs) note_published(wide, fast, decision);
}

void test_bandwidth_pairs(const Evidence& evidence, Decision& decision) {
  // Bandwidths closer than this may change places from board to board; peaks closer are a tie.
  constexpr double clearly_more = 1.1;
  constexpr double tie = 1.02;
  for (const Run& wide : evidence.runs) {
    for (const Run& fast : evidence.runs) {
      if (!wide.spec() || !fast.spec() || !fp16_peak(*wide.spec()) || !fp16_peak(*fast.spec())) {
        continue;
      }
      const double more_bandwidth = bandwidth(*wide.spec()) / bandwidth(*fast.spec());
      const double more_flops = *fp16_peak(*wide.spec()) / *fp16_peak(*fast.spec());
      if (!(more_bandwidth > clearly_more) || !(more_flops <= tie)) continue;
      compare_runs(wide, fast, {1, unlimited},
                   fmt::format("by datasheet {:.2f} of the bandwidth and {:.2f} of the FP16 peak",
                               more_bandwidth, more_flops),
                   decision);
    }
  }
}

void find_gpu_choice(const SpecTable& specs, Decision& decision) {
  const GpuSpec& t4 = *specs.choose("T4").gpu;
  const GpuSpec& l4 = *specs.choose("L4").gpu;
  if (bandwidth(l4) <= bandwidth(t4)) {
    decision.find(
        FindingKind::datasheet,
        fmt::format("the L4 has {}, the T4 {}: for one user it is no faster than a T4",
                    quantity_text(bandwidth(l4), "B/s"), quantity_text(bandwidth(t4), "B/s")));
  }
  std::string rates;
  for (const char* words : {"T4", "L4", "A10G", "A100 40GB", "H100"}) {
    const GpuSpec& gpu = *specs.choose(words).gpu;
    const Prediction prediction =
        predict(datasheet_ceilings(gpu, Precision::fp16),
                count_model(find_model("mistral-7b"), Precision::fp16, 1, 0));
    rates +=
        fmt::format("{}{} {:.1f}{}", rates.empty() ? "" : ", ", gpu.name, prediction.tokens_per_s,
                    prediction.fits.value_or(true) ? "" : " (does not fit)");
  }
  decision.find(FindingKind::note,
                "predicted tokens/s of Mistral-7B in FP16 for one user: " + rates);
  const ModelWorkload large = count_model(find_model("llama-2-70b"), Precision::fp16, 1, 0);
  std::string holders;
  for (const GpuSpec& gpu : specs.gpus()) {
    const Prediction prediction = predict(datasheet_ceilings(gpu, Precision::fp16), large);
    if (prediction.fits.value_or(false)) holders += (holders.empty() ? "" : ", ") + gpu.name;
  }
  decision.find(FindingKind::note,
                fmt::format("70B parameters in FP16 are {}; one GPU holds that where it is {}",
                            quantity_text(large.resident_weight_bytes, "B"),
                            holders.empty() ? "none of the spec table" : "one of: " + holders));
  decision.find(FindingKind::note, "interconnect is not testable on one GPU");
  for (const char* better : {"L4", "A10G"}) note_published(better, "T4", decision);
}

void test_gpu_choice(const Evidence& evidence, Decision& decision) {
  // "L4 or A10G for one user" against "T4 for prototyping".
  for (const std::string_view better : {"L4", "A10G"}) {
    for (const Run* gpu : runs_of(evidence, better)) {
      if (gpu->spec()->name != better) continue;
      for (const Run* t4 : runs_of(evidence, "T4")) {
        compare_runs(*gpu, *t4, {1, unlimited}, "", decision);
      }
    }
  }
}

constexpr Claim table[] = {
    {.id = "a100-not-5x",
     .statement = "From a T4 to an A100 is 4.8x the TFLOPS but less than 5x the tokens/s",
     .what = "tokens/s of an A100 over a T4",
     .unit = "ratio",
     .predicted = {0, article_a100_over_t4},
     .tolerance = other_board,
     .tolerance_reason = why_other_board,
     .tested_by = "the same step in a T4's and an A100's result",
     .needs = "a T4 and an A100",
     .by_arithmetic = find_a100_ratio,
     .across_runs = test_a100_ratio},
    {.id = "bandwidth-beats-flops",
     .statement = "A GPU with more bandwidth and no more TFLOPS can decode faster",
     .what = "tokens/s of the GPU with more bandwidth over the one with more TFLOPS",
     .unit = "ratio",
     .predicted = {1, unlimited},
     .tolerance = 0,
     .tolerance_reason = why_threshold,
     .tested_by = "the same step in the results of two GPUs of which one has more bandwidth and no "
                  "more FP16 TFLOPS",
     .needs = "two GPUs",
     .by_arithmetic = compute_bandwidth_pairs,
     .across_runs = test_bandwidth_pairs},
    {.id = "gpu-choice",
     .statement = "T4 for prototyping, L4 or A10G for one user, A100 or H100 for throughput, "
                  "several GPUs for 70B and more",
     .what = "tokens/s of an L4 or A10G over a T4, one user",
     .unit = "ratio",
     .predicted = {1, unlimited},
     .tolerance = 0,
     .tolerance_reason = why_threshold,
     .tested_by = "the same step in the results of an L4 or A10G and a T4",
     .needs = "a T4 and an L4 or A10G",
     .by_arithmetic = find_gpu_choice,
     .across_runs = test_gpu_choice},
};

}  // namespace

std::span<const Claim> gpu_claims() { return table; }

}  // namespace roofproof::analysis
