// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/audit/board.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "analysis/input_error.h"

namespace roofproof::analysis {
namespace {

Board board_of(const SpecChoice& choice) {
  const GpuSpec& gpu = *choice.gpu;
  Board board;
  board.name = gpu.name;
  board.spec = &gpu;
  board.bytes_per_s = *gpu.memory_bandwidth_bytes_per_s.value;
  board.most_bytes_per_s = board.bytes_per_s;
  board.cache_bytes = gpu.l2_cache_bytes.value.value_or(0);
  board.memory_bytes = gpu.usable_memory_bytes().value;
  std::string others;
  for (const GpuSpec* other : choice.others) {
    board.most_bytes_per_s =
        std::max(board.most_bytes_per_s, *other->memory_bandwidth_bytes_per_s.value);
    others += (others.empty() ? "" : ", ") + other->name;
  }
  if (!others.empty()) {
    board.note =
        fmt::format("The GPU is taken as {}; the name may also mean {}.", gpu.name, others);
  }
  return board;
}

}  // namespace

std::optional<double> Board::peak(Arithmetic arithmetic) const {
  if (stated_flop_per_s) return stated_flop_per_s;
  return spec ? spec->peak_per_s(arithmetic).value : std::nullopt;
}

std::optional<double> Board::peak_with_fp16_sums(Arithmetic arithmetic) const {
  const std::optional<double> printed = peak(arithmetic);
  const bool can_sum_in_fp16 = arithmetic == Arithmetic::fp16 || arithmetic == Arithmetic::fp8;
  if (!printed || !can_sum_in_fp16) return printed;
  // GeForce boards halve the rate with FP32 sums, of FP8 as of FP16; none is known to do less.
  constexpr double most_gain = 2;
  const std::optional<double> fp16 = peak(Arithmetic::fp16);
  const std::optional<double> sums = peak(Arithmetic::fp16_acc16);
  const double gain = fp16 && sums ? *sums / *fp16 : most_gain;
  return *printed * std::max(1.0, gain);
}

double Board::highest_peak(double bits) const {
  double highest = 0;
  for (const Arithmetic arithmetic : all_arithmetic) {
    const bool is_narrow = arithmetic == Arithmetic::int4 || arithmetic == Arithmetic::fp4;
    if (is_narrow && bits > 6) continue;
    highest = std::max(highest, peak_with_fp16_sums(arithmetic).value_or(0));
  }
  return highest > 0 ? highest * most_over_printed_peak : std::numeric_limits<double>::infinity();
}

std::optional<Board> find_board(const ReportedFigure& figure, const Stated& stated,
                                const SpecTable& specs, std::vector<std::string>& missing) {
  std::optional<Board> board;
  if (!figure.gpu.empty()) {
    try {
      board = board_of(specs.choose(figure.gpu));
    } catch (const InputError&) {
      if (!stated.gpu_bytes_per_s) {
        missing.push_back(
            fmt::format("the bandwidth of '{}', which is not in the table of GPUs "
                        "(--gpu-bandwidth-gbs)",
                        figure.gpu));
        return std::nullopt;
      }
    }
  }
  if (stated.gpu_bytes_per_s) {
    if (!board) board = Board{.name = figure.gpu.empty() ? "the GPU" : figure.gpu};
    board->bytes_per_s = board->most_bytes_per_s = *stated.gpu_bytes_per_s;
  }
  if (!board) {
    missing.emplace_back("the GPU (--gpu)");
    return std::nullopt;
  }
  if (stated.gpu_flop_per_s) board->stated_flop_per_s = stated.gpu_flop_per_s;
  return board;
}

std::string board_words(const Board& board, int gpus) {
  return gpus > 1 ? fmt::format("{} x {}", gpus, board.name) : board.name;
}

}  // namespace roofproof::analysis
