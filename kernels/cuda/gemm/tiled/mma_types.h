// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What mma.sync multiplies: whose instructions, and of which type. C++17.
#pragma once

#include <cstdint>

namespace roofproof::cuda {

// Turing's instructions, or Ampere's.
enum class Generation { sm75, sm80 };

struct Fp16 {
  static constexpr int element_bytes = 2;
  using Accumulator = float;
  using Output = std::uint16_t;  // its bits
};
struct Int8 {
  static constexpr int element_bytes = 1;
  using Accumulator = std::int32_t;
  using Output = std::int32_t;
};

}  // namespace roofproof::cuda
