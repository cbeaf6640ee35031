// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/audit/fields.h"

#include <charconv>
#include <cmath>

#include "kernels/models/lower.h"
#include "results/record/record.h"

namespace roofproof::analysis {
namespace {

// Times, rates and counts of any tool; less than this is no measurement but 0.
constexpr double smallest = 1e-15;
constexpr double largest = 1e18;

}  // namespace

void Fields::fail(std::string_view key, const std::string& what) const {
  const std::string dot = place_.empty() || key.empty() ? "" : ".";
  throw RecordError(file_, place_ + dot + std::string(key), what);
}

const ForeignJson* Fields::find(std::string_view key) const {
  const auto found = record_->find(key);
  return found == record_->end() || found->is_null() ? nullptr : &*found;
}

std::optional<double> Fields::number_at(const ForeignJson& value, std::string_view key) const {
  double number = 0;
  if (value.is_number()) {
    number = value.get<double>();
  } else if (value.is_string()) {
    const std::string text = lower(value.get_ref<const std::string&>());
    if (text == "inf" || text == "infinity") return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) fail(key, "must be a number");
  } else {
    fail(key, "must be a number");
  }
  // Written so that NaN fails. A negative number is a mark, which readers take as text.
  if (!(number >= 0 && number <= largest)) fail(key, "must be a number from 0 to 1e18");
  if (number > 0 && number < smallest) fail(key, "must be 0 or at least 1e-15");
  return number;
}

std::optional<double> Fields::number(std::string_view key) const {
  const ForeignJson* value = find(key);
  return value ? number_at(*value, key) : std::nullopt;
}

std::optional<double> Fields::positive(std::string_view key) const {
  const std::optional<double> value = number(key);
  return value && *value > 0 ? value : std::nullopt;
}

std::optional<double> Fields::positive_of(std::initializer_list<std::string_view> keys) const {
  for (const std::string_view key : keys) {
    if (const std::optional<double> value = positive(key)) return value;
  }
  return std::nullopt;
}

double Fields::needed(std::string_view key) const {
  const std::optional<double> value = positive(key);
  if (!value) fail(key, "must be a number greater than 0");
  return *value;
}

std::string Fields::text(std::string_view key) const {
  const ForeignJson* value = find(key);
  return value && value->is_string() ? value->get<std::string>() : "";
}

std::string Fields::text_of(std::initializer_list<std::string_view> keys) const {
  for (const std::string_view key : keys) {
    if (std::string found = text(key); !found.empty()) return found;
  }
  return "";
}

bool Fields::flag(std::string_view key) const {
  const ForeignJson* value = find(key);
  if (!value) return false;
  if (value->is_boolean()) return value->get<bool>();
  if (value->is_string()) return *value == "1" || *value == "true";
  return value->is_number() && value->get<double>() == 1;
}

std::vector<double> Fields::numbers(std::string_view key) const {
  const ForeignJson* value = find(key);
  std::vector<double> list;
  if (!value) return list;
  if (!value->is_array()) fail(key, "must be an array of numbers");
  for (const ForeignJson& item : *value) {
    if (const auto number = number_at(item, key)) list.push_back(*number);
  }
  return list;
}

std::optional<Fields> Fields::object(std::string_view key) const {
  const ForeignJson* value = find(key);
  if (!value || !value->is_object()) return std::nullopt;
  return Fields(*value, file_, place_.empty() ? std::string(key) : place_ + '.' + std::string(key));
}

}  // namespace roofproof::analysis
