// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The two ends of a decode step: from tokens to rows of the embedding table, and from logits to
// tokens; and a launch of nothing. Plain data, C++17.
#pragma once

#include <cstdint>

namespace roofproof::cuda::decode {

inline constexpr int token_threads = 1024;

struct EmbedJob {
  const std::int32_t* tokens = nullptr;  // [batch]
  const void* table = nullptr;           // [vocab, width], FP16 or FP32
  void* y = nullptr;                     // [batch, width]
  int row_vectors = 0;                   // 16-byte vectors of a row
};

struct ArgmaxJob {
  const float* logits = nullptr;   // [batch, vocab]
  std::int32_t* tokens = nullptr;  // [batch]: the first of the largest
  int vocab = 0;
};

struct EmptyJob {
  unsigned* launches = nullptr;  // counted here where it is not null, without an atomic
};

}  // namespace roofproof::cuda::decode
