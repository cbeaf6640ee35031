// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The suite: which problems are measured, by whom, where and in which profile. One table; a new
// size or sweep is one row.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "bench/protocol.h"
#include "kernels/device.h"
#include "kernels/problem/problem.h"

namespace roofproof::bench {

// How a case picks among the hand-written kernels that its device can run.
enum class Choice {
  newest,   // the first of the catalogue that gives right results
  fastest,  // every one is timed briefly, the fastest is measured
};

// What a launch finds in the caches.
enum class Caches {
  rotated,  // other data: sets of buffers take turns
  cold,     // other data: the caches are displaced before each launch, which is timed alone
  hot,      // its own data: one set of buffers, launched back to back
};

// In what the cases of a row differ from most.
struct Variation {
  Choice choice = Choice::newest;
  // Named: one case by each of these kernels alone, such as the rungs of the ladder.
  std::vector<std::string_view> kernels = {};
  // Others than `rotated`: one case each, which is no headline figure.
  std::vector<Caches> caches = {Caches::rotated};
};

struct SuiteRow {
  Op op;
  std::vector<Precision> precisions;
  std::vector<Shape> shapes;
  std::vector<Implementation> implementations;
  Backend backend;
  Profile profile;  // the shortest that holds the row
  Variation varied = {};
};

std::span<const SuiteRow> suite();

}  // namespace roofproof::bench
