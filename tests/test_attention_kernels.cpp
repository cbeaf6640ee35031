// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Attention of the CUDA backend, run on the CPU (tests/simt) against plain
// loops in double precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/cuda/layer/attention.cuh"
#include "kernels/inputs.h"

namespace roofproof::cuda {
namespace {

using gemv::Half;

struct Heads {
  int heads;
  int kv_heads;
};

template <class T>
T stored(float value) {
  if constexpr (std::is_same_v<T, float>) {
    return value;
  } else {
    return to_float16(value);
  }
}
double value_of(float x) { return x; }
double value_of(Half x) { return to_float(x); }

template <int Dim, class T>
void expect_attention(const Heads& heads, int batch, int tokens, int processors, int cache_tokens) {
  SCOPED_TRACE(testing::Message() << "heads " << heads.heads << " of " << heads.kv_heads << " dim "
                                  << Dim << " batch " << batch << " tokens " << tokens
                                  << " processors " << processors);
  const InputStream input = input_stream(4, 'a', 0);
  std::uint64_t drawn = 0;
  const auto draw = [&] { return 2 * input.uniform(drawn++); };
  // 16-byte alignment, as device memory has.
  std::vector<uint4> query_memory(static_cast<std::size_t>(batch * heads.heads * Dim * 4 / 16 + 1));
  T* const query = reinterpret_cast<T*>(query_memory.data());
  for (int i = 0; i < batch * heads.heads * Dim; ++i) query[i] = stored<T>(draw());
  const int cache_values = batch * heads.kv_heads * cache_tokens * Dim;
  std::vector<uint4> cache_memory(static_cast<std::size_t>(cache_values * 2 / 8 + 2));
  Half* const keys = reinterpret_cast<Half*>(cache_memory.data());
  Half* const values = keys + cache_values;
  for (int i = 0; i < cache_values; ++i) {
    // What lies beyond the tokens that count must not be used.
    const bool counts = i / Dim % cache_tokens < tokens;
    keys[i] = counts ? to_float16(draw()) : Half{0x7e00};
    values[i] = counts ? to_float16(draw()) : Half{0x7e00};
  }
  std::vector<T> y(static_cast<std::size_t>(batch * heads.heads * Dim));
  std::memset(y.data(), 0xff, y.size() * sizeof(T));

  layer::AttentionJob job;
  job.query = query;
  job.keys = keys;
  job.values = values;
  job.y = y.data();
  job.batch = batch;
  job.heads = heads.heads;
  job.kv_heads = heads.kv_heads;
  job.tokens = tokens;
  job.cache_tokens = cache_tokens;
  job.scale = static_cast<float>(1 / (std::log(2.0) * std::sqrt(Dim)));
  layer::divide_attention(job, processors);
  std::vector<float> partial(static_cast<std::size_t>(layer::attention_partial_floats(job, Dim)),
                             std::nanf(""));
  std::vector<unsigned> arrivals(static_cast<std::size_t>(job.units()), 0);
  job.partial = partial.data();
  job.arrivals = arrivals.data();
  for (const bool late : {false, true}) {
    gemv::late_copies = late;
    gemv::mma_depth = late ? 8 : 16;
    simt::launch(
        {static_cast<unsigned>(job.units() * job.splits), 1, 1}, layer::attention_threads,
        layer::attention_shared_bytes(Dim), [&] { layer::attention_kernel<Dim, T>(job); }, late);
    for (const unsigned count : arrivals) ASSERT_EQ(count, 0u);
    for (int b = 0; b < batch; ++b) {
      for (int head = 0; head < heads.heads; ++head) {
        const int kv = head / (heads.heads / heads.kv_heads);
        const auto cached = [&](const Half* cache, int token, int i) {
          return static_cast<double>(
              to_float(cache[((b * heads.kv_heads + kv) * cache_tokens + token) * Dim + i]));
        };
        std::vector<double> weight;
        double total = 0;
        for (int token = 0; token < tokens; ++token) {
          double score = 0;
          for (int i = 0; i < Dim; ++i) {
            score += value_of(query[(b * heads.heads + head) * Dim + i]) * cached(keys, token, i);
          }
          weight.push_back(std::exp(score / std::sqrt(Dim)));
          total += weight.back();
        }
        for (int i = 0; i < Dim; ++i) {
          double sum = 0;
          for (int token = 0; token < tokens; ++token) {
            sum += weight[static_cast<std::size_t>(token)] * cached(values, token, i);
          }
          const double got =
              value_of(y[static_cast<std::size_t>((b * heads.heads + head) * Dim + i)]);
          // FP16 probabilities, values up to 2; FP32 queries are rounded too.
          ASSERT_TRUE(std::abs(got - sum / total) <= 6e-3)
              << "y[" << b << ", " << head << ", " << i << "] = " << got << ", expected "
              << sum / total;
        }
      }
    }
  }
}

TEST(Attention, OneTokenIsItsValue) { expect_attention<128, Half>({4, 2}, 2, 1, 3, 1); }
TEST(Attention, StepsOfSixteenAndTheirEdges) {
  for (const int tokens : {15, 16, 17, 64, 65, 127, 128}) {
    expect_attention<128, Half>({4, 1}, 1, tokens, 1, tokens + 3);
  }
}
TEST(Attention, SplitsMeetInOrder) {
  expect_attention<128, Half>({4, 2}, 1, 1000, 16, 1000);
  expect_attention<64, Half>({2, 2}, 3, 333, 9, 400);
}
TEST(Attention, GroupsOfAnySize) {
  expect_attention<128, Half>({3, 3}, 2, 40, 2, 41);  // every head its own keys
  expect_attention<128, Half>({8, 1}, 1, 70, 2, 70);  // as many as a product has columns
  expect_attention<64, Half>({24, 2}, 1, 50, 2, 50);  // more: two blocks share keys
}
TEST(Attention, Fp32Activations) {
  expect_attention<128, float>({4, 2}, 2, 100, 5, 128);
  expect_attention<64, float>({2, 1}, 1, 7, 5, 8);
}

TEST(AttentionPlan, CoversAllTokensOnce) {
  for (const int tokens : {1, 2, 63, 64, 65, 128, 1025, 8193}) {
    for (const int units : {1, 8, 64, 2048}) {
      for (const int processors : {1, 40, 132}) {
        layer::AttentionJob job;
        job.batch = units;
        job.heads = job.kv_heads = 1;
        job.tokens = tokens;
        layer::divide_attention(job, processors);
        EXPECT_EQ(job.split_tokens % layer::attention_tokens, 0);
        EXPECT_GE(job.splits * job.split_tokens, tokens);
        EXPECT_LT((job.splits - 1) * job.split_tokens, tokens);  // no split is empty
        EXPECT_LE(job.splits, (tokens + 63) / 64);
      }
    }
  }
}

TEST(AttentionPlan, ValuesAreReadWithoutBankConflicts) {
  for (int piece = 0; piece < 16; ++piece) {
    std::vector<bool> banks(8, false);
    for (int row = 0; row < 8; ++row) {
      banks[static_cast<std::size_t>(layer::value_offset<128>(row, piece) / 16 % 8)] = true;
    }
    EXPECT_EQ(std::count(banks.begin(), banks.end(), true), 8);
  }
}

}  // namespace
}  // namespace roofproof::cuda
