// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// llama-bench of llama.cpp: JSON, JSON lines, CSV, and the table that it prints. One sequence;
// prefill (n_gen 0), decode (n_prompt 0), or both in one figure.
#pragma once

#include <string>
#include <vector>

#include "analysis/audit/records.h"
#include "analysis/audit/reported.h"

namespace roofproof::analysis {

// Of records in the words of its JSON, one figure each.
std::vector<ReportedFigure> llama_bench_figures(std::vector<PlacedRecord> records,
                                                const std::string& file);

}  // namespace roofproof::analysis
