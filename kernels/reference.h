// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The double-precision reference that a case is checked against before it is timed: sampled
// outputs, each recomputed from the inputs' own generator, each with a tolerance that follows from
// the length of its sum and the formats in use.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernels/workload.h"

namespace roofproof {

// The exact value of element (row, column) of an operand.
using Element = std::function<double(std::int64_t row, std::int64_t column)>;

struct Expected {
  double value = 0;
  double tolerance = 0;
};

// out[m, n] = alpha a[m, k] b[n, k]^T + beta c[m, n]: a GEMM, or a GEMV with m = batch.
struct MatrixProduct {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  Element a = {};
  Element b = {};
  Element c = {};  // what the output held before; never asked for where beta is 0
  double alpha = 1;
  double beta = 0;
  // fp32, fp16, or int32: exact modulo 2^32, everything else whole numbers.
  ElementType output = ElementType::fp32;
  // Relative error of an operand that the kernel rounds once more: 2^-11 where dequantised weights
  // are rounded to FP16. 0 where operands enter the sum as they are.
  double operand_rounding = 0;
};

// The tolerance of an FP32 sum of `count` products, relative to the sum of their magnitudes. The
// certain bound is count x 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, 3.1). For
// operands of random sign errors grow with the root of the count (Higham and Mary, SIAM J. Sci.
// Comput. 41 (2019) A2815), so long sums get (8 + sqrt(count) / 2) x 2^-24: still far above what
// any order of summation does, and below what TF32 operands do.
double sum_tolerance(std::int64_t count);

// What rounding `value`, known to `tolerance`, to FP16 adds: half a unit in the last place, and
// the smallest subnormal.
double fp16_tolerance(double value, double tolerance);

// One output of the product with its tolerance.
Expected expected_product(const MatrixProduct& product, std::int64_t row, std::int64_t column);

// Where to look in a matrix [rows, columns]: its corners and edges, both sides of the boundaries of
// tiles of 16 to 256, and `random` places from the seed; everything where that is not more. Sorted,
// each place once.
struct Position {
  std::int64_t row;
  std::int64_t column;

  auto operator<=>(const Position&) const = default;
};
std::vector<Position> sample_positions(std::int64_t rows, std::int64_t columns, std::uint64_t seed,
                                       int random = 128);

// Gathers comparisons into one Check. NaN and infinity are failures.
class Comparison {
 public:
  // `what` names the output in the message: "c[3, 17]".
  void add(const std::function<std::string()>& what, double got, const Expected& expected);

  // Whatever is wrong apart from values: "guard band before c overwritten".
  void fail(std::string message);

  Check result() const { return check_; }

 private:
  Check check_{.ok = true};
};

// Compares `got`, an accessor of the kernel's output, with the product at sample_positions().
// `tensor` is the output's name for the message.
Check check_product(const MatrixProduct& product, const std::string& tensor, std::uint64_t seed,
                    const Element& got);

}  // namespace roofproof
