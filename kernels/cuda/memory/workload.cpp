// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <cstring>
#include <future>
#include <stdexcept>
#include <thread>

#include "kernels/cuda/memory/kernels.h"
#include "kernels/cuda/memory/memory.h"
#include "kernels/cuda/runtime/budget.h"
#include "kernels/cuda/runtime/device.h"
#include "kernels/cuda/runtime/error.h"
#include "kernels/cuda/workload.h"
#include "kernels/kernel_row.h"
#include "kernels/reference.h"

namespace roofproof::cuda {
namespace {

using MakePlan = MemoryPlan (*)(Op op, std::int64_t elements, const MemoryBudget& budget);

std::int64_t element_count(const Problem& problem) { return problem.shape.bytes / 4; }

MemoryPlan make_plan(const Problem& problem, const Device& device, MakePlan plan) {
  ROOFPROOF_CUDA_CHECK(cudaSetDevice(device.ordinal));  // plans ask it for their occupancy
  return plan(problem.op, element_count(problem),
              {device.processors, device.shared_memory_per_block,
               bytes_in_flight_per_sm(device.bandwidth_bytes_per_s, device.processors)});
}

// read and copy move random bits; triad computes with numbers.
std::vector<TensorSpec> memory_tensors(const Problem& problem, const MemoryPlan& plan) {
  const std::int64_t elements = element_count(problem);
  switch (problem.op) {
    case Op::read:
      return {{"a", ElementType::uint32, elements, Fill::random},
              {"sums", ElementType::uint32, plan.blocks, Fill::poison}};
    case Op::copy:
      return {{"a", ElementType::uint32, elements, Fill::random},
              {"c", ElementType::uint32, elements, Fill::poison}};
    case Op::triad:
      return {{"a", ElementType::fp32, elements, Fill::random},
              {"b", ElementType::fp32, elements, Fill::random},
              {"c", ElementType::fp32, elements, Fill::poison}};
    default:
      throw std::invalid_argument("kernels/cuda/memory/workload.cpp: not a memory operation");
  }
}

// The sum of all random bits, modulo 2^32, on all cores: a GPU's array has 10^9 elements.
std::uint32_t sum_of_bits(InputStream input, std::int64_t elements) {
  const auto parts = static_cast<std::int64_t>(std::max(1u, std::thread::hardware_concurrency()));
  std::vector<std::future<std::uint32_t>> sums;
  for (std::int64_t part = 0; part < parts; ++part) {
    sums.push_back(std::async(std::launch::async, [=] {
      std::uint32_t sum = 0;
      const std::int64_t last = elements * (part + 1) / parts;
      for (std::int64_t i = elements * part / parts; i < last; ++i) {
        sum += input.bits(static_cast<std::uint64_t>(i));
      }
      return sum;
    }));
  }
  std::uint32_t sum = 0;
  for (auto& part : sums) sum += part.get();
  return sum;
}

// The same, remembered: the kernels of one case are checked on the same input, one after another.
std::uint32_t remembered_sum_of_bits(InputStream input, std::int64_t elements) {
  struct {
    std::uint64_t key = 0;
    std::int64_t elements = 0;
    std::uint32_t sum = 0;
  } static last;
  if (last.key != input.key || last.elements != elements) {
    last = {input.key, elements, sum_of_bits(input, elements)};
  }
  return last.sum;
}

class MemoryWorkload : public CudaWorkload {
 public:
  MemoryWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
                 MemoryPlan plan)
      : CudaWorkload(problem, device, preparation, memory_tensors(problem, plan)),
        plan_(std::move(plan)) {
    for (int copy = 0; copy < preparation.copies; ++copy) {
      MemoryOperands operands;
      operands.elements = element_count(problem);
      operands.a = tensors_.data("a", copy);
      if (problem.op == Op::triad) operands.b = tensors_.data("b", copy);
      if (problem.op == Op::read) {
        operands.sums = tensors_.as<std::uint32_t>("sums", copy);
      } else {
        operands.c = tensors_.data("c", copy);
      }
      operands_.push_back(operands);
    }
  }

  void launch(StreamHandle stream, std::int64_t i) override {
    plan_.launch(plan_, operands_[static_cast<std::size_t>(i) % operands_.size()],
                 static_cast<cudaStream_t>(stream));
  }

  Check check(StreamHandle handle) override {
    const auto stream = static_cast<cudaStream_t>(handle);
    Comparison comparison;
    if (problem_.op == Op::read) {
      launch_afresh("sums", stream);
      compare_sum(comparison);
    } else {
      launch_afresh("c", stream);
      for (const std::int64_t i : sampled_elements()) compare_element(comparison, i);
    }
    return with_guards(comparison.result(), stream);
  }

  std::string label() const override { return plan_.label; }

 private:
  void compare_sum(Comparison& comparison) const {
    std::uint32_t got = 0;
    for (const std::uint32_t part :
         tensors_.download_range<std::uint32_t>("sums", 0, 0, plan_.blocks)) {
      got += part;
    }
    const std::uint32_t expected =
        remembered_sum_of_bits(tensors_.input("a", 0), element_count(problem_));
    comparison.add([] { return std::string("the sum modulo 2^32"); }, got, {double(expected), 0});
  }

  void compare_element(Comparison& comparison, std::int64_t i) const {
    const auto index = static_cast<std::uint64_t>(i);
    const std::uint32_t bits = tensors_.download_range<std::uint32_t>("c", 0, i, 1).front();
    const auto what = [i] { return "c[" + std::to_string(i) + "]"; };
    if (problem_.op == Op::copy) {
      const std::uint32_t expected = tensors_.input("a", 0).bits(index);
      comparison.add(what, bits, {double(expected), 0});
      return;
    }
    float got = 0;
    std::memcpy(&got, &bits, sizeof got);
    const double a = tensors_.input("a", 0).uniform(index);
    const double b = tensors_.input("b", 0).uniform(index);
    const double expected = a + static_cast<double>(triad_scalar) * b;
    // At most two roundings, of the product and of the sum, each half a unit in the last place.
    comparison.add(what, got, {expected, 0x1p-24 * (std::abs(expected) + std::abs(b))});
  }

  // Beginning, end and random places, and both sides of edges between tiles: the first ones, the
  // last ones and some between.
  std::vector<std::int64_t> sampled_elements() const {
    const std::int64_t elements = element_count(problem_);
    std::vector<std::int64_t> places;
    for (const Position& position : sample_positions(1, elements, preparation_.seed)) {
      places.push_back(position.column);
    }
    const std::int64_t tiles = elements / plan_.tile_elements;
    for (const std::int64_t tile :
         {std::int64_t{1}, std::int64_t{2}, tiles / 3, tiles / 2, tiles - 1, tiles}) {
      places.push_back(tile * plan_.tile_elements - 1);
      places.push_back(tile * plan_.tile_elements);
    }
    std::erase_if(places, [&](std::int64_t i) { return i < 0 || i >= elements; });
    return places;
  }

  MemoryPlan plan_;
  std::vector<MemoryOperands> operands_;  // one per copy
};

constexpr struct {
  std::string_view kernel;
  MakePlan plan;
} plans[] = {
    {"bulk_sm90", plan_bulk_sm90}, {"vector", plan_vector}, {"vector_tiled", plan_vector_tiled}};

}  // namespace

std::string memory_unsupported(std::string_view, const Problem& problem, const Device& device) {
  if (problem.shape.bytes <= 0 || problem.shape.bytes % 4 != 0) {
    return "an array is a positive multiple of 4 bytes";
  }
  const auto needed = static_cast<std::int64_t>(compulsory_bytes(problem));
  if (needed <= device.memory_bytes) return {};
  return "needs " + std::to_string(needed) + " bytes of the device's " +
         std::to_string(device.memory_bytes);
}

std::unique_ptr<Workload> prepare_memory(std::string_view kernel, const Problem& problem,
                                         const Device& device, const Preparation& preparation) {
  return std::make_unique<MemoryWorkload>(problem, device, preparation,
                                          make_plan(problem, device, row_of(plans, kernel).plan));
}

}  // namespace roofproof::cuda
