// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/cuda/peak/fp32.h"
#include "kernels/cuda/peak/peak.h"
#include "kernels/cuda/workload.h"
#include "kernels/reference.h"

namespace roofproof::cuda {
namespace {

namespace loop = peak_fp32;

class PeakFp32Workload : public CudaWorkload {
 public:
  PeakFp32Workload(const Problem& problem, const Device& device, const Preparation& preparation)
      : CudaWorkload(problem, device, preparation,
                     {{"out", ElementType::fp32, thread_count(device), Fill::poison, false}}),
        blocks_(device.processors * loop::blocks_per_sm) {}

  void launch(StreamHandle stream, std::int64_t) override {
    loop::launch(input(), tensors_.as<float>("out", 0), blocks_, static_cast<cudaStream_t>(stream));
  }

  Check check(StreamHandle handle) override {
    const auto stream = static_cast<cudaStream_t>(handle);
    launch_afresh("out", stream);
    const std::int64_t count = std::int64_t{blocks_} * loop::threads;
    const std::vector<float> got = tensors_.download_range<float>("out", 0, 0, count);
    Comparison comparison;
    // The same operations in the same order: no tolerance.
    constexpr int sampled = 16;
    for (int i = 0; i < sampled; ++i) {
      const std::int64_t thread = i * (count - 1) / (sampled - 1);
      comparison.add([&] { return "out[" + std::to_string(thread) + "]"; },
                     got[static_cast<std::size_t>(thread)], {expected(thread), 0});
    }
    return with_guards(comparison.result(), stream);
  }

  std::string label() const override { return "ffma"; }

  double flop() const override {
    return 2.0 * loop::steps * loop::chains * loop::threads * blocks_;
  }

 private:
  static std::int64_t thread_count(const Device& device) {
    return std::int64_t{device.processors} * loop::blocks_per_sm * loop::threads;
  }

  InputStream input() const { return tensors_.input("out", 0); }

  double expected(std::int64_t index) const {
    const auto thread = static_cast<std::uint64_t>(index);
    const float factor = loop::b(input(), thread);
    const float summand = loop::c(input(), thread);
    float sum = 0;
    for (int chain = 0; chain < loop::chains; ++chain) {
      float x = loop::start(input(), thread, chain);
      for (int step = 0; step < loop::steps; ++step) x = std::fma(factor, x, summand);
      sum = chain == 0 ? x : sum + x;
    }
    return sum;
  }

  int blocks_;
};

}  // namespace

std::string peak_fp32_unsupported(std::string_view, const Problem&, const Device&) { return {}; }

std::unique_ptr<Workload> prepare_peak_fp32(std::string_view, const Problem& problem,
                                            const Device& device, const Preparation& preparation) {
  return std::make_unique<PeakFp32Workload>(problem, device, preparation);
}

}  // namespace roofproof::cuda
