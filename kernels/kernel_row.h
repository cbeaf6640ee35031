// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Tables with a row per kernel of a family.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace roofproof {

// The row whose `kernel` is this one; throws std::invalid_argument where there is none.
template <class Row, std::size_t size>
const Row& row_of(const Row (&rows)[size], std::string_view kernel) {
  for (const Row& row : rows) {
    if (row.kernel == kernel) return row;
  }
  throw std::invalid_argument("no kernel " + std::string(kernel));
}

}  // namespace roofproof
