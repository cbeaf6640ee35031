// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/ptx/cases/execute.h"

#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "kernels/cuda/runtime/graph.h"
#include "kernels/cuda/runtime/stream.h"
#include "tests/kernels/naive.h"
#include "tests/kernels/packed_weights.h"

namespace roofproof::ptx::cases {
namespace {

using Values = std::vector<double>;
constexpr int copies = 2;

template <class T>
std::vector<T> elements(const Workload& workload, std::string_view tensor, int copy) {
  return naive::elements<T>(workload.download(tensor, copy));
}

// What the device holds, exactly.
Values values(const Workload& workload, std::string_view tensor, int copy) {
  const auto widened = [](const auto& from) { return Values(from.begin(), from.end()); };
  for (const TensorInfo& info : workload.tensors()) {
    if (info.name != tensor) continue;
    switch (info.type) {
      case ElementType::fp32:
        return widened(elements<float>(workload, tensor, copy));
      case ElementType::fp16:
        return naive::doubles_of_halves(workload.download(tensor, copy));
      case ElementType::int8:
        return widened(elements<std::int8_t>(workload, tensor, copy));
      case ElementType::int32:
        return widened(elements<std::int32_t>(workload, tensor, copy));
      case ElementType::uint8:
      case ElementType::uint32:
        break;
    }
  }
  throw std::logic_error("no tensor of numbers is called " + std::string(tensor));
}

std::string of_copy(int copy, const Workload& workload) {
  return " of copy " + std::to_string(copy) + " by " + workload.label();
}

// --- products ----------------------------------------------------------------------------------

// The names of a product's tensors: rows [m, k] times weights [n, k].
struct Product {
  std::int64_t m;
  const char *rows, *weights, *output;
};

Product product_of(const CatalogueEntry& entry, const Shape& shape) {
  if (entry.op == Op::gemv) return {shape.batch, "x", "w", "y"};
  return {shape.m, "a", "b", "c"};
}

Values weights_of(const CatalogueEntry& entry, const Shape& shape, const Workload& workload,
                  const char* tensor, int copy) {
  const bool packed =
      !is_library(entry.implementation) && (entry.op == Op::gemv || has_packed_weights(entry));
  if (!packed) return values(workload, tensor, copy);
  const cuda::linear::PackedShape packing{
      static_cast<cuda::linear::WeightFormat>(weight_bits(entry.precision)), shape.n, shape.k};
  std::vector<float> row_scales;
  if (packing.format == cuda::linear::WeightFormat::int8) {
    row_scales = elements<float>(workload, "row_scales", copy);
  }
  return cuda::linear::unpacked(packing, workload.download(tensor, copy), row_scales);
}

naive::Product expected_product(const CatalogueEntry& entry, const CaseShape& shape,
                                const Workload& workload, int copy) {
  const Product product = product_of(entry, shape.shape);
  return naive::product(
      static_cast<std::size_t>(product.m), static_cast<std::size_t>(shape.shape.n),
      static_cast<std::size_t>(shape.shape.k), values(workload, product.rows, copy),
      weights_of(entry, shape.shape, workload, product.weights, copy), shape.alpha, shape.beta,
      shape.beta == 0 ? Values() : values(workload, product.output, copy));
}

// INT8 is exact and wraps around. Else the certain bound of k products and sums, each within 2^-23
// (tensor cores cut off where others round), and one rounding to FP16 where the output has it.
struct Bound {
  double target;
  double tolerance;
};
Bound bound(const CatalogueEntry& entry, double value, double magnitude, std::int64_t k) {
  if (entry.op == Op::gemm && entry.precision == Precision::int8) {
    return {static_cast<double>(static_cast<std::int32_t>(
                static_cast<std::uint32_t>(static_cast<std::int64_t>(value)))),
            0};
  }
  const double sum = 0x1p-23 * static_cast<double>(k + 3) * magnitude;
  if (entry.precision == Precision::fp32) return {value, sum};
  return {value, sum + 0x1p-11 * (std::abs(value) + sum) + 0x1p-25};
}

std::string wrong_product(const CatalogueEntry& entry, const CaseShape& shape,
                          const Workload& workload, int copy, const naive::Product& expected) {
  const Values got = values(workload, product_of(entry, shape.shape).output, copy);
  if (got.size() != expected.values.size()) return "another number of outputs";
  std::size_t wrong = 0;
  std::string first;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const auto [target, tolerance] =
        bound(entry, expected.values[i], expected.magnitudes[i], shape.shape.k);
    if (std::abs(got[i] - target) <= tolerance) continue;
    if (wrong++ > 0) continue;
    const auto n = static_cast<std::size_t>(shape.shape.n);
    first = "[" + std::to_string(i / n) + ", " + std::to_string(i % n) + "] is " +
            std::to_string(got[i]) + ", should be " + std::to_string(target);
  }
  if (wrong == 0) return "";
  return std::to_string(wrong) + " of " + std::to_string(got.size()) + " outputs wrong, first " +
         first + of_copy(copy, workload);
}

// --- read, copy, triad -------------------------------------------------------------------------

std::string wrong_sum(const Workload& workload, int copy) {
  const auto sum = [&](const char* tensor) {
    const auto terms = elements<std::uint32_t>(workload, tensor, copy);
    return std::accumulate(terms.begin(), terms.end(), std::uint32_t{0});
  };
  return sum("a") == sum("sums") ? "" : "another sum" + of_copy(copy, workload);
}

std::string wrong_copy(const Workload& workload, int copy) {
  return workload.download("c", copy) == workload.download("a", copy)
             ? ""
             : "c is not a" + of_copy(copy, workload);
}

std::string wrong_triad(const Workload& workload, int copy) {
  const Values a = values(workload, "a", copy);
  const Values b = values(workload, "b", copy);
  const Values c = values(workload, "c", copy);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double term = double{0.4f} * b[i];
    const double target = a[i] + term;
    const double tolerance = 0x1p-24 * (std::abs(target) + std::abs(term));
    if (std::abs(c[i] - target) <= tolerance) continue;
    return "c[" + std::to_string(i) + "] is " + std::to_string(c[i]) + ", should be " +
           std::to_string(target) + of_copy(copy, workload);
  }
  return "";
}

// --- all ---------------------------------------------------------------------------------------

std::string wrong_result(const CatalogueEntry& entry, const CaseShape& shape,
                         const Workload& workload, int copy,
                         const std::vector<naive::Product>& expected) {
  switch (entry.op) {
    case Op::read:
      return wrong_sum(workload, copy);
    case Op::copy:
      return wrong_copy(workload, copy);
    case Op::triad:
      return wrong_triad(workload, copy);
    case Op::gemm:
    case Op::gemv:
      return wrong_product(entry, shape, workload, copy, expected[static_cast<std::size_t>(copy)]);
    case Op::peak:
    case Op::layer:
    case Op::prefill:
    case Op::decode:
      return "";  // by their own check
  }
  return "";
}

using Contents = std::map<std::string, std::vector<std::byte>>;

Contents contents(const Workload& workload) {
  Contents all;
  for (const TensorInfo& tensor : workload.tensors()) {
    all[tensor.name] = workload.download(tensor.name, 0);
  }
  return all;
}

std::string difference(const Contents& first, const Contents& second) {
  for (const auto& [tensor, bytes] : first) {
    if (second.at(tensor) != bytes) return tensor;
  }
  return "";
}

// What copy 0 holds after several launches at once, and after a graph, captured once and replayed,
// as the timer does with what is short: what it holds now.
std::string not_repeated(Workload& workload, cuda::Stream& stream) {
  const Contents first = contents(workload);
  const auto launch_both = [&] {
    for (int i = 1; i <= copies; ++i) workload.launch(stream.get(), i);  // the last on copy 0
  };
  launch_both();
  stream.synchronize();
  if (const std::string tensor = difference(first, contents(workload)); !tensor.empty()) {
    return "two runs differ in " + tensor + " by " + workload.label();
  }
  if (!workload.capturable()) return "";
  const cuda::Graph graph = cuda::Graph::capture(stream.get(), launch_both);
  graph.upload(stream.get());
  for (int i = 0; i < 2; ++i) graph.launch(stream.get());
  stream.synchronize();
  if (const std::string tensor = difference(first, contents(workload)); !tensor.empty()) {
    return "a replayed graph differs in " + tensor + " by " + workload.label();
  }
  return "";
}

}  // namespace

std::string execute(const CatalogueEntry& entry, const CaseShape& shape, const Prepare& prepare) {
  cuda::Stream stream;
  Preparation preparation;
  preparation.seed = 7;
  preparation.copies = copies;
  preparation.alpha = shape.alpha;
  preparation.beta = shape.beta;
  preparation.stream = stream.get();
  const std::unique_ptr<Workload> workload = prepare(preparation);

  const bool multiplies = entry.op == Op::gemm || entry.op == Op::gemv;
  const bool streams = entry.op == Op::read || entry.op == Op::copy || entry.op == Op::triad;
  std::vector<naive::Product> expected;
  for (int copy = 0; multiplies && copy < copies; ++copy) {
    expected.push_back(expected_product(entry, shape, *workload, copy));
  }
  if (multiplies || streams) {
    for (int copy = copies - 1; copy >= 0; --copy) workload->launch(stream.get(), copy);
    stream.synchronize();
    // The output of a gemv does not rotate: there the last launch counts.
    for (int copy = 0; copy < (entry.op == Op::gemv ? 1 : copies); ++copy) {
      std::string wrong = wrong_result(entry, shape, *workload, copy, expected);
      if (!wrong.empty()) return wrong;
    }
    if (!workload->guards_intact()) return "guard bands damaged by " + workload->label();
  }
  const bool adds = shape.beta != 0;
  const Check check = workload->check(stream.get());
  if (!check.ok) return "check: " + check.message + " by " + workload->label();
  // A rung's operations do not wait for one another, a peak loop stores nothing of worth, and what
  // adds to C has another result each time.
  const bool repeats = !entry.rung && entry.op != Op::peak && !adds;
  return repeats ? not_repeated(*workload, stream) : "";
}

}  // namespace roofproof::ptx::cases
