// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The roofline model, as arithmetic. SI units throughout.
#pragma once

#include <optional>
#include <string_view>

#include "kernels/problem/model.h"

namespace roofproof::analysis {

// A device: how fast it computes and how fast it moves bytes.
struct Roofs {
  double flop_per_s = 0;
  double bytes_per_s = 0;
};

// One operation: what it computes, what it moves, and how many kernels it is.
struct Work {
  double flop = 0;
  double bytes = 0;
  double launches = 0;
};

enum class Bound { memory, compute };
std::string_view name(Bound bound);

// T = max(FLOP / P, bytes / W) + n t0.
struct RoofTime {
  double compute_s = 0;  // FLOP / P
  double memory_s = 0;   // bytes / W
  double launch_s = 0;   // n t0
  Bound bound = Bound::memory;

  double total_s() const { return (bound == Bound::memory ? memory_s : compute_s) + launch_s; }
};

// Throws std::invalid_argument unless both roofs are positive. `launch_gap_s` is t0.
RoofTime roof_time(const Work& work, const Roofs& roofs, double launch_gap_s = 0);

// FLOP per byte from which on the compute roof is the lower one.
double ridge_flop_per_byte(const Roofs& roofs);

// min(P, I W): the FLOP/s that the roofs allow to what computes so much per byte.
double roof_flop_per_s(const Roofs& roofs, double flop_per_byte);

// The batch at which the time of a step leaves the memory roof. Nothing where it never does: each
// sequence then brings its own bytes at less than the ridge.
std::optional<double> crossover_batch(const Roofs& roofs, const StepWork& step);

// SMs x clock x operations per clock and SM.
double peak_per_s(double sm_count, double clock_hz, double ops_per_clock_per_sm);

// Both edges of the memory clock that CUDA and the driver report move one bit per line.
double bus_bytes_per_s(double memory_clock_hz, double bus_bits);

}  // namespace roofproof::analysis
