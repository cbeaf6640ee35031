// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <atomic>
#include <cmath>

#include "kernels/host/parallel.h"
#include "kernels/host/stream.h"
#include "kernels/host/workload.h"
#include "kernels/host/workloads.h"
#include "kernels/reference.h"

namespace roofproof::host {
namespace {

constexpr float triad_factor = 3;

// Elements of 4 bytes in a page: shares begin at pages, so that no two threads write one line.
constexpr std::int64_t page_elements = 1024;

std::vector<TensorSpec> stream_tensors(Op op, std::int64_t count) {
  if (op == Op::read) {
    return {{"a", ElementType::uint32, count, Fill::random},
            {"sum", ElementType::uint32, 1, Fill::poison}};
  }
  std::vector<TensorSpec> specs = {{"a", ElementType::fp32, count, Fill::random}};
  if (op == Op::triad) specs.push_back({"b", ElementType::fp32, count, Fill::random});
  specs.push_back({"c", ElementType::fp32, count, Fill::poison});
  return specs;
}

class StreamWorkload final : public HostWorkload {
 public:
  StreamWorkload(const Problem& problem, const Device& device, const Preparation& preparation)
      : HostWorkload(problem, device, preparation, {problem.op == Op::read ? "sum" : "c"},
                     stream_tensors(problem.op, problem.shape.bytes / 4)),
        kernels_(stream_kernels()),
        count_(problem.shape.bytes / 4),
        around_caches_(problem.op != Op::read &&
                       bytes() * preparation.copies >
                           static_cast<double>(device.last_level_cache_bytes)) {
    if (problem.op != Op::read) return;
    read_ = fastest_read(kernels_, [&](const ReadPattern& pattern, int pass) {
      sum_of(pattern, pass % preparation.copies);
    });
  }

  std::string label() const override {
    const std::string text = std::string("highway ") + kernels_.simd;
    if (problem().op == Op::read) return text + ' ' + read_.name;
    return text + (around_caches_ ? " non-temporal" : "");
  }

 private:
  std::uint32_t sum_of(const ReadPattern& pattern, int copy) const {
    const auto* const a = buffers().as<std::uint32_t>("a", copy);
    std::atomic<std::uint32_t> sum = 0;
    parallel_shares(threads(), count_, page_elements,
                    [&](Share share) { sum += pattern.sum(a + share.begin, share.size()); });
    return sum;
  }

  void run(int copy) override {
    const Tensors& data = buffers();
    if (problem().op == Op::read) {
      *data.as<std::uint32_t>("sum", copy) = sum_of(read_, copy);
      return;
    }
    const float* const a = data.as<float>("a", copy);
    float* const c = data.as<float>("c", copy);
    if (problem().op == Op::copy) {
      parallel_shares(threads(), count_, page_elements, [&](Share share) {
        kernels_.copy(c + share.begin, a + share.begin, share.size(), around_caches_);
      });
      return;
    }
    const float* const b = data.as<float>("b", copy);
    parallel_shares(threads(), count_, page_elements, [&](Share share) {
      kernels_.triad(c + share.begin, a + share.begin, b + share.begin, triad_factor, share.size(),
                     around_caches_);
    });
  }

  Check compare() const override { return problem().op == Op::read ? compare_sum() : compare_c(); }

  Check compare_sum() const {
    const InputStream a = buffers().input("a", 0);
    std::atomic<std::uint32_t> expected = 0;
    parallel_shares(threads(), count_, 1, [&](Share share) {
      std::uint32_t sum = 0;
      for (std::int64_t i = share.begin; i < share.end; ++i) {
        sum += a.bits(static_cast<std::uint64_t>(i));
      }
      expected += sum;
    });
    Comparison comparison;
    comparison.add([] { return std::string("sum"); }, *buffers().as<std::uint32_t>("sum", 0),
                   {static_cast<double>(expected.load()), 0});
    return comparison.result();
  }

  Check compare_c() const {
    const bool triad = problem().op == Op::triad;
    const InputStream a = buffers().input("a", 0);
    const InputStream b = triad ? buffers().input("b", 0) : a;
    const float* const c = buffers().as<float>("c", 0);
    Comparison comparison;
    constexpr int random_places = 4096;
    for (const Position& place : sample_positions(1, count_, preparation().seed, random_places)) {
      const std::int64_t i = place.column;
      const auto index = static_cast<std::uint64_t>(i);
      const double first = a.uniform(index);
      const double second = triad ? double{triad_factor} * b.uniform(index) : 0;
      // The product and the sum are each rounded once, or both at once by an FMA.
      const double tolerance = triad ? sum_tolerance(2) * (std::abs(first) + std::abs(second)) : 0;
      comparison.add([i] { return "c[" + std::to_string(i) + "]"; }, c[i],
                     {first + second, tolerance});
    }
    return comparison.result();
  }

  StreamKernels kernels_;
  ReadPattern read_ = {};  // of a read
  std::int64_t count_;
  bool around_caches_;
};

}  // namespace

std::string stream_unsupported(std::string_view, const Problem& problem, const Device&) {
  if (problem.shape.bytes <= 0 || problem.shape.bytes % 4 != 0) {
    return "arrays consist of whole 4-byte elements, at least one";
  }
  return {};
}

std::unique_ptr<Workload> prepare_stream(std::string_view, const Problem& problem,
                                         const Device& device, const Preparation& preparation) {
  return std::make_unique<StreamWorkload>(problem, device, preparation);
}

}  // namespace roofproof::host
