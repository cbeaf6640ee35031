// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Aligned columns for the terminal, and figures a person can read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace roofproof::analysis {

enum class Align { left, right };

class TextTable {
 public:
  // One letter per column: 'l' or 'r'.
  explicit TextTable(std::string_view alignment);

  // Throws std::invalid_argument where the number of cells is not that of the columns.
  void add(std::vector<std::string> cells);

  // Columns two blanks apart, lines ended, no blanks at their ends; "" where nothing was added.
  std::string text(int indent = 0) const;

  // The same as a table of Markdown, the first row its head.
  std::string markdown() const;

 private:
  std::vector<Align> alignment_;
  std::vector<std::vector<std::string>> rows_;
};

// Text as one line of Markdown that shows it as it is.
std::string markdown_text(std::string_view text);

// Columns that UTF-8 text takes: its code points.
std::size_t display_width(std::string_view text);

// A value in the unit's decimal multiple that suits it, with `digits` significant digits:
// si_text(14.2e9, "B") is "14.2 GB", si_text(0.0467, "s") is "46.7 ms".
std::string si_text(double value, std::string_view unit, int digits = 4);

// "1 run", "2 runs"
std::string count_text(std::int64_t count, std::string_view noun);

// "+8.2 %", "0.0 %"
std::string percent_text(double ratio);

}  // namespace roofproof::analysis
