// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "results/record/json_place.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "results/record/json_text.h"

namespace roofproof {
namespace {

using simdjson::dom::element;

// Whether parse_json() would take it too: no endless nesting, no key twice. An object of more keys
// than any of ours is left to it.
bool is_plain(const element& value, int depth) {
  constexpr std::size_t many_keys = 64;
  simdjson::dom::array array;
  if (value.get(array) == simdjson::SUCCESS) {
    if (depth == deepest_json) return false;
    return std::all_of(array.begin(), array.end(),
                       [&](const element& item) { return is_plain(item, depth + 1); });
  }
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return true;
  if (depth == deepest_json) return false;
  std::array<std::string_view, many_keys> keys;
  auto end = keys.begin();
  for (const simdjson::dom::key_value_pair& field : object) {
    if (end == keys.end() || std::find(keys.begin(), end, field.key) != end) return false;
    *end++ = field.key;
    if (!is_plain(field.value, depth + 1)) return false;
  }
  return true;
}

}  // namespace

JsonDocument::JsonDocument(std::string_view text, std::string file) : file_(std::move(file)) {
  const auto parse = [this](std::string_view json) {
    return parser_.parse(json.data(), json.size()).get(root_) == simdjson::SUCCESS;
  };
  if (parse(text) && is_plain(root_, 0)) return;
  // What is wrong, and where, parse_json() says. What it takes nevertheless (an integer beyond 64
  // bits, a byte order mark) has another form in its words.
  const std::string other_form = print_json(parse_json(text, file_), -1);
  if (!parse(other_form)) throw RecordError(file_, "", "is not valid JSON");
}

void Place::fail(const std::string& what) const { throw RecordError(*file_, path(), what); }

std::string Place::path() const {
  if (!parent_) return "";
  const std::string parent = parent_->path();
  if (parent_->value_.is_array()) return parent + '[' + std::to_string(index_) + ']';
  return (parent.empty() ? "" : parent + '.') + std::string(key_);
}

simdjson::dom::object Place::object() const {
  simdjson::dom::object object;
  if (value_.get(object) != simdjson::SUCCESS) fail("must be an object");
  return object;
}

simdjson::dom::array Place::array() const {
  simdjson::dom::array array;
  if (value_.get(array) != simdjson::SUCCESS) fail("must be an array");
  return array;
}

std::optional<simdjson::dom::key_value_pair> Place::find(std::string_view key) const {
  for (const simdjson::dom::key_value_pair& field : object()) {
    if (field.key == key) return field;
  }
  return std::nullopt;
}

Place Place::at(std::string_view key) const& {
  const auto field = find(key);
  if (!field) fail("'" + std::string(key) + "' is missing");
  return {field->value, *this, field->key, 0};
}

std::size_t Place::size() const { return array().size(); }

Place Place::at(std::size_t i) const& {
  const simdjson::dom::array items = array();
  return {*std::next(items.begin(), static_cast<std::ptrdiff_t>(i)), *this, {}, i};
}

void Place::get(std::string& out) const {
  std::string_view text;
  if (value_.get(text) != simdjson::SUCCESS) fail("must be a string");
  out = text;
}

void Place::get(bool& out) const {
  if (value_.get(out) != simdjson::SUCCESS) fail("must be true or false");
}

void Place::get(double& out) const {
  if (value_.get(out) != simdjson::SUCCESS) fail("must be a number");
  if (!std::isfinite(out)) fail("must be finite");
}

}  // namespace roofproof
