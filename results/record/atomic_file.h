// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Files that are there whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace roofproof {

// More than the largest result and its journal. As JSON values in memory it can be thirty times
// that.
inline constexpr std::uintmax_t largest_file_bytes = 64 << 20;

// Writes a temporary file in the same folder, syncs it, renames it and syncs the folder. Every step
// is checked. Throws std::system_error naming the path.
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

// Throws RecordError where it cannot be read or is larger than largest_file_bytes.
std::string read_text_file(const std::filesystem::path& path);

}  // namespace roofproof
