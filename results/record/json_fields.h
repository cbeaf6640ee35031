// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// JSON from anything that has visit_fields(); json_place.h is the way back.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>

#include "results/record/record_fields.h"

namespace roofproof {

using Json = nlohmann::ordered_json;

// Absent optionals and empty containers are left out.
template <class Record>
void write_fields(Json& json, const Record& record) {
  visit_fields(const_cast<Record&>(record), [&](const char* key, auto& field) {
    using Field = std::remove_reference_t<decltype(field)>;
    if constexpr (is_optional<Field>::value) {
      if (!field) return;
      if constexpr (HasFields<typename Field::value_type>) {
        write_fields(json[key] = Json::object(), *field);
      } else {
        json[key] = *field;
      }
    } else if constexpr (std::is_enum_v<Field>) {
      json[key] = name(field);
    } else if constexpr (std::is_arithmetic_v<Field> || std::is_same_v<Field, std::string>) {
      json[key] = field;
    } else {
      if (!field.empty()) json[key] = field;
    }
  });
}

}  // namespace roofproof
