// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/claims/table.h"

#include <fmt/format.h>

#include "analysis/claims/output.h"
#include "analysis/quantity.h"
#include "analysis/report/parts.h"

namespace roofproof::analysis {
namespace {

// What was found, "" where nothing was.
std::string found_text(const Comparison* comparison) {
  if (!comparison || !comparison->found) return "";
  return fmt::format("{} {}{}", estimate_text(*comparison->found, comparison->unit),
                     comparison->measured ? "measured" : "computed",
                     comparison->on_host ? " on this CPU" : "");
}

std::string headline_text(const Claim& claim, const Comparison* deciding) {
  if (deciding) return claimed_text(deciding->predicted, deciding->tolerance, deciding->unit);
  return claim.unit.empty() ? "" : claimed_text(claim.predicted, claim.tolerance, claim.unit);
}

Json comparison_json(const Comparison& comparison) {
  return {comparison.what,
          comparison.device,
          claimed_text(comparison.predicted, comparison.tolerance, comparison.unit),
          found_text(&comparison),
          comparison.decides ? words(comparison.verdict) : "shown only",
          comparison.remark};
}

Json verdict_json(std::string_view by, Verdict verdict, std::string_view in_words,
                  const std::string& why) {
  return {{"by", by},
          {"verdict", name(verdict)},
          {"symbol", symbol(verdict)},
          {"words", in_words},
          {"why", why}};
}

// By arithmetic, by measurement, and on a CPU where one was measured.
Json verdicts_json(const ClaimResult& result) {
  const bool on_cpu = result.same_law_on_this_cpu();
  Json json = Json::array();
  json.push_back(verdict_json("by arithmetic", result.by_arithmetic, words(result.by_arithmetic),
                              result.arithmetic));
  json.push_back(verdict_json("by measurement", result.verdict, measurement_words(result),
                              on_cpu ? "" : result.why));
  if (on_cpu) {
    json.push_back(verdict_json("same law on this CPU", result.on_this_cpu,
                                words(result.on_this_cpu), result.why));
  }
  return json;
}

Json claim_json(const ClaimResult& result) {
  const Claim& claim = *result.claim;
  const Comparison* deciding = result.deciding();
  Json json;
  json["id"] = claim.id;
  json["verdicts"] = verdicts_json(result);
  json["statement"] = claim.statement;
  json["claimed"] = headline_text(claim, deciding);
  json["found"] = found_text(deciding);
  json["tested_by"] = claim.tested_by;
  json["tolerance"] =
      fmt::format("{}: {}", quantity_text(claim.tolerance, "share"), claim.tolerance_reason);
  json["findings"] = Json::array();
  for (const Finding& finding : result.findings) {
    if (finding.text != result.arithmetic) json["findings"].push_back(finding.text);
  }
  json["comparisons"] = Json::array();
  for (const Comparison& comparison : result.comparisons) {
    json["comparisons"].push_back(comparison_json(comparison));
  }
  return json;
}

}  // namespace

Json claims_part(std::span<const ClaimResult> results) {
  Json part = Json::array();
  for (const ClaimResult& result : results) part.push_back(claim_json(result));
  return part;
}

Json verdict_counts_part(std::span<const ClaimResult> results) {
  return {{"by arithmetic", arithmetic_headline(results)},
          {"by measurement", measurement_headline(results)}};
}

}  // namespace roofproof::analysis
