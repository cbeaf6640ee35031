// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/problem/backend.h"
#include "kernels/problem/implementation.h"
#include "kernels/problem/name_table.h"
#include "kernels/problem/op.h"
#include "kernels/problem/precision.h"

namespace roofproof {
namespace {

constexpr NameTable<Op, 9> op_names = {
    {Op::peak, "peak"},   {Op::read, "read"},       {Op::copy, "copy"},
    {Op::triad, "triad"}, {Op::gemm, "gemm"},       {Op::gemv, "gemv"},
    {Op::layer, "layer"}, {Op::prefill, "prefill"}, {Op::decode, "decode"},
};

constexpr NameTable<Precision, 6> precision_names = {
    {Precision::fp32, "fp32"}, {Precision::fp16, "fp16"},   {Precision::int8, "int8"},
    {Precision::int4, "int4"}, {Precision::w8a16, "w8a16"}, {Precision::w4a16, "w4a16"},
};

constexpr NameTable<Backend, 2> backend_names = {{Backend::host, "host"}, {Backend::cuda, "cuda"}};

constexpr NameTable<Implementation, 4> implementation_names = {
    {Implementation::hand, "hand"},
    {Implementation::cublas, "cublas"},
    {Implementation::cublaslt, "cublaslt"},
    {Implementation::openblas, "openblas"},
};

}  // namespace

std::string_view name(Op op) { return find_name(op_names, op); }
template <>
std::optional<Op> parse_name(std::string_view text) {
  return find_value(op_names, text);
}

bool is_arithmetic(Op op) { return op == Op::peak || op == Op::gemm || op == Op::prefill; }

std::string_view name(Precision precision) { return find_name(precision_names, precision); }
template <>
std::optional<Precision> parse_name(std::string_view text) {
  return find_value(precision_names, text);
}

std::string_view name(Implementation implementation) {
  return find_name(implementation_names, implementation);
}
template <>
std::optional<Implementation> parse_name(std::string_view text) {
  return find_value(implementation_names, text);
}

std::string_view name(Backend backend) { return find_name(backend_names, backend); }
template <>
std::optional<Backend> parse_name(std::string_view text) {
  return find_value(backend_names, text);
}

int weight_bits(Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return 32;
    case Precision::fp16:
      return 16;
    case Precision::int8:
    case Precision::w8a16:
      return 8;
    case Precision::int4:
    case Precision::w4a16:
      return 4;
  }
  return 0;
}

}  // namespace roofproof
