// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// An owned event: a point in a stream, and the time at which the device passed it.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>

#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda {

class Event {
 public:
  Event() {
    cudaEvent_t event = nullptr;
    ROOFPROOF_CUDA_CHECK(cudaEventCreate(&event));
    event_.reset(event);
  }
  cudaEvent_t get() const { return event_.get(); }
  void record(cudaStream_t stream) { ROOFPROOF_CUDA_CHECK(cudaEventRecord(event_.get(), stream)); }
  // Whether the stream has passed it.
  bool passed() const {
    const cudaError_t code = cudaEventQuery(event_.get());
    if (code == cudaErrorNotReady) {
      cudaGetLastError();  // remembers even this
      return false;
    }
    check(code, "cudaEventQuery", __FILE__, __LINE__);
    return true;
  }
  void synchronize() const { ROOFPROOF_CUDA_CHECK(cudaEventSynchronize(event_.get())); }

 private:
  struct Destroy {
    void operator()(cudaEvent_t event) const noexcept {
      ROOFPROOF_CUDA_LOG_ERROR(cudaEventDestroy(event));
    }
  };
  std::unique_ptr<CUevent_st, Destroy> event_;
};

// Seconds between two recorded events; waits for `stop`. Resolution about 0.5 us (CUDA runtime API,
// cudaEventElapsedTime).
inline double elapsed_s(const Event& start, const Event& stop) {
  stop.synchronize();
  float elapsed_ms = 0;
  ROOFPROOF_CUDA_CHECK(cudaEventElapsedTime(&elapsed_ms, start.get(), stop.get()));
  return elapsed_ms * 1e-3;
}

}  // namespace roofproof::cuda
