// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The audit of reported figures: what is judged, against what, and how it is said.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "analysis/audit/readings.h"
#include "analysis/engines/law.h"
#include "analysis/published.h"
#include "results/record/exit_code.h"
#include "tests/analysis/audit_fixture.h"

namespace roofproof::analysis {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using enum AuditVerdict;

TEST(Audit, TheStatedFormatIsLookedForInItsFieldThenInTheName) {
  const auto finding = [](const std::string& weights, const std::string& model) {
    ReportedFigure figure = decode(50);
    figure.weights = weights;
    figure.model = model;
    return judge().judge(figure, on("H100 SXM5"));
  };
  const std::string base = "meta-llama/Llama-3.1-8B-Instruct";
  EXPECT_THAT(finding("compressed-tensors", base + "-FP8").model, HasSubstr(", fp8"));
  EXPECT_THAT(finding("fp8", base).model, HasSubstr(", fp8"));
  EXPECT_THAT(finding("", base + "-W4AFP8").model, HasSubstr(", int4"));
  EXPECT_THAT(finding("None", base).model, HasSubstr(", fp16"));
  const AuditFinding unknown = finding("bitsandbytes", base);
  EXPECT_EQ(unknown.verdict, cannot_tell);
  EXPECT_THAT(joined(unknown.because), HasSubstr("the format of the weights"));
}

TEST(Audit, VerdictsByHandFollowFromTheRoof) {
  // 3.667 GB a step on 320 GB/s: 87.3 tokens/s (docs/commands.md).
  const Stated t4 = stated_model("T4", "mistral-7b", "int4");
  const auto verdict = [&](double rate) { return judge().judge(decode(rate), t4).verdict; };
  EXPECT_EQ(verdict(43.5), low);
  EXPECT_EQ(verdict(43.8), typical);
  EXPECT_EQ(verdict(69.5), typical);
  EXPECT_EQ(verdict(70.1), at_the_roof);
  EXPECT_EQ(verdict(87.5), at_the_roof);
  EXPECT_EQ(verdict(90), impossible);
  const AuditFinding finding = judge().judge(decode(60), t4);
  EXPECT_NEAR(*finding.share, 60 / 87.27, 1e-3);
  EXPECT_THAT(joined(finding.arithmetic), AllOf(HasSubstr("3.67 GB"), HasSubstr("87.27 tokens/s")));
  ASSERT_TRUE(finding.standing.has_value());
  const std::vector<ScoredRate> rates = scored_rates(engine_rates(), SpecTable::load());
  EXPECT_EQ(finding.standing->rows,
            std::ranges::count_if(rates, [](const auto& one) { return one.excluded.empty(); }));
}

TEST(Audit, OneFavourableReadingLeftIsNotImpossible) {
  Stated stated = stated_model("T4", "mistral-7b", "");
  const AuditFinding open = judge().judge(decode(60), stated);  // FP16: 22.5, INT4: 87.3
  EXPECT_EQ(open.verdict, cannot_tell);
  EXPECT_THAT(joined(open.because), HasSubstr("weights of 2 bits"));
  EXPECT_EQ(judge().judge(decode(170), stated).verdict, cannot_tell);
  EXPECT_EQ(judge().judge(decode(200), stated).verdict, impossible);
  stated.speculative = true;
  EXPECT_EQ(judge().judge(decode(200), stated).verdict, cannot_tell);
  const AuditFinding below = judge().judge(decode(20), stated);  // is no rate of steps either
  EXPECT_EQ(below.verdict, cannot_tell);
  EXPECT_NEAR(*below.share, 20 / 22.5, 5e-3);
  EXPECT_FALSE(below.standing.has_value());
  // 14.2 GFLOP of each token, 260 TOPS in INT4: no number of tokens per step gives 25000 of them.
  const AuditFinding above = judge().judge(decode(25000), stated);
  EXPECT_EQ(above.verdict, impossible);
  EXPECT_THAT(joined(above.arithmetic), HasSubstr("any number of tokens per step"));
  EXPECT_THAT(joined(above.because), Not(HasSubstr("speculative")));
  ReportedFigure copy = decode(350e9);
  copy.quantity = Quantity::bandwidth;
  EXPECT_EQ(judge().judge(copy, stated).verdict, impossible);
  // A mixture of experts is not read whole.
  Stated mixture = stated_model("H100 SXM5", "mixtral-8x7b", "fp8");
  EXPECT_EQ(judge().judge(decode(200), mixture).verdict, typical);
}

TEST(Audit, ANearMissIsAnotherGpu) {
  for (const char* name : {"RTX 3090 Ti", "NVIDIA GeForce RTX 4090 D", "RTX 4080 SUPER",
                           "NVIDIA GeForce RTX 4090 Laptop GPU", "L4 MIG 1g.6gb", "L40G"}) {
    const AuditFinding finding =
        judge().judge(decode(10), stated_model(name, "mistral-7b", "int4"));
    EXPECT_EQ(finding.verdict, cannot_tell) << name;
    EXPECT_THAT(joined(finding.because), HasSubstr("'" + std::string(name) + "'"));
  }
  const auto share = [](const char* gpu) {
    return *judge().judge(decode(100), stated_model(gpu, "mistral-7b", "fp16")).share;
  };
  EXPECT_NEAR(share("NVIDIA H20-3e") / share("H20"), 4000.0 / 4800, 1e-3);
  EXPECT_EQ(share("NVIDIA_L40S"), share("L40S"));
}

TEST(Audit, AStatedActivePartGoesBeforeAModelKnownByName) {
  ReportedFigure figure = decode(50);
  figure.model = "Mixtral-8x7B";
  figure.parameters = 46.7e9;
  figure.weight_bytes = 46.7e9;
  Stated stated = on("H100 SXM5");
  ASSERT_THAT(judge().judge(figure, stated).model, HasSubstr("mixtral-8x7b"));
  const double named = *judge().judge(figure, stated).share;
  stated.active = 26e9;
  EXPECT_NEAR(*judge().judge(figure, stated).share / named, 26 / 12.7, 0.05);
  stated.cache = find_cache_format("fp8");  // of parameters alone no cache is known
  EXPECT_THAT(joined(judge().judge(figure, stated).because), HasSubstr("--kv"));
  figure.parameters.reset();
  EXPECT_THAT(joined(judge().judge(figure, stated).because), HasSubstr("(--parameters)"));
}

TEST(Audit, WeightsThatDoNotFitCannotBeTold) {
  const AuditFinding finding = judge().judge(decode(1), stated_model("T4", "llama-3-70b", "fp16"));
  EXPECT_EQ(finding.verdict, cannot_tell);
  EXPECT_THAT(joined(finding.because), HasSubstr("more than"));
  // 3.8 GB of weights and 64 x 1.07 GB of cache on 16 GB.
  const auto of_batch = [](double batch) {
    ReportedFigure figure = decode(30);
    figure.batch = batch;
    figure.context = 8192;
    return judge().judge(figure, stated_model("T4", "mistral-7b", "int4"));
  };
  EXPECT_EQ(of_batch(64).verdict, cannot_tell);
  EXPECT_THAT(joined(of_batch(64).because),
              HasSubstr("64 sequences of that context did not run at once"));
  EXPECT_EQ(of_batch(8).verdict, low);
}

TEST(Audit, BandwidthAndArithmeticByHand) {
  ReportedFigure figure = decode(300e9);
  figure.quantity = Quantity::bandwidth;
  EXPECT_EQ(judge().judge(figure, on("A10G")).verdict, typical);
  EXPECT_THAT(joined(judge().judge(figure, on("A10G")).notes), HasSubstr("one in ten"));
  EXPECT_EQ(judge().judge(figure, on("L4")).verdict, at_the_roof);
  EXPECT_EQ(judge().judge(figure, on("A100 80GB SXM4")).verdict, low);
  figure.value = 330e9;
  EXPECT_EQ(judge().judge(figure, on("L4")).verdict, impossible);
  figure.quantity = Quantity::arithmetic;
  figure.value = 39e12;
  EXPECT_EQ(judge().judge(figure, on("T4")).verdict, typical);
  figure.value = 100e12;  // INT8 gives 130
  EXPECT_EQ(judge().judge(figure, on("T4")).verdict, cannot_tell);
  Stated fp16 = on("T4");
  fp16.math = Arithmetic::fp16;
  EXPECT_EQ(judge().judge(figure, fp16).verdict, impossible);
  figure.value = 68e12;  // a board may run past its printed clock
  EXPECT_EQ(judge().judge(figure, fp16).verdict, cannot_tell);
}

TEST(Audit, ANameThatAFasterBoardHasTooIsNotImpossible) {
  const auto finding = [](const char* gpu, double gb_per_s) {
    ReportedFigure figure = decode(gb_per_s * 1e9);
    figure.quantity = Quantity::bandwidth;
    return judge().judge(figure, on(gpu));
  };
  const AuditFinding twelve = finding("NVIDIA GeForce RTX 3080", 880);
  EXPECT_EQ(twelve.verdict, cannot_tell);
  EXPECT_THAT(joined(twelve.notes), HasSubstr("RTX 3080 12GB"));
  EXPECT_EQ(finding("NVIDIA GeForce RTX 3080", 925).verdict, impossible);
  EXPECT_EQ(finding("RTX 3080 10GB", 880).verdict, impossible);
  EXPECT_EQ(finding("GH200", 4700).verdict, cannot_tell);
  EXPECT_EQ(finding("GH200", 5000).verdict, impossible);
  EXPECT_EQ(finding("NVIDIA GH200 480GB", 4700).verdict, impossible);  // HBM3 by its driver's name

  // 59.5 TFLOPS by 68 SMs; FP32 sums.
  ReportedFigure product = decode(67e12);
  product.quantity = Quantity::arithmetic;
  Stated bf16 = on("RTX 3080");
  bf16.math = Arithmetic::bf16;
  EXPECT_EQ(judge().judge(product, bf16).verdict, cannot_tell);
  EXPECT_THAT(joined(judge().judge(product, bf16).because),
              AllOf(HasSubstr("the fastest board of that name"), Not(HasSubstr("FP16 sums"))));
  bf16.gpu = "RTX 3080 10GB";
  EXPECT_EQ(judge().judge(product, bf16).verdict, impossible);
  // 10.7 GB of weights fit one of the two.
  Stated tight = stated_model("RTX 3080", "mistral-7b", "");
  tight.weights = [](const ModelLayout&) { return average_format(12); };
  EXPECT_EQ(judge().judge(decode(50), tight).verdict, typical);
  tight.gpu = "RTX 3080 10GB";
  EXPECT_EQ(judge().judge(decode(50), tight).verdict, cannot_tell);
}

TEST(Audit, AProductMayHaveSumsInFp16) {
  const auto finding = [](const char* gpu, double tflops, Arithmetic math) {
    ReportedFigure figure = decode(tflops * 1e12);
    figure.quantity = Quantity::arithmetic;
    Stated stated = on(gpu);
    stated.math = math;
    return judge().judge(figure, stated);
  };
  // 165.2 with FP32 sums, 330.3 with FP16 ones; FP8 330.3 and 660.6.
  const AuditFinding half = finding("RTX 4090", 300, Arithmetic::fp16);
  EXPECT_EQ(half.verdict, cannot_tell);
  EXPECT_THAT(joined(half.because), HasSubstr("FP16 sums (--math fp16_acc16)"));
  EXPECT_NEAR(*half.least_share, 300 / 363.3, 1e-3);
  EXPECT_EQ(finding("RTX 4090", 370, Arithmetic::fp16).verdict, impossible);
  EXPECT_EQ(finding("RTX 4090", 600, Arithmetic::fp8).verdict, cannot_tell);
  EXPECT_EQ(finding("RTX 4090", 740, Arithmetic::fp8).verdict, impossible);
  EXPECT_EQ(finding("RTX 4090", 300, Arithmetic::bf16).verdict, impossible);
  EXPECT_EQ(finding("L4", 150, Arithmetic::fp16).verdict, impossible);     // both are 121
  EXPECT_EQ(finding("A10G", 120, Arithmetic::fp16).verdict, cannot_tell);  // 70, or 140
}

TEST(Audit, ReasonsFitTheFigure) {
  const auto product = [](const char* gpu, double tflops, Arithmetic math) {
    ReportedFigure figure = decode(tflops * 1e12);
    figure.quantity = Quantity::arithmetic;
    Stated stated = on(gpu);
    stated.math = math;
    return joined(judge().judge(figure, stated).because);
  };
  EXPECT_THAT(product("A10", 12, Arithmetic::fp32), Not(HasSubstr("tensor cores")));
  EXPECT_THAT(product("A10", 12, Arithmetic::fp16), HasSubstr("FP32 without tensor cores"));
  EXPECT_THAT(product("A10", 90, Arithmetic::fp32),
              AllOf(HasSubstr("TF32"), Not(HasSubstr("sparsity")), Not(HasSubstr("--gpus"))));
  EXPECT_THAT(product("A10", 190, Arithmetic::bf16),
              AllOf(HasSubstr("2:4 sparsity"), HasSubstr("--math")));
  EXPECT_THAT(product("T4", 100, Arithmetic::fp16),
              AllOf(Not(HasSubstr("sparsity")), HasSubstr("--math")));
  EXPECT_THAT(product("T4", 400, Arithmetic::int4), Not(HasSubstr("--math")));

  const auto step = [](double rate, const char* weights, const std::string& engine) {
    ReportedFigure figure = decode(rate);
    figure.engine = engine;
    return joined(judge().judge(figure, stated_model("L4", "qwen3-8b", weights)).because);
  };
  EXPECT_THAT(step(200, "int4", ""), AllOf(HasSubstr("speculative"), Not(HasSubstr("--weights"))));
  EXPECT_THAT(step(200, "fp8", ""), HasSubstr("--batch"));
  EXPECT_THAT(step(200, "fp16", "llama.cpp"),
              AllOf(HasSubstr("--weights"), Not(HasSubstr("speculative")),
                    Not(HasSubstr("--batch")), Not(HasSubstr("ended early"))));
  EXPECT_THAT(step(5, "int4", ""), AllOf(HasSubstr("expand"), Not(HasSubstr("offload"))));
  EXPECT_THAT(step(5, "fp8", ""), Not(HasSubstr("expand")));  // multiplied as they are
  EXPECT_THAT(step(4, "fp16", ""), HasSubstr("offload"));     // 15 of 24 GB
}

TEST(Audit, WhatIsPrintedStandsOnItsOwn) {
  const std::string markdown = audit_markdown({audited("llama_bench_4090.md")});
  EXPECT_THAT(markdown, AllOf(HasSubstr("RTX 4090 · 6.74 billion parameters, 8.5 bits per weight"),
                              HasSubstr("\n- line 7, tg128: The input embedding is in")));
  EXPECT_THAT(audit_markdown({audited("vllm_latency.json", on("L4", 2))}), HasSubstr("| 2 x L4 |"));
  EXPECT_THAT(audit_markdown({audited("vllm_serve_2024.json")}), HasSubstr("405B"));
  // A note of every figure stands once.
  const std::string shared = audit_markdown({audited("vllm_serve_replicas.json")});
  EXPECT_THAT(shared, HasSubstr("\n- Weights are taken in fp16"));
  EXPECT_EQ(shared.find("Weights are taken"), shared.rfind("Weights are taken"));

  const auto text = [](double gb_per_s) {
    ReportedFigure figure = decode(gb_per_s * 1e9);
    figure.quantity = Quantity::bandwidth;
    return audit_text({audit({"by hand", "", {figure}}, on("L4"), judge())});
  };
  EXPECT_THAT(text(20), AllOf(HasSubstr("below all 21 published rows of bandwidths\n"),
                              HasSubstr("  likely:\n  - the array"), Not(HasSubstr("percentile"))));
  EXPECT_EQ(text(20).find("likely"), text(20).rfind("likely"));
  EXPECT_THAT(text(301), HasSubstr("above all 21 published rows"));
  EXPECT_THAT(text(270), HasSubstr("percentile of 21 published rows"));
}

TEST(Audit, AModelIsKnownByNameAndParameters) {
  const auto name_of = [](const std::string& model, std::optional<double> parameters) {
    ReportedFigure figure;
    figure.model = model;
    figure.parameters = parameters;
    const std::optional<ModelLayout> layout = named_model(figure);
    return layout ? layout->name : "";
  };
  EXPECT_EQ(name_of("Qwen2.5-7B-Instruct-Q4_K_M.gguf", 7615616512), "qwen2.5-7b");
  EXPECT_EQ(name_of("qwen2.5-0.5b-instruct-q8_0.gguf", 630167424), "qwen2.5-0.5b");
  EXPECT_EQ(name_of("Qwen2.5-7B-Instruct-Q4_K_M.gguf", 14e9), "");
  EXPECT_EQ(name_of("meta-llama/Llama-3.1-405B-FP8", {}), "llama-3.1-405b");
  EXPECT_EQ(name_of("meta-llama/Llama-3.1-405B-Turbo", {}), "");
  EXPECT_EQ(name_of("/etc/passwd", {}), "");
  EXPECT_EQ(format_in_name("Llama-3.1-405B-FP8"), "fp8");
  EXPECT_EQ(format_in_name("Qwen2.5-7B-Instruct-AWQ"), "int4");
  EXPECT_EQ(format_in_name("Qwen2.5-7B-Instruct"), "");
  EXPECT_EQ(format_in_name("bfloat16"), "bf16");
}

TEST(Audit, ExitCodesFollowTheWorstThatIsTold) {
  const auto code = [](double rate, std::optional<double> min_share) {
    ForeignReport report = {"by hand", "", {decode(rate)}};
    const Stated stated = stated_model("T4", "mistral-7b", "int4");
    return audit_exit_code({audit(report, stated, judge())}, min_share);
  };
  EXPECT_EQ(code(60, {}), ExitCode::fine);
  EXPECT_EQ(code(20, {}), ExitCode::fine);
  EXPECT_EQ(code(60, 0.7), ExitCode::regression);
  EXPECT_EQ(code(60, 0.6), ExitCode::fine);
  EXPECT_EQ(code(200, {}), ExitCode::regression);
  EXPECT_EQ(audit_exit_code({audited("vllm_latency.json")}, 0.9), ExitCode::inconclusive);
}

TEST(Audit, NoPublishedRowIsImpossible) {
  for (const PublishedDecode& row : published_decodes()) {
    const AuditFinding finding = judge().judge(
        decode(row.tokens_per_s), stated_model(row.gpu, row.model, std::string(name(row.weights))));
    EXPECT_THAT(words(finding.verdict), testing::AnyOf("low", "typical", "at the roof"))
        << row.gpu << ", " << row.model << ": " << joined(finding.because);
  }
  for (const PublishedRate& row : published_rates()) {
    if (row.op == Op::decode) continue;
    ReportedFigure figure = decode(row.value);
    figure.quantity = is_arithmetic(row.op) ? Quantity::arithmetic : Quantity::bandwidth;
    Stated stated = on(row.gpu);
    for (const Arithmetic arithmetic : all_arithmetic) {
      if (name(arithmetic) == row.precision) stated.math = arithmetic;
    }
    const AuditFinding finding = judge().judge(figure, stated);
    EXPECT_NE(words(finding.verdict), "impossible") << row.gpu << ", " << row.publication.source;
  }
}

TEST(Audit, NoRateOfAnEngineIsImpossible) {
  for (const EngineRate& rate : engine_rates()) {
    if (!rate.batch) continue;
    const StepRequest request = rate.request();
    Stated stated = on(rate.gpu, rate.gpus);
    stated.layout = find_layout(rate.model);
    stated.weights = [&](const ModelLayout&) { return request.weights; };
    stated.cache = request.cache;
    stated.batch = static_cast<double>(request.batch);
    stated.context = static_cast<double>(request.context);
    const AuditFinding finding = judge().judge(decode(rate.tokens_per_s), stated);
    EXPECT_THAT(words(finding.verdict), testing::AnyOf("low", "typical", "at the roof"))
        << rate.gpu << ", " << rate.model << ": " << joined(finding.because);
  }
}

}  // namespace
}  // namespace roofproof::analysis
