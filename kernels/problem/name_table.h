// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Two-way tables between an enumerator and its name.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

namespace roofproof {

// One row per enumerator.
template <class Enum, std::size_t Size>
using NameTable = std::pair<Enum, std::string_view>[Size];

template <class Enum, std::size_t Size>
constexpr std::string_view find_name(const NameTable<Enum, Size>& table, Enum value) {
  for (const auto& [key, text] : table) {
    if (key == value) return text;
  }
  return "?";
}

template <class Enum, std::size_t Size>
constexpr std::optional<Enum> find_value(const NameTable<Enum, Size>& table,
                                         std::string_view text) {
  for (const auto& [key, known] : table) {
    if (known == text) return key;
  }
  return std::nullopt;
}

// The enumerator of that name, where its enumeration has specialised this; empty for a word that is
// none of its names.
template <class Enum>
std::optional<Enum> parse_name(std::string_view text);

}  // namespace roofproof
