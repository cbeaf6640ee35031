// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the article under test states: "TFLOPS: The GPU Metric Every AI Engineer Should Understand"
// by Alexandre Agius. Figures as it prints them, in SI units.
#pragma once

#include <string_view>

#include "analysis/statistics.h"

namespace roofproof::analysis {

// Its running example: "Mistral-7B" on a T4.
inline constexpr double article_parameters = 7e9;
inline constexpr double article_t4_bandwidth_bytes_per_s = 300e9;
inline constexpr double article_t4_fp16_flop_per_s = 65e12;
inline constexpr double article_fp16_tokens_per_s = 21;
inline constexpr double article_int8_tokens_per_s = 43;
inline constexpr double article_int4_tokens_per_s = 87;
inline constexpr double article_compute_time_s = 0.2e-3;
inline constexpr double article_time_per_token_s = 47e-3;
inline constexpr double article_waiting_share = 0.996;
inline constexpr double article_fp16_speedup = 8;  // over FP32

inline constexpr Interval article_fp32_waste = {0.8, 0.9};  // share of the capability
inline constexpr double article_ridge_flop_per_byte = 100;  // "designed for 100+"
inline constexpr int article_batch = 32;                    // "starting to be compute"
inline constexpr double article_a100_over_t4 = 5;           // "less than 5x the tokens/s"

// Training: 6 FLOP per parameter and token, on one A100.
inline constexpr double article_training_tokens = 8e12;
inline constexpr double article_training_flop = 3.4e23;
inline constexpr double article_training_years = 30;

// Its table of claimed peaks, dense. `gpu` is the article's own word for the GPU; `spec` names the
// specs it is held against, by the start of their names.
struct ArticleRow {
  std::string_view gpu;
  std::string_view spec;
  double fp32_flop_per_s;
  double fp16_flop_per_s;
  double int8_op_per_s;
};

inline constexpr ArticleRow article_peaks[] = {
    {"T4", "T4", 8.1e12, 65e12, 130e12},
    {"A10G", "A10G", 31.2e12, 125e12, 250e12},
    {"A100", "A100 ", 19.5e12, 312e12, 624e12},
    // The figures are the SXM5 board's: an H100 PCIe or NVL is not what the row describes.
    {"H100", "H100 SXM5", 67e12, 990e12, 1979e12},
};

// The boards that its four rows speak of, in words that the spec table knows.
inline constexpr const char* article_boards[] = {"T4", "A10G", "A100 40GB", "A100 80GB SXM4",
                                                 "H100"};

// The row that speaks of the GPU with this spec name; null where the article has none.
constexpr const ArticleRow* find_article_row(std::string_view spec_name) {
  for (const ArticleRow& row : article_peaks) {
    if (spec_name.substr(0, row.spec.size()) == row.spec) return &row;
  }
  return nullptr;
}

}  // namespace roofproof::analysis
