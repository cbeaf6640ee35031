// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Verdicts as a person or a program reads them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "analysis/claims/claims.h"

namespace roofproof::analysis {

// "11 hold, 4 contradict themselves, 3 contradict a datasheet, 4 with nothing to compute"
std::string arithmetic_headline(std::span<const ClaimResult> results);
// "13 decided on a GPU: 9 confirmed, 4 refuted, 1 inconclusive", and where a CPU was measured
// "0 decided on a GPU; same law on this CPU: 6 agree, 2 differ, 2 unclear".
std::string measurement_headline(std::span<const ClaimResult> results);
// Both, two lines that begin with "CLAIMS".
std::string claims_headline(std::span<const ClaimResult> results);

// "confirmed"; where no GPU decided what one has to be: "needs a T4", "nothing to measure".
std::string measurement_words(const ClaimResult& result);

// "8.02x", "at least 100 FLOP/byte", "more than 1.00x" (a threshold)
std::string claimed_text(const Interval& claimed, double tolerance, std::string_view unit);

// "✗ fp16-speedup  8.02x claimed, 9.00 [8.90, 9.10]x measured", padded so that ids line up; by
// measurement.
std::string claim_line(const ClaimResult& result);

// Every claim with its figures, reasons and findings.
std::string claims_text(std::span<const ClaimResult> results, std::span<const RunFile> runs);

// {"claims": [{"id", "by_arithmetic", "verdict", "on_this_cpu", ...}], "runs": [...]}: "verdict" is
// by measurement on GPUs. SI units, shares as fractions of 1. An end that is unlimited is null.
std::string claims_json(std::span<const ClaimResult> results, std::span<const RunFile> runs);

}  // namespace roofproof::analysis
