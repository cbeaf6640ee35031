// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/layer_kernel.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/host/layer_kernel.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once per instruction set.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "kernels/host/float16-inl.h"

HWY_BEFORE_NAMESPACE();
namespace roofproof::host {
namespace HWY_NAMESPACE {

// Elements that small operations take at once, in FP32 on the stack.
constexpr std::int64_t block = 128;

// For each block of `count` elements: body(first, size).
template <class Body>
HWY_INLINE void for_each_block(std::int64_t count, const Body& body) {
  for (std::int64_t i = 0; i < count; i += block) body(i, std::min(block, count - i));
}

template <class Value>
HWY_INLINE Vector load_up_to(const Value* values, std::int64_t count) {
  return count >= lanes ? load_values(values) : load_first(values, count);
}

template <class Value>
void normalise(std::byte* out, const std::byte* x, const std::byte* norm, std::int64_t count,
               double epsilon) {
  const auto* const values = reinterpret_cast<const Value*>(x);
  const auto* const weights = reinterpret_cast<const Value*>(norm);
  auto* const results = reinterpret_cast<Value*>(out);
  double squares = 0;  // of short sums in FP32
  for_each_block(count, [&](std::int64_t first, std::int64_t size) HWY_ATTR {
    Vector sum = hn::Zero(Tag());
    for (std::int64_t i = 0; i < size; i += lanes) {
      const Vector value = load_up_to(values + first + i, size - i);
      sum = hn::MulAdd(value, value, sum);
    }
    squares += static_cast<double>(hn::GetLane(hn::SumOfLanes(Tag(), sum)));
  });
  const Vector factor = hn::Set(
      Tag(), static_cast<float>(1 / std::sqrt(squares / static_cast<double>(count) + epsilon)));
  for_each_block(count, [&](std::int64_t first, std::int64_t size) HWY_ATTR {
    HWY_ALIGN float normalised[block];
    for (std::int64_t i = 0; i < size; i += lanes) {
      const Vector scaled = hn::Mul(load_up_to(values + first + i, size - i), factor);
      hn::Store(hn::Mul(scaled, load_up_to(weights + first + i, size - i)), Tag(), normalised + i);
    }
    store_values(results + first, normalised, size);
  });
}

void rotate(float* turned, const float* first, const float* second, const float* rotation,
            std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const float cosine = rotation[2 * i];
    const float sine = rotation[2 * i + 1];
    turned[i] = first[i] * cosine - second[i] * sine;
    turned[count + i] = second[i] * cosine + first[i] * sine;
  }
}

template <class Value>
void store(std::byte* out, const float* y, std::int64_t count) {
  store_values(reinterpret_cast<Value*>(out), y, count);
}

void store_fp16(std::uint16_t* out, const float* y, std::int64_t count) {
  store_values(out, y, count);
}

template <class Value>
void add(std::byte* out, const std::byte* residual, const float* y, std::int64_t count) {
  const auto* const old = reinterpret_cast<const Value*>(residual);
  for_each_block(count, [&](std::int64_t first, std::int64_t size) HWY_ATTR {
    HWY_ALIGN float sums[block];
    for (std::int64_t i = 0; i < size; i += lanes) {
      const Vector sum =
          hn::Add(load_up_to(old + first + i, size - i), load_up_to(y + first + i, size - i));
      hn::Store(sum, Tag(), sums + i);
    }
    store_values(reinterpret_cast<Value*>(out) + first, sums, size);
  });
}

template <class Value>
void gate(std::byte* out, const float* gates, const float* ups, std::int64_t count) {
  for_each_block(count, [&](std::int64_t first, std::int64_t size) HWY_ATTR {
    HWY_ALIGN float results[block];
    for (std::int64_t i = 0; i < size; i += lanes) {
      const Vector x = load_up_to(gates + first + i, size - i);
      // Beyond 88 exp() is infinite, and this is 0 either way.
      const Vector divisor =
          hn::Add(hn::Set(Tag(), 1.0f), hn::Exp(Tag(), hn::Min(hn::Neg(x), hn::Set(Tag(), 88.0f))));
      const Vector up = load_up_to(ups + first + i, size - i);
      hn::Store(hn::Mul(hn::Div(x, divisor), up), Tag(), results + i);
    }
    store_values(reinterpret_cast<Value*>(out) + first, results, size);
  });
}

// ---- Attention: tokens in blocks, the largest score so far kept (softmax in one pass) ----

constexpr std::int64_t token_block = 64;

std::int64_t padded(std::int64_t head_dim) { return (head_dim + lanes - 1) / lanes * lanes; }

// scores[i * token_block + token] of `heads` queries, which are padded with zeros.
template <int heads>
HWY_INLINE void score(const float* queries, const std::uint16_t* keys, std::int64_t head_dim,
                      std::int64_t tokens, float* scores) {
  const std::int64_t stride = padded(head_dim);
  for (std::int64_t token = 0; token < tokens; ++token) {
    const std::uint16_t* const key = keys + token * head_dim;
    Vector sum[heads];
#pragma GCC unroll 4
    for (int i = 0; i < heads; ++i) sum[i] = hn::Zero(Tag());
    for (std::int64_t at = 0; at < head_dim; at += lanes) {
      const Vector k = load_up_to(key + at, head_dim - at);
#pragma GCC unroll 4
      for (int i = 0; i < heads; ++i) {
        sum[i] = hn::MulAdd(hn::Load(Tag(), queries + i * stride + at), k, sum[i]);
      }
    }
#pragma GCC unroll 4
    for (int i = 0; i < heads; ++i) {
      scores[i * token_block + token] = hn::GetLane(hn::SumOfLanes(Tag(), sum[i]));
    }
  }
}

// totals[i] = scale[i] totals[i] + sum over tokens of probabilities[i] values.
template <int heads>
HWY_INLINE void accumulate(const float* probabilities, const std::uint16_t* values,
                           std::int64_t head_dim, std::int64_t tokens, const float* scales,
                           float* totals, std::int64_t stride) {
  for (std::int64_t at = 0; at < head_dim; at += lanes) {
    Vector sum[heads];
#pragma GCC unroll 4
    for (int i = 0; i < heads; ++i) {
      sum[i] = hn::Mul(hn::LoadU(Tag(), totals + i * stride + at), hn::Set(Tag(), scales[i]));
    }
    for (std::int64_t token = 0; token < tokens; ++token) {
      const Vector v = load_up_to(values + token * head_dim + at, head_dim - at);
#pragma GCC unroll 4
      for (int i = 0; i < heads; ++i) {
        sum[i] = hn::MulAdd(hn::Set(Tag(), probabilities[i * token_block + token]), v, sum[i]);
      }
    }
#pragma GCC unroll 4
    for (int i = 0; i < heads; ++i) hn::StoreU(sum[i], Tag(), totals + i * stride + at);
  }
}

// Scores become probabilities relative to the largest so far, partial[0]; gives what earlier ones
// are to be multiplied by.
HWY_INLINE float exponentials(float* scores, std::int64_t tokens, float root, float* partial) {
  Vector most = hn::Set(Tag(), partial[0]);
  const std::int64_t end = (tokens + lanes - 1) / lanes * lanes;
  for (std::int64_t i = tokens; i < end; ++i) scores[i] = -HUGE_VALF;
  const Vector factor = hn::Set(Tag(), root);
  for (std::int64_t i = 0; i < end; i += lanes) {
    const Vector scaled = hn::Mul(hn::Load(Tag(), scores + i), factor);
    hn::Store(scaled, Tag(), scores + i);
    most = hn::Max(most, scaled);
  }
  const float largest = hn::GetLane(hn::MaxOfLanes(Tag(), most));
  Vector sum = hn::Zero(Tag());
  for (std::int64_t i = 0; i < end; i += lanes) {
    const Vector below = hn::Sub(hn::Load(Tag(), scores + i), hn::Set(Tag(), largest));
    // Exp() is only defined for finite numbers; exp(-100) is 0 beside the largest's 1.
    const Vector p = hn::Exp(Tag(), hn::Max(below, hn::Set(Tag(), -100.0f)));
    hn::Store(hn::IfThenElseZero(hn::Gt(below, hn::Set(Tag(), -100.0f)), p), Tag(), scores + i);
    sum = hn::Add(sum, hn::Load(Tag(), scores + i));
  }
  const float scale = std::exp(partial[0] - largest);
  partial[0] = largest;
  partial[1] = partial[1] * scale + hn::GetLane(hn::SumOfLanes(Tag(), sum));
  return scale;
}

template <class Value, int heads>
HWY_INLINE void attend_heads(const AttentionPart& part, std::int64_t first) {
  const std::int64_t stride = attention_part_size(part.head_dim);
  const std::int64_t query_stride = padded(part.head_dim);
  float* const partial = part.partial + first * stride;
  HWY_ALIGN float queries[heads * most_head_dim] = {};
  HWY_ALIGN float scores[heads * token_block];
  for (int i = 0; i < heads; ++i) {
    const auto* const query =
        reinterpret_cast<const Value*>(part.query) + (first + i) * part.head_dim;
    for (std::int64_t at = 0; at < part.head_dim; at += lanes) {
      hn::Store(load_up_to(query + at, part.head_dim - at), Tag(), queries + i * query_stride + at);
    }
    std::fill_n(partial + i * stride, stride, 0.0f);
    partial[i * stride] = -HUGE_VALF;
  }
  const float root = static_cast<float>(1 / std::sqrt(static_cast<double>(part.head_dim)));
  for (std::int64_t token = 0; token < part.tokens; token += token_block) {
    const std::int64_t count = std::min(token_block, part.tokens - token);
    score<heads>(queries, part.keys + token * part.head_dim, part.head_dim, count, scores);
    float scales[heads];
    for (int i = 0; i < heads; ++i) {
      scales[i] = exponentials(scores + i * token_block, count, root, partial + i * stride);
    }
    accumulate<heads>(scores, part.values + token * part.head_dim, part.head_dim, count, scales,
                      partial + 2, stride);
  }
}

template <class Value>
void attend(const AttentionPart& part) {
  std::int64_t head = 0;
  for (; head + 4 <= part.group; head += 4) attend_heads<Value, 4>(part, head);
  if (head + 2 <= part.group) {
    attend_heads<Value, 2>(part, head);
    head += 2;
  }
  if (head < part.group) attend_heads<Value, 1>(part, head);
}

template <class Value>
void combine(std::byte* out, const float* partial, std::int64_t parts, std::int64_t stride,
             std::int64_t head_dim) {
  float largest = -HUGE_VALF;
  for (std::int64_t i = 0; i < parts; ++i) largest = std::max(largest, partial[i * stride]);
  float sum = 0;
  for (std::int64_t i = 0; i < parts; ++i) {
    sum += partial[i * stride + 1] * std::exp(partial[i * stride] - largest);
  }
  for_each_block(head_dim, [&](std::int64_t first, std::int64_t size) HWY_ATTR {
    HWY_ALIGN float totals[block] = {};
    for (std::int64_t part = 0; part < parts; ++part) {
      const float* const from = partial + part * stride;
      const float weight = std::exp(from[0] - largest) / sum;
      for (std::int64_t i = 0; i < size; i += lanes) {
        const Vector values = hn::LoadU(Tag(), from + 2 + first + i);
        const Vector total =
            hn::MulAdd(hn::Set(Tag(), weight), values, hn::Load(Tag(), totals + i));
        hn::Store(total, Tag(), totals + i);
      }
    }
    store_values(reinterpret_cast<Value*>(out) + first, totals, size);
  });
}

std::int64_t argmax(const float* values, std::int64_t count) {
  Vector most = hn::Set(Tag(), values[0]);
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) most = hn::Max(most, hn::LoadU(Tag(), values + i));
  float largest = hn::GetLane(hn::MaxOfLanes(Tag(), most));
  for (; i < count; ++i) largest = std::max(largest, values[i]);
  return std::find(values, values + count, largest) - values;
}

template <class Value>
LayerKernel kernel_for() {
  return {hwy::TargetName(HWY_TARGET),
          normalise<Value>,
          rotate,
          store<Value>,
          store_fp16,
          add<Value>,
          gate<Value>,
          attend<Value>,
          combine<Value>,
          argmax};
}

LayerKernel make_layer_kernel(bool fp32_activations) {
  return fp32_activations ? kernel_for<float>() : kernel_for<std::uint16_t>();
}

}  // namespace HWY_NAMESPACE
}  // namespace roofproof::host
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace roofproof::host {

HWY_EXPORT(make_layer_kernel);

LayerKernel layer_kernel(bool fp32_activations) {
  return HWY_DYNAMIC_DISPATCH(make_layer_kernel)(fp32_activations);
}

// Room for whole vectors of any instruction set.
std::int64_t attention_part_size(std::int64_t head_dim) { return 2 + (head_dim + 15) / 16 * 16; }

}  // namespace roofproof::host
#endif
