// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the user asked for cannot be done as asked; the message says what can.
#pragma once

#include <stdexcept>

namespace roofproof::analysis {

class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace roofproof::analysis
