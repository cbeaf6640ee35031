// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The table of claims, and the functions that test them. A claim has up to three: one that needs no
// run, one for each run, one for several runs together.
#pragma once

#include <span>

#include "analysis/claims/decision.h"

namespace roofproof::analysis {

struct Claim {
  std::string_view id;
  std::string_view statement;
  // Its headline figure.
  std::string_view what;
  std::string_view unit;
  Interval predicted;
  double tolerance;
  std::string_view tolerance_reason;
  std::string_view tested_by;
  std::string_view needs;  // what has to be measured for a verdict; "": arithmetic is all of it
  void (*by_arithmetic)(const SpecTable& specs, Decision& decision) = nullptr;
  void (*on_run)(const Run& run, Decision& decision) = nullptr;
  void (*across_runs)(const Evidence& evidence, Decision& decision) = nullptr;
};

std::span<const Claim> claims_table();

// peaks.cpp: rates of the device, and their ratios.
void find_wrong_peaks(const SpecTable& specs, Decision& decision);
void test_peaks(const Run& run, Decision& decision);
void find_t4_bandwidth(const SpecTable& specs, Decision& decision);
void test_t4_bandwidth(const Run& run, Decision& decision);
void compute_speedup(const SpecTable& specs, Decision& decision);
void test_speedup(const Run& run, Decision& decision);
void find_waste(const SpecTable& specs, Decision& decision);
void test_waste(const Run& run, Decision& decision);
void test_unit_scale(const Run& run, Decision& decision);
void compute_ridges(const SpecTable& specs, Decision& decision);
void test_ridge(const Run& run, Decision& decision);

// one_user.cpp: a token for one user.
void compute_weights_per_token(const SpecTable& specs, Decision& decision);
void test_weights_per_token(const Run& run, Decision& decision);
void compute_token_flop(const SpecTable& specs, Decision& decision);
void test_compute_time(const Run& run, Decision& decision);
void find_waiting(const SpecTable& specs, Decision& decision);
void test_waiting(const Run& run, Decision& decision);
void compute_intensity(const SpecTable& specs, Decision& decision);

// formats.cpp: what fewer bytes per weight bring.
void compute_fp16_bytes(const SpecTable& specs, Decision& decision);
void test_fp16_against_fp32(const Run& run, Decision& decision);
void compute_int8_rate(const SpecTable& specs, Decision& decision);
void test_int8_against_fp16(const Run& run, Decision& decision);
void find_int4_rounding(const SpecTable& specs, Decision& decision);
void test_int4_against_int8(const Run& run, Decision& decision);
void test_bytes_not_math(const Run& run, Decision& decision);
void test_quality(const Run& run, Decision& decision);

// batches.cpp: many tokens at once.
void note_batch_intensity(const SpecTable& specs, Decision& decision);
void test_batch32(const Run& run, Decision& decision);
void compute_batch_throughput(const SpecTable& specs, Decision& decision);
void test_batch_throughput(const Run& run, Decision& decision);
void compute_prefill(const SpecTable& specs, Decision& decision);
void test_prefill(const Run& run, Decision& decision);
void compute_training(const SpecTable& specs, Decision& decision);
void test_training(const Run& run, Decision& decision);

// gpus.cpp: one GPU against another.
void find_a100_ratio(const SpecTable& specs, Decision& decision);
void test_a100_ratio(const Evidence& evidence, Decision& decision);
void compute_bandwidth_pairs(const SpecTable& specs, Decision& decision);
void test_bandwidth_pairs(const Evidence& evidence, Decision& decision);
void find_gpu_choice(const SpecTable& specs, Decision& decision);
void test_gpu_choice(const Evidence& evidence, Decision& decision);

}  // namespace roofproof::analysis
