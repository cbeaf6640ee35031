// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/csv.h"

#include <fmt/format.h>

#include <string_view>

namespace roofproof::analysis {
namespace {

bool is_formula(std::string_view field) {
  if (field.empty() || std::string_view("=+-@\t\r").find(field.front()) == field.npos) return false;
  return field.find_first_not_of("+-0123456789.eE") != field.npos;
}

std::string csv_field(const std::string& field) {
  const std::string safe = is_formula(field) ? '\'' + field : field;
  if (safe.find_first_of(",\"\n\r") == safe.npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += ',';
    line += csv_field(fields[i]);
  }
  return line + '\n';
}

std::string csv_number(std::optional<double> value) {
  return value ? fmt::format("{}", *value) : "";
}

}  // namespace roofproof::analysis
