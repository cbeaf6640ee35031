// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Which shape is run in which mode: all pairs, or so few that every shape and every mode occurs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace roofproof::ptx::cases {

// {shape, mode}. Turns by `turn` modes: after as many turns as there are modes, and at least as
// many shapes, all pairs were there. Both counts must not be 0.
inline std::vector<std::pair<std::size_t, std::size_t>> covering_pairs(std::size_t shapes,
                                                                       std::size_t modes,
                                                                       std::size_t turn) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < std::max(shapes, modes); ++i) {
    pairs.emplace_back(i % shapes, (i + turn) % modes);
  }
  return pairs;
}

// Adds {shape, mode} of every shape that `pairs` does not have in that mode.
inline void add_mode(std::vector<std::pair<std::size_t, std::size_t>>& pairs, std::size_t shapes,
                     std::size_t mode) {
  for (std::size_t shape = 0; shape < shapes; ++shape) {
    const std::pair pair{shape, mode};
    if (std::find(pairs.begin(), pairs.end(), pair) == pairs.end()) pairs.push_back(pair);
  }
}

inline std::vector<std::pair<std::size_t, std::size_t>> all_pairs(std::size_t shapes,
                                                                  std::size_t modes) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t shape = 0; shape < shapes; ++shape) {
    for (std::size_t mode = 0; mode < modes; ++mode) pairs.emplace_back(shape, mode);
  }
  return pairs;
}

}  // namespace roofproof::ptx::cases
