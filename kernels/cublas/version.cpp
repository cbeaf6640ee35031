// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cublas/version.h"

#include <cublasLt.h>
#include <cublas_v2.h>

namespace roofproof::cublas {

std::string version() {
  // As CUBLAS_VERSION in cublas_api.h: major x 10000 + minor x 100 + patch.
  const std::size_t number = cublasLtGetVersion();
  if (number == 0) return {};
  return std::to_string(number / 10000) + "." + std::to_string(number / 100 % 100) + "." +
         std::to_string(number % 100);
}

std::string library_file() { return "libcublas.so." + std::to_string(CUBLAS_VER_MAJOR); }

}  // namespace roofproof::cublas
