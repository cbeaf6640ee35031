// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/predict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "analysis/article.h"
#include "analysis/text_table.h"
#include "kernels/models/find.h"

namespace roofproof::analysis {
namespace {

using ::testing::HasSubstr;

Ceilings ceilings_of(const char* gpu, Precision weights) {
  static const SpecTable specs = SpecTable::load();
  return datasheet_ceilings(*specs.choose(gpu).gpu, weights);
}

// The article's worked example: 7e9 parameters on a T4 at its 300 GB/s.
TEST(Predict, GivesTheArticlesOwnArithmetic) {
  struct Case {
    Precision weights;
    double time_s, tokens_per_s, intensity;
  };
  const Case cases[] = {{Precision::fp32, 93.333333e-3, 10.714286, 0.5},
                        {Precision::fp16, 46.666667e-3, 21.428571, 1},
                        {Precision::int8, 23.333333e-3, 42.857143, 2},
                        {Precision::int4, 11.666667e-3, 85.714286, 4}};
  for (const Case& wanted : cases) {
    Ceilings t4 = ceilings_of("T4", wanted.weights);
    t4.roofs.bytes_per_s = article_t4_bandwidth_bytes_per_s;
    const Prediction prediction = predict(
        t4,
        count_parameters(article_parameters, std::nullopt, WeightFormat::of(wanted.weights), 1));
    EXPECT_NEAR(prediction.time_per_token_s, wanted.time_s, 1e-8);
    EXPECT_NEAR(prediction.tokens_per_s, wanted.tokens_per_s, 1e-5);
    EXPECT_DOUBLE_EQ(prediction.intensity_flop_per_byte, wanted.intensity);
    EXPECT_EQ(prediction.step.bound, Bound::memory);
    EXPECT_DOUBLE_EQ(prediction.flop, 14e9);
  }
}

TEST(Predict, ComputesInFp32OnlyForFp32Weights) {
  EXPECT_DOUBLE_EQ(ceilings_of("T4", Precision::fp32).roofs.flop_per_s, 8.1e12);
  for (const Precision weights : {Precision::fp16, Precision::int8, Precision::int4}) {
    EXPECT_DOUBLE_EQ(ceilings_of("T4", weights).roofs.flop_per_s, 65e12);
  }
}

TEST(Predict, SaysWhereACeilingIsFrom) {
  EXPECT_EQ(ceilings_of("T4", Precision::fp16).compute_source, "datasheet, verified");
  EXPECT_THAT(ceilings_of("A10G", Precision::fp16).compute_source,
              HasSubstr("datasheet, unconfirmed: read in texts that quote"));
  EXPECT_EQ(ceilings_of("T4", Precision::fp16).memory_source, "reported by CUDA, verified");
  EXPECT_EQ(ceilings_of("GH200", Precision::fp16).memory_source, "on the board, verified");
}

// Mistral-7B on a T4 by its datasheet, by hand: 7110660096 weights and norms of 2 bytes, one row
// of the embedding table, keys and values of one token.
TEST(Predict, MistralOnAT4) {
  const Model& model = find_model("mistral-7b");
  const Prediction prediction =
      predict(ceilings_of("T4", Precision::fp16), count_model(model, Precision::fp16, 1, 0));
  constexpr double bytes = 2 * 7110660096.0 + 8192 + 131072;
  EXPECT_DOUBLE_EQ(prediction.bytes, bytes);
  EXPECT_DOUBLE_EQ(prediction.time_per_token_s, bytes / 320e9);
  EXPECT_NEAR(prediction.tokens_per_s, 22.50, 0.005);
  EXPECT_NEAR(*prediction.crossover_batch, 203.1, 0.5);
  EXPECT_TRUE(*prediction.fits);
  EXPECT_GT(prediction.memory_needed_bytes, 2 * 7241732096.0);
  EXPECT_LT(prediction.memory_needed_bytes, 2 * 7241732096.0 + 1e6);
}

TEST(Predict, BatchSharesTheWeightsAndNotTheCache) {
  const Model& model = find_model("mistral-7b");
  const Ceilings a100 = ceilings_of("A100", Precision::fp16);
  const Prediction one = predict(a100, count_model(model, Precision::fp16, 1, 4096));
  const Prediction many = predict(a100, count_model(model, Precision::fp16, 32, 4096));
  constexpr double cache = 4097.0 * 131072;
  EXPECT_DOUBLE_EQ(many.bytes - one.bytes, 31 * (cache + 8192));
  EXPECT_DOUBLE_EQ(many.flop, 32 * one.flop);
  EXPECT_GT(many.tokens_per_s, 12 * one.tokens_per_s);
  EXPECT_DOUBLE_EQ(many.tokens_per_s, 32 / many.time_per_token_s);
  EXPECT_EQ(many.step.bound, Bound::memory);
  // At this context a sequence's own bytes are below the ridge at any batch.
  EXPECT_EQ(many.crossover_batch, std::nullopt);
}

TEST(Predict, LargeBatchesAreBoundByCompute) {
  const Ceilings t4 = ceilings_of("T4", Precision::int4);
  const ModelWorkload workload =
      count_parameters(7e9, std::nullopt, WeightFormat::of(Precision::int4), 64);
  const Prediction prediction = predict(t4, workload);
  EXPECT_EQ(prediction.step.bound, Bound::compute);
  EXPECT_DOUBLE_EQ(prediction.time_per_token_s, 64 * 14e9 / 65e12);
  EXPECT_DOUBLE_EQ(*prediction.crossover_batch, 203.125 / 4);
}

// Of 8 experts a token reads 2; the batch from which on a step is bound by compute reads all.
TEST(Predict, ExpertsAreReadByTheBatch) {
  const ModelLayout mixtral = find_layout("mixtral-8x7b");
  const Ceilings a100 = ceilings_of("A100", Precision::fp16);
  const auto bytes = [&](std::int64_t batch) {
    return count_model(mixtral, {.batch = batch}).weight_bytes;
  };
  EXPECT_LT(bytes(1), 0.3 * bytes(1000));
  EXPECT_LT(bytes(2), 2 * bytes(1));
  const Prediction crowd = predict(a100, count_model(mixtral, {.batch = 1000}));
  EXPECT_EQ(crowd.step.bound, Bound::compute);
  const double crossover = *crowd.crossover_batch;
  EXPECT_GT(crossover, 203.125 / 2);
  for (const double side : {0.95, 1.05}) {
    const auto batch = static_cast<std::int64_t>(side * crossover);
    EXPECT_EQ(predict(a100, count_model(mixtral, {.batch = batch})).step.bound,
              side < 1 ? Bound::memory : Bound::compute);
  }
}

TEST(Predict, FormatsHaveTheirArithmeticWhereTheGpuHasIt) {
  const SpecTable specs = SpecTable::load();
  const auto arithmetic = [&](const char* weights, const char* gpu) {
    return step_arithmetic(find_weight_format(weights), *specs.choose(gpu).gpu);
  };
  EXPECT_EQ(arithmetic("fp8", "H100"), Arithmetic::fp8);
  EXPECT_EQ(arithmetic("fp8", "A100"), Arithmetic::fp16);
  EXPECT_EQ(arithmetic("bf16", "A100"), Arithmetic::bf16);
  EXPECT_EQ(arithmetic("bf16", "T4"), Arithmetic::fp16);
  EXPECT_EQ(arithmetic("int8", "H100"), Arithmetic::fp16);
  EXPECT_EQ(arithmetic("nvfp4", "B200"), Arithmetic::fp16);
  EXPECT_DOUBLE_EQ(datasheet_ceilings(*specs.choose("B200").gpu, Arithmetic::fp4).roofs.flop_per_s,
                   9000e12);
  // Not known is not unsupported: a peak in its place would be a false bound.
  EXPECT_EQ(arithmetic("fp8", "GB10"), Arithmetic::fp8);
}

// All models x formats x caches x GPUs: some 30000 predictions in 20 ms. Fewer bytes are never
// slower.
TEST(Predict, EveryModelInEveryFormatOnEveryGpu) {
  const SpecTable specs = SpecTable::load();
  for (const std::string& model : model_names()) {
    const ModelLayout layout = find_layout(model);
    for (const char* cache : {"fp16", "fp8", "int8", "int4"}) {
      double last_bytes = std::numeric_limits<double>::infinity();
      for (const char* weights :
           {"fp32", "bf16", "fp16", "int8", "fp8", "nvfp4", "mxfp4", "int4"}) {
        const ModelWorkload workload =
            count_model(layout, {find_weight_format(weights), find_cache_format(cache), 32, 4096});
        EXPECT_LE(workload.weight_bytes, last_bytes) << model << ' ' << weights;
        EXPECT_LE(workload.weight_bytes, workload.resident_weight_bytes) << model;
        last_bytes = workload.weight_bytes;
        for (const GpuSpec& gpu : specs.gpus()) {
          const Ceilings ceilings = datasheet_ceilings(gpu, step_arithmetic(workload.weights, gpu));
          const double rate = predict(ceilings, workload).tokens_per_s;
          EXPECT_TRUE(rate > 0 && rate < 1e6) << model << ' ' << weights << ' ' << gpu.name;
        }
      }
    }
  }
}

TEST(Predict, WithoutAPeakOnlyTheBytesCount) {
  const ModelWorkload workload = count_model(find_model("mistral-7b"), Precision::fp16, 4096, 0);
  const Prediction gb10 = predict(ceilings_of("GB10", Precision::fp16), workload);
  EXPECT_DOUBLE_EQ(gb10.time_per_token_s, gb10.bytes / 273e9);
  EXPECT_EQ(gb10.crossover_batch, std::nullopt);
}

TEST(Predict, SeveralGpusReadAndComputeAsMany) {
  const Ceilings one = ceilings_of("A100", Precision::fp16);
  const ModelWorkload workload = count_model(find_model("llama-2-70b"), Precision::fp16, 1, 100);
  EXPECT_FALSE(*predict(one, workload).fits);
  EXPECT_TRUE(*predict(times(one, 2), workload).fits);
  EXPECT_DOUBLE_EQ(predict(times(one, 2), workload).tokens_per_s,
                   2 * predict(one, workload).tokens_per_s);
}

// What is known to be read must fit; that it does says nothing of experts that are not.
TEST(Predict, ParametersAreWhatIsRead) {
  const Ceilings t4 = ceilings_of("T4", Precision::int4);
  const WeightFormat int4 = WeightFormat::of(Precision::int4);
  EXPECT_EQ(predict(t4, count_parameters(12.9e9, std::nullopt, int4, 1)).fits, std::nullopt);
  EXPECT_FALSE(*predict(t4, count_parameters(70e9, std::nullopt, int4, 1)).fits);
  EXPECT_FALSE(*predict(t4, count_parameters(46.7e9, 12.9e9, int4, 1)).fits);
  const Prediction known = predict(t4, count_parameters(30e9, 3e9, int4, 1));
  EXPECT_TRUE(*known.fits);
  EXPECT_DOUBLE_EQ(known.bytes, 1.5e9);
}

TEST(Predict, FitsOrNot) {
  const auto fits = [](const char* gpu, const char* model, Precision weights) {
    return *predict(ceilings_of(gpu, weights), count_model(find_model(model), weights, 1, 4096))
                .fits;
  };
  EXPECT_TRUE(fits("T4", "mistral-7b", Precision::fp16));
  EXPECT_FALSE(fits("T4", "mistral-7b", Precision::fp32));
  EXPECT_FALSE(fits("T4", "llama-2-13b", Precision::fp16));
  EXPECT_TRUE(fits("T4", "llama-2-13b", Precision::int4));
  EXPECT_TRUE(fits("L4", "llama-2-13b", Precision::int8));
  EXPECT_FALSE(fits("L4", "llama-2-13b", Precision::fp16));
  EXPECT_TRUE(fits("A100", "llama-2-70b", Precision::int8));
  EXPECT_FALSE(fits("A100 40GB", "llama-2-70b", Precision::int8));
  EXPECT_TRUE(fits("A100 40GB", "llama-2-70b", Precision::int4));
  EXPECT_TRUE(fits("H200", "llama-2-70b", Precision::fp16));
  EXPECT_FALSE(fits("H100", "llama-2-70b", Precision::fp16));
}

TEST(Predict, MeasuredCeilingsWorkTheSame) {
  Ceilings measured;
  measured.device = "measured";
  measured.roofs = {40e12, 262e9};
  measured.launch_gap_s = 2e-6;
  ModelWorkload workload = count_model(find_model("mistral-7b"), Precision::fp16, 1, 0);
  workload.launches = 225;
  const Prediction prediction = predict(measured, workload);
  EXPECT_DOUBLE_EQ(prediction.time_per_token_s,
                   (2 * 7110660096.0 + 8192 + 131072) / 262e9 + 225 * 2e-6);
  EXPECT_EQ(prediction.fits, std::nullopt);
}

TEST(Text, DecimalMultiples) {
  EXPECT_EQ(si_text(14.22e9, "B"), "14.22 GB");
  EXPECT_EQ(si_text(46.66667e-3, "s"), "46.67 ms");
  EXPECT_EQ(si_text(65e12, "FLOPS"), "65.00 TFLOPS");
  EXPECT_EQ(si_text(218.77e-6, "s"), "218.8 µs");
  EXPECT_EQ(si_text(999.96, "B"), "1.000 kB");
  EXPECT_EQ(si_text(1000, "B"), "1.000 kB");
  EXPECT_EQ(si_text(999.4, "B", 3), "999 B");
  EXPECT_EQ(si_text(0, "B"), "0 B");
  EXPECT_EQ(si_text(-1.5e9, "B", 2), "-1.5 GB");
  EXPECT_EQ(percent_text(0.0821), "+8.2 %");
  EXPECT_EQ(percent_text(-0.0002), "0.0 %");
}

TEST(Text, ColumnsAreAlignedByCodePoints) {
  TextTable table("lr");
  table.add({"a", "1"});
  table.add({"µµ", "10"});
  EXPECT_EQ(table.text(2), "  a    1\n  µµ  10\n");
  EXPECT_THROW(table.add({"one"}), std::invalid_argument);
}

}  // namespace
}  // namespace roofproof::analysis
