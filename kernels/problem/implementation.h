// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Who computes it.
#pragma once

#include "kernels/problem/name_table.h"

namespace roofproof {

enum class Implementation {
  hand,      // a kernel of this project
  cublas,    // NVIDIA's library, its own choice of algorithm
  cublaslt,  // the best of cuBLASLt's timed suggestions
  openblas,  // the library to beat on the host
};

std::string_view name(Implementation implementation);
template <>
std::optional<Implementation> parse_name(std::string_view text);

// True for the libraries that a hand-written kernel is held against.
constexpr bool is_library(Implementation implementation) {
  return implementation != Implementation::hand;
}

}  // namespace roofproof
