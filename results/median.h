// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The middle value: what a row's time_s is of its samples, for whoever writes or reads one.
#pragma once

#include <algorithm>
#include <vector>

namespace roofproof {

// Of an even number the mean of the two in the middle. Must not be empty.
inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace roofproof
