// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace roofproof::analysis {

TextTable::TextTable(std::string_view alignment) {
  for (const char letter : alignment) {
    alignment_.push_back(letter == 'r' ? Align::right : Align::left);
  }
}

void TextTable::add(std::vector<std::string> cells) {
  if (cells.size() != alignment_.size()) {
    throw std::invalid_argument(
        fmt::format("a row of {} cells in a table of {} columns", cells.size(), alignment_.size()));
  }
  rows_.push_back(std::move(cells));
}

std::string TextTable::text(int indent) const {
  std::vector<std::size_t> widths(alignment_.size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  std::string result;
  for (const auto& row : rows_) {
    std::string line(static_cast<std::size_t>(indent), ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - display_width(row[i]), ' ');
      line += i == 0 ? "" : "  ";
      line += alignment_[i] == Align::right ? padding + row[i] : row[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    result += line + '\n';
  }
  return result;
}

std::string TextTable::markdown() const {
  std::string result;
  for (const auto& row : rows_) {
    result += '|';
    for (const std::string& cell : row) {
      result += ' ' + markdown_text(cell) + " |";
    }
    result += '\n';
    if (&row != &rows_.front()) continue;
    result += '|';
    for (const Align align : alignment_) result += align == Align::right ? "---:|" : "---|";
    result += '\n';
  }
  return result;
}

std::string markdown_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("\\|<*_[`~&#").find(c) != std::string_view::npos) result += '\\';
    result += c == '\n' || c == '\r' ? ' ' : c;
  }
  return result;
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string si_text(double value, std::string_view unit, int digits) {
  struct Prefix {
    double factor;
    std::string_view text;
  };
  static constexpr Prefix prefixes[] = {{1e18, "E"}, {1e15, "P"}, {1e12, "T"}, {1e9, "G"},
                                        {1e6, "M"},  {1e3, "k"},  {1, ""},     {1e-3, "m"},
                                        {1e-6, "µ"}, {1e-9, "n"}, {1e-12, "p"}};
  if (value == 0 || !std::isfinite(value)) return fmt::format("{} {}", value, unit);
  // Rounded first, so that 999.96 of something is 1.000 of the next.
  const double magnitude = std::floor(std::log10(std::abs(value)));
  const double step = std::pow(10, magnitude - digits + 1);
  const double rounded = std::round(value / step) * step;
  const Prefix* prefix = std::begin(prefixes);
  while (prefix + 1 != std::end(prefixes) && std::abs(rounded) < prefix->factor * (1 - 1e-12)) {
    ++prefix;
  }
  const double scaled = value / prefix->factor;
  const int before_point =
      static_cast<int>(std::floor(std::log10(std::abs(rounded / prefix->factor) * (1 + 1e-12)))) +
      1;
  return fmt::format("{:.{}f} {}{}", scaled, std::max(0, digits - before_point), prefix->text,
                     unit);
}

std::string count_text(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string percent_text(double ratio) {
  const double percent = std::round(1000 * ratio) / 10;
  return percent == 0 ? "0.0 %" : fmt::format("{:+.1f} %", percent);
}

}  // namespace roofproof::analysis
