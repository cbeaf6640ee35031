// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What others wrote, in messages: a file's text may hold what a terminal takes for a command.
#pragma once

#include <string>
#include <string_view>

namespace roofproof {

// Control characters as "\x1b"; all else as it is.
inline std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      result += c;
    } else {
      result += "\\x";
      result += digits[byte / 16];
      result += digits[byte % 16];
    }
  }
  return result;
}

}  // namespace roofproof
