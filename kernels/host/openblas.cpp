// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/openblas.h"

#include <cblas.h>

namespace roofproof::host {

void openblas_gemm(float* c, const float* a, const float* b, std::int64_t m, std::int64_t n,
                   std::int64_t k, float alpha, float beta, int threads) {
  if (openblas_get_num_threads() != threads) openblas_set_num_threads(threads);
  const auto rows = static_cast<blasint>(m);
  const auto columns = static_cast<blasint>(n);
  const auto depth = static_cast<blasint>(k);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, columns, depth, alpha, a, depth, b,
              depth, beta, c, columns);
}

std::string openblas_label() {
  // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY SkylakeX MAX_THREADS=64"
  const std::string config = openblas_get_config();
  const auto version_end = config.find(' ', config.find(' ') + 1);
  return config.substr(0, version_end) + " " + openblas_get_corename();
}

}  // namespace roofproof::host
