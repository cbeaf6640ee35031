// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The GPU of a reported figure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/audit/judge.h"

namespace roofproof::analysis {

// One GPU as somebody named it.
struct Board {
  std::string name;
  const GpuSpec* spec = nullptr;  // null: known by its stated figures alone
  double bytes_per_s = 0;
  double most_bytes_per_s = 0;         // of the boards that the name may mean
  double cache_bytes = 0;              // L2
  std::optional<double> memory_bytes;  // the most of them
  double most_over_peak = 1;           // of the fastest of them in arithmetic
  std::optional<double> stated_flop_per_s;
  std::string note;

  std::optional<double> peak(Arithmetic arithmetic) const;
  // The peak of the fastest board of the name; of FP16 and FP8 what FP16 sums leave possible.
  std::optional<double> peak_with_fp16_sums(Arithmetic arithmetic) const;
  bool has_sparsity() const;  // 2:4, since Ampere; or it is not known
  // The highest that a board can reach in any arithmetic for weights of so many bits; infinite
  // where no peak is known.
  double highest_peak(double bits) const;
};

// Names in `missing` what it takes to know it, with its option; then there is none.
std::optional<Board> find_board(const ReportedFigure& figure, const Stated& stated,
                                const SpecTable& specs, std::vector<std::string>& missing);

// "2 x L40S"
std::string board_words(const Board& board, int gpus);

}  // namespace roofproof::analysis
