// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The version of NVIDIA's kernel module that is loaded, which may be another than the libraries'.
#pragma once

#include <fstream>
#include <optional>
#include <regex>
#include <string>

namespace roofproof {

// "550.90.07"; empty where no such module is loaded. `file` is another one in tests alone.
inline std::optional<std::string> kernel_module_version(
    const std::string& file = "/proc/driver/nvidia/version") {
  std::ifstream stream(file);
  std::string line;
  std::smatch found;
  static const std::regex version("Kernel Module.*? ([0-9]+\\.[0-9.]+)");
  if (!std::getline(stream, line) || !std::regex_search(line, found, version)) return std::nullopt;
  return found[1];
}

}  // namespace roofproof
