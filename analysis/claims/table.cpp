// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The claims, one entry each. Tolerances were fixed before any run; changing one is a commit that
// says why.

#include "analysis/claims/table.h"

#include "analysis/article.h"

namespace roofproof::analysis {
namespace {

constexpr Interval exactly(double value) { return {value, value}; }

constexpr double t4_tokens_per_s(double bytes_per_weight) {
  return article_t4_bandwidth_bytes_per_s / (article_parameters * bytes_per_weight);
}

// Boards of one model differ by 8 % on average (arXiv:2208.11035).
constexpr double other_board = 0.10;
constexpr std::string_view why_other_board =
    "a figure quoted from another board: boards of one model differ by 8 % on average";

// A step is a chain of kernels: launches and tails take a share of it that the model leaves out.
constexpr double launch_bound = 0.10;
constexpr std::string_view why_launch_bound =
    "a ratio of whole steps, which contain launches that the claim leaves out";

constexpr double gemm_rate = 0.05;
constexpr std::string_view why_gemm_rate = "the spread of GEMM rates between shapes and clocks";

constexpr std::string_view why_threshold =
    "a threshold: any amount on its other side counts, the interval alone decides";

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
     .by_arithmetic = find_t4_bandwidth,
     .on_run = test_t4_bandwidth},
    {.id = "fp16-speedup",
     .statement =
         "FP16 gives 8x FP32: a T4's figure; other GPUs are held against the ratio of their own "
         "peaks",
     .what = "FP16 over FP32 peak of a T4",
     .unit = "ratio",
     .predicted = exactly(65.0 / 8.1),
     .tolerance = gemm_rate,
     .tolerance_reason = why_gemm_rate,
     .tested_by = "the best FP16 GEMM and the FP32 GEMM of the same shape and sessions",
     .by_arithmetic = note_speedup,
     .on_run = test_speedup},
    {.id = "fp16-halves-bytes",
     .statement = "FP16 also halves the pressure on memory bandwidth",
     .what = "FP16 over FP32 weights at batch 1",
     .unit = "ratio",
     .predicted = exactly(2),
     .tolerance = launch_bound,
     .tolerance_reason = why_launch_bound,
     .tested_by = "a decode step or GEMV with FP32 and with FP16 weights, batch 1",
     .on_run = test_fp16_against_fp32},
    {.id = "fp32-waste",
     .statement = "Running FP32 leaves 80 to 90 % of the capability unused",
     .what = "share of the FP16 rate that FP32 leaves unused",
     .unit = "share",
     .predicted = article_fp32_waste,
     .tolerance = 0.01,
     .tolerance_reason = "the spread of GEMM rates, 5 % of the share that FP32 uses, is 1 % of the "
                         "share that it does not",
     .tested_by = "the best FP16 GEMM and the FP32 GEMM of the same shape and sessions",
     .by_arithmetic = find_waste,
     .on_run = test_waste},
    {.id = "unit-scale",
     .statement = "GFLOPS is the level of a CPU, TFLOPS of one GPU, PFLOPS of a cluster",
     .what = "FP32 GEMM of one GPU",
     .unit = "FLOP/s",
     .predicted = {1e12, 1e15},
     .tolerance = 0,
     .tolerance_reason = "the bounds of the prefixes are the claim",
     .tested_by = "the best FP32 GEMM of the device",
     .on_run = test_unit_scale},
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
     .by_arithmetic = compute_training,
     .on_run = test_training},
    {.id = "weights-per-token",
     .statement = "A 7B model in FP16 reads 14 GB per token: 47 ms and 21 tokens/s on a T4",
     .what = "tokens/s of a 7B model in FP16 on a T4",
     .unit = "tokens/s",
     .predicted = exactly(t4_tokens_per_s(2)),
     .tolerance = other_board,
     .tolerance_reason = why_other_board,
     .tested_by = "the whole decode at batch 1, else one projection against read bandwidth",
     .by_arithmetic = note_model_size,
     .on_run = test_weights_per_token},
    {.id = "compute-time",
     .statement = "The 14e9 FLOP of one token take a T4 0.2 ms",
     .what = "arithmetic of one token on a T4",
     .unit = "s",
     .predicted = exactly(2 * article_parameters / article_t4_fp16_flop_per_s),
     .tolerance = other_board,
     .tolerance_reason = why_other_board,
     .tested_by = "the best FP16 GEMM rate",
     .on_run = test_compute_time},
    {.id = "waiting",
     .statement = "The GPU waits 99.6 % of the time and computes 0.4 %",
     .what = "share of the time that the GPU waits",
     .unit = "share",
     .predicted = exactly(article_waiting_share),
     .tolerance = 0.005,
     .tolerance_reason = "half a per cent of the time: it still says that nearly all of it is "
                         "waiting",
     .tested_by = "FLOP of a decode step at the measured GEMM rate, over its measured time",
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
    {.id = "designed-100plus",
     .statement = "Modern GPUs are built for an intensity of 100 and more",
     .what = "ridge",
     .unit = "FLOP/byte",
     .predicted = {article_ridge_flop_per_byte, unlimited},
     .tolerance = gemm_rate,
     .tolerance_reason = why_gemm_rate,
     .tested_by = "measured FP16 GEMM rate over measured read bandwidth",
     .by_arithmetic = note_ridges,
     .on_run = test_ridge},
    {.id = "batch32",
     .statement = "Batch 32 has an intensity of about 32 and is starting to be compute-bound",
     .what = "time at batch 32 over what its bytes explain",
     .unit = "ratio",
     .predicted = {1.2, 2},
     .tolerance = 0.05,
     .tolerance_reason = "a quarter of the departure from the memory roof that is looked for",
     .tested_by = "one step at batch 1 and at batch 32, FP16 weights",
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
     .on_run = test_batch_throughput},
    {.id = "prefill-compute",
     .statement = "Prefill and training, with intensities of 100 and more, are compute-bound",
     .what = "share of a prefill GEMM's time that its bytes take",
     .unit = "share",
     .predicted = {0, 0.5},
     .tolerance = gemm_rate,
     .tolerance_reason = why_gemm_rate,
     .tested_by = "a GEMM of 512 to 8192 tokens against both measured roofs",
     .by_arithmetic = note_prefill_intensity,
     .on_run = test_prefill},
    {.id = "int8-doubles",
     .statement = "INT8 weights double the tokens/s of FP16: 43 on a T4",
     .what = "INT8 over FP16 weights at batch 1",
     .unit = "ratio",
     .predicted = exactly(2),
     .tolerance = launch_bound,
     .tolerance_reason = why_launch_bound,
     .tested_by = "a decode step or GEMV with FP16 and with INT8 weights, batch 1",
     .on_run = test_int8_against_fp16},
    {.id = "int4-doubles",
     .statement = "INT4 weights double them again: 87 on a T4",
     .what = "INT4 over INT8 weights at batch 1",
     .unit = "ratio",
     .predicted = exactly(2),
     .tolerance = launch_bound,
     .tolerance_reason = why_launch_bound,
     .tested_by = "a decode step or GEMV with INT8 and with INT4 weights, batch 1",
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
     .on_run = test_bytes_not_math},
    {.id = "quality-floor",
     .statement = "Halving the precision pays until quality degrades; FP16 against FP32 is "
                  "negligible",
     .what = "quality",
     .unit = "",
     .predicted = {},
     .tolerance = 0,
     .tolerance_reason = "nothing is measured",
     .tested_by = "no measurement: random weights have no quality to lose",
     .on_run = test_quality},
    {.id = "a100-not-5x",
     .statement = "From a T4 to an A100 is 4.8x the TFLOPS but less than 5x the tokens/s",
     .what = "tokens/s of an A100 over a T4",
     .unit = "ratio",
     .predicted = {0, article_a100_over_t4},
     .tolerance = other_board,
     .tolerance_reason = why_other_board,
     .tested_by = "the same step in a T4's and an A100's result",
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
     .by_arithmetic = note_bandwidth_pairs,
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
     .by_arithmetic = find_gpu_choice,
     .across_runs = test_gpu_choice},
};

}  // namespace

std::span<const Claim> claims_table() { return table; }

}  // namespace roofproof::analysis
