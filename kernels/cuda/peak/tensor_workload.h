// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the peak loops of all tensor cores share as workloads: every thread of every block leaves
// one number in "out", the same in all blocks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/cuda/workload.h"
#include "kernels/reference.h"

namespace roofproof::cuda {

class TensorPeakWorkload : public CudaWorkload {
 public:
  Check check(StreamHandle stream) override;
  std::string label() const override { return std::string(kernel_); }
  double flop() const override { return 2 * block_multiply_adds_ * blocks_; }

 protected:
  struct Loop {
    std::string_view kernel;
    int blocks_per_sm;
    int threads;  // of a block
    double block_multiply_adds;
    ElementType out;
    std::vector<TensorSpec> operands = {};  // in memory, for loops that do not make their own
  };
  TensorPeakWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
                     const Loop& loop);

  // What `thread` of any block leaves.
  virtual Expected expected(int thread) const = 0;

  bool fp16() const { return problem_.precision == Precision::fp16; }
  InputStream input() const { return tensors_.input("out", 0); }
  int blocks() const { return blocks_; }

 private:
  static std::vector<TensorSpec> tensors_of(const Loop& loop, const Device& device);

  std::string_view kernel_;
  int blocks_;
  int threads_;
  double block_multiply_adds_;
};

}  // namespace roofproof::cuda
