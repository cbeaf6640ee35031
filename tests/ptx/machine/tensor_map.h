// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What encode_tensor_map writes into the 128 bytes.
#pragma once
#include <cstdint>

namespace roofproof::ptx {
struct TensorMap {
  static constexpr std::uint32_t right = 0x50414d54;
  std::uint32_t magic;
  std::uint8_t rank, element, swizzle, fill;
  std::uint64_t address;
  std::uint64_t dims[5];
  std::uint64_t strides[4];
  std::uint16_t box[5];
};
}  // namespace roofproof::ptx
