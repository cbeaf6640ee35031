// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/session/arithmetic_limit.h"

namespace roofproof::bench {
namespace {

// Operations that an SM starts per clock, of the products of that compute capability the fastest:
// which one it is, does not matter to a limit. A test holds the table against analysis/specs, where
// every rate has its source.
struct Rates {
  int compute_capability;
  double fp32;
  double fp16;  // tensor cores, FP32 accumulation
  double int8;  // tensor cores; 0: not known
};
constexpr Rates rates_per_clock[] = {
    {75, 128, 1024, 2048}, {80, 128, 2048, 4096},  {86, 256, 1024, 2048},
    {89, 256, 1024, 2048}, {90, 256, 4096, 8192},  {100, 256, 8192, 16384},
    {103, 256, 8192, 0},   {120, 256, 1024, 2048}, {121, 256, 1024, 0},
};

// Weights in INT8 are expanded, except those of a GEMM or a peak loop of integers.
double rate(const Rates& rates, const Problem& problem) {
  if (problem.precision == Precision::fp32) return rates.fp32;
  const bool integers = problem.precision == Precision::int8 && problem.op != Op::prefill;
  return integers ? rates.int8 : rates.fp16;
}

}  // namespace

std::optional<double> most_flop_per_s(const Problem& problem, const Device& device,
                                      std::optional<double> sm_clock_max_hz) {
  if (!is_arithmetic(problem.op)) return std::nullopt;
  if (device.backend != Backend::cuda || !sm_clock_max_hz) return std::nullopt;
  for (const Rates& rates : rates_per_clock) {
    if (rates.compute_capability != device.compute_capability) continue;
    const double per_clock = rate(rates, problem);
    if (per_clock == 0) return std::nullopt;
    return device.processors * *sm_clock_max_hz * per_clock;
  }
  return std::nullopt;
}

}  // namespace roofproof::bench
