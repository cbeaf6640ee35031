// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Figures as the page gets them: a number to draw and the words to show.
#pragma once

#include <optional>
#include <string_view>

#include "analysis/statistics.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {

// Six digits: more than a pixel shows, and half of the page's size.
double drawn(double value);
Json drawn(const std::optional<double>& value);  // null where there is none

// {"value", "low", "high", "text"}, SI; low and high only where there is an interval. `mark` stands
// behind the text.
Json figure(const Estimate& estimate, std::string_view unit, const std::string& mark = "");

// "82 %", "" where there is none.
std::string share_text(const std::optional<double>& share);

}  // namespace roofproof::analysis
