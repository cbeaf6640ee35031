// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The small files in which the kernel tells of itself, under /proc and /sys.
#pragma once

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace roofproof::host {

inline std::optional<std::string> first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return line;
}

// The integer that `text` begins with: "max" and "" are none.
inline std::optional<std::int64_t> leading_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

inline std::optional<std::int64_t> integer_file(const std::filesystem::path& path) {
  const auto line = first_line(path);
  return line ? leading_integer(*line) : std::nullopt;
}

// The integer behind a key that begins a line: "inactive_file 4096", "MemAvailable: 24109520 kB".
inline std::optional<std::int64_t> keyed_integer(const std::filesystem::path& path,
                                                 std::string_view key) {
  std::ifstream file(path);
  std::string name;
  std::int64_t value = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    if (fields >> name >> value && name == key) return value;
  }
  return std::nullopt;
}

}  // namespace roofproof::host
