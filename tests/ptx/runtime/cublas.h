// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the stand-in for cuBLAS and cuBLASLt does beside multiplying, where a test wants a library
// with a choice, or one that declines.
#pragma once

#include <cublasLt.h>

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "tests/ptx/runtime/runtime.h"

namespace roofproof::ptx::runtime {

struct PlayedCublas {
  std::size_t version = CUBLAS_VERSION;  // 0: there is none
  // What cuBLASLt suggests: the time of the device for each. None: it has nothing for any problem.
  std::vector<std::uint64_t> algorithms_ns = {host_work_ns};
  std::set<std::uint64_t> declined = {};  // of these, when they are launched
  std::optional<cublasLtMatmulAlgoConfigAttributes_t> declined_attribute = {};
  bool declines_gemm = false;  // cublasGemmEx, whatever it is
};
PlayedCublas& played_cublas();

}  // namespace roofproof::ptx::runtime
