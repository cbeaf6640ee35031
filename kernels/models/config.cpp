// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/models/config.h"

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

#include "results/record/json_text.h"
#include "results/record/record.h"

namespace roofproof {
namespace {

// The largest that are known list every module that was not quantised: some 100 kB.
constexpr std::size_t largest_config_bytes = std::size_t{1} << 20;
constexpr std::size_t longest_text = 256;
// One scheme per layer makes some thousands; more take memory for nothing.
constexpr std::size_t most_structures = 10000;

void refuse_too_many_structures(std::string_view text, const std::string& file) {
  std::size_t count = 0;
  for (const char c : text) count += c == '{' || c == '[' ? 1 : 0;
  if (count > most_structures) {
    throw RecordError(file, "", "has more than 10000 arrays and objects: that is no config.json");
  }
}

// What stands for a number that is not finite; no field means this text.
constexpr std::string_view non_finite = "\x7f";

// As text of the same length, so that the places in messages hold.
std::string with_text_for_non_finite(std::string_view text) {
  std::string result(text);
  bool in_string = false;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (in_string && result[i] == '\\') {
      ++i;
    } else if (result[i] == '"') {
      in_string = !in_string;
    } else if (!in_string) {
      for (const std::string_view word : {"-Infinity", "Infinity", "NaN"}) {
        if (result.compare(i, word.size(), word) != 0) continue;
        std::string mark = '"' + std::string(non_finite) + '"';  // as long, or shorter
        mark.resize(word.size(), ' ');
        result.replace(i, word.size(), mark);
        i += word.size() - 1;
        break;
      }
    }
  }
  return result;
}

bool says_nothing(const Json& value) {
  return value.is_null() || value == false || value == 0 || value == "" ||
         (value.is_structured() && value.empty());
}

}  // namespace

std::string read_config_text(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::path file = path;
  if (std::filesystem::is_directory(path, error)) {
    file /= "config.json";
    if (!std::filesystem::exists(file, error)) {
      throw RecordError(path.string(), "", "holds no config.json");
    }
  }
  // A pipe that nobody writes to would be waited for.
  if (std::filesystem::exists(file, error) && !std::filesystem::is_regular_file(file, error)) {
    throw RecordError(file.string(), "", "is no file");
  }
  std::ifstream stream(file, std::ios::binary);
  std::string text(largest_config_bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream && !stream.eof()) throw RecordError(file.string(), "", "cannot be read");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > largest_config_bytes) {
    throw RecordError(file.string(), "", "is larger than 1 MiB: that is no config.json");
  }
  return text;
}

Config::Config(std::string_view text, std::string file) : file_(std::move(file)) {
  refuse_too_many_structures(text, file_);
  json_ = parse_json(with_text_for_non_finite(text), file_);
  require_object();
}

Config::Config(Json json, std::string file, std::string place)
    : json_(std::move(json)), file_(std::move(file)), place_(std::move(place)) {
  require_object();
}

void Config::require_object() const {
  if (!json_.is_object()) {
    const std::string at = place_.empty() ? "" : place_.substr(0, place_.size() - 1);
    throw RecordError(file_, at, "must be an object");
  }
}

void Config::fail(std::string_view key, const std::string& what) const {
  throw RecordError(file_, place_ + std::string(key), what);
}

const Json* Config::find(std::string_view key) const {
  asked_.emplace(key);
  const auto found = json_.find(std::string(key));
  if (found == json_.end() || found->is_null()) return nullptr;
  if (*found == non_finite) fail(key, "is not finite");
  return &*found;
}

bool Config::is_null(std::string_view key) const {
  const auto found = json_.find(std::string(key));
  return found != json_.end() && found->is_null();
}

std::optional<std::int64_t> Config::integer(std::initializer_list<std::string_view> names,
                                            std::int64_t least, std::int64_t most) const {
  std::optional<std::int64_t> value;
  std::string_view first;
  for (const std::string_view key : names) {
    const Json* field = find(key);
    if (!field) continue;
    if (!field->is_number_integer()) fail(key, "must be an integer");
    const bool is_huge = field->is_number_unsigned() &&
                         field->get<std::uint64_t>() > static_cast<std::uint64_t>(most);
    const std::int64_t given = is_huge ? most : field->get<std::int64_t>();
    if (is_huge || given < least || given > most) {
      fail(key, "must be from " + std::to_string(least) + " to " + std::to_string(most));
    }
    if (value && *value != given) {
      fail(key, "contradicts " + std::string(first) + ", " + std::to_string(*value));
    }
    if (!value) first = key;
    value = given;
  }
  return value;
}

std::optional<bool> Config::flag(std::string_view key) const {
  const Json* field = find(key);
  if (!field) return std::nullopt;
  if (!field->is_boolean()) fail(key, "must be true or false");
  return field->get<bool>();
}

// It may stand in a message.
std::string Config::checked_text(std::string_view key, const Json& value) const {
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > longest_text) fail(key, "has more than 256 characters");
  return text;
}

std::optional<std::string> Config::text(std::string_view key) const {
  const Json* field = find(key);
  if (!field) return std::nullopt;
  if (!field->is_string()) fail(key, "must be a string");
  return checked_text(key, *field);
}

std::optional<std::vector<std::string>> Config::texts(std::string_view key) const {
  const Json* field = find(key);
  if (!field) return std::nullopt;
  if (!field->is_array()) fail(key, "must be an array of strings");
  std::vector<std::string> values;
  for (const Json& item : *field) {
    if (!item.is_string()) fail(key, "must be an array of strings");
    values.push_back(checked_text(key, item));
  }
  return values;
}

std::optional<std::vector<std::int64_t>> Config::integers(std::string_view key) const {
  const Json* field = find(key);
  if (!field) return std::nullopt;
  std::vector<std::int64_t> values;
  if (!field->is_array()) fail(key, "must be an array of integers");
  for (const Json& item : *field) {
    if (!item.is_number_integer()) fail(key, "must be an array of integers");
    values.push_back(item.get<std::int64_t>());
  }
  return values;
}

std::optional<Config> Config::object(std::string_view key) const {
  const Json* field = find(key);
  if (!field) return std::nullopt;
  return Config(*field, file_, place_ + std::string(key) + '.');
}

std::optional<std::string> Config::ignored(std::span<const std::string_view> keys,
                                           std::span<const std::string_view> words,
                                           std::span<const std::string_view> harmless) const {
  const auto is_among = [](std::span<const std::string_view> names, std::string_view key) {
    return std::find(names.begin(), names.end(), key) != names.end();
  };
  for (const auto& [key, value] : json_.items()) {
    if (asked_.contains(key) || says_nothing(value)) continue;
    const bool has_word = std::any_of(words.begin(), words.end(), [&](std::string_view word) {
      return key.find(word) != key.npos;
    });
    if (is_among(keys, key) || (has_word && !is_among(harmless, key))) return key;
  }
  return std::nullopt;
}

}  // namespace roofproof
