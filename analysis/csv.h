// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Comma-separated values as RFC 4180 has them; lines end with LF.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace roofproof::analysis {

// A field with a comma, a quote or a line end is quoted. One that a spreadsheet would take for a
// formula (=, +, -, @ before something that is no number) gets an apostrophe in front.
std::string csv_line(const std::vector<std::string>& fields);

// Shortest text that reads back as the same number; "" where there is none.
std::string csv_number(std::optional<double> value);

}  // namespace roofproof::analysis
