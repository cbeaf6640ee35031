// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the workloads of the CUDA backend share: a problem and its tensors.
#pragma once

#include <cuda_runtime_api.h>

#include <string>
#include <string_view>
#include <vector>

#include "kernels/cuda/tensors.h"
#include "kernels/workload.h"

namespace roofproof::cuda {

class CudaWorkload : public Workload {
 public:
  double flop() const override;
  double bytes() const override;
  std::vector<TensorInfo> tensors() const override { return tensors_.info(); }
  std::vector<std::byte> download(std::string_view tensor, int copy) const override {
    return tensors_.download(tensor, copy);
  }
  void upload(std::string_view tensor, int copy, const std::vector<std::byte>& bytes) override {
    tensors_.upload(tensor, copy, bytes);
  }
  bool guards_intact() const override { return tensors_.guards_intact(); }

 protected:
  // Makes `device` the current one, then allocates and fills.
  CudaWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
               std::vector<TensorSpec> specs);

  // Gives `output` of copy 0 its first contents again, launches copy 0 and waits. To begin check().
  void launch_afresh(std::string_view output, cudaStream_t stream);
  // `found`, or the failure that a guard band is damaged. To end check().
  Check with_guards(Check found, cudaStream_t stream) const;

  Problem problem_;
  Preparation preparation_;
  Tensors tensors_;
};

}  // namespace roofproof::cuda
