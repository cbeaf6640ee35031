// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The forms in which other programs write records: JSON, one or many values of it end to end, CSV,
// the tables of Markdown, and labelled lines of a console.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/audit/fields.h"

namespace roofproof::analysis {

// One record and where it stands: "[2]" of several values or items, "line 7" of a table; "" where
// it is all that the file holds.
struct PlacedRecord {
  ForeignJson record;  // an object
  std::string place;
};

// The objects of a text of JSON: one, the items of an array, or any number end to end, as appended
// lines are. Infinity and NaN, which Python writes without quotes, become text. Throws RecordError.
std::vector<PlacedRecord> json_records(std::string_view text, const std::string& file);

// RFC 4180 with a head. A row with more or fewer values than the head is refused with its line.
std::vector<PlacedRecord> csv_records(std::string_view text, const std::string& file);

// The rows of every table of Markdown whose head has all of `columns`; others are passed over.
std::vector<PlacedRecord> markdown_records(std::string_view text, const std::string& file,
                                           const std::vector<std::string_view>& columns);

// Blocks of lines "Label: value" of which each begins behind a line that has `head`; place: the
// line of the head.
std::vector<PlacedRecord> labelled_records(std::string_view text, const std::string& file,
                                           std::string_view head);

// The keys of every object of a text that is like JSON, torn or not.
std::set<std::string_view> keys_of(std::string_view text);

}  // namespace roofproof::analysis
