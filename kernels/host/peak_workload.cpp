// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/parallel.h"
#include "kernels/host/peak.h"
#include "kernels/host/workload.h"
#include "kernels/host/workloads.h"
#include "kernels/reference.h"

namespace roofproof::host {
namespace {

// Every value starts at a multiple of `unit` below 1 and takes `iterations` steps of one unit. All
// of it stays below 2^24 units, where FP32 is exact: the end tells how many steps there really
// were. No value settles, as a convergent recurrence would, which would spare the multiplier power.
constexpr float unit = 0x1p-19f;
constexpr float factor = 1;
constexpr std::int64_t iterations = 1 << 18;
constexpr std::int64_t distinct_starts = 1 << 19;

class PeakWorkload final : public HostWorkload {
 public:
  PeakWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
               const PeakKernel& kernel)
      : HostWorkload(problem, device, preparation, {"out"},
                     {{"out", ElementType::fp32, kernel.width * device.processors, Fill::poison,
                       /*rotated=*/false}}),
        kernel_(kernel) {}

  std::string label() const override { return std::string("highway ") + kernel_.simd; }
  double flop() const override {
    return 2.0 * static_cast<double>(iterations * kernel_.width * threads());
  }

 private:
  // Multiples of `unit` in [0, 1).
  float start(std::int64_t i) const {
    const InputStream input = input_stream(preparation().seed, 'x', 0);
    return static_cast<float>(input.bits(static_cast<std::uint64_t>(i)) % distinct_starts) * unit;
  }

  void run(int) override {
    float* const out = buffers().as<float>("out", 0);
    parallel_shares(threads(), kernel_.width * threads(), kernel_.width, [&](Share share) {
      for (std::int64_t i = share.begin; i < share.end; ++i) out[i] = start(i);
      kernel_.run(out + share.begin, factor, unit, iterations);
    });
  }

  Check compare() const override {
    const float* const out = buffers().as<float>("out", 0);
    Comparison comparison;
    for (std::int64_t i = 0; i < kernel_.width * threads(); ++i) {
      comparison.add([i] { return "out[" + std::to_string(i) + "]"; }, out[i],
                     {start(i) + static_cast<double>(iterations) * unit, 0});
    }
    return comparison.result();
  }

  PeakKernel kernel_;
};

}  // namespace

std::string peak_unsupported(std::string_view, const Problem&, const Device&) { return {}; }

std::unique_ptr<Workload> prepare_peak(std::string_view, const Problem& problem,
                                       const Device& device, const Preparation& preparation) {
  return std::make_unique<PeakWorkload>(problem, device, preparation, peak_kernel());
}

}  // namespace roofproof::host
