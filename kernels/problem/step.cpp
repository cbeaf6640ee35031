// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/problem/step.h"

#include <stdexcept>

namespace roofproof {
namespace {

constexpr NameTable<Rung, 4> rung_names = {{Rung::stream_only, "stream_only"},
                                           {Rung::gemv_only, "gemv_only"},
                                           {Rung::unordered, "unordered"},
                                           {Rung::launches_only, "launches_only"}};

StepWork gemv_work(Precision precision, const Shape& shape) {
  const auto n = static_cast<double>(shape.n);
  const auto k = static_cast<double>(shape.k);
  const double activation_bytes = precision == Precision::fp32 ? 4 : 2;
  return {weight_bytes(precision, n, k), (k + n) * activation_bytes, 2 * n * k};
}

// Over all matrices of a decode step, value(n, k) of each.
template <class Value>
double sum_of_matrices(const Problem& decode, const Value& value) {
  const Model model = find_model(decode.shape.model);
  const auto of = [&](const Linear& matrix) {
    return value(static_cast<double>(matrix.n), static_cast<double>(matrix.k));
  };
  double layer = 0;
  for (const Linear& matrix : layer_linears(model)) layer += of(matrix);
  return static_cast<double>(model.layers) * layer + of(lm_head(model));
}

}  // namespace

StepWork step_work(const Problem& problem) {
  const Shape& shape = problem.shape;
  switch (problem.op) {
    case Op::gemv:
      return gemv_work(problem.precision, shape);
    case Op::layer:
      return layer_work(find_model(shape.model), problem.precision, shape.context);
    case Op::decode:
      return step_work(find_model(shape.model), problem.precision, shape.context);
    default:
      throw std::logic_error("step_work: no step");
  }
}

std::string_view name(Rung rung) { return find_name(rung_names, rung); }
template <>
std::optional<Rung> parse_name(std::string_view text) {
  return find_value(rung_names, text);
}

double rung_flop(Rung rung, const Problem& decode) {
  switch (rung) {
    case Rung::stream_only:
    case Rung::launches_only:
      return 0;
    case Rung::gemv_only:
      return sum_of_matrices(decode, [](double n, double k) { return 2 * n * k; });
    case Rung::unordered:
      return flop(decode);
  }
  throw std::logic_error("rung_flop: unknown rung");
}

double rung_bytes(Rung rung, const Problem& decode) {
  const auto stored = [&](double n, double k) { return weight_bytes(decode.precision, n, k); };
  switch (rung) {
    case Rung::launches_only:
      return 0;
    case Rung::stream_only:
      return sum_of_matrices(decode, [&](double n, double k) {
        return decode.precision == Precision::int8 ? n * k : stored(n, k);
      });
    case Rung::gemv_only:
      return sum_of_matrices(decode, stored);
    case Rung::unordered:
      return compulsory_bytes(decode);
  }
  throw std::logic_error("rung_bytes: unknown rung");
}

}  // namespace roofproof
