// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Figures that others published: the files of results/published/ as values. They travel inside the
// program. These are never this project's measurements and never part of a verdict.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/spec.h"
#include "kernels/problem/op.h"
#include "kernels/problem/precision.h"

namespace roofproof::analysis {

// Where a figure is from.
struct Publication {
  std::string software;
  std::string source;
  std::string as_of;       // ISO 8601 date, or "unknown"
  std::string confidence;  // "high", "medium"
  std::string note;
};

// One user, a whole model: an entry of decode.json.
struct PublishedDecode {
  std::string gpu;    // a name of the spec table
  std::string model;  // a name of kernels/problem/model.h
  Precision weights = Precision::fp16;
  double tokens_per_s = 0;
  Publication publication = {};
};
std::vector<PublishedDecode> published_decodes();

// A rate of one operation: an entry of memory.json or gemm.json, or a decode rate in the same form.
struct PublishedRate {
  std::string gpu;
  Op op = Op::read;
  std::string precision;  // in the words of the source, which has some that are not measured here
  std::string size;
  double value = 0;  // B/s, FLOP/s or tokens/s
  Publication publication = {};
};
// The size of a decode rate.
std::string of_one_user(const std::string& model);
// All of them, in the order of their files.
std::vector<PublishedRate> published_rates();

// As a share of the datasheet's bandwidth, or of its peak in that precision; nothing of a decode
// rate or where the datasheet has none.
std::optional<double> share_of_datasheet(const PublishedRate& rate, const SpecTable& specs);

// Both throw RecordError naming the file and the entry.
std::vector<PublishedDecode> parse_published_decodes(std::string_view text,
                                                     const std::string& file);
std::vector<PublishedRate> parse_published_rates(std::string_view text, const std::string& file);

}  // namespace roofproof::analysis
