// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/ptx/cases/executed.h"

#include <cerrno>
#include <fstream>
#include <set>
#include <system_error>

namespace roofproof::ptx::cases {

std::filesystem::path executed_file(const std::filesystem::path& folder,
                                    const std::string& device_name) {
  const std::size_t start = device_name.find(' ') + 1;
  const std::size_t end = device_name.find_first_of(" -", start);
  return folder / (device_name.substr(start, end - start) + ".txt");
}

std::string difference_to_file(const std::filesystem::path& file,
                               const std::vector<std::string>& rows) {
  std::set<std::string> missing(rows.begin(), rows.end());
  std::string text;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (missing.erase(line) == 0) text += "  not executed: " + line + "\n";
  }
  for (const std::string& row : missing) text += "  not in the file: " + row + "\n";
  return text;
}

void write_rows(const std::filesystem::path& file, const std::vector<std::string>& rows) {
  std::ofstream stream(file);
  for (const std::string& row : rows) stream << row << '\n';
  if (!stream.flush()) throw std::system_error(errno, std::generic_category(), file.string());
}

}  // namespace roofproof::ptx::cases
