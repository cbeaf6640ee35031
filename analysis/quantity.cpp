// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace roofproof::analysis {
namespace {

// What a number is divided by, and what is written behind it.
struct Scale {
  double factor = 1;
  std::string suffix;
};

bool takes_prefix(std::string_view unit) {
  static constexpr std::string_view units[] = {"B/s", "FLOP/s", "FLOP", "B", "s", "J", "W", "Hz"};
  return std::find(std::begin(units), std::end(units), unit) != std::end(units);
}

Scale prefixed(double value, std::string_view unit) {
  struct Prefix {
    double factor;
    std::string_view text;
  };
  static constexpr Prefix prefixes[] = {{1e21, "Z"}, {1e18, "E"}, {1e15, "P"}, {1e12, "T"},
                                        {1e9, "G"},  {1e6, "M"},  {1e3, "k"},  {1, ""},
                                        {1e-3, "m"}, {1e-6, "µ"}, {1e-9, "n"}};
  const Prefix* prefix = std::begin(prefixes);
  // Three digits are shown: 999.6 of something is 1.00 of the next.
  while (prefix + 1 != std::end(prefixes) && std::abs(value) < prefix->factor * 0.9995) ++prefix;
  if (value == 0) return {1, fmt::format(" {}", unit)};
  return {prefix->factor, fmt::format(" {}{}", prefix->text, unit)};
}

Scale scale_for(double value, std::string_view unit) {
  if (unit == "ratio") return {1, "x"};
  if (unit == "share") return {0.01, " %"};
  if (takes_prefix(unit)) return prefixed(value, unit);
  return {1, unit.empty() ? "" : fmt::format(" {}", unit)};
}

}  // namespace

std::string significant(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) return fmt::format("{}", value);
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
  const int decimals = digits - 1 - magnitude;
  const double step = std::pow(10.0, -decimals);
  const double rounded = std::round(value / step) * step;
  // 9.996 rounds to 10.00, a digit more than asked for.
  const bool carried = std::abs(rounded) >= std::pow(10.0, magnitude + 1) * (1 - 1e-12);
  return fmt::format("{:.{}f}", rounded, std::max(0, decimals - (carried ? 1 : 0)));
}

std::string quantity_text(double value, std::string_view unit) {
  const Scale scale = scale_for(value, unit);
  return significant(value / scale.factor) + scale.suffix;
}

std::string estimate_text(const Estimate& estimate, std::string_view unit) {
  const Scale scale = scale_for(estimate.value, unit);
  std::string text = significant(estimate.value / scale.factor);
  if (estimate.interval) {
    text += fmt::format(" [{}, {}]", significant(estimate.interval->low / scale.factor),
                        significant(estimate.interval->high / scale.factor));
  }
  return text + scale.suffix;
}

std::string range_text(const Interval& range, std::string_view unit) {
  if (range.low == range.high) return quantity_text(range.low, unit);
  if (std::isinf(range.high)) return "at least " + quantity_text(range.low, unit);
  if (range.low == 0) return "at most " + quantity_text(range.high, unit);
  return quantity_text(range.low, unit) + " to " + quantity_text(range.high, unit);
}

}  // namespace roofproof::analysis
