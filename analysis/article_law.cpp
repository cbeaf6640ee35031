// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/article_law.h"

#include "analysis/article.h"
#include "kernels/problem/model.h"

namespace roofproof::analysis {

ArticleRate article_rate(const GpuSpec& gpu, const Problem& decode) {
  ArticleRate rate;
  rate.as_printed = gpu.name == "T4" && decode.shape.model == "mistral-7b";
  rate.bytes_per_s =
      rate.as_printed ? article_t4_bandwidth_bytes_per_s : *gpu.memory_bandwidth_bytes_per_s.value;
  rate.weight_bytes = rate.as_printed
                          ? article_parameters * weight_bits(decode.precision) / 8
                          : step_weight_bytes(find_model(decode.shape.model), decode.precision);
  rate.tokens_per_s = rate.bytes_per_s / rate.weight_bytes;
  return rate;
}

}  // namespace roofproof::analysis
