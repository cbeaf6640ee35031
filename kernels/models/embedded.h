// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Files that travel inside the program; cmake/embed.cmake generates the definitions.
#pragma once

#include <span>
#include <string_view>

namespace roofproof {

struct EmbeddedFile {
  std::string_view name;  // without folder
  std::string_view bytes;
  std::string_view sha256;  // of the bytes, hexadecimal
};

// models/data/*.json
std::span<const EmbeddedFile> embedded_models();

}  // namespace roofproof
