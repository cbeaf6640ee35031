// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/commands/validators.h"

#include <fmt/format.h>

#include <charconv>
#include <string>

namespace roofproof::analysis {

CLI::Validator above_zero(double most) {
  return CLI::Validator(
      [most](const std::string& text) {
        double value = 0;
        const char* end = text.data() + text.size();
        const auto [rest, error] = std::from_chars(text.data(), end, value);
        if (error == std::errc() && rest == end && value > 0 && value <= most) return std::string();
        return fmt::format("must be a positive number up to {:g}, not {}", most, text);
      },
      "");
}

CLI::Validator not_empty() {
  return CLI::Validator(
      [](const std::string& text) { return text.empty() ? "must not be empty" : ""; }, "");
}

}  // namespace roofproof::analysis
