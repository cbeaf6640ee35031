// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "results/record/json_text.h"

#include <cmath>
#include <set>
#include <stdexcept>
#include <vector>

namespace roofproof {
namespace {

// Far more than any object of ours has. The library looks for a key by going through all of them: a
// file that is one object of millions would take days.
constexpr std::size_t most_keys = 256;

void refuse_non_finite(const Json& json) {
  if (json.is_number_float() && !std::isfinite(json.get<double>())) {
    throw std::logic_error("a number that is not finite cannot be written as JSON");
  }
  if (json.is_structured()) {
    for (const Json& item : json) refuse_non_finite(item);
  }
}

}  // namespace

Json parse_json(std::string_view text, const std::string& file) {
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    switch (event) {
      case Json::parse_event_t::object_start:
      case Json::parse_event_t::array_start:
        if (depth >= deepest_json) throw RecordError(file, "", "is nested too deeply");
        if (event == Json::parse_event_t::object_start) keys.emplace_back();
        break;
      case Json::parse_event_t::key:
        if (!keys.back().insert(parsed.get<std::string>()).second) {
          throw RecordError(file, "", "the key '" + parsed.get<std::string>() + "' appears twice");
        }
        if (keys.back().size() > most_keys) {
          throw RecordError(file, "", "has an object of more than 256 fields");
        }
        break;
      case Json::parse_event_t::object_end:
        keys.pop_back();
        break;
      default:
        break;
    }
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), watch);
  } catch (const Json::parse_error& error) {
    throw RecordError(file, "byte " + std::to_string(error.byte), "is not valid JSON");
  } catch (const Json::out_of_range&) {
    throw RecordError(file, "", "holds a number out of range");
  }
}

std::string print_json(const Json& json, int indent) {
  refuse_non_finite(json);
  // Names may hold any bytes that a file system or a driver gave us: replace what is not UTF-8.
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace roofproof
