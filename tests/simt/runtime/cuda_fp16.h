// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Beside cuda_runtime_api.h: the name of the type.
#pragma once

#include <cstdint>

struct __half {
  std::uint16_t bits;
};
