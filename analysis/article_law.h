// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The article's prediction for a decode: bandwidth over the bytes of the weights.
#pragma once

#include "analysis/spec.h"
#include "kernels/problem/problem.h"

namespace roofproof::analysis {

struct ArticleRate {
  double tokens_per_s = 0;
  double bytes_per_s = 0;
  double weight_bytes = 0;
  bool as_printed = false;  // its own bandwidth and parameters, not the law applied elsewhere
};

// For one user. Mistral-7B on a T4 is as the article has it: 300 GB/s, 7e9 weights without scales;
// any other pair has the datasheet's bandwidth and the bytes that its step reads.
ArticleRate article_rate(const GpuSpec& gpu, const Problem& decode);

}  // namespace roofproof::analysis
