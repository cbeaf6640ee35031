// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the article under test states: "TFLOPS: The GPU Metric Every AI Engineer Should Understand"
// by Alexandre Agius. Figures as it prints them, in SI units.
#pragma once

#include <string_view>

namespace roofproof::analysis {

// Its running example: "Mistral-7B" on a T4.
inline constexpr double article_parameters = 7e9;
inline constexpr double article_t4_bandwidth_bytes_per_s = 300e9;

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

// The row that speaks of the GPU with this spec name; null where the article has none.
constexpr const ArticleRow* find_article_row(std::string_view spec_name) {
  for (const ArticleRow& row : article_peaks) {
    if (spec_name.substr(0, row.spec.size()) == row.spec) return &row;
  }
  return nullptr;
}

}  // namespace roofproof::analysis
