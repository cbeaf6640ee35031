// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A model's config.json as Hugging Face's transformers write it: fields by the names that the
// families of models use, what was asked for, and what nobody asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/record/json_fields.h"

namespace roofproof {

// The text of a config.json, or of that in a folder. Throws RecordError where there is none, or
// where it is larger than any of them.
std::string read_config_text(const std::filesystem::path& path);

// An object of a config.json. A field that is null counts as absent. What has the wrong type or
// size throws RecordError naming the file, the field and what is wrong.
class Config {
 public:
  // Takes what Python's json writes and strict JSON has no word for, Infinity and NaN; a field that
  // is asked for may be neither.
  Config(std::string_view text, std::string file);

  const std::string& file() const { return file_; }
  [[noreturn]] void fail(std::string_view key, const std::string& what) const;

  bool has(std::string_view key) const { return find(key) != nullptr; }
  // The field is there, and null: what a family has where it is absent does not hold.
  bool is_null(std::string_view key) const;
  // A field under the first of its names that is there; two names with two values are an error.
  std::optional<std::int64_t> integer(std::initializer_list<std::string_view> names,
                                      std::int64_t least, std::int64_t most) const;
  std::optional<bool> flag(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
  std::optional<std::vector<std::string>> texts(std::string_view key) const;
  std::optional<std::vector<std::int64_t>> integers(std::string_view key) const;
  std::optional<Config> object(std::string_view key) const;

  // A field that says something (is not null, false, 0 or empty) and was not asked for: of `keys`,
  // or one whose name has one of `words` in it and is not of `harmless`.
  std::optional<std::string> ignored(std::span<const std::string_view> keys,
                                     std::span<const std::string_view> words,
                                     std::span<const std::string_view> harmless) const;

 private:
  Config(Json json, std::string file, std::string place);
  void require_object() const;
  const Json* find(std::string_view key) const;
  std::string checked_text(std::string_view key, const Json& value) const;

  Json json_;
  std::string file_;
  std::string place_;  // of this object: "text_config."
  mutable std::set<std::string, std::less<>> asked_;
};

}  // namespace roofproof
