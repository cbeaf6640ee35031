// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// CUDA runtime errors: every call stands in ROOFPROOF_CUDA_CHECK, every kernel launch is followed
// by ROOFPROOF_CUDA_CHECK_LAUNCH, every call of a destructor stands in ROOFPROOF_CUDA_LOG_ERROR.
#pragma once

#include <cuda_runtime_api.h>

#include <stdexcept>
#include <string>

namespace roofproof::cuda {

class CudaError : public std::runtime_error {
 public:
  CudaError(cudaError_t code, const std::string& message)
      : std::runtime_error(message), code_(code) {}
  cudaError_t code() const { return code_; }

 private:
  cudaError_t code_;
};

// True for the errors after which no call of this process succeeds any more: the context is lost
// and only a new process helps. (CUDA runtime API, enum cudaError: "This leaves the process in an
// inconsistent state and any further CUDA work will return the same error".)
bool is_sticky(cudaError_t code);

// "kernels/cuda/runtime/buffer.h:40: cudaMalloc(&data, bytes): cudaErrorMemoryAllocation (2): out
// of memory"
std::string error_message(cudaError_t code, const char* expression, const char* file, int line);

// Throws CudaError unless `code` is cudaSuccess. The runtime's memory of a failure is cleared, so
// that the next launch is not blamed for it; sticky errors stay, whatever one does.
void check(cudaError_t code, const char* expression, const char* file, int line);

// The same where nothing may be thrown: one line on stderr; of sticky errors one in a process.
void log_error(cudaError_t code, const char* expression, const char* file, int line) noexcept;

}  // namespace roofproof::cuda

#define ROOFPROOF_CUDA_CHECK(expression) \
  ::roofproof::cuda::check((expression), #expression, __FILE__, __LINE__)

// After `kernel<<<...>>>(...)`: did the launch itself succeed? `kernel` is named in the message.
#define ROOFPROOF_CUDA_CHECK_LAUNCH(kernel) \
  ::roofproof::cuda::check(cudaGetLastError(), "launch of " #kernel, __FILE__, __LINE__)

#define ROOFPROOF_CUDA_LOG_ERROR(expression) \
  ::roofproof::cuda::log_error((expression), #expression, __FILE__, __LINE__)
