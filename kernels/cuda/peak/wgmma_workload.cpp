// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/cuda/peak/peak.h"
#include "kernels/cuda/peak/tensor_workload.h"
#include "kernels/cuda/peak/wgmma_sm90.h"
#include "kernels/float16.h"

namespace roofproof::cuda {
namespace {

namespace loop = peak_wgmma_sm90;

class PeakWgmmaWorkload : public TensorPeakWorkload {
 public:
  PeakWgmmaWorkload(const Problem& problem, const Device& device, const Preparation& preparation)
      : TensorPeakWorkload(
            problem, device, preparation,
            problem.precision == Precision::fp16
                ? Loop{"wgmma_sm90", 1, loop::threads, loop::block_multiply_adds<std::uint16_t>(),
                       ElementType::fp32}
                : Loop{"wgmma_sm90", 1, loop::threads, loop::block_multiply_adds<std::int8_t>(),
                       ElementType::int32}) {}

  void launch(StreamHandle handle, std::int64_t) override {
    const auto stream = static_cast<cudaStream_t>(handle);
    if (fp16()) {
      loop::launch_fp16(input(), preparation_.zeros, tensors_.as<float>("out", 0), blocks(),
                        stream);
    } else {
      loop::launch_int8(input(), preparation_.zeros, tensors_.as<std::int32_t>("out", 0), blocks(),
                        stream);
    }
  }

 private:
  double element(int row, int k) const {
    if (preparation_.zeros) return 0;
    return fp16() ? to_float(to_float16(input().uniform(loop::input_index<std::uint16_t>(row, k))))
                  : input().int8(loop::input_index<std::int8_t>(row, k));
  }

  Expected expected(int thread) const override {
    const int row_elements = loop::row_bytes / (fp16() ? 2 : 1);
    double magnitudes = 0;
    std::uint32_t wrapped = 0;
    for (int i = 0; i < loop::columns / 2; ++i) {
      const loop::Position place = loop::sum_position(thread, i);
      const int b_row = loop::warpgroups * loop::rows_per_warpgroup + place.column;
      double sum = 0;
      for (int k = 0; k < row_elements; ++k) sum += element(place.row, k) * element(b_row, k);
      magnitudes += std::abs(sum) * loop::iterations;
      wrapped += static_cast<std::uint32_t>(static_cast<std::int64_t>(sum) * loop::iterations);
    }
    if (!fp16()) return {static_cast<double>(static_cast<std::int32_t>(wrapped)), 0};
    // Every wgmma may cut off 2^-22 of what it adds to: a quarter of one iteration in all.
    constexpr double instructions = loop::iterations * loop::row_bytes / 32.0;
    return {magnitudes, (instructions + loop::columns) * 0x1p-22 * magnitudes};
  }
};

}  // namespace

std::string peak_wgmma_sm90_unsupported(const Problem&, const Device& device) {
  if (device.compute_capability == 90) return {};
  return "wgmma needs compute capability 9.0, this is " +
         std::to_string(device.compute_capability / 10) + "." +
         std::to_string(device.compute_capability % 10);
}

std::unique_ptr<Workload> prepare_peak_wgmma_sm90(const Problem& problem, const Device& device,
                                                  const Preparation& preparation) {
  return std::make_unique<PeakWgmmaWorkload>(problem, device, preparation);
}

}  // namespace roofproof::cuda
