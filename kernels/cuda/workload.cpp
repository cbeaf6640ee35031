// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/workload.h"

#include <utility>

#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda {
namespace {

const Preparation& on_device(const Device& device, const Preparation& preparation) {
  ROOFPROOF_CUDA_CHECK(cudaSetDevice(device.ordinal));
  return preparation;
}

}  // namespace

CudaWorkload::CudaWorkload(const Problem& problem, const Device& device,
                           const Preparation& preparation, std::vector<TensorSpec> specs)
    : problem_(problem),
      preparation_(on_device(device, preparation)),
      tensors_(std::move(specs), preparation) {}

double CudaWorkload::flop() const { return roofproof::flop(problem_); }

double CudaWorkload::bytes() const { return compulsory_bytes(problem_, preparation_.beta != 0); }

void CudaWorkload::launch_afresh(std::string_view output, cudaStream_t stream) {
  tensors_.refill(output, 0, stream);
  launch(stream, 0);
  ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
}

Check CudaWorkload::with_guards(Check found, cudaStream_t stream) const {
  std::string damage = tensors_.damaged_guard(stream);
  if (found.ok && !damage.empty()) {
    found.ok = false;
    found.message = std::move(damage);
  }
  return found;
}

}  // namespace roofproof::cuda
