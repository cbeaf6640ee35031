// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the tests of kernels compute for themselves: plain loops in double precision over operands
// that were read back, sharing no code with kernels/.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace roofproof::naive {

// The FP16 number with these bits, from its definition in IEEE 754.
inline double half_value(std::uint16_t bits) {
  const double sign = bits >> 15 != 0 ? -1 : 1;
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  if (exponent == 31) {
    return fraction != 0 ? std::numeric_limits<double>::quiet_NaN()
                         : sign * std::numeric_limits<double>::infinity();
  }
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

// The raw bytes of a tensor as numbers of type T.
template <class T>
std::vector<T> elements(const std::vector<std::byte>& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

inline std::vector<double> doubles_of_floats(const std::vector<std::byte>& bytes) {
  const auto values = elements<float>(bytes);
  return {values.begin(), values.end()};
}

inline std::vector<double> doubles_of_halves(const std::vector<std::byte>& bytes) {
  std::vector<double> values;
  for (const std::uint16_t bits : elements<std::uint16_t>(bytes))
    values.push_back(half_value(bits));
  return values;
}

// alpha a[m, k] b[n, k]^T + beta c[m, n], and beside each the sum of all magnitudes.
struct Product {
  std::vector<double> values;
  std::vector<double> magnitudes;
};
inline Product product(std::size_t m, std::size_t n, std::size_t k, const std::vector<double>& a,
                       const std::vector<double>& b, double alpha = 1, double beta = 0,
                       const std::vector<double>& c = {}) {
  Product result;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      double magnitude = 0;
      for (std::size_t l = 0; l < k; ++l) {
        sum += a[i * k + l] * b[j * k + l];
        magnitude += std::abs(a[i * k + l] * b[j * k + l]);
      }
      const double old = beta == 0 ? 0 : beta * c[i * n + j];
      result.values.push_back(alpha * sum + old);
      result.magnitudes.push_back(std::abs(alpha) * magnitude + std::abs(old));
    }
  }
  return result;
}

// Each of `got` within the certain error bound of an FP32 sum of k products, in any order, and of
// one rounding to FP16 where the output has it.
inline void expect_product(const std::vector<double>& got, const Product& expected, std::size_t k,
                           bool half_output) {
  ASSERT_EQ(got.size(), expected.values.size());
  const double roundings = static_cast<double>(k + 3) * 0x1p-24;
  for (std::size_t i = 0; i < got.size(); ++i) {
    double tolerance = roundings * expected.magnitudes[i];
    if (half_output) tolerance += 0x1p-11 * (std::abs(expected.values[i]) + tolerance) + 0x1p-25;
    const double error = std::abs(got[i] - expected.values[i]);
    // Not EXPECT_LE: NaN must fail.
    ASSERT_TRUE(error <= tolerance) << "output " << i << " is " << got[i] << ", expected "
                                    << expected.values[i] << " +- " << tolerance;
  }
}

}  // namespace roofproof::naive
