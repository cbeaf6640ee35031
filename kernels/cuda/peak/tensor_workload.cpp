// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/peak/tensor_workload.h"

namespace roofproof::cuda {

std::vector<TensorSpec> TensorPeakWorkload::tensors_of(const Loop& loop, const Device& device) {
  std::vector<TensorSpec> tensors = {
      {"out", loop.out, std::int64_t{device.processors} * loop.blocks_per_sm * loop.threads,
       Fill::poison, false}};
  tensors.insert(tensors.end(), loop.operands.begin(), loop.operands.end());
  return tensors;
}

TensorPeakWorkload::TensorPeakWorkload(const Problem& problem, const Device& device,
                                       const Preparation& preparation, const Loop& loop)
    : CudaWorkload(problem, device, preparation, tensors_of(loop, device)),
      kernel_(loop.kernel),
      blocks_(device.processors * loop.blocks_per_sm),
      threads_(loop.threads),
      block_multiply_adds_(loop.block_multiply_adds) {}

Check TensorPeakWorkload::check(StreamHandle handle) {
  const auto stream = static_cast<cudaStream_t>(handle);
  launch_afresh("out", stream);
  const bool fp32 = tensors_.info().front().type == ElementType::fp32;
  Comparison comparison;
  constexpr int sampled = 16;
  for (int i = 0; i < sampled; ++i) {
    const int block = i * (blocks_ - 1) / (sampled - 1);
    const int thread = i * (threads_ - 1) / (sampled - 1);
    const std::int64_t place = std::int64_t{block} * threads_ + thread;
    const double got = fp32 ? tensors_.download_range<float>("out", 0, place, 1).front()
                            : tensors_.download_range<std::int32_t>("out", 0, place, 1).front();
    comparison.add([&] { return "out[" + std::to_string(place) + "]"; }, got, expected(thread));
  }
  return with_guards(comparison.result(), stream);
}

}  // namespace roofproof::cuda
