// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a run found, on one screen: the last thing that bench_all prints.
#pragma once

#include <string>

#include "analysis/spec.h"
#include "results/record/record.h"

namespace roofproof::analysis {

// `file`: where the record is saved, with the report beside it.
std::string summary_text(const Record& record, const std::string& file, const SpecTable& specs);

}  // namespace roofproof::analysis
