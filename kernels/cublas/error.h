// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// cuBLAS errors; the counterpart of kernels/cuda/runtime/error.h.
#pragma once

#include <cublas_v2.h>

#include <stdexcept>
#include <string>

namespace roofproof::cublas {

class CublasError : public std::runtime_error {
 public:
  CublasError(cublasStatus_t status, const std::string& message)
      : std::runtime_error(message), status_(status) {}
  cublasStatus_t status() const { return status_; }

 private:
  cublasStatus_t status_;
};

// Throws CublasError unless `status` is CUBLAS_STATUS_SUCCESS. The message is as CudaError's.
void check(cublasStatus_t status, const char* expression, const char* file, int line);

// The same for places that must not throw: one line on stderr.
void log_error(cublasStatus_t status, const char* expression, const char* file, int line) noexcept;

}  // namespace roofproof::cublas

#define ROOFPROOF_CUBLAS_CHECK(expression) \
  ::roofproof::cublas::check((expression), #expression, __FILE__, __LINE__)
#define ROOFPROOF_CUBLAS_LOG_ERROR(expression) \
  ::roofproof::cublas::log_error((expression), #expression, __FILE__, __LINE__)
