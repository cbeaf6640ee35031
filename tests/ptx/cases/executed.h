// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The committed record of what was executed on the PTX machine, for the "Seen on" table of the
// README: one file per played GPU, one row of the catalogue per line.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace roofproof::ptx::cases {

// FOLDER/A100.txt for "NVIDIA A100-SXM4-40GB (PTX machine)": the second word up to a hyphen.
std::filesystem::path executed_file(const std::filesystem::path& folder,
                                    const std::string& device_name);

// What differs between the file and these rows, in words; empty: nothing.
std::string difference_to_file(const std::filesystem::path& file,
                               const std::vector<std::string>& rows);

// Throws std::system_error.
void write_rows(const std::filesystem::path& file, const std::vector<std::string>& rows);

}  // namespace roofproof::ptx::cases
