// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// An owned stream, one that does not wait for the legacy default stream.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>

#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda {

class Stream {
 public:
  Stream() {
    cudaStream_t stream = nullptr;
    ROOFPROOF_CUDA_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    stream_.reset(stream);
  }
  cudaStream_t get() const { return stream_.get(); }
  void synchronize() const { ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream_.get())); }

 private:
  struct Destroy {
    void operator()(cudaStream_t stream) const noexcept {
      ROOFPROOF_CUDA_LOG_ERROR(cudaStreamDestroy(stream));
    }
  };
  std::unique_ptr<CUstream_st, Destroy> stream_;
};

}  // namespace roofproof::cuda
