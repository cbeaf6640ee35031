// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/report/figures.h"

#include <fmt/format.h>

#include <cmath>

#include "analysis/quantity.h"

namespace roofproof::analysis {

double drawn(double value) {
  if (value == 0) return 0;
  const double step = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 5);
  return std::round(value / step) * step;
}

Json drawn(const std::optional<double>& value) {
  return value ? Json(drawn(*value)) : Json(nullptr);
}

Json figure(const Estimate& estimate, std::string_view unit, const std::string& mark) {
  Json json;
  json["value"] = drawn(estimate.value);
  if (estimate.interval) {
    json["low"] = drawn(estimate.interval->low);
    json["high"] = drawn(estimate.interval->high);
  }
  json["text"] = estimate_text(estimate, unit) + mark;
  return json;
}

std::string share_text(const std::optional<double>& share) {
  return share ? fmt::format("{} %", significant(100 * *share)) : "";
}

}  // namespace roofproof::analysis
