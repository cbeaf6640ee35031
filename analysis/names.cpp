// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/names.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <tuple>

namespace roofproof::analysis {
namespace {

// Levenshtein's distance, a row of its table after another.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string plain_name(std::string_view words) {
  std::string text;
  for (const char c : words) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) text += static_cast<char>(std::tolower(byte));
  }
  return text;
}

std::vector<std::string> closest_names(std::string_view words, std::vector<std::string> known,
                                       std::size_t most) {
  const std::string wanted = plain_name(words);
  const auto distance = [&](const std::string& name) {
    const std::string plain = plain_name(name);
    return std::tuple(plain.find(wanted) == plain.npos, edits(wanted, plain), name);
  };
  std::ranges::sort(known, {}, distance);
  known.resize(std::min(known.size(), most));
  return known;
}

}  // namespace roofproof::analysis
