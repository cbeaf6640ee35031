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
      : TensorPeakWorkload(problem, device, preparation,
                           problem.precision == Precision::fp16
                               ? loop_of<std::uint16_t>(ElementType::fp16, ElementType::fp32)
                               : loop_of<std::int8_t>(ElementType::int8, ElementType::int32)) {}

  void launch(StreamHandle handle, std::int64_t) override {
    const auto stream = static_cast<cudaStream_t>(handle);
    const std::byte* operands = tensors_.data("operands", 0);
    if (fp16()) {
      loop::launch_fp16(operands, tensors_.as<float>("out", 0), blocks(), stream);
    } else {
      loop::launch_int8(operands, tensors_.as<std::int32_t>("out", 0), blocks(), stream);
    }
  }

 private:
  template <class Input>
  static Loop loop_of(ElementType operand, ElementType out) {
    constexpr int elements = loop::operand_rows * loop::row_bytes / static_cast<int>(sizeof(Input));
    return {"wgmma_sm90",  1,
            loop::threads, loop::block_multiply_adds<Input>(),
            out,           {{"operands", operand, elements, Fill::random, false}}};
  }

  int row_elements() const { return loop::row_bytes / (fp16() ? 2 : 1); }

  double element(int row, int k) const {
    const InputStream input = tensors_.input("operands", 0);
    const auto index = static_cast<std::uint64_t>(row * row_elements() + k);
    return fp16() ? to_float(to_float16(input.uniform(index))) : input.int8(index);
  }

  Expected expected(int thread) const override {
    double magnitudes = 0;
    std::uint32_t wrapped = 0;
    for (int i = 0; i < loop::columns / 2; ++i) {
      const loop::Position place = loop::sum_position(thread, i);
      const int b_row = loop::warpgroups * loop::rows_per_warpgroup + place.column;
      double sum = 0;
      for (int k = 0; k < row_elements(); ++k) sum += element(place.row, k) * element(b_row, k);
      magnitudes += std::abs(sum) * loop::iterations;
      wrapped += static_cast<std::uint32_t>(static_cast<std::int64_t>(sum) * loop::iterations);
    }
    if (!fp16()) return {static_cast<double>(static_cast<std::int32_t>(wrapped)), 0};
    // Every wgmma may cut off 2^-22 of what it adds to: one iteration in all.
    constexpr double instructions = loop::iterations * loop::row_bytes / 32.0;
    return {magnitudes, (instructions + loop::columns) * 0x1p-22 * magnitudes};
  }
};

}  // namespace

std::string peak_wgmma_unsupported(std::string_view, const Problem&, const Device&) { return {}; }

std::unique_ptr<Workload> prepare_peak_wgmma(std::string_view, const Problem& problem,
                                             const Device& device, const Preparation& preparation) {
  return std::make_unique<PeakWgmmaWorkload>(problem, device, preparation);
}

}  // namespace roofproof::cuda
