// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The operations of a decoder layer beside its matrix products, for one sequence or head at a time.
// Activations are FP16, FP32 beside fp32 weights; what a product gives them is FP32 and is rounded
// when an operation is complete.
#pragma once

#include <cstddef>
#include <cstdint>

namespace roofproof::host {

inline constexpr std::int64_t most_head_dim = 512;

// Attention of the query heads that share a key and value head, over a part of the tokens.
struct AttentionPart {
  const std::byte* query = nullptr;     // [group, head_dim]
  const std::uint16_t* keys = nullptr;  // [tokens, head_dim] FP16
  const std::uint16_t* values = nullptr;
  std::int64_t group = 0;
  std::int64_t head_dim = 0;
  std::int64_t tokens = 0;
  // Per query head attention_part_size() floats: the largest score, the sum of all exp(score -
  // largest), and the values' sum weighted by those.
  float* partial = nullptr;
};
std::int64_t attention_part_size(std::int64_t head_dim);

struct LayerKernel {
  const char* simd;  // Highway's name of the instruction set

  // out = x / sqrt(mean(x^2) + epsilon) * norm
  void (*normalise)(std::byte* out, const std::byte* x, const std::byte* norm, std::int64_t count,
                    double epsilon);

  // turned = elements of the first half of a head, then those of the second, both turned by
  // rotation [count][cosine, sine].
  void (*rotate)(float* turned, const float* first, const float* second, const float* rotation,
                 std::int64_t count);

  // out = y, rounded; also for the FP16 caches beside fp32 weights.
  void (*store)(std::byte* out, const float* y, std::int64_t count);
  void (*store_fp16)(std::uint16_t* out, const float* y, std::int64_t count);

  // out = residual + y
  void (*add)(std::byte* out, const std::byte* residual, const float* y, std::int64_t count);

  // out = gate / (1 + exp(-gate)) * up
  void (*gate)(std::byte* out, const float* gate, const float* up, std::int64_t count);

  void (*attend)(const AttentionPart& part);

  // One query head from its `parts`, which lie `stride` floats apart.
  void (*combine)(std::byte* out, const float* partial, std::int64_t parts, std::int64_t stride,
                  std::int64_t head_dim);

  // The first of the largest.
  std::int64_t (*argmax)(const float* values, std::int64_t count);
};

// For the best instruction set of this CPU.
LayerKernel layer_kernel(bool fp32_activations);

}  // namespace roofproof::host
