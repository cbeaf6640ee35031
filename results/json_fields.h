// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// JSON in both directions for anything that has visit_fields().
#pragma once

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "results/record_fields.h"

namespace roofproof {

using Json = nlohmann::ordered_json;

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

// A JSON value with the words for where it stands: "benchmarks[3].flop".
class Place {
 public:
  Place(const Json& value, std::string file, std::string path)
      : value_(value), file_(std::move(file)), path_(std::move(path)) {}

  const Json& value() const { return value_; }
  [[noreturn]] void fail(const std::string& what) const { throw RecordError(file_, path_, what); }

  bool has(const char* key) const { return object().contains(key); }
  Place at(const char* key) const {
    const auto found = object().find(key);
    if (found == object().end()) fail(std::string("'") + key + "' is missing");
    return {*found, file_, path_.empty() ? key : path_ + "." + key};
  }
  std::size_t size() const {
    if (!value_.is_array()) fail("must be an array");
    return value_.size();
  }
  Place at(std::size_t i) const {
    return {value_[i], file_, path_ + "[" + std::to_string(i) + "]"};
  }

  void get(std::string& out) const {
    if (!value_.is_string()) fail("must be a string");
    out = value_.get<std::string>();
  }
  void get(bool& out) const {
    if (!value_.is_boolean()) fail("must be true or false");
    out = value_.get<bool>();
  }
  void get(double& out) const {
    if (!value_.is_number()) fail("must be a number");
    out = value_.get<double>();
    if (!std::isfinite(out)) fail("must be finite");
  }
  template <class Integer>
  requires std::is_integral_v<Integer>
  void get(Integer& out) const {
    if (!value_.is_number_integer()) fail("must be an integer");
    const bool negative = !value_.is_number_unsigned() && value_.get<std::int64_t>() < 0;
    const bool fits = negative
                          ? std::is_signed_v<Integer> &&
                                value_.get<std::int64_t>() >=
                                    static_cast<std::int64_t>(std::numeric_limits<Integer>::min())
                          : value_.get<std::uint64_t>() <=
                                static_cast<std::uint64_t>(std::numeric_limits<Integer>::max());
    if (!fits) fail("is out of range");
    out = value_.get<Integer>();
  }
  template <class T>
  void get(std::vector<T>& out) const {
    out.resize(size());
    for (std::size_t i = 0; i < out.size(); ++i) at(i).get(out[i]);
  }
  template <class T>
  void get(std::map<std::string, T>& out) const {
    for (const auto& [key, item] : object().items()) at(key.c_str()).get(out[key]);
  }

 private:
  const Json& object() const {
    if (!value_.is_object()) fail("must be an object");
    return value_;
  }

  const Json& value_;
  std::string file_;
  std::string path_;
};

// Absent optionals and empty containers are left out.
template <class Record>
void write_fields(Json& json, const Record& record) {
  visit_fields(const_cast<Record&>(record), [&](const char* key, auto& field) {
    using Field = std::remove_reference_t<decltype(field)>;
    if constexpr (is_optional<Field>::value) {
      if (field) json[key] = *field;
    } else if constexpr (std::is_arithmetic_v<Field> || std::is_same_v<Field, std::string>) {
      json[key] = field;
    } else {
      if (!field.empty()) json[key] = field;
    }
  });
}

template <class Record>
void read_fields(const Place& place, Record& record) {
  visit_fields(record, [&](const char* key, auto& field) {
    using Field = std::remove_reference_t<decltype(field)>;
    if constexpr (is_optional<Field>::value) {
      if (place.has(key)) place.at(key).get(field.emplace());
    } else if constexpr (std::is_arithmetic_v<Field> || std::is_same_v<Field, std::string>) {
      place.at(key).get(field);
    } else {
      if (place.has(key)) place.at(key).get(field);
    }
  });
}

}  // namespace roofproof
