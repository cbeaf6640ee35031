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

// What the library's parser accepts and we do not. A pass of its own: with a callback that parser
// goes through all that an array holds at the end of each of its items.
class Strictness final : public nlohmann::json_sax<Json> {
 public:
  explicit Strictness(const std::string& file) : file_(file) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }

  bool start_object(std::size_t) override {
    keys_.emplace_back();
    return deeper();
  }
  bool end_object() override {
    keys_.pop_back();
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override { return deeper(); }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool key(string_t& key) override {
    if (!keys_.back().insert(key).second) {
      throw RecordError(file_, "", "the key '" + key + "' appears twice");
    }
    if (keys_.back().size() > most_keys) {
      throw RecordError(file_, "", "has an object of more than 256 fields");
    }
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
    if (const auto* place = dynamic_cast<const Json::parse_error*>(&error)) {
      throw RecordError(file_, "byte " + std::to_string(place->byte), "is not valid JSON");
    }
    throw RecordError(file_, "", "holds a number out of range");
  }

 private:
  bool deeper() {
    if (++depth_ > deepest_json) throw RecordError(file_, "", "is nested too deeply");
    return true;
  }

  const std::string& file_;
  int depth_ = 0;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& file) {
  Strictness strictness(file);
  Json::sax_parse(text.begin(), text.end(), &strictness);
  return Json::parse(text.begin(), text.end());
}

std::string print_json(const Json& json, int indent) {
  refuse_non_finite(json);
  // Names may hold any bytes that a file system or a driver gave us: replace what is not UTF-8.
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace roofproof
