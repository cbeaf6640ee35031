// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/roofline.h"

#include <algorithm>
#include <stdexcept>

namespace roofproof::analysis {
namespace {

void require_positive(const Roofs& roofs) {
  if (!(roofs.flop_per_s > 0) || !(roofs.bytes_per_s > 0)) {
    throw std::invalid_argument("a roofline needs a positive peak and a positive bandwidth");
  }
}

}  // namespace

std::string_view name(Bound bound) { return bound == Bound::memory ? "memory" : "compute"; }

RoofTime roof_time(const Work& work, const Roofs& roofs, double launch_gap_s) {
  require_positive(roofs);
  RoofTime time;
  time.compute_s = work.flop / roofs.flop_per_s;
  time.memory_s = work.bytes / roofs.bytes_per_s;
  time.launch_s = work.launches * launch_gap_s;
  time.bound = time.compute_s > time.memory_s ? Bound::compute : Bound::memory;
  return time;
}

double ridge_flop_per_byte(const Roofs& roofs) {
  require_positive(roofs);
  return roofs.flop_per_s / roofs.bytes_per_s;
}

double roof_flop_per_s(const Roofs& roofs, double flop_per_byte) {
  require_positive(roofs);
  return std::min(roofs.flop_per_s, flop_per_byte * roofs.bytes_per_s);
}

std::optional<double> crossover_batch(const Roofs& roofs, const StepWork& step) {
  // B flop / P = (fixed + B bytes) / W
  const double spare_bytes = step.sequence_flop / ridge_flop_per_byte(roofs) - step.sequence_bytes;
  if (!(spare_bytes > 0)) return std::nullopt;
  return step.fixed_bytes / spare_bytes;
}

double peak_per_s(double sm_count, double clock_hz, double ops_per_clock_per_sm) {
  return sm_count * clock_hz * ops_per_clock_per_sm;
}

double bus_bytes_per_s(double memory_clock_hz, double bus_bits) {
  return 2 * memory_clock_hz * bus_bits / 8;
}

}  // namespace roofproof::analysis
