// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Which of Highway's instruction sets the kernels run on: the best that the CPU has, until a test
// asks for another.
#pragma once

#include <string>
#include <vector>

namespace roofproof::host {

// Names of those that the CPU supports and the kernels are compiled for, best first: "AVX3",
// "AVX2", "SSE4" ...
std::vector<std::string> simd_targets();

// For tests: workloads prepared from now on use this one; empty: the best again. Throws
// std::invalid_argument for a name that simd_targets() does not have.
void use_simd_target(const std::string& name);

}  // namespace roofproof::host
