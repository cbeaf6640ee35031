// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/audit/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "results/record/record.h"

namespace roofproof::analysis {
namespace {

// More figures than anybody reads; what is larger is a log.
constexpr std::size_t most_records = 10000;
constexpr std::size_t most_columns = 1000;
constexpr int deepest = 32;  // arrays and objects within each other

constexpr std::string_view blanks = " \t\r\n";

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Just behind a text of JSON that begins at `at`.
std::size_t end_of_text(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return std::min(at + 1, json.size());
}

ForeignJson parse(const std::string& text, const std::string& file) {
  try {
    return ForeignJson::parse(text);
  } catch (const ForeignJson::parse_error& error) {
    throw RecordError(file, fmt::format("byte {}", error.byte), "is not valid JSON");
  } catch (const ForeignJson::exception&) {
    throw RecordError(file, "", "holds a number out of range");
  }
}

// One value that begins at `at`, which is moved behind it, with Infinity and NaN in quotes.
std::string next_value(std::string_view text, std::size_t& at, const std::string& file) {
  std::string value;
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      const std::size_t end = end_of_text(text, at);
      value += text.substr(at, end - at);
      at = end;
    } else if (is_word(c)) {
      const std::size_t begin = at;
      while (at < text.size() && is_word(text[at])) ++at;
      const std::string_view word = text.substr(begin, at - begin);
      const bool is_quoted = word == "Infinity" || word == "NaN";
      if (is_quoted && value.ends_with('-')) value.pop_back();
      value += is_quoted ? '"' + std::string(word) + '"' : std::string(word);
    } else {
      value += c;
      ++at;
      if (c == '{' || c == '[') ++depth;
      if (depth > deepest) throw RecordError(file, "", "is nested too deeply");
      if ((c == '}' || c == ']') && --depth == 0) break;
    }
    if (depth == 0) break;  // no object and no array
  }
  return value;
}

std::size_t line_ends(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

void require_room(const std::vector<PlacedRecord>& records, const std::string& file) {
  if (records.size() >= most_records) {
    throw RecordError(file, "", fmt::format("holds more than {} records", most_records));
  }
}

// The values of one row of CSV that begins at `at`, which is moved behind it.
std::vector<std::string> next_row(std::string_view text, std::size_t& at) {
  std::vector<std::string> row(1);
  bool quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted && c == '"' && at + 1 < text.size() && text[at + 1] == '"') {
      row.back() += c;
      ++at;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (quoted || (c != ',' && c != '\n' && c != '\r')) {
      row.back() += c;
    } else if (c == ',') {
      row.emplace_back();
    } else if (c == '\n') {
      ++at;
      break;
    }
  }
  return row;
}

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  line = trimmed(line);
  if (!line.starts_with('|')) return cells;
  line.remove_prefix(1);
  while (!line.empty()) {
    const std::size_t bar = std::min(line.find('|'), line.size());
    cells.emplace_back(trimmed(line.substr(0, bar)));
    line.remove_prefix(std::min(bar + 1, line.size()));
  }
  return cells;
}

ForeignJson named(const std::vector<std::string>& head, const std::vector<std::string>& row,
                  const std::string& file, const std::string& place) {
  if (row.size() != head.size()) {
    throw RecordError(file, place,
                      fmt::format("has {} values under {} headings", row.size(), head.size()));
  }
  ForeignJson record = ForeignJson::object();
  for (std::size_t i = 0; i < head.size(); ++i) record[head[i]] = row[i];
  return record;
}

}  // namespace

std::vector<PlacedRecord> json_records(std::string_view text, const std::string& file) {
  std::vector<PlacedRecord> records;
  std::size_t line = 1;
  std::size_t counted = 0;
  std::size_t at = text.find_first_not_of(blanks);
  while (at < text.size()) {
    line += line_ends(text.substr(counted, at - counted));
    counted = at;
    const std::string value = next_value(text, at, file);
    const std::string place = fmt::format("line {}", line);
    const bool is_whole = records.empty() && text.find_first_not_of(blanks, at) == text.npos;
    // Where there are several, the byte is of the value that begins in that line.
    ForeignJson json = parse(value, is_whole ? file : file + ": " + place);
    if (json.is_array()) {
      for (std::size_t i = 0; i < json.size(); ++i) {
        require_room(records, file);
        if (!json[i].is_object()) {
          throw RecordError(file, fmt::format("[{}]", i), "must be an object");
        }
        records.push_back({std::move(json[i]), fmt::format("[{}]", i)});
      }
    } else if (json.is_object()) {
      require_room(records, file);
      records.push_back({std::move(json), is_whole ? "" : place});
    } else {
      throw RecordError(file, place, "must be an object or an array of them");
    }
    at = text.find_first_not_of(blanks, at);
  }
  return records;
}

std::vector<PlacedRecord> csv_records(std::string_view text, const std::string& file) {
  std::vector<PlacedRecord> records;
  std::size_t at = 0;
  const std::vector<std::string> head = next_row(text, at);
  if (head.size() > most_columns) throw RecordError(file, "line 1", "has too many headings");
  std::size_t line = 1 + line_ends(text.substr(0, at));
  while (at < text.size()) {
    const std::size_t begin = at;
    const std::vector<std::string> row = next_row(text, at);
    if (row.size() > 1 || !row[0].empty()) {
      require_room(records, file);
      const std::string place = fmt::format("line {}", line);
      records.push_back({named(head, row, file, place), place});
    }
    line += line_ends(text.substr(begin, at - begin));
  }
  return records;
}

std::vector<PlacedRecord> markdown_records(std::string_view text, const std::string& file,
                                           const std::vector<std::string_view>& columns) {
  std::vector<PlacedRecord> records;
  std::vector<std::string> head;
  for (std::size_t at = 0, line = 1; at < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::vector<std::string> cells = cells_of(text.substr(at, end - at));
    at = end + 1;
    const auto has = [&](std::string_view column) {
      return std::find(cells.begin(), cells.end(), column) != cells.end();
    };
    if (cells.empty()) {
      head.clear();
    } else if (head.empty()) {
      if (cells.size() <= most_columns && std::all_of(columns.begin(), columns.end(), has)) {
        head = cells;
      }
    } else if (cells[0].find_first_not_of("-: ") != std::string::npos) {
      require_room(records, file);
      const std::string place = fmt::format("line {}", line);
      records.push_back({named(head, cells, file, place), place});
    }
  }
  return records;
}

std::vector<PlacedRecord> labelled_records(std::string_view text, const std::string& file,
                                           std::string_view head) {
  std::vector<PlacedRecord> records;
  for (std::size_t at = 0, line = 1; at < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view words = text.substr(at, end - at);
    at = end + 1;
    if (words.find(head) != words.npos) {
      require_room(records, file);
      records.push_back({ForeignJson::object(), fmt::format("line {}", line)});
    }
    const std::size_t colon = words.rfind(": ");
    if (records.empty() || colon == words.npos) continue;
    ForeignJson& record = records.back().record;
    if (record.size() >= most_columns) throw RecordError(file, records.back().place, "has no end");
    record[std::string(trimmed(words.substr(0, colon)))] =
        std::string(trimmed(words.substr(colon + 2)));
  }
  return records;
}

std::set<std::string_view> keys_of(std::string_view text) {
  std::set<std::string_view> keys;
  for (std::size_t at = text.find('"'); at < text.size() && keys.size() < most_columns;) {
    const std::size_t end = end_of_text(text, at);
    const std::size_t next = text.find_first_not_of(blanks, end);
    if (next < text.size() && text[next] == ':') {
      keys.insert(text.substr(at + 1, end - at - 2));
    }
    at = text.find('"', end);
  }
  return keys;
}

}  // namespace roofproof::analysis
