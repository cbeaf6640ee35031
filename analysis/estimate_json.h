// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// An estimate as every output has it: {"value", "low", "high", "sessions"}.
#pragma once

#include <optional>

#include "analysis/statistics.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {

// Ends are null where there is no interval; all of it where there is no estimate.
inline Json estimate_json(const std::optional<Estimate>& estimate) {
  if (!estimate) return nullptr;
  const std::optional<Interval>& interval = estimate->interval;
  Json json;
  json["value"] = estimate->value;
  json["low"] = interval ? Json(interval->low) : Json(nullptr);
  json["high"] = interval ? Json(interval->high) : Json(nullptr);
  json["sessions"] = estimate->sessions;
  return json;
}

}  // namespace roofproof::analysis
