// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The kernels of the program, found by the host function that stands for each.
#pragma once

#include <cuda_runtime_api.h>

#include <optional>
#include <string>

#include "tests/ptx/machine/machine.h"
#include "tests/ptx/runtime/fat_binary.h"

namespace roofproof::ptx::runtime {

// One object's images, as nvcc's host code registers them before main.
struct FatBinary {
  std::vector<FatImage> images;
  std::shared_ptr<Module> module;                  // null: not loaded
  std::unordered_map<std::string, int> registers;  // of each kernel; empty: no machine code for it
  cudaError_t failure = cudaSuccess;               // of an earlier attempt to load it
};

struct Function {
  FatBinary* binary = nullptr;
  std::string name;              // mangled
  std::optional<Kernel> kernel;  // with its registers; empty: not loaded
  std::optional<int> opted_in;   // bytes of dynamic shared memory

  // Bytes of dynamic shared memory that a launch may ask for.
  std::size_t dynamic_shared_limit() const;
};

// Loads it if need be. The caller holds the lock.
cudaError_t find_function(const void* host, Function*& function);

}  // namespace roofproof::ptx::runtime
