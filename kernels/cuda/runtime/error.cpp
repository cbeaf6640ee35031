// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/runtime/error.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <iterator>

namespace roofproof::cuda {
namespace {

constexpr cudaError_t sticky_errors[] = {
    cudaErrorECCUncorrectable,
    cudaErrorNvlinkUncorrectable,
    cudaErrorIllegalAddress,
    cudaErrorLaunchTimeout,
    cudaErrorAssert,
    cudaErrorHardwareStackError,
    cudaErrorIllegalInstruction,
    cudaErrorMisalignedAddress,
    cudaErrorInvalidAddressSpace,
    cudaErrorInvalidPc,
    cudaErrorLaunchFailure,
    // By number, since headers of CUDA 12 lack some: Contained, TensorMemoryLeak, ExternalDevice.
    static_cast<cudaError_t>(226),
    static_cast<cudaError_t>(721),
    static_cast<cudaError_t>(911),
};

// Set when a sticky error has been told, by an exception or a line: every destructor that follows
// meets it again.
std::atomic<bool> context_lost = false;

}  // namespace

bool is_sticky(cudaError_t code) {
  return std::find(std::begin(sticky_errors), std::end(sticky_errors), code) !=
         std::end(sticky_errors);
}

std::string error_message(cudaError_t code, const char* expression, const char* file, int line) {
  return std::string(file) + ":" + std::to_string(line) + ": " + expression + ": " +
         cudaGetErrorName(code) + " (" + std::to_string(static_cast<int>(code)) +
         "): " + cudaGetErrorString(code);
}

void check(cudaError_t code, const char* expression, const char* file, int line) {
  if (code == cudaSuccess) return;
  cudaGetLastError();
  if (is_sticky(code)) context_lost = true;
  throw CudaError(code, error_message(code, expression, file, line));
}

void log_error(cudaError_t code, const char* expression, const char* file, int line) noexcept {
  if (code == cudaSuccess) return;
  cudaGetLastError();
  if (is_sticky(code) && context_lost.exchange(true)) return;
  // No std::string: it can throw.
  std::fprintf(stderr, "%s:%d: %s: %s (%d): %s\n", file, line, expression, cudaGetErrorName(code),
               static_cast<int>(code), cudaGetErrorString(code));
}

}  // namespace roofproof::cuda
