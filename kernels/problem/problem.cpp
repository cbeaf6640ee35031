// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/problem/problem.h"

#include <cmath>
#include <stdexcept>

#include "kernels/problem/step.h"

namespace roofproof {
namespace {

constexpr double fp32_bytes = 4;
constexpr double fp16_bytes = 2;

double gemm_bytes(Precision precision, const Shape& shape, bool reads_c) {
  const auto m = static_cast<double>(shape.m);
  const auto n = static_cast<double>(shape.n);
  const auto k = static_cast<double>(shape.k);
  // INT8 GEMM multiplies plain integers: no scales, INT32 results.
  const bool integer = precision == Precision::int8;
  const double a_bytes = precision == Precision::fp32 ? fp32_bytes : integer ? 1 : fp16_bytes;
  const double c_bytes = precision == Precision::fp32 || integer ? 4 : fp16_bytes;
  const double b = integer ? n * k : weight_bytes(precision, n, k);
  return m * k * a_bytes + b + m * n * c_bytes * (reads_c ? 2 : 1);
}

}  // namespace

double weight_bytes(Precision precision, double n, double k) {
  const double values = n * std::ceil(k * weight_bits(precision) / 8);
  switch (precision) {
    case Precision::fp32:
    case Precision::fp16:
      return values;
    case Precision::int8:
    case Precision::w8a16:
      return values + n * fp32_bytes;
    case Precision::int4:
    case Precision::w4a16:
      return values + n * std::ceil(k / int4_group_size) * fp16_bytes;
  }
  throw std::logic_error("weight_bytes: unknown precision");
}

const std::vector<Dimension>& dimensions(Op op) {
  static const std::vector<Dimension> none;
  static const std::vector<Dimension> array = {{"bytes", &Shape::bytes}};
  static const std::vector<Dimension> gemm = {{"m", &Shape::m}, {"n", &Shape::n}, {"k", &Shape::k}};
  static const std::vector<Dimension> gemv = {
      {"n", &Shape::n}, {"k", &Shape::k}, {"batch", &Shape::batch}};
  static const std::vector<Dimension> step = {{"batch", &Shape::batch},
                                              {"context", &Shape::context}};
  static const std::vector<Dimension> tokens = {{"m", &Shape::m}};
  switch (op) {
    case Op::peak:
      return none;
    case Op::read:
    case Op::copy:
    case Op::triad:
      return array;
    case Op::gemm:
      return gemm;
    case Op::gemv:
      return gemv;
    case Op::layer:
    case Op::decode:
      return step;
    case Op::prefill:
      return tokens;
  }
  throw std::logic_error("dimensions: unknown operation");
}

std::string benchmark_name(const Problem& problem, Implementation implementation) {
  std::string text;
  text += name(problem.op);
  text += '/';
  text += name(problem.precision);
  text += '/';
  text += name(implementation);
  if (!problem.shape.model.empty()) text += "/model:" + problem.shape.model;
  for (const Dimension& dimension : dimensions(problem.op)) {
    text += '/';
    text += dimension.name;
    text += ':' + std::to_string(problem.shape.*dimension.value);
  }
  return text;
}

double flop(const Problem& problem) {
  const Shape& shape = problem.shape;
  switch (problem.op) {
    case Op::peak:
    case Op::read:
    case Op::copy:
      return 0;
    case Op::triad:
      return 2 * static_cast<double>(shape.bytes) / fp32_bytes;
    case Op::gemm:
      return 2.0 * static_cast<double>(shape.m) * static_cast<double>(shape.n) *
             static_cast<double>(shape.k);
    case Op::gemv:
    case Op::layer:
    case Op::decode:
      return step_work(problem).flop(static_cast<double>(shape.batch));
    case Op::prefill:
      return prefill_flop(find_model(shape.model), shape.m);
  }
  throw std::logic_error("flop: unknown operation");
}

double compulsory_bytes(const Problem& problem, bool reads_c) {
  const auto array_bytes = static_cast<double>(problem.shape.bytes);
  switch (problem.op) {
    case Op::peak:
      return 0;
    case Op::read:
      return array_bytes;
    case Op::copy:
      return 2 * array_bytes;
    case Op::triad:
      return 3 * array_bytes;
    case Op::gemm:
      return gemm_bytes(problem.precision, problem.shape, reads_c);
    case Op::gemv:
    case Op::layer:
    case Op::decode:
      return step_work(problem).bytes(static_cast<double>(problem.shape.batch));
    case Op::prefill:
      return prefill_bytes(find_model(problem.shape.model), problem.precision, problem.shape.m);
  }
  throw std::logic_error("compulsory_bytes: unknown operation");
}

}  // namespace roofproof
