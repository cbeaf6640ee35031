// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/reference.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <utility>

#include "kernels/inputs.h"

namespace roofproof {
namespace {

constexpr double fp32_roundoff = 0x1p-24;
constexpr double fp16_roundoff = 0x1p-11;
constexpr double fp16_smallest = 0x1p-24;

std::string formatted(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::uint32_t modulo_2_32(double whole) {
  return static_cast<std::uint32_t>(static_cast<std::int64_t>(whole));
}

// Both ends, and both sides of the first, a middle and the last boundary of some tile sizes.
std::vector<std::int64_t> landmarks(std::int64_t size) {
  std::vector<std::int64_t> places = {0, 1, size / 2, size - 2, size - 1};
  for (const std::int64_t tile : {16, 64, 128, 256}) {
    const std::int64_t tiles = size / tile;
    for (const std::int64_t boundary : {tile, tiles / 2 * tile, tiles * tile}) {
      places.push_back(boundary - 1);
      places.push_back(boundary);
    }
  }
  std::erase_if(places, [size](std::int64_t place) { return place < 0 || place >= size; });
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

}  // namespace

double sum_tolerance(std::int64_t count) {
  const auto n = static_cast<double>(count);
  return std::min(n, 8 + std::sqrt(n) / 2) * fp32_roundoff;
}

double fp16_tolerance(double value, double tolerance) {
  return fp16_roundoff * (std::abs(value) + tolerance) + fp16_smallest;
}

Expected expected_product(const MatrixProduct& product, std::int64_t row, std::int64_t column) {
  double sum = 0;
  double magnitudes = 0;
  double squares = 0;
  for (std::int64_t k = 0; k < product.k; ++k) {
    const double term = product.a(row, k) * product.b(column, k);
    sum += term;
    magnitudes += std::abs(term);
    squares += term * term;
  }
  const double c = product.beta == 0 ? 0 : product.c(row, column);
  if (product.output == ElementType::int32) {
    const std::uint32_t value =
        modulo_2_32(product.alpha) * modulo_2_32(sum) + modulo_2_32(product.beta) * modulo_2_32(c);
    return {static_cast<double>(static_cast<std::int32_t>(value)), 0};
  }
  const double old = product.beta * c;
  Expected expected{product.alpha * sum + old, 0};

  const double alpha = std::abs(product.alpha);
  // Two more roundings: the product with alpha, the sum with beta c.
  expected.tolerance = sum_tolerance(product.k) * alpha * magnitudes +
                       2 * fp32_roundoff * (alpha * magnitudes + std::abs(old));
  // Errors of random sign add up like a random walk; 5 standard deviations of it.
  expected.tolerance +=
      product.operand_rounding * alpha * std::min(magnitudes, 5 * std::sqrt(squares));
  if (product.output == ElementType::fp16) {
    expected.tolerance += fp16_tolerance(expected.value, expected.tolerance);
  }
  return expected;
}

std::vector<Position> sample_positions(std::int64_t rows, std::int64_t columns, std::uint64_t seed,
                                       int random) {
  std::vector<Position> positions;
  if (rows <= 0 || columns <= 0) return positions;
  if (columns <= random / rows) {
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t column = 0; column < columns; ++column) positions.push_back({row, column});
    }
    return positions;
  }
  const InputStream stream = input_stream(seed, 'p', 0);
  std::uint64_t drawn = 0;
  const auto draw = [&](std::int64_t size) {
    return static_cast<std::int64_t>(stream.bits(drawn++) % static_cast<std::uint64_t>(size));
  };
  for (const std::int64_t row : {std::int64_t{0}, rows - 1}) {
    for (const std::int64_t column : {std::int64_t{0}, columns - 1}) {
      positions.push_back({row, column});
    }
  }
  for (const std::int64_t row : landmarks(rows)) positions.push_back({row, draw(columns)});
  for (const std::int64_t column : landmarks(columns)) positions.push_back({draw(rows), column});
  for (int i = 0; i < random; ++i) {
    const std::int64_t row = draw(rows);
    positions.push_back({row, draw(columns)});
  }
  std::sort(positions.begin(), positions.end());
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  return positions;
}

void Comparison::add(const std::function<std::string()>& what, double got,
                     const Expected& expected) {
  const double error = std::abs(got - expected.value);
  if (error == 0) return;
  double ratio = error / expected.tolerance;  // infinite where the result had to be exact
  if (std::isnan(ratio)) ratio = std::numeric_limits<double>::infinity();
  if (ratio > check_.worst) {
    check_.worst = ratio;
    if (!(ratio <= 1)) {
      fail(what() + " is " + formatted(got) + ", expected " + formatted(expected.value) + " +- " +
           formatted(expected.tolerance));
    }
  }
}

void Comparison::fail(std::string message) {
  check_.ok = false;
  check_.message = std::move(message);
}

Check check_product(const MatrixProduct& product, const std::string& tensor, std::uint64_t seed,
                    const Element& got) {
  Comparison comparison;
  for (const auto& [row, column] : sample_positions(product.m, product.n, seed)) {
    const auto what = [&, r = row, c = column] {
      return tensor + "[" + std::to_string(r) + ", " + std::to_string(c) + "]";
    };
    comparison.add(what, got(row, column), expected_product(product, row, column));
  }
  return comparison.result();
}

}  // namespace roofproof
