// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace roofproof::analysis {
namespace {

struct Mark {
  std::string_view text;
  std::string_view colour;
};
constexpr Mark marks[] = {
    {"✓", "\033[32m"}, {"✗", "\033[31m"}, {"?", "\033[33m"}, {"!", "\033[33m"}};
constexpr std::string_view no_colour = "\033[0m";

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

bool takes_colour(std::FILE* stream) {
  return variable("NO_COLOR").empty() && variable("TERM") != "dumb" &&
         ::isatty(::fileno(stream)) != 0;
}

std::string coloured(const std::string& text) {
  std::string result;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    std::string_view line = std::string_view(text).substr(begin, end - begin);
    const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
    result += line.substr(0, blanks);
    line.remove_prefix(blanks);
    for (const Mark& mark : marks) {
      if (!line.starts_with(mark.text)) continue;
      result.append(mark.colour).append(mark.text).append(no_colour);
      line.remove_prefix(mark.text.size());
      break;
    }
    result += line;
    begin = end;
  }
  return result;
}

void print_text(const std::string& text) {
  const std::string shown = takes_colour(stdout) ? coloured(text) : text;
  std::fwrite(shown.data(), 1, shown.size(), stdout);
}

std::string shell_word(const std::string& text) {
  constexpr const char* plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:.,/@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) c == '\'' ? quoted += "'\\''" : quoted += c;
  return quoted + "'";
}

}  // namespace roofproof::analysis
