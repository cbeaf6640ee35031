// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Figures with their units as a person reads them: SI inside, scaled here.
#pragma once

#include <string>
#include <string_view>

#include "analysis/statistics.h"

namespace roofproof::analysis {

// A number with so many significant digits and no exponent: 0.00123, 21.4, 1250.
std::string significant(double value, int digits = 3);

// "B/s", "FLOP/s", "FLOP", "B" and "s" take a decimal prefix: "39.5 TFLOP/s". "ratio" is "1.96x",
// "share" is "87.5 %", any other unit (or none) is written behind the number.
std::string quantity_text(double value, std::string_view unit);

// "39.5 [39.4, 39.6] TFLOP/s"; without the brackets where there is no interval.
std::string estimate_text(const Estimate& estimate, std::string_view unit);

// "21.4 tokens/s", "80 % to 90 %", "at least 100 FLOP/byte" (no upper end), "at most 300 GB/s"
// (from 0).
std::string range_text(const Interval& range, std::string_view unit);

}  // namespace roofproof::analysis
