// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A record of another program's file, read field by field. Numbers may be text, as in CSV and in
// metadata. What is absent or null is absent.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roofproof::analysis {

// Of objects of any size: a server's arguments are hundreds of keys.
using ForeignJson = nlohmann::json;

class Fields {
 public:
  // `place`: of the record in its file, for messages. The record must outlive it.
  Fields(const ForeignJson& record, std::string file, std::string place)
      : record_(&record), file_(std::move(file)), place_(std::move(place)) {}

  const std::string& place() const { return place_; }
  bool has(std::string_view key) const { return find(key) != nullptr; }

  // 0, or from 1e-15 to 1e18. "inf" and "Infinity" mean that there is no such limit: absent.
  std::optional<double> number(std::string_view key) const;
  // The same; 0 is absent, which is what tools write of what they did not measure.
  std::optional<double> positive(std::string_view key) const;
  // The first of the keys that is there.
  std::optional<double> positive_of(std::initializer_list<std::string_view> keys) const;
  double needed(std::string_view key) const;
  // Text as it stands; "" where it is absent or no text.
  std::string text(std::string_view key) const;
  std::string text_of(std::initializer_list<std::string_view> keys) const;
  bool flag(std::string_view key) const;  // true, 1, "1", "true"
  // Numbers of an array; empty where it is absent.
  std::vector<double> numbers(std::string_view key) const;
  std::optional<Fields> object(std::string_view key) const;

  [[noreturn]] void fail(std::string_view key, const std::string& what) const;

 private:
  const ForeignJson* find(std::string_view key) const;
  std::optional<double> number_at(const ForeignJson& value, std::string_view key) const;

  const ForeignJson* record_;
  std::string file_;
  std::string place_;
};

}  // namespace roofproof::analysis
