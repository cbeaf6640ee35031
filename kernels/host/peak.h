// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The FP32 ceiling of one core: x = factor x + step on registers alone.
#pragma once

#include <cstdint>

namespace roofproof::host {

struct PeakKernel {
  const char* simd;    // Highway's name of the instruction set
  std::int64_t width;  // independent values that one core works on

  // Replaces values[0 .. width) by what `iterations` steps make of them. 2 x width x iterations
  // FLOP.
  void (*run)(float* values, float factor, float step, std::int64_t iterations);
};

// For the best instruction set of this CPU.
PeakKernel peak_kernel();

}  // namespace roofproof::host
