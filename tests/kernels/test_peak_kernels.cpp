// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The mma.sync peak loops, run on the CPU (tests/simt): what they leave after a few iterations,
// against plain loops, and that their operands are what keeps sums exact.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "kernels/cuda/peak/mma.cuh"

namespace roofproof::cuda {
namespace {

constexpr InputStream input = input_stream(5, 'o', 0);

// One row per K of A, and of the two B.
template <int ElementBytes>
struct Operands {
  static constexpr int depth = 32 / ElementBytes;
  int a[512][depth];
  int b[2][32][depth];

  Operands() {
    for (int row = 0; row < 512; ++row) {
      for (int k = 0; k < depth; ++k) {
        a[row][k] = peak_mma::a_element<ElementBytes>(input, row, k);
      }
    }
    for (int step = 0; step < 2; ++step) {
      for (int column = 0; column < 32; ++column) {
        for (int k = 0; k < depth; ++k) {
          b[step][column][k] = peak_mma::b_element<ElementBytes>(input, step, column, k);
        }
      }
    }
  }
  std::int64_t product(int row, int step, int column) const {
    std::int64_t sum = 0;
    for (int k = 0; k < depth; ++k) sum += a[row][k] * b[step][column][k];
    return sum;
  }
};

// What a thread has to leave: of its warp's 64 x 32 sums those that PTX gives it of the tiles of 16
// x 8, tile by tile.
template <int ElementBytes>
std::int32_t expected(const Operands<ElementBytes>& operands, int thread, int iterations) {
  std::uint32_t folded = 0;
  for (int tile_row = 0; tile_row < 64; tile_row += 16) {
    for (int tile_column = 0; tile_column < 32; tile_column += 8) {
      for (int i = 0; i < 4; ++i) {
        const int row = thread / 32 * 64 + tile_row + (thread % 32 >> 2) + (i < 2 ? 0 : 8);
        const int column = tile_column + thread % 4 * 2 + (i & 1);
        const std::int64_t sum =
            operands.product(row, 0, column) + operands.product(row, 1, column);
        folded = 31 * folded + static_cast<std::uint32_t>(iterations * sum);
      }
    }
  }
  return static_cast<std::int32_t>(folded);
}

template <Generation G, class Type>
void expect_sums() {
  const Operands<Type::element_bytes> operands;
  for (const int iterations : {1, 3}) {
    std::vector<std::int32_t> out(2 * 256 + 1, -1);
    simt::launch({2}, 256, 0,
                 [&] { peak_mma::peak_mma_kernel<G, Type>(input, iterations, out.data()); });
    for (int thread = 0; thread < 512; ++thread) {
      ASSERT_EQ(out[static_cast<std::size_t>(thread)], expected(operands, thread % 256, iterations))
          << thread << " after " << iterations;
      ASSERT_NE(expected(operands, thread % 256, iterations),
                expected(operands, thread % 256, iterations - 1));
    }
    EXPECT_EQ(out.back(), -1);
  }
}

TEST(PeakMma, LeavesEachSumOfTuringsProducts) {
  expect_sums<Generation::sm75, Fp16>();
  expect_sums<Generation::sm75, Int8>();
}

TEST(PeakMma, LeavesEachSumOfAmperesProducts) {
  expect_sums<Generation::sm80, Fp16>();
  expect_sums<Generation::sm80, Int8>();
}

// As expected() has them from the PTX ISA.
TEST(PeakMma, KnowsWhereItsSumsLie) {
  for (int thread = 0; thread < 256; ++thread) {
    for (int i = 0; i < 64; ++i) {
      const peak_mma::Position place = peak_mma::sum_position(thread, i);
      EXPECT_EQ(place.row, thread / 32 * 64 + i / 16 * 16 + (thread % 32 >> 2) + (i & 2) * 4);
      EXPECT_EQ(place.column, i / 4 % 4 * 8 + thread % 4 * 2 + (i & 1));
    }
  }
}

template <int ElementBytes>
void expect_random_operands(int largest_a, int largest_b) {
  const Operands<ElementBytes> operands;
  const auto expect_within = [](const int* values, int count, int largest) {
    int found = 0;
    int negative = 0;
    for (int i = 0; i < count; ++i) {
      ASSERT_NE(values[i], 0);
      ASSERT_LE(std::abs(values[i]), largest);
      found = std::max(found, std::abs(values[i]));
      negative += values[i] < 0 ? 1 : 0;
    }
    EXPECT_GT(found, largest * 9 / 10);
    EXPECT_NEAR(negative, count / 2, count / 10);
  };
  expect_within(operands.a[0], 512 * operands.depth, largest_a);
  expect_within(operands.b[0][0], 2 * 32 * operands.depth, largest_b);
}

TEST(PeakMma, OperandsAreRandomAndNowhereZero) {
  expect_random_operands<2>(2047, 32);  // 11 bits, as many as FP16 has
  expect_random_operands<1>(127, 127);
}

// At every place in the loop, in whatever order an instruction adds: FP32 has 24 bits.
TEST(PeakMma, Fp16SumsNeverNeedMoreBitsThanThereAre) {
  const Operands<2> operands;
  std::int64_t largest = 0;
  for (int row = 0; row < 512; ++row) {
    for (int column = 0; column < 32; ++column) {
      std::int64_t magnitude = 0;
      for (int k = 0; k < 16; ++k) {
        magnitude += std::abs(operands.a[row][k] * operands.b[1][column][k]);
      }
      const std::int64_t left = operands.product(row, 0, column) + operands.product(row, 1, column);
      EXPECT_NE(left, 0);  // each iteration shows
      largest = std::max(largest, std::abs(left) * peak_mma::iterations + 2 * magnitude);
    }
  }
  EXPECT_LT(largest, 1 << 24);
}

}  // namespace
}  // namespace roofproof::cuda
