// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/weight_tensors.h"

#include "kernels/weights.h"

namespace roofproof::host {
namespace {

bool has_scales(Precision precision) {
  return precision == Precision::int8 || precision == Precision::int4;
}

}  // namespace

ElementType activation_type(Precision weights) {
  return weights == Precision::fp32 ? ElementType::fp32 : ElementType::fp16;
}

MatrixName matrix_name(const std::string& name) { return {name, name + "_scales"}; }

void add_weights(std::vector<TensorSpec>& specs, const MatrixName& name, std::int64_t n,
                 std::int64_t k, Precision precision) {
  switch (precision) {
    case Precision::fp32:
    case Precision::fp16:
      specs.push_back({name.values, activation_type(precision), n * k, Fill::random});
      break;
    case Precision::int8:
      specs.push_back({name.values, ElementType::int8, n * k, Fill::random});
      specs.push_back({name.scales, ElementType::fp32, n, Fill::scales});
      break;
    default:
      specs.push_back({name.values, ElementType::uint8, n * ((k + 1) / 2), Fill::random});
      specs.push_back({name.scales, ElementType::fp16,
                       n * ((k + int4_group_size - 1) / int4_group_size), Fill::scales});
  }
}

GemvOperands weight_operands(const Tensors& tensors, const MatrixName& name, int copy,
                             std::int64_t n, std::int64_t k, Precision precision) {
  return {.n = n,
          .k = k,
          .weights = tensors.data(name.values, copy),
          .scales = has_scales(precision) ? tensors.data(name.scales, copy) : nullptr};
}

Element weight_values(const Tensors& tensors, const MatrixName& name, int copy, std::int64_t k,
                      Precision precision) {
  RandomWeights weights{.bits = weight_bits(precision),
                        .k = static_cast<std::uint64_t>(k),
                        .values = tensors.input(name.values, copy)};
  if (has_scales(precision)) weights.scales = tensors.input(name.scales, copy);
  return [weights](std::int64_t row, std::int64_t column) {
    return weights.at(static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(column));
  };
}

}  // namespace roofproof::host
