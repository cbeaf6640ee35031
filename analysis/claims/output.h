// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Verdicts as a person or a program reads them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "analysis/claims/claims.h"

namespace roofproof::analysis {

// "✓", "✗", "?" and "·"
std::string_view symbol(Verdict verdict);

// "9 confirmed · 4 refuted · 1 inconclusive · 8 not testable here"
std::string count_verdicts(std::span<const ClaimResult> results);

// "8.02x", "at least 100 FLOP/byte", "more than 1.00x" (a threshold)
std::string claimed_text(const Interval& claimed, double tolerance, std::string_view unit);

// "✗ fp16-speedup  8.02x claimed, 9.00 [8.90, 9.10]x measured", padded so that ids line up.
std::string claim_line(const ClaimResult& result);

// Every claim with its figures, reasons and findings.
std::string claims_text(std::span<const ClaimResult> results, std::span<const RunFile> runs);

// {"claims": [{"id", "verdict", ...}], "runs": [...]}, SI units, shares as fractions of 1. An end
// that is unlimited is null.
std::string claims_json(std::span<const ClaimResult> results, std::span<const RunFile> runs);

}  // namespace roofproof::analysis
