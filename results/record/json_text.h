// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// JSON text, strictly: no NaN, no duplicate keys, no endless nesting or objects.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "results/record/json_fields.h"

namespace roofproof {

// Arrays and objects within each other.
inline constexpr int deepest_json = 32;

// Throws RecordError naming the file and the byte.
Json parse_json(std::string_view text, const std::string& file);

// null where it is absent.
template <class Value>
Json nullable(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// Throws std::logic_error where a number is not finite: JSON has no word for it. indent < 0: one
// line.
std::string print_json(const Json& json, int indent);

}  // namespace roofproof
