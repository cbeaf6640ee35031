// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/audit/board.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "analysis/input_error.h"
#include "kernels/models/lower.h"

namespace roofproof::analysis {
namespace {

// Boards that are not in the table and go by the name of one that is, which is slower: no figure is
// impossible that one of them can reach. A name that says a size of memory is of one board alone.
struct Namesake {
  std::string_view name;  // of the one in the table
  const char* words;
  double bytes_per_s;
  double memory_bytes;
  double peak_ratio;  // over the one in the table
};
constexpr Namesake namesakes[] = {
    // 384 bit of GDDR6X at 19 Gbit/s per pin, 70 SMs instead of 68. The driver says "RTX 3080" too.
    {"RTX 3080", "the RTX 3080 12GB of 912 GB/s", 912e9, 12.9e9, 70.0 / 68},
    // NVIDIA's GH200 datasheet: HBM3e, up to 4.9 TB/s. The driver says "GH200 144G HBM3e".
    {"GH200 96GB", "the GH200 144GB of 4.9 TB/s", 4.9e12, 144e9, 1},
};

Board board_of(const SpecChoice& choice, const std::string& asked) {
  const GpuSpec& gpu = *choice.gpu;
  Board board;
  board.name = gpu.name;
  board.spec = &gpu;
  board.bytes_per_s = *gpu.memory_bandwidth_bytes_per_s.value;
  board.most_bytes_per_s = board.bytes_per_s;
  board.cache_bytes = gpu.l2_cache_bytes.value.value_or(0);
  board.memory_bytes = gpu.usable_memory_bytes().value;
  std::string others;
  const auto may_be = [&](const std::string& other, double bytes_per_s,
                          std::optional<double> memory_bytes) {
    board.most_bytes_per_s = std::max(board.most_bytes_per_s, bytes_per_s);
    board.memory_bytes = std::max(board.memory_bytes, memory_bytes);
    others += (others.empty() ? "" : ", ") + other;
  };
  for (const GpuSpec* other : choice.others) {
    may_be(other->name, *other->memory_bandwidth_bytes_per_s.value,
           other->usable_memory_bytes().value);
  }
  for (const Namesake& one : namesakes) {
    if (one.name != gpu.name || lower(asked).find("gb") != std::string::npos) continue;
    may_be(one.words, one.bytes_per_s, one.memory_bytes);
    board.most_over_peak = one.peak_ratio;
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
  if (!printed) return printed;
  if (!can_sum_in_fp16) return *printed * most_over_peak;
  // GeForce boards halve the rate with FP32 sums, of FP8 as of FP16; none is known to do less.
  constexpr double most_gain = 2;
  const std::optional<double> fp16 = peak(Arithmetic::fp16);
  const std::optional<double> sums = peak(Arithmetic::fp16_acc16);
  const double gain = fp16 && sums ? *sums / *fp16 : most_gain;
  return *printed * most_over_peak * std::max(1.0, gain);
}

bool Board::has_sparsity() const {
  if (!spec || spec->compute_capability.values.empty()) return true;
  return std::stod(spec->compute_capability.values[0]) >= 8;
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
  const bool is_of_peak =
      figure.quantity == Quantity::arithmetic || figure.quantity == Quantity::prefill_rate;
  const bool is_stated =
      is_of_peak ? stated.gpu_flop_per_s.has_value() : stated.gpu_bytes_per_s.has_value();
  std::optional<Board> board;
  if (!figure.gpu.empty()) {
    try {
      board = board_of(specs.choose(figure.gpu), figure.gpu);
    } catch (const InputError&) {
      if (!is_stated) {
        missing.push_back(fmt::format("the {} of '{}', which is not in the table of GPUs ({})",
                                      is_of_peak ? "peak" : "bandwidth", figure.gpu,
                                      is_of_peak ? "--gpu-tflops" : "--gpu-bandwidth-gbs"));
        return std::nullopt;
      }
    }
  }
  if (!board && is_stated) board = Board{.name = figure.gpu.empty() ? "the GPU" : figure.gpu};
  if (!board) {
    missing.emplace_back("the GPU (--gpu)");
    return std::nullopt;
  }
  if (stated.gpu_bytes_per_s) {
    board->bytes_per_s = board->most_bytes_per_s = *stated.gpu_bytes_per_s;
    board->note.clear();
  }
  if (stated.gpu_flop_per_s) {
    board->stated_flop_per_s = stated.gpu_flop_per_s;
    board->most_over_peak = 1;
  }
  return board;
}

std::string board_words(const Board& board, int gpus) {
  return gpus > 1 ? fmt::format("{} x {}", gpus, board.name) : board.name;
}

}  // namespace roofproof::analysis
