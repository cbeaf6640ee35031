// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Attention of the CUDA backend, run on the CPU (tests/simt) against plain
// loops in double precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

#include "kernels/cuda/layer/attention.cuh"
#include "kernels/cuda/layer/causal_attention.cuh"
#include "kernels/inputs.h"

namespace roofproof::cuda {
namespace {

using linear::Half;

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

// Operands in memory that is aligned to 16 bytes, as a device's is. What lies beyond the tokens
// that count must not be used.
template <int Dim, class T>
struct Operands {
  std::vector<uint4> query_memory;
  std::vector<uint4> cache_memory;
  T* query;
  Half* keys;
  Half* values;

  Operands(int query_values, int cached_heads, int cache_tokens, int tokens)
      : query_memory(static_cast<std::size_t>(query_values * 4 / 16 + 1)),
        cache_memory(static_cast<std::size_t>(cached_heads * cache_tokens * Dim / 4 + 1)),
        query(reinterpret_cast<T*>(query_memory.data())),
        keys(reinterpret_cast<Half*>(cache_memory.data())),
        values(keys + cached_heads * cache_tokens * Dim) {
    const InputStream input = input_stream(4, 'a', 0);
    std::uint64_t drawn = 0;
    const auto draw = [&] { return 2 * input.uniform(drawn++); };
    for (int i = 0; i < query_values; ++i) query[i] = stored<T>(draw());
    for (int i = 0; i < cached_heads * cache_tokens * Dim; ++i) {
      const bool counts = i / Dim % cache_tokens < tokens;
      keys[i] = counts ? to_float16(draw()) : Half{0x7e00};
      values[i] = counts ? to_float16(draw()) : Half{0x7e00};
    }
  }
};

// The attention of one query over the first `tokens` of [tokens][Dim] keys and values, by plain
// loops.
template <int Dim, class T>
std::vector<double> plain_attention(const T* query, const Half* keys, const Half* values,
                                    int tokens) {
  std::vector<double> sums(Dim);
  double total = 0;
  for (int token = 0; token < tokens; ++token) {
    double score = 0;
    for (int i = 0; i < Dim; ++i) score += value_of(query[i]) * value_of(keys[token * Dim + i]);
    const double weight = std::exp(score / std::sqrt(Dim));
    total += weight;
    for (int i = 0; i < Dim; ++i) {
      sums[static_cast<std::size_t>(i)] += weight * value_of(values[token * Dim + i]);
    }
  }
  for (double& sum : sums) sum /= total;
  return sums;
}

// FP16 probabilities, values up to 2; FP32 queries are rounded too.
template <class T>
void expect_row(const T* y, const std::vector<double>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_TRUE(std::abs(value_of(y[i]) - expected[i]) <= 6e-3)
        << "dim " << i << " is " << value_of(y[i]) << ", expected " << expected[i];
  }
}

template <int Dim, class T>
void expect_attention(const Heads& heads, int batch, int tokens, int processors, int cache_tokens) {
  SCOPED_TRACE(testing::Message() << "heads " << heads.heads << " of " << heads.kv_heads << " dim "
                                  << Dim << " batch " << batch << " tokens " << tokens
                                  << " processors " << processors);
  const Operands<Dim, T> operands(batch * heads.heads * Dim, batch * heads.kv_heads, cache_tokens,
                                  tokens);
  std::vector<T> y(static_cast<std::size_t>(batch * heads.heads * Dim));
  std::memset(y.data(), 0xff, y.size() * sizeof(T));

  layer::AttentionJob job;
  job.query = operands.query;
  job.keys = operands.keys;
  job.values = operands.values;
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
  for (const auto& [late, depth] : {std::pair{false, 16}, {true, 16}, {true, 8}}) {
    ptx::late_copies = late;
    ptx::mma_depth = depth;
    simt::launch(
        {static_cast<unsigned>(job.units() * job.splits), 1, 1}, layer::attention_threads,
        layer::attention_shared_bytes(Dim), [&] { layer::attention_kernel<Dim, T>(job); }, late);
    for (const unsigned count : arrivals) ASSERT_EQ(count, 0u);
    for (int b = 0; b < batch; ++b) {
      for (int head = 0; head < heads.heads; ++head) {
        SCOPED_TRACE(testing::Message() << "sequence " << b << " head " << head);
        const int row = b * heads.heads + head;
        const int kv = b * heads.kv_heads + head / (heads.heads / heads.kv_heads);
        expect_row(&y[static_cast<std::size_t>(row * Dim)],
                   plain_attention<Dim>(operands.query + row * Dim,
                                        operands.keys + kv * cache_tokens * Dim,
                                        operands.values + kv * cache_tokens * Dim, tokens));
        if (testing::Test::HasFatalFailure()) return;
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

template <int Dim>
void expect_causal_attention(const Heads& heads, int tokens) {
  SCOPED_TRACE(testing::Message() << "heads " << heads.heads << " of " << heads.kv_heads << " dim "
                                  << Dim << " tokens " << tokens);
  const int cache_tokens = tokens + 5;
  const Operands<Dim, Half> operands(tokens * heads.heads * Dim, heads.kv_heads, cache_tokens,
                                     tokens);
  // Behind the outputs of the sequence stand those of a whole block, which must stay as they are.
  const int outputs = tokens * heads.heads * Dim;
  const int behind = layer::causal_queries * heads.heads * Dim;
  std::vector<uint4> y_memory(static_cast<std::size_t>((outputs + behind) / 8));
  Half* const y = reinterpret_cast<Half*>(y_memory.data());

  layer::AttentionJob job;
  job.query = operands.query;
  job.keys = operands.keys;
  job.values = operands.values;
  job.y = y;
  job.batch = 1;
  job.heads = heads.heads;
  job.kv_heads = heads.kv_heads;
  job.tokens = tokens;
  job.cache_tokens = cache_tokens;
  job.scale = static_cast<float>(1 / (std::log(2.0) * std::sqrt(Dim)));
  for (const auto& [late, depth] : {std::pair{false, 16}, {true, 16}, {true, 8}}) {
    ptx::late_copies = late;
    ptx::mma_depth = depth;
    std::memset(y_memory.data(), 0xff, y_memory.size() * sizeof(uint4));
    simt::launch(
        {static_cast<unsigned>(layer::causal_blocks(job)), 1, 1}, layer::attention_threads,
        layer::causal_shared_bytes(Dim), [&] { layer::causal_attention_kernel<Dim>(job); }, late);
    EXPECT_EQ(std::count(y + outputs, y + outputs + behind, Half{0xffff}), behind);
    for (int token = 0; token < tokens; ++token) {
      for (int head = 0; head < heads.heads; ++head) {
        SCOPED_TRACE(testing::Message() << "token " << token << " head " << head);
        const int row = token * heads.heads + head;
        const int kv = head / (heads.heads / heads.kv_heads) * cache_tokens;
        expect_row(y + row * Dim,
                   plain_attention<Dim>(operands.query + row * Dim, operands.keys + kv * Dim,
                                        operands.values + kv * Dim, token + 1));
        if (testing::Test::HasFatalFailure()) return;
      }
    }
  }
}

TEST(CausalAttention, TilesAndTheirEdges) {
  for (const int tokens : {1, 3, 17, 63, 64, 65, 127, 128, 130}) {
    expect_causal_attention<128>({1, 1}, tokens);
  }
}
TEST(CausalAttention, BlocksOfQueries) {
  expect_causal_attention<128>({2, 1}, 300);
  expect_causal_attention<64>({1, 1}, 300);
}
TEST(CausalAttention, GroupsOfAnySize) {
  expect_causal_attention<128>({3, 3}, 40);  // every head its own keys
  expect_causal_attention<64>({8, 2}, 70);
  expect_causal_attention<64>({8, 1}, 33);
  expect_causal_attention<128>({12, 2}, 20);
}

TEST(CausalAttentionPlan, EachBlockOnceAndTheLongestFirst) {
  layer::AttentionJob job;
  job.heads = 6;
  job.kv_heads = 2;
  for (const int tokens : {1, 128, 129, 1000}) {
    job.tokens = tokens;
    std::vector<std::pair<int, int>> blocks;
    for (int number = 0; number < layer::causal_blocks(job); ++number) {
      const layer::CausalBlock block = layer::causal_block(job, number);
      blocks.emplace_back(-block.first, block.head);
    }
    EXPECT_TRUE(std::is_sorted(blocks.begin(), blocks.end()));
    std::vector<std::pair<int, int>> expected;
    for (int first = 0; first < tokens; first += 128) {
      for (int head = 0; head < 6; ++head) expected.emplace_back(-first, head);
    }
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(blocks, expected);
  }
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
    std::set<int> banks;
    std::set<int> banks_of_64;  // whose rows have 8 pieces
    for (int row = 0; row < 8; ++row) {
      banks.insert(layer::value_offset<128>(row, piece) / 16 % 8);
      banks_of_64.insert(layer::value_offset<64>(row, piece % 8) / 16 % 8);
    }
    EXPECT_EQ(banks.size(), 8u);
    EXPECT_EQ(banks_of_64.size(), 8u);
  }
}

}  // namespace
}  // namespace roofproof::cuda
