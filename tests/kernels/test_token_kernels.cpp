// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Embedding and argmax of the CUDA backend, run on the CPU (tests/simt).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/cuda/decode/tokens.cuh"
#include "kernels/inputs.h"

namespace roofproof::cuda {
namespace {

TEST(Tokens, EmbeddingRowsAreCopied) {
  constexpr int width = 24;  // FP16 values: three vectors
  std::vector<uint4> table(10 * 3);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto value = static_cast<unsigned>(i);
    table[i] = {value, value + 100, value + 200, value + 300};
  }
  const std::vector<std::int32_t> tokens = {7, 0, 9};
  std::vector<uint4> y(9);
  const decode::EmbedJob job{tokens.data(), table.data(), y.data(), width * 2 / 16};
  simt::launch({3, 1, 1}, decode::token_threads, 0, [&] { decode::embed_kernel(job); });
  for (std::size_t row = 0; row < 3; ++row) {
    EXPECT_EQ(std::memcmp(&y[row * 3], &table[static_cast<std::size_t>(tokens[row]) * 3], 48), 0);
  }
}

TEST(Tokens, TheFirstOfTheLargestIsChosen) {
  for (const int vocab : {1, 31, 1000, 5003}) {
    std::vector<float> logits(static_cast<std::size_t>(2 * vocab));
    for (std::size_t i = 0; i < logits.size(); ++i) {
      logits[i] = std::floor(8 * input_stream(1, 'l', 0).uniform(i));  // many ties
    }
    std::vector<std::int32_t> tokens(2, -1);
    const decode::ArgmaxJob job{logits.data(), tokens.data(), vocab};
    simt::launch({2, 1, 1}, decode::token_threads, 32 * sizeof(decode::Candidate),
                 [&] { decode::argmax_kernel(job); });
    for (int sequence = 0; sequence < 2; ++sequence) {
      const auto begin = logits.begin() + sequence * vocab;
      EXPECT_EQ(tokens[static_cast<std::size_t>(sequence)],
                std::max_element(begin, begin + vocab) - begin);
    }
  }
}

}  // namespace
}  // namespace roofproof::cuda
