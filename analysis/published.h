// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Decode rates that others published: results/published/decode.json as values. The file travels
// inside the program. These are never this project's measurements and never part of a verdict.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/problem/precision.h"

namespace roofproof::analysis {

// One user, a whole model.
struct PublishedDecode {
  std::string gpu;    // a name of the spec table
  std::string model;  // a name of kernels/problem/model.h
  Precision weights = Precision::fp16;
  double tokens_per_s = 0;
  std::string software;
  std::string source;
  std::string as_of;  // ISO 8601 date, or "unknown"
  std::string note;
};

std::vector<PublishedDecode> published_decodes();

// Throws RecordError naming the file and the entry.
std::vector<PublishedDecode> parse_published_decodes(std::string_view text,
                                                     const std::string& file);

}  // namespace roofproof::analysis
