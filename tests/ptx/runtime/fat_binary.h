// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What nvcc embeds in an object: PTX and machine code, one image per architecture.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace roofproof::ptx::runtime {

// One image as it lies in the program.
struct FatImage {
  enum class Kind { ptx, machine_code } kind;
  int compute_capability = 0;  // 75, 80, 90 ...
  bool specific = false;       // of this capability alone: 90a
  std::string_view bytes;      // as stored
  bool compressed = false;     // with zstd
  std::size_t size = 0;        // of what was compressed
};

// data: what __cudaRegisterFatBinary is given. Throws std::runtime_error for what is no fat binary.
std::vector<FatImage> fat_images(const void* data);

// The bytes of an image, PTX without the zero at its end. Throws std::runtime_error where it was
// compressed by another method than zstd, the default of nvcc from 12.8 on.
std::string content(const FatImage& image);

// Registers per thread that ptxas gave each kernel of an image of machine code, by mangled name.
std::unordered_map<std::string, int> registers_of(std::string_view cubin);

}  // namespace roofproof::ptx::runtime
