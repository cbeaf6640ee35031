// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// JSON that is read: a text as values, each with the words for where it stands, and the way from
// there into anything that has visit_fields().
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/problem/name_table.h"
#include "results/record/record_fields.h"

namespace roofproof {

class Place;
template <class Record>
void read_fields(const Place& place, Record& record);

// A JSON text that parse_json() takes, read twenty times faster: result files are read by the
// hundred.
class JsonDocument {
 public:
  // Throws RecordError as parse_json() does.
  JsonDocument(std::string_view text, std::string file);
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  const std::string& file() const { return file_; }
  simdjson::dom::element root() const { return root_; }

 private:
  std::string file_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

// A value of a document and where it stands: "benchmarks[3].flop". The document and the place that
// it was reached from must outlive it. Where the file has another type, RecordError is thrown.
class Place {
 public:
  explicit Place(const JsonDocument& document) : value_(document.root()), file_(&document.file()) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  [[noreturn]] void fail(const std::string& what) const;

  bool is_null() const { return value_.is_null(); }
  bool is_string() const { return value_.is_string(); }
  bool is_array() const { return value_.is_array(); }
  bool is_object() const { return value_.is_object(); }

  // In the object that it was reached from.
  std::string_view key() const { return key_; }

  // Of an object.
  template <class Visit>
  void visit_members(Visit&& visit) const {
    for (const simdjson::dom::key_value_pair& member : object()) {
      visit(Place(member.value, *this, member.key, 0));
    }
  }
  bool has(std::string_view key) const { return find(key).has_value(); }
  Place at(std::string_view key) const&;
  template <class Visit>
  void visit_member(std::string_view key, Visit&& visit) const {
    if (const auto member = find(key)) visit(Place(member->value, *this, member->key, 0));
  }
  Place at(std::string_view key) const&& = delete;

  // Of an array. at() walks there: for all of them there is visit_items().
  std::size_t size() const;
  Place at(std::size_t i) const&;
  Place at(std::size_t i) const&& = delete;
  template <class Visit>
  void visit_items(Visit&& visit) const {
    std::size_t i = 0;
    for (const simdjson::dom::element item : array()) visit(Place(item, *this, {}, i++));
  }

  void get(std::string& out) const;
  void get(bool& out) const;
  void get(double& out) const;
  template <class Integer>
  requires std::is_integral_v<Integer>
  void get(Integer& out) const {
    std::int64_t value = 0;
    std::uint64_t large = 0;
    bool fits = false;
    if (value_.get(value) == simdjson::SUCCESS) {
      fits = std::in_range<Integer>(value);
      out = static_cast<Integer>(value);
    } else if (value_.get(large) == simdjson::SUCCESS) {
      fits = std::in_range<Integer>(large);
      out = static_cast<Integer>(large);
    } else {
      fail("must be an integer");
    }
    if (!fits) fail("is out of range");
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void get(Enum& out) const {
    std::string text;
    get(text);
    const std::optional<Enum> value = parse_name<Enum>(text);
    if (!value) fail("'" + text + "' is not known to this version");
    out = *value;
  }
  template <class T>
  void get(std::vector<T>& out) const {
    out.clear();
    visit_items([&](const Place& item) { item.get(out.emplace_back()); });
  }
  template <class T>
  void get(std::map<std::string, T>& out) const {
    visit_members([&](const Place& member) { member.get(out[std::string(member.key())]); });
  }
  void get(HasFields auto& out) const { read_fields(*this, out); }

 private:
  Place(simdjson::dom::element value, const Place& parent, std::string_view key, std::size_t index)
      : value_(value), file_(parent.file_), parent_(&parent), key_(key), index_(index) {}

  simdjson::dom::object object() const;
  simdjson::dom::array array() const;
  std::optional<simdjson::dom::key_value_pair> find(std::string_view key) const;
  std::string path() const;

  simdjson::dom::element value_;
  const std::string* file_;
  const Place* parent_ = nullptr;
  std::string_view key_;   // in the parent, where that is an object
  std::size_t index_ = 0;  // or an array
};

// Optionals and containers may be absent.
template <class Record>
void read_fields(const Place& place, Record& record) {
  visit_fields(record, [&](const char* key, auto& field) {
    using Field = std::remove_reference_t<decltype(field)>;
    if constexpr (is_optional<Field>::value) {
      place.visit_member(key, [&](const Place& member) { member.get(field.emplace()); });
    } else if constexpr (std::is_arithmetic_v<Field> || std::is_enum_v<Field> ||
                         std::is_same_v<Field, std::string>) {
      place.at(key).get(field);
    } else {
      place.visit_member(key, [&](const Place& member) { member.get(field); });
    }
  });
}

}  // namespace roofproof
