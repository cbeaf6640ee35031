// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cublas/error.h"

#include <cstdio>

namespace roofproof::cublas {

void check(cublasStatus_t status, const char* expression, const char* file, int line) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw CublasError(status, std::string(file) + ":" + std::to_string(line) + ": " + expression +
                                ": " + cublasGetStatusName(status) + " (" +
                                std::to_string(static_cast<int>(status)) +
                                "): " + cublasGetStatusString(status));
}

void log_error(cublasStatus_t status, const char* expression, const char* file, int line) noexcept {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  std::fprintf(stderr, "%s:%d: %s: %s (%d): %s\n", file, line, expression,
               cublasGetStatusName(status), static_cast<int>(status),
               cublasGetStatusString(status));
}

}  // namespace roofproof::cublas
