// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Four answers that users try out by hand, from the measured time of a decode step over batch and
// context: when drafted tokens pay, when narrow weights stop paying, how many users a time per
// token allows, when the cache outweighs the weights.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/results_view.h"
#include "analysis/statistics.h"

namespace roofproof::analysis {

struct DialAnswer {
  std::string step;             // "decode of mistral-7b, context 0"
  std::string of;               // "int4, 7 drafted"
  std::optional<double> value;  // nothing where the measured batches do not hold it
  // 95 %, by the edges of the times' intervals; an end is infinite where the edge holds none.
  std::optional<Interval> interval;
  std::string words;  // the same for a reader
};

struct Dial {
  std::string_view id;
  std::string question;
  std::string_view assumption;
  std::vector<DialAnswer> answers;
  std::string missing;  // why there are none; ""
};

// For each user 20 tokens/s: faster than most people read.
inline constexpr double default_time_per_token_s = 0.05;

// Of the most telling step (decode_steps.h) with each weight format that was measured.
// `time_per_token_s` is the limit that the third is asked with.
std::vector<Dial> dials(const ResultsView& view, double time_per_token_s);

// The least probability with which each of `drafted` tokens must be accepted for a step that takes
// `time_ratio` times one token's step to give more tokens per second: it gives
// 1 + a + a^2 + ... + a^drafted of them. 0 where it pays whatever is accepted; nothing where it
// never does.
std::optional<double> least_acceptance(double time_ratio, int drafted);

// Where a curve over batches first exceeds `limit`, on straight lines between its points in
// logarithms of both; infinite where no point does, 0 where the first does. Points by batch.
struct CurvePoint {
  double batch = 0;
  double value = 0;
};
double first_above(const std::vector<CurvePoint>& points, double limit);

std::string dials_text(const std::vector<Dial>& dials, const std::string& of);
std::string dials_json(const std::vector<Dial>& dials, const std::string& of);

}  // namespace roofproof::analysis
