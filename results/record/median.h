// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The middle value: what a row's time_s is of its samples, for whoever writes or reads one, and how
// well it is known.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace roofproof {

// Of an even number the mean of the two in the middle. Must not be empty.
inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// Lowest and highest value of the narrowest 95 % interval of the median by order statistics,
// without a law of the noise; below 6 values, too few for 95 %, the lowest and the highest. Must
// not be empty.
inline std::pair<double, double> median_interval(std::vector<double> values) {
  constexpr double one_sided_error = 0.025;
  std::sort(values.begin(), values.end());
  const auto count = static_cast<double>(values.size());
  // Fewer than `left_out` + 1 of the values lie below the median with this probability.
  double probability = std::exp2(-count);
  double error = probability;
  std::size_t left_out = 0;
  while (2 * (left_out + 1) < values.size()) {
    const auto next = static_cast<double>(left_out + 1);
    probability *= (count - next + 1) / next;
    if (!(error + probability <= one_sided_error)) break;
    error += probability;
    ++left_out;
  }
  return {values[left_out], values[values.size() - 1 - left_out]};
}

}  // namespace roofproof
