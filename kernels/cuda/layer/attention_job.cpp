// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/layer/attention_job.h"

#include <algorithm>

namespace roofproof::cuda::layer {

void divide_attention(AttentionJob& job, int processors) {
  constexpr int least_tokens = attention_warps * attention_tokens;
  const int wanted = (2 * processors + job.units() - 1) / job.units();
  const int most = (job.tokens + least_tokens - 1) / least_tokens;
  job.splits = std::clamp(wanted, 1, most);
  const int each = (job.tokens + job.splits - 1) / job.splits;
  job.split_tokens = (each + attention_tokens - 1) / attention_tokens * attention_tokens;
  // Rounded up, fewer may do.
  job.splits = (job.tokens + job.split_tokens - 1) / job.split_tokens;
}

}  // namespace roofproof::cuda::layer
