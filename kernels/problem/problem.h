// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A problem: operation, precision and shape. It knows its name, its FLOP and its compulsory bytes,
// and nothing of who computes it or how long that takes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/problem/implementation.h"
#include "kernels/problem/op.h"
#include "kernels/problem/precision.h"

namespace roofproof {

// Only the dimensions of the operation are set; the others stay 0 (see dimensions()).
struct Shape {
  std::int64_t bytes = 0;    // read, copy, triad: size of each array
  std::int64_t m = 0;        // gemm, prefill: the tokens, of a gemm the rows of A and C
  std::int64_t n = 0;        // gemm, gemv: rows of the weights, the outputs
  std::int64_t k = 0;        // gemm, gemv: the inputs
  std::int64_t batch = 0;    // gemv, layer, decode: sequences
  std::int64_t context = 0;  // layer, decode: tokens already in the KV cache
  std::string model = {};    // layer, prefill, decode: as find_model() takes it

  bool operator==(const Shape&) const = default;
};

struct Problem {
  Op op = Op::peak;
  Precision precision = Precision::fp32;
  Shape shape = {};

  bool operator==(const Problem&) const = default;
};

// The dimensions that an operation has, in the order in which a name gives them.
struct Dimension {
  const char* name;
  std::int64_t Shape::*value;
};
const std::vector<Dimension>& dimensions(Op op);

// "gemm/fp16/hand/m:16/n:4096/k:4096"; the same on every GPU.
std::string benchmark_name(const Problem& problem, Implementation implementation);

// Bytes of the weights [n, k] with their scales.
double weight_bytes(Precision precision, double n, double k);

// One multiply-add counts as 2. read: 0, by convention its additions are not counted. peak: 0, how
// much a loop computes is its kernel's own choice (Workload::flop).
double flop(const Problem& problem);

// The bytes that must cross the memory bus: each input read once, each output written once, scales
// included; gemm with beta != 0 also reads C.
double compulsory_bytes(const Problem& problem, bool reads_c = false);

}  // namespace roofproof
